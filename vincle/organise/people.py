"""The list of people: pages by key, the count, all of it for a download."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from math import isfinite
from typing import Any, NamedTuple

from django.db import connection

from vincle.accounts.models import Workspace
from vincle.store import bulk
from vincle.store.folding import fold
from vincle.vocabulary import public_id

from . import sql
from .filters import Where, asked, chosen, day_of, person_id, where
from .people_order import DEFAULT_SORT, SCORES, Place, Sort, Stretch, sort_of, stretches

__all__ = [
    "DEFAULT_SORT",
    "SCORES",
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


class Row(NamedTuple):
    """One line of the list. `value` and `engagement` in the workspace's currency, `alive` 0 to 1; None: not known."""

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
    value: float | None
    engagement: float | None
    alive: float | None

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


def page(condition: Where, sort: Sort, after: str = "", before: str = "", size: int = PAGE) -> Page:
    """One page by key: two queries, whatever the place (three by name, behind the first page)."""
    few = _few(condition)
    backwards = bool(before and not after)
    place = _place(sort, before if backwards else after)
    if few is None:
        rows, total = _walk(condition, sort, place, backwards, size + 1, counting=True)
    else:
        rows, total = _walk(_only(condition.workspace, few), replace(sort, is_few=True), place, backwards, size + 1)[0], len(few)
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    first, last = (_mark(sort, rows[0]), _mark(sort, rows[-1])) if rows else (None, None)
    return Page(rows, total, last if more or backwards else None, first if (more if backwards else place is not None) else None)


def first(condition: Where, sort: Sort, size: int) -> list[Row]:
    """The first rows of the order, without their count."""
    few = _few(condition)
    if few is not None:
        condition, sort = _only(condition.workspace, few), replace(sort, is_few=True)
    return _walk(condition, sort, None, False, size)[0]


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
    if sort.name in SCORES:
        return _number(text) if text else None
    if sort.name == "last" and not text:
        return sql.NEVER if connection.vendor == "postgresql" else ""
    return bulk.stamp(datetime.fromisoformat(text))


def _number(text: str) -> float:
    found = float(text)
    if not isfinite(found):
        raise ValueError(text)
    return found


def _mark(sort: Sort, row: Row) -> str:
    """A row's place in the order, for an address."""
    key = {"name": "", "last": row.last_at, "known": row.known_since}.get(sort.name, row.key)
    return f"{key.isoformat() if isinstance(key, datetime) else '' if key is None else key}~{row.public}"


def _walk(condition: Where, sort: Sort, place: Place | None, backwards: bool, size: int, counting: bool = False) -> tuple[list[Row], int]:
    """`size` rows behind `place`, nearest first; and, asked for in the same breath, how many there are wherever they stand."""
    descending, rows, total = sort.descending != backwards, list[Row](), 0
    for stretch in stretches(condition.workspace, sort, place, backwards):
        found, counted = _stretch(condition, stretch, descending, size - len(rows), counting and not total)
        total = total or counted
        rows += [row._replace(key=None) for row in found] if sort.name in SCORES and not stretch.is_crossed else found
        if len(rows) == size:
            break
    return rows, total or (count(condition) if counting and place else 0)


def _stretch(condition: Where, stretch: Stretch, descending: bool, size: int, counting: bool) -> tuple[list[Row], int]:
    behind, marks = stretch.behind(descending)
    way, way_of_people = stretch.ways(descending)
    clauses = [condition.text, *stretch.clauses, *behind]
    names = ", ".join(f"p.{name}" for name in _COLUMNS)
    inner = (
        f"SELECT {stretch.key} AS sorted_by, {names}, p.owner_id FROM {stretch.source} WHERE {' AND '.join(clauses)} "
        f"ORDER BY {stretch.key} {way}, p.person {way_of_people} LIMIT {size:d}"
    )
    owner = "COALESCE(NULLIF(u.name, ''), u.email, '')"
    all_of = f"(SELECT COUNT(*) FROM organise_profile p WHERE {condition.text})" if counting else "0"
    outer = f"SELECT p.*, {owner}, {_tags_of()}, {_scores_of()}, {all_of} FROM ({inner}) p LEFT JOIN accounts_user u ON u.id = p.owner_id"
    values = [*(condition.parameters if counting else ()), *condition.parameters, *stretch.values, *marks]
    found = _fetch(f"{outer} ORDER BY p.sorted_by {way}, p.person {way_of_people}", values)
    return [_row(row) for row in found], found[0][-1] if found else 0


def _scores_of() -> str:
    return ", ".join(f"(SELECT s.value FROM organise_score s WHERE s.person = p.person AND s.name = '{name}')" for name in SCORES)


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
    owner, tags, *scores = cells[-3 - len(SCORES) : -1]
    found |= dict(zip(SCORES, scores, strict=True))
    return Row(key=key, owner=owner, tags=sorted(tags.split("\x1f"), key=fold) if tags else [], **found)


def _fetch(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return list(cursor.fetchall())
