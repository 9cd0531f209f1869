"""Journeys out of touches and purchases: per person, from one purchase to the next. numpy in, numpy out.

A touch belongs to the next purchase of its person, within the window; those behind the last purchase are a journey that has not ended in
one. The same kind again within half an hour is one touch: ten pages of a visit are one visit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vincle.science.attribution import Paths, of_flat

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
DAY: Final = 86_400
SITTING: Final = 1_800
"""Seconds within which the same kind again is the same touch."""


@dataclass(frozen=True, eq=False)
class Touches:
    """t touches: whose, when (seconds since 1970), and the place of their kind in `kinds`; -1 does not count."""

    kinds: tuple[str, ...]
    person: Ints
    at: Ints
    kind: Ints


@dataclass(frozen=True, eq=False)
class Sales:
    """s purchases of all time: whose, when, worth how much (0 where it is in another currency)."""

    person: Ints
    at: Ints
    value: Floats


@dataclass(frozen=True, eq=False)
class Built:
    """`paths` not grouped, one a journey; by journey: `person`, `end` (its purchase, or its last touch), `is_first` purchase of theirs."""

    paths: Paths
    person: Ints
    end: Ints
    is_first: Bools

    @property
    def won(self) -> Bools:
        found: Bools = self.paths.conversions > 0
        return found


def build(
    touches: Touches, sales: Sales, first: int, until: int, *, window: float = 30, first_only: bool = False, wanted: Bools | None = None,
    people: Ints | None = None,
) -> Built:  # fmt: skip
    """Journeys that ended from `first` up to `until` (seconds). `wanted` [s]: purchases that count (else all); `people`: of these alone.

    >>> seen = Touches(("visit", "mail"), np.array([7, 7, 8]), np.array([0, 90_000, 50]), np.array([0, 1, 0]))
    >>> found = build(seen, Sales(np.array([7]), np.array([100_000]), np.array([20.0])), 0, 200_000)
    >>> found.paths.starts.tolist(), found.paths.steps.tolist(), found.paths.conversions.tolist(), found.person.tolist()
    ([0, 2, 3], [0, 1, 0], [1.0, 0.0], [7, 8])
    """
    kept = (touches.kind >= 0) & (touches.at < until)
    sold = sales.at < until
    if people is not None:
        kept &= np.isin(touches.person, people)
        sold &= np.isin(sales.person, people)
    rows = _in_order(touches, sales, kept, sold, np.ones(len(sales.at), bool) if wanted is None else wanted)
    ends = _Ends.of(rows, first, until, first_only)
    return _laid(touches.kinds, rows, ends, window)


@dataclass(frozen=True, eq=False)
class _Rows:
    """Touches and purchases together, by person and time; `group`: the journey of each."""

    person: Ints
    at: Ints
    kind: Ints
    is_sale: Bools
    is_wanted: Bools
    value: Floats
    group: Ints
    is_new: Bools
    """Whether a person begins here."""


def _in_order(touches: Touches, sales: Sales, kept: Bools, sold: Bools, wanted: Bools) -> _Rows:
    t, s = int(kept.sum()), int(sold.sum())
    person = np.concatenate([touches.person[kept], sales.person[sold]])
    at = np.concatenate([touches.at[kept], sales.at[sold]])
    is_sale = np.concatenate([np.zeros(t, bool), np.ones(s, bool)])
    order = np.lexsort((2 * at + is_sale, person))
    person, at, is_sale = person[order], at[order], is_sale[order]
    kind = np.concatenate([touches.kind[kept], np.full(s, -1, np.int64)])[order]
    value = np.concatenate([np.zeros(t), sales.value[sold]])[order]
    is_wanted = np.concatenate([np.zeros(t, bool), wanted[sold]])[order]
    is_new = np.ones(len(person), bool)
    is_new[1:] = person[1:] != person[:-1]
    begins = is_new.copy()
    begins[1:] |= is_sale[:-1]
    return _Rows(person, at, kind, is_sale, is_wanted, value, np.cumsum(begins) - 1, is_new)


@dataclass(frozen=True, eq=False)
class _Ends:
    """By journey: its last row, and whether it counts."""

    last: Ints
    is_won: Bools
    is_first: Bools
    counts: Bools

    @classmethod
    def of(cls, rows: _Rows, first: int, until: int, first_only: bool) -> "_Ends":
        groups = int(rows.group[-1]) + 1 if len(rows.group) else 0
        last = np.searchsorted(rows.group, np.arange(groups), side="right") - 1
        start = np.searchsorted(rows.group, np.arange(groups))
        is_won, is_first = rows.is_sale[last], rows.is_new[start]
        ended = (rows.at[last] >= first) & (rows.at[last] < until)
        counts = ended & (~is_won | rows.is_wanted[last])
        if first_only:
            counts &= is_first
        return cls(last, is_won, is_first, counts)


def _laid(kinds: Sequence[str], rows: _Rows, ends: _Ends, window: float) -> Built:
    end = rows.at[ends.last]
    before = (end[rows.group] - rows.at) / DAY
    kept = ~rows.is_sale & ends.counts[rows.group] & (before <= window)
    group, kind, at, days = rows.group[kept], rows.kind[kept], rows.at[kept], before[kept]
    again = np.zeros(len(group), bool)
    again[1:] = (group[1:] == group[:-1]) & (kind[1:] == kind[:-1]) & (at[1:] - at[:-1] < SITTING)
    group, kind, days = group[~again], kind[~again], days[~again]
    lengths = np.bincount(group, minlength=len(ends.last))
    journey = np.flatnonzero(lengths)
    starts = np.concatenate([[0], np.cumsum(lengths[journey])]).astype(np.int64)
    won = ends.is_won[journey].astype(float)
    value = np.where(ends.is_won, rows.value[ends.last], 0.0)
    alone = ends.counts & ends.is_won & (lengths == 0)
    paths = of_flat(
        tuple(kinds), kind.astype(np.int32), starts, won, value[journey], 1 - won, days_before=days, untouched=float(alone.sum()),
        untouched_value=float(value[alone].sum()),
    )  # fmt: skip
    return Built(paths, rows.person[ends.last][journey], end[journey], ends.is_first[journey])
