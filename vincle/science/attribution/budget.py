"""How a budget could be spread over touchpoints, if what is owed to them goes on as it was: an association, not a proof.

A channel that brought `credit` for its `cost` is taken to bring credit * (spend / cost) ** elasticity: each euro more brings less than the
one before. The elasticity is assumed, not learnt, and drawn anew for each draw, as the credit is drawn from its interval: studies of
advertising find about .1 in the short run and .25 in the long run (R. Sethuraman, G. J. Tellis, R. A. Briesch, How well does advertising
work?, Journal of Marketing Research 48 (2011), 457-471), and what is bought by the click brings more. Only an experiment tells what is
because of what (`experiment`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from .paths import Floats

ELASTICITY: Final = 0.5
SPREAD: Final = 0.15
"""Standard deviation of an elasticity, which nobody knows."""
LEAST, MOST = 0.05, 0.95
DRAWS: Final = 400


@dataclass(frozen=True)
class Suggested:
    """One channel: what is spent now and what could be; `share` of the total, within [low, high].

    `expected`: conversions a period at the suggested spend; `cost_each`: of one more conversion there, infinite where it brings none.
    """

    channel: str
    credit: float
    cost: float
    spend: float
    spend_low: float
    spend_high: float
    share: float
    low: float
    high: float
    expected: float
    cost_each: float

    @property
    def is_sure(self) -> bool:
        """Whether the direction, more or less than now, is the same throughout the interval."""
        return self.spend_low > self.cost or self.spend_high < self.cost


@dataclass(frozen=True)
class Budget:
    """Conversions a period: `now`, and `expected` with what is suggested; the `gain` within [gain_low, gain_high]."""

    total: float
    channels: tuple[Suggested, ...]
    now: float
    expected: float
    gain: float
    gain_low: float
    gain_high: float
    elasticity: float
    level: float

    caution = "association"
    """These figures are no proof of what spending causes."""


def suggest(
    channels: Sequence[str], credit: ArrayLike, cost: ArrayLike, total: float | None = None, *, low: ArrayLike | None = None,
    high: ArrayLike | None = None, floor: ArrayLike | None = None, elasticity: float = ELASTICITY, level: float = 0.9, seed: int = 0,
    draws: int = DRAWS,
) -> Budget:  # fmt: skip
    """Spread `total` (else what is spent now) over channels so that most conversions are expected.

    `credit` [n]: conversions owed to each channel in a period, within [low, high] at `level`; `cost` [n]: what was spent on it in that
    period, above 0; `floor` [n]: least to spend on each. The spends sum to `total`. ValueError where something is negative or no number,
    nothing is spent, floors are more than the total, or the elasticity is not within 0 and 1.

    >>> found = suggest(["ad", "letter"], [100, 100], [400, 100], 500, elasticity=0.5)
    >>> [(each.channel, round(each.spend)) for each in found.channels]
    [('ad', 100), ('letter', 400)]
    """
    given = _Given.of(channels, credit, cost, total, floor, elasticity)
    drawn, powers = _drawn(given.credit, low, high, elasticity, level, draws, seed)
    spend = spread(given.credit, given.cost, given.total, given.floor, elasticity)
    every = np.stack([spread(one, given.cost, given.total, given.floor, power) for one, power in zip(drawn, powers.tolist(), strict=True)])
    ends = [(1 - level) / 2, (1 + level) / 2]
    lowest, highest = np.quantile(every, ends, axis=0)
    gains = (response(drawn, given.cost, spend, powers[:, None]) - drawn).sum(axis=1)
    gain = float((response(given.credit, given.cost, spend, elasticity) - given.credit).sum())
    least, most = np.quantile(gains, ends)
    rows = _rows(channels, given, spend, np.minimum(lowest, spend), np.maximum(highest, spend), elasticity)
    now = float(given.credit.sum())
    return Budget(given.total, rows, now, now + gain, gain, min(float(least), gain), max(float(most), gain), elasticity, level)


def response(credit: Floats, cost: Floats, spend: Floats, elasticity: float | Floats) -> Floats:
    """Conversions at this spend."""
    found: Floats = credit * (spend / cost) ** elasticity
    return found


def spread(credit: Floats, cost: Floats, total: float, floor: Floats, elasticity: float) -> Floats:
    """The spends of most conversions: the last euro brings the same everywhere, except where a floor holds more.

    With weights credit * cost ** -elasticity the best spend is in proportion to weight ** (1 / (1 - elasticity)).
    """
    scale = np.zeros(credit.size)
    some = credit > 0
    log = (np.log(credit[some]) - elasticity * np.log(cost[some])) / (1 - elasticity)
    scale[some] = np.exp(log - log.max(initial=-np.inf)) if some.any() else 0.0
    if not some.any():
        scale[:] = 1.0
    held = np.zeros(credit.size, np.bool_)
    while True:
        free = total - float(floor[held].sum())
        whole = float(scale[~held].sum())
        spend = np.where(held, floor, scale * (free / whole) if whole else 0.0)
        below = ~held & (spend < floor)
        if not below.any():
            break
        held |= below
    return _to_the_cent(spend, floor, total)


def _to_the_cent(spend: Floats, floor: Floats, total: float) -> Floats:
    """What rounding, or floors on all, leaves over goes where there is most."""
    at = int(np.argmax(spend - floor))
    spend[at] = max(spend[at] + total - float(spend.sum()), floor[at])
    return spend


@dataclass(frozen=True, eq=False)
class _Given:
    credit: Floats
    cost: Floats
    floor: Floats
    total: float

    @classmethod
    def of(
        cls, channels: Sequence[str], credit: ArrayLike, cost: ArrayLike, total: float | None, floor: ArrayLike | None, elasticity: float
    ) -> "_Given":
        n = len(channels)
        owed, spent = np.asarray(credit, np.float64), np.asarray(cost, np.float64)
        least = np.zeros(n) if floor is None else np.asarray(floor, np.float64)
        for each in (owed, spent, least):
            if each.shape != (n,) or not np.isfinite(each).all() or (each < 0).any():
                raise ValueError("credits, costs and floors: one number of 0 or more for each channel")
        if not n or (spent <= 0).any():
            raise ValueError("a channel without a cost")
        whole = float(spent.sum()) if total is None else float(total)
        if not np.isfinite(whole) or whole <= 0 or least.sum() > whole * (1 + 1e-12):
            raise ValueError("a total that is not above 0, or below the floors")
        if not 0 < elasticity < 1:
            raise ValueError(f"an elasticity of {elasticity}")
        return cls(owed, spent, least, whole)


def _drawn(
    credit: Floats, low: ArrayLike | None, high: ArrayLike | None, elasticity: float, level: float, draws: int, seed: int
) -> tuple[Floats, Floats]:
    """(credits [draws x n], elasticities [draws]): normal on each side of the credit, as wide as its interval there."""
    rng = np.random.default_rng(seed)
    z = NormalDist().inv_cdf((1 + level) / 2)
    below, above = (np.abs(credit - np.asarray(credit if end is None else end, np.float64)) / z for end in (low, high))
    noise = rng.standard_normal((draws, credit.size))
    drawn = np.maximum(credit + np.where(noise < 0, below, above) * noise, 0.0)
    return drawn, np.clip(elasticity + SPREAD * rng.standard_normal(draws), LEAST, MOST)


def _rows(
    channels: Sequence[str], given: _Given, spend: Floats, low: Floats, high: Floats, elasticity: float
) -> tuple[Suggested, ...]:  # fmt: skip
    expected = response(given.credit, given.cost, spend, elasticity)
    more = np.divide(spend, elasticity * expected, out=np.full(spend.size, np.inf), where=expected > 0)
    return tuple(
        Suggested(
            name, float(given.credit[j]), float(given.cost[j]), float(spend[j]), float(low[j]), float(high[j]),
            float(spend[j] / given.total), float(low[j] / given.total), float(high[j] / given.total), float(expected[j]), float(more[j]),
        )
        for j, name in enumerate(channels)
    )  # fmt: skip
