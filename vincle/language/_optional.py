"""What optional readers share: whom they leave alone, how a judgement is written over what was found, how a classifier's answer is read."""

from collections.abc import Mapping, Sequence
from math import exp
from typing import Final

from .base import Context, Judge, Judgement, OptionalReader
from .page import Page, fold
from .reading import SENTIMENTS, Sentiment

LONGEST: Final = 4_000
"""Characters of a text that are judged."""
_FAINT, _NEUTRAL = 0.05, 0.25
_SIDES: Final[Mapping[str, Sentiment]] = {
    "negative": "negative", "neg": "negative", "neutral": "neutral", "neu": "neutral",
    "mixed": "neutral", "positive": "positive", "pos": "positive", "very negative": "negative",
    "very positive": "positive", "1 star": "negative", "2 stars": "negative", "3 stars": "neutral", "4 stars": "positive",
    "5 stars": "positive",
}  # fmt: skip
"""What published models call their classes."""


def is_open(page: Page) -> bool:
    """Whether a text's words alone tell what it says: marks and reactions given with a text weigh more than any model's opinion of it."""
    return bool(page.tokens) and page.rating is None and not page.reaction


def words_of(page: Page) -> str:
    """What of a text is judged; "" where it is not open."""
    return clean(page.text) if is_open(page) else ""


def clean(text: str) -> str:
    """As much of a text as is judged, without what no encoding knows."""
    return text[:LONGEST].encode("utf-8", "replace").decode()


def read(reader: OptionalReader, pages: Sequence[Page], context: Context) -> None:
    """Let the judge of a reader say what it thinks of those pages that are open to it."""
    judge: Judge | None = context.judges.get(reader.id)
    open_ones = [page for page in pages if reader.said(page)] if judge is not None else []
    if judge is None or not open_ones:
        return
    for page, found in zip(open_ones, judge(open_ones), strict=True):
        if found is not None and found.sentiment:
            _write(page, found)


def _write(page: Page, found: Judgement) -> None:
    reading = page.reading
    reading.sentiment, reading.sentiment_score, reading.sentiment_confidence = found.sentiment, found.score, found.confidence
    if found.irony is not None:
        reading.irony = found.irony
    if found.emotions is not None:
        reading.emotions = found.emotions
    if found.intents is not None:
        reading.intents = found.intents


def sides(labels: Mapping[int, str]) -> tuple[Sentiment, ...] | None:
    """The sentiment of each class of a model, by what the model calls them; None where that cannot be told.

    >>> sides({0: "NEG", 1: "NEU", 2: "POS"}), sides({0: "cat", 1: "dog"})
    (('negative', 'neutral', 'positive'), None)
    """
    found = [_SIDES.get(" ".join(fold(labels.get(place, "")).replace("_", " ").split()), "") for place in range(len(labels))]
    return tuple(found) if {"negative", "positive"} <= set(found) and all(found) else None


def judged(outcome: Sequence[float], classes: Sequence[Sentiment]) -> Judgement:
    """A judgement from what a classifier says of its classes (logits).

    >>> judged([0.0, 0.0, 3.0], ("negative", "neutral", "positive"))
    Judgement(sentiment='positive', score=0.8642, confidence=0.9094, irony=None, emotions=None, intents=None)
    """
    highest = max(outcome)
    parts = [exp(each - highest) for each in outcome]
    shares = dict.fromkeys(SENTIMENTS, 0.0)
    for side, part in zip(classes, parts, strict=True):
        if side:
            shares[side] += part / sum(parts)
    sentiment = max(SENTIMENTS, key=lambda side: shares[side])
    score = shares["positive"] - shares["negative"]
    return Judgement(sentiment, round(bounded(sentiment, score), 4), round(shares[sentiment], 4))


def bounded(sentiment: Sentiment, score: float) -> float:
    """A score that agrees with its sentiment, as those of our own reader do."""
    if sentiment == "positive":
        return max(score, _FAINT)
    return min(score, -_FAINT) if sentiment == "negative" else min(max(score, -_NEUTRAL), _NEUTRAL)
