"""How soon an answer is needed: words of haste, harm, lock-out, repetition and law, weighed with what the writer wants."""

from collections.abc import Sequence
from typing import ClassVar, Final

from ._spoken import hits, matches, spoken
from .base import Context
from .page import STOP, Page

_INTENTS: Final = {"complaint": 0.2, "churn_threat": 0.3, "contact_request": 0.2, "question": 0.1}
_CALM: Final = 0.35
"""What the words count for in a text that wants nothing from anyone: news speak of accidents, too."""
_GLAD: Final = 0.3


class UrgencyReader:
    """Reasons add up as chances do: 1 - (1 - a)(1 - b)..., so many small ones never pass 1."""

    id: ClassVar[str] = "urgency"
    version: ClassVar[int] = 1
    fills: ClassVar[frozenset[str]] = frozenset({"urgency"})
    after: ClassVar[tuple[str, ...]] = ("tongue", "sentiment", "intents")

    def read(self, pages: Sequence[Page], context: Context) -> None:
        for page in pages:
            page.reading.urgency = _urgency(page)


def _urgency(page: Page) -> float:
    reading = page.reading
    if "spam" in reading.intents:
        return 0.0
    calm, said = 1.0, _said(page)
    wants = [_INTENTS[intent] for intent in reading.intents if intent in _INTENTS]
    factor = 1.0 if wants else _CALM
    if reading.sentiment_score > _GLAD and "complaint" not in reading.intents:
        factor *= 0.3
    for weight in said.values():
        calm *= 1 - weight * factor
    for weight in wants:
        calm *= 1 - weight * (0.5 if reading.sentiment_score > _GLAD else 1.0)
    if wants or said:
        if any(kind == STOP and token.count("!") > 1 for token, kind in zip(page.tokens, page.kinds, strict=True)):
            calm *= 0.92
        if reading.sentiment_score < -0.5:
            calm *= 0.92
    return round(1 - calm, 3)


def _said(page: Page) -> dict[str, float]:
    """Kinds of reasons named, each once."""
    found: dict[str, float] = {}
    for _, _, (kind, weight, *_) in matches(page.folded, hits(spoken(page, "urgency"), "urgency")):
        found[kind] = max(found.get(kind, 0.0), float(weight))
    return found


reader = UrgencyReader()
