"""What people wrote in their own words: by topic, with how they sound, and quotations. Pure but for the readers' own lexicons."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from vincle.language.page import Page
from vincle.language.reading import Reading
from vincle.language.registry import understand

from .columns import Column
from .frame import Frame, Row

MOST_READ: Final = 1_500
"""The newest so many texts of a question are read for its topics."""
QUOTED: Final = 3


@dataclass(frozen=True)
class Said:
    row: Row
    text: str
    reading: Reading


@dataclass
class Topic:
    """`key`: id of a topic of the readers, "" for the rest."""

    key: str
    n: int = 0
    negative: int = 0
    neutral: int = 0
    positive: int = 0
    quotes: list[Said] = field(default_factory=list)


@dataclass(frozen=True)
class Open:
    """One open question; `is_hidden`: too few answered to show anybody's words."""

    column: Column
    n: int
    is_hidden: bool
    topics: list[Topic]
    tone: Counter[str]


def spoken(frame: Frame, column: Column) -> list[Said]:
    """What was written, newest first, with what it says."""
    texts = [(row, str(text).strip()) for row, text in zip(frame.rows, frame.values(column), strict=True) if str(text or "").strip()]
    texts = texts[-MOST_READ:][::-1]
    different = list(dict.fromkeys(text for _row, text in texts))
    read = dict(zip(different, understand([Page(text) for text in different]), strict=True))
    return [Said(row, text, read[text]) for row, text in texts]


def opened(frame: Frame) -> list[Open]:
    """Of all open questions but those for names and addresses."""
    found = []
    for column in frame.columns:
        if column.kind == "text" and not column.is_personal:
            n = sum(bool(str(each or "").strip()) for each in frame.values(column))
            if n:
                found.append(_opened(frame, column, n))
    return found


def _opened(frame: Frame, column: Column, n: int) -> Open:
    if not frame.may_show(n):
        return Open(column, n, True, [], Counter())
    topics: dict[str, Topic] = {}
    tone: Counter[str] = Counter()
    for said in spoken(frame, column):
        mood = said.reading.sentiment or "neutral"
        tone[mood] += 1
        for key in said.reading.topics[:3] or ("",):
            topic = topics.setdefault(key, Topic(key))
            topic.n += 1
            setattr(topic, mood, getattr(topic, mood, 0) + 1)
            topic.quotes.append(said)
    for topic in topics.values():
        topic.quotes = _telling(topic.quotes)
    return Open(column, n, False, sorted(topics.values(), key=lambda each: (not each.key, -each.n)), tone)


def _telling(quotes: list[Said]) -> list[Said]:
    """The clearest words: of some length, sure in their tone, no two alike."""
    best: list[Said] = []
    for said in sorted(quotes, key=lambda each: (not 20 <= len(each.text) <= 280, -abs(each.reading.sentiment_score))):
        if len(best) < QUOTED and all(said.text.casefold() != other.text.casefold() for other in best):
            best.append(said)
    return best
