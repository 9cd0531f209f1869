"""What a score is: one file of this folder with `SCORE`, and `compute` over people by column. It says nothing of whom nothing is known.

A file may learn from everybody: `gather(frame, now, known)` takes from a part of the people what is learnt from (rows of numbers, first
column the person's id; people in any order, parts of any size), `settle(rows, known)` makes a `Learnt` of all of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

import numpy as np

from ..segments.frame import Floats, Frame, Now

Values = Mapping[str, Any]


class Reason(NamedTuple):
    """`code` is put into words by `organise.score_words`; `values`: JSON, moments as microseconds; `weight`: share of the value, signed."""

    code: str
    values: Values
    weight: float


@dataclass(frozen=True)
class Spec:
    """`unit`: "share" (0 to 1, a chance), "points", "tone" (-1 to 1), "fifths", "money" (the workspace's), "days" (from now). Below
    `step` a value has not changed.

    `traits`, `consents`: what a frame has to carry beside acts. `is_global`: learns from everybody, or from some `most` of them, every
    `hours`; the others are worked out anew as often, for time alone changes them. `reads`: the score whose model this one reads.
    """

    name: str
    unit: str
    lowest: float
    highest: float
    step: float
    is_global: bool = False
    hours: float = 24.0
    most: int = 0
    reads: str = ""
    traits: frozenset[str] = frozenset()
    consents: bool = False
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """What holds for a workspace: what was learnt, its currency, and the terms by which worth is told (`value_terms.Terms.kept`)."""

    learnt: Values = field(default_factory=dict)
    currency: str = ""
    terms: Values = field(default_factory=dict)


class Learnt(NamedTuple):
    """`model` is JSON that `compute` reads from `Known.learnt`; `quality`: JSON, honest, with `state` "learnt", "rule" or "measured"."""

    model: Values
    quality: Values


@dataclass(frozen=True, eq=False)
class Found:
    """Of k people: `value` (NaN: unknown) and `confidence` (0 to 1) [k]; `label` [k] of `Spec.labels` or nothing; reasons of person i."""

    value: Floats
    confidence: Floats
    reasons: Callable[[int], Sequence[Reason]]
    label: Sequence[str] = ()


class Score(Protocol):
    """A file of this folder."""

    SCORE: Spec

    def compute(self, frame: Frame, now: Now, known: Known) -> Found: ...


class Learner(Score, Protocol):
    def gather(self, frame: Frame, now: Now, known: Known) -> Floats: ...
    def settle(self, rows: Floats, now: Now, known: Known) -> Learnt: ...


MOST_REASONS: Final = 6
NOTHING: Final[tuple[Reason, ...]] = ()


def strongest(reasons: Sequence[Reason], most: int = MOST_REASONS) -> list[Reason]:
    """The reasons that weigh most, in an order that does not depend on how they came."""
    return sorted(reasons, key=lambda each: (-abs(each.weight), each.code, str(sorted(each.values.items()))))[:most]


def unknown(count: int) -> Floats:
    return np.full(count, np.nan)
