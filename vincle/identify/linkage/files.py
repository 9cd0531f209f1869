"""Tables to be linked, from files or from frames: every cell as text, every row with its number, what cannot be read with its reason."""

import math
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct

from vincle.channels import _tables as tables
from vincle.channels._rows import name_headings
from vincle.channels._text import clean
from vincle.channels.base import FileError
from vincle.channels.base import Options as ReadOptions
from vincle.vocabulary import Reject

from .records import Ints

MAX_CELL = 4096
"""Characters kept of a cell: what is longer is no name, address or number."""
_PIECE = 10_000
_NOTHING = frozenset(("", "-", "--", "?", ".", "#N/A", "N/A", "n/a", "<NA>", "NaN", "nan", "NULL", "null", "None", "none", "\\N"))


class Series(Struct, eq=False):
    """A column as it stands in its table: each distinct text once, and for each row the place of its text, -1 when blank."""

    heading: str
    values: list[str]
    codes: Ints

    @property
    def size(self) -> int:
        """How many rows say something."""
        return int(np.count_nonzero(self.codes >= 0))


class Fault(Struct, frozen=True):
    """A row that could not be read: its number, its line in the file, and a stable code with its detail."""

    row: int
    line: int
    code: str
    detail: str = ""


class Table(Struct, eq=False):
    """A table that was read. `rows[i]` is the number of the i-th row that could be read; the first row of data is 1."""

    name: str
    series: list[Series]
    rows: Ints
    faults: list[Fault]
    has_headings: bool = True

    @property
    def size(self) -> int:
        return len(self.rows)

    @property
    def headings(self) -> list[str]:
        return [each.heading for each in self.series]


def read(path: str | Path, name: str = "", sheet: str = "", encoding: str = "") -> Table:
    """The table in a file: CSV of any separator and encoding, Excel, JSON, JSON lines or Parquet, told by its content.

    Raises FileError (its `code` is stable) when the file as a whole cannot be read, and OSError when there is none.
    """
    path = Path(path)
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(0)
        if head == b"PAR1":
            return _of_parquet(file, name or path.name)
        return _of_rows(file, name or path.name, sheet, encoding)


def of_frame(frame: Any, name: str) -> Table:
    """The table in a frame: pandas, Polars, pyarrow, or a list of mappings. Raises TypeError for anything else."""
    if isinstance(frame, str | Path):
        return read(frame, name)
    if isinstance(frame, pa.Table):
        return _of_arrow([frame], frame.schema, name)
    if hasattr(frame, "to_arrow"):
        return of_frame(frame.to_arrow(), name)
    if hasattr(frame, "iloc") and hasattr(frame, "columns"):
        return _of_columns({str(heading): frame.iloc[:, at].tolist() for at, heading in enumerate(frame.columns)}, len(frame), name)
    if isinstance(frame, Iterable) and not isinstance(frame, Mapping | bytes):
        rows = list(frame)
        if all(isinstance(row, Mapping) for row in rows):
            headings = dict.fromkeys(heading for row in rows for heading in row)
            return _of_columns({str(heading): [row.get(heading) for row in rows] for heading in headings}, len(rows), name)
    raise TypeError(
        f"{name} is no table: a path, a pandas, Polars or pyarrow frame, or a list of mappings is wanted, not {type(frame).__name__}"
    )


class _Coder:
    """Gathers a column piece by piece, each distinct text once."""

    def __init__(self) -> None:
        self.number: dict[str, int] = {}
        self.codes = array("i")

    def add(self, cells: Iterable[str]) -> None:
        number = self.number
        put = number.setdefault
        self.codes.extend([put(cell, len(number)) for cell in cells])

    def series(self, heading: str) -> Series:
        return _series(heading, list(self.number), np.asarray(self.codes, np.int32))


def _series(heading: str, texts: Sequence[str], codes: Ints) -> Series:
    """Texts made plain; those that became equal share one place, those that say nothing have none."""
    number: dict[str, int] = {}
    plain = [plain_cell(text) for text in texts]
    place = np.asarray([number.setdefault(text, len(number)) if text else -1 for text in plain] or [-1], np.int32)
    return Series(heading, list(number), np.where(codes >= 0, place[codes], -1).astype(np.int32))


def plain_cell(text: str) -> str:
    """A cell without control characters and blanks around it; "" for the words by which programs say nothing.

    >>> plain_cell(" Ana\\x00 "), plain_cell("NULL"), plain_cell("'+34 600 111 222"), plain_cell("'t Hart")
    ('Ana', '', '+34 600 111 222', "'t Hart")
    """
    text = text.strip() if len(text) <= MAX_CELL and text.isprintable() else clean(text[:MAX_CELL])
    if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@"):
        text = text[1:]
    return "" if text in _NOTHING else text


def _of_rows(file: BinaryIO, name: str, sheet: str, encoding: str) -> Table:
    options = ReadOptions(file_key="", now=datetime.now(UTC), name=name, sheet=sheet, encoding=encoding)
    table = tables.open_table(file, options)
    coders = [_Coder() for _ in table.headings]
    rows = array("i")
    faults: list[Fault] = []
    pieces = iter(lambda: _piece(table, rows, faults), [])
    for piece in pieces:
        for coder, cells in zip(coders, zip(*piece, strict=True), strict=True):
            coder.add(cells)
    series = [coder.series(heading) for coder, heading in zip(coders, table.headings, strict=True)]
    return Table(name, series, np.asarray(rows, np.int32), faults, table.has_headings)


def _piece(table: tables.Table, rows: "array[int]", faults: list[Fault]) -> list[list[str]]:
    """The next rows that can be read, their numbers noted in `rows`; none at the end."""
    piece: list[list[str]] = []
    number = len(rows) + len(faults)
    for row in table.rows:
        if isinstance(row, tuple):
            number = row[0] - table.begins + 1 if table.begins else number + 1
            rows.append(number)
            piece.append(row[1])
            if len(piece) == _PIECE:
                break
        elif isinstance(row, Reject):
            number = row.line - table.begins + 1 if table.begins else number + 1
            faults.append(Fault(number, row.line, row.code, row.detail))
    return piece


def _of_columns(columns: dict[str, list[Any]], size: int, name: str) -> Table:
    series = []
    for heading, cells in zip(name_headings(list(columns), len(columns)), columns.values(), strict=True):
        coder = _Coder()
        coder.add(map(as_text, cells))
        series.append(coder.series(heading))
    return Table(name, series, np.arange(1, size + 1, dtype=np.int32), [])


def _of_parquet(file: BinaryIO, name: str) -> Table:
    try:
        parquet = pq.ParquetFile(file)
        return _of_arrow(_batches(parquet), parquet.schema_arrow, name)
    except (pa.ArrowException, OSError) as fault:
        raise FileError("broken_parquet", str(fault).partition("\n")[0][:200]) from fault


def _batches(parquet: Any) -> Iterator[Any]:
    for batch in parquet.iter_batches(batch_size=1 << 17):
        yield pa.Table.from_batches([batch])


def _of_arrow(pieces: Iterable[Any], schema: Any, name: str) -> Table:
    """A table from pieces of Arrow: each distinct value is turned into text once a piece."""
    numbers: list[dict[str, int]] = [{} for _ in schema.names]
    codes: list[list[Ints]] = [[] for _ in schema.names]
    size = 0
    for piece in pieces:
        size += piece.num_rows
        for at, number in enumerate(numbers):
            texts, places = _encoded(piece.column(at))
            known = np.asarray([number.setdefault(text, len(number)) for text in texts] or [-1], np.int32)
            codes[at].append(np.where(places >= 0, known[places], -1).astype(np.int32))
    series = [
        _series(heading, list(number), np.concatenate(parts) if parts else np.zeros(0, np.int32))
        for heading, number, parts in zip(name_headings(schema.names, len(schema.names)), numbers, codes, strict=True)
    ]
    return Table(name, series, np.arange(1, size + 1, dtype=np.int32), [])


def _encoded(column: Any) -> tuple[list[str], Ints]:
    """(distinct texts, place of each row's text or -1) of a column of Arrow."""
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    try:
        encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
        places = np.asarray(encoded.indices.fill_null(-1), np.int32)
        return [as_text(value) for value in encoded.dictionary.to_pylist()], places
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        number: dict[str, int] = {}
        return_codes = [number.setdefault(as_text(value), len(number)) for value in array.to_pylist()]
        return list(number), np.asarray(return_codes, np.int32)


def as_text(value: Any) -> str:
    """A value of a frame as a person would write it: whole numbers without a point, days as ISO 8601, lists parted by bars.

    >>> as_text(600111222.0), as_text(datetime(1908, 12, 9)), as_text(["a@x.org", "b@x.org"]), as_text(float("nan")), as_text(None)
    ('600111222', '1908-12-09', 'a@x.org|b@x.org', '', '')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        return "" if not math.isfinite(value) else str(int(value)) if float(value).is_integer() else repr(float(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return "|".join(filter(None, (as_text(one) for one in value)))
    if isinstance(value, datetime):
        return _moment(value)
    return value.isoformat() if isinstance(value, date) else _other(value)


def _moment(value: datetime) -> str:
    if value != value:  # pandas' NaT is a datetime that equals nothing, itself included
        return ""
    is_day = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
    return value.date().isoformat() if is_day else value.isoformat()


def _other(value: Any) -> str:
    text = str(value)
    return "" if text in ("<NA>", "NaT") else text
