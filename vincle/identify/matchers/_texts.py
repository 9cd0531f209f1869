"""Values as numbers and the similarity of texts, for the matchers that compare letters."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from vincle.identify.linkage.records import Cell, Column, Ints

from .base import MISSING, Levels, distinct

Bools = NDArray[np.bool_]
MANY = 4


class Flat(Struct, eq=False):
    """The values of a column's cells, each once: members[starts[c]:starts[c+1]] are the numbers of cell c's values in `texts`."""

    column: Column
    texts: list[str]
    members: Ints
    starts: NDArray[np.int64]
    words: NDArray[np.object_]
    sizes: Ints

    @property
    def is_single(self) -> bool:
        return len(self.members) == len(self.column.values)

    def terms(self) -> Ints:
        """The number of each record's only value; -1 for none or several."""
        counts = np.diff(self.starts)
        first = np.where(counts == 1, self.members[np.minimum(self.starts[:-1], len(self.members) - 1)], -1) if len(counts) else counts
        return np.where(self.column.codes >= 0, first[self.column.codes], -1).astype(np.int32) if len(first) else self.column.codes


def flat(column: Column, read: Callable[[str], str | Iterable[str]]) -> Flat:
    """The values as `read` makes them of each text; empty ones are nothing, and a cell of nothing is missing."""
    number: dict[str, int] = {}
    kept: dict[Cell, int] = {}
    renamed = []
    for cell in column.values:
        texts = [text for value in cell for text in _texts(read(value)) if text]
        renamed.append(kept.setdefault(tuple(dict.fromkeys(texts)), len(kept)) if texts else -1)
    codes = np.where(column.codes >= 0, np.asarray(renamed or [-1], np.int32)[column.codes], -1).astype(np.int32)
    cells = [[number.setdefault(text, len(number)) for text in cell] for cell in kept]
    members = np.asarray([code for cell in cells for code in cell], np.int32)
    starts = np.concatenate([[0], np.cumsum([len(cell) for cell in cells], dtype=np.int64)]).astype(np.int64)
    texts = list(number)
    return Flat(Column(list(kept), codes), texts, members, starts, as_array(texts), lengths(texts))


def _texts(made: str | Iterable[str]) -> Iterable[str]:
    return (made,) if isinstance(made, str) else made


def levels_of(values: Flat, left: Ints, right: Ints, level: Callable[[Ints, Ints], Levels]) -> Levels:
    """The level of each pair of records: the highest of any of their values. `level` is asked once for each pair of distinct values."""
    found = np.full(len(left), MISSING, np.int8)
    one, other, place, both = distinct(values.column, left, right)
    if len(one):
        found[both] = _cells(values, one, other, level)[place]
    return found


def _cells(values: Flat, one: Ints, other: Ints, level: Callable[[Ints, Ints], Levels]) -> Levels:
    if values.is_single:
        return level(values.members[one], values.members[other])
    counts = np.diff(values.starts)
    ones, others = counts[one], counts[other]
    at = np.repeat(np.arange(len(one)), ones * others)
    within = np.arange(len(at)) - np.repeat(np.cumsum(ones * others) - ones * others, ones * others)
    left = values.members[values.starts[one][at] + within // others[at]]
    right = values.members[values.starts[other][at] + within % others[at]]
    found = np.zeros(len(one), np.int8)
    np.maximum.at(found, at, level(left, right))
    return found


def edits(left: Sequence[str], right: Sequence[str]) -> NDArray[np.uint8]:
    """Letters put in, left out, replaced or swapped with their neighbour (optimal string alignment); all above `MANY` are `MANY` + 1."""
    return _pairwise(OSA.distance, left, right, np.uint8, score_cutoff=MANY)


def likeness(left: Sequence[str], right: Sequence[str]) -> NDArray[np.float32]:
    """Jaro-Winkler similarity in [0, 1] (Winkler 1990)."""
    return _pairwise(JaroWinkler.similarity, left, right, np.float32)


def _pairwise(scorer: Any, left: Sequence[str], right: Sequence[str], kind: Any, **more: Any) -> NDArray[Any]:
    made: NDArray[Any] = cpdist(left, right, scorer=scorer, dtype=kind, workers=1 if len(left) < 5000 else -1, **more)
    return made


def lengths(texts: Sequence[str]) -> Ints:
    return np.fromiter((len(text) for text in texts), np.int32, len(texts))


def as_array(texts: Sequence[str]) -> NDArray[np.object_]:
    made = np.empty(len(texts), object)
    made[:] = texts
    return made


def pick(texts: NDArray[np.object_], codes: Ints) -> list[str]:
    found: list[str] = texts[codes].tolist()
    return found


def same_letters(texts: Sequence[str]) -> Ints:
    """A number for each text; texts of the same letters in any order share it."""
    number: dict[str, int] = {}
    return np.asarray([number.setdefault("".join(sorted(text)), len(number)) for text in texts], np.int32)
