"""What every reader of tables shares: the shape of a table, its limits, and its headings made fit to be mapped."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from vincle.vocabulary import Reject, Warn

from ._identifiers import fold
from ._text import clean

MAX_COLUMNS = 16_384
MAX_FIELD = 1 << 20
Row = tuple[int, list[str]]

_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$").match
_NUMBER = re.compile(r"^[-+]?[\d.,:/\- ]*\d[\d.,:/\- ]*$").match
_URL = re.compile(r"^https?://", re.IGNORECASE).match
_LONE_HEADINGS = frozenset((
    "email|e mail|email address|e mail address|mail|correo|correo electronico|adresse e mail|phone|phone number|mobile|telefono|telefon|"
    "text|texto|testo|texte|tweet|tweets|post|posts|comment|comments|comentario|commento|commentaire|message|mensaje|messaggio|content|review|"
    "reviews|url|profile|name|nombre|nome|nom|handle|username"
).split("|"))


class Table(Struct, kw_only=True):
    """A table being read. `rows` gives (line, cells) in file order, and a Reject or Warn where a line cannot be read whole.

    `line` is the line an editor shows (for a workbook: the row's number). Every row has as many cells as there are headings.
    `begins` is the line of the first row where rows and lines are the same (workbooks); 0 where a row may span several lines.
    """

    headings: list[str]
    rows: Iterator[Row | Reject | Warn]
    kind: str = "csv"
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    has_headings: bool = True
    begins: int = 0


def name_headings(cells: Sequence[str], width: int) -> list[str]:
    """Headings fit to be mapped: clean, none empty, none twice.

    >>> name_headings(["Name", " Email ", "Email", ""], 4)
    ['Name', 'Email', 'Email (2)', 'Column 4']
    """
    names: list[str] = []
    used: set[str] = set()
    for place in range(max(width, len(cells))):
        given = clean(cells[place]).replace("\n", " ")[:200] if place < len(cells) else ""
        name = stem = given or f"Column {place + 1}"
        count = 2
        while name in used:
            name, count = f"{stem} ({count})", count + 1
        used.add(name)
        names.append(name)
    return names


def find_headings(records: Sequence[Sequence[str]]) -> tuple[int, bool, int]:
    """Where the table begins among its first records: (index of the first row, whether that row is headings, width).

    A preamble (fewer cells than the table) is skipped. A row with an address, or mostly of numbers, holds no headings.
    """
    widths = Counter(len(record) for record in records if any(record))
    if not widths:
        return 0, True, 0
    width = max(widths, key=lambda size: (widths[size], size))
    proven = width if widths[width] * 2 > widths.total() else 0
    for index, record in enumerate(records):
        filled = [cell for cell in record if cell.strip()]
        if not filled or (width > 1 and (len(filled) < 2 or len(record) * 2 <= width)):
            continue
        if width == 1 and fold(filled[0]) not in _LONE_HEADINGS:
            return index, False, 1
        values = sum(1 for cell in filled if _NUMBER(cell.strip()) or _URL(cell.strip()))
        headless = any(_EMAIL(cell.strip()) for cell in filled) or values * 2 > len(filled)
        return index, not headless, max(proven, len(record))
    return 0, True, width


def orange_rows(records: Sequence[Sequence[str]], index: int) -> int:
    """How many rows under the headings describe types (the .tab files of Orange have two), not data."""
    if len(records) > index + 2:
        below = {cell.strip().lower() for cell in records[index + 1] if cell.strip()}
        if below and below <= {"discrete", "continuous", "string", "time", "c", "d", "s", "t"} and len(below & {"c", "d", "s", "t"}) != 1:
            return 2
    return 0


def fit(cells: list[str], width: int) -> list[str] | None:
    """The row with exactly `width` cells; None when it has more that are not empty."""
    size = len(cells)
    if size < width:
        return cells + [""] * (width - size)
    return cells[:width] if not any(cell.strip() for cell in cells[width:]) else None
