"""Records as columns: what is compared, one row a record, each distinct cell kept once."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Cell = tuple[str, ...]
Given = str | Sequence[str] | None


class Column(Struct, frozen=True, eq=False):
    """One field of all records. A cell may hold several values (two e-mails); `codes` says which of `values` a record has, -1: none."""

    values: list[Cell]
    codes: Ints

    @property
    def filled(self) -> float:
        """Share of the records that say something here, in [0, 1]."""
        return float(np.mean(self.codes >= 0)) if len(self.codes) else 0.0


class Records(Struct, frozen=True, eq=False):
    """A table of people or organisations. `source[i]` is the number of the table record i came from."""

    size: int
    columns: dict[str, Column]
    source: NDArray[np.int16]
    kind: str = "person"

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Given]], kind: str = "person", source: Sequence[int] | None = None) -> "Records":
        """Records from rows of field -> text or texts. Blank values are nothing.

        >>> Records.of([{"email": "ana@example.org"}, {"email": ["ana@example.org", "ana@example.com"]}, {}]).cell("email", 1)
        ('ana@example.org', 'ana@example.com')
        """
        fields = dict.fromkeys(field for row in rows for field in row)
        columns = {field: column(row.get(field) for row in rows) for field in fields}
        return cls.from_columns({field: made for field, made in columns.items() if made.values}, len(rows), kind, source)

    @classmethod
    def from_columns(
        cls, columns: dict[str, Column], size: int, kind: str = "person", source: Sequence[int] | NDArray[np.int16] | None = None
    ) -> "Records":
        numbers = np.zeros(size, np.int16) if source is None else np.asarray(source, np.int16)
        return cls(size, columns, numbers, kind)

    def cell(self, field: str, index: int) -> Cell:
        """What a record says in a field; () when nothing."""
        found = self.columns.get(field)
        code = -1 if found is None else int(found.codes[index])
        return found.values[code] if found is not None and code >= 0 else ()

    def text(self, field: str, index: int) -> str:
        """The first value of a cell; "" when there is none."""
        return next(iter(self.cell(field, index)), "")

    def take(self, indices: Ints) -> "Records":
        """Some of the records, in this order; the distinct cells are shared."""
        columns = {field: Column(found.values, found.codes[indices]) for field, found in self.columns.items()}
        return Records(len(indices), columns, self.source[indices], self.kind)


def column(cells: Iterable[Given]) -> Column:
    """A column from the cells of all records, in their order."""
    codes: list[int] = []
    number: dict[Cell, int] = {}
    for given in cells:
        cell: Cell
        if given is None:
            cell = ()
        elif isinstance(given, str):
            cell = (text,) if (text := given.strip()) else ()
        else:
            cell = tuple(dict.fromkeys(text for value in given if (text := value.strip())))
        codes.append(number.setdefault(cell, len(number)) if cell else -1)
    return _without_gaps(number, codes)


def _without_gaps(number: dict[Cell, int], codes: list[int]) -> Column:
    return Column(list(number), np.asarray(codes, np.int32))
