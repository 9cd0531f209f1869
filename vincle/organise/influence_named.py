"""Whom people name in their texts: `@name` on a network stands for whoever goes by that name there. The lake holds no texts."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import numpy as np
from django.db import connection

from vincle.store import bulk
from vincle.vocabulary import Direction, ObjectType, Op, Verb

from .influence_ties import HALF_LIFE, KINDS, WINDOW, Ties, nothing

MOST: Final = 200_000
"""Texts with a name that are read, the newest; how many were read stands beside what comes of it."""
_NAMED = re.compile(r"(?<![\w@/.])@([\w][\w.-]*(?:@[\w-]+(?:\.[\w-]+)+)?)")
_SQL = (
    "SELECT a.actor, a.channel, a.sentiment, a.happened_at, c.text FROM listen_activity a JOIN listen_content c ON c.event_id = a.event_id "
    "WHERE a.workspace_id = %s AND a.verb = %s AND a.object_type <> %s AND a.op <> %s AND NOT a.superseded AND a.direction = %s "
    "AND NOT a.is_machine AND a.actor IS NOT NULL AND a.parent_key = '' AND a.happened_at > %s AND a.happened_at <= %s "
    f"AND c.text LIKE %s ORDER BY a.happened_at DESC LIMIT {MOST:d}"
)


def read(workspace: int, now: datetime) -> tuple[Ties, int]:
    """Ties between handles, and how many texts with a name were read. Texts that answer someone are ties already: they are left out."""
    found = list(_named(workspace, now))
    wanted = {(channel, name) for _actor, channel, name, _against, _weight in found}
    handle_of = _handles(workspace, wanted)
    rows = [
        (actor, handle_of[channel, name], against, weight)
        for actor, channel, name, against, weight in found
        if (channel, name) in handle_of and handle_of[channel, name] != actor
    ]
    texts = len({(actor, weight) for actor, _channel, _name, _against, weight in found})
    if not rows:
        return nothing(), texts
    source, target, against, weight = zip(*rows, strict=True)
    count = len(rows)
    named = np.full(count, KINDS.index("named"), np.int64)
    return Ties(np.array(source, np.int64), np.array(target, np.int64), named, np.array(against, np.bool_), np.ones(count, np.int64),
                np.array(weight, np.float64)), texts  # fmt: skip


def _named(workspace: int, now: datetime) -> Iterator[tuple[int, str, str, bool, float]]:
    """(handle of the author, channel, name, against, weight by age) of each name in each text."""
    values = (Verb.CREATE.value, ObjectType.MESSAGE.value, Op.RETRACT.value, Direction.IN.value, bulk.stamp(now - WINDOW), bulk.stamp(now))
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [workspace, *values, "%@%"])
        for actor, channel, sentiment, at, text in cursor:
            age = (now - _moment(at)) / HALF_LIFE
            for name in {found.rstrip(".-").lower() for found in _NAMED.findall(text)}:
                yield actor, channel, name, sentiment == "negative", 0.5**age


def _moment(at: datetime) -> datetime:
    found = bulk.moment(at)
    assert found is not None
    return found


def _handles(workspace: int, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The handles that go by these names on their networks: by the user name, or where the id itself is one."""
    sql = "SELECT kind, lower(value), key FROM listen_handle WHERE workspace_id = %s AND value IN ({})"
    names = {name for _channel, name in wanted}
    kinds = {channel: (f"{channel}_username", channel) for channel, _name in wanted}
    known = {(kind, value): key for kind, value, key in bulk.select(sql, sorted(names), [workspace])}
    found: dict[tuple[str, str], int] = {}
    for channel, name in wanted:
        key = next((known[kind, name] for kind in kinds[channel] if (kind, name) in known), None)
        if key is not None:
            found[channel, name] = key
    return found
