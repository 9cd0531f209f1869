"""Weights that make those who answered look like those who were meant.

Source: W. E. Deming, F. F. Stephan, On a least squares adjustment of a sampled frequency table when the expected marginal totals are known,
Annals of Mathematical Statistics 11 (1940), 427-444; the design effect of unequal weights: L. Kish, Survey Sampling (1965), 11.7.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class Raked(NamedTuple):
    """`weights` of mean 1, one a row. `worth`: as many unweighted answers would say as much. `distance`: by how much a share still
    differs from its target, at most; `is_done` when that is within the tolerance (trimmed weights may not reach it)."""

    weights: Floats
    worth: float
    design_effect: float
    rounds: int
    distance: float
    is_done: bool


def rake(
    groups: Sequence[ArrayLike], targets: Sequence[ArrayLike], *, largest: float = 5.0, rounds: int = 200, tolerance: float = 1e-6
) -> Raked:
    """Weigh rows so that the shares of each margin are its target's.

    `groups`: of each margin the number of every row's group, 0 to k - 1, -1 where it is not known (such rows keep their part).
    `targets`: of each margin the k shares meant, of any sum. No weight lies outside 1 / `largest` to `largest`.
    ValueError for other shapes and for a group that is meant to be there while nobody of it answered.

    >>> raked = rake([[0, 0, 0, 1]], [[0.5, 0.5]])
    >>> [round(float(weight), 3) for weight in raked.weights], round(raked.worth, 2)
    ([0.667, 0.667, 0.667, 2.0], 3.0)
    """
    rows = [np.asarray(each, np.int64) for each in groups]
    meant = [np.asarray(each, np.float64) for each in targets]
    n = _check(rows, meant, largest)
    weights = np.ones(n)
    distance, done = np.inf, 0
    while done < rounds and distance > tolerance:
        done += 1
        for row, goal in zip(rows, meant, strict=True):
            weights = weights * _factors(row, goal, weights)
        weights = np.clip(weights / weights.mean(), 1 / largest, largest)
        weights /= weights.mean()
        distance = max(_distance(row, goal, weights) for row, goal in zip(rows, meant, strict=True))
    worth = float(weights.sum() ** 2 / (weights**2).sum())
    return Raked(weights, worth, n / worth, done, float(distance), bool(distance <= tolerance))


def _check(rows: list[NDArray[np.int64]], meant: list[Floats], largest: float) -> int:
    if len(rows) != len(meant) or not rows:
        raise ValueError("as many margins of rows as of targets, and one at least")
    n = rows[0].size
    for place, (row, goal) in enumerate(zip(rows, meant, strict=True)):
        fits = row.shape == (n,) and n > 0 and goal.ndim == 1 and bool((row < goal.size).all() and (row >= -1).all())
        if not fits or (goal < 0).any() or not goal.sum():
            raise ValueError(f"margin {place}: a group for each row, and a share that is not negative for each group")
        empty = np.flatnonzero((goal > 0) & (np.bincount(row[row >= 0], minlength=goal.size) == 0))
        if empty.size:
            raise ValueError(f"margin {place}: nobody of group {empty[0]} answered; put it together with another")
    if largest <= 1:
        raise ValueError("the largest weight lies above 1")
    return int(n)


def _factors(row: NDArray[np.int64], goal: Floats, weights: Floats) -> Floats:
    known = row >= 0
    has = np.bincount(row[known], weights[known], minlength=goal.size)
    wants = goal / goal.sum() * has.sum()
    factor = np.divide(wants, has, out=np.ones_like(has), where=has > 0)
    return np.where(known, factor[np.maximum(row, 0)], 1.0)


def _distance(row: NDArray[np.int64], goal: Floats, weights: Floats) -> float:
    known = row >= 0
    has = np.bincount(row[known], weights[known], minlength=goal.size)
    return float(np.abs(has / max(has.sum(), 1e-300) - goal / goal.sum()).max())
