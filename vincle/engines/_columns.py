"""Columns of rows in memory: words as numbers into lists of names, lists flat with their beginnings; cut by file and put together again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Column = npt.NDArray[Any]


class Names:
    """The names behind numbers, in the order in which they came; a name's number never changes."""

    def __init__(self) -> None:
        self.all: list[str | None] = []
        self._numbers: dict[str | None, int] = {}

    def __len__(self) -> int:
        return len(self.all)

    def number(self, name: str | None) -> int:
        found = self._numbers.get(name)
        if found is None:
            found = self._numbers[name] = len(self.all)
            self.all.append(name)
        return found

    def find(self, name: str) -> int:
        """The number of a name; -1 when nothing is called so."""
        return self._numbers.get(name, -1)

    def numbers(self, words: pa.Array | pa.ChunkedArray) -> Codes:
        """The number of each word."""
        parts = [np.zeros(0, np.int32)]
        for chunk in words.chunks if isinstance(words, pa.ChunkedArray) else [words]:
            coded = chunk if pa.types.is_dictionary(chunk.type) else chunk.cast(pa.string()).dictionary_encode()
            known = [self.number(name) for name in coded.dictionary.to_pylist()]
            if coded.indices.null_count:
                known.append(self.number(None))
            places = pc.fill_null(coded.indices.cast(pa.int64()), len(known) - 1).to_numpy(zero_copy_only=False)
            parts.append(np.asarray(known, np.int32)[places] if known else np.zeros(0, np.int32))
        return np.concatenate(parts)


class Rows(NamedTuple):
    """Lists, one a row: that of row i is `flat[starts[i] : starts[i + 1]]`."""

    starts: Ints
    flat: Column

    @property
    def lengths(self) -> Ints:
        return np.diff(self.starts)

    def of(self, first: int, end: int) -> "Rows":
        starts = self.starts[first : end + 1]
        return Rows(starts - starts[0], self.flat[starts[0] : starts[-1]])

    def take(self, places: Ints) -> "Rows":
        """The lists of the rows at these places."""
        lengths = self.lengths[places]
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        return Rows(starts, self.flat[np.repeat(self.starts[places] - starts[:-1], lengths) + np.arange(starts[-1])])


def one(lists: Sequence[Rows]) -> Rows:
    """Some of them behind each other."""
    if len(lists) == 1:
        return lists[0]
    ends = np.cumsum([len(rows.flat) for rows in lists])
    starts = [rows.starts[1:] + (end - len(rows.flat)) for rows, end in zip(lists, ends, strict=True)]
    return Rows(np.concatenate([np.zeros(1, np.int64), *starts]), np.concatenate([rows.flat for rows in lists]))


@dataclass(frozen=True)
class Part:
    """Columns and lists of the rows of some files, those of a file in the order of time (`at`: seconds since 1970)."""

    files: tuple[str, ...]
    sizes: tuple[int, ...]
    columns: Mapping[str, Column]
    lists: Mapping[str, Rows]

    def __len__(self) -> int:
        return sum(self.sizes)

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def by_file(self) -> dict[str, "Part"]:
        ends = np.cumsum(self.sizes).tolist()
        return {path: self._cut(path, end - size, end) for path, size, end in zip(self.files, self.sizes, ends, strict=True)}

    def between(self, since: int, until: int) -> list[tuple[int, int]]:
        """(first row, row behind the last) of the rows of a time, as few pieces as they are."""
        found, first = [(0, 0)], 0
        for size in self.sizes:
            at = self.columns["at"][first : first + size]
            begin, end = (first + int(place) for place in np.searchsorted(at, (since, until)))
            if begin < end and begin == found[-1][1]:
                found[-1] = (found[-1][0], end)
            elif begin < end:
                found.append((begin, end))
            first += size
        return [span for span in found if span[0] < span[1]]

    def _cut(self, path: str, first: int, end: int) -> "Part":
        columns = {name: column[first:end] for name, column in self.columns.items()}
        return Part((path,), (end - first,), columns, {name: rows.of(first, end) for name, rows in self.lists.items()})


def joined(parts: Sequence[Part]) -> Part:
    """One out of many (at least one), in their order."""
    return Part(
        tuple(path for part in parts for path in part.files),
        tuple(size for part in parts for size in part.sizes),
        {name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns},
        {name: one([part.lists[name] for part in parts]) for name in parts[0].lists},
    )
