"""Completeness: how much of what one would like to know of someone is known, 0 to 1, and what to ask next.

Each thing weighs as much as it helps: an address that may be written to most, a birthday least. It says nothing of whether it is true.
"""

from typing import Final

import numpy as np

from ..segments.frame import Floats, Frame, Now
from .base import Found, Known, Reason, Spec

WEIGHTS: Final = {
    "email": 3.0, "consent": 2.0, "name": 2.0, "phone": 2.0, "city": 1.0, "country": 1.0, "language": 1.0, "birthday": 1.0,
}  # fmt: skip
"""In the order in which one asks."""
SCORE: Final = Spec(
    "completeness", "share", 0.0, 1.0, 0.001, traits=frozenset(WEIGHTS) - {"consent"}, consents=True, labels=("little", "some", "full")
)
SOME, FULL = 0.35, 0.8


def compute(frame: Frame, now: Now, known: Known) -> Found:
    count = len(frame.ids)
    there = {name: _there(frame, name, count) for name in WEIGHTS}
    value = sum((weight * there[name] for name, weight in WEIGHTS.items()), np.zeros(count)) / sum(WEIGHTS.values())

    def reasons(i: int) -> list[Reason]:
        whole = sum(WEIGHTS.values())
        has = [Reason("has", {"field": name}, round(weight / whole, 4)) for name, weight in WEIGHTS.items() if there[name][i]]
        lacks = [Reason("ask", {"field": name}, round(-weight / whole, 4)) for name, weight in WEIGHTS.items() if not there[name][i]]
        return [*lacks, *has]

    labels = ["full" if each >= FULL else "some" if each >= SOME else "little" for each in value]
    return Found(value, np.ones(count), reasons, labels)


def _there(frame: Frame, name: str, count: int) -> Floats:
    """Whether each has it: of a consent, whether one was ever given or refused for e-mail."""
    values = frame.consents.get(("email", "marketing"), ()) if name == "consent" else frame.traits.get(name, ())
    if len(values) != count:
        return np.zeros(count)
    return np.fromiter((each is not None and each != "" for each in values), np.float64, count)
