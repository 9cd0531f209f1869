"""What screens draw of a model beside what was: purchases as they add up, and how many customers bought how often."""

from typing import Any, Final

import numpy as np

from .cohorts import Cohorts
from .fitted import Fitted
from .given import given
from .histories import Floats, Histories, Ints, Observed

POINTS: Final = 60
MOST: Final = 7
"""Repeat purchases that stand for themselves; the rest are "so many or more"."""


def curve(
    counts: Fitted | Cohorts, who: Ints, days: Floats, seen: Observed, end: float, unit_days: float, values: Floats | None = None
) -> list[dict[str, float]]:
    """Repeat purchases of everybody up to each of some days, as they were and as expected from first purchases alone."""
    begin = float(seen.first_day.min())
    made = np.unique(np.column_stack((who, days)), axis=0) if who.size else np.zeros((0, 2))
    made = made[made[:, 1] <= end]
    again = np.sort(made[made[:, 1] > seen.first_day[np.searchsorted(seen.ids, made[:, 0])], 1])
    points = np.unique(np.round(np.linspace(begin, end, POINTS)))
    expected = _expected(counts, points, seen.first_day, unit_days, values)
    actual = np.searchsorted(again, points, "right")
    return [
        {"day": float(day), "actual": float(was), "expected": float(should)}
        for day, was, should in zip(points, actual, expected, strict=True)
    ]


def _expected(counts: Fitted | Cohorts, points: Floats, first_day: Floats, unit_days: float, values: Floats | None) -> Floats:
    if values is not None:
        asked = given(counts, values)
        return np.array([float(asked.mean(np.maximum(point - first_day, 0.0) / unit_days).sum()) for point in points])
    first, many = np.unique(first_day, return_counts=True)
    ahead = (points[:, None] - first) / unit_days
    times, place = np.unique(np.maximum(ahead, 0.0), return_inverse=True)
    found: Floats = (counts.mean(times)[place.reshape(ahead.shape)] * many).sum(axis=1)
    return found


def histogram(counts: Fitted | Cohorts, h: Histories, values: Floats | None = None) -> list[dict[str, Any]]:
    """How many customers bought again how often, and how many should have; None where the model does not say."""
    actual = np.bincount(np.minimum(h.x, MOST).astype(np.intp), h.counts, MOST + 1)
    expected: list[float | None] = [None] * (MOST + 1)
    if isinstance(counts, Fitted):
        times, place = (h.T, np.arange(len(h))) if values is not None else np.unique(h.T, return_inverse=True)
        many = np.bincount(place.reshape(-1), h.counts)
        none = np.zeros(times.size)
        asked = given(counts, values)
        reached = np.array([asked.at_least(y, none, none, none, times) @ many for y in range(MOST + 1)])
        expected = [float(each) for each in np.append(reached[:-1] - reached[1:], reached[-1])]
    return [{"purchases": y, "is_last": y == MOST, "actual": float(actual[y]), "expected": expected[y]} for y in range(MOST + 1)]
