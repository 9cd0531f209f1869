"""The list of people: what is asked for, as one condition that the list, its count, its export and the bulk verbs share."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.store import bulk
from vincle.store.folding import fold
from vincle.vocabulary import Stage, from_public_id, public_id

from . import sql

PAGE = 50
FEW = 1500
"""Up to so many matches are fetched by id and sorted; beyond, the index of the sort is walked until the page is full."""
WORDS = 8
FILTERS = (
    "q",
    "stage",
    "channel",
    "tag",
    "owner",
    "country",
    "identified",
    "known_from",
    "known_to",
    "active_from",
    "active_to",
    "delivery",
)
SORTS = ("name", "last", "activities", "known", "purchases")
DEFAULT_SORT = "-last"
Params = Mapping[str, Sequence[str]]


@dataclass
class Where:
    """A condition on `organise_profile p`, always of one workspace."""

    workspace: Workspace
    clauses: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, clause: str, *values: Any) -> None:
        self.clauses.append(clause)
        self.values.extend(values)

    def never(self, problem: str) -> None:
        """A filter that cannot be read: an empty list and the reason, rather than a list that ignores it."""
        self.clauses.append("1 = 0")
        self.problems.append(problem)

    @property
    def is_all(self) -> bool:
        return not self.clauses

    @property
    def text(self) -> str:
        return " AND ".join(("p.workspace_id = %s", *self.clauses))

    @property
    def parameters(self) -> list[Any]:
        return [self.workspace.pk, *self.values]


def asked(params: Any) -> dict[str, list[str]]:
    """The filters of an address that say something: {name: values}."""
    found = {name: [value.replace("\x00", "").strip() for value in params.getlist(name)] for name in FILTERS}
    return {name: kept for name, values in found.items() if (kept := [value for value in values if value])}


def where(workspace: Workspace, filters: Params, me: int | None = None) -> Where:
    """The condition that filters stand for. `owner=me` is the user `me`."""
    made = Where(workspace)
    for name, values in filters.items():
        _READERS[name](made, values, me)
    return made


def chosen(workspace: Workspace, public_ids: Iterable[str]) -> Where:
    """The condition that names people one by one; ids that are none are left out."""
    made = Where(workspace)
    people = [person for text in public_ids if (person := person_id(text)) is not None][:FEW]
    made.add(f"p.person IN ({', '.join(['%s'] * len(people))})" if people else "1 = 0", *people)
    return made


def person_id(text: str) -> int | None:
    try:
        return from_public_id(text)
    except ValueError:
        return None


def _words(made: Where, values: Sequence[str], _me: int | None) -> None:
    for word in fold(" ".join(values)).split()[:WORDS]:
        made.add(*sql.has("p.search", word[:100]))


def _stages(made: Where, values: Sequence[str], _me: int | None) -> None:
    known = [value for value in values if value in set(Stage)]
    if not known:
        return made.never(_("There is no stage “%(value)s”.") % {"value": values[0][:60]})
    made.add(f"p.stage IN ({', '.join(['%s'] * len(known))})", *known)


def _channels(made: Where, values: Sequence[str], _me: int | None) -> None:
    pairs = [sql.has("p.channels", f" {value} ") for value in values[:20]]
    made.add(f"({' OR '.join(clause for clause, _value in pairs)})", *(value for _clause, value in pairs))


def _tags(made: Where, values: Sequence[str], _me: int | None) -> None:
    for value in values[:10]:
        if (tag := _number(value)) is None:
            return made.never(_("There is no tag “%(value)s”.") % {"value": value[:60]})
        made.add("p.person IN (SELECT person FROM organise_tagging WHERE tag_id = %s AND removed_at IS NULL)", tag)


def _owner(made: Where, values: Sequence[str], me: int | None) -> None:
    value = values[0]
    owner = me if value == "me" else _number(value)
    if value == "none":
        made.add("p.owner_id IS NULL")
    elif owner is None:
        made.never(_("There is nobody “%(value)s” in the team.") % {"value": value[:60]})
    else:
        made.add("p.owner_id = %s", owner)


def _countries(made: Where, values: Sequence[str], _me: int | None) -> None:
    known = [value.upper() for value in values[:40]]
    made.add(f"p.country IN ({', '.join(['%s'] * len(known))})", *known)


def _identified(made: Where, values: Sequence[str], _me: int | None) -> None:
    if values[0] not in ("yes", "no"):
        return made.never(_("Identified is “yes” or “no”, not “%(value)s”.") % {"value": values[0][:60]})
    made.add("p.is_identified" if values[0] == "yes" else "NOT p.is_identified")


def _delivery(made: Where, values: Sequence[str], _me: int | None) -> None:
    if (number := _number(values[0])) is None:
        return made.never(_("There is no import “%(value)s”.") % {"value": values[0][:60]})
    made.add("p.person IN (SELECT id FROM identify_person WHERE delivery = %s)", number)


def _moment(column: str, is_end: bool) -> Any:
    def read(made: Where, values: Sequence[str], _me: int | None) -> None:
        day = day_of(values[0])
        if day is None:
            return made.never(_("“%(value)s” is not a date; write it as 2026-03-31.") % {"value": values[0][:60]})
        begin = datetime.combine(day + timedelta(days=int(is_end)), time(), ZoneInfo(made.workspace.timezone))
        made.add(f"{column} {'<' if is_end else '>='} %s", bulk.stamp(begin.astimezone(UTC)))

    return read


_READERS = {
    "q": _words, "stage": _stages, "channel": _channels, "tag": _tags, "owner": _owner, "country": _countries, "identified": _identified,
    "delivery": _delivery, "known_from": _moment("p.known_since", False), "known_to": _moment("p.known_since", True),
    "active_from": _moment("p.last_at", False), "active_to": _moment("p.last_at", True),
}  # fmt: skip


def day_of(text: str) -> date | None:
    """A date of an address; None when it is not one (or so near the edges that no time zone holds it)."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2 <= day.year <= 9997 else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


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
