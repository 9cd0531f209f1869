"""Key words and pairs of words of a text: what stands in clouds and rising words."""

from collections.abc import Sequence
from functools import cache
from typing import ClassVar, Final

from ._letters import everyday
from ._lexicons import lexicon
from ._spoken import Names, is_name
from .base import Context
from .entities import given_names
from .page import WORD, Page, fold

MOST: Final = 8
_PAIRS: Final = 3
_SHORTEST: Final = 3
_LONGEST: Final = 30
_COMMONEST: Final = 140
"""So many words at the head of a language's list of everyday words are function words; the list of stop words adds the rest."""
_KEPT: Final = frozenset(
    """love thanks day work good great time life people happy best vida tiempo dia gracias gente casa tempo giorno vita grazie gracies
    preu atencio servei today hate jour temps amo amore trabalho trabajo lavoro""".split()
)


class TermsReader:
    """No function words, numbers, accounts, addresses or names of persons; the words folded, in the order of the text."""

    id: ClassVar[str] = "terms"
    version: ClassVar[int] = 1
    fills: ClassVar[frozenset[str]] = frozenset({"terms"})
    after: ClassVar[tuple[str, ...]] = ("tongue",)

    def read(self, pages: Sequence[Page], context: Context) -> None:
        names = {**context.brands, **context.products}
        known = Names({name: name for name in names})
        for page in pages:
            page.reading.terms = _terms(page, known)


@cache
def stop_words(language: str) -> frozenset[str]:
    """Words of a language that tell nothing of what a text is about, folded."""
    everyday_words = [word for name, words in everyday() if name == language for word in words][:_COMMONEST]
    return frozenset({fold(word) for word in everyday_words} - _KEPT) | frozenset(lexicon(language, "stopwords"))


@cache
def _stop_words(languages: tuple[str, ...]) -> frozenset[str]:
    return frozenset[str]().union(*(stop_words(language) for language in languages))


def _stops(page: Page) -> frozenset[str]:
    reading = page.reading
    sure = (reading.language, *reading.also) if reading.language and reading.language_confidence >= 0.8 else ()
    return _stop_words(sure or tuple(dict.fromkeys((reading.language or "en", "en", "es", "it", "ca", "pt", "fr"))))


def _terms(page: Page, known: Names) -> tuple[str, ...]:
    stops, people = _stops(page), given_names()
    brands = {token for first, after, _ in known.find(page) for token in range(first, after)} if known else set()
    folded, kinds = page.folded, page.kinds
    words: dict[str, int] = {}
    pairs: dict[str, int] = {}
    last = ""
    for at, word in enumerate(folded):
        if kinds[at] != WORD or word in stops:
            last = ""
            continue
        if not _tells(word) or (at not in brands and (is_name(page, at) or _is_person(page, at, people))):
            last = ""
            continue
        words[word] = words.get(word, 0) + 1
        if last and last != word:
            pairs[f"{last} {word}"] = pairs.get(f"{last} {word}", 0) + 1
        last = word
    return _choose(words, pairs)


def _tells(word: str) -> bool:
    return (_SHORTEST <= len(word) <= _LONGEST or word > "\u2e80") and word[-1] != "'"


def _is_person(page: Page, at: int, people: frozenset[str]) -> bool:
    return page.folded[at] in people and page.tokens[at][0].isupper()


def _choose(words: dict[str, int], pairs: dict[str, int]) -> tuple[str, ...]:
    """The most repeated first, else in the order of the text; up to three pairs, more where words leave room."""
    singles = sorted(words, key=lambda word: -words[word])
    doubles = sorted(pairs, key=lambda pair: -pairs[pair])
    room = max(MOST - len(singles), min(_PAIRS, len(doubles)))
    return tuple(singles[: MOST - min(room, len(doubles))] + doubles[:room])


reader = TermsReader()
