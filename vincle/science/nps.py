"""The net promoter score with its uncertainty.

Source: F. F. Reichheld, The one number you need to grow, Harvard Business Review 81 (2003), 46-54; the standard error is that of the
difference of two shares of one multinomial sample; where promoters or detractors are few, the interval inverts the score test as Wilson's
does for one share (B. Rocks, Interval estimation for the net promoter score, The American Statistician 70, 2016, 365-372, compares both).
"""

from math import sqrt
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

FEW: Final = 5
"""With fewer promoters, or fewer detractors, the normal interval is too narrow."""


class Nps(NamedTuple):
    """`nps`, `standard_error`, `low` and `high` in points from -100 to 100; `n` answers, or what weighted ones are worth."""

    n: float
    nps: float
    standard_error: float
    low: float
    high: float
    promoters: float
    passives: float
    detractors: float


def nps(scores: ArrayLike, weights: ArrayLike | None = None, confidence: float = 0.95) -> Nps | None:
    """Of scores from 0 to 10, 1-D; None of none. ValueError for a score that is no whole number from 0 to 10.

    >>> found = nps([10] * 50 + [8] * 30 + [3] * 20)
    >>> found.nps, round(found.standard_error, 3), round(found.low, 2), round(found.high, 2)
    (30.0, 7.81, 14.69, 45.31)
    """
    values = np.asarray(scores, np.float64)
    if values.ndim != 1 or not np.isin(values, np.arange(11)).all():
        raise ValueError("scores are whole numbers from 0 to 10")
    weighing = np.ones(values.size) if weights is None else np.asarray(weights, np.float64)
    if weighing.shape != values.shape or (weighing < 0).any():
        raise ValueError("weights are not negative, one a score")
    total = float(weighing.sum())
    if not total:
        return None
    worth = total**2 / float((weighing**2).sum())
    high, low = float(weighing[values >= 9].sum()) / total, float(weighing[values <= 6].sum()) / total
    return from_counts(high * worth, (1 - high - low) * worth, low * worth, confidence)


def from_counts(promoters: float, passives: float, detractors: float, confidence: float = 0.95) -> Nps | None:
    """The same of how many there are of each; None of none. ValueError for counts below nothing and a confidence outside 0 to 1."""
    if min(promoters, detractors) < 0 or passives < -1e-6 or not 0 < confidence < 1:
        raise ValueError("counts are not negative and the confidence lies between 0 and 1")
    n = promoters + passives + detractors
    if not n:
        return None
    up, down = promoters / n, detractors / n
    net = up - down
    error = sqrt(max(up + down - net**2, 0.0) / n)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    if min(promoters, detractors) >= FEW:
        low, high = net - z * error, net + z * error
    else:
        low, high = _score_interval(net, up + down, n, z)
    shares = (100 * up, 100 * max(passives, 0.0) / n, 100 * down)
    return Nps(n, 100 * net, 100 * error, 100 * max(low, -1.0), 100 * min(high, 1.0), *shares)


def _score_interval(net: float, spoken: float, n: float, z: float) -> tuple[float, float]:
    """Where a true score would not be rejected: |net - true| <= z sqrt((spoken - true^2) / n), the share of those not passive taken as
    Wilson's middle of it, so that it is never nothing, and no smaller than what is seen needs."""
    c = z * z / n
    taken = max((spoken + c / 2) / (1 + c), net**2)
    reach = sqrt(c * ((1 + c) * taken - net**2))
    return (net - reach) / (1 + c), (net + reach) / (1 + c)
