"""What sets the people of a segment apart: values more frequent among them than among everybody, with how often and how much more."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec
from django.db import connection

from vincle.accounts.models import Workspace
from vincle.store import bulk

from .models import Segment

SAMPLE: Final = 20_000
"""People of each side who are looked at: ids are keyed hashes, so the smallest ones are a random sample."""

FEWEST: Final = 5
"""Fewer people with a value prove nothing."""

SHOWN: Final = 30
_LONGEST = 60
_SKIPPED = frozenset({"name", "first_name", "middle_name", "last_name", "nickname", "avatar", "bio", "note", "website", "street", "title"})
_COLUMNS = "p.person, p.stage, p.kind, p.channels, p.is_identified, p.traits"
_EVERYBODY = f"SELECT {_COLUMNS} FROM organise_profile p WHERE p.workspace_id = %s ORDER BY p.person LIMIT {SAMPLE}"
_MEMBERS = (
    f"SELECT {_COLUMNS} FROM organise_membership m JOIN organise_profile p ON p.person = m.person "
    f"WHERE m.segment_id = %s AND m.left_at IS NULL ORDER BY m.person LIMIT {SAMPLE}"
)
_TAGS = (
    "SELECT g.person, t.name FROM organise_tagging g JOIN organise_tag t ON t.id = g.tag_id "
    "WHERE t.workspace_id = %s AND g.removed_at IS NULL AND g.person IN ({})"
)
_decode = msgspec.json.Decoder().decode
Value = tuple[str, str, str]
"""(kind: "trait", "channel", "stage" or "tag"; name of the trait; value)."""


class Lift(NamedTuple):
    """`people` of the `members` looked at have it, `everybody` of the `all` looked at; `lift`: how many times more frequent it is here.

    `sure`: by how many standard errors (two proportions, pooled) the two shares differ.
    """

    kind: str
    name: str
    value: str
    people: int
    members: int
    everybody: int
    all: int
    lift: float
    sure: float

    @property
    def share(self) -> float:
        return self.people / self.members

    @property
    def usual(self) -> float:
        return self.everybody / self.all


class Lifts(NamedTuple):
    """The strongest first; `is_sample`: not all people were looked at."""

    found: list[Lift]
    members: int
    is_sample: bool


def lift(workspace: Workspace, segment: Segment) -> Lifts:
    """What is more frequent (or rarer) among its members than among everybody, by four queries."""
    here, members = _counted(workspace, _MEMBERS, segment.pk)
    there, everybody = _counted(workspace, _EVERYBODY, workspace.pk)
    found = [
        made
        for value, people in here.items()
        if people >= FEWEST and (made := _compare(value, people, members, max(there.get(value, 0), 1), everybody)) and abs(made.sure) >= 2
    ]
    found.sort(key=lambda each: (-abs(each.sure), each[:3]))
    return Lifts(found[:SHOWN], members, SAMPLE in (members, everybody))


def _counted(workspace: Workspace, sql: str, key: int) -> tuple[Counter[Value], int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [key])
        rows = cursor.fetchall()
    counts: Counter[Value] = Counter()
    for _person, stage, kind, channels, is_identified, traits in rows:
        counts.update(set(_values(stage, kind, channels, bool(is_identified), traits)))
    counts.update(("tag", "", name) for _, name in bulk.select(_TAGS, [row[0] for row in rows], [workspace.pk]))
    return counts, len(rows)


def _values(stage: str, kind: str, channels: str, is_identified: bool, traits: Any) -> Iterator[Value]:
    yield "stage", "", stage
    yield "trait", "kind", kind
    yield "trait", "is_identified", "yes" if is_identified else "no"
    for channel in channels.split():
        if channel != "team":
            yield "channel", "", channel
    stated: Mapping[str, Any] = _decode(traits) if isinstance(traits, str | bytes) else traits
    for name, entry in stated.items():
        if name not in _SKIPPED:
            for value in _texts(entry[0]):
                yield "trait", name, value


def _texts(value: Any) -> Iterable[str]:
    """A value as texts that can be counted; long ones and fractions are nobody else's."""
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    if isinstance(value, list):
        return [str(each) for each in value if 0 < len(str(each)) <= _LONGEST]
    if isinstance(value, float) and not value.is_integer():
        return ()
    return (str(value),) if value not in ("", None) and len(str(value)) <= _LONGEST else ()


def _compare(value: Value, people: int, members: int, everybody: int, among: int) -> Lift | None:
    """
    >>> made = _compare(("tag", "", "vip"), 30, 100, 100, 1000)
    >>> round(made.lift, 2), round(made.sure, 2)
    (3.0, 5.91)
    """
    share, usual = people / members, everybody / among
    pooled = (people + everybody) / (members + among)
    error = math.sqrt(pooled * (1 - pooled) * (1 / members + 1 / among))
    return Lift(*value, people, members, everybody, among, share / usual, (share - usual) / error) if error else None
