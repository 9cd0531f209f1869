"""Excel workbooks, read as values: nothing is evaluated, and what could exhaust the machine is refused before it is opened."""

import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import zip_longest
from typing import Any, BinaryIO, Literal

import openpyxl
from msgspec import Struct

from vincle.vocabulary import Reject, Warn

from ._rows import MAX_COLUMNS, MAX_FIELD, Row, Table, find_headings, fit, name_headings
from .base import FileError

warnings.filterwarnings("ignore", module="openpyxl")

MAX_CELLS = 10_000_000
MAX_UNPACKED = 1 << 30
MAX_STRINGS = 200 << 20
MAX_RATIO = 200
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CELL = re.compile(rb"<(?:x:)?c[ />]")
_FORMULA = re.compile(rb"<(?:x:)?f[ />]")


class Scan(Struct, frozen=True):
    """What a look through the sheets tells before they are parsed."""

    cells: int
    formulas: int


def kind(head: bytes) -> Literal["", "workbook", "old"]:
    """Whether bytes begin a workbook ("old": the binary format before 2007, also worn by encrypted ones)."""
    if head.startswith(_OLE):
        return "old"
    return "workbook" if head.startswith(b"PK\x03\x04") else ""


def check(file: BinaryIO) -> Scan:
    """Refuses with FileError what must not be opened: encrypted, not a workbook, bombs, too many cells."""
    file.seek(0)
    head = file.read(1 << 20)
    file.seek(0)
    if kind(head) == "old":
        raise FileError("encrypted_workbook" if "EncryptedPackage".encode("utf-16-le") in head else "old_workbook")
    try:
        with zipfile.ZipFile(file) as archive:
            return _scan(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, KeyError) as fault:
        raise FileError("broken_workbook", str(fault)[:200]) from fault
    except Exception as fault:
        if type(fault).__module__ in ("zlib", "lzma", "_lzma"):
            raise FileError("broken_workbook", str(fault)[:200]) from fault
        raise


def _scan(archive: zipfile.ZipFile) -> Scan:
    parts = archive.infolist()
    if not any(part.filename.lstrip("/").startswith("xl/") for part in parts):
        raise FileError("not_a_workbook")
    if any(part.flag_bits & 1 for part in parts):
        raise FileError("encrypted_workbook")
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if unpacked > MAX_UNPACKED or (unpacked > 10 << 20 and unpacked > MAX_RATIO * max(packed, 1)) or len(parts) > 10_000:
        raise FileError("zip_bomb", f"{unpacked >> 20} MB")
    cells = formulas = total = 0
    for part in parts:
        if part.filename.endswith("sharedStrings.xml") and part.file_size > MAX_STRINGS:
            raise FileError("workbook_too_large", part.filename)
        if not part.filename.endswith((".xml", ".rels")):
            continue
        count, more, size = _scan_part(archive, part, "worksheets/" in part.filename)
        cells, formulas, total = max(cells, count), max(formulas, more), total + size
        if total > MAX_UNPACKED:
            raise FileError("zip_bomb", f"{total >> 20} MB")
    return Scan(cells, formulas)


def _scan_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, is_sheet: bool) -> tuple[int, int, int]:
    cells = formulas = size = 0
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
                formulas += len(_FORMULA.findall(block)) if b"<f" in block or b":f" in block else 0
                if cells > MAX_CELLS:
                    raise FileError("too_many_cells", f"> {MAX_CELLS}")
            elif size > MAX_UNPACKED:
                break
    return cells, formulas, size


def read(file: BinaryIO, sheet: str = "") -> Table:
    """The table of a workbook's sheet: the one named, else the first that has rows. FileError."""
    scan = check(file)
    book = _open(file, values=True)
    names = [page.title for page in book.worksheets]
    if sheet and sheet not in names:
        raise FileError("no_such_sheet", sheet)
    for name in [sheet] if sheet else names:
        head = [cells for _, cells in _values(book, None, name, 200, MAX_COLUMNS)]
        if any(any(cells) for cells in head):
            return _table(file, name, head, scan)
    raise FileError("empty_file")


def sheets(file: BinaryIO) -> tuple[str, ...]:
    """The names of the sheets that hold cells. FileError."""
    check(file)
    return tuple(page.title for page in _open(file, values=True).worksheets)


def _open(file: BinaryIO, values: bool) -> Any:
    file.seek(0)
    try:
        return openpyxl.load_workbook(file, read_only=True, data_only=values, keep_links=False)
    except Exception as fault:
        raise FileError("broken_workbook", str(fault)[:200]) from fault


def _table(file: BinaryIO, name: str, head: list[list[str]], scan: Scan) -> Table:
    trimmed = [_trim(cells) for cells in head]
    index, has_headings, width = find_headings(trimmed)
    width = min(max(width, 1), MAX_COLUMNS)
    headings = name_headings(trimmed[index] if has_headings and index < len(trimmed) else [], width)
    rows = _rows(file, name, len(headings), index + has_headings, scan.formulas > 0)
    return Table(headings=headings, rows=rows, kind="xlsx", encoding="", sheet=name, has_headings=has_headings)


def _trim(cells: list[str]) -> list[str]:
    last = max((place for place, cell in enumerate(cells) if cell), default=-1)
    return cells[: last + 1]


def _rows(file: BinaryIO, name: str, width: int, skip: int, formulas: bool) -> Iterator[Row | Reject | Warn]:
    book = _open(file, values=True)
    inert = _open(file, values=False) if formulas else None
    for line, cells in _values(book, inert, name, None, min(width + 16, MAX_COLUMNS)):
        if line <= skip or not any(cells):
            continue
        fitted = fit(cells, width)
        if fitted is None:
            yield Reject(line=line, code="row_too_wide", detail=f"> {width}", raw=" | ".join(cells)[:500])
        elif any(len(cell) > MAX_FIELD for cell in fitted):
            yield Reject(line=line, code="field_too_long")
        else:
            yield line, fitted


def _values(book: Any, inert: Any, name: str, most: int | None, width: int) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells) of a sheet; a formula without a stored result is given as its own text."""
    try:
        page = book[name]
        page.reset_dimensions()
        rows = page.iter_rows(max_row=most, max_col=width, values_only=True)
        if inert is None:
            for line, values in enumerate(rows, 1):
                yield line, ["" if value is None else value if type(value) is str else text_of(value) for value in values]
            return
        inert[name].reset_dimensions()
        formulas = inert[name].iter_rows(max_row=most, max_col=width, values_only=True)
        for line, (values, originals) in enumerate(zip_longest(rows, formulas, fillvalue=()), 1):
            yield line, [text_of(original if value is None else value) for value, original in zip(values, originals, strict=False)]
    except FileError:
        raise
    except Exception as fault:
        raise FileError("broken_workbook", f"{name}: {str(fault)[:200]}") from fault


def text_of(value: object) -> str:
    """A cell's value as text: whole numbers without a point, dates as ISO 8601, yes and no as true and false."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    text = str(value)
    return "" if text in ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!") else text
