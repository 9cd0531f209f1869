"""The hours of the week at which a community is there, and how sure that is.

What is counted of a slot (weekday and hour) in few weeks scatters. Each slot is smoothed with the hours beside it and drawn towards what
its weekday and its hour say together (Gamma-Poisson shrinkage: Efron and Morris 1975); how sure a slot is, is how often it stays among
the best tenth when the weeks are drawn again with replacement (Efron 1979).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

SLOTS: Final = 168
FEWEST: Final = 60
"""With fewer acts nothing is said."""
FEWEST_WEEKS: Final = 3
PRIOR_WEEKS: Final = 2.0
"""What weekday and hour say together weighs as much as so many weeks of the slot itself."""
_DRAWS, _BEST = 400, 17


class Hour(NamedTuple):
    """A slot of the week: `weekday` 0 is Monday. `lift`: times the usual hour. `sure` 0..1."""

    weekday: int
    hour: int
    lift: float
    sure: float


def best_hours(counts: NDArray[np.int64], most: int = 5, seed: int = 7) -> list[Hour]:
    """`counts`: acts by (week, weekday, hour). The best hours first, one in three hours of a day; [] when too little is known.

    >>> quiet = np.zeros((8, 7, 24), np.int64); quiet[:, 1, 18] = 10
    >>> [(each.weekday, each.hour) for each in best_hours(quiet, most=1)]
    [(1, 18)]
    """
    weeks = counts.shape[0]
    if weeks < FEWEST_WEEKS or counts.sum() < FEWEST:
        return []
    flat = counts.reshape(weeks, SLOTS).astype(np.float64)
    rates = _rates(flat.mean(axis=0), weeks)
    draws = np.random.default_rng(seed).integers(0, weeks, (_DRAWS, weeks))
    again = np.stack([_rates(flat[rows].mean(axis=0), weeks) for rows in draws])
    ranks = np.argsort(np.argsort(-again, axis=1, kind="stable"), axis=1, kind="stable")
    sure = (ranks < _BEST).mean(axis=0)
    return _apart(rates / rates.mean(), sure, most)


def _rates(mean: NDArray[np.float64], weeks: int) -> NDArray[np.float64]:
    """Acts an hour expected in each slot, from their mean over the weeks."""
    smooth = 0.25 * np.roll(mean, 1) + 0.5 * mean + 0.25 * np.roll(mean, -1)
    grid = smooth.reshape(7, 24)
    total = grid.sum() or 1.0
    prior = (grid.sum(axis=1, keepdims=True) * grid.sum(axis=0, keepdims=True) / total).reshape(SLOTS)
    shrunk: NDArray[np.float64] = (weeks * smooth + PRIOR_WEEKS * prior) / (weeks + PRIOR_WEEKS)
    return shrunk


def _apart(lift: NDArray[np.float64], sure: NDArray[np.float64], most: int) -> list[Hour]:
    """The best, no two of one day closer than three hours."""
    found: list[Hour] = []
    for slot in np.argsort(-lift, kind="stable"):
        weekday, hour = divmod(int(slot), 24)
        if lift[slot] <= 1 or len(found) == most:
            break
        if all(each.weekday != weekday or abs(each.hour - hour) >= 3 for each in found):
            found.append(Hour(weekday, hour, float(lift[slot]), float(sure[slot])))
    return found


def grid(counts: NDArray[np.int64]) -> Sequence[Sequence[float]]:
    """Expected acts an hour by weekday and hour, for a picture."""
    weeks = counts.shape[0]
    rates = _rates(counts.reshape(weeks, SLOTS).astype(np.float64).mean(axis=0), weeks)
    table: list[list[float]] = rates.reshape(7, 24).tolist()
    return table
