"""Journeys: the touchpoints people met, in order, and how many of them ended in a conversion."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._equal import numbered

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Steps = NDArray[np.int32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Paths:
    """p paths of s steps together, laid end to end: path i is steps[starts[i] : starts[i + 1]], each a place in `channels`.

    `conversions` [p]: how many journeys along this path converted, worth `value` [p] together; `nulls` [p]: how many did not. `days_before`
    [s], if known: days from each touch to the conversion (or to the end of the journey). No path is empty: journeys without a touch cannot
    be credited to anything and are counted in `untouched` (conversions) and `untouched_value`.
    """

    channels: tuple[str, ...]
    steps: Steps
    starts: Ints
    conversions: Floats
    value: Floats
    nulls: Floats
    days_before: Floats | None = None
    untouched: float = 0.0
    untouched_value: float = 0.0
    is_grouped: bool = field(default=False, compare=False)

    @property
    def size(self) -> int:
        return int(self.conversions.size)

    @property
    def lengths(self) -> Ints:
        """Touches of each path [p]."""
        return np.diff(self.starts)

    @property
    def total(self) -> float:
        """Conversions of all paths."""
        return float(self.conversions.sum())

    @property
    def total_value(self) -> float:
        return float(self.value.sum())

    @property
    def journeys(self) -> float:
        """Journeys that converted and that did not."""
        return self.total + float(self.nulls.sum())

    @property
    def rate(self) -> float:
        """The share of journeys that converted; 0 where there are none."""
        return self.total / self.journeys if self.journeys else 0.0

    @property
    def has_value(self) -> bool:
        return bool(self.value.any())

    def owners(self) -> Ints:
        """For each step the place of its path [s]."""
        return np.repeat(np.arange(self.size), self.lengths)

    def only(self, kept: ArrayLike) -> "Paths":
        """These paths alone, by a mask or by places [p]."""
        places = np.arange(self.size)[np.asarray(kept)]
        lengths = self.lengths[places]
        starts = _starts(lengths)
        at = np.repeat(self.starts[places] - starts[:-1], lengths) + np.arange(starts[-1])
        days = None if self.days_before is None else self.days_before[at]
        return replace(
            self, steps=self.steps[at], starts=starts, conversions=self.conversions[places], value=self.value[places],
            nulls=self.nulls[places], days_before=days,
        )  # fmt: skip

    def within(self, days: float) -> "Paths":
        """Touches of the last `days` before the end alone. ValueError where the days are not known."""
        if self.days_before is None:
            raise ValueError("a window needs the days before the conversion of each touch")
        kept = self.days_before <= days
        lengths = np.add.reduceat(kept.astype(np.int64), self.starts[:-1]) if self.size else np.zeros(0, np.int64)
        return of_flat(
            self.channels, self.steps[kept], _starts(lengths), self.conversions, self.value, self.nulls,
            days_before=self.days_before[kept], untouched=self.untouched, untouched_value=self.untouched_value,
        )  # fmt: skip

    def grouped(self) -> "Paths":
        """Equal paths put together, in order of their first appearance; what they brought is added up. The days of touches are let go."""
        if self.is_grouped:
            return self
        group, first = numbered(self.steps, self.starts, len(self.channels))

        def added(each: Floats) -> Floats:
            return summed(group, each, len(first))

        kept = replace(self, days_before=None).only(first)
        return replace(
            kept, conversions=added(self.conversions), value=added(self.value), nulls=added(self.nulls), is_grouped=True
        )  # fmt: skip


class _Places(dict[str, int]):
    """Each name that was asked for, numbered in order of first appearance."""

    def __missing__(self, name: str) -> int:
        place = self[name] = len(self)
        return place


def of_lists(
    paths: Iterable[Sequence[str]], conversions: ArrayLike | None = None, value: ArrayLike | None = None, nulls: ArrayLike | None = None,
    days_before: Iterable[Sequence[float]] | None = None,
) -> Paths:  # fmt: skip
    """Paths as lists of names of channels; channels in order of their first appearance.

    Without `conversions` each path converted once; without `value` and `nulls` there are none. ValueError as of `of_flat`.

    >>> made = of_lists([["ad", "shop"], ["ad"]], [1, 0], nulls=[0, 1])
    >>> made.channels, made.steps.tolist(), made.starts.tolist(), made.rate
    (('ad', 'shop'), [0, 1, 0], [0, 2, 3], 0.5)
    """
    place = _Places()
    rows = [[place[name] for name in path] for path in paths]
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    starts = _starts(lengths)
    steps = np.fromiter(chain.from_iterable(rows), np.int32, int(starts[-1]))
    days = None
    if days_before is not None:
        days = np.asarray([day for row in days_before for day in row], np.float64)
    ones = np.ones(len(rows)) if conversions is None else conversions
    return of_flat(tuple(place), steps, starts, ones, value, nulls, days_before=days)


def of_flat(
    channels: Sequence[str], steps: ArrayLike, starts: ArrayLike, conversions: ArrayLike, value: ArrayLike | None = None,
    nulls: ArrayLike | None = None, *, days_before: ArrayLike | None = None, untouched: float = 0.0, untouched_value: float = 0.0,
) -> Paths:  # fmt: skip
    """Paths laid end to end, see `Paths`; empty ones are taken out and counted.

    ValueError for lengths that do not fit, for channels that are not there, and for numbers that are negative or not finite (a value may be
    negative: money back).
    """
    step, start = np.asarray(steps, np.int32), np.asarray(starts, np.int64)
    p = max(start.size - 1, 0)
    counts, money, lost = (_column(each, p, name) for each, name in ((conversions, "conversions"), (value, "value"), (nulls, "nulls")))
    if start.size < 1 or start[0] or start[-1] != step.size or (np.diff(start) < 0).any():
        raise ValueError("starts that do not fit the steps")
    if step.size and (step.min() < 0 or step.max() >= len(channels)):
        raise ValueError("a step at a channel that is not there")
    if (counts < 0).any() or (lost < 0).any():
        raise ValueError("fewer than no conversions or nulls")
    days = None if days_before is None else _column(days_before, step.size, "days before")
    if days is not None and (days < 0).any():
        raise ValueError("a touch after the conversion")
    full = np.diff(start) > 0
    if not full.all():
        untouched += float(counts[~full].sum())
        untouched_value += float(money[~full].sum())
        start, counts, money, lost = np.append(start[:-1][full], step.size), counts[full], money[full], lost[full]
    return Paths(tuple(channels), step, start, counts, money, lost, days, untouched, untouched_value)


def _column(given: ArrayLike | None, size: int, name: str) -> Floats:
    column = np.zeros(size) if given is None else np.asarray(given, np.float64)
    if column.shape != (size,):
        raise ValueError(f"{name}: {column.size} of {size}")
    if not np.isfinite(column).all():
        raise ValueError(f"{name} that are no numbers")
    return column


def _starts(lengths: Ints) -> Ints:
    return np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)


def summed(places: Ints | Steps, amounts: Floats, size: int) -> Floats:
    """Amounts added up by place [size]."""
    return np.bincount(places, amounts, size).astype(np.float64, copy=False)
