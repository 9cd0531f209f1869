"""The people of a workspace as records to compare: what sources state of them, their handles, and whom they meet.

Set-based reads, a chunk of people at a time: all that stays in memory is the columns.
"""

import re
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from django.db import connection
from msgspec import Struct
from numpy.typing import NDArray

from vincle.listen import log
from vincle.store import bulk
from vincle.vocabulary import ANONYMOUS

from .linkage.records import Cell, Column, Records
from .models import SharedHandle

CHUNK = 4_000
MOST_NAMES = 6
MOST_TOGETHER = 5
"""A conversation of more people than this says nothing of who is who."""
LATELY = 1_000_000
"""Rows of the log, from its end, in which company is looked for."""
TEAM = "team"
STATED = frozenset({
    "first_name", "middle_name", "last_name", "gender", "birthday", "title", "company", "job_title", "department", "industry",
    "street", "house_number", "address_2", "city", "region", "postcode", "country", "website", "bio", "avatar_hash", "id_number", "domain",
})  # fmt: skip
"""Traits that are compared; what else a source states says nothing of who someone is."""
_ADDRESSES = {"email": "email", "phone": "phone", "whatsapp": "phone"}
_NAMELESS = ANONYMOUS | {"external", "login"}
_USER = re.compile(r"[\w.\-]{2,64}(@[\w.\-]{1,120})?")
_HANDLES = (
    "SELECT person, key, listen_handle.kind, value, name FROM identify_belonging JOIN listen_handle ON key = handle "
    "WHERE NOT is_own AND person IN ({})"
)
_FACTS = (
    "SELECT actor, event_id, channel, happened_at, seq FROM listen_activity WHERE actor IN ({}) AND object_type = 'Profile' "
    "AND NOT superseded AND op <> 'retract'"
)


class Gathered(Struct, frozen=True, eq=False):
    """`people[i]` is the person of record i. Several records may be one person's: the sides of a join that teach."""

    records: Records
    people: NDArray[np.int64]
    identified: NDArray[np.bool_]

    def places(self) -> dict[int, int]:
        """The (first) record of each person."""
        return {person: place for place, person in reversed(list(enumerate(self.people.tolist())))}


class _Fact(Struct):
    name: str = ""
    traits: dict[str, Any] = {}


_read = msgspec.json.Decoder(_Fact).decode
Sides = Mapping[int, Sequence[Collection[int]]]
Stood = dict[str, tuple[tuple[bool, Any, int], str]]


def gather(workspace: int, kind: str = "person", sides: Sides | None = None) -> Gathered:
    """Living people (or organisations) of whom something is known that can be compared, in the order of their ids.

    `sides`: people to be taken in parts, each some of their handles.
    """
    builder = _Builder()
    company = _company(workspace)
    shared = set(SharedHandle.objects.of(workspace).filter(lifted_at=None).values_list("handle", flat=True))
    for part in _people(workspace, kind):
        _add(builder, part, shared, company, sides or {})
    return builder.finish(kind)


def _people(workspace: int, kind: str) -> Iterator[list[tuple[int, bool]]]:
    """Chunks of (person, is identified)."""
    after = -(2**63)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, is_identified FROM identify_person WHERE workspace_id = %s AND merged_into IS NULL AND kind = %s AND id > %s "
                "ORDER BY id LIMIT %s",
                [workspace, kind, after, CHUNK],
            )
            rows = cursor.fetchall()
        if not rows:
            return
        yield [(person, bool(identified)) for person, identified in rows]
        after = rows[-1][0]


def _add(builder: "_Builder", part: Sequence[tuple[int, bool]], shared: set[int], company: Mapping[int, set[str]], sides: Sides) -> None:
    handles: dict[int, list[tuple[int, str, str, str]]] = defaultdict(list)
    for person, key, *rest in bulk.select(_HANDLES, [person for person, _ in part]):
        if key not in shared:
            handles[person].append((key, *rest))
    facts = _facts_of(key for owned in handles.values() for key, *_ in owned)
    for person, identified in part:
        for owned in _parts(sorted(handles.get(person, ())), sides.get(person)):
            builder.add(person, identified, _said(owned, facts, company))


def _parts(owned: list[tuple[int, str, str, str]], sides: Sequence[Collection[int]] | None) -> list[list[tuple[int, str, str, str]]]:
    return [owned] if not sides else [[row for row in owned if row[0] in keys] for keys in sides]


def _facts_of(keys: Iterable[int]) -> dict[int, list[tuple[tuple[bool, Any, int], _Fact]]]:
    """What stands of each handle: ((by hand, when, place in the log), fact)."""
    rows = list(bulk.select(_FACTS, keys))
    bodies = log.contents(bytes(row[1]) for row in rows)
    found: dict[int, list[tuple[tuple[bool, Any, int], _Fact]]] = defaultdict(list)
    for actor, event, channel, at, seq in rows:
        content = bodies.get(bytes(event))
        if content:
            found[actor].append(((channel == TEAM, at, seq), _read(content[2])))
    return found


def _said(
    owned: Sequence[tuple[int, str, str, str]],
    facts: Mapping[int, list[tuple[tuple[bool, Any, int], _Fact]]],
    company: Mapping[int, set[str]],
) -> dict[str, Cell]:
    """The cells of one record."""
    cells: dict[str, dict[str, None]] = defaultdict(dict)
    stood: Stood = {}
    for key, kind, value, shown in owned:
        _of_handle(cells, kind, value, shown)
        for place, fact in facts.get(key, ()):
            _of_fact(cells, stood, kind, place, fact)
        for token in company.get(key, ()):
            cells["together"][token] = None
    found = {field: tuple(list(values)[:MOST_NAMES]) for field, values in cells.items() if values}
    return found | {field: (text,) for field, (_, text) in stood.items() if text}


def _of_handle(cells: dict[str, dict[str, None]], kind: str, value: str, shown: str) -> None:
    if kind in _ADDRESSES:
        cells[_ADDRESSES[kind]][value] = None
    elif kind.endswith("_username"):
        cells["username"][f"{kind.removesuffix('_username')}:{value}"] = None
    elif kind.endswith("_name"):
        cells["name"][value] = None
    elif kind not in _NAMELESS:
        user = shown[1:] if shown.startswith("@") else value
        if _USER.fullmatch(user) and any(map(str.isalpha, user)):
            cells["username"][f"{kind}:{user}"] = None
    if kind not in ANONYMOUS and (said := shown.strip()) and not said.startswith("@") and said not in (value, value.lstrip("@")):
        cells["name"][said] = None


def _of_fact(cells: dict[str, dict[str, None]], stood: Stood, kind: str, place: tuple[bool, Any, int], fact: _Fact) -> None:
    if (name := fact.name.strip()) and not _is_user(cells, name):
        cells["name"][name] = None
    for field, value in fact.traits.items():
        text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
        if field == "nickname" and text:
            # A network's word for it is the user name there; anyone else's is what friends say.
            is_user = kind not in _ADDRESSES and kind not in _NAMELESS
            cells["username" if is_user else "nickname"][f"{kind}:{text.lstrip('@')}" if is_user else text] = None
        elif field in STATED and (field not in stood or stood[field][0] < place):
            stood[field] = (place, text)


def _is_user(cells: Mapping[str, Mapping[str, None]], name: str) -> bool:
    """Whether a shown name is no more than the user name once again."""
    bare = name.lstrip("@").casefold()
    return any(bare == user.partition(":")[2].casefold() for user in cells.get("username", ()))


def _company(workspace: int) -> dict[int, set[str]]:
    """Conversations that few take part in, by handle: in the newest part of the log."""
    where = (
        "workspace_id = %s AND seq > %s AND thread_key <> '' AND actor IS NOT NULL AND direction = 'in' AND NOT superseded "
        "AND op <> 'retract' AND object_type <> 'Profile'"
    )
    parameters = [workspace, max(log.last_seq() - LATELY, 0)]
    found: dict[int, set[str]] = defaultdict(set)
    few = f"SELECT thread_key FROM listen_activity WHERE {where} GROUP BY 1 HAVING COUNT(DISTINCT actor) BETWEEN 2 AND {MOST_TOGETHER:d}"
    sql = f"SELECT DISTINCT thread_key, actor FROM listen_activity WHERE {where} AND thread_key IN ({few})"
    with connection.cursor() as cursor:
        cursor.execute(sql, [*parameters, *parameters])
        for thread, actor in cursor.fetchall():
            found[actor].add(thread)
    return found


class _Builder:
    """Columns under way. A record that says nothing is left out: there is nothing to compare."""

    def __init__(self) -> None:
        self.people, self.identified = array("q"), array("b")
        self.numbers: dict[str, dict[Cell, int]] = {}
        self.codes: dict[str, array[int]] = {}

    def add(self, person: int, identified: bool, cells: Mapping[str, Cell]) -> None:
        if not cells:
            return
        place = len(self.people)
        self.people.append(person)
        self.identified.append(identified)
        for field, cell in cells.items():
            numbers, codes = self.numbers.setdefault(field, {}), self.codes.setdefault(field, array("i"))
            codes.extend([-1] * (place - len(codes)))
            codes.append(numbers.setdefault(cell, len(numbers)))

    def finish(self, kind: str) -> Gathered:
        size = len(self.people)
        columns = {}
        for field in sorted(self.numbers):
            codes = self.codes.pop(field)
            codes.extend([-1] * (size - len(codes)))
            columns[field] = Column(list(self.numbers.pop(field)), np.frombuffer(codes, np.int32) if size else np.zeros(0, np.int32))
        people = np.array(self.people, np.int64)
        return Gathered(Records.from_columns(columns, size, kind), people, np.array(self.identified, np.bool_))
