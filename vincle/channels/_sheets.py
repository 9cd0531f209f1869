"""Excel workbooks, read as values: nothing is evaluated, and what could exhaust the machine is refused before it is opened."""

import re
import warnings
import zipfile
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO, Literal, cast

from msgspec import Struct
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet

from vincle.vocabulary import Reject, Warn

from ._rows import MAX_COLUMNS, MAX_FIELD, Row, Table, find_headings, fit, name_headings
from ._sheet_rows import SheetRows, Style
from .base import FileError

warnings.filterwarnings("ignore", module="openpyxl")

MAX_CELLS = 10_000_000
MAX_UNPACKED = 1 << 30
MAX_STRINGS = 200 << 20
MAX_RATIO = 200
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CELL = re.compile(rb"<(?:x:)?c[ />]")


class _Book(Struct, frozen=True):
    """An opened workbook: the part of each sheet by its name, and what is needed to read its values."""

    archive: zipfile.ZipFile
    paths: dict[str, str]
    style: Style


def kind(head: bytes) -> Literal["", "workbook", "old"]:
    """Whether bytes begin a workbook ("old": the binary format before 2007, also worn by encrypted ones)."""
    if head.startswith(_OLE):
        return "old"
    return "workbook" if head.startswith(b"PK\x03\x04") else ""


def check(file: BinaryIO) -> None:
    """Refuses with FileError what must not be opened: encrypted, not a workbook, bombs, too many cells."""
    file.seek(0)
    head = file.read(1 << 20)
    file.seek(0)
    if kind(head) == "old":
        raise FileError("encrypted_workbook" if "EncryptedPackage".encode("utf-16-le") in head else "old_workbook")
    try:
        with zipfile.ZipFile(file) as archive:
            _scan(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, KeyError) as fault:
        raise FileError("broken_workbook", str(fault)[:200]) from fault
    except Exception as fault:
        if type(fault).__module__ in ("zlib", "lzma", "_lzma"):
            raise FileError("broken_workbook", str(fault)[:200]) from fault
        raise


def _scan(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if not any(part.filename.lstrip("/").startswith("xl/") for part in parts):
        raise FileError("not_a_workbook")
    if any(part.flag_bits & 1 for part in parts):
        raise FileError("encrypted_workbook")
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if unpacked > MAX_UNPACKED or (unpacked > 10 << 20 and unpacked > MAX_RATIO * max(packed, 1)) or len(parts) > 10_000:
        raise FileError("zip_bomb", f"{unpacked >> 20} MB")
    total = 0
    for part in parts:
        if part.filename.endswith("sharedStrings.xml") and part.file_size > MAX_STRINGS:
            raise FileError("workbook_too_large", part.filename)
        if not part.filename.endswith((".xml", ".rels")):
            continue
        total += _scan_part(archive, part, "worksheets/" in part.filename)
        if total > MAX_UNPACKED:
            raise FileError("zip_bomb", f"{total >> 20} MB")


def _scan_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, is_sheet: bool) -> int:
    """Bytes of one part, counted by unpacking it; refuses sheets of too many cells and definitions of entities."""
    cells = size = 0
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(1 << 20):
            if not size and (b"<!DOCTYPE" in chunk[:4096].upper() or chunk[:2] in (b"\xff\xfe", b"\xfe\xff")):
                raise FileError("unsafe_workbook", part.filename)
            size += len(chunk)
            if is_sheet:
                block = tail + chunk
                end = block.rfind(b"<")
                block, tail = (block[:end], block[end:][:64]) if end > 0 else (block, b"")
                cells += len(_CELL.findall(block))
                if cells > MAX_CELLS:
                    raise FileError("too_many_cells", f"> {MAX_CELLS}")
            elif size > MAX_UNPACKED:
                break
    return size


def read(file: BinaryIO, sheet: str = "") -> Table:
    """The table of a workbook's sheet: the one named, else the first that has rows. FileError."""
    check(file)
    book = _open(file)
    if sheet and sheet not in book.paths:
        raise FileError("no_such_sheet", sheet)
    for name in [sheet] if sheet else book.paths:
        head = list(islice(_values(book, name, MAX_COLUMNS), 200))
        if any(any(cells) for _, cells in head):
            return _table(book, name, head)
    raise FileError("empty_file")


def sheets(file: BinaryIO) -> tuple[str, ...]:
    """The names of a workbook's sheets. FileError."""
    check(file)
    return tuple(_open(file).paths)


def cells(file: BinaryIO, sheet: str, width: int = MAX_COLUMNS) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells as text) of a sheet as it stands, without looking for headings; for files that `sheets` has checked. FileError."""
    book = _open(file)
    if sheet not in book.paths:
        raise FileError("no_such_sheet", sheet)
    yield from _values(book, sheet, width)


def _open(file: BinaryIO) -> _Book:
    """What precedes the sheets: shared strings, styles and names. The sheets themselves are left unread."""
    file.seek(0)
    try:
        reader = ExcelReader(file, read_only=True, keep_links=False)
        reader.read_manifest()
        reader.read_strings()
        reader.read_workbook()
        apply_stylesheet(reader.archive, reader.wb)
        found = {sheet.name: rel.target for sheet, rel in reader.parser.find_sheets()
                 if rel.target in reader.valid_files and "chartsheet" not in rel.Type}
        book: Any = reader.wb
        style = Style(strings=reader.shared_strings, dates=frozenset(book._date_formats), spans=frozenset(book._timedelta_formats),
                      epoch=book.epoch)
    except Exception as fault:
        raise FileError("broken_workbook", str(fault)[:200]) from fault
    return _Book(reader.archive, found, style)


def _table(book: _Book, name: str, head: list[tuple[int, list[str]]]) -> Table:
    trimmed = [_trim(cells) for _, cells in head]
    index, has_headings, width = find_headings(trimmed)
    width = min(max(width, 1), MAX_COLUMNS)
    headings = name_headings(trimmed[index] if has_headings and index < len(trimmed) else [], width)
    first = head[min(index, len(head) - 1)][0]
    skip = first if has_headings else first - 1
    rows = _rows(book, name, len(headings), skip)
    return Table(headings=headings, rows=rows, kind="xlsx", encoding="", sheet=name, has_headings=has_headings, begins=skip + 1)


def _trim(cells: list[str]) -> list[str]:
    last = max((place for place, cell in enumerate(cells) if cell), default=-1)
    return cells[: last + 1]


def _rows(book: _Book, name: str, width: int, skip: int) -> Iterator[Row | Reject | Warn]:
    for line, cells in _values(book, name, min(width + 16, MAX_COLUMNS)):
        if line <= skip or not any(cells):
            continue
        fitted = fit(cells, width)
        if fitted is None:
            yield Reject(line=line, code="row_too_wide", detail=f"> {width}", raw=" | ".join(cells)[:500])
        elif any(len(cell) > MAX_FIELD for cell in fitted):
            yield Reject(line=line, code="field_too_long")
        else:
            yield line, fitted


def _values(book: _Book, name: str, width: int) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells) of a sheet, only the rows it holds."""
    with book.archive.open(book.paths[name]) as stream:
        yield from SheetRows(cast(BinaryIO, stream), book.style, width)
