"""Tables of any make as one stream of rows: separated text, Excel workbooks, JSON lines and arrays."""

import io
import re
from itertools import islice
from typing import BinaryIO

from msgspec import Struct

from . import _jsonrows, _separated, _sheets
from ._rows import Row, Table
from ._text import boundary, encoding_of, errors_for, find_encoding
from .base import FileError, Options, Sample

_SAME = {"latin-1": "cp1252", "iso-8859-1": "cp1252", "windows-1252": "cp1252", "utf8": "utf-8-sig", "utf-8": "utf-8-sig"}

_OTHERS = ("<", "BEGIN:", "From ", "Return-Path:", "Received:", "Delivered-To:", "MIME-Version:", "window.", "%PDF", "GIF8")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")

__all__ = ["Glance", "Row", "Table", "glance", "open_table"]


class Glance(Struct, frozen=True, kw_only=True):
    """A table as its first bytes show it; `rows` are some of its first rows."""

    kind: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    has_headings: bool
    consistency: float = 1.0


def open_table(file: BinaryIO, options: Options) -> Table:
    """The table in a file, told by its content; `options` may settle encoding, separator and sheet. FileError."""
    file.seek(0)
    head = file.read(4096)
    if _sheets.kind(head):
        return _sheets.read(file, options.sheet)
    if options.encoding:
        encoding, damaged = _known(options.encoding), False
    else:
        encoding, damaged = find_encoding(file)
    text = head.decode(encoding, errors_for(encoding))
    if _jsonrows.looks_like(text):
        return _jsonrows.read(file, encoding)
    if not text.strip("\x00 \t\r\n\ufeff") and len(head) < 4096:
        raise FileError("empty_file")
    return _separated.read(file, encoding, damaged, options.separator)


def _known(encoding: str) -> str:
    try:
        "".encode(encoding)
        io.TextIOWrapper(io.BytesIO(), encoding=encoding).detach()
    except (LookupError, UnicodeError) as fault:
        raise FileError("unknown_encoding", encoding) from fault
    return _SAME.get(encoding.lower().replace("_", "-"), encoding)


def glance(sample: Sample) -> Glance | None:
    """What the beginning of a file shows of a table; None when it shows none. Never raises."""
    head = sample.head
    try:
        if _sheets.kind(head):
            return _glance_at_book(sample)
        head = head if len(head) >= sample.size else head[: boundary(head)]
        encoding = encoding_of(head)
        text = head.decode(encoding, errors_for(encoding))
        if _jsonrows.looks_like(text):
            return _glance_at_json(head, encoding)
        if not text.strip() or text.lstrip("\ufeff \r\n\t").startswith(_OTHERS) or len(_CONTROLS.findall(text)) * 50 > len(text):
            return None
        found = _separated.layout(text, whole=len(head) >= sample.size)
        rows = islice(_separated._rows(io.BytesIO(head), encoding, False, found), 100)
        cells = tuple(tuple(row[1]) for row in rows if isinstance(row, tuple))
        kind = "csv" if found.separator else "lines"
        return Glance(kind=kind, headings=found.headings, rows=cells, has_headings=found.has_headings, consistency=found.consistency)
    except FileError:
        return None


def _glance_at_book(sample: Sample) -> Glance | None:
    """A workbook's table of contents stands at its end: only a whole one can be looked into, others go by their name."""
    if len(sample.head) < sample.size:
        is_book = b"xl/" in sample.head or b"[Content_Types].xml" in sample.head[:200]
        return Glance(kind="xlsx", headings=(), rows=(), has_headings=True) if is_book else None
    table = _sheets.read(io.BytesIO(sample.head))
    rows = tuple(tuple(row[1]) for row in islice(table.rows, 100) if isinstance(row, tuple))
    return Glance(kind="xlsx", headings=tuple(table.headings), rows=rows, has_headings=table.has_headings)


def _glance_at_json(head: bytes, encoding: str) -> Glance | None:
    rows = [_jsonrows.flatten(item[1]) for item in islice(_jsonrows.objects(io.BytesIO(head), encoding), 100) if isinstance(item, tuple)]
    names = tuple(dict.fromkeys(name for row in rows for name in row))
    cells = tuple(tuple(row.get(name, "") for name in names) for row in rows)
    return Glance(kind="json", headings=names, rows=cells, has_headings=True) if rows else None
