"""When there is suddenly more than one would expect: counts by the hour against their own rhythm, with a stated rate of false alarms.

What is expected of an hour is what the same hour of earlier weeks brought, at the level of the last week; counts scatter as a negative
binomial with the dispersion they have shown. An hour is compared alone and together with the hours before it, so that a short burst
and a slow swell are both seen. Hours of an alarm do not teach what is ordinary, unless they go on for days.

Source: the outbreak detection algorithm of Farrington et al. (J. R. Statist. Soc. A 159, 1996) in the negative binomial form of
Noufaily et al. (Statistics in Medicine 32, 2013), with the rhythm of a week in place of that of a year.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, gammainc
from scipy.stats import nbinom

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

WEEKS: Final = 8
LEAST_WEEKS: Final = 2
HOURS_A_MONTH: Final = 730.0
WINDOWS: Final = (1, 3, 12)
WOBBLE: Final = 0.1
"""Share by which what is expected may itself be wrong: rhythms are never quite those of the weeks before."""
PRIOR: Final = 20.0
FEWEST: Final = 5
"""Below so many mentions nothing is called a spike, however quiet it was before."""
LONGEST: Final = 72
"""When most of so many steps were alarms, what goes on is the new ordinary."""


@dataclass(frozen=True)
class Watched:
    """Arrays of one entry a step. `expected` (nan where too little came before), `low` and `high`: where 19 of 20 ordinary steps lie;
    `is_high`: more than the false alarms asked for allow; `begins`: the first step of each alarm."""

    expected: Floats
    low: Floats
    high: Floats
    is_high: Flags
    begins: Flags


def watch(counts: ArrayLike, season: int = 168, alarms_a_month: float = 1.0, steps_a_month: float = HOURS_A_MONTH) -> Watched:
    """Look at each step with nothing but what came before it.

    `counts`: 1-D, one non-negative number a step, oldest first; `season`: steps of a week (168 hours, 7 days). Of ordinary series
    at most `alarms_a_month` false alarms begin in `steps_a_month` steps. ValueError for other shapes and numbers.

    >>> quiet = np.tile([2.0, 3, 4, 3, 2, 1, 1], 9)
    >>> day = watch(np.append(quiet, 30), season=7, steps_a_month=30.4)
    >>> bool(day.is_high[-1]), bool(day.is_high[:-1].any())
    (True, False)
    """
    series = np.asarray(counts, np.float64)
    if series.ndim != 1 or season < 1 or alarms_a_month <= 0:
        raise ValueError("counts stand in one row, season and alarms_a_month are above nothing")
    if series.size and (not np.isfinite(series).all() or series.min() < 0):
        raise ValueError("counts are finite and not negative")
    return _Watch(series, season, min(0.05, alarms_a_month / steps_a_month / len(WINDOWS))).run()


class _Watch:
    """The walk along one series."""

    def __init__(self, series: Floats, season: int, alpha: float) -> None:
        self.series, self.season, self.alpha = series, season, alpha
        self.usual = series.copy()  # what teaches: alarms are replaced by what was expected
        size = series.size
        self.expected, self.spread = np.full(size, np.nan), np.full(size, np.nan)
        self.rhythm = np.full(size, np.nan)
        self.is_high = np.zeros(size, bool)

    def run(self) -> Watched:
        for step in range(self.season * LEAST_WEEKS + 1, self.series.size):
            self._expect(step)
            self.is_high[step] = self._alarms(step)
            if self.is_high[step] and self.is_high[max(0, step - LONGEST) : step].sum() < LONGEST / 2:
                self.usual[step] = self.expected[step]
        low, high = _band(self.expected, self.spread + WOBBLE**2 * self.expected)
        begins = self.is_high & ~np.concatenate(([False], self.is_high[:-1]))
        return Watched(self.expected, low, high, self.is_high, begins & ~self._recent())

    def _expect(self, step: int) -> None:
        weeks = min(WEEKS, (step - 1) // self.season)
        rows = np.stack([self.usual[step - week * self.season - 1 : step - week * self.season + 2] for week in range(1, weeks + 1)])
        self.rhythm[step] = rhythm = (
            float(np.average(rows.mean(axis=0), weights=[0.25, 0.5, 0.25])) if self.season > 7 else float(rows[:, 1].mean())
        )
        past = slice(max(self.season * LEAST_WEEKS + 1, step - self.season), step)
        before, foreseen = float(self.usual[past].sum()), float(np.nansum(self.rhythm[past]))
        # The level of the last week, shrunk towards that of the weeks before where little was counted.
        level = (before + 20) / (foreseen + 20)
        mean = max(rhythm * min(max(level, 0.25), 4.0), 0.02)
        known = slice(max(self.season * LEAST_WEEKS + 1, step - 4 * self.season), step)
        rest = float(np.nansum((self.usual[known] - self.expected[known]) ** 2))
        # A ratio of sums: a quiet hour's own ratio says nothing. As long as little is known, a little more than a Poisson's.
        dispersion = max(1.0, (rest + PRIOR * 1.3) / (float(np.nansum(self.expected[known])) + PRIOR))
        # What is expected was itself estimated, from so many weeks.
        self.expected[step], self.spread[step] = mean, dispersion * (1 + 1 / (1.5 * weeks))

    def _alarms(self, step: int) -> bool:
        for width in WINDOWS if self.season > 7 else WINDOWS[:2]:
            span = slice(step - width + 1, step + 1)
            if step - width < self.season * LEAST_WEEKS:
                continue
            seen, mean = float(self.series[span].sum()), float(self.expected[span].sum())
            # A window wakes to what still goes on: its last step has to be above the ordinary as well.
            if (
                seen >= FEWEST
                and self.series[step] > self.expected[step]
                and _tail(seen, mean, float(self.spread[step]) + WOBBLE**2 * mean) < self.alpha
            ):
                return True
        return False

    def _recent(self) -> Flags:
        """Steps shortly after another alarm: they go on with it."""
        calm = 12 if self.season > 7 else 1
        found, last = np.zeros(self.series.size, bool), -calm - 2
        for step in np.flatnonzero(self.is_high).tolist():
            found[step] = step - last <= calm
            last = step
        return found


def _tail(seen: float, mean: float, spread: float) -> float:
    """Probability of so many (at least one) or more: of a negative binomial whose variance is `spread` times its mean."""
    if spread <= 1.0001:
        return float(gammainc(seen, mean))
    return float(betainc(seen, mean / (spread - 1), 1 - 1 / spread))


def _band(mean: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Where 19 of 20 ordinary steps lie."""
    wide = np.maximum(spread, 1.001)
    size = mean / (wide - 1)
    with np.errstate(invalid="ignore"):
        return np.asarray(nbinom.ppf(0.025, size, 1 / wide)), np.asarray(nbinom.ppf(0.975, size, 1 / wide))
