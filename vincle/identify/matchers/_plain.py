"""How near two plain texts are: the levels every field of words shares, and those of numbers and codes."""

from collections.abc import Callable, Iterable
from typing import ClassVar

import numpy as np

from vincle.identify.linkage.records import Ints, Records
from vincle.identify.names.folding import fold

from ._texts import MANY, Flat, edits, flat, levels_of, likeness, pick
from .base import ANYONE, Key, Level, Levels, Said, coded

WORDS = (
    Level("differs", 0.10, 0.93), Level("alike", 0.05, 0.04), Level("similar", 0.05, 0.008), Level("typo", 0.10, 0.004),
    Level("same", 0.70, 0.018),
)  # fmt: skip
DIGITS = (Level("differs", 0.10, 0.96), Level("two_digits", 0.04, 0.02), Level("one_digit", 0.10, 0.01), Level("same", 0.76, 0.01))
_CHUNK = 200_000


class Texts:
    """A field of words: streets, towns, job titles, anything."""

    kinds: ClassVar[frozenset[str]] = ANYONE
    levels: ClassVar[tuple[Level, ...]] = WORDS

    def __init__(self, id: str, field: str) -> None:
        self.id, self.field = id, field

    def fields(self, records: Records) -> tuple[str, ...]:
        return (self.field,) if self.field in records.columns else ()

    def read(self, text: str) -> str | Iterable[str]:
        return fold(text)

    def prepare(self, records: Records) -> Flat:
        return flat(records.columns[self.field], self.read)

    def compare(self, prepared: Flat, left: Ints, right: Ints) -> Levels:
        return levels_of(prepared, left, right, self.level(prepared))

    def level(self, prepared: Flat) -> Callable[[Ints, Ints], Levels]:
        return lambda one, other: words(prepared, one, other)

    def keys(self, prepared: Flat) -> Iterable[Key]:
        yield Key(self.id, coded(prepared.column, lambda cell: cell[0]).astype(np.int64))

    def terms(self, prepared: Flat) -> Ints | None:
        return prepared.terms()

    def say(self, records: Records, left: int, right: int, level: int) -> Said:
        code = f"{self.levels[level].id}_text"
        name = self.field.partition(":")[2] or self.field
        return Said(code, {"field": name, "left": records.text(self.field, left), "right": records.text(self.field, right)})


class Numbers(Texts):
    """A field of digits and letters that are a code: ids, postcodes, house numbers."""

    levels: ClassVar[tuple[Level, ...]] = DIGITS

    def read(self, text: str) -> str | Iterable[str]:
        return "".join(letter for letter in fold(text) if letter.isalnum()).lstrip("0")

    def level(self, prepared: Flat) -> Callable[[Ints, Ints], Levels]:
        return lambda one, other: digits(prepared, one, other)


def words(values: Flat, one: Ints, other: Ints) -> Levels:
    """Index into WORDS of texts pair by pair."""
    found = np.zeros(len(one), np.int8)
    texts, size = values.words, values.sizes
    for begin in range(0, len(one), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        left, right = pick(texts, one[part]), pick(texts, other[part])
        wrong, like = edits(left, right), likeness(left, right)
        short, long = np.minimum(size[one[part]], size[other[part]]), np.maximum(size[one[part]], size[other[part]])
        typo = ((wrong == 1) & (short >= 3)) | ((wrong == 2) & (short >= 9)) | ((wrong == 3) & (short >= 15))
        similar = (like >= 0.92) | ((wrong <= MANY) & (wrong <= 0.2 * long))
        alike = (like >= 0.85) | ((wrong <= MANY) & (wrong <= 0.34 * long))
        found[part] = np.select([wrong == 0, typo, similar & (short >= 3), alike & (short >= 3)], [4, 3, 2, 1], 0)
    return found


def digits(values: Flat, one: Ints, other: Ints) -> Levels:
    """Index into DIGITS of codes pair by pair."""
    found = np.zeros(len(one), np.int8)
    texts, size = values.words, values.sizes
    for begin in range(0, len(one), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        wrong = edits(pick(texts, one[part]), pick(texts, other[part]))
        short = np.minimum(size[one[part]], size[other[part]])
        found[part] = np.select([wrong == 0, wrong == 1, (wrong == 2) & (short >= 5)], [3, 2, 1], 0)
    return found
