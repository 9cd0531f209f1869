"""Which column says what: told by its heading, by its values, or by whoever asks; and the records that come of it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from . import _guess
from ._cells import cells_of
from ._headings import FIELDS
from .files import Series, Table
from .records import Cell, Column, Ints, Records

KINDS: Final = ("auto", "person", "organisation")
NETWORK: Final = "network"


class PlanError(ValueError):
    """The columns cannot be used as wanted; the sentence says why and what there is."""


class Taken(Struct, frozen=True):
    """What a column is taken for. `field` is "" when it is left out; `why` says in words what speaks for it."""

    table: int
    heading: str
    field: str
    why: str


class Plan(Struct, frozen=True):
    """What every column of every table is taken for, in their order, and whether they speak of people or of organisations."""

    columns: tuple[Taken, ...]
    kind: str
    kind_why: str

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields in use, each once."""
        return tuple(dict.fromkeys(each.field for each in self.columns if each.field and each.field != NETWORK))

    def facts(self, names: Sequence[str]) -> dict[str, Any]:
        """The plan for a program: {file: {heading: {"field", "why"}}}."""
        found: dict[str, Any] = {name: {} for name in names}
        for each in self.columns:
            found[names[each.table]][each.heading] = {"field": each.field or None, "why": each.why}
        return found


def plan(tables: Sequence[Table], *, kind: str = "auto", mapping: Mapping[str, str] | None = None, ignore: Sequence[str] = ()) -> Plan:
    """What each column is taken for.

    `kind`: "person", "organisation" or "auto". `mapping`: heading -> field, for every table with such a heading;
    `ignore`: headings left out.
    Raises PlanError for an unknown heading, field or kind, and when no column is left to compare.
    """
    if kind not in KINDS:
        raise PlanError(f"There is no kind '{kind}'. There are: {', '.join(KINDS)}.")
    wanted = _wanted(tables, dict(mapping or {}), ignore)
    taken = [Taken(at, heading, *wanted[_same(heading)]) if _same(heading) in wanted else None for at, heading in _headings(tables)]
    guessed = _guess.guess(tables, {at for at, each in enumerate(taken) if each is not None})
    columns = [each or Taken(at, heading, *found) for each, (at, heading), found in zip(taken, _headings(tables), guessed, strict=True)]
    kind, why = (kind, "you said so") if kind != "auto" else _guess.kind(tables, [each.field for each in columns])
    if kind == "organisation":
        columns = _of_organisations(columns)
    made = Plan(tuple(_without_repeats(tables, columns)), kind, why)
    if not made.fields:
        raise PlanError(_nothing(made))
    return made


def _headings(tables: Sequence[Table]) -> list[tuple[int, str]]:
    return [(at, heading) for at, table in enumerate(tables) for heading in table.headings]


def _same(heading: str) -> str:
    return " ".join(heading.split()).casefold()


def _wanted(tables: Sequence[Table], mapping: dict[str, str], ignore: Sequence[str]) -> dict[str, tuple[str, str]]:
    """{heading: (field, why)} of what was asked for."""
    known = dict.fromkeys(heading for _, heading in _headings(tables))
    same = {_same(heading) for heading in known}
    wanted: dict[str, tuple[str, str]] = {}
    for heading, field in [*mapping.items(), *((heading, "") for heading in ignore)]:
        if _same(heading) not in same:
            raise PlanError(f"There is no column '{heading}'. There are: {', '.join(known)}.")
        if field and field not in (*FIELDS, NETWORK) and not field.startswith("column:"):
            raise PlanError(f"There is no field '{field}'. There are: {', '.join(FIELDS)}; or column:NAME for any other text.")
        wanted[_same(heading)] = (field, "you said so")
    return wanted


def _nothing(made: Plan) -> str:
    left_out = "; ".join(f"{each.heading}: {each.why}" for each in made.columns[:12])
    return f"No column says who the rows are ({left_out}). Say what one is with --map 'Heading=field', for example --map 'Kontakt=name'."


def _of_organisations(columns: list[Taken]) -> list[Taken]:
    """The name of an organisation may stand under its company's heading, and its domain under that of its web site."""
    fields = {each.field for each in columns}
    renamed = {} if "name" in fields else {"company": "name"}
    return [Taken(each.table, each.heading, renamed.get(each.field, each.field), each.why) for each in columns]


def _without_repeats(tables: Sequence[Table], columns: list[Taken]) -> list[Taken]:
    """Full names are left out of a table whose given and family names say the same."""
    kept = []
    series = [each for table in tables for each in table.series]
    for at, each in enumerate(columns):
        if each.field == "name" and each.why != "you said so":
            parts = [
                series[i] for i, other in enumerate(columns) if other.table == each.table and other.field in ("first_name", "last_name")
            ]
            if len(parts) > 1 and _guess.says_the_same(series[at], parts):
                each = Taken(each.table, each.heading, "", "the given and the family name say the same")
        kept.append(each)
    return kept


class Placed(Struct, frozen=True, eq=False):
    """Records with where each came from: `table[i]` and `row[i]` (1 = first row of data)."""

    records: Records
    table: NDArray[np.int16]
    row: Ints


def records(tables: Sequence[Table], made: Plan) -> Placed:
    """The records of all tables, one after another, as columns of fields."""
    sizes = [table.size for table in tables]
    source = np.repeat(np.arange(len(tables), dtype=np.int16), sizes)
    row = np.concatenate([table.rows for table in tables]) if tables else np.zeros(0, np.int32)
    columns = {}
    for field in made.fields:
        found = _column(tables, made, field)
        if found.values:
            columns[field] = found
    return Placed(Records.from_columns(columns, int(sum(sizes)), made.kind, source), source, row.astype(np.int32))


def _column(tables: Sequence[Table], made: Plan, field: str) -> Column:
    number: dict[Cell, int] = {}
    parts = []
    for at, table in enumerate(tables):
        own = [each for each in made.columns if each.table == at]
        pairs = list(zip(own, table.series, strict=True))
        series = [(each.heading, found) for each, found in pairs if each.field == field]
        network = next((found for each, found in pairs if each.field == NETWORK), None) if field == "username" else None
        parts.append(_codes(field, series, network, table.size, number))
    return Column(list(number), np.concatenate(parts) if parts else np.zeros(0, np.int32))


def _codes(field: str, series: list[tuple[str, Series]], network: Series | None, size: int, number: dict[Cell, int]) -> Ints:
    """The codes of one field in one table: the values of all its columns together, in their order."""
    if not series:
        return np.full(size, -1, np.int32)
    coded = [_cells(field, heading, found, network) for heading, found in series]
    if len(coded) == 1:
        cells, codes = coded[0]
    else:
        rows, place = np.unique(np.stack([codes for _, codes in coded], axis=1), axis=0, return_inverse=True)
        sides = [cells for cells, _ in coded]
        cells = [
            tuple(dict.fromkeys(text for cells_of_one, code in zip(sides, row, strict=True) if code >= 0 for text in cells_of_one[code]))
            for row in rows.tolist()
        ]
        codes = place.reshape(-1).astype(np.int32)
    places = np.asarray([number.setdefault(cell, len(number)) if cell else -1 for cell in cells] or [-1], np.int32)
    return np.where(codes >= 0, places[codes], -1).astype(np.int32)


def _cells(field: str, heading: str, found: Series, network: Series | None) -> tuple[list[Cell], Ints]:
    if field != "username" or network is None or _guess.network_of(heading):
        return cells_of(field, found.values, _guess.network_of(heading)), found.codes
    rows, place = np.unique(np.stack([found.codes, network.codes], axis=1), axis=0, return_inverse=True)
    cells: list[Cell] = [
        cells_of(field, [found.values[name]], network.values[where] if where >= 0 else "")[0] if name >= 0 else ()
        for name, where in rows.tolist()
    ]
    return cells, place.reshape(-1).astype(np.int32)
