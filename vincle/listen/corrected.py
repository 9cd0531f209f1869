"""What someone of the team says a text says, put into what was read of it. Pure."""

from collections.abc import Iterator
from typing import Final

from vincle.language.reading import INTENTS, SENTIMENTS, Aspect, Reading

LEAST: Final = 0.4
"""Strength of a sentiment whose sign a person has set, where what was read points elsewhere."""

SURE: Final = 1.0
MOST_ASPECTS: Final = 12
_LONGEST: Final = 40


def corrected(reading: Reading, field: str, now: str) -> None:
    """Put a correction (as `Correction.now` holds it) into a reading.

    >>> reading = Reading(sentiment="positive", sentiment_score=0.8, irony=0.5)
    >>> corrected(reading, "sentiment", "negative")
    >>> reading.sentiment, reading.sentiment_score, reading.sentiment_confidence
    ('negative', -0.4, 1.0)
    """
    if field == "sentiment":
        sign = SENTIMENTS.index(now) - 1
        agrees = reading.sentiment_score * sign > 0
        reading.sentiment_score = reading.sentiment_score if agrees else sign * LEAST
        reading.sentiment, reading.sentiment_confidence = SENTIMENTS[sign + 1], SURE
    elif field == "language":
        reading.language, reading.language_confidence = now, SURE
    elif field == "intents":
        reading.intents = tuple(filter(None, now.split("|")))
    elif field == "aspects":
        reading.aspects = tuple(Aspect(name, 0, 0, score) for name, score in aspects(now))


def aspects(labels: str) -> Iterator[tuple[str, float]]:
    """
    >>> list(aspects("staff:-0.80|coffee:0.62"))
    [('staff', -0.8), ('coffee', 0.62)]
    """
    for label in filter(None, labels.split("|")):
        name, _, score = label.rpartition(":")
        yield name, float(score)


def problem(field: str, now: str) -> str:
    """Why this cannot be a correction ("" when it can): `field`, `value`."""
    if field == "sentiment":
        return "" if now in SENTIMENTS else "value"
    if field == "language":
        return "" if 2 <= len(now) <= 3 and now.isascii() and now.isalpha() and now.islower() else "value"
    if field == "intents":
        return "" if set(filter(None, now.split("|"))) <= set(INTENTS) else "value"
    if field == "aspects":
        return "" if _are_aspects(now) else "value"
    return "field"


def _are_aspects(labels: str) -> bool:
    try:
        found = list(aspects(labels))
    except ValueError:
        return False
    names = [name for name, _ in found]
    words = all(name and len(name) <= _LONGEST and name.replace("_", "").isalnum() for name in names)
    return words and len(set(names)) == len(names) <= MOST_ASPECTS and all(-1 <= score <= 1 for _, score in found)
