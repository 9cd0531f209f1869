"""Whether chances that were told come true: of those told 30 %, three in ten.

Brier score: mean of (told - come)^2, 0 is best; its skill is against telling everybody the share that came (1 - Brier / that). Reliability:
people by what they were told in bins of equal size; ECE: the mean gap between told and come over the bins. AUC: how often of two people of
whom one came, that one had been told more (a half for equals).

Source: G. W. Brier, Monthly Weather Review 78 (1950), 1-3; bins and their gap as in M. P. Naeini, G. F. Cooper and M. Hauskrecht,
Obtaining well calibrated probabilities using Bayesian binning, AAAI 2015; AUC by ranks: Hanley and McNeil, Radiology 143 (1982), 29-36.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from .proportions import wilson

Floats = NDArray[np.float64]
BINS: Final = 10


class Bin(NamedTuple):
    """`told`: mean chance; `came`: the share that came, between `low` and `high` (95 %)."""

    people: int
    told: float
    came: float
    low: float
    high: float


class Calibration(NamedTuple):
    """`skill`: above 0 is better than telling everybody `share`; `bins` from low to high."""

    people: int
    share: float
    brier: float
    skill: float
    ece: float
    auc: float
    bins: tuple[Bin, ...]


def calibration(told: ArrayLike, came: ArrayLike, bins: int = BINS) -> Calibration:
    """`told`: [n] chances 0 to 1; `came`: [n] 0 or 1, both of them present. ValueError otherwise.

    >>> calibration([0.25] * 4 + [0.75] * 4, [0, 0, 0, 1, 1, 1, 1, 0], bins=2)[:5]
    (8, 0.5, 0.1875, 0.25, 0.0)
    """
    chances, truth = np.asarray(told, np.float64), np.asarray(came, np.float64)
    if chances.ndim != 1 or chances.shape != truth.shape or not ((chances >= 0) & (chances <= 1)).all() or bins < 1:
        raise ValueError("chances of 0 to 1, and for each whether it came")
    if not np.isin(truth, (0.0, 1.0)).all() or not 0 < truth.sum() < truth.size:
        raise ValueError("some came and some did not")
    share = float(truth.mean())
    brier = float(((chances - truth) ** 2).mean())
    found = _bins(chances, truth, bins)
    gap = sum(each.people * abs(each.told - each.came) for each in found) / chances.size
    return Calibration(chances.size, share, brier, 1 - brier / (share * (1 - share)), gap, _auc(chances, truth), found)


def _bins(chances: Floats, truth: Floats, bins: int) -> tuple[Bin, ...]:
    """Equals stay together, so that the order of people does not matter."""
    rank = (rankdata(chances, "average") - 0.5) / chances.size
    place = np.minimum((rank * bins).astype(np.int64), bins - 1)
    found = []
    for each in range(bins):
        here = place == each
        if count := int(here.sum()):
            came = int(truth[here].sum())
            found.append(Bin(count, float(chances[here].mean()), came / count, *wilson(came, count)))
    return tuple(found)


def _auc(chances: Floats, truth: Floats) -> float:
    ones = int(truth.sum())
    above = float(rankdata(chances)[truth == 1].sum()) - ones * (ones + 1) / 2
    return above / (ones * (truth.size - ones))
