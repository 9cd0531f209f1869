"""Rules that share a conversion among the touches of its own path: first, last, linear, by position, by time.

A touch counts as often as it happened. Each rule is a weight of every step [s] whose sum over a path is one.
"""

from typing import Final

import numpy as np

from .paths import Floats, Paths, summed

ENDS: Final = (0.4, 0.4)
"""What the first and the last touch get by position; those between share the rest."""
HALF_LIFE: Final = 7.0
"""Days in which a touch loses half of its weight."""


def first(paths: Paths) -> Floats:
    """All to the first touch."""
    weight = np.zeros(paths.steps.size)
    weight[paths.starts[:-1]] = 1.0
    return weight


def last(paths: Paths) -> Floats:
    """All to the last touch."""
    weight = np.zeros(paths.steps.size)
    weight[paths.starts[1:] - 1] = 1.0
    return weight


def linear(paths: Paths) -> Floats:
    """To all touches alike."""
    return np.repeat(1.0 / paths.lengths, paths.lengths)


def position(paths: Paths, ends: tuple[float, float] = ENDS) -> Floats:
    """The first and the last touch get these shares, all between them the rest alike. Of two touches each gets its share of both.

    ValueError for shares that are negative or more than the whole.
    """
    begin, end = ends
    if min(ends) < 0 or begin + end > 1 + 1e-12:
        raise ValueError(f"shares of {begin} and {end} for the first and the last touch")
    lengths = paths.lengths
    weight = np.repeat(max(1 - begin - end, 0.0) / np.maximum(lengths - 2, 1), lengths)
    of_two = begin / (begin + end) if begin + end else 0.5
    weight[paths.starts[:-1]] = np.where(lengths > 2, begin, of_two)
    weight[paths.starts[1:] - 1] = np.where(lengths > 2, end, 1 - of_two)
    weight[paths.starts[:-1][lengths == 1]] = 1.0
    return weight


def time_decay(paths: Paths, half_life: float = HALF_LIFE) -> Floats:
    """A touch gets half as much as one that came `half_life` days later; where days are not known a step stands for a day.

    ValueError for a half-life that is not above 0.
    """
    if not half_life > 0:
        raise ValueError(f"a half-life of {half_life}")
    back = paths.days_before
    if back is None:
        back = (np.repeat(paths.starts[1:] - 1, paths.lengths) - np.arange(paths.steps.size)).astype(np.float64)
    # Counted from the last touch: else all weights of a path that ended long before its conversion are too small for a number.
    latest = np.minimum.reduceat(back, paths.starts[:-1]) if paths.size else np.zeros(0)
    raw = np.exp2((np.repeat(latest, paths.lengths) - back) / half_life)
    sums = np.add.reduceat(raw, paths.starts[:-1]) if paths.size else np.zeros(0)
    found: Floats = raw / np.repeat(sums, paths.lengths)
    return found


def credit(paths: Paths, weight: Floats, amounts: Floats) -> Floats:
    """`amounts` [p] of the paths shared among channels by the `weight` of each step: [channels]."""
    return summed(paths.steps, weight * np.repeat(amounts, paths.lengths), len(paths.channels))
