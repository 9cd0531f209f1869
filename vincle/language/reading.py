"""What is found out about one text."""

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

Sentiment = Literal["", "negative", "neutral", "positive"]
SENTIMENTS: Final[tuple[Sentiment, ...]] = ("negative", "neutral", "positive")
LANGUAGES: Final = ("en", "es", "it", "ca")
"""Languages that all readers know. Others are named, and read by those readers that can."""
EMOTIONS: Final = ("joy", "love", "gratitude", "surprise", "sadness", "anger", "fear", "disgust")
INTENTS: Final = (
    "question", "complaint", "praise", "purchase_intent", "churn_threat", "suggestion", "recommendation", "contact_request", "spam",
)  # fmt: skip
Side = Literal["stated", "profile", ""]


class Clue(NamedTuple):
    """A piece of text that decided: its place in characters, what it is (`word`, `emoji`, `negated` ...), and by how much (-1 to 1)."""

    start: int
    end: int
    kind: str
    weight: float


class Aspect(NamedTuple):
    """What is judged: its canonical id (`staff`, `delivery`), the words that named it (in characters), and how (-1 to 1; 0: only named)."""

    id: str
    start: int
    end: int
    score: float


class Entity(NamedTuple):
    """A name in the text: `brand`, `product`, `place`, `person`, `hashtag`, `link`, `account`, `email`, `phone`; its canonical text."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(slots=True)
class Reading:
    """What a text says. Empty values: nothing could be said.

    `sentiment_score` -1 to 1 (strength with its sign); confidences and `urgency` 0 to 1, calibrated: of texts called .9 sure, nine in
    ten are right. `also`: other languages the text is mixed with. `terms`: key words of the text, folded, without names.
    `place_from`: whether the place was said in the text or stands in the author's profile.
    """

    language: str = ""
    language_confidence: float = 0.0
    also: tuple[str, ...] = ()
    sentiment: Sentiment = ""
    sentiment_score: float = 0.0
    sentiment_confidence: float = 0.0
    irony: float = 0.0
    clues: tuple[Clue, ...] = ()
    emotions: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    aspects: tuple[Aspect, ...] = ()
    topics: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    entities: tuple[Entity, ...] = ()
    urgency: float = 0.0
    country: str = ""
    place: str = ""
    place_from: Side = ""
