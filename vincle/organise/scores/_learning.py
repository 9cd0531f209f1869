"""Learning a chance from what came of people like that, on windows of the past, measured on people it never saw.

Rows: [person, 1 if it came, numbers ...], of one or more windows a person. A quarter of the people, by their id, are held out of the
learning and only measured on. What was learnt is used if there was enough of it, and if it tells the held-out ones' fate better than
the rule and than the same chance for everybody.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from scipy.special import expit

from vincle.science.calibration import Calibration, calibration
from vincle.science.logistic import Logistic, fit

from ..segments.frame import Bools, Floats, Frame, Now
from ._acts import DAY, Behaviour
from .base import Known, Learnt, Reason, strongest

ROWS, EACH = 200, 30
HELD_ROWS, HELD_EACH = 60, 10
RIDGE: Final = 4.0
WINDOWS: Final = 4
ACTIVE: Final = 365.0
"""Whoever did nothing for so many days is not asked about any more: nothing is known of them."""

Features = Callable[[Behaviour], Floats]


def held_out(ids: Floats) -> Bools:
    """A quarter of the people, the same ones every time."""
    mixed = ids.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    found: Bools = (mixed >> np.uint64(62)) == 0
    return found


def windows(frame: Frame, now: Now, days: float, asked: Callable[[Behaviour], Bools], numbers: Features, came: Features) -> Floats:
    """Rows of the last windows of `days`: who was asked about at its beginning, what was known then, and what came of it until its end."""
    parts = []
    for back in range(1, WINDOWS + 1):
        then = Behaviour(frame, now.micros - int(back * days * DAY))
        until = Behaviour(frame, now.micros - int((back - 1) * days * DAY))
        chosen = asked(then)
        # Until then less before it: what came within the window.
        outcome = (came(until) - came(then) > 0).astype(np.float64)
        rows = np.column_stack((frame.ids.astype(np.float64), outcome, numbers(then)))
        parts.append(rows[chosen])
    return np.concatenate(parts)


def learn(rows: Floats, now: Now, days: float, prior: Sequence[float], rule: Callable[[Floats], Floats]) -> Learnt:
    """`prior`: weights that are believed as long as there is little; `rule(numbers)`: chances where nothing was learnt."""
    quality: dict[str, Any] = {"state": "rule", "days": days, "rows": len(rows)}
    if not len(rows):
        return Learnt({}, {**quality, "why": "nothing", "people": 0, "came": 0})
    rows = rows[np.lexsort(rows[:, ::-1].T)]
    ids, came, numbers = rows[:, 0], rows[:, 1], rows[:, 2:]
    out = held_out(ids)
    quality |= {"people": len(np.unique(ids)), "came": int(came.sum()), "held_out": int(out.sum())}
    if not _enough(came[~out], ROWS, EACH) or not _enough(came[out], HELD_ROWS, HELD_EACH):
        return Learnt({}, {**quality, "why": "few"})
    by_rule = calibration(rule(numbers[out]), came[out])
    found = fit(numbers[~out], came[~out], RIDGE, prior)
    learnt = calibration(found.chance(numbers[out]), came[out])
    if learnt.skill <= max(0.0, by_rule.skill):
        return Learnt({}, {**quality, **_told(by_rule), "why": "no better"})
    model = {"fit": found.kept(), "means": numbers[~out].mean(0).tolist(), "ece": learnt.ece, "names": numbers.shape[1]}
    return Learnt(model, {**quality, **_told(learnt), "state": "learnt", "rule_skill": _round(by_rule.skill)})


def _enough(came: Floats, rows: int, each: int) -> bool:
    return len(came) >= rows and each <= came.sum() <= len(came) - each


def _told(found: Calibration) -> dict[str, Any]:
    named = {name: _round(getattr(found, name)) for name in ("share", "brier", "skill", "ece", "auc")}
    return {**named, "bins": [[each.people, *map(_round, each[1:])] for each in found.bins]}


def _round(value: float) -> float:
    return round(float(value), 5)


def learnt(known: Known, count: int) -> Logistic | None:
    """What was learnt, when it was learnt of as many numbers; else None."""
    try:
        found = Logistic.of(known.learnt["fit"])
    except (KeyError, ValueError):
        return None
    return found if found.weights.size == count + 1 and len(known.learnt.get("means", ())) == count else None


def sure(found: Logistic, numbers: Floats, ece: float) -> Floats:
    """1 less the width of the 95 % interval of each chance, less how far chances were off in the mean."""
    low, high = found.bounds(numbers)
    return np.clip(1 - (high - low) - ece, 0.05, 1.0)


def ruled(base: float, weights: Sequence[float]) -> Callable[[Floats], Floats]:
    """A rule as chances: log odds of `base`, and so much more for each of the numbers."""

    def chances(numbers: Floats) -> Floats:
        found: Floats = expit(base + numbers @ np.asarray(weights, np.float64))
        return found

    return chances


def pushes(codes: Sequence[str], weights: Floats, numbers: Floats, means: Floats, values: Callable[[int], dict[str, Any]]) -> list[Reason]:
    """Why someone's chance is not the usual one: what each number adds to the log odds against the mean of all.

    `values(place)`: what is told of the number at that place; nothing told: it is no reason.
    """
    push = weights * (numbers - means)
    told = [Reason(code, values(place), round(float(push[place]), 4)) for place, code in enumerate(codes) if abs(push[place]) >= 0.05]
    return strongest([each for each in told if each.values], 4)
