"""Which lists a page is read with, and names a workspace adds, found among a page's words."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from ._lexicons import Columns, Entry, Lexicon, Phrase, follows, languages, lexicons
from .page import WORD, Page, fold

SURE: Final = 0.6
_MOST_KEPT: Final = 200_000
_FIRST: Final = ("en", "es", "it", "ca", "pt", "fr")
_NEAR: Final = {"gl": "pt", "oc": "ca", "ast": "es"}


def spoken(page: Page, what: str) -> tuple[str, ...]:
    """The languages whose lists of this kind are used, the likeliest first; all of them where the language is not sure."""
    reading = page.reading
    return _choose(reading.language, reading.language_confidence >= SURE, reading.also, what)


@cache
def _choose(language: str, is_sure: bool, also: tuple[str, ...], what: str) -> tuple[str, ...]:
    known = languages(what)
    named = tuple(dict.fromkeys(one for one in (_NEAR.get(language, language), *also) if one in known))
    if is_sure and language:
        return named
    return tuple(dict.fromkeys((*named, *(one for one in _FIRST if one in known))))


class Hit(NamedTuple):
    """What a lexicon says of a word: its columns, and the phrases it begins, longest first, by their second word; `loose`: where that is a
    stem."""

    columns: Columns
    following: Mapping[str, Sequence[Phrase]]
    loose: Sequence[Phrase]


class Hits(dict[str, Hit | None]):
    """What a lexicon says of each word; None: nothing. Filled as words are met, so that most look-ups are those of a plain dict."""

    def __init__(self, lexicon: Lexicon) -> None:
        super().__init__()
        self.lexicon = lexicon

    def __missing__(self, word: str) -> Hit | None:
        if len(self) > _MOST_KEPT:
            self.clear()
        entry = self.lexicon.entry(word)
        self[word] = found = _arranged(entry) if entry.columns or entry.phrases else None
        return found


def _arranged(entry: Entry) -> Hit:
    following: dict[str, list[Phrase]] = {}
    loose = []
    for phrase in entry.phrases:
        if phrase.rest[0].endswith("*"):
            loose.append(phrase)
        else:
            following.setdefault(phrase.rest[0], []).append(phrase)
    return Hit(entry.columns, following, loose)


@cache
def hits(languages: tuple[str, ...], what: str) -> Hits:
    """The lists of several languages as one."""
    return Hits(lexicons(languages, what))


def matches(words: Sequence[str], known: Hits, *, overlapping: bool = False) -> list[tuple[int, int, Columns]]:
    """First token, the token after the last, and the columns of each entry found: the longest at its place, none begun inside another
    unless `overlapping`."""
    found, after, last = [], 0, len(words) - 1
    for at, hit in [(at, hit) for at, hit in enumerate(map(known.__getitem__, words)) if hit is not None]:
        if at < after:
            continue
        length, columns = 1, hit.columns
        if at < last:
            begun = hit.following.get(words[at + 1], ())
            for phrase in sorted((*begun, *hit.loose), key=_longest) if hit.loose else begun:
                if (len(phrase.rest) == 1 and not hit.loose) or follows(words, at + 1, phrase.rest):
                    length, columns = 1 + len(phrase.rest), phrase.columns
                    break
        if columns:
            found.append((at, at + length, columns))
            after = at + (1 if overlapping else length)
    return found


def _longest(phrase: Phrase) -> int:
    return -len(phrase.rest)


class Names:
    """Names of one or more words -> what they stand for, found by their first word."""

    __slots__ = ("_by_first",)

    def __init__(self, names: Mapping[str, str]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name, value in names.items():
            if words := tuple(Page(fold(name)).folded):
                self._by_first.setdefault(words[0], []).append((words[1:], value))
        for found in self._by_first.values():
            found.sort(key=lambda entry: -len(entry[0]))

    def __bool__(self) -> bool:
        return bool(self._by_first)

    def find(self, page: Page) -> Iterator[tuple[int, int, str]]:
        """First token, the token after the last, and what is meant; the longest name where several begin, none inside another."""
        folded, after = page.folded, 0
        for at, word in enumerate(folded):
            if at < after or word.lstrip("#@") not in self._by_first:
                continue
            for rest, value in self._by_first[word.lstrip("#@")]:
                if tuple(folded[at + 1 : at + 1 + len(rest)]) == rest:
                    after = at + 1 + len(rest)
                    yield at, after, value
                    break


def opens(page: Page, token: int) -> bool:
    """Whether a word stands at the beginning of a sentence: the first of the text, or after a stop, a mark or an emoji."""
    return token == 0 or page.kinds[token - 1] in "pesah"


def is_name(page: Page, token: int) -> bool:
    """Whether a word is written as a name: a capital within a sentence that is not all in capitals."""
    word = page.tokens[token]
    return page.kinds[token] == WORD and word[0].isupper() and word[1:].islower() and not opens(page, token)
