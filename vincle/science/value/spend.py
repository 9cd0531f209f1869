"""Spend where there is too little for the Gamma-Gamma model, and the choice between the two."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from . import gamma_gamma
from .gamma_gamma import GammaGamma
from .histories import Floats, Observed

FEWEST: Final = 30
"""Customers who bought again, that it takes for the Gamma-Gamma model."""
LEANS: Final = 3.0


@dataclass(frozen=True, eq=False)
class MeanSpend:
    """The average of everybody, towards which each one's own is drawn as if by three purchases. `spread`: standard deviation of the log of
    a purchase; `customers`: how many it is learnt from."""

    mean: float
    spread: float
    customers: int

    def expected(self, mean_spend: ArrayLike, x: ArrayLike) -> Floats:
        z, n = np.broadcast_arrays(np.asarray(mean_spend, np.float64), np.asarray(x, np.float64))
        there = np.isfinite(z) & (z > 0) & (n > 0)
        own = np.where(there, n, 0.0)
        found: Floats = (own * np.where(there, z, 0.0) + LEANS * self.mean) / (own + LEANS)
        return found

    def log_sum(self, y: Floats, mean_spend: ArrayLike, x: ArrayLike) -> tuple[Floats, Floats]:
        n = np.where(np.isfinite(np.asarray(mean_spend, np.float64)), np.asarray(x, np.float64), 0.0)
        wide = np.sqrt(np.log1p(np.expm1(self.spread**2) * (1 / y + 1 / (n + LEANS))))
        found: Floats = np.log(y * self.expected(mean_spend, x)) - wide**2 / 2
        return found, wide

    def spread_of_mean(self) -> float:
        return float(self.spread / np.sqrt(max(self.customers, 1)))

    def to_json(self) -> dict[str, Any]:
        return {"model": "mean", "mean": self.mean, "spread": self.spread, "customers": self.customers}


def learn(seen: Observed, penalty: float = 0.1) -> tuple[GammaGamma | MeanSpend | None, float | None]:
    """(what is known of spend, the correlation of frequency and mean spend); None where no amounts are known."""
    both = (seen.spends > 0) & (seen.mean_spend > 0)
    z, n = seen.mean_spend[both], seen.spends[both]
    goes = float(np.corrcoef(n, z)[0, 1]) if n.size > 2 and np.ptp(n) > 0 and np.ptp(z) > 0 else None
    if n.size >= FEWEST:
        found = gamma_gamma.fit(z, n, penalty=penalty)
        if found.parameters["q"] > 1.05 and found.covariance is not None:
            return found, goes
    every = np.concatenate((z, seen.first_spend[seen.first_spend > 0]))
    if not every.size:
        return None, None
    weights = np.concatenate((n, np.ones(every.size - n.size)))
    spread = float(np.clip(np.log(every).std(), 0.3, 2.0)) if every.size > 4 else 1.0
    return MeanSpend(float(np.average(every, weights=weights)), spread, int(every.size)), goes


def kept(found: Any) -> GammaGamma | MeanSpend | None:
    """What `to_json` gave. ValueError when it is none."""
    if found is None:
        return None
    try:
        if found["model"] == "gamma_gamma":
            return GammaGamma.from_json(found)
        return MeanSpend(float(found["mean"]), float(found["spread"]), int(found["customers"]))
    except (KeyError, TypeError) as error:
        raise ValueError("not a kept model of spend") from error
