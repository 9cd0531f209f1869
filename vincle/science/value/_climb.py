"""The top of a likelihood, with its curvature there: first by a part of the rows, then by all of them."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from .histories import Floats

Slope = Callable[[Floats], tuple[float, Floats]]
"""From a place to the value to be made least and its gradient."""
REACH: Final = 12.0
"""How far a log parameter may go from where it began: a factor of 160,000."""
NEAR: Final = 1e-9
"""Done when a step would change the value by less."""
ROUNDS: Final = 100
_EVEN: Final = 1e-4


class Top(NamedTuple):
    """`covariance`: None where the data do not say enough (flat, or at the edge of what is looked at)."""

    place: Floats
    value: float
    covariance: Floats | None


def climb(all_rows: Slope, some_rows: Slope | None, starts: list[Floats]) -> Top:
    """`some_rows`: of a part of the rows, weighed as if they were all; None where all are few."""
    rough = some_rows or all_rows
    tries = [_roughly(rough, start) for start in starts]
    place = min(tries, key=lambda each: each[1])[0]
    low, high = starts[0] - REACH, starts[0] + REACH
    place, value = _exactly(all_rows, place, curvature(rough, place), low, high)
    free = (place > low + 1e-6) & (place < high - 1e-6)
    return Top(place, value, _inverse(curvature(all_rows, place), free))


def _roughly(slope: Slope, start: Floats) -> tuple[Floats, float]:
    value = abs(slope(start)[0]) or 1.0

    def scaled(place: Floats) -> tuple[float, Floats]:
        at, steep = slope(place)
        return at / value, steep / value

    bounds = list(zip(start - REACH, start + REACH, strict=True))
    found = minimize(scaled, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500, "ftol": 1e-12, "gtol": 1e-9})
    return np.asarray(found.x, np.float64), float(found.fun)


def curvature(slope: Slope, place: Floats, step: float = _EVEN) -> Floats:
    """The second derivatives: differences of the exact first ones."""
    rows = []
    for at in range(place.size):
        aside = np.zeros(place.size)
        aside[at] = step
        rows.append((slope(place + aside)[1] - slope(place - aside)[1]) / (2 * step))
    found = np.asarray(rows)
    return (found + found.T) / 2


def _exactly(slope: Slope, place: Floats, bend: Floats, low: Floats, high: Floats) -> tuple[Floats, float]:
    """Newton's steps with a curvature that learns on the way (BFGS), halved while they lead up."""
    value, steep = slope(place)
    for _ in range(ROUNDS):
        held = ((place <= low) & (steep > 0)) | ((place >= high) & (steep < 0))
        step = _newton(bend, steep, held)
        if -float(step @ steep) < NEAR:
            break
        for _ in range(30):
            there = np.clip(place + step, low, high)
            at, its = slope(there)
            if at <= value + 1e-4 * float(step @ steep):
                break
            step = step / 2
        else:
            break
        bend = _learnt(bend, there - place, its - steep)
        place, value, steep = there, at, its
    return place, value


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
