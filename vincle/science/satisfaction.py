"""How satisfied people say they are: the share that gave one of the best answers, and means with their interval.

Source: top-2-box as customer satisfaction (CSAT); customer effort score: M. Dixon, K. Freeman, N. Toman, Stop trying to delight your
customers, Harvard Business Review 88 (2010), 116-122. Intervals: Wilson for shares, Student's t for means.
"""

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student


class Satisfied(NamedTuple):
    """`share` in [0, 1] of `n` answers (what weighted ones are worth), within [low, high]."""

    n: float
    share: float
    low: float
    high: float


class Mean(NamedTuple):
    """`mean` in the unit of the scale, of `n` answers, within [low, high]; nothing but the mean itself where there is one answer."""

    n: float
    mean: float
    low: float
    high: float
    deviation: float


def top_box(
    scores: ArrayLike, best: int = 5, boxes: int = 2, weights: ArrayLike | None = None, confidence: float = 0.95
) -> Satisfied | None:
    """The share that gave one of the `boxes` best answers of a scale that ends at `best`; None of none.

    `scores`: 1-D. ValueError for a score above `best` and for weights of another shape or below nothing.

    >>> [round(float(value), 3) for value in top_box([5, 4, 4, 3, 1, 5, 2, 4, 5, 5])]
    [10.0, 0.7, 0.397, 0.892]
    """
    values, weighing = _checked(scores, weights)
    if values.size and values.max() > best:
        raise ValueError(f"a score of {values.max():g} on a scale that ends at {best}")
    total = float(weighing.sum())
    if not total:
        return None
    worth = total**2 / float((weighing**2).sum())
    share = float(weighing[values > best - boxes].sum()) / total
    low, high = _wilson_of_share(share, worth, confidence)
    return Satisfied(worth, share, low, high)


def mean(scores: ArrayLike, weights: ArrayLike | None = None, confidence: float = 0.95) -> Mean | None:
    """The mean of scores, 1-D, as of customer effort; None of none. ValueError as for `top_box`.

    >>> [round(float(value), 3) for value in mean([1, 2, 3, 4, 5])][:4]
    [5.0, 3.0, 1.037, 4.963]
    """
    values, weighing = _checked(scores, weights)
    total = float(weighing.sum())
    if not total:
        return None
    worth = total**2 / float((weighing**2).sum())
    middle = float((values * weighing).sum()) / total
    if worth <= 1:
        return Mean(worth, middle, middle, middle, 0.0)
    deviation = sqrt(float((weighing * (values - middle) ** 2).sum()) / total * worth / (worth - 1))
    reach = float(student.ppf((1 + confidence) / 2, worth - 1)) * deviation / sqrt(worth)
    return Mean(worth, middle, middle - reach, middle + reach, deviation)


def _checked(scores: ArrayLike, weights: ArrayLike | None) -> tuple[np.ndarray, np.ndarray]:
    values = np.asarray(scores, np.float64)
    weighing = np.ones(values.shape) if weights is None else np.asarray(weights, np.float64)
    if values.ndim != 1 or weighing.shape != values.shape or not np.isfinite(values).all() or (weighing < 0).any():
        raise ValueError("scores are finite numbers in a row, weights not negative, one a score")
    return values, weighing


def _wilson_of_share(share: float, n: float, confidence: float) -> tuple[float, float]:
    """Wilson's interval of answers that need be no whole number."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    square = z * z / n
    middle, reach = share + square / 2, z * sqrt((share * (1 - share) + square / 4) / n)
    return max((middle - reach) / (1 + square), 0.0), min((middle + reach) / (1 + square), 1.0)
