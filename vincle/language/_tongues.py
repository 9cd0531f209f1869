"""In which languages a page is read for its sentiment: the ones it is written in, or those whose words it has."""

from functools import cache
from typing import Final

from ._lexicons import Lexicon, languages, lexicons
from .page import WORD, Page

SURE: Final = 0.5
"""From here on the language found is believed."""
_FUNCTION, _OTHER, _STATED = 2.0, 1.0, 2.0
_SECOND: Final = 0.6
_RELATIVES: Final = {"gl": ("pt", "es"), "oc": ("ca", "fr"), "ast": ("es",), "an": ("es",), "co": ("it",), "la": ("it",), "pt-br": ("pt",)}


def read_in(page: Page) -> tuple[str, ...]:
    """Languages whose lists are used, the main one first; none where the language is known to be another."""
    known, found = languages("sentiment"), page.reading
    if found.language and found.language_confidence >= SURE:
        first = (found.language,) if found.language in known else _RELATIVES.get(found.language, ())
        return (*first, *(also for also in found.also if also in known and also not in first))
    return guessed(page)


def guessed(page: Page) -> tuple[str, ...]:
    """The language with most of the page's words, and a second one with nearly as many."""
    lists = _lists()
    votes = dict.fromkeys(lists, 0.0)
    if page.stated_language in votes:
        votes[page.stated_language] += _STATED
    for word, kind in zip(page.folded, page.kinds, strict=True):
        if kind == WORD:
            for language, weight in _votes(word):
                votes[language] += weight
    best = sorted(votes, key=lambda language: (-votes[language], _order(language)))
    if not best or not votes[best[0]]:
        return tuple(best[:1])
    return tuple(language for language in best[:2] if votes[language] >= _SECOND * votes[best[0]])


def _order(language: str) -> int:
    return ("en", "es", "it", "ca", "pt", "fr").index(language) if language in ("en", "es", "it", "ca", "pt", "fr") else 9


@cache
def _lists() -> dict[str, tuple[Lexicon, Lexicon]]:
    return {one: (lexicons((one,), "stopwords"), lexicons((one,), "sentiment")) for one in languages("sentiment")}


@cache
def _memory() -> dict[str, tuple[tuple[str, float], ...]]:
    return {}


def _votes(word: str) -> tuple[tuple[str, float], ...]:
    known = _memory()
    if word not in known:
        if len(known) > 1 << 16:
            known.clear()
        known[word] = tuple(
            (language, _FUNCTION if function.entry(word).columns else _OTHER)
            for language, (function, other) in _lists().items()
            if function.entry(word).columns or other.entry(word).columns
        )
    return known[word]
