"""Someone is forgotten: what they did and what was said to them leaves the log, and never comes back out of what is kept of deliveries.

First everything of theirs is taken back with retractions of the reason "erasure", which all later stages follow as they follow any
deletion, and its words are deleted. When every stage has followed, what named them goes: facts, addresses, places, and whole raw deliveries
that spoke of nobody else. Rows keep their shape: that something happened, and when.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from vincle.store import bulk, lease
from vincle.vocabulary import ObjectType, Op, Verb

from . import known
from .batch import COLUMNS, LOG_LOCK, PLACE, Batch, last_number
from .expiry import FOLLOWERS
from .models import Connection, Delivery, Handle, Notice

REASON: Final = "erasure"
PIECE: Final = 2_000
_SIDES: Final = (("actor", "in"), ("target", "out"))
_COLUMNS: Final = "event_id, COALESCE(root_id, event_id), connection_id, verb, object_type, native_id, {side}"
Row = tuple[bytes, bytes, int, str, str, str, int]


def take_back(workspace: int, handles: Collection[int], now: datetime | None = None) -> int:
    """Take back a piece of what these handles did or were sent; returns how much, 0 when nothing is left."""
    now = now or timezone.now()
    rows = [row for side, direction in _SIDES for row in _standing(workspace, handles, side, direction)][:PIECE]
    if not rows:
        return 0
    by_connection: dict[int, dict[bytes, Row]] = defaultdict(dict)
    for row in rows:
        by_connection[row[2]][row[1]] = row
    sources = Connection.objects.select_related("workspace").in_bulk(by_connection)
    with transaction.atomic():
        if connection.vendor == "postgresql":
            bulk.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOG_LOCK])
        made: dict[bytes, list[Any]] = {}
        for key, things in by_connection.items():
            batch = Batch(sources[key], now, None)
            for root, (_event, _root, _key, verb, kind, native, whose) in things.items():
                taken = batch.row(Op.RETRACT, native, f"{REASON}:{now:%Y%m%d%H%M%S}", now, Verb(verb), ObjectType(kind), reason=REASON)
                taken[1], taken[PLACE["actor"]], taken[PLACE["retention_class"]] = root, whose, ""
            made |= batch.rows
        known.insert_new(COLUMNS, list(made.values()))
        known.mark([row[0] for row in rows], superseded=True)
        # What facts say names the handles they speak of: it goes when every stage has followed.
        known.delete_contents(row[0] for row in rows if row[4] != ObjectType.PROFILE)
    return len(rows)


def _standing(workspace: int, handles: Collection[int], side: str, direction: str) -> Iterator[Row]:
    sql = (
        f"SELECT {_COLUMNS.format(side=side)} FROM listen_activity WHERE workspace_id = %s AND direction = %s AND op <> 'retract' "
        f"AND NOT superseded AND {side} IN ({{}}) LIMIT {PIECE}"
    )
    for event, root, *more in bulk.select(sql, list(handles), [workspace, direction]):
        yield bytes(event), bytes(root), *more


def place() -> int:
    """The newest number of the log: when all stages have passed it, they have followed."""
    return last_number(ours=False)


def is_followed(upto: int) -> bool:
    """Whether every stage behind the log has come so far."""
    reached = lease.positions()
    return min(reached.get(name, 0) for name in FOLLOWERS) >= upto


def wipe(workspace: int, handles: Collection[int]) -> dict[str, int]:
    """What is left after every stage has followed: facts, addresses and names, places, raw deliveries of nobody else's. Counts by what."""
    events: dict[bytes, int | None] = {}
    for side, direction in _SIDES:
        sql = f"SELECT event_id, delivery_id FROM listen_activity WHERE workspace_id = %s AND direction = %s AND {side} IN ({{}})"
        events |= {bytes(event): delivery for event, delivery in bulk.select(sql, list(handles), [workspace, direction])}
    with transaction.atomic():
        words = known.delete_contents(events)
        for part in bulk.chunks(list(events), PIECE):
            bulk.execute_in(
                "UPDATE listen_activity SET url = '', place = '', hashtags = '', props = %s WHERE event_id IN ({})" + known.within(part),
                part,
                ["{}"],
            )
        Notice.objects.of(workspace).filter(actor__in=handles).delete()
        named = Handle.objects.of(workspace).filter(key__in=handles).update(value="", name="")
        raw = _raw(workspace, {delivery for delivery in events.values() if delivery}, handles)
    return {"activities": len(events), "words": words, "addresses": named, "deliveries": raw}


def _raw(workspace: int, deliveries: set[int], handles: Collection[int]) -> int:
    """Throw away the bytes of deliveries that brought nothing of anybody else's. Files stay: their lines of this one are not read again."""
    theirs = set(handles)
    shared = set()
    for delivery, actor, target, direction in bulk.select(
        "SELECT DISTINCT delivery_id, actor, target, direction FROM listen_activity WHERE delivery_id IN ({})", deliveries
    ):
        if (actor if direction == "in" else target) not in theirs:
            shared.add(delivery)
    alone = Delivery.objects.of(workspace).filter(pk__in=deliveries - shared, is_import=False, raw_gone_at=None)
    return int(alone.update(body=None, path="", raw_gone_at=timezone.now()))
