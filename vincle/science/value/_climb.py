"""The top of a likelihood, with its curvature there: first by a part of the rows, then by all of them."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .histories import Floats

Slope = Callable[[Floats], tuple[float, Floats]]
"""From a place to the value to be made least and its gradient."""
REACH: Final = 12.0
"""How far a log parameter may go from where it began: a factor of 160,000."""
NEAR: Final = 1e-9
"""Done when a step would change the value by less."""
ROUNDS: Final = 200
AGAIN: Final = 3
"""Steps after which the curvature is looked at anew."""
_EVEN: Final = 1e-4


class Top(NamedTuple):
    """`covariance`: None where the data do not say enough (flat, or at the edge of what is looked at)."""

    place: Floats
    value: float
    covariance: Floats | None


def climb(all_rows: Slope, some_rows: Slope | None, starts: list[Floats]) -> Top:
    """`some_rows`: of a part of the rows, weighed as if they were all; None where all are few."""
    rough = some_rows or all_rows
    low, high = starts[0] - REACH, starts[0] + REACH
    place = min((_walk(rough, start, None, low, high) for start in starts), key=lambda each: each[1])[0]
    if some_rows is not None:
        place = _walk(all_rows, place, curvature(some_rows, place), low, high)[0]
    free = (place > low + 1e-6) & (place < high - 1e-6)
    return Top(place, all_rows(place)[0], _inverse(curvature(all_rows, place), free))


def curvature(slope: Slope, place: Floats, step: float = _EVEN) -> Floats:
    """The second derivatives: differences of the exact first ones."""
    rows = []
    for at in range(place.size):
        aside = np.zeros(place.size)
        aside[at] = step
        rows.append((slope(place + aside)[1] - slope(place - aside)[1]) / (2 * step))
    found = np.asarray(rows)
    return (found + found.T) / 2


def _walk(slope: Slope, place: Floats, bend: Floats | None, low: Floats, high: Floats) -> tuple[Floats, float, Floats]:
    """Newton's steps, halved while they lead up. The curvature is looked at anew now and then where none is given, and learns on the way
    (BFGS). (place, value, curvature)"""
    value, steep = slope(place)
    fresh = bend is None
    known = curvature(slope, place) if bend is None else bend
    for turn in range(1, ROUNDS):
        held = ((place <= low) & (steep > 0)) | ((place >= high) & (steep < 0))
        step = _newton(known, steep, held)
        if -float(step @ steep) < NEAR:
            break
        there, at, its = _forward(slope, place, step, value, steep, low, high)
        if at >= value:
            break
        known = curvature(slope, there) if fresh and turn % AGAIN == 0 else _learnt(known, there - place, its - steep)
        place, value, steep = there, at, its
    return place, value, known


def _forward(
    slope: Slope, place: Floats, step: Floats, value: float, steep: Floats, low: Floats, high: Floats
) -> tuple[Floats, float, Floats]:
    for _ in range(30):
        there = np.clip(place + step, low, high)
        at, its = slope(there)
        if at <= value + 1e-4 * float(step @ steep):
            return there, at, its
        step = step / 2
    return place, value, steep


def _newton(bend: Floats, steep: Floats, held: NDArray[np.bool_]) -> Floats:
    values, vectors = np.linalg.eigh(np.where(np.outer(~held, ~held), bend, np.diag(np.diag(np.abs(bend)) + 1e-12)))
    steep = np.where(held, 0.0, steep)
    safe = np.maximum(np.abs(values), 1e-8 * max(float(np.abs(values).max()), 1e-8))
    step = -vectors @ ((vectors.T @ steep) / safe)
    found: Floats = step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
    return found


def _learnt(bend: Floats, moved: Floats, change: Floats) -> Floats:
    along = float(moved @ change)
    if along <= 1e-12 * float(np.linalg.norm(moved) * np.linalg.norm(change)):
        return bend
    pushed = bend @ moved
    across = float(moved @ pushed)
    if across <= 0:
        return bend
    found: Floats = bend - np.outer(pushed, pushed) / across + np.outer(change, change) / along
    return found


def _inverse(bend: Floats, free: NDArray[np.bool_]) -> Floats | None:
    values = np.linalg.eigvalsh(bend)
    if not free.all() or not np.isfinite(bend).all() or values[0] <= 1e-9 * values[-1]:
        return None
    return np.asarray(np.linalg.inv(bend), np.float64)
