"""Answers that were hardly thought about: the same to everything, or faster than anybody reads.

Source: D. J. Leiner, Too fast, too straight, too weird: non-reactive indicators for meaningless data in internet surveys, Survey Research
Methods 13 (2019), 229-248: relative completion speed and straight-lining.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

FEWEST_ITEMS: Final = 4
"""The same answer to three questions of a matrix is nothing unusual."""
FEWEST_TIMES: Final = 10
"""What is usual is not known from fewer."""


def straight_lines(scores: ArrayLike, fewest: int = FEWEST_ITEMS) -> NDArray[np.bool_]:
    """Rows that answer every question of a matrix alike. `scores`: people x questions, nan where not answered; `fewest` answers needed.

    >>> straight_lines([[3, 3, 3, 3], [3, 3, 3, 4], [3, 3, float("nan"), float("nan")]]).tolist()
    [True, False, False]
    """
    table = np.asarray(scores, np.float64)
    if table.ndim != 2:
        raise ValueError("a row for each person, a column for each question")
    known = ~np.isnan(table)
    low, high = np.where(known, table, np.inf).min(axis=1, initial=np.inf), np.where(known, table, -np.inf).max(axis=1, initial=-np.inf)
    return np.asarray((known.sum(axis=1) >= fewest) & (low == high))


def speeders(seconds: ArrayLike, least: float = 2.0) -> NDArray[np.bool_]:
    """Those who took so little time that the median person takes more than `least` times as long, questions counted alike.

    `seconds`: 1-D, nan where it is not known (never called too fast). Leiner finds 2 a good limit. Below ten times nobody is.

    >>> speeders([60.0] * 10 + [20.0]).tolist()[-1]
    True
    """
    times = np.asarray(seconds, np.float64)
    known = np.isfinite(times) & (times > 0)
    if times.ndim != 1 or least <= 1:
        raise ValueError("times stand in a row and the limit lies above 1")
    if known.sum() < FEWEST_TIMES:
        return np.zeros(times.shape, bool)
    return np.asarray(known & (times * least < float(np.median(times[known]))))
