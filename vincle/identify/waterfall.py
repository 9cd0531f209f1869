"""The evidence for one person as a waterfall: from the odds of two at random, piece by piece, to the probability."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from vincle.web.tags.formats import percent

from .wording import words

PROBABLE = "probable"
Entries = Iterable[Mapping[str, Any]]


class Step(NamedTuple):
    """One piece: what it says, its weight (log2 of how much likelier for one person), and where its bar begins and ends."""

    text: str
    weight: float
    start: float
    end: float
    tone: str

    @property
    def so_far(self) -> str:
        """The probability after this piece, in words."""
        return in_words(probability_of(self.end))


class Waterfall(NamedTuple):
    """All pieces in order; `low` and `high` bound the bars, `total` is the log2 of the odds."""

    steps: list[Step]
    low: float
    high: float
    total: float
    probability: float

    @property
    def sure(self) -> str:
        return in_words(self.probability)


def in_words(probability: float) -> str:
    """A probability as it is shown: never more certain than it is ("> 99.9 %", not "100.0 %")."""
    if 0.999 < probability < 1 and round(probability, 3) >= 1:
        return "> " + percent(0.999, 1)
    if 0 < probability < 0.0005:
        return "< " + percent(0.001, 1)
    return percent(probability, 1)


def probability_of(weight: float) -> float:
    """The probability of log2 odds.

    >>> probability_of(0)
    0.5
    """
    if weight > 1000 or weight < -1000:
        return 1.0 if weight > 0 else 0.0
    return float(1 / (1 + 2.0**-weight))


def waterfall(evidence: Entries) -> Waterfall | None:
    """That of the last probable entry of a case or a link; None when there is none or it cannot be read."""
    entry = next((each for each in reversed(list(evidence)) if each.get("evidence") == PROBABLE), None)
    return of(entry.get("prior"), entry.get("steps") or ()) if entry else None


def of(prior: Any, given: Sequence[Mapping[str, Any]]) -> Waterfall | None:
    """From the prior (log2 odds) and steps {"matcher", "level", "weight", "code", "values"}: what speaks for it first, by weight."""
    if not isinstance(prior, int | float):
        return None
    pieces = [(_said(step), float(step["weight"])) for step in given if isinstance(step.get("weight"), int | float)]
    pieces.sort(key=lambda piece: -piece[1])
    steps = [Step(_("Two people at random"), float(prior), 0.0, float(prior), "neu")]
    at = float(prior)
    for text, weight in pieces:
        steps.append(Step(text, weight, at, at + weight, "pos" if weight > 0 else "neg" if weight < 0 else "neu"))
        at += weight
    edges = [edge for step in steps for edge in (step.start, step.end)]
    return Waterfall(steps, min(edges), max(edges), at, probability_of(at))


def _said(step: Mapping[str, Any]) -> str:
    values = step.get("values")
    return words(str(step.get("code", "")), values if isinstance(values, Mapping) else {})


def summary(evidence: Entries, most: int = 3) -> str:
    """The heaviest pieces in one line, for lists."""
    found = waterfall(evidence)
    if found is None:
        return ""
    heaviest = sorted(found.steps[1:], key=lambda step: -abs(step.weight))[:most]
    return " · ".join(step.text for step in heaviest)
