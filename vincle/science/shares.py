"""When a share is suddenly higher than one would expect: of what so many say against the weeks before, with a stated rate of false alarms.

Shares of a sliding window are compared with those of the weeks before it on the arcsine scale, where their variance is that of counts
alone; how much more than that the share of a day wanders by itself is learnt from the days of those weeks. One look an hour at a window
of a day is some few independent looks a day, and each of them has its part of the false alarms that are allowed.

Source: the variance-stabilising transformation of a binomial share (Anscombe, Biometrika 35, 1948; effect h of Cohen, 1988), with
overdispersion as in a quasi-binomial model (McCullagh and Nelder, Generalized Linear Models, 1989, 4.5).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

HOURS_A_MONTH: Final = 730.0
FEWEST: Final = 5
"""Below so many in a window nothing is called a rise, however rare it was before."""
ENOUGH: Final = 50
"""So many judged before, in all, say what is usual."""
LOOKS: Final = 4.0
"""Hourly looks at a window of a day that count as one: neighbours see nearly the same."""
PRIOR: Final = 5.0
WOBBLE: Final = 0.04
"""By how much, on the arcsine scale, what is usual moves by itself from one month to the next."""


@dataclass(frozen=True)
class WatchedShare:
    """Arrays of one entry a step. `share` of the window that ends there, and what it was in the weeks before (`expected`; nan where too
    few were judged); `high`: where the upper end of 19 of 20 ordinary windows lies; `is_high`: more than the false alarms asked for
    allow; `begins`: the first step of each alarm."""

    share: Floats
    expected: Floats
    high: Floats
    is_high: Flags
    begins: Flags


def watch(
    some: ArrayLike, of: ArrayLike, *, window: int = 24, weeks: int = 4, alarms_a_month: float = 1.0, steps_a_month: float = HOURS_A_MONTH
) -> WatchedShare:
    """Look at the share `some / of` of the last `window` steps at each step, against the `weeks` weeks (of 7 windows) before them.

    `some`, `of`: 1-D, of one length, oldest first, `0 <= some <= of`. Nothing is said before two weeks have been seen.
    Of ordinary series at most `alarms_a_month` false alarms begin in `steps_a_month` steps. ValueError for other shapes and numbers.

    >>> of = np.full(24 * 40, 2.0); some = np.where(np.arange(of.size) % 10 == 0, 1.0, 0.0); some[-24:] = 1.0
    >>> seen = watch(some, of)
    >>> bool(seen.is_high[-1]), bool(seen.is_high[:-24].any())
    (True, False)
    """
    few, all_ = np.asarray(some, np.float64), np.asarray(of, np.float64)
    if few.ndim != 1 or few.shape != all_.shape or window < 1 or weeks < 2 or alarms_a_month <= 0:
        raise ValueError("some and of stand in rows of one length; window, weeks and alarms_a_month are above nothing")
    if few.size and (not np.isfinite(all_).all() or not np.isfinite(few).all() or few.min() < 0 or (few > all_).any()):
        raise ValueError("some are finite, not negative and no more than all of them")
    days = 7 * weeks
    now, count = _windows(few, window, 0), _windows(all_, window, 0)
    past, known, spread = _before(few, all_, window, days)
    share, usual = _ratio(now, count), _ratio(past, known)
    ready = (known >= ENOUGH) & (np.arange(few.size) >= 14 * window)
    # Half of one less: counts move by whole ones.
    seen = 2 * np.arcsin(np.sqrt(_ratio(np.maximum(now - 0.5, 0), count)))
    foreseen = 2 * np.arcsin(np.sqrt(_ratio(past + 0.5, known + 1)))
    scale = np.sqrt(spread / np.maximum(count, 1) + spread / np.maximum(known, 1) + WOBBLE**2)
    limit = float(norm.isf(min(0.05, alarms_a_month * LOOKS / steps_a_month)))
    is_high = ready & (now >= FEWEST) & (seen - foreseen > limit * scale)
    upper = np.sin(np.clip(foreseen + 1.645 * scale, 0, np.pi) / 2) ** 2
    expected = np.where(ready, usual, np.nan)
    return WatchedShare(share, expected, np.where(ready, upper, np.nan), is_high, _begins(is_high, window))


def _windows(values: Floats, window: int, back: int) -> Floats:
    """Sums of the `window` steps that end `back` steps before each one; what lies before the first step is nothing."""
    total = np.concatenate(([0.0], np.cumsum(values)))
    end = np.maximum(np.arange(values.size) + 1 - back, 0)
    return np.asarray(total[end] - total[np.maximum(end - window, 0)])


def _ratio(some: Floats, of: Floats) -> Floats:
    return np.asarray(np.divide(some, of, out=np.zeros_like(some), where=of > 0))


def _before(few: Floats, all_: Floats, window: int, days: int) -> tuple[Floats, Floats, Floats]:
    """Of the `days` windows before each step's own: sums, and how many times more than a binomial's their variance is."""
    parts = [(_windows(few, window, window * day), _windows(all_, window, window * day)) for day in range(1, days + 1)]
    past, known = sum((each for each, _ in parts), np.zeros_like(few)), sum((each for _, each in parts), np.zeros_like(few))
    usual = _ratio(past, known)
    rest = sum(((each - of * usual) ** 2 for each, of in parts), np.zeros_like(few))
    chance = usual * (1 - usual) * known
    # As long as little is known, a little more than a binomial's.
    return past, known, np.maximum(1.0, (rest + PRIOR * 1.2) / (chance + PRIOR))


def _begins(is_high: Flags, calm: int) -> Flags:
    """First steps of alarms; one that comes back within `calm` steps goes on with the one before."""
    found, last = np.zeros(is_high.size, bool), -calm - 1
    for step in np.flatnonzero(is_high).tolist():
        found[step] = step - last > calm
        last = step
    return found
