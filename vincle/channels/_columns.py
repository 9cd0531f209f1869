"""What a table's columns hold: their types and the spelling of their dates, told by all their values, and the preview of it."""

import re
from array import array
from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from typing import Any, BinaryIO

from msgspec import Struct

from ._dates import Dates, looks_like_date
from ._identifiers import amount, boolean, decimal_mark
from ._rows import Table
from ._tables import open_table
from ._text import clean
from .base import Column, FileError, Options, Preview, Question

_BATCH = 4096
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,30})?", re.ASCII).fullmatch
_LEADING_ZERO = re.compile(r"[+-]?0\d").match
SAMPLE_ROWS = 20


class Guess(Struct, frozen=True):
    """The field a column goes to, and how sure that is (0..1)."""

    field: str
    confidence: float


class Evidence:
    """Counts over the values of one column. `typed` says whether its type is wanted, not only its dates."""

    def __init__(self, zone: tzinfo, order: str, typed: bool) -> None:
        self.dates = Dates(zone, order)
        self.typed = typed
        self.filled = self.numbers = self.truths = self.days = 0
        self.zeros = False
        self.highest = 0.0
        self._marked: list[str] = []

    def see(self, values: list[str]) -> None:
        """Takes values in; empty ones do not count."""
        values = [value.strip() for value in values if value]
        self.dates.see(values)
        if not self.typed:
            return
        for value in values:
            if not value:
                continue
            self.filled += 1
            if _NUMBER(value):
                self.numbers += 1
                self.highest = max(self.highest, float(value))
                if "." in value and len(self._marked) < 1000:
                    self._marked.append(value)
            else:
                self._see_other(value)

    def _see_other(self, value: str) -> None:
        if _LEADING_ZERO(value) and "." not in value and "," not in value:
            self.zeros = self.zeros or value.isdecimal()
        if self.days >= self.filled - 50 and looks_like_date(value):
            self.days += 1
        elif len(value) < 40 and value[-1].isdecimal() | value[0].isdecimal() and amount(value):
            self.numbers += 1
            if len(self._marked) < 1000:
                self._marked.append(value)
        elif boolean(value) is not None:
            self.truths += 1

    @property
    def type(self) -> str:
        """number, date, boolean or text: what at least three quarters of the values are (for yes and no: all)."""
        enough = self.filled * 0.75
        if not self.filled:
            return "text"
        if self.numbers >= enough and not self.zeros:
            return "number"
        if self.days >= enough:
            return "date"
        return "boolean" if self.truths == self.filled else "text"

    @property
    def decimal_mark(self) -> str:
        """The mark that the values prove, or ''."""
        return decimal_mark(self._marked)


class Survey(Struct):
    """What a pass over the whole table found. `evidence` is by column index."""

    rows: int
    evidence: dict[int, Evidence]


def survey(table: Table, typed: Iterable[int], dated: Iterable[int], options: Options) -> Survey:
    """Reads all rows and collects evidence on the columns asked for."""
    zone, order = options.locale.zone, options.date_order
    evidence = {index: Evidence(zone, order, True) for index in typed}
    evidence |= {index: Evidence(zone, order, False) for index in dated if index not in evidence}
    count = 0
    batch: list[list[str]] = []
    for row in table.rows:
        if isinstance(row, tuple):
            batch.append(row[1])
            if len(batch) == _BATCH:
                count += _take(batch, evidence)
                batch = []
    return Survey(count + _take(batch, evidence), evidence)


def _take(batch: list[list[str]], evidence: dict[int, Evidence]) -> int:
    for index, seen in evidence.items():
        seen.see([cells[index] for cells in batch])
    return len(batch)


def first_rows(table: Table, most: int = 200) -> list[list[str]]:
    """The first rows of a table that can be read whole."""
    rows: list[list[str]] = []
    for row in table.rows:
        if isinstance(row, tuple):
            rows.append(row[1])
            if len(rows) == most:
                break
    return rows


def mapped(headings: Sequence[str], guesses: Sequence[Guess], mapping: dict[str, str], known: Sequence[str] = ()) -> list[str]:
    """The field of every column: a person's mapping first, then the guess. FileError for a field that is not `known`."""
    for heading, field in mapping.items():
        if known and field and field not in known and not field.startswith("custom:"):
            raise FileError("unknown_field", f"{heading}: {field}")
    return [mapping.get(heading, guess.field) for heading, guess in zip(headings, guesses, strict=True)]


def preview(channel: str, vendor: str, file: BinaryIO, options: Options, guess: Callable[[Table, list[list[str]]], list[Guess]],
            dated: frozenset[str], custom_dates: bool = False) -> Preview:
    """The preview of a table: columns, guesses, first rows, the number of rows, and open questions on date columns.

    `custom_dates`: columns of no known meaning that hold dates are read as dates, so they raise questions too.
    """
    table = open_table(file, options)
    rows = first_rows(table)
    guesses = guess(table, rows)
    fields = mapped(table.headings, guesses, options.mapping)
    asked = [index for index, field in enumerate(fields)
             if field in dated or (custom_dates and field.startswith("custom:") and _are_dates(rows, index))]
    found = survey(open_table(file, options), [], asked, options)
    columns = tuple(
        Column(heading=heading, guess=guess.field, confidence=guess.confidence, samples=_samples(rows, index))
        for index, (heading, guess) in enumerate(zip(table.headings, guesses, strict=True))
    )
    sample = tuple(tuple(clean(cell)[:200] for cell in cells) for cells in rows[:SAMPLE_ROWS])
    return Preview(channel=channel, vendor=vendor, encoding=table.encoding, separator=table.separator, rows=found.rows, columns=columns,
                   questions=questions(found), sample=sample)


def _are_dates(rows: list[list[str]], index: int) -> bool:
    values = [cells[index] for cells in rows if cells[index].strip()]
    return bool(values) and sum(map(looks_like_date, values)) >= 0.75 * len(values)


def questions(found: Survey) -> tuple[Question, ...]:
    """One question for all columns whose dates stay ambiguous: one answer settles them."""
    asked = [question for seen in found.evidence.values() if (question := seen.dates.question())]
    return tuple(asked[:1])


def _samples(rows: list[list[str]], index: int) -> tuple[str, ...]:
    values = dict.fromkeys(clean(cells[index])[:80] for cells in rows[:100] if cells[index].strip())
    return tuple(values)[:3]


def typed_value(text: str, kind: str, dates: Dates, mark: str = "") -> Any:
    """A cell as its column's type. ValueError whose text is the code: `not_a_number`, `invalid_date`, `ambiguous_date`, `not_a_boolean`."""
    if kind == "number":
        return number(text, mark)
    if kind == "date":
        return date_value(text, dates)
    if kind == "boolean":
        truth = boolean(text)
        if truth is None:
            raise ValueError("not_a_boolean")
        return truth
    return text


def number(text: str, mark: str = "") -> int | float:
    """A number as people write it. ValueError `not_a_number`."""
    if _NUMBER(text) and mark != ",":
        return float(text) if "." in text else int(text)
    found = amount(text, mark)
    if found is None:
        raise ValueError("not_a_number")
    value = found[0]
    return int(value) if value == value.to_integral_value() and abs(value) < 10**15 and value.as_tuple().exponent == 0 else float(value)


def date_value(text: str, dates: Dates) -> str:
    """A date as ISO 8601; with its time (UTC) when the cell states one. DateError."""
    if ":" in text:
        return dates.moment(text).isoformat()
    return dates.day(text).isoformat()


class Seen:
    """Which keys were met before, and on which line: 12 bytes a place, so that a million rows take some 25 MB."""

    def __init__(self) -> None:
        self._size = 1 << 10
        self._keys = array("Q", bytes(8 * self._size))
        self._lines = array("I", bytes(4 * self._size))
        self._count = 0

    def first(self, key: int, line: int) -> int:
        """The line on which the key (64 bits) was met first, 0 when this is the first time."""
        key = (key & 0xFFFFFFFFFFFFFFFF) or 1
        at = self._find(key)
        if self._keys[at]:
            return self._lines[at]
        self._keys[at], self._lines[at] = key, line
        self._count += 1
        if self._count * 2 > self._size:
            self._grow()
        return 0

    def _find(self, key: int) -> int:
        keys, mask = self._keys, self._size - 1
        at = (key ^ key >> 29) & mask
        while keys[at] and keys[at] != key:
            at = (at + 1) & mask
        return at

    def _grow(self) -> None:
        keys, lines = self._keys, self._lines
        self._size *= 2
        self._keys = array("Q", bytes(8 * self._size))
        self._lines = array("I", bytes(4 * self._size))
        for key, line in zip(keys, lines, strict=True):
            if key:
                at = self._find(key)
                self._keys[at], self._lines[at] = key, line

