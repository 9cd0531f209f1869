"""JSON lines and JSON arrays of objects as table rows: nested names joined by points, lists by bars."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from vincle.vocabulary import Reject, Warn

from ._rows import MAX_COLUMNS, MAX_FIELD, Row, Table
from ._text import open_text
from .base import FileError

_CHUNK = 1 << 20
_MAX_OBJECT = 16 << 20
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=lambda _: None)
_MAX_DEPTH = 6


def looks_like(head: str) -> bool:
    """Whether a text begins as JSON objects do, alone, in lines or in an array."""
    start = head.lstrip("\ufeff \t\r\n")[:200]
    return start.startswith("{") or (start.startswith("[") and start[1:].lstrip()[:1] in ("{", "]"))


def objects(file: BinaryIO, encoding: str) -> Iterator[tuple[int, dict[str, Any]] | Reject]:
    """Every top-level object with the line it begins on; what is broken is rejected by line and passed over."""
    text = open_text(file, encoding)
    try:
        yield from _scan(text.read)
    finally:
        text.detach()


def _scan(read: Any) -> Iterator[tuple[int, dict[str, Any]] | Reject]:
    buffer, at, line, ended = read(_CHUNK).removeprefix("\ufeff").lstrip(" \t"), 0, 1, False
    around = " \t\r\n,]" if buffer.lstrip().startswith("[") else " \t\r\n,"
    if around[-1] == "]":
        at = buffer.index("[") + 1
        line += buffer.count("\n", 0, at)
    while True:
        start = at
        while at < len(buffer) and buffer[at] in around:
            at += 1
        line += buffer.count("\n", start, at)
        if len(buffer) - at < _CHUNK // 2 and not ended:
            more = read(_CHUNK)
            ended = not more
            buffer, at = buffer[at:] + more, 0
            continue
        if at >= len(buffer):
            return
        try:
            value, end = _DECODER.raw_decode(buffer, at)
        except (json.JSONDecodeError, RecursionError) as fault:
            cut = isinstance(fault, json.JSONDecodeError) and (fault.msg.startswith("Unterminated") or fault.pos >= len(buffer) - 16)
            if cut and not ended and len(buffer) - at < _MAX_OBJECT:
                more = read(_CHUNK)
                ended = not more
                buffer, at = buffer[at:] + more, 0
                continue
            yield Reject(line=line, code="broken_json", detail=str(fault)[:200], raw=buffer[at:at + 500].partition("\n")[0])
            end = buffer.find("\n", at)
            if end < 0:
                at = len(buffer)
                continue
            at = end
            continue
        if isinstance(value, dict):
            yield line, value
        else:
            yield Reject(line=line, code="not_an_object", raw=buffer[at:min(end, at + 500)])
        line += buffer.count("\n", at, end)
        at = end


def flatten(value: dict[str, Any]) -> dict[str, str]:
    """An object as one row of texts.

    >>> flatten({"user": {"name": "Ana"}, "tags": ["a", "b"], "ok": True, "gone": None})
    {'user.name': 'Ana', 'tags': 'a|b', 'ok': 'true', 'gone': ''}
    """
    row: dict[str, str] = {}
    _flatten(value, "", row, 0)
    return row


def _flatten(value: dict[str, Any], prefix: str, row: dict[str, str], depth: int) -> None:
    for key, item in value.items():
        if isinstance(item, dict) and item and depth < _MAX_DEPTH:
            _flatten(item, f"{prefix}{key}.", row, depth + 1)
        else:
            row[prefix + key] = _text(item)


def _text(item: object) -> str:
    if item is None:
        return ""
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, str):
        return item
    if isinstance(item, list) and all(isinstance(one, str) for one in item):
        return "|".join(item)
    return json.dumps(item, ensure_ascii=False) if item else ""


def read(file: BinaryIO, encoding: str) -> Table:
    """The table of a JSON file. Its headings are all names that occur, in order of appearance. FileError."""
    headings: dict[str, int] = {}
    for item in objects(file, encoding):
        if isinstance(item, tuple):
            for name in flatten(item[1]):
                headings.setdefault(name, len(headings))
            if len(headings) > MAX_COLUMNS:
                raise FileError("too_many_columns", str(len(headings)), item[0])
    if not headings:
        raise FileError("no_rows")
    return Table(headings=list(headings), rows=_rows(file, encoding, headings), kind="json", encoding=encoding)


def _rows(file: BinaryIO, encoding: str, headings: dict[str, int]) -> Iterator[Row | Reject | Warn]:
    for item in objects(file, encoding):
        if isinstance(item, Reject):
            yield item
            continue
        cells = [""] * len(headings)
        for name, text in flatten(item[1]).items():
            cells[headings[name]] = text
        if any(len(cell) > MAX_FIELD for cell in cells):
            yield Reject(line=item[0], code="field_too_long")
        else:
            yield item[0], cells
