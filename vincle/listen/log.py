"""The two doors of the activity log: `append` and `read_new`.

Order. A reader keeps one number, the `seq` it has come to. On SQLite there is one writer at a time, so numbers appear in
order. On PostgreSQL a number may be given out early and committed late; therefore appenders hold a shared advisory lock
for the length of their transaction, and a reader takes it alone for an instant before it looks: every number given out
until then is committed or gone, and none can slip in behind the reader's back.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from vincle.store import bulk
from vincle.vocabulary import ObjectType, Op, Verb
from vincle.vocabulary.activity import Item

from . import known
from .batch import COLUMNS, LOG_LOCK, PLACE, Appended, Batch, KeyCollision
from .families import UNDO, undone
from .models import Activity as ActivityRow
from .models import Connection, Delivery

__all__ = ["COLUMNS", "Appended", "KeyCollision", "append", "contents", "last_seq", "prepare", "read_acts", "read_new", "undo", "unseen"]


def append(source: Connection, items: Sequence[Item], received_at: datetime, delivery: Delivery | None = None) -> Appended:
    """Write activities and facts of one connection; a second delivery of the same changes nothing.

    Runs in the caller's transaction or its own; what it returns is true once that commits.
    """
    batch = prepare(source, items, received_at, delivery)
    with transaction.atomic():
        return batch.write()


def prepare(source: Connection, items: Sequence[Item], received_at: datetime, delivery: Delivery | None = None) -> Batch:
    """The rows of an `append`, ready to `write()` in a transaction that does more: what takes time is done before it begins."""
    batch = Batch(source, received_at, delivery)
    for item in items:
        batch.add(item)
    return batch


def unseen(source: Connection, items: Sequence[Item]) -> set[bytes]:
    """Ids of what `append` would write anew of these items. Writes nothing."""
    ids = set(prepare(source, items, timezone.now()).rows)
    there = known.among(ids)
    return (ids - there) | undone(there)


def read_new(after: int, limit: int, columns: Sequence[str] = COLUMNS) -> list[Any]:
    """Up to `limit` rows behind `after`, oldest first, as tuples with `seq` in front and then the columns asked for."""
    until = _settled()
    names = ", ".join(columns)
    with database.cursor() as cursor:
        cursor.execute(
            f"SELECT seq, {names} FROM listen_activity WHERE seq > %s AND seq <= %s ORDER BY seq LIMIT %s", [after, until, limit]
        )
        return cursor.fetchall()


def read_acts(after: int, upto: int, limit: int, columns: Sequence[str]) -> list[Any]:
    """As `read_new`, without the facts sources state; `upto` is a place some reader has come to already."""
    names = ", ".join(columns)
    with database.cursor() as cursor:
        cursor.execute(
            f"SELECT seq, {names} FROM listen_activity WHERE seq > %s AND seq <= %s AND object_type <> 'Profile' ORDER BY seq LIMIT %s",
            [after, upto, limit],
        )
        return cursor.fetchall()


def last_seq() -> int:
    """The newest number of the log that a reader may go to."""
    return _settled()


def _settled() -> int:
    with transaction.atomic(), database.cursor() as cursor:
        if database.vendor == "postgresql":
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOG_LOCK])
        cursor.execute("SELECT COALESCE(MAX(seq), 0) FROM listen_activity")
        return int(cursor.fetchone()[0])


def contents(events: Iterable[bytes]) -> dict[bytes, tuple[str, str, str]]:
    """(text, title, body as JSON text) of each event that still has its personal part."""
    sql = "SELECT event_id, text, title, body FROM listen_content WHERE event_id IN ({})"
    return {bytes(key): (text, title, body) for key, text, title, body in known.select(sql, events)}


def undo(delivery: Delivery, limit: int) -> int:
    """Take back up to `limit` activities that a delivery brought; returns how many. Repeat until it returns 0."""
    with transaction.atomic():
        if database.vendor == "postgresql":
            bulk.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOG_LOCK])
        standing = ActivityRow.objects.filter(delivery=delivery, superseded=False).exclude(op=Op.RETRACT).order_by("seq")
        rows = list(standing.values_list("event_id", "root_id", "actor", "verb", "object_type", "native_id")[:limit])
        if not rows:
            return 0
        batch = Batch(delivery.connection, timezone.now(), None)
        hidden = []
        for own_id, root, actor, verb, kind, native_id in rows:
            row = batch.row(
                Op.RETRACT, native_id, f"{UNDO}{delivery.pk}", timezone.now(), Verb(verb), ObjectType(kind), reason="import undone"
            )
            row[1], row[PLACE["actor"]] = bytes(root or own_id), actor
            hidden.append(bytes(own_id))
        known.insert_new(COLUMNS, list(batch.rows.values()))
        known.mark(hidden, superseded=True)
        known.delete_contents(hidden)
        return len(rows)
