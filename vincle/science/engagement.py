"""What people are worth beside their own purchases: whom they brought, whom they sway, what they know, less what serving them costs.

Customer engagement value after V. Kumar, L. Aksoy, B. Donkers, R. Venkatesan, T. Wiesel and S. Tillmanns, Undervalued or Overvalued
Customers: Capturing Total Customer Engagement Value, Journal of Service Research 13 (2010) 297-310. People are numbered 0 to n - 1.
All amounts are of one currency; numbers in, numbers out.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

IDLE: Final = 1.0
"""Attention that everybody keeps to themselves, in acts of this moment: who turns to one person once is not moved by that one alone."""
ADVOCATE, COSTLY, PLAIN = "advocate", "costly", ""
DEAR: Final = 0.25
"""Someone costs much when serving them takes this share of what they are expected to bring, or more."""


class Referrals(NamedTuple):
    """`worth` [m] of each newcomer to whoever brought them; `total` [n]; `below`, `above` [n]: squares of what it may be less and more."""

    worth: Floats
    total: Floats
    below: Floats
    above: Floats


class Sway(NamedTuple):
    """Pairs of one who turned (`source`) and one turned to (`target`), each once: `share` of the source's attention, `worth` in money."""

    source: Ints
    target: Ints
    share: Floats
    worth: Floats
    total: Floats
    below: Floats
    above: Floats


class Value(NamedTuple):
    """[n] each, of the next months with an interval; not to be mistaken for what was earned."""

    expected: Floats
    low: Floats
    high: Floats


def referrals(newcomer: Ints, bringer: Ints, came_anyway: Bools, so_far: Floats, value: Value, saved: float) -> Referrals:
    """What newcomers are worth to those who brought them.

    Type one, who would not have come otherwise: all they have brought in so far [m] and are expected to. Type two, who would have come
    anyway: only `saved`, what it costs to win a customer (0 where that is not known).

    >>> value = Value(np.array([0.0, 210.0]), np.array([0.0, 110.0]), np.array([0.0, 310.0]))
    >>> found = referrals(np.array([1]), np.array([0]), np.array([False]), np.array([95.0]), value, 20.0)
    >>> found.total.tolist(), found.below.tolist()
    ([305.0, 0.0], [10000.0, 0.0])
    """
    n = value.expected.size
    worth = np.where(came_anyway, saved, so_far + value.expected[newcomer])
    counted = np.where(came_anyway, 0.0, 1.0)
    below = counted * (value.expected[newcomer] - value.low[newcomer]) ** 2
    above = counted * (value.high[newcomer] - value.expected[newcomer]) ** 2
    return Referrals(worth, _sums(bringer, worth, n), _sums(bringer, below, n), _sums(bringer, above, n))


def _sums(place: Ints, amounts: Floats, n: int) -> Floats:
    return np.bincount(place, amounts, minlength=n).astype(np.float64)


def sway(source: Ints, target: Ints, weight: Floats, value: Value, share: float, apart: Sequence[tuple[int, int]] = ()) -> Sway:
    """What those who turn to people are expected to bring, as far as it is owed to these.

    `weight` [m]: attention, negative where the source turned against the target. Each source's attention is shared out among all it turned
    to and what it keeps to itself (`IDLE`), so never more than `share` of what it is expected to bring is given away. Pairs `apart`
    (newcomer, bringer) take no part, for their whole value is counted already; their attention is used up all the same.

    >>> value = Value(np.array([100.0, 0.0]), np.array([60.0, 0.0]), np.array([150.0, 0.0]))
    >>> found = sway(np.array([0, 0]), np.array([1, 1]), np.array([2.0, 1.0]), value, 0.1)
    >>> found.share.tolist(), found.total.round(6).tolist()
    ([0.75], [0.0, 7.5])
    """
    n = value.expected.size
    spent = np.bincount(source, np.abs(weight), minlength=n) + IDLE
    keys, place = np.unique(source * np.int64(max(n, 1)) + target, return_inverse=True)
    net = np.bincount(place, weight, minlength=keys.size)
    source, target = keys // max(n, 1), keys % max(n, 1)
    known = {one * n + other for one, other in apart}
    kept = (value.expected[source] > 0) & (net != 0)
    if known:
        kept &= ~np.isin(keys, np.fromiter(known, np.int64, len(known)))
    source, target, net = source[kept], target[kept], net[kept]
    part = net / spent[source]
    worth = share * part * value.expected[source]
    lost, won = value.expected[source] - value.low[source], value.high[source] - value.expected[source]
    # Where someone turned against the target, more of the source's purchases means more that the target costs.
    below, above = np.where(part >= 0, lost, won), np.where(part >= 0, won, lost)
    off, on = ((share * part * each) ** 2 for each in (below, above))
    return Sway(source, target, part, worth, _sums(target, worth, n), _sums(target, off, n), _sums(target, on, n))


def interval(total: Floats, value: Value, below: Floats, above: Floats) -> tuple[Floats, Floats]:
    """Low and high [n] of a total: what people differ from expectation is taken to be independent, so squares add.

    `below`, `above`: squares of what the value of others may take off and add. Their own value's come from `value`.

    >>> value = Value(np.array([50.0]), np.array([20.0]), np.array([90.0]))
    >>> [each.tolist() for each in interval(np.array([60.0]), value, np.array([1600.0]), np.array([900.0]))]
    [[10.0], [110.0]]
    """
    low = total - np.sqrt(below + (value.expected - value.low) ** 2)
    return low, total + np.sqrt(above + (value.high - value.expected) ** 2)


class Lines(NamedTuple):
    """Where little ends and much begins: of purchases, of what is brought beside them, of cost. Zero: there is nothing to tell it by."""

    bought: float
    brings: float
    cost: float


def lines(bought: Floats, own: Floats, cost: Floats) -> Lines:
    """The middle buyer's purchases, what the middle one with a value of their own is expected to bring, and the middle cost there is.

    >>> lines(np.array([0.0, 10.0, 30.0, 80.0]), np.array([0.0, 5.0, 9.0]), np.array([0.0, 2.0]))
    Lines(bought=30.0, brings=7.0, cost=2.0)
    """
    middles = (float(np.median(each[each > 0])) if (each > 0).any() else 0.0 for each in (bought, own, cost))
    return Lines(*middles)


def kinds(bought: Floats, own: Floats, brings: Floats, cost: Floats, where: Lines) -> list[str]:
    """Of each person [n]: advocate (buys less than the middle buyer, brings more than a usual customer is worth), costly (buys more than
    the middle buyer, costs the usual or more, and serving them takes `DEAR` of what they are expected to bring), or neither.

    >>> bought, own, brings = np.array([5.0, 90.0, 20.0]), np.array([4.0, 40.0, 9.0]), np.array([60.0, 0.0, 0.0])
    >>> kinds(bought, own, brings, np.array([0.0, 12.0, 0.0]), Lines(20, 9, 12))
    ['advocate', 'costly', '']
    """
    advocates = (bought < where.bought) & (brings > where.brings) & (brings > 0)
    costly = (bought > where.bought) & (cost > 0) & (cost >= where.cost) & (cost >= DEAR * np.maximum(own, 0)) & ~advocates
    return [str(each) for each in np.select([advocates, costly], [ADVOCATE, COSTLY], PLAIN)]
