"""What an ordinary day would have brought: the same weekday of the eight weeks before. Numbers only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from statistics import median

WEEKS = 8
# A median absolute deviation times this is a standard deviation, where days are normal.
NORMAL = 1.4826
NEWS = 1.5


@dataclass(frozen=True)
class Band:
    """Between `low` and `high` lie about 19 of 20 ordinary days; `middle` is the ordinary day."""

    low: int
    middle: float
    high: int


def bands(counts: Mapping[int, int], days: Sequence[int], began: int) -> list[Band | None]:
    """For each day (a number) the band, from the eight same weekdays before it; None where the data began later than that.

    >>> bands({day: 10 for day in range(0, 56, 7)}, [56, 57], 0)[0]
    Band(low=3, middle=10.0, high=17)
    >>> bands({}, [55], 0)
    [None]
    """
    return [_band([counts.get(day - 7 * week, 0) for week in range(1, WEEKS + 1)]) if day - 7 * WEEKS >= began else None for day in days]


def _band(history: Sequence[int]) -> Band:
    middle = float(median(history))
    # Counts scatter by their own root even when nothing else does.
    spread = 2 * max(NORMAL * median(abs(value - middle) for value in history), sqrt(max(middle, 1)))
    return Band(max(0, floor(middle - spread)), middle, ceil(middle + spread))


@dataclass(frozen=True)
class Outlier:
    """A day outside its band: its place in the list of days."""

    place: int
    count: int
    band: Band

    @property
    def is_high(self) -> bool:
        return self.count > self.band.high

    @property
    def ratio(self) -> float | None:
        """Times the ordinary day; None when an ordinary day has nothing."""
        return self.count / self.band.middle if self.band.middle else None


def outliers(counts: Sequence[int], found: Sequence[Band | None], ended: int) -> list[Outlier]:
    """Days far outside their band, furthest first. Of days from the place `ended` on, which are not over, only too much is news.

    Of 20 ordinary days one leaves the band; a day is news from one and a half times the way to its edge (about 1 in 400).
    """
    far: list[tuple[float, Outlier]] = []
    for place, (count, band) in enumerate(zip(counts, found, strict=True)):
        if band is None or (count < band.middle and place >= ended):
            continue
        half = band.high - band.middle if count > band.middle else band.middle - band.low
        distance = abs(count - band.middle) / max(1.0, half)
        if distance > NEWS:
            far.append((distance, Outlier(place, count, band)))
    return [each for _distance, each in sorted(far, key=lambda pair: -pair[0])]
