"""What moves a score: how much of its variance each driver explains, fairly divided among drivers that go together.

The R-squared of the linear model is divided by Shapley's value, averaging what a driver adds over all orders in which drivers could be
added (the measure LMG). Shares are never negative, however collinear the drivers are, and sum to the whole.

Source: R. H. Lindeman, P. F. Merenda, R. Z. Gold, Introduction to Bivariate and Multivariate Analysis (1980), 119-127; U. Gromping,
Relative importance for linear regression in R, Journal of Statistical Software 17 (2006), issue 1; effects after S. Lipovetsky, M. Conklin,
Analysis of regression in game theory approach, Applied Stochastic Models in Business and Industry 17 (2001), 319-330.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._shapley import EXACT, divided, orders_of, sampled
from .moments import Moments, Prepared, correlations, prepared

Floats = NDArray[np.float64]

REPEATS: Final = 1_000
FEWEST_REPEATS: Final = 200
ORDERS: Final = (2_000, 40_000)
WORK: Final = 2e9
TABLE: Final = 2**23
"""So many sets of drivers are looked at in all repeats, about."""


@dataclass(frozen=True)
class Driver:
    """`beta`: coefficient of the model in standard deviations (it may have the other sign than `correlation` where drivers go together).
    `shapley_r2`: the part of R-squared that is its own; `share`: of the whole, within [low, high]. `effect`: by how much the target moves
    with one unit of the driver, of the sign of the correlation, within [effect_low, effect_high]."""

    name: str
    beta: float
    coefficient: float
    correlation: float
    mean: float
    shapley_r2: float
    share: float
    low: float
    high: float
    effect: float
    effect_low: float
    effect_high: float

    @property
    def is_turned(self) -> bool:
        """The coefficient has the other sign than the driver by itself: collinearity, not 'less is better'."""
        return self.beta * self.correlation < 0


@dataclass(frozen=True)
class Drivers:
    """`error`: standard error of a `shapley_r2` where orders were sampled, at most; 0 where all were looked at."""

    n: int
    r2: float
    r2_adjusted: float
    r2_low: float
    r2_high: float
    drivers: tuple[Driver, ...]
    error: float
    repeats: int


def drivers(
    x: ArrayLike, y: ArrayLike, names: Sequence[str], *, weights: ArrayLike | None = None, seed: int = 0, confidence: float = 0.95,
    repeats: int | None = None,
) -> Drivers:  # fmt: skip
    """Explain `y` (n) by the columns of `x` (n x p), named by `names`; most important first.

    All orders are looked at up to 16 drivers; of more, orders are drawn and `error` says how sure that is. Intervals are percentiles of a
    bootstrap of rows (of random groups of rows when there are many). ValueError where `x` or `y` is not finite, a column does not vary, or
    there are fewer than p + 2 rows.

    >>> found = drivers([[1, 2], [2, 1], [3, 5], [4, 4], [5, 7.0]], [1, 2, 3, 4, 5.5], ["care", "price"])
    >>> [each.name for each in found.drivers], round(sum(each.share for each in found.drivers), 6)
    (['care', 'price'], 1.0)
    """
    ready = prepared(x, y, names, weights, seed)
    whole = correlations(ready.moments.sums.sum(axis=0)[None])
    p = len(names)
    rng = np.random.default_rng(seed)
    own, error = (divided(whole)[0], 0.0) if p <= EXACT else _sampled(whole, rng)
    drawn = _drawn(ready.moments, rng, p, repeats)
    again = _again(drawn, whole, own, rng)
    return _told(ready, names, whole[0], own, error, drawn, again, confidence)


def _sampled(whole: Floats, rng: np.random.Generator) -> tuple[Floats, float]:
    p = whole.shape[1] - 1
    parts, errors = sampled(whole, orders_of(p, int(np.clip(WORK / p**3, *ORDERS)), rng))
    return parts[0], float(errors.max())


def _drawn(moments: Moments, rng: np.random.Generator, p: int, repeats: int | None) -> Floats:
    """Correlation matrices of bootstrap samples: repeats x (p + 1) x (p + 1)."""
    many = repeats or max(FEWEST_REPEATS, min(REPEATS, TABLE >> p if p <= EXACT else FEWEST_REPEATS))
    groups = len(moments.sums)
    times = rng.multinomial(groups, np.full(groups, 1 / groups), size=many).astype(np.float64)
    flat = moments.sums.reshape(groups, -1)
    return correlations((times @ flat).reshape(many, *moments.sums.shape[1:]))


def _again(drawn: Floats, whole: Floats, own: Floats, rng: np.random.Generator) -> Floats:
    """The parts of R-squared in each repeat: repeats x p. Where orders are sampled, the same few show how repeats differ from the whole."""
    p = len(own)
    if p > EXACT:
        few = orders_of(p, 100, rng)
        return np.maximum(own + sampled(drawn, few)[0] - sampled(whole, few)[0], 0.0)
    size = max(1, 2**20 >> p)
    return np.concatenate([divided(drawn[begin : begin + size]) for begin in range(0, len(drawn), size)])


def _told(
    ready: Prepared, names: Sequence[str], whole: Floats, own: Floats, error: float, drawn: Floats, again: Floats, confidence: float
) -> Drivers:
    n, p = ready.n, len(names)
    by_itself = whole[:p, p]
    r2 = float(own.sum())
    beta = np.linalg.lstsq(whole[:p, :p], by_itself, rcond=1e-10)[0]
    ends = [(1 - confidence) / 2, (1 + confidence) / 2]
    sums = again.sum(axis=1)
    low, high = np.quantile(np.divide(again, sums[:, None], out=np.zeros_like(again), where=sums[:, None] > 0), ends, axis=0)
    unit = ready.deviation_y / ready.deviations
    effects = _net(own, by_itself) * unit
    least, most = np.quantile(_net(again, drawn[:, :p, p]) * unit, ends, axis=0)
    shares = own / r2 if r2 > 0 else np.zeros(p)
    rows = [
        Driver(
            name=names[j], beta=float(beta[j]), coefficient=float(beta[j] * unit[j]), correlation=float(by_itself[j]),
            mean=float(ready.means[j]),
            shapley_r2=float(own[j]), share=float(shares[j]), low=float(min(low[j], shares[j])), high=float(max(high[j], shares[j])),
            effect=float(effects[j]), effect_low=float(min(least[j], effects[j])), effect_high=float(max(most[j], effects[j])),
        )
        for j in np.argsort(-own, kind="stable").tolist()
    ]  # fmt: skip
    r2_low, r2_high = np.quantile(sums, ends)
    adjusted = 1 - (1 - r2) * (n - 1) / (n - p - 1)
    return Drivers(n, r2, adjusted, float(min(r2_low, r2)), float(max(r2_high, r2)), tuple(rows), error, len(drawn))


def _net(own: Floats, by_itself: Floats) -> Floats:
    """Standardised effects whose products with the correlations are the parts of R-squared; bounded where a driver says little alone."""
    most = np.sqrt(np.maximum(own, 0.0))
    size = np.abs(by_itself)
    return np.sign(by_itself) * np.minimum(np.divide(own, size, out=most.copy(), where=size > 1e-12), most)
