"""Logistic regression that leans towards what was believed before: a chance of 0 to 1 out of what is known, with how sure it is.

Maximises log-likelihood - ridge / 2 * sum((b - prior)^2) by Newton's steps; the intercept is free. With little to learn from the weights
stay near the prior, with much they follow the data. Covariance: the inverse of the penalised information (Laplace).

Source: S. le Cessie and J. C. van Houwelingen, Ridge estimators in logistic regression, Applied Statistics 41 (1992), 191-201. Checked
against the space shuttle's O-rings: S. R. Dalal, E. B. Fowlkes and B. Hoadley, JASA 84 (1989), 945-957.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

Floats = NDArray[np.float64]
ROUNDS: Final = 60
_CLOSE: Final = 1e-10


@dataclass(frozen=True, eq=False)
class Logistic:
    """`weights`: [1 + d], the intercept first; `covariance`: [1 + d, 1 + d]."""

    weights: Floats
    covariance: Floats

    def logit(self, x: ArrayLike) -> Floats:
        """Of rows of d numbers: log odds [n]."""
        values = np.asarray(x, np.float64)
        found: Floats = self.weights[0] + values @ self.weights[1:]
        return found

    def chance(self, x: ArrayLike) -> Floats:
        found: Floats = expit(self.logit(x))
        return found

    def bounds(self, x: ArrayLike, z: float = 1.959964) -> tuple[Floats, Floats]:
        """Lower and upper end of the interval of each chance (95 % by default), for what the weights are not sure of."""
        values = np.asarray(x, np.float64)
        rows = np.column_stack((np.ones(len(values)), values))
        spread = z * np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", rows, self.covariance, rows), 0))
        middle = self.logit(values)
        return expit(middle - spread), expit(middle + spread)

    def kept(self) -> dict[str, Any]:
        """As JSON; `of` is its inverse."""
        return {"weights": self.weights.tolist(), "covariance": self.covariance.tolist()}

    @classmethod
    def of(cls, kept: Any) -> "Logistic":
        """ValueError when these are no weights with their covariance."""
        try:
            weights, covariance = np.asarray(kept["weights"], np.float64), np.asarray(kept["covariance"], np.float64)
        except (KeyError, TypeError) as error:
            raise ValueError("not a kept regression") from error
        if weights.ndim != 1 or covariance.shape != (weights.size, weights.size) or not np.isfinite(weights).all():
            raise ValueError("not a kept regression")
        return cls(weights, covariance)


def fit(x: ArrayLike, y: ArrayLike, ridge: float = 1.0, prior: ArrayLike | None = None) -> Logistic:
    """`x`: [n, d], finite; `y`: [n], 0 or 1; `prior`: [d], nothing by default; `ridge` > 0 is how many it counts for.

    ValueError for other shapes and values, and where all of `y` are the same: then there is nothing to tell apart.

    >>> found = fit([[0.0]] * 30 + [[1.0]] * 30, [0] * 20 + [1] * 10 + [0] * 10 + [1] * 20, ridge=1e-9)
    >>> np.round(found.chance([[0.0], [1.0]]), 4).tolist()
    [0.3333, 0.6667]
    """
    values, truth, before = _read(x, y, prior)
    if ridge <= 0:
        raise ValueError(f"a ridge of {ridge}")
    rows = np.column_stack((np.ones(len(values)), values))
    penalty = np.full(rows.shape[1], ridge)
    penalty[0] = 0.0
    believed = np.concatenate(([0.0], before))
    weights = np.concatenate(([np.log(truth.mean() / (1 - truth.mean())) - float(values.mean(0) @ before)], before))
    for _ in range(ROUNDS):
        step = _step(rows, truth, weights, penalty, believed)
        weights = weights + step
        if np.abs(step).max() < _CLOSE:
            break
    covariance: Floats = np.linalg.inv(_information(rows, expit(rows @ weights), penalty)).astype(np.float64)
    return Logistic(weights, covariance)


def _read(x: ArrayLike, y: ArrayLike, prior: ArrayLike | None) -> tuple[Floats, Floats, Floats]:
    values, truth = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if values.ndim != 2 or truth.shape != (len(values),) or not np.isfinite(values).all():
        raise ValueError("x is n rows of finite numbers, y one of 0 and 1 for each")
    if not np.isin(truth, (0.0, 1.0)).all() or not 0 < truth.sum() < truth.size:
        raise ValueError("y holds both 0 and 1, and nothing else")
    before = np.zeros(values.shape[1]) if prior is None else np.asarray(prior, np.float64)
    if before.shape != (values.shape[1],):
        raise ValueError("the prior has one weight a column")
    return values, truth, before


def _information(rows: Floats, chance: Floats, penalty: Floats) -> Floats:
    found: Floats = (rows * (chance * (1 - chance))[:, None]).T @ rows + np.diag(penalty + 1e-12)
    return found


def _gain(rows: Floats, truth: Floats, weights: Floats, penalty: Floats, believed: Floats) -> float:
    logit = rows @ weights
    return float((truth * logit - np.logaddexp(0, logit)).sum() - 0.5 * (penalty * (weights - believed) ** 2).sum())


def _step(rows: Floats, truth: Floats, weights: Floats, penalty: Floats, believed: Floats) -> Floats:
    """Newton's, halved as long as it would lead down."""
    chance = expit(rows @ weights)
    slope = rows.T @ (truth - chance) - penalty * (weights - believed)
    step: Floats = np.linalg.solve(_information(rows, chance, penalty), slope).astype(np.float64)
    here = _gain(rows, truth, weights, penalty, believed)
    for _ in range(30):
        if _gain(rows, truth, weights + step, penalty, believed) >= here - 1e-12 * abs(here):
            break
        step = step / 2
    return step
