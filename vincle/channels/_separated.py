"""Comma, semicolon, tab, pipe and blank separated text: the separator is told by content, broken lines are told by number."""

import csv
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import BinaryIO, Protocol

from msgspec import Struct

from vincle.vocabulary import Reject, Warn

from ._rows import MAX_COLUMNS, MAX_FIELD, Row, Table, find_headings, fit, name_headings, orange_rows
from ._text import errors_for, open_text
from .base import FileError

HEAD = 1 << 18
_MAX_LINE = 1 << 22
_MOST_REREAD = 500_000
_SEPARATORS = ",;\t|"
_NONE = "\x1f"

csv.field_size_limit(MAX_FIELD)


class Layout(Struct, frozen=True, kw_only=True):
    """How a text is laid out. `separator` is "" for one value a line and " " for runs of blanks; `first` counts records."""

    separator: str
    quoted: bool
    first: int
    has_headings: bool
    headings: tuple[str, ...]
    types: int = 0
    consistency: float = 1.0


def layout(head: str, separator: str = "", whole: bool = False) -> Layout:
    """The layout of a text by its beginning. `whole`: the beginning is all there is."""
    if not whole and (cut := max(head.rfind("\n"), head.rfind("\r"))) > 0:
        head = head[: cut + 1]
    lines = head.splitlines(keepends=True)
    if not separator and lines and lines[0].strip().lower().startswith("sep=") and len(lines[0].strip()) == 5:
        separator = lines[0].strip()[4]
    separator, quoted, consistency = _best(lines, separator)
    records = _records(lines, separator, quoted)
    index, has_headings, width = find_headings(records)
    width = min(max(width, 1), MAX_COLUMNS)
    given = records[index] if has_headings and index < len(records) else []
    if not separator and not has_headings:
        width = 1
    return Layout(separator=separator, quoted=quoted, first=index + has_headings, has_headings=has_headings, consistency=consistency,
                  headings=tuple(name_headings(given[:MAX_COLUMNS], width)), types=orange_rows(records, index) if has_headings else 0)


def _records(lines: list[str], separator: str, quoted: bool, most: int = 400) -> list[list[str]]:
    try:
        return list(islice(_reader(iter(lines), separator, quoted), most))
    except csv.Error:
        return []


def _reader(lines: Iterator[str], separator: str, quoted: bool) -> "_Reader":
    if separator == " ":
        return _Blanks(lines)
    return csv.reader(lines, delimiter=separator or _NONE, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)


class _Reader(Protocol):
    @property
    def line_num(self) -> int: ...
    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


class _Blanks:
    """Columns parted by runs of blanks, with the interface of a csv reader."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines, self.line_num = lines, 0

    def __iter__(self) -> "_Blanks":
        return self

    def __next__(self) -> list[str]:
        line = next(self.lines)
        self.line_num += 1
        return line.split()


def _best(lines: list[str], wanted: str) -> tuple[str, bool, float]:
    """The separator, whether quotes mean something, and the share of records that have the commonest width."""
    text = "".join(lines)
    best = (0.0, 0.0, "", True)
    for separator in wanted or _SEPARATORS:
        if separator not in text and not wanted:
            continue
        share, width = _share(_records(lines, separator, True))
        quoted = True
        if '"' in text:
            bare, bare_width = _share(_records(lines, separator, False))
            if bare > share + 0.05:
                share, width, quoted = bare, bare_width, False
        score = share * share * (1 + width.bit_length() / 8)
        if (wanted or (share >= 0.9 and width > 2) or (share >= 0.5 and not _is_prose(text, separator))) and score > best[0]:
            best = (score, share, separator, quoted)
    if best[0]:
        return best[2], best[3], best[1]
    if wanted:
        return wanted, True, 1.0
    for separator in _SEPARATORS:
        if _is_ragged(_records(lines, separator, True)) and not _is_prose(text, separator):
            return separator, True, 0.5
    if _blank_columns(lines):
        return " ", False, 1.0
    filled = [line.strip() for line in lines[1:] if line.strip()]
    return "", bool(filled) and all(line[0] == line[-1] == '"' and len(line) > 1 for line in filled), 1.0


def _share(records: list[list[str]]) -> tuple[float, int]:
    widths = Counter(len(record) for record in records if any(record))
    wide = [(count, width) for width, count in widths.items() if width > 1]
    if not wide:
        return 0.0, 1
    count, width = max(wide)
    return count / sum(widths.values()), width


def _is_prose(text: str, separator: str) -> bool:
    """In running text a blank follows the comma, in tables it seldom does."""
    return text.count(separator + " ") > 0.8 * text.count(separator)


def _is_ragged(records: list[list[str]]) -> bool:
    """A table of unequal rows: short headings, and nearly every row parted."""
    filled = [record for record in records if any(record)]
    if not filled or len(filled[0]) < 2 or any(len(cell) > 40 or len(cell.split()) > 5 for cell in filled[0]):
        return False
    return sum(len(record) > 1 for record in filled) >= 0.9 * len(filled)


def _blank_columns(lines: list[str]) -> bool:
    """Runs of blanks part the columns when every line has as many words, and most of them are numbers."""
    rows = [line.split() for line in lines[:200] if line.strip()]
    widths = {len(row) for row in rows}
    if len(rows) < 3 or len(widths) != 1 or widths.pop() < 2:
        return False
    words = [word for row in rows[1:] for word in row]
    return sum(any(sign.isdigit() for sign in word) for word in words) > 0.8 * len(words)


def read(file: BinaryIO, encoding: str, damaged: bool, separator: str = "") -> Table:
    """The table of a separated text; FileError when it has too many columns."""
    file.seek(0)
    head = file.read(HEAD)
    found = layout(head.decode(encoding, errors_for(encoding)), separator, whole=len(head) < HEAD)
    if len(found.headings) >= MAX_COLUMNS:
        raise FileError("too_many_columns", str(len(found.headings)))
    return Table(headings=list(found.headings), rows=_rows(file, encoding, damaged, found), kind="csv", encoding=encoding,
                 separator=found.separator, has_headings=found.has_headings)


def _rows(file: BinaryIO, encoding: str, damaged: bool, found: Layout) -> Iterator[Row | Reject | Warn]:
    text = open_text(file, encoding)
    try:
        rows = _plain_rows(_Lines(iter(partial(text.readline, _MAX_LINE), "")), found)
        yield from _with_damage(rows, found.headings) if damaged else rows
    finally:
        text.detach()


def _with_damage(rows: Iterator[Row | Reject | Warn], headings: tuple[str, ...]) -> Iterator[Row | Reject | Warn]:
    for row in rows:
        yield row
        if type(row) is tuple:
            for heading, cell in zip(headings, row[1], strict=False):
                if "\ufffd" in cell:
                    yield Warn(line=row[0], code="damaged_text", field=heading, detail=cell[:80])


class _Lines:
    """Physical lines, with those of the record being read at hand, so that a quote left open costs one line and not the rest.

    A csv reader asks for more only inside a quote: when a record comes out and the lines have `ended`, its quote was left open.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self.sources = [lines]
        self.pending: list[str] = []
        self.too_long: set[int] = set()
        self.count = 0
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        keep = self.pending.append
        while self.sources:
            source = self.sources[-1]
            for line in source:
                self.count += 1
                if len(line) >= _MAX_LINE and line[-1] not in "\r\n":
                    line = self._skip(source)
                keep(line)
                yield line
            self.sources.pop()
        self.ended = True

    def _skip(self, source: Iterator[str]) -> str:
        for more in source:
            if more[-1] in "\r\n":
                break
        self.too_long.add(self.count)
        return "\x00\n"

    def give_back(self, lines: list[str]) -> None:
        self.sources.append(iter(lines))
        self.count -= len(lines)
        self.ended = False


def _plain_rows(lines: _Lines, found: Layout) -> Iterator[Row | Reject | Warn]:
    width, skip, types, left = len(found.headings), found.first, found.types, _MOST_REREAD
    reader, base, pending = _reader(iter(lines), found.separator, found.quoted), 0, lines.pending
    skip += types
    end = 0
    while True:
        first = end + 1
        pending.clear()
        try:
            cells = next(reader)
            end = base + reader.line_num
            broken = found.quoted and len(pending) > 1 and (lines.ended or fit(cells, width) is None)
        except StopIteration:
            return
        except csv.Error:
            cells, end, broken = [], base + reader.line_num, True
        if broken:
            yield Reject(line=first, code="unclosed_quote" if len(pending) > 1 else "field_too_long", raw=pending[0][:500].rstrip("\r\n"))
            if 1 < len(pending) <= left:
                left -= len(pending)
                lines.give_back(pending[1:])
                reader, base, end = _reader(iter(lines), found.separator, found.quoted), first, first
            continue
        if skip:
            skip -= 1
            continue
        if len(cells) == width:
            if first in lines.too_long:
                yield Reject(line=first, code="line_too_long")
            else:
                yield first, cells
        elif cells:
            yield _odd(first, cells, width, lines)


def _odd(line: int, cells: list[str], width: int, lines: _Lines) -> Row | Reject:
    if line in lines.too_long:
        return Reject(line=line, code="line_too_long")
    if len(cells) > MAX_COLUMNS:
        return Reject(line=line, code="too_many_columns", detail=str(len(cells)))
    fitted = fit(cells, width)
    if fitted is None:
        return Reject(line=line, code="row_too_wide", detail=f"{len(cells)} > {width}", raw="".join(lines.pending)[:500].rstrip("\r\n"))
    return line, fitted
