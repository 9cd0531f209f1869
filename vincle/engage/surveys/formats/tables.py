"""Sheets of rows, whether they come as a workbook of today, one of before 2007, comma separated or as tables of Markdown. Pure.

Nothing is evaluated: formulas are their stored results. What could exhaust the machine is refused before it is opened.
"""

import csv
import io
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import xlrd

from vincle.channels import _sheets
from vincle.channels.base import FileError

from .base import Refused

Sheet = list[list[str]]
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 20_000, 300, 32_767
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOMBS = frozenset({"zip_bomb", "too_many_cells", "workbook_too_large", "unsafe_workbook"})
_NAMES = frozenset({"survey", "choices", "settings", "columns", "external_choices", "entities", "osm"})


def read(content: bytes, name: str) -> dict[str, Sheet]:
    """The sheets by their names, in order. Refused."""
    if content.startswith(_OLE):
        return _old(content)
    if content.startswith(b"PK\x03\x04"):
        return _workbook(content)
    text = decode(content)
    return _markdown(text) if re.search(r"^\s*\|", text) else _separated(text, name)


def decode(content: bytes) -> str:
    """Text as UTF-8, UTF-16 with its mark, else as Windows wrote it. Refused("not_text") for anything binary."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as fault:
            raise Refused("not_text", f"{fault.start}") from fault
    if b"\x00" in content:
        raise Refused("not_text", str(content.index(b"\x00")))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _workbook(content: bytes) -> dict[str, Sheet]:
    file = io.BytesIO(content)
    try:
        names = _sheets.sheets(file)
        return {name: _trimmed(row for _, row in _sheets.cells(file, name, MOST_COLUMNS)) for name in names}
    except FileError as fault:
        if fault.code == "encrypted_workbook":
            raise Refused("encrypted_workbook") from fault
        raise Refused("bomb" if fault.code in _BOMBS else "broken_workbook", fault.detail or fault.code) from fault


def _old(content: bytes) -> dict[str, Sheet]:
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Refused("encrypted_workbook")
    try:
        book = xlrd.open_workbook(file_contents=content, logfile=io.StringIO(), ragged_rows=True)
        return {
            sheet.name: _trimmed([_old_cell(cell, book.datemode) for cell in sheet.row(row)[:MOST_COLUMNS]] for row in range(sheet.nrows))
            for sheet in book.sheets()
        }
    except Refused:
        raise
    except Exception as fault:  # xlrd meets broken files with whatever it was doing: struct, index, assertion, unicode
        raise Refused("encrypted_workbook" if "encrypted" in str(fault).lower() else "broken_workbook", str(fault)[:200]) from fault


def _old_cell(cell: Any, datemode: int) -> str:
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        return str(int(cell.value)) if cell.value == int(cell.value) and abs(cell.value) < 1e15 else repr(cell.value)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    if cell.ctype == xlrd.XL_CELL_DATE:
        return _date(cell.value, datemode)
    return str(cell.value) if cell.ctype == xlrd.XL_CELL_TEXT else ""


def _date(value: float, datemode: Any) -> str:
    try:
        found: datetime = xlrd.xldate_as_datetime(value, datemode)
    except (ValueError, OverflowError, xlrd.xldate.XLDateError):
        return str(value)
    if value < 1:
        return found.strftime("%H:%M")
    return found.date().isoformat() if found.time() == found.min.time() else found.isoformat(timespec="minutes")


def _markdown(text: str) -> dict[str, Sheet]:
    """Tables as pyxform writes them: the name of a sheet in the first column, its rows below with that column empty."""
    rows = []
    for line in text.splitlines()[:MOST_ROWS]:
        if not line.strip() or (re.fullmatch(r"[\s|:\-]+", line) and "-" in line):
            continue
        rows.append([cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip())[1:]])
    return _sectioned(rows)


def _separated(text: str, name: str) -> dict[str, Sheet]:
    head = text[:20_000]
    separator = max(",;\t", key=lambda each: head.count(each)) if head else ","
    csv.field_size_limit(1 << 20)
    try:
        rows = [row[:MOST_COLUMNS] for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)]
    except csv.Error as fault:
        raise Refused("not_text", str(fault)) from fault
    if len(rows) > MOST_ROWS:
        raise Refused("bomb", str(len(rows)))
    found = _sectioned(rows)
    return found or ({"survey": _trimmed(rows)} if _has_type(rows) else {})


def _has_type(rows: Sheet) -> bool:
    return bool(rows) and "type" in [cell.strip().lower() for cell in rows[0]]


def _sectioned(rows: Iterable[list[str]]) -> dict[str, Sheet]:
    """Rows of several sheets in one: a row with only a first cell begins a sheet of that name."""
    found: dict[str, Sheet] = {}
    current: Sheet | None = None
    for row in rows:
        first, rest = (row[0].strip() if row else ""), row[1:]
        if first and not any(cell.strip() for cell in rest) and (current is not None or first.lower() in _NAMES):
            current = found.setdefault(first, [])
        elif current is not None and not first:
            current.append(rest)
        elif current is not None and any(cell.strip() for cell in row):
            current.append(row)
    return {name: _trimmed(sheet) for name, sheet in found.items()}


def _trimmed(rows: Iterable[list[str]]) -> Sheet:
    """Without empty cells at the ends of rows and empty rows at the end; empty rows between stay, so that numbers are right."""
    found: Sheet = []
    blank = 0
    for row in rows:
        cells = [cell.replace("\x00", "")[:LONGEST_CELL] for cell in row]
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            blank += 1
            continue
        found += [[] for _ in range(min(blank, MOST_ROWS))]
        blank = 0
        found.append(cells)
        if len(found) > MOST_ROWS:
            raise Refused("bomb", str(len(found)))
    return found
