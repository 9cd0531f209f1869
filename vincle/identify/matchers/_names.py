"""Names as numbers: words, initials and nickname groups of each, so that many pairs are compared at once."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import ClassVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from vincle.identify.linkage.records import Cell, Column, Ints, Records
from vincle.identify.names import nicknames, people
from vincle.identify.names.folding import fold

from ._texts import Flat, edits, flat, lengths, levels_of, likeness, pick, same_letters
from .base import PERSON, Key, Level, Levels, Said, ragged

_WORDS, _FORMS, _SHORTS = 4, 2, 24
_CHUNK = 200_000
SCRAMBLED = 0.9
"""How alike names of the same letters in another order are taken to be."""


class Names(Struct, eq=False):
    """The names of one side (given or family) and of the other side, over one set of texts."""

    own: Flat
    other: Ints
    is_other: NDArray[np.bool_]
    words: Ints
    forms: Ints  # names that its first word is a form of
    shorts: Ints  # names that its first word may be short for
    first: Ints
    sizes: Ints
    letters: Ints


def split_names(records: Records) -> tuple[Column, Column]:
    """(given, family) names of each record, folded: from their own fields, or read from the full name."""
    given, family, full = (records.columns.get(field) for field in ("first_name", "last_name", "name"))
    codes = [found.codes if found else np.full(records.size, -1, np.int32) for found in (given, family, full)]
    stated = (codes[0] >= 0) | (codes[1] >= 0)
    codes[2] = np.where(stated, -1, codes[2])
    widths = [len(found.values) + 1 if found else 1 for found in (given, family, full)]
    packed = ((codes[0] + 1).astype(np.int64) * widths[1] + codes[1] + 1) * widths[2] + codes[2] + 1
    different, place = np.unique(packed, return_inverse=True)
    sides: tuple[list[Cell], list[Cell]] = ([], [])
    for each in different.tolist():
        rest, whole = divmod(each, widths[2])
        one, two = divmod(rest, widths[1])
        cells = [found.values[code - 1] if found and code else () for found, code in ((given, one), (family, two), (full, whole))]
        read = _read(*cells)
        for side, cell in zip(sides, read, strict=True):
            side.append(cell)
    return _column(sides[0], place), _column(sides[1], place)


def _read(given: Cell, family: Cell, full: Cell) -> tuple[Cell, Cell]:
    names = [people.read(name=text) for text in full]
    if given or family:
        names += [people.read(given=text) for text in given] + [people.read(family=text) for text in family]
    firsts = dict.fromkeys(" ".join(name.given) for name in names if name.given)
    lasts = dict.fromkeys(" ".join(name.family) for name in names if name.family)
    return tuple(firsts), tuple(lasts)


def _column(cells: list[Cell], place: NDArray[np.intp]) -> Column:
    number: dict[Cell, int] = {}
    codes = np.asarray([number.setdefault(cell, len(number)) if cell else -1 for cell in cells], np.int32)
    return Column(list(number), codes[place] if len(codes) else np.zeros(0, np.int32))


class Side(ABC):
    """What the given and the family name have in common: the same levels of letters, words, and names that changed places."""

    id: ClassVar[str]
    kinds: ClassVar[frozenset[str]] = PERSON
    levels: ClassVar[tuple[Level, ...]]
    is_given: ClassVar[bool]

    def fields(self, records: Records) -> tuple[str, ...]:
        own = "first_name" if self.is_given else "last_name"
        return tuple(field for field in (own, "name") if field in records.columns)

    def prepare(self, records: Records) -> Names:
        sides = split_names(records)
        mine, other = sides if self.is_given else sides[::-1]
        own = flat(mine, lambda text: text)
        number = {text: code for code, text in enumerate(own.texts)}
        elsewhere = [next((number[text] for text in cell if text in number), -1) for cell in other.values]
        crossed = np.where(other.codes >= 0, np.asarray(elsewhere or [-1], np.int32)[other.codes], -1).astype(np.int32)
        words, forms, shorts = _tables(own.texts)
        first = np.asarray([ord(text[0]) for text in own.texts], np.int32)
        return Names(own, crossed, other.codes >= 0, words, forms, shorts, first, lengths(own.texts), same_letters(own.texts))

    def compare(self, prepared: Names, left: Ints, right: Ints) -> Levels:
        found = levels_of(prepared.own, left, right, lambda one, other: self.level(prepared, one, other))
        found[self._changed_places(prepared, left, right) & (found < self.swapped)] = self.swapped
        return found

    def _changed_places(self, prepared: Names, left: Ints, right: Ints) -> NDArray[np.bool_]:
        """The given name of one is the surname of the other, and nothing says the opposite the other way round."""
        mine, theirs = prepared.own.terms(), prepared.other
        said = (mine[left] >= 0) & prepared.is_other[right]
        back = prepared.is_other[left] & (mine[right] >= 0)
        forth, other = said & (mine[left] == theirs[right]), back & (theirs[left] == mine[right])
        # One name that is known to have moved is told once, by the given name; both are told by both.
        found: NDArray[np.bool_] = (forth | other) & (forth | ~said) & (other | ~back) if self.is_given else forth & other
        return found

    swapped: ClassVar[int]

    @abstractmethod
    def level(self, prepared: Names, one: Ints, other: Ints) -> Levels:
        """The level of each pair of `prepared.own.texts`, names that changed places aside."""

    def terms(self, prepared: Names) -> Ints | None:
        return prepared.own.terms()

    def keys(self, prepared: Names) -> Iterator[Key]:
        yield ragged(prepared.own.column, lambda cell: [word for text in cell for word in text.split() if len(word) > 1], self.id)
        yield ragged(
            prepared.own.column,
            lambda cell: [f"{word[:3]}{len(word) // 3}" for text in cell for word in text.split()[:1]],
            f"{self.id} begins",
        )

    def say(self, records: Records, left: int, right: int, level: int) -> Said:
        sides = [self._shown(records, index) for index in (left, right)]
        return Said(f"{self.id}_{self.levels[level].id}", {"left": sides[0], "right": sides[1]})

    def _shown(self, records: Records, index: int) -> str:
        """The name as its source writes it; of a full name the words that are read as this part of it."""
        stated = records.text("first_name" if self.is_given else "last_name", index)
        whole = records.text("name", index)
        if stated or not whole:
            return stated
        read = people.read(name=whole)
        part = set(read.given if self.is_given else read.family)
        return " ".join(word.strip(",;") for word in whole.split() if part & set(fold(word).split())) or whole


def letters(prepared: Names, one: Ints, other: Ints, rank: Callable[[NDArray[np.uint8], NDArray[np.float32], Ints], Levels]) -> Levels:
    """Levels by letters alone, a chunk at a time."""
    found = np.zeros(len(one), np.int8)
    texts, size = prepared.own.words, prepared.sizes
    for begin in range(0, len(one), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        left, right = pick(texts, one[part]), pick(texts, other[part])
        like = likeness(left, right)
        like[prepared.letters[one[part]] == prepared.letters[other[part]]] = SCRAMBLED
        found[part] = rank(edits(left, right), like, np.minimum(size[one[part]], size[other[part]]))
    return found


def is_initial(prepared: Names, one: Ints, other: Ints) -> NDArray[np.bool_]:
    """One is the first letter of the other."""
    short = np.minimum(prepared.sizes[one], prepared.sizes[other]) == 1
    found: NDArray[np.bool_] = short & (prepared.first[one] == prepared.first[other])
    return found


def share_word(prepared: Names, one: Ints, other: Ints) -> NDArray[np.bool_]:
    return _share(prepared.words[one], prepared.words[other])


def are_nicknames(prepared: Names, one: Ints, other: Ints) -> NDArray[np.bool_]:
    """One is a short form of the other, or both of a third: `nicknames.are_nicknames` of the first words, many at once."""
    found = np.zeros(len(one), bool)
    for begin in range(0, len(one), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        found[part] = _are_nicknames(prepared, one[part], other[part])
    return found


def _are_nicknames(prepared: Names, one: Ints, other: Ints) -> NDArray[np.bool_]:
    forms, shorts = (prepared.forms[one], prepared.forms[other]), (prepared.shorts[one], prepared.shorts[other])
    found = _share(*forms) | _share(forms[0], shorts[1]) | _share(forms[1], shorts[0])
    both_short = np.flatnonzero((forms[0][:, 0] < 0) & (forms[1][:, 0] < 0) & (shorts[0][:, 0] >= 0) & (shorts[1][:, 0] >= 0))
    found[both_short] = _share(shorts[0][both_short], shorts[1][both_short])
    return found


def _share(left: Ints, right: Ints) -> NDArray[np.bool_]:
    found = np.zeros(len(left), bool)
    for at in range(left.shape[1]):
        found |= ((left[:, at : at + 1] == right) & (right >= 0)).any(axis=1)
    return found


def _tables(texts: list[str]) -> tuple[Ints, Ints, Ints]:
    words, forms, shorts = (np.full((len(texts), width), -1, np.int32) for width in (_WORDS, _FORMS, _SHORTS))
    number: dict[str, int] = {}
    for at, text in enumerate(texts):
        split = text.split()
        own, short = nicknames.own_and_short(split[0])
        for table, found in ((words, [word for word in split if len(word) > 1]), (forms, sorted(own)), (shorts, sorted(short))):
            for place, each in enumerate(found[: table.shape[1]]):
                table[at, place] = number.setdefault(each, len(number))
    return words, forms, shorts
