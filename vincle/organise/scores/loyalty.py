"""Loyalty, 0 to 100: someone keeps coming back, and means it. The geometric mean of behaviour and attitude.

Behaviour: in how many of the last twelve stretches of 30 days (of those since they are known, three at least) they did something, and
how often they bought: 1 - (1 - steadiness) * (1 - n / (n + 3)). Attitude: the tone of what they said and showed, drawn to the middle.
Source: A. S. Dick and K. Basu, Customer loyalty: toward an integrated conceptual framework, JAMS 22 (1994), 99-113, whose four kinds are
the labels: loyal, habit (their spurious), latent, none.
"""

from typing import Final

import numpy as np

from vincle.vocabulary import Verb

from ..segments.frame import Floats, Frame, Now
from . import _tones
from ._acts import Behaviour, fading
from .base import NOTHING, Found, Known, Reason, Spec, strongest

SCORE: Final = Spec("loyalty", "points", 0.0, 100.0, 1.0, labels=("loyal", "habit", "latent", "none"))
STRETCH, STRETCHES, FEWEST = 30.0, 12, 3
HALF: Final = 365.0
OFTEN: Final = 3.0
BESIDE: Final = 2.0
MUCH, FOND = 0.5, 0.6


def compute(frame: Frame, now: Now, known: Known) -> Found:
    did = Behaviour(frame, now.micros)
    days = did.periods(did.theirs, 1.0)
    there = days >= 2
    active, possible = _steady(did)
    bought, orders = did.recent(did.verb(Verb.PURCHASE), HALF), did.count(did.verb(Verb.PURCHASE))
    steadiness, repeats = active / possible, bought / (bought + OFTEN)
    behaviour = 1 - (1 - steadiness) * (1 - repeats)
    attitude, weight = _attitude(did)
    value = np.where(there, 100 * np.sqrt(behaviour * attitude), np.nan)
    confidence = np.where(there, days / (days + 5) * (0.5 + 0.5 * weight / (weight + BESIDE)), np.nan)
    labels = [_label(*each) for each in zip(there, behaviour, attitude, weight, strict=True)]

    def reasons(i: int) -> list[Reason]:
        found = [
            Reason("steady", {"count": int(active[i]), "of": int(possible[i])}, round(float(steadiness[i] - 0.5), 4)),
            Reason("attitude", {"tone": round(float(2 * attitude[i] - 1), 2)}, round(float(attitude[i] - 0.5), 4))
            if weight[i] else Reason("attitude_unknown", {}, 0.0),
        ]  # fmt: skip
        count = int(orders[i])
        return strongest([*found, *([Reason("bought", {"count": count}, round(float(repeats[i]), 4))] if count else [])])

    return Found(value, confidence, lambda i: reasons(i) if there[i] else NOTHING, labels)


def _steady(did: Behaviour) -> tuple[Floats, Floats]:
    """Stretches in which they did something, and how many there were since they are known."""
    age = np.maximum(did.age(did.theirs), 0.0)
    possible = np.clip(np.floor(age / STRETCH) + 1, FEWEST, STRETCHES)
    return did.periods(did.theirs, STRETCH, STRETCH * STRETCHES), possible


def _attitude(did: Behaviour) -> tuple[Floats, Floats]:
    """0 to 1, a half where nothing tells; and how much tells. That they bought is behaviour, not attitude."""
    tone, weight = _tones.shown(did)
    heavy = np.where(did.verb(Verb.PURCHASE), 0.0, weight) * fading(did.days, HALF)
    total = did.sum(did.theirs, heavy)
    return (1 + did.sum(did.theirs, heavy * tone) / (total + BESIDE)) / 2, total


def _label(there: bool, behaviour: float, attitude: float, weight: float) -> str:
    if not there or not weight:
        return ""
    much, fond = behaviour >= MUCH, attitude >= FOND
    return ("loyal" if fond else "habit") if much else ("latent" if fond else "none")
