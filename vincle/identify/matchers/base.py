"""The whole contract of a kind of evidence: which fields it reads, which levels of agreement it tells apart, and how it says so."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from vincle.identify.linkage.records import Cell, Column, Ints, Records

Levels = NDArray[np.int8]
Codes = NDArray[np.int64]
Score = Callable[[Sequence[str], Sequence[str]], NDArray[np.float32]]
"""Similarity in [0, 1] of texts pair by pair."""

MISSING: Final = -1
"""One of the two says nothing here: no evidence either way."""

ANYONE: Final = frozenset({"person", "organisation"})
PERSON: Final = frozenset({"person"})


class Level(NamedTuple):
    """One degree of agreement. `m`: its share among pairs of one person; `u`: among pairs of two. Where training begins."""

    id: str
    m: float
    u: float


class Key(NamedTuple):
    """Records with an equal code (not -1) become candidates. `records` names the record of each code where one may have several."""

    name: str
    codes: Codes
    records: Ints | None = None


class Said(NamedTuple):
    """A piece of evidence for words: a stable code, and what both sides say."""

    code: str
    values: dict[str, str]


class Matcher(Protocol):
    """One kind of evidence. A file of this folder with a `matcher` is found by itself."""

    @property
    def id(self) -> str: ...

    @property
    def kinds(self) -> frozenset[str]: ...

    @property
    def levels(self) -> tuple[Level, ...]: ...

    def fields(self, records: Records) -> tuple[str, ...]:
        """The columns it reads of these records; () when it has nothing to go by."""
        ...

    def prepare(self, records: Records) -> Any:
        """What `compare` needs, made once."""
        ...

    def compare(self, prepared: Any, left: Ints, right: Ints) -> Levels:
        """The level of each pair of records, as an index into `levels`; MISSING where one says nothing."""
        ...

    def keys(self, prepared: Any) -> Iterable[Key]:
        """By what pairs worth comparing are found."""
        ...

    def terms(self, prepared: Any) -> Ints | None:
        """A code of each record's value (-1: none) when a rare value in common says more than a frequent one."""
        ...

    def say(self, records: Records, left: int, right: int, level: int) -> Said:
        """What was found, for a person to read."""
        ...


def distinct(column: Column, left: Ints, right: Ints) -> tuple[Ints, Ints, NDArray[np.intp], NDArray[np.bool_]]:
    """(codes left, codes right, place of each pair among these, whether both sides say something): each pair of cells once."""
    one, other = column.codes[left], column.codes[right]
    both = (one >= 0) & (other >= 0)
    low, high = np.minimum(one[both], other[both]).astype(np.int64), np.maximum(one[both], other[both]).astype(np.int64)
    width = len(column.values) + 1
    if len(low) * 4 < width * width:  # hardly any pair of cells comes twice: finding out which would cost more than it saves
        return low.astype(np.int32), high.astype(np.int32), np.arange(len(low)), both
    packed, place = np.unique(low * width + high, return_inverse=True)
    return (packed // width).astype(np.int32), (packed % width).astype(np.int32), place, both


def best(column: Column, left: Ints, right: Ints, score: Score) -> NDArray[np.float32]:
    """Similarity of each pair of records in one column, the best over several values; NaN where one side says nothing."""
    found = np.full(len(left), np.nan, np.float32)
    one, other, place, both = distinct(column, left, right)
    if len(one):
        found[both] = best_of_cells([column.values[code] for code in one], [column.values[code] for code in other], score)[place]
    return found


def best_of_cells(left: Sequence[Cell], right: Sequence[Cell], score: Score) -> NDArray[np.float32]:
    """Similarity of cells pair by pair: of their two most similar values."""
    if all(len(one) == 1 == len(other) for one, other in zip(left, right, strict=True)):
        return score([one[0] for one in left], [other[0] for other in right])
    rows = [(at, one, other) for at, (ones, others) in enumerate(zip(left, right, strict=True)) for one in ones for other in others]
    scores = score([row[1] for row in rows], [row[2] for row in rows])
    found = np.zeros(len(left), np.float32)
    np.maximum.at(found, [row[0] for row in rows], scores)
    return found


def coded(column: Column, make: Callable[[Cell], Any]) -> Ints:
    """A number for each record by what `make` makes of its cell; equal results share one, a false one is -1."""
    number: dict[Any, int] = {}
    of_cell = np.asarray([number.setdefault(made, len(number)) if (made := make(cell)) else -1 for cell in column.values], np.int32)
    return np.where(column.codes >= 0, of_cell[column.codes], -1).astype(np.int32) if len(of_cell) else column.codes


def ragged(column: Column, make: Callable[[Cell], Iterable[Any]], name: str) -> Key:
    """A key of which a record may have several."""
    number: dict[Any, int] = {}
    of_cell = [[number.setdefault(made, len(number)) for made in dict.fromkeys(make(cell)) if made] for cell in column.values]
    lengths = np.asarray([len(codes) for codes in of_cell] or [0])
    filled = np.flatnonzero(column.codes >= 0)
    counts = lengths[column.codes[filled]] if len(filled) else np.zeros(0, np.intp)
    flat = np.asarray([code for codes in of_cell for code in codes], np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)])[:-1]
    begin = np.repeat(starts[column.codes[filled]] if len(filled) else counts, counts)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return Key(name, flat[begin + within] if len(flat) else flat, np.repeat(filled, counts).astype(np.int32))
