"""Churn: how likely it is that someone who did something within a year will do nothing within the next 90 days.

Learnt for each workspace from its own past by a regularised logistic regression; where there is too little, a rule by the person's own
rhythm: after twice their usual pause it is a half, after four times three quarters (1 - 2^(-silence / (2 x rhythm))).

>>> round(float(rule(numbers_of(silence=[20.0], rhythm=[10.0]))[0]), 6)
0.5
"""

from typing import Any, Final

import numpy as np

from vincle.vocabulary import Verb

from ..segments.frame import Bools, Floats, Frame, Now
from . import _learning
from ._acts import Behaviour
from ._tones import complaints
from .base import NOTHING, Found, Known, Learnt, Reason, Spec

SCORE: Final = Spec("churn", "share", 0.0, 1.0, 0.01, is_global=True, most=100_000, labels=("low", "middle", "high"))
DAYS: Final = 90.0
USUAL_PAUSE: Final = 30.0
"""Days that someone seen once is thought to stay away."""
HIGH, LOW = 0.7, 0.35
NUMBERS: Final = ("silence", "overdue", "month", "quarter", "active_days", "tenure", "purchases", "unhappy", "ours")
_PRIOR: Final = (0.3, 0.6, -0.3, -0.3, -0.2, 0.0, -0.2, 0.2, 0.0)


def compute(frame: Frame, now: Now, known: Known) -> Found:
    did = Behaviour(frame, now.micros)
    asked, numbers = _asked(did), _numbers(did)
    found = _learning.learnt(known, len(NUMBERS))
    days = did.periods(did.theirs, 1.0)
    if found is None:
        chance, confidence = rule(numbers), 0.5 * days / (days + 4)
    else:
        chance, confidence = found.chance(numbers), _learning.sure(found, numbers, float(known.learnt.get("ece", 0.0)))
    value = np.where(asked, chance, np.nan)
    means = np.asarray(known.learnt["means"]) if found else np.zeros(len(NUMBERS))

    def reasons(person: int) -> list[Reason]:
        told = _told(did, numbers[person], person)
        if found is None:
            return [Reason("rhythm", {**told("overdue"), **told("silence")}, round(float(chance[person]), 4))]
        return _learning.pushes(NUMBERS, found.weights[1:], numbers[person], means, lambda place: told(NUMBERS[place]))

    labels = ["" if np.isnan(each) else "high" if each >= HIGH else "low" if each < LOW else "middle" for each in value]
    return Found(value, np.where(asked, confidence, np.nan), lambda i: reasons(i) if asked[i] else NOTHING, labels)


def gather(frame: Frame, now: Now, known: Known) -> Floats:
    return _learning.windows(frame, now, DAYS, _asked, _numbers, lambda did: did.count(did.theirs))


def settle(rows: Floats, now: Now, known: Known) -> Learnt:
    """What is told is that nothing came: the windows say where something did."""
    turned = rows.copy()
    if len(rows):
        turned[:, 1] = 1 - rows[:, 1]
    return _learning.learn(turned, now, DAYS, _PRIOR, rule)


def _asked(did: Behaviour) -> Bools:
    found: Bools = did.since(did.theirs) < _learning.ACTIVE
    return found


def _numbers(did: Behaviour) -> Floats:
    """[k, NUMBERS], logarithms; of whom nothing is known, zeros."""
    since = did.since(did.theirs)
    there = np.isfinite(since)
    silence = np.where(there, since, 0.0)
    days = did.periods(did.theirs, 1.0)
    tenure = np.where(there, did.age(did.theirs), 0.0)
    # Pauses between the days they did something, with one usual pause as if it had been seen.
    rhythm = (tenure - silence + USUAL_PAUSE) / np.maximum(days, 1)
    unhappy = did.recent(did.tone("negative") | complaints(did), 60.0)
    sent = did.count(did.ours & (did.days < DAYS))
    columns = (
        silence, silence / np.maximum(rhythm, 0.5), did.count(did.within(30)), did.count(did.within(90)), days, tenure,
        did.count(did.verb(Verb.PURCHASE)), unhappy, sent,
    )  # fmt: skip
    numbers: Floats = np.log1p(np.column_stack(columns))
    return numbers


def numbers_of(silence: list[float], rhythm: list[float]) -> Floats:
    """Numbers of which only these are told, for the rule alone."""
    found = np.zeros((len(silence), len(NUMBERS)))
    found[:, 0], found[:, 1] = np.log1p(silence), np.log1p(np.asarray(silence) / np.asarray(rhythm))
    return found


def rule(numbers: Floats) -> Floats:
    """Chances by how many of their usual pauses they have been silent."""
    found: Floats = 1 - np.exp2(-np.expm1(numbers[:, 1]) / 2)
    return found


def _told(did: Behaviour, numbers: Floats, person: int) -> Any:
    plain = np.expm1(numbers)

    def told(name: str) -> dict[str, Any]:
        number = float(plain[NUMBERS.index(name)])
        if name == "silence":
            return {"at": int(_last(did, person))}
        if name == "overdue":
            return {"times": round(number, 1), "days": round(float(plain[0]) / number, 1)} if number > 0 else {"times": 0.0, "days": 0.0}
        return {"count": round(number, 1) if name == "unhappy" else round(number)}

    return told


def _last(did: Behaviour, person: int) -> int:
    acts = did.frame.acts
    here = slice(int(acts.start[person]), int(acts.start[person + 1]))
    chosen = acts.at[here][did.theirs[here]]
    return int(chosen.max()) if chosen.size else 0
