"""What many durations and scores come to. Pure but for the hours it is given.

The median is the middle one (of an even number the mean of the two in the middle); the ninetieth is the one that nine of ten do not pass
(nearest rank: the value at place ceil(0.9 n) of the sorted ones).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .hours import Times

Floats = NDArray[np.float64]


class Spread(NamedTuple):
    """Of `n` durations in seconds: the middle one, and the one that nine of ten do not pass; None where there are none."""

    n: int = 0
    median: float | None = None
    ninety: float | None = None


def spread(seconds: Sequence[float] | Floats) -> Spread:
    """What these durations come to.

    >>> spread([60, 120, 600]), spread([])
    (Spread(n=3, median=120.0, ninety=600.0), Spread(n=0, median=None, ninety=None))
    """
    if not len(seconds):
        return Spread()
    values = np.sort(np.asarray(seconds, dtype=float))
    place = -(-9 * len(values) // 10) - 1
    return Spread(len(values), float(np.median(values)), float(values[place]))


def open_seconds(times: Times, begins: Floats, ends: Floats) -> Floats:
    """Of each stretch from `begins` to `ends` (seconds of the epoch) the seconds in which someone is there."""
    if not len(begins):
        return np.zeros(0)
    span = times.open_between(datetime.fromtimestamp(float(begins.min()), UTC), datetime.fromtimestamp(float(ends.max()), UTC))
    if not span:
        return np.zeros(len(begins))
    edges = np.asarray(span, dtype=float)
    lasted = np.cumsum(edges[:, 1] - edges[:, 0])
    so_far = np.column_stack((lasted - (edges[:, 1] - edges[:, 0]), lasted)).ravel()
    found: Floats = np.interp(ends, edges.ravel(), so_far) - np.interp(begins, edges.ravel(), so_far)
    return found


class Kept(NamedTuple):
    """How many promises were kept of those that can be judged."""

    kept: int = 0
    judged: int = 0

    @property
    def share(self) -> float | None:
        return self.kept / self.judged if self.judged else None


class Scores(NamedTuple):
    """Scores from 1 to 5, by score from 1 upwards."""

    counts: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)

    @property
    def n(self) -> int:
        return sum(self.counts)

    @property
    def mean(self) -> float | None:
        return sum(score * count for score, count in enumerate(self.counts, 1)) / self.n if self.n else None

    @property
    def satisfied(self) -> float | None:
        """The share of those who gave 4 or 5."""
        return sum(self.counts[3:]) / self.n if self.n else None


def scores(given: Sequence[int]) -> Scores:
    """Scores counted; what is none from 1 to 5 is left out.

    >>> scores([5, 5, 1]).mean, scores([]).mean
    (3.6666666666666665, None)
    """
    one, two, three, four, five = (sum(each == score for each in given) for score in range(1, 6))
    return Scores((one, two, three, four, five))
