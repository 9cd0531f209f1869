"""How alike two questions are: by the words that tell what they are about, without their endings, and by their topics. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import Final, NamedTuple

from vincle.language._atoms import runs
from vincle.language._lexicons import lexicon
from vincle.language.page import fold

ALIKE: Final = 0.45
"""From here on two questions are one."""

_WORDS, _TOPICS = 0.7, 0.3
_SHORTEST, _BARE = 3, 5
_VOWELS: Final = "aeio"


def stem(word: str) -> str:
    """A folded word without what one language or another puts at its end for number and gender. Short words stay as they are.

    >>> [stem(word) for word in ("orders", "comanda", "comandes", "pedidos", "spedizione", "spedizioni", "cake", "cakes", "hora")]
    ['order', 'comand', 'comand', 'pedid', 'spedizion', 'spedizion', 'cake', 'cake', 'hora']
    """
    if len(word) < _BARE:
        return word
    bare = word.removesuffix("s")
    return bare[:-1] if bare[-1] in _VOWELS and len(bare) >= _BARE else bare


def forms(bare: str) -> tuple[str, ...]:
    """The words a stem may have come from: what is looked up where an index holds whole words.

    >>> forms("cake"), forms("comand")[:4]
    (('cake', 'cakes'), ('comand', 'comanda', 'comande', 'comandi'))
    """
    return tuple(word for word in (bare + vowel + end for end in ("", "s") for vowel in ("", *_VOWELS)) if stem(word) == bare)


def stems(terms: Iterable[str]) -> tuple[str, ...]:
    """Of key words and pairs of them (folded) each word once, in their order.

    >>> stems(["gluten", "cakes", "gluten cakes", "escriu-nos"])
    ('gluten', 'cake', 'escriu', 'nos')
    """
    words = (piece for term in terms for word in term.split() for piece in runs(word))
    return tuple(dict.fromkeys(stem(word) for word in words if len(word) >= _SHORTEST or word > "\u2e80"))


def words_of(text: str, language: str) -> frozenset[str]:
    """Stems of the words of a text that tell something in its language; of all its words where none does."""
    words = re.findall(r"[^\W_]+", fold(text))
    stops = lexicon(language, "stopwords") if language else ()
    return frozenset(stems(word for word in words if word not in stops) or words)


class About(NamedTuple):
    """What a text is about: `words` are stems."""

    words: frozenset[str]
    topics: frozenset[str]

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.topics)


NOTHING: Final = About(frozenset(), frozenset())


def about(terms: str, topics: str) -> About:
    """Of what the readers found, labels joined by `|`.

    >>> about("comanda|comanda avui", "delivery").topics
    frozenset({'delivery'})
    """
    return About(frozenset(stems(terms.split("|"))), frozenset(topics.split("|")) - {""})


def likeness(one: About, other: About) -> float:
    """From 0 (nothing in common) to 1: the cosine of their words, and the share of their topics where one of them has any.

    >>> where, when = About(frozenset({"comand"}), frozenset({"delivery"})), About(frozenset({"comand", "arrib"}), frozenset({"delivery"}))
    >>> round(likeness(where, where), 2), round(likeness(where, when), 2), likeness(where, About(frozenset({"pasti"}), frozenset()))
    (1.0, 0.79, 0.0)
    """
    words = len(one.words & other.words) / sqrt(len(one.words) * len(other.words)) if one.words and other.words else 0.0
    every = one.topics | other.topics
    if not every:
        return words
    topics = len(one.topics & other.topics) / len(every)
    return topics if not one.words and not other.words else _WORDS * words + _TOPICS * topics


def groups(texts: Sequence[About], least: float = ALIKE) -> list[list[int]]:
    """Places of texts that are alike, each text in the group whose first it is most like; largest first. Those about nothing are in none.

    >>> groups([about("comanda", ""), about("gluten|cakes", ""), about("comandes", ""), about("", "")])
    [[0, 2], [1]]
    """
    firsts: list[int] = []
    members: dict[int, list[int]] = {}
    by_mark: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        if text.is_empty:
            continue
        marks = [*text.words, *(f"#{topic}" for topic in text.topics if not text.words)]
        near = {first for mark in marks for first in by_mark.get(mark, ())}
        best = max(near, key=lambda first: (likeness(texts[first], text), -first), default=None)
        if best is not None and likeness(texts[best], text) >= least:
            members[best].append(place)
            continue
        firsts.append(place)
        members[place] = [place]
        for mark in marks:
            by_mark.setdefault(mark, []).append(place)
    return sorted((members[first] for first in firsts), key=lambda group: (-len(group), group[0]))


def shared(texts: Iterable[About], share: float = 0.5) -> frozenset[str]:
    """Stems that stand in at least this share of the texts."""
    every = list(texts)
    count: Mapping[str, int] = {word: sum(word in text.words for text in every) for word in {w for text in every for w in text.words}}
    return frozenset(word for word, number in count.items() if number >= share * len(every))
