"""Gamma-Gamma: what a purchase is worth. Each customer's purchases scatter around a mean of one's own, gamma; so do the means.

Parameters: p (shape of one's purchases), q and gamma (shape and scale of what differs between customers), gamma in the money's unit.
The mean of everybody is p gamma / (q - 1). It assumes that spend and frequency do not go together: look at their correlation.
Source: P. S. Fader and B. G. S. Hardie, The Gamma-Gamma model of monetary value (2013), brucehardie.com/notes/025.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, polygamma, psi

from ._climb import climb
from .histories import Floats

FEWEST: Final = 10
"""Customers with a known mean spend that it takes at least."""


@dataclass(frozen=True, eq=False)
class GammaGamma:
    """`parameters`: p, q, gamma. `standard_errors` and `covariance` (of their logs): None where the data say too little."""

    parameters: dict[str, float]
    log_likelihood: float
    customers: int
    standard_errors: dict[str, float] | None = None
    covariance: Floats | None = None

    @property
    def mean(self) -> float:
        """Mean spend of a purchase over everybody; inf where q <= 1."""
        p, q, gamma = self._places()
        return p * gamma / (q - 1) if q > 1 else np.inf

    def expected(self, mean_spend: ArrayLike, x: ArrayLike) -> Floats:
        """Mean spend [k] to expect of one whose x purchases were of `mean_spend` on average; that of everybody where x = 0 or nan."""
        p, q, gamma = self._places()
        z, n = _known(mean_spend, x)
        with np.errstate(divide="ignore"):
            found: Floats = np.where(p * n + q > 1, p * (gamma + n * z) / np.maximum(p * n + q - 1, 0), np.inf)
        return found

    def log_sum(self, y: Floats, mean_spend: ArrayLike, x: ArrayLike) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the log of the sum of y >= 1 purchases to come."""
        p, q, gamma = self._places()
        z, n = _known(mean_spend, x)
        middle = np.log(gamma + n * z) + psi(p * y) - psi(p * n + q)
        return middle, np.sqrt(polygamma(1, p * y) + polygamma(1, p * n + q))

    def spread_of_mean(self) -> float:
        """Standard deviation of the log of the mean of everybody: what its parameters are not sure of."""
        q = self.parameters["q"]
        if self.covariance is None or q <= 1:
            return 0.2
        slope = np.array([1.0, -q / (q - 1), 1.0])
        return float(np.sqrt(max(slope @ self.covariance @ slope, 0.0)))

    def to_json(self) -> dict[str, Any]:
        kept = None if self.covariance is None else self.covariance.tolist()
        return {
            "model": "gamma_gamma", "parameters": self.parameters, "log_likelihood": self.log_likelihood, "customers": self.customers,
            "standard_errors": self.standard_errors, "covariance": kept,
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Any) -> "GammaGamma":
        """ValueError when this is no kept model."""
        try:
            parameters = {name: float(kept["parameters"][name]) for name in ("p", "q", "gamma")}
            covariance = None if kept["covariance"] is None else np.asarray(kept["covariance"], np.float64)
            errors = kept["standard_errors"] and {str(name): float(value) for name, value in kept["standard_errors"].items()}
            return cls(parameters, float(kept["log_likelihood"]), int(kept["customers"]), errors, covariance)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("not a kept model of spend") from error

    def _places(self) -> tuple[float, float, float]:
        return self.parameters["p"], self.parameters["q"], self.parameters["gamma"]


def fit(mean_spend: ArrayLike, x: ArrayLike, count: ArrayLike | None = None, *, penalty: float = 0.0) -> GammaGamma:
    """By maximum likelihood, over customers with x > 0 and a mean spend above 0 [k]; others are left out. `penalty` as in `fitted.fit_law`.

    ValueError where fewer than ten are left.
    """
    z, n = np.asarray(mean_spend, np.float64), np.asarray(x, np.float64)
    c = np.ones(z.size) if count is None else np.asarray(count, np.float64)
    good = np.isfinite(z) & (z > 0) & (n > 0)
    z, n, c = z[good], n[good], c[good]
    if c.sum() < FEWEST:
        raise ValueError(f"a mean spend is known of {int(c.sum())} customers, {FEWEST} are needed")
    scale = float(np.average(z, weights=c))
    believed = np.log([2.0, 3.0, 1.0])
    sums = _Sums(z / scale, n, c)

    def slope(theta: Floats) -> tuple[float, Floats]:
        value, steep = sums.score(np.exp(theta))
        away = theta - believed
        return -value + 0.5 * penalty * float(away @ away), -steep + penalty * away

    top = climb(slope, None, [believed, believed + np.array([1.0, 0.3, 0.5])])
    values = np.exp(top.place) * np.array([1.0, 1.0, scale])
    parameters = dict(zip(("p", "q", "gamma"), values.tolist(), strict=True))
    errors = None
    if top.covariance is not None:
        errors = dict(zip(parameters, (values * np.sqrt(np.diag(top.covariance))).tolist(), strict=True))
    told = sums.score(np.exp(top.place))[0] - float(c.sum()) * np.log(scale)
    return GammaGamma(parameters, told, round(float(c.sum())), errors, top.covariance)


class _Sums:
    """The log-likelihood over customers; what depends on x alone is summed once."""

    def __init__(self, z: Floats, n: Floats, c: Floats) -> None:
        self.z, self.n, self.c, self.total, self.log = z, n, c, n * z, np.log(z)
        self.fixed = float(c @ (n * np.log(n)))
        self.weighed, self.all, self.logs = float(c @ (n * self.log)), float(c.sum()), float(c @ self.log)
        self.each, place = np.unique(n, return_inverse=True)
        self.many = np.bincount(place.reshape(-1), c)

    def score(self, at: Floats) -> tuple[float, Floats]:
        """(log-likelihood, its slopes by the logs of p, q and gamma)."""
        p, q, gamma = at
        n, c, each, many = self.n, self.c, self.each, self.many
        log = np.log(gamma + self.total)
        power = p * n + q
        sums = float(many @ (gammaln(p * each + q) - gammaln(p * each))) + self.all * (q * np.log(gamma) - gammaln(q))
        value = sums + p * (self.weighed + self.fixed) - self.logs - float(c @ (power * log))
        both = psi(p * each + q)
        by_p = float(many @ (each * (both - psi(p * each)))) + self.weighed + self.fixed - float(c @ (n * log))
        by_q = float(many @ both) + self.all * (np.log(gamma) - psi(q)) - float(c @ log)
        by_gamma = self.all * q / gamma - float(c @ (power / (gamma + self.total)))
        return value, np.array([p * by_p, q * by_q, gamma * by_gamma])


def _known(mean_spend: ArrayLike, x: ArrayLike) -> tuple[Floats, Floats]:
    z, n = np.broadcast_arrays(np.asarray(mean_spend, np.float64), np.asarray(x, np.float64))
    there = np.isfinite(z) & (z > 0) & (n > 0)
    return np.where(there, z, 0.0), np.where(there, n, 0.0)
