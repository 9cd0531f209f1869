"""What the trained part of the sentiment reader looks at in a text: what the rules found, and its words by number.

Words are counted by hash: each word in its language, its pieces of three to five letters in all languages alike, pairs of words.
"""

from collections.abc import Mapping
from itertools import pairwise
from math import log1p, sqrt
from typing import Final
from zlib import crc32

from ._lexicons import REMEMBERED
from ._tones import Tones
from .page import EMOJI, HASHTAG, WORD, Page

BUCKETS: Final = 1 << 17
_MASK: Final = BUCKETS - 1
_PIECES: Final = (3, 4, 5)
_LONGEST_WORD: Final = 24
_PAIR: Final = 0x9E3779B1
NO_WEIGHT: Final = (0.0, 0.0, 0.0)

SAYS: Final = 0.4
"""From this sum on something good or bad is said."""

NAMES: Final = (
    "always", "good", "bad", "good emoji", "bad emoji", "balance", "only good", "only bad", "mixed", "nothing said", "last", "strongest",
    "good denied", "bad denied", "denials", "asks", "shouts", "shouts with balance", "trails off", "links", "links and nothing said",
    "begins with an account", "hashtags", "numbers", "numbers and nothing said", "length", "capitals", "quotes", "wishes", "irony",
    "irony of praise", "contrast", "good a word", "bad a word", "asks and nothing said", "denials and nothing said",
    "shouts and nothing said", "good asked", "share asked", "hedged", "share hedged",
    "not personal", "good and not personal", "bad and not personal", "nothing said and not personal",
)  # fmt: skip
"""Of the traits that `dense` gives, in order."""


def _soft(value: float) -> float:
    return value / (abs(value) + 3.0)


def balance(total: float) -> float:
    """A sum of valences as -1 to 1 (Hutto & Gilbert 2014)."""
    return total / sqrt(total * total + 15.0)


def dense(found: Tones) -> list[float]:
    """What the rules found, as numbers between about -1 and 1, in the order of `NAMES`."""
    good, bad = found.good + found.good_emoji, -(found.bad + found.bad_emoji)
    whole, words = balance(found.total), found.words + found.hashtags + 1
    silent = 0.0 if found.hits else 1.0
    weight = good + bad + found.asked_good + found.hedged + 0.5
    says_good, says_bad = good >= SAYS, bad >= SAYS
    afar = 0.0 if found.personal or found.shouts or found.good_emoji or found.bad_emoji else 1.0
    links, numbers = float(found.links > 0), min(found.numbers, 3) / 3
    asks, shouts, denials = min(found.asked, 2) / 2, min(found.shouts, 3) / 3, _soft(found.free_negations)
    return [
        1.0, _soft(found.good), _soft(-found.bad), _soft(found.good_emoji), _soft(-found.bad_emoji), whole,
        float(says_good and not says_bad), float(says_bad and not says_good), _soft(min(good, bad)), silent, found.last / 4,
        found.strongest / 4, min(found.flipped_good, 2) / 2, min(found.flipped_bad, 2) / 2, denials, asks, shouts, shouts * whole,
        float(found.trails > 0), links, links * silent, float(found.talks_to > 0), min(found.hashtags, 3) / 3, numbers,
        numbers * silent, log1p(words) / 4, min(found.capitals, 4) / 4, min(found.quotes, 2) / 2,
        min(found.hedges, 2) / 2, found.irony, found.irony * _soft(good),
        float(found.contrasts > 0), min(good / words, 1.0), min(bad / words, 1.0), asks * silent, denials * silent, shouts * silent,
        _soft(found.asked_good), found.asked_good / weight, _soft(found.hedged), found.hedged / weight,
        afar, afar * _soft(good), afar * _soft(bad), afar * silent,
    ]  # fmt: skip


def number_of(word: str, language: str) -> int:
    """The bucket of a word of a language."""
    return crc32(f"{language}:{word}".encode("utf-8", "replace")) & _MASK


def pieces(word: str) -> list[int]:
    """The buckets of a word's pieces of letters, its beginning and end among them."""
    edged = f"^{word[:_LONGEST_WORD]}$".encode("utf-8", "replace")
    found = {edged[at : at + size] for size in _PIECES for at in range(len(edged) - size + 1)}
    return sorted(crc32(piece) & _MASK for piece in found)


def pair(first: int, second: int) -> int:
    """The bucket of two words that follow each other."""
    return ((first * 31 + second) * _PAIR >> 7) & _MASK


def words_of(page: Page) -> list[str]:
    """What is counted of a page: its words, hashtags without their sign, emoji."""
    return [
        word[1:] if kind == HASHTAG else word for word, kind in zip(page.folded, page.kinds, strict=True) if kind in (WORD, EMOJI, HASHTAG)
    ]


def share(count: int) -> float:
    """By how much each of so many words counts, so that long texts do not drown what the rules found."""
    return 1.0 / sqrt(count + 3.0)


def piece_share(count: int) -> float:
    """By how much each of a word's pieces counts."""
    return 0.5 / sqrt(count) if count else 0.0


class _Known(dict[str, tuple[int, float, float, float]]):
    """Words of a language met before: their bucket and the weights of each and its pieces."""

    __slots__ = ("_language", "_weights")

    def __init__(self, weights: Mapping[int, tuple[float, float, float]], language: str) -> None:
        super().__init__()
        self._weights, self._language = weights, language

    def __missing__(self, word: str) -> tuple[int, float, float, float]:
        if len(self) >= REMEMBERED:
            self.clear()
        number, parts = number_of(word, self._language), pieces(word)
        by = piece_share(len(parts))
        one, two, three = self._weights.get(number, NO_WEIGHT)
        for first, second, third in [self._weights[part] for part in parts if part in self._weights]:
            one += by * first
            two += by * second
            three += by * third
        found = self[word] = (number, one, two, three)
        return found


class Scores:
    """The sums of weights (by bucket; none: nothing) of words, worked out once a word: `of` gives one number a class."""

    __slots__ = ("_known", "_weights")

    def __init__(self, weights: Mapping[int, tuple[float, float, float]]) -> None:
        self._weights = weights
        self._known: dict[str, _Known] = {}

    def of(self, words: list[str], language: str) -> tuple[float, float, float]:
        """Of a text's words together."""
        if not words:
            return 0.0, 0.0, 0.0
        known = self._known.get(language)
        if known is None:
            known = self._known[language] = _Known(self._weights, language)
        numbers, ones, twos, threes = zip(*map(known.__getitem__, words), strict=True)
        one, two, three = sum(ones), sum(twos), sum(threes)
        weights = self._weights
        for first, second in pairwise(numbers):
            both = weights.get(((first * 31 + second) * _PAIR >> 7) & _MASK)
            if both:
                one += both[0]
                two += both[1]
                three += both[2]
        by = share(len(words))
        return one * by, two * by, three * by
