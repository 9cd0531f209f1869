"""What a `did` clause measures, as numbers: the traits that are counted from what people did."""

from dataclasses import replace
from typing import Final

import numpy as np

from . import measures
from .evaluate import Evaluation
from .frame import Floats, Ints
from .predicate import Did

DATES: Final = frozenset({"first", "last"})
"""Measures whose number is a moment: seconds since 1970 UTC."""
COUNTED: Final = frozenset({"count", "sum", "kinds"})
"""Measures of which there are 0 where nothing was done; the others are unknown then."""


def measured(clause: Did, on: Evaluation) -> Floats:
    """[k] what each person's acts come to; NaN where nothing can be said. `least` and `most` of the clause do not matter."""
    found = on.doings.inside(clause.act, clause.window)
    if clause.measure == "count":
        return np.diff(on.doings.edges(found)).astype(np.float64)
    if clause.measure == "kinds":
        return np.asarray(on.doings.kinds(found, clause.of), np.float64)
    if clause.measure in DATES:
        has, moments = measures.ends_of(clause, on.doings, found)
        return np.where(has, moments / 1e6, np.nan)
    return measures.amounts(clause, on.doings, found)


def next_change(clause: Did, on: Evaluation) -> Ints:
    """[k] microseconds since 1970 UTC of the earliest moment after now at which time alone may change `measured`; NEVER where it cannot."""
    # Of a sum any act that leaves the window counts; of a first or last one, only that one.
    measure = clause.measure if clause.measure in DATES else "sum"
    return on.next_change(replace(clause, measure=measure, least=None, most=None, of=""))
