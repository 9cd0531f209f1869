"""Which emotions a text shows: by its words, in the languages that have a list of them, and by its emoji."""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import ClassVar, Final

from ._lexicons import lexicon
from ._signs import NEGATION, Signs, plain, signs
from ._spoken import Hits, hits
from ._tongues import read_in
from .base import Context
from .page import EMOJI, HASHTAG, STOP, WORD, Page, fold
from .reading import EMOTIONS

MOST: Final = 3
"""Emotions named of one text."""
_SHOWING: Final = (EMOJI, HASHTAG)
_REACH: Final = 3
"""Words over which a denial reaches: someone not happy shows no joy."""


class Emotions:
    """After the sentiment; most often shown first."""

    id: ClassVar[str] = "emotions"
    version: ClassVar[int] = 1
    fills: ClassVar[frozenset[str]] = frozenset({"emotions"})
    after: ClassVar[tuple[str, ...]] = ("tongue", "sentiment")

    def read(self, pages: Sequence[Page], context: Context) -> None:
        for page in pages:
            if page.tokens or page.reaction:
                page.reading.emotions = _shown(page)


reader = Emotions()


def _shown(page: Page) -> tuple[str, ...]:
    languages = read_in(page)
    known, around = _lists(languages), signs(languages)
    votes: dict[str, int] = {}
    after, words, kinds = 0, page.folded, page.kinds
    for at in [at for at, kind in enumerate(kinds) if (known[words[at]] is not None if kind == WORD else kind in _SHOWING)]:
        if at < after:
            continue
        kind, length = kinds[at], 1
        named: tuple[str, ...] = ()
        if kind == WORD:
            length, named = known.lexicon.match(words, at)
            if named and _denied(page, at, around):
                named = ()
        elif kind == EMOJI:
            named = of_emoji(page.tokens[at])
        else:
            named = known.lexicon.entry(words[at][1:]).columns
        for emotion in named:
            votes[emotion] = votes.get(emotion, 0) + 1
        after = at + length
    if not votes and not page.reaction:
        return ()
    if page.reaction:
        for emotion in _named(lexicon("any", "reactions").get(fold(page.reaction), ())):
            votes[emotion] = votes.get(emotion, 0) + 1
    ranked = sorted((emotion for emotion in EMOTIONS if emotion in votes), key=lambda emotion: -votes[emotion])
    return tuple(ranked[:MOST])


def _denied(page: Page, at: int, around: Signs) -> bool:
    for before in range(at - 1, max(at - _REACH, 0) - 1, -1):
        if page.kinds[before] == STOP:
            return False
        found = around.look(page.folded[before])
        if found and found.own and found.own.kind == NEGATION:
            return True
    return False


@cache
def _lists(languages: tuple[str, ...]) -> Hits:
    return hits((*languages, "any"), "emotions")


@lru_cache(maxsize=1 << 12)
def of_emoji(token: str) -> tuple[str, ...]:
    """The emotions an emoji or emoticon shows."""
    for what in ("emoji", "emoticons"):
        for form in plain(token):
            columns = lexicon("any", what).get(form)
            if columns:
                return _named(columns)
    return ()


def _named(columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in columns[1].split("|") if one) if len(columns) > 1 else ()
