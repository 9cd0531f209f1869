"""Answers as files: CSV and Excel in words, and for SPSS in codes with their labels."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from vincle.store.export import neutral

from ..models import Survey
from . import figures, load, looks
from .columns import Column
from .frame import Frame, Row

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_RESERVED: Final = frozenset("ALL AND BY EQ GE GT LE LT NE NOT OR TO WITH".split())
LONGEST_CELL: Final = 32_000


@dataclass(frozen=True)
class Field:
    """A column of a file. `codes`: (number, label) of its values; `is_text`: holds words."""

    name: str
    label: str
    column: Column | None = None
    option: str = ""
    codes: tuple[tuple[int, str], ...] = ()
    is_text: bool = False


def fields(frame: Frame, with_people: bool) -> list[Field]:
    """Columns in their order: of several choices and of rankings one for each choice."""
    way = Field("way", pgettext("of asking", "Way"), is_text=True)
    found = [Field("number", _("Number")), way, Field("language", _("Language"), is_text=True)]
    found += [Field("day", _("Day"), is_text=True), Field("seconds", _("Seconds")), Field("hasty", _("Hardly thought about"), codes=_yes())]
    if with_people:
        found += [Field("person", _("Person"), is_text=True)]
    for column in frame.columns:
        if not (frame.is_anonymous and column.is_personal):
            found += _of_column(column)
    return found


def _yes() -> tuple[tuple[int, str], ...]:
    return ((0, _("No")), (1, _("Yes")))


def _of_column(column: Column) -> list[Field]:
    label = looks.of_column(column)
    if column.kind in ("choices", "rank"):
        codes = _yes() if column.kind == "choices" else ()
        return [Field(f"{column.id}.{id}", f"{label}: {said}", column, id, codes) for id, said in column.choices]
    if column.kind == "choice":
        return [Field(column.id, label, column, codes=tuple((place, said) for place, (_id, said) in enumerate(column.choices, 1)))]
    if column.kind == "yes":
        return [Field(column.id, label, column, codes=_yes())]
    codes = tuple((int(key), said) for key, said in figures.options(column) if said != key) if column.kind == "rating" else ()
    return [Field(column.id, label, column, codes=codes, is_text=column.kind in ("text", "plain"))]


class Sheet:
    """Rows of a frame as cells. Of anonymous surveys in an order that tells no time, without anything that leads to somebody."""

    def __init__(self, survey: Survey, frame: Frame, with_people: bool) -> None:
        self.survey, self.frame = survey, frame
        self.with_people = with_people and not survey.is_anonymous
        self.fields = fields(frame, self.with_people)
        self.ways = {pk: each.name for pk, each in load.collectors(survey).items()}
        self.names = load.names(survey, frame.rows) if self.with_people else {}
        self.hasty = figures.careless(frame)
        self.zone = ZoneInfo(load.zone(survey))

    def order(self) -> list[int]:
        places = range(len(self.frame))
        if not self.survey.is_anonymous:
            return list(places)
        return sorted(places, key=lambda place: sha256(self.frame.rows[place].public_id.encode()).digest())

    def rows(self, coded: bool) -> Iterator[list[Any]]:
        for number, place in enumerate(self.order(), 1):
            row = self.frame.rows[place]
            yield [self._cell(each, row, place, number, coded) for each in self.fields]

    def _cell(self, field: Field, row: Row, place: int, number: int, coded: bool) -> Any:
        if field.column is not None:
            return _answer(field, self.frame.values(field.column)[place], coded)
        at = row.at.astimezone(self.zone) if row.at else None
        day = "" if at is None else at.strftime("%Y-%m-%d" if self.survey.is_anonymous else "%Y-%m-%d %H:%M")
        hasty = int(self.hasty[place])
        seconds = None if self.survey.is_anonymous else row.seconds
        known = {
            "number": number, "way": self.ways.get(row.collector, ""), "language": row.language, "day": day, "seconds": seconds,
            "hasty": hasty if coded else _yes()[hasty][1], "person": self.names.get(row.person, "") if row.person else "",
        }  # fmt: skip
        return known[field.name]


def _answer(field: Field, value: Any, coded: bool) -> Any:
    column = field.column
    assert column is not None
    if value in (None, "", []):
        return None
    if field.option:
        if column.kind == "rank":
            return value.index(field.option) + 1 if field.option in value else None
        chosen = int(field.option in value)
        return chosen if coded else _yes()[chosen][1]
    if column.kind == "choice":
        place = next((place for place, (id, _said) in enumerate(column.choices) if id == value), None)
        return value if place is None and not coded else None if place is None else place + 1 if coded else column.choices[place][1]
    if column.kind == "yes":
        return int(value) if coded else _yes()[int(value)][1]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, float) else _CONTROLS.sub("", str(value))[:LONGEST_CELL]


def headings(sheet: Sheet) -> list[str]:
    return [each.label if each.column is None else f"{each.label} [{each.name}]" for each in sheet.fields]


def workbook(sheet: Sheet, told: Sequence[tuple[str, str, str]]) -> bytes:
    """Excel: the answers in words, what was asked, and the figures as (what, value, range)."""
    book = Workbook(write_only=True)
    _put(book, _("Answers"), headings(sheet), sheet.rows(coded=False))
    asked = ([each.name, each.label, "; ".join(f"{code} = {said}" for code, said in each.codes)] for each in sheet.fields)
    _put(book, _("Questions"), [_("Name"), _("Question"), _("Answers")], asked)
    _put(book, _("Figures"), [_("What"), _("Value"), _("Range")], [list(each) for each in told])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _put(book: Workbook, title: str, heads: Sequence[str], rows: Any) -> None:
    page = book.create_sheet(title[:31])
    page.freeze_panes = "A2"
    cells = []
    for each in heads:
        cell = WriteOnlyCell(page, value=neutral(_CONTROLS.sub("", each)))
        cell.font = Font(bold=True)
        cells.append(cell)
    page.append(cells)
    for row in rows:
        page.append([neutral(_CONTROLS.sub("", each)[:LONGEST_CELL]) if isinstance(each, str) else each for each in row])


def spss(sheet: Sheet) -> bytes:
    """A ZIP of answers.csv in codes and answers.sps, which reads it into SPSS or PSPP with the labels of questions and answers."""
    names = _names([each.name for each in sheet.fields])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    widths = [1] * len(names)
    for row in sheet.rows(coded=True):
        cells = ["" if each is None else re.sub(r"\s+", " ", str(each)).replace('"', "'") for each in row]
        widths = [max(width, len(cell.encode())) for width, cell in zip(widths, cells, strict=True)]
        writer.writerow(cells)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("answers.csv", "\ufeff" + text.getvalue())
        pack.writestr("answers.sps", "\ufeff" + _syntax(sheet, names, widths))
    return out.getvalue()


def _names(names: Sequence[str]) -> list[str]:
    """Names SPSS takes: letters, digits and _, 64 at most, each once whatever its case, none of its own words."""
    found: list[str] = []
    seen: set[str] = set()
    for each in names:
        plain = re.sub(r"[^A-Za-z0-9_]+", "_", each).strip("_")[:56] or "v"
        plain = plain if plain[0].isalpha() and plain.upper() not in _RESERVED else f"v_{plain}"
        name, more = plain, 2
        while name.upper() in seen:
            name, more = f"{plain}_{more}", more + 1
        seen.add(name.upper())
        found.append(name)
    return found


def _quoted(text: str, most: int) -> str:
    plain = re.sub(r"\s+", " ", _CONTROLS.sub("", text)).strip().encode()[:most].decode("utf-8", "ignore")
    return "'" + plain.replace("'", "''") + "'"


def _syntax(sheet: Sheet, names: list[str], widths: list[int]) -> str:
    kinds = [
        f"  {name} {f'A{min(max(width, 8), 32767)}' if each.is_text else 'F10.2'}"
        for each, name, width in zip(sheet.fields, names, widths, strict=True)
    ]
    lines = [
        "* Encoding: UTF-8.", "GET DATA /TYPE=TXT /FILE='answers.csv' /ENCODING='UTF8'", "  /DELIMITERS=',' /QUALIFIER='\"'",
        "  /ARRANGEMENT=DELIMITED /FIRSTCASE=2 /VARIABLES=", *kinds, "  .", "VARIABLE LABELS",
        *(f"  {name} {_quoted(each.label, 250)}" for each, name in zip(sheet.fields, names, strict=True)), "  .",
    ]  # fmt: skip
    for each, name in zip(sheet.fields, names, strict=True):
        if each.codes:
            lines += [f"VALUE LABELS {name}", *(f"  {code} {_quoted(said, 118)}" for code, said in each.codes), "  ."]
        if not each.is_text:
            scale = "ORDINAL" if each.column is not None and each.column.kind == "rating" else "NOMINAL" if each.codes else "SCALE"
            lines.append(f"VARIABLE LEVEL {name} ({scale}).")
    return "\r\n".join([*lines, "EXECUTE.", ""])
