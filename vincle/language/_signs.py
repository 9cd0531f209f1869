"""What single tokens say of liking and disliking, in some languages at once: looked up once a word and then at hand."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Final, NamedTuple

from ._lexicons import REMEMBERED, Columns, Lexicon, follows, forms, lexicon, lexicons
from .page import fold

STRONGEST: Final = 4.0
NEGATION, INTENSIFIER, DIMINISHER, CONTRAST, HEDGE, IRONY = "negation", "intensifier", "diminisher", "contrast", "hedge", "irony"
_USUAL: Final = {INTENSIFIER: 1.25, DIMINISHER: 0.75, HEDGE: 0.6, IRONY: 0.5}
_SHORTEST_PART: Final = 5
_CAMEL: Final = re.compile(r"[^\W\d_][^\W\d_A-ZÀ-Þ]*|\d+")
_MARKS: Final = re.compile(r"(\d{1,3}(?:[.,]\d)?)/(5|10|20|100)$")
_MARKS_SPAN: Final = 6.0
_SHAPES: Final = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")


class Sign(NamedTuple):
    """`valence` (-4 to 4), `kind` of what changes others ("" : it changes none) and its `factor`."""

    valence: float
    kind: str
    factor: float


class Found(NamedTuple):
    """A word's own sign, if it has one, and the phrases it begins, by their second word: (words that follow it, sign), longest first;
    under "" those whose second word may have any ending, with it."""

    own: Sign | None
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], Sign], ...]]


class _Known(dict[str, Found | None]):
    """What words say, found out when first met."""

    __slots__ = ("_find",)

    def __init__(self, find: Callable[[str], Found | None]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, word: str) -> Found | None:
        if len(self) >= REMEMBERED:
            self.clear()
        found = self[word] = self._find(word)
        return found


class Signs:
    """The signs of words and phrases in these languages, the first before the others, then what is understood everywhere."""

    __slots__ = ("_hashtags", "_modifiers", "_valences", "known")

    def __init__(self, languages: tuple[str, ...]) -> None:
        self._valences: Lexicon = lexicons((*languages, "any"), "sentiment")
        self._modifiers: Lexicon = lexicons(languages, "modifiers")
        self.known = _Known(self._find)
        self._hashtags: dict[str, float] = {}

    def look(self, word: str) -> Found | None:
        """What a folded word says, None for nothing; from then on it stands in `known`."""
        return self.known[word]

    def _find(self, word: str) -> Found | None:
        valences, modifiers = self._valences.entry(word), self._modifiers.entry(word)
        said: dict[tuple[str, ...], tuple[Columns, Columns]] = {(): (valences.columns, modifiers.columns)}
        for n, entry in enumerate((valences, modifiers)):
            for phrase in entry.phrases:
                both = list(said.get(phrase.rest, ((), ())))
                both[n] = both[n] or phrase.columns
                said[phrase.rest] = (both[0], both[1])
        signs = {rest: sign for rest, both in said.items() if (sign := _sign(*both))}
        phrases: dict[str, tuple[tuple[tuple[str, ...], Sign], ...]] = {}
        for rest, sign in sorted((item for item in signs.items() if item[0]), key=lambda item: -len(item[0])):
            is_open = rest[0].endswith("*")
            key, more = ("", rest) if is_open else (rest[0], rest[1:])
            phrases[key] = (*phrases.get(key, ()), (more, sign))
        return Found(signs.get(()), phrases) if signs else None

    def at(self, words: Sequence[str], at: int) -> tuple[int, Sign | None]:
        """The longest entry that begins at a token: how many tokens it takes (at least one), and its sign."""
        found = self.look(words[at])
        if found is None:
            return 1, None
        if found.phrases:
            if at + 1 < len(words):
                for rest, sign in found.phrases.get(words[at + 1], ()):
                    if not rest or follows(words, at + 2, rest):
                        return 2 + len(rest), sign
            for rest, sign in found.phrases.get("", ()):
                if follows(words, at + 1, rest):
                    return 1 + len(rest), sign
        return 1, found.own

    def hashtag(self, tag: str) -> float:
        """How good a hashtag is: the whole of it, else the words it is made of (#LoveIt), else the word it begins or ends with."""
        known = self._hashtags.get(tag)
        if known is None:
            if len(self._hashtags) >= REMEMBERED:
                self._hashtags.clear()
            known = self._hashtags[tag] = self._split(tag[1:])
        return known

    def _split(self, tag: str) -> float:
        lower = fold(tag)
        whole = self.look(lower)
        if whole and whole.own and not whole.own.kind:
            return whole.own.valence
        words = [fold(word) for word in _CAMEL.findall(tag)]
        if len(words) > 1 and not tag.isupper():
            return self._sum(words)
        shortest = max(_SHORTEST_PART, len(lower) // 2 + 1)
        edges = [edge for size in range(len(lower) - 1, shortest - 1, -1) for edge in (lower[:size], lower[-size:])]
        return next((0.8 * float(columns[0]) for edge in edges if (columns := self._valences.exact(edge))), 0.0)

    def _sum(self, words: list[str]) -> float:
        total, negated, at = 0.0, False, 0
        while at < len(words):
            length, sign = self.at(words, at)
            if sign and sign.kind == NEGATION:
                negated = True
            if sign and sign.valence:
                total += -0.7 * sign.valence if negated else sign.valence
            at += length
        return max(-STRONGEST, min(STRONGEST, total))


def _sign(valence: Columns, modifier: Columns) -> Sign | None:
    value = float(valence[0]) if valence else 0.0
    if not modifier:
        return Sign(value, "", 1.0) if valence else None
    kind = modifier[0]
    stated = modifier[1] if len(modifier) > 1 else ""
    return Sign(value, kind, float(stated) if stated else _USUAL.get(kind, 1.0))


@cache
def signs(languages: tuple[str, ...]) -> Signs:
    """The signs of these languages, made once."""
    return Signs(languages)


@lru_cache(maxsize=1 << 13)
def emoji(token: str) -> float:
    """How good an emoji or emoticon is (-4 to 4), whatever its skin and shape; drawn-out ones as their shorter form."""
    for form in plain(token):
        for what in ("emoji", "emoticons"):
            columns = lexicon("any", what).get(form)
            if columns:
                return float(columns[0])
    return 0.0


def plain(token: str) -> tuple[str, ...]:
    """The forms under which an emoji may stand in the lists: as it is, without shape and skin, its first sign; `:))))` as `:)`."""
    bare = _SHAPES.sub("", token)
    if not bare:
        return ()
    lower = fold(bare)
    return (fold(token), lower, fold(bare[:1]), lower.rstrip(lower[-1:]) + lower[-1:], *forms(lower))


@lru_cache(maxsize=1 << 12)
def marks(token: str) -> float | None:
    """Marks given in figures, `9/10`, as -3 to 3; None for other numbers.

    >>> marks("10/10"), marks("1/5"), marks("24/7"), marks("12/10/2024")
    (3.0, -1.8, None, None)
    """
    found = _MARKS.match(token)
    if not found:
        return None
    given, most = float(found[1].replace(",", ".")), float(found[2])
    return round(_MARKS_SPAN * (min(given / most, 1.0) - 0.5), 2)


def stars(number: str, word: str) -> float | None:
    """Marks given in words, `5 stars`, as -3 to 3; None where the word is none of marks, or the number too great."""
    columns = lexicon("any", "ratings").get(word)
    if not columns or not number.replace(",", ".").replace(".", "", 1).isdigit() or not number.isascii():
        return None
    share = float(number.replace(",", ".")) / float(columns[0])
    return round(_MARKS_SPAN * (share - 0.5), 2) if share <= 1 else None
