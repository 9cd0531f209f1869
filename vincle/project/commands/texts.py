"""Files of texts, read as they are and written again with more columns: no row is lost, whatever state it is in."""

import csv
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from msgspec import Struct

from vincle.channels import _separated, _tables, _text
from vincle.channels.base import FileError, Options
from vincle.identify.linkage.report import mode_of
from vincle.project.commands.plain import FAILED, MISUSED, fail
from vincle.store.export import neutral

TEXT_NAMES = ("text", "tweet", "comment", "review", "message", "content", "body", "post", "texto", "testo", "comentario", "comentari")
_BEGINNING = 30
_CALLS = ("(", "|")
_OTHERS = (".xls", ".ods", ".parquet", ".zip", ".pdf", ".docx")


class Texts(Struct, frozen=True):
    """A file of texts. `rows` can be gone through once: cells of each record, `before` those that stand above the headings.

    `text` is the place of the texts among the cells. `separator` is "" where each line is a text.
    """

    path: Path
    headings: list[str]
    before: list[list[str]]
    rows: Iterator[list[str]]
    text: int
    separator: str
    has_mark: bool

    def place(self, column: str) -> int:
        """Where a column stands, by its heading or its number (from 1); ends the command when there is none."""
        return place_of(column, self.headings, self.path)


def open_texts(path: Path, column: str = "", encoding: str = "") -> Texts:
    """The texts of a file: in the column of this name or number, or one a line in a .txt. Ends the command with a sentence."""
    try:
        file = open(path, "rb")  # noqa: SIM115  (rows are read as they are asked for)
    except OSError as error:
        fail(f"{path}: {error.strerror or error}", MISUSED)
    try:
        known = encoding or _text.find_encoding(file)[0]
        beginning = _beginning(file, known)
    except LookupError:
        fail(f"There is no encoding '{encoding}'.", MISUSED)
    except OSError as error:
        fail(f"{path}: {error.strerror or error}", MISUSED)
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return _workbook(path, file, column)
    if "\0" in beginning[:4096] or path.suffix.lower() in _OTHERS:
        fail(f"{path} is no text file. Save it as CSV first.", MISUSED)
    has_mark = known.endswith("-sig") or known in ("utf-16", "utf-32")
    if path.suffix.lower() == ".txt" and not column:
        return Texts(path, ["text"], [], ([line] for line in _lines(file, known)), 0, "", has_mark)
    return _table(path, file, known, beginning, column, has_mark)


def lines_of(path: Path) -> list[str]:
    """The lines of a text file. Ends the command when it cannot be read."""
    try:
        with open(path, "rb") as file:
            return list(_lines(file, _text.find_encoding(file)[0]))
    except OSError as error:
        fail(f"{path}: {error.strerror or error}", MISUSED)


def place_of(column: str, headings: Sequence[str], path: Path) -> int:
    names = [heading.strip().casefold() for heading in headings]
    if column.strip().casefold() in names:
        return names.index(column.strip().casefold())
    if column.isascii() and column.isdecimal() and 1 <= int(column) <= len(headings):
        return int(column) - 1
    fail(f"{path}: there is no column '{column}'. There are: {', '.join(headings)}.", MISUSED)


def write(texts: Texts, path: Path, added: Sequence[str], rows: Iterable[tuple[list[str], Sequence[Any]]]) -> int:
    """Write the rows with what is added to each, whole or not at all; returns how many. Cells beyond the headings come after that."""
    width = len(texts.headings)
    names = [*texts.headings, *_fresh(added, texts.headings)]
    target = path.resolve() if path.is_symlink() else path
    handle, part = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    written = 0
    try:
        with os.fdopen(handle, "w", newline="", encoding="utf-8-sig" if texts.has_mark else "utf-8", errors="replace") as file:
            writer = csv.writer(file, delimiter=texts.separator or ",", lineterminator="\n")
            for cells in (*texts.before, names):
                writer.writerow([safe(cell) for cell in cells])
            for cells, more in rows:
                filled = [*cells[:width], *[""] * (width - len(cells)), *more, *cells[width:]]
                writer.writerow([safe(cell) for cell in filled])
                written += 1
        os.chmod(part, mode_of(target))
        os.replace(part, target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    return written


def safe(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula. Someone who is spoken to stands as written.

    >>> safe("=1+1"), safe("@SUM(A1)"), safe("@ana thanks!"), safe(-0.5)
    ("'=1+1", "'@SUM(A1)", '@ana thanks!', -0.5)
    """
    if isinstance(cell, str) and cell.startswith("@"):
        name = cell[1:].partition(" ")[0]
        return neutral(cell) if any(sign in name for sign in _CALLS) else cell
    return neutral(cell)


def parts(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Rows, some at a time."""
    source = iter(rows)
    while part := list(islice(source, size)):
        yield part


def guarded(work: Callable[[], Any], out: Path) -> Any:
    """What `work` returns; ends the command when it cannot write."""
    try:
        return work()
    except OSError as error:
        fail(f"{error.filename or out}: {error.strerror or error}", FAILED)


def _beginning(file: BinaryIO, encoding: str) -> str:
    file.seek(0)
    return file.read(_separated.HEAD).decode(encoding, _text.errors_for(encoding))


def _lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    file.seek(0)
    for line in _text.open_text(file, encoding):
        yield line.rstrip("\r\n")


def _table(path: Path, file: BinaryIO, encoding: str, beginning: str, column: str, has_mark: bool) -> Texts:
    layout = _separated.layout(beginning, "\t" if path.suffix.lower() in (".tsv", ".tab") and "\t" in beginning else "")
    separator = "" if layout.separator == " " else layout.separator
    file.seek(0)
    rows = _records(_text.open_text(file, encoding), separator, layout.quoted)
    first = list(islice(rows, _BEGINNING))
    at = next((n for n, cells in enumerate(first) if column and column.strip().casefold() in [c.strip().casefold() for c in cells]), None)
    at = layout.first - 1 if at is None and layout.has_headings else at
    if at is None or at >= len(first):
        headings, before = [f"column {place}" for place in range(1, max(map(len, first), default=1) + 1)], []
    else:
        headings, before, first = first[at], first[:at], first[at + 1 :]
    place = place_of(column or _likely(headings, path), headings, path)
    return Texts(path, headings, before, _chained(first, rows), place, separator, has_mark)


def _workbook(path: Path, file: BinaryIO, column: str) -> Texts:
    try:
        table = _tables.open_table(file, Options(file_key="", now=datetime.now(UTC), name=path.name))
    except FileError as error:
        fail(f"{path} cannot be read as a workbook ({error.code}). Save it as CSV first.", MISUSED)
    rows = (list(row[1]) for row in table.rows if isinstance(row, tuple))
    headings = list(table.headings)
    return Texts(path, headings, [], rows, place_of(column or _likely(headings, path), headings, path), ",", False)


def _likely(headings: Sequence[str], path: Path) -> str:
    names = {heading.strip().casefold(): heading for heading in headings}
    found = next((names[name] for name in TEXT_NAMES if name in names), None)
    if found is None and len(headings) == 1:
        found = headings[0]
    if found is None:
        fail(f"{path}: say with --text in which column the texts stand. There are: {', '.join(headings)}.", MISUSED)
    return found


def _chained(first: Iterable[list[str]], rest: Iterable[list[str]]) -> Iterator[list[str]]:
    yield from first
    yield from rest


def _records(text: Iterable[str], separator: str, quoted: bool) -> Iterator[list[str]]:
    """Records of a separated text. A quote that is never closed, or where none belongs, costs its own line only."""
    lines, mark = _Remembered(text), separator or "\x1f"
    while True:
        reader = csv.reader(lines, delimiter=mark, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE, strict=True)
        lines.held.clear()
        try:
            for cells in reader:
                lines.held.clear()
                if cells:
                    yield cells
            return
        except csv.Error:
            first, *rest = lines.held
            line = [first.rstrip("\r\n").replace("\r", " ")]
            plain = csv.reader(line, delimiter=mark, quoting=csv.QUOTE_NONE) if rest else csv.reader(line, delimiter=mark)
            yield next(plain, [])
            lines.give_back()


class _Remembered:
    """Lines, with those of the record being read at hand."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.coming = iter(lines)
        self.held: list[str] = []
        self.again: list[str] = []

    def __iter__(self) -> "_Remembered":
        return self

    def __next__(self) -> str:
        line = self.again.pop() if self.again else next(self.coming, None)
        if line is None:
            raise StopIteration
        self.held.append(line)
        return line

    def give_back(self) -> None:
        """All but the first of the held lines are read again."""
        self.again += self.held[:0:-1]
        self.held.clear()


def _fresh(added: Sequence[str], headings: Sequence[str]) -> list[str]:
    """Names for new columns that no heading bears yet."""
    used = {heading.strip().casefold() for heading in headings}
    return [name if name not in used else f"vincle_{name}" for name in added]
