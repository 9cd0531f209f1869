"""What each customer will bring: purchases to come times what a purchase is worth, discounted, with the interval in which it will lie.

Counts and money are foretold for the person, not for the average of people alike: the interval holds what chance may do as well. Where a
model knows no money, a purchase is worth 1.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv, ndtr

from .choosing import Learnt
from .cohorts import Cohorts
from .fitted import Fitted
from .given import Given, given
from .histories import Floats, Ints, same_rows

STEPS: Final = 12
"""Parts of the horizon for discounting."""
LEVELS: Final = 12
"""So many counts (or runs of counts) stand for all that may come."""
YEAR: Final = 365.25
PIECE: Final = 50_000


@dataclass(frozen=True, eq=False)
class Predicted:
    """Arrays [k], by customer. `purchases`: expected over the horizon, `purchases_low` to `purchases_high` the interval (whole numbers);
    `value`: expected money, discounted, times margin, `low` to `high` its interval; `next_days`: days from now within which half of such
    customers buy again if they still are customers (nan: not to be said). `spend`: expected money of one purchase (1 where no amounts)."""

    p_alive: Floats
    purchases: Floats
    purchases_low: Floats
    purchases_high: Floats
    value: Floats
    low: Floats
    high: Floats
    next_days: Floats
    spend: Floats


@dataclass(frozen=True)
class Total:
    """Of all customers together; its interval is that of the sum, with what the model is not sure of."""

    purchases: float
    purchases_low: float
    purchases_high: float
    value: float
    low: float
    high: float


class _Kinds(NamedTuple):
    """Customers of the same (x, t_x, T) as one: `place` [k] of each customer among them. `worth`: what time takes off the money [g].
    `tops`: counts [LEVELS, g] that stand for all, `chances` [LEVELS, g] of each; `ends` [2, g] of the interval.
    `counts`: the model, asked for all kinds at once."""

    place: Ints
    h: tuple[Floats, Floats, Floats]
    expected: Floats
    worth: Floats
    tops: Floats
    chances: Floats
    ends: Floats
    counts: Fitted | Cohorts | Given


def predict(
    learnt: Learnt, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, mean_spend: ArrayLike | None = None, spends: ArrayLike | None = None, *,
    horizon_days: float, yearly_discount: float = 0.0, margin: float = 1.0, level: float = 0.9,
    covariates: ArrayLike | None = None,
) -> Predicted:  # fmt: skip
    """x, t_x, T in units of learnt.unit_days, as `of_purchases` gives them; `spends`: how many purchases mean_spend is of (x by default).
    `yearly_discount` .1 is 10 % a year; `margin` .3: 30 % of the money stays; `covariates` [k, c], where the model was learnt with some."""
    kinds = _kinds(learnt, x, t_x, T, horizon_days, yearly_discount, level, covariates)
    return _predicted(learnt, kinds, _spend(learnt, kinds.place.size, x, mean_spend, spends), margin, level)


def total(
    learnt: Learnt, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, mean_spend: ArrayLike | None = None, spends: ArrayLike | None = None, *,
    horizon_days: float, yearly_discount: float = 0.0, margin: float = 1.0, level: float = 0.9, count: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
) -> Total:  # fmt: skip
    """Of all of these customers, as `predict` of each; `count`: how many each row stands for."""
    kinds = _kinds(learnt, x, t_x, T, horizon_days, yearly_discount, level, covariates)
    return _total(learnt, kinds, _spend(learnt, kinds.place.size, x, mean_spend, spends), horizon_days, margin, level, count)


def predict_and_total(
    learnt: Learnt, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, mean_spend: ArrayLike | None = None, spends: ArrayLike | None = None, *,
    horizon_days: float, yearly_discount: float = 0.0, margin: float = 1.0, level: float = 0.9, count: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
) -> tuple[Predicted, Total]:  # fmt: skip
    """`predict` and `total` of the same customers, in little more than the time of one."""
    kinds = _kinds(learnt, x, t_x, T, horizon_days, yearly_discount, level, covariates)
    known = _spend(learnt, kinds.place.size, x, mean_spend, spends)
    return _predicted(learnt, kinds, known, margin, level), _total(learnt, kinds, known, horizon_days, margin, level, count)


def _predicted(learnt: Learnt, kinds: _Kinds, known: tuple[Floats, Floats, Floats], margin: float, level: float) -> Predicted:
    place, counts, (spend, z, n) = kinds.place, kinds.counts, known
    purchases, factor = kinds.expected[place], kinds.worth[place] * margin
    low, high = kinds.ends[:, place]
    least, most = _money(learnt, kinds, z, n, level)
    wait = counts.wait(*kinds.h)[place] * learnt.unit_days
    return Predicted(
        counts.alive(*kinds.h)[place], purchases, low, high, purchases * spend * factor, least * factor, most * factor,
        np.where(wait < 20 * YEAR, wait, np.nan), spend,
    )  # fmt: skip


def _total(
    learnt: Learnt, kinds: _Kinds, known: tuple[Floats, Floats, Floats], horizon_days: float, margin: float, level: float,
    count: ArrayLike | None,
) -> Total:  # fmt: skip
    place, (spend, z, n) = kinds.place, known
    many = np.ones(place.size) if count is None else np.asarray(count, np.float64)
    ahead = _units(learnt, horizon_days)
    had = kinds.h
    totals = kinds.counts.totals(*had, ahead, np.bincount(place, many, had[0].size))
    unsure = float(totals.var() / max(float(totals.mean()), 1e-12) ** 2)
    second = (kinds.chances * kinds.tops**2).sum(axis=0)
    first = (kinds.chances * kinds.tops).sum(axis=0)
    purchases = float(kinds.expected[place] @ many)
    chance = float((second - first**2)[place] @ many)
    factor = kinds.worth[place] * margin
    value = kinds.expected[place] * spend * factor
    spread = _money_variance(learnt, kinds, z, n) * factor**2
    wide = learnt.spend.spread_of_mean() ** 2 if learnt.spend is not None else 0.0
    whole = float(value @ many)
    return Total(
        purchases, *_around(purchases, chance + unsure * purchases**2, level),
        whole, *_around(whole, float(spread @ many) + (unsure + wide) * whole**2, level),
    )  # fmt: skip


def _around(mean: float, variance: float, level: float) -> tuple[float, float]:
    """The interval of a gamma of this mean and variance: what is never below 0."""
    if not mean > 0 or not variance > 0:
        return mean, mean
    shape = mean**2 / variance
    low, high = gammaincinv(shape, [(1 - level) / 2, (1 + level) / 2]) * (variance / mean)
    return float(low), float(high)


def _units(learnt: Learnt, horizon_days: float) -> float:
    """The horizon in units of time."""
    if not 0 <= horizon_days < 100_000:
        raise ValueError(f"a horizon of {horizon_days} days")
    return horizon_days / learnt.unit_days


def _kinds(
    learnt: Learnt, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, horizon_days: float, yearly_discount: float, level: float,
    covariates: ArrayLike | None,
) -> _Kinds:  # fmt: skip
    columns = [np.ascontiguousarray(each, np.float64).reshape(-1) for each in np.broadcast_arrays(x, t_x, T)]
    values = None if covariates is None or isinstance(learnt.counts, Cohorts) else np.asarray(covariates, np.float64)
    first, place = same_rows(*columns, *(() if values is None else values.T))
    h = (columns[0][first], columns[1][first], columns[2][first])
    ahead, counts = _units(learnt, horizon_days), given(learnt.counts, None if values is None else values[first])
    ends = np.stack(counts.draws(*h, ahead, level))
    most = np.maximum(counts.draws(*h, ahead, 0.998)[1], 1.0)
    expected = counts.expected(*h, ahead)
    # Runs of counts: [edge, next edge), each stood for by its middle; the last reaches to the end of all.
    edges = np.floor(1 + (most * np.linspace(0, 1, LEVELS + 1)[:-1, None]))
    edges = np.maximum.accumulate(np.maximum(edges, np.minimum(1 + np.arange(LEVELS)[:, None], edges[-1] + LEVELS)))
    reached = np.array([counts.at_least(edge, *h, ahead) for edge in edges])
    chances = np.maximum(reached - np.vstack((reached[1:], np.zeros(first.size))), 0.0)
    tops = np.vstack(((edges[:-1] + edges[1:] - 1) / 2, edges[-1:]))
    left = _worth(counts, h, expected, ahead, yearly_discount, learnt.unit_days)
    return _Kinds(place, h, expected, left, np.maximum(tops, 1.0), chances, ends, counts)


def _worth(
    counts: Fitted | Cohorts | Given,
    h: tuple[Floats, Floats, Floats],
    expected: Floats,
    ahead: float,
    yearly_discount: float,
    unit_days: float,
) -> Floats:
    """What is left of money that comes over the horizon, as a share."""
    if not yearly_discount or not ahead:
        return np.ones(expected.size)
    if yearly_discount <= -1:
        raise ValueError(f"a discount of {yearly_discount}")
    times = np.linspace(0, ahead, STEPS + 1)
    so_far = np.array([np.zeros(expected.size), *(counts.expected(*h, time) for time in times[1:-1]), expected])
    fall = np.log1p(yearly_discount) * unit_days / YEAR
    less = -np.diff(np.exp(-fall * times)) / (fall * np.diff(times))
    found = (np.diff(so_far, axis=0) * less[:, None]).sum(axis=0)
    shares: Floats = np.divide(found, expected, out=np.full(expected.size, less[0]), where=expected > 0)
    return shares


def _spend(
    learnt: Learnt, size: int, x: ArrayLike, mean_spend: ArrayLike | None, spends: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    """(expected money of a purchase, what was spent on average, on how many purchases), [k] each."""
    z = np.broadcast_to(np.asarray(np.nan if mean_spend is None else mean_spend, np.float64), size)
    n = np.broadcast_to(np.asarray(x if spends is None else spends, np.float64), size)
    return (np.ones(size) if learnt.spend is None else learnt.spend.expected(z, n)), z, n


def _money(learnt: Learnt, kinds: _Kinds, z: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    """The interval of the money [k], before discount and margin. Where it may well be nothing, it begins at 0 and is cut above alone."""
    if learnt.spend is None:
        return kinds.ends[0][kinds.place], kinds.ends[1][kinds.place]
    low, high = np.zeros(z.size), np.zeros(z.size)
    for start in range(0, z.size, PIECE):
        rows = slice(start, start + PIECE)
        place = kinds.place[rows]
        middle, wide = learnt.spend.log_sum(kinds.tops[:, place], z[rows], n[rows])
        chances = kinds.chances[:, place]
        bottom = np.where(1 - chances.sum(axis=0) < (1 - level) / 2, (1 - level) / 2, 0.0)
        low[rows] = _quantile(middle, wide, chances, bottom)
        high[rows] = _quantile(middle, wide, chances, np.where(bottom > 0, (1 + level) / 2, level))
    return low, np.maximum(low, high)


def _quantile(middle: Floats, wide: Floats, chances: Floats, share: Floats) -> Floats:
    """Where the mixture of log-normal sums (and nothing at all) has this share below it; by halving, on the log."""
    nothing = 1 - chances.sum(axis=0)
    low, high = (middle - 8 * wide).min(axis=0), (middle + 8 * wide).max(axis=0)
    for _ in range(30):
        half = (low + high) / 2
        below = nothing + (chances * ndtr((half - middle) / wide)).sum(axis=0)
        low, high = np.where(below < share, half, low), np.where(below < share, high, half)
    return np.where(nothing < share, np.exp((low + high) / 2), 0.0)


def _money_variance(learnt: Learnt, kinds: _Kinds, z: Floats, n: Floats) -> Floats:
    """Of each customer's money [k]."""
    found = np.zeros(z.size)
    for start in range(0, z.size, PIECE):
        rows = slice(start, start + PIECE)
        tops, chances = kinds.tops[:, kinds.place[rows]], kinds.chances[:, kinds.place[rows]]
        if learnt.spend is None:
            found[rows] = (chances * tops**2).sum(axis=0) - (chances * tops).sum(axis=0) ** 2
            continue
        middle, wide = learnt.spend.log_sum(tops, z[rows], n[rows])
        mean = np.exp(middle + wide**2 / 2)
        found[rows] = (chances * mean**2 * np.exp(wide**2)).sum(axis=0) - (chances * mean).sum(axis=0) ** 2
    return found
