"""People on the way, as they are moved in memory, and how what became of them is written: many rows at once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from vincle.store import bulk

from ..models import Passed, Walk, WalkStep

State = Walk.State
NOBODY: Counter[tuple[str, int]] = Counter()
_FIELDS = ("pk", "version", "person", "turn", "cause", "node", "started_at", "since", "wakes_at")
_NEW = (
    "workspace_id", "journey_id", "version", "person", "turn", "cause", "node", "state", "started_at", "since", "wakes_at", "ended_at",
)  # fmt: skip
_STEP = ("workspace_id", "walk_id", "version", "node", "what", "at", "why")
_MOVE = "UPDATE journeys_walk SET version = %s, person = %s, node = %s, state = %s, since = %s, wakes_at = %s, ended_at = %s WHERE id = %s"


@dataclass(slots=True)
class Going:
    """Someone on the way. `node`: the step they stand before or wait in ("" : before the first). `trail`: what happened now.

    `heard`: the place in the log behind which what happens counts for them.
    """

    pk: int
    version: int
    person: int
    turn: int
    cause: str
    node: str
    started_at: datetime
    since: datetime
    wakes_at: datetime | None
    state: str = "waiting"
    ended_at: datetime | None = None
    is_late: bool = False
    is_dropped: bool = False
    heard: int = 0
    trail: list[tuple[int, str, str, dict[str, Any]]] = field(default_factory=list)

    def note(self, what: str, node: str = "", **why: Any) -> None:
        self.trail.append((self.version, node, what, why))

    def end(self, state: str, what: str, at: datetime, node: str = "", **why: Any) -> None:
        """Nothing more happens to them here."""
        self.note(what, node, **why)
        self.state, self.ended_at, self.wakes_at, self.since = state, at, None, at


def due(journey: int, now: datetime, most: int) -> list[Going]:
    """Those whose moment has come, who have waited longest first."""
    rows = Walk.objects.filter(journey=journey, state=State.WAITING, wakes_at__lte=now).order_by("wakes_at")
    return [Going(*row) for row in rows.values_list(*_FIELDS)[:most]]


def of_people(journey: int, people: Iterable[int]) -> dict[int, list[Going]]:
    """Who of these people is on the way there, in the order they began."""
    found: dict[int, list[Going]] = {}
    for part in bulk.chunks(sorted(set(people)), 500):
        rows = Walk.objects.filter(journey=journey, person__in=part, state=State.WAITING).order_by("pk")
        for row in rows.values_list(*_FIELDS):
            found.setdefault(row[2], []).append(Going(*row))
    return found


def enter(workspace: int, journey: int, walks: Sequence[Going]) -> None:
    """Rows for those who begin; who began for the same cause before is marked as dropped."""
    stamp = bulk.writer()
    rows = [
        (workspace, journey, each.version, each.person, each.turn, each.cause, "", State.WAITING.value, stamp(each.started_at),
         stamp(each.since), stamp(each.wakes_at), None)
        for each in walks
    ]  # fmt: skip
    before = set(_keys(journey, walks))
    bulk.insert(Walk, _NEW, rows)
    keys = _keys(journey, walks)
    for each in walks:
        found = keys.get((each.person, each.cause))
        if found is None or (each.person, each.cause) in before:
            each.is_dropped = True
        else:
            each.pk = found


def _keys(journey: int, walks: Sequence[Going]) -> dict[tuple[int, str], int]:
    wanted = {(each.person, each.cause) for each in walks}
    sql = "SELECT id, person, cause FROM journeys_walk WHERE journey_id = %s AND person IN ({})"
    rows = bulk.select(sql, {each.person for each in walks}, [journey])
    return {(person, cause): pk for pk, person, cause in rows if (person, cause) in wanted}


def write(workspace: int, journey: int, walks: Sequence[Going], passed: Counter[tuple[str, int]], now: datetime) -> int:
    """Where everyone stands now, what happened to them, and how many passed where; returns how many steps that were.

    Who was dropped was never there.
    """
    bulk.execute_in("DELETE FROM journeys_walk WHERE id IN ({})", [each.pk for each in walks if each.is_dropped and each.pk])
    kept = [each for each in walks if not each.is_dropped]
    _move(kept)
    encode, at = msgspec.json.encode, bulk.writer()(now)
    rows = [(workspace, each.pk, version, node, what, at, encode(why).decode()) for each in kept for version, node, what, why in each.trail]
    if connection.vendor == "sqlite":
        bulk.insert(WalkStep, _STEP, rows)
    else:
        bulk.copy(WalkStep, _STEP, rows)
    _count(workspace, journey, passed)
    return len(rows)


def _move(walks: Sequence[Going]) -> None:
    stamp = bulk.writer()
    rows = [
        (each.version, each.person, each.node, each.state, stamp(each.since), stamp(each.wakes_at), stamp(each.ended_at), each.pk)
        for each in walks
    ]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.executemany(_MOVE, rows)
        return
    columns = list(zip(*rows, strict=True))
    if not columns:
        return
    kinds = ("int[]", "bigint[]", "text[]", "text[]", "timestamptz[]", "timestamptz[]", "timestamptz[]", "bigint[]")
    names = ("version", "person", "node", "state", "since", "wakes_at", "ended_at", "id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE journeys_walk w SET {', '.join(f'{name} = n.{name}' for name in names[:-1])} "
            f"FROM unnest({', '.join(f'%s::{kind}' for kind in kinds)}) AS n ({', '.join(names)}) WHERE w.id = n.id",
            [list(column) for column in columns],
        )


def _count(workspace: int, journey: int, passed: Counter[tuple[str, int]]) -> None:
    rows = [(workspace, journey, node, way, people) for (node, way), people in sorted(passed.items())]
    names = "workspace_id, journey_id, node, way, people"
    for row in rows:
        bulk.execute(
            f"INSERT INTO journeys_passed ({names}) VALUES (%s, %s, %s, %s, %s) ON CONFLICT (journey_id, node, way) "
            "DO UPDATE SET people = journeys_passed.people + excluded.people",
            row,
        )


__all__ = ["NOBODY", "Going", "Passed", "due", "enter", "of_people", "write"]
