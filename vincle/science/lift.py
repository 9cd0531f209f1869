"""What a message changed, against people who were left out by lot: how many acted because of it, and what that was worth.

People are rows: the group each was drawn into, since when they count, when they first acted, what they spent. Every interval is that of
`sequential`: it may be read at any time, and at all times.
"""

from collections.abc import Iterable
from math import inf, isnan
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import sequential
from .sequential import Moments, Reading

Floats = NDArray[np.float64]


class People(NamedTuple):
    """By person [n]: begins, first (NaN: did not act), both in one unit of time, and money (0: none)."""

    begins: Floats
    first: Floats
    money: Floats

    @classmethod
    def of(cls, begins: ArrayLike, first: ArrayLike, money: ArrayLike | None = None) -> "People":
        start, act = np.asarray(begins, np.float64), np.asarray(first, np.float64)
        return cls(start, act, np.zeros(start.size) if money is None else np.asarray(money, np.float64))

    @property
    def size(self) -> int:
        return int(self.begins.size)

    @property
    def acted(self) -> int:
        return int((~np.isnan(self.first)).sum())

    @property
    def share(self) -> float:
        return self.acted / self.size if self.size else 0.0

    @property
    def moments(self) -> Moments:
        return Moments(self.size, float(self.money.sum()), float(np.square(self.money).sum()))


class Lift(NamedTuple):
    """What one group did that it would not have done as the other.

    `times`: as often as the other group. `because`: of those who acted, how many did so because of it (negative: kept from it).
    `each`: more money a person; `money`: for all of the group together.
    """

    times: Reading
    because: Reading
    each: Reading
    money: Reading

    @property
    def is_sure(self) -> bool:
        """Whether chance alone does not explain how many acted."""
        return self.times.excludes(1.0)

    @property
    def is_money_sure(self) -> bool:
        return self.money.excludes(0.0)


FEWEST = 20
"""Money is read only when so many people of both groups together acted, of whom the smaller group should have a few: before, sums follow
single purchases and the law of large numbers has nothing to hold on to."""


def lift(group: People, other: People, *, window: float = inf, planned: float | None = None, alpha: float = 0.05) -> Lift:
    """`group` beside `other`, e.g. those written to beside those left out. `planned` as in `sequential.difference`.

    >>> wrote, left = People.of([0] * 900, [1.0] * 90 + [float("nan")] * 810), People.of([0] * 100, [1.0] * 2 + [float("nan")] * 98)
    >>> round(lift(wrote, left).times.value, 1), lift(wrote, left).is_sure
    (5.3, False)
    """
    both = np.concatenate
    first = np.repeat([True, False], [group.size, other.size])
    events = sequential.order(first, both([group.begins, other.begins]), both([group.first, other.first]), window)
    times = sequential.ratio(events, alpha)
    each = sequential.difference(group.moments, other.moments, planned, alpha)
    if _too_few(group, other):
        each = Reading(each.value, -inf, inf, 1.0)
    return Lift(times, _because(group, times), each, _for_all(group.size, each))


def _too_few(group: People, other: People) -> bool:
    acted, smaller = group.acted + other.acted, min(group.size, other.size)
    return acted < FEWEST or acted * smaller / max(group.size + other.size, 1) < FEWEST / 4


def _because(group: People, times: Reading) -> Reading:
    """If hazards are `times` as high, the share that would have acted anyway is 1 - (1 - share) ** (1 / times)."""

    def more(ratio: float) -> float:
        if isnan(ratio):
            return ratio
        if not ratio:
            return -float(group.size - group.acted) if group.acted else -inf
        return float(group.acted - group.size * (1 - (1 - group.share) ** (1 / ratio)))

    return Reading(more(times.value), more(times.low), more(times.high), times.p)


def _for_all(people: int, each: Reading) -> Reading:
    return Reading(each.value * people, each.low * people, each.high * people, each.p)


class Standing(NamedTuple):
    """The arm that leads, and whether it is surely better than every other one."""

    arm: int
    is_sure: bool


def best(arms: Iterable[tuple[int, People]], *, window: float = inf, alpha: float = 0.05, by_money: bool = False) -> Standing | None:
    """The arm that leads, and whether chance alone does not explain its lead over each of the others; None without two arms.

    Comparisons share `alpha`: among arms that are all alike one is called sure in at most that share of experiments.

    >>> one, two = People.of([0] * 400, [1.0] * 80 + [float("nan")] * 320), People.of([0] * 400, [1.0] * 30 + [float("nan")] * 370)
    >>> best([(0, one), (1, two)])
    Standing(arm=0, is_sure=True)
    """
    known = [(arm, people) for arm, people in arms if people.size]
    if len(known) < 2:
        return None
    leader, theirs = max(known, key=lambda pair: (pair[1].moments.mean if by_money else pair[1].share, -pair[0]))
    each = alpha / (len(known) * (len(known) - 1) / 2)
    rest = [lift(theirs, people, window=window, alpha=each) for arm, people in known if arm != leader]
    return Standing(leader, all(one.money.low > 0 if by_money else one.times.low > 1 for one in rest))
