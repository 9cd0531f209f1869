"""What a whole text does to the signs in it: mock praise, thanks that only greet, what was once and is no more."""

from collections.abc import Sequence
from typing import Final

from ._function_words import (
    AGAIN,
    AHEAD,
    BEFORE,
    COURTESY,
    HERE,
    LIKE,
    NOBODY,
    NOWADAYS,
    REASONS,
    SPANS,
    THANKS,
    WISHED,
)  # fmt: skip
from .page import NUMBER, SIGN, STOP, Page

COUNTS: Final = 0.4
"""From this strength on a sign is one that says something by itself."""
MOCKED: Final = 0.5
_MOCK, _BLAME, _FAINT, _PRAISE = -0.4, -1.2, 0.6, 1.2
_GREETING: Final = 0.1
_DECLINE: Final = -1.3
_ONCE, _QUOTED, _NONE_LIKE = 0.3, 0.35, 1.8
_EARLY, _SPAN, _TITLE = 4, 9, 9
_QUOTES: Final = frozenset('"«»“”')
_WISHING: Final = frozenset({*WISHED, *NOBODY})


class Hit:
    """A sign found: tokens `start` to before `end`, its value (-4 to 4 and beyond), and its kind as in `Clue`."""

    __slots__ = ("end", "kind", "start", "value")

    def __init__(self, start: int, end: int, value: float, kind: str) -> None:
        self.start, self.end, self.value, self.kind = start, end, value, kind


def judge(page: Page, hits: list[Hit]) -> None:
    """All of the below that holds whatever else is said."""
    turned(page, hits)
    wished(page, hits)
    if hits:
        titles(page, hits)
        clapped(page, hits)


def mocks(page: Page, hits: list[Hit]) -> bool:
    """Whether bare praise comes first and then what is bad (Great, it broke), a wait or a `once more`: praise meant the other way, most
    likely. It is turned."""
    if not hits or hits[0].kind != "word" or hits[0].value < _PRAISE or hits[0].start >= _EARLY:
        return False
    first, others = hits[0], hits[1:]
    if any(hit.value >= _FAINT and hit.kind != "emoji" for hit in others) or not _bare(page, first):
        return False
    if min((hit.value for hit in others), default=0.0) > _BLAME and not _once_more(page, first):
        return False
    first.value, first.kind = first.value * _MOCK, "irony"
    return True


def _bare(page: Page, first: Hit) -> bool:
    """Whether praise stands alone (Great, ...), or is a thank-you or congratulation."""
    alone = first.end < len(page.kinds) and page.kinds[first.end] in (STOP, SIGN) and page.tokens[first.end] != "!"
    return alone or page.folded[first.start] in THANKS


def _once_more(page: Page, first: Hit) -> bool:
    """Whether bare praise is for its being so again (Lovely, another delay), or thanks are for a time (thanks for the two hours)."""
    after = page.folded[first.end : first.end + _SPAN]
    if not after:
        return False
    if page.tokens[first.end] == ",":
        return not AGAIN.isdisjoint(after[:5])
    return after[0] in REASONS and not SPANS.isdisjoint(after) and NUMBER not in page.kinds[first.end : first.end + 2]


def courteous(page: Page, hits: list[Hit]) -> None:
    """Greetings, thanks and farewells of a text that asks say nothing of what it asks for, unless something else is good in it."""
    polite = [hit for hit in hits if hit.kind == "word" and _greets(page, hit)]
    if any(hit.value >= 1 and hit not in polite for hit in hits):
        return
    for hit in polite:
        hit.value *= _GREETING


def _greets(page: Page, hit: Hit) -> bool:
    folded = page.folded
    if hit.value <= 0 or folded[hit.start] not in COURTESY:
        return False
    has_reason = hit.end < len(folded) and folded[hit.end] in REASONS
    return not has_reason or not AHEAD.isdisjoint(folded[hit.end : hit.end + 3])


def turned(page: Page, hits: list[Hit]) -> None:
    """Once so, now so (the bread used to last, now it is a stone): what is now counts; where nothing is said of it by signs, things have
    grown worse."""
    folded = page.folded
    if BEFORE.isdisjoint(folded[:_EARLY]):
        return
    now = next((at for at, word in enumerate(folded) if at >= _EARLY and (word in NOWADAYS or _begins(page, at))), 0)
    if not now:
        return
    if any(hit.start > now and abs(hit.value) > COUNTS for hit in hits):
        for hit in hits:
            hit.value *= _ONCE if hit.start < now else 1.0
        return
    if any(hit.value < -COUNTS or (hit.start > now and hit.value > COUNTS) for hit in hits):
        return
    for hit in hits:
        hit.value *= -0.3 if hit.start < now else 1.0
    hits.append(Hit(now, now + 1, _DECLINE, "word"))


def _begins(page: Page, at: int) -> bool:
    """Whether a clause begins with `this` (this year ...)."""
    return page.folded[at] in HERE and page.tokens[at - 1] in ",;"


def titles(page: Page, hits: list[Hit]) -> None:
    """Signs within a few words between quotation marks are those of a title, or of another's words."""
    if _QUOTES.isdisjoint(page.tokens):
        return
    opened = None
    for at, token in enumerate(page.tokens):
        if token not in _QUOTES:
            continue
        if opened is None:
            opened = at
            continue
        for hit in hits:
            if opened < hit.start < at <= opened + _TITLE:
                hit.value *= _QUOTED
        opened = None


def wished(page: Page, hits: list[Hit]) -> None:
    """Wishing for what is not is blame; nobody does it like someone is praise."""
    folded, lower = page.folded, page.lower
    if _WISHING.isdisjoint(folded):
        return
    for at, word in enumerate(folded):
        if word in WISHED and (word != "bo" or folded[max(at - 2, 0) : at] == ["tant", "de"]):
            if any(other.endswith(WISHED[word]) for other in lower[at + 1 : at + 5]):
                hits.append(Hit(at, at + 1, _BLAME, "word"))
        elif word in NOBODY and not LIKE.isdisjoint(folded[at + 2 : at + 6]) and not any(at < hit.start <= at + 6 for hit in hits):
            hits.append(Hit(at, at + 1, _NONE_LIKE, "word"))


def clapped(page: Page, hits: list[Hit]) -> None:
    """Applause for a wait (45 minutes for a beer, clap clap) is none."""
    folded, kinds = page.folded, page.kinds
    if NUMBER not in kinds or not any(kind == NUMBER and not SPANS.isdisjoint(folded[at + 1 : at + 2]) for at, kind in enumerate(kinds)):
        return
    if any(hit.kind != "emoji" and hit.value > COUNTS for hit in hits):
        return
    for hit in hits:
        if hit.value > 0 and page.tokens[hit.start].startswith("\U0001f44f"):
            hit.value *= -1


def irony(marks: Sequence[tuple[int, float]], hits: Sequence[Hit]) -> float:
    """How likely praise is meant the other way: its marks, more where what follows them is bad, less where nothing bad is said."""
    worst = min((hit.value for hit in hits), default=0.0)
    praised = any(hit.value > 0.5 for hit in hits)
    doubt = 1.0
    for _, strength in marks:
        doubt *= 1 - strength * (1.0 if worst < -0.5 or strength >= 0.7 else 0.6)
    mocked = any(hit.kind == "emoji" and -1.5 < hit.value < -0.9 for hit in hits)
    if mocked and praised:
        doubt *= 0.65
    return round(1 - doubt, 3)
