"""The list of people: pages by key, the count, all of it for a download."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from vincle.accounts.models import Workspace
from vincle.store import bulk
from vincle.store.folding import fold
from vincle.vocabulary import public_id

from . import sql
from .filters import Where, asked, chosen, day_of, person_id, where

__all__ = [
    "Page",
    "Row",
    "Sort",
    "Where",
    "asked",
    "chosen",
    "count",
    "countries_of",
    "day_of",
    "every",
    "first",
    "page",
    "person_id",
    "sort_of",
    "where",
]

PAGE = 50
FEW = 1500
"""Up to so many matches are fetched by id and sorted; beyond, the index of the sort is walked until the page is full."""
SORTS = ("name", "last", "activities", "known", "purchases")
DEFAULT_SORT = "-last"


class Row(NamedTuple):
    """One line of the list."""

    person: int
    key: Any
    name: str
    kind: str
    stage: str
    channels: str
    company: str
    city: str
    country: str
    email: str
    phone: str
    is_identified: bool
    activities: int
    purchases: int
    last_at: datetime | None
    known_since: datetime | None
    owner: str
    tags: list[str]

    @property
    def public(self) -> str:
        return public_id(self.person)

    @property
    def met(self) -> list[str]:
        """Channels; what the team itself wrote is no meeting."""
        return [channel for channel in self.channels.split() if channel != "team"]


_COLUMNS = ("person", "name", "kind", "stage", "channels", "company", "city", "country", "email", "phone", "is_identified", "activities",
            "purchases", "last_at", "known_since")  # fmt: skip


class Page(NamedTuple):
    """Rows with how many there are in all; `after` and `before` lead to the pages beside it, None where there is none."""

    rows: list[Row]
    total: int
    after: str | None
    before: str | None


@dataclass(frozen=True)
class Sort:
    """`key`: SQL of what is sorted by."""

    name: str
    key: str
    descending: bool

    @property
    def param(self) -> str:
        return f"-{self.name}" if self.descending else self.name


def sort_of(text: str) -> Sort:
    """The sort an address asks for; the default when it asks for none we know."""
    name = text.removeprefix("-")
    if name not in SORTS:
        return sort_of(DEFAULT_SORT)
    keys = {"name": sql.name_key("p"), "last": sql.last_key("p"), "known": "p.known_since"}
    return Sort(name, keys.get(name, f"p.{name}"), text.startswith("-"))


def page(condition: Where, sort: Sort, after: str = "", before: str = "", size: int = PAGE) -> Page:
    """One page by key: two queries, whatever the place (three by name, behind the first page)."""
    few = _few(condition)
    backwards = bool(before and not after)
    place = _place(sort, before if backwards else after)
    if few is None:
        rows, total = _walk(condition, sort, place, backwards, size + 1, counting=True)
    else:
        rows, total = _walk(_only(condition.workspace, few), sort, place, backwards, size + 1)[0], len(few)
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    first, last = (_mark(sort, rows[0]), _mark(sort, rows[-1])) if rows else (None, None)
    return Page(rows, total, last if more or backwards else None, first if (more if backwards else place is not None) else None)


def first(condition: Where, sort: Sort, size: int) -> list[Row]:
    """The first rows of the order, without their count."""
    few = _few(condition)
    return _walk(condition if few is None else _only(condition.workspace, few), sort, None, False, size)[0]


def every(condition: Where, sort: Sort) -> Iterator[Row]:
    """All rows in order, some thousand at a time: a long download holds no transaction open."""
    place = None
    while rows := _walk(condition, sort, place, False, 2000)[0]:
        yield from rows
        place = (rows[-1].key, rows[-1].person)


def _few(condition: Where) -> list[int] | None:
    """Who matches, when they are few; None when they are many."""
    if condition.is_all:
        return None
    people = _fetch(f"SELECT p.person FROM organise_profile p WHERE {condition.text} LIMIT {FEW + 1}", condition.parameters)
    return [row[0] for row in people] if len(people) <= FEW else None


def count(condition: Where) -> int:
    return int(_fetch(f"SELECT COUNT(*) FROM organise_profile p WHERE {condition.text}", condition.parameters)[0][0])


def countries_of(workspace: Workspace) -> list[tuple[str, int]]:
    """Countries with how many people live there, most first."""
    return _fetch(
        "SELECT country, COUNT(*) FROM organise_profile WHERE workspace_id = %s AND country <> '' GROUP BY country ORDER BY 2 DESC, 1",
        [workspace.pk],
    )


def _only(workspace: Workspace, people: list[int]) -> Where:
    made = Where(workspace)
    if connection.vendor == "sqlite":
        made.add(f"p.person IN ({', '.join(map(str, people)) or 'NULL'})")
    else:
        made.add("p.person = ANY(%s)", people)
    return made


Place = tuple[Any, int]


def _place(sort: Sort, mark: str) -> Place | None:
    """Where a page begins, of its mark in the address; None (the first page) when it cannot be read."""
    text, _sep, public = mark.rpartition("~")
    person = person_id(public)
    if person is None:
        return None
    if sort.name == "name":
        # Names do not belong into addresses: the key is looked up.
        found = _fetch(f"SELECT {sort.key} FROM organise_profile p WHERE p.person = %s", [person])
        return (found[0][0], person) if found else None
    try:
        return (_read_key(sort, text), person)
    except (ValueError, OverflowError):
        return None


def _read_key(sort: Sort, text: str) -> Any:
    if sort.name in ("activities", "purchases"):
        return int(text) if len(text) < 12 else 0
    if sort.name == "last" and not text:
        return sql.NEVER if connection.vendor == "postgresql" else ""
    return bulk.stamp(datetime.fromisoformat(text))


def _mark(sort: Sort, row: Row) -> str:
    """A row's place in the order, for an address."""
    key = {"name": "", "last": row.last_at, "known": row.known_since}.get(sort.name, row.key)
    return f"{key.isoformat() if isinstance(key, datetime) else '' if key is None else key}~{row.public}"


def _walk(condition: Where, sort: Sort, place: Place | None, backwards: bool, size: int, counting: bool = False) -> tuple[list[Row], int]:
    """`size` rows behind `place`, nearest first; and, asked for in the same breath, how many there are wherever they stand."""
    descending = sort.descending != backwards
    direction, sign = ("DESC", "<") if descending else ("ASC", ">")
    clauses, values = [condition.text], list(condition.parameters)
    if place is not None:
        clauses.append(f"({sort.key}, p.person) {sign} (%s, %s)")
        values += place
    names = ", ".join(f"p.{name}" for name in _COLUMNS)
    inner = (
        f"SELECT {sort.key} AS sorted_by, {names}, p.owner_id FROM organise_profile p WHERE {' AND '.join(clauses)} "
        f"ORDER BY {sort.key} {direction}, p.person {direction} LIMIT {size:d}"
    )
    owner = "COALESCE(NULLIF(u.name, ''), u.email, '')"
    all_of = f"(SELECT COUNT(*) FROM organise_profile p WHERE {condition.text})" if counting else "0"
    outer = f"SELECT p.*, {owner}, {_tags_of()}, {all_of} FROM ({inner}) p LEFT JOIN accounts_user u ON u.id = p.owner_id"
    counted = condition.parameters if counting else []
    found = _fetch(f"{outer} ORDER BY p.sorted_by {direction}, p.person {direction}", [*counted, *values])
    total = found[0][-1] if found else count(condition) if counting and place else 0
    return [_row(row) for row in found], total


def _tags_of() -> str:
    """The tags of a row of `p`, in one text."""
    tags = "organise_tagging g JOIN organise_tag t ON t.id = g.tag_id"
    return f"(SELECT {sql.joined('t.name')} FROM {tags} WHERE g.person = p.person AND g.removed_at IS NULL)"


def _row(cells: tuple[Any, ...]) -> Row:
    key, *values = cells
    found = dict(zip(_COLUMNS, values, strict=False))
    found |= {
        "is_identified": bool(found["is_identified"]),
        "last_at": bulk.moment(found["last_at"]),
        "known_since": bulk.moment(found["known_since"]),
    }
    owner, tags = cells[-3:-1]
    return Row(key=key, owner=owner, tags=sorted(tags.split("\x1f"), key=fold) if tags else [], **found)


def _fetch(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return list(cursor.fetchall())
