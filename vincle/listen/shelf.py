"""The shelf: where the collector puts what it was sent, before it says so. Raw, compressed, in the order it came.

On SQLite the shelf is a file of its own (`intake.sqlite3`): whoever writes there never waits for the pages or the workers.
On PostgreSQL it is two tables of the database (made by a migration): the parcels, and the numbers of those that nobody has read yet.
A parcel stays after it was read, for a rebuild, until retention takes it.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import zstandard
from django.conf import settings
from django.db import connection as database
from django.db import transaction

from vincle.store import lease
from vincle.store.models import Cursor

CURSOR = "collector"
LEVEL = 1
MOST_BYTES = 2_000_000

SQLITE = """
CREATE TABLE IF NOT EXISTS parcel (
    id INTEGER PRIMARY KEY AUTOINCREMENT, connection INTEGER NOT NULL, received_at INTEGER NOT NULL, events INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS parcel_by_connection ON parcel (connection, received_at);
"""


class Parcel(NamedTuple):
    """What came for one connection within an instant: `events` of them. `body` are envelopes, joined by commas."""

    id: int
    connection: int
    received_at: datetime
    events: int
    body: bytes


class Row(NamedTuple):
    """A parcel to be put. `received_at` in microseconds since 1970, UTC; `body` as it is read back."""

    connection: int
    received_at: int
    events: int
    body: bytes


class Backlog(NamedTuple):
    """What nobody has read yet."""

    parcels: int
    events: int
    oldest_seconds: float


class Writer:
    """Puts parcels. One a thread; every `put` is durable when it returns, and writes all or nothing."""

    def __init__(self) -> None:
        self._press = zstandard.ZstdCompressor(level=LEVEL)
        self._file: sqlite3.Connection | None = None

    def put(self, rows: Iterable[Row]) -> None:
        pressed = [(row.connection, row.received_at, row.events, self._press.compress(row.body)) for row in rows]
        if database.vendor != "sqlite":
            _put_postgres(pressed)
            return
        if self._file is None:
            self._file = _open()
            self._file.executescript(SQLITE)
        with self._file:
            self._file.execute("BEGIN IMMEDIATE")
            self._file.executemany("INSERT INTO parcel (connection, received_at, events, body) VALUES (?, ?, ?, ?)", pressed)

    def forget(self) -> None:
        """Let go of the database; the next `put` begins with a new connection."""
        database.close()
        if self._file is not None:
            self._file.close()
            self._file = None


def _put_postgres(rows: Sequence[tuple[int, int, int, bytes]]) -> None:
    marks = ", ".join(["(%s::bigint, %s::bigint, %s::integer, %s::bytea)"] * len(rows))
    with database.cursor() as cursor:
        cursor.execute(
            "WITH put AS (INSERT INTO listen_parcel (connection, received_at, events, body) "
            f"SELECT * FROM (VALUES {marks}) v RETURNING id) INSERT INTO listen_parcel_waiting SELECT id FROM put",
            [value for row in rows for value in row],
        )


Prepare = Callable[[Sequence[Parcel]], Callable[[], None]]
"""Works out what parcels mean; returns what remains to be done inside a transaction."""


def work_off(prepare: Prepare, most: int) -> int:
    """Read the oldest parcels that wait, of up to about `most` events together: written and noted as read in one transaction.

    Returns how many parcels were read; 0: none wait, or another worker has them.
    """
    return _work_off_sqlite(prepare, most) if database.vendor == "sqlite" else _work_off_postgres(prepare, most)


def _work_off_postgres(prepare: Prepare, most: int) -> int:
    """Workers pass over the parcels that another one holds: they share the work, and each parcel is read once."""
    with transaction.atomic(), database.cursor() as cursor:
        cursor.execute(
            "SELECT id, events, octet_length(body) FROM listen_parcel JOIN listen_parcel_waiting w USING (id) ORDER BY id LIMIT 500 "
            "FOR UPDATE OF w SKIP LOCKED"
        )
        ids = list(_some(cursor.fetchall(), most))
        if ids:
            cursor.execute("SELECT id, connection, received_at, events, body FROM listen_parcel WHERE id = ANY(%s) ORDER BY id", [ids])
            prepare([_parcel(*row) for row in cursor.fetchall()])()
            cursor.execute("DELETE FROM listen_parcel_waiting WHERE id = ANY(%s)", [ids])
    return len(ids)


def _work_off_sqlite(prepare: Prepare, most: int) -> int:
    newest = _newest()
    if newest == _position():
        return 0
    with lease.held(CURSOR) as cursor:
        if cursor is None:
            return 0
        begin = cursor.position if cursor.position <= newest else 0  # another file lies there than the one we had read
        with closing(_open()) as file:
            found = file.execute("SELECT id, events, length(body) FROM parcel WHERE id > ? ORDER BY id LIMIT 5000", [begin]).fetchall()
            ids = list(_some(found, most))
            names = "SELECT id, connection, received_at, events, body FROM parcel WHERE id > ? AND id <= ? ORDER BY id"
            parcels = [_parcel(*row) for row in file.execute(names, [begin, ids[-1] if ids else begin])]
        if parcels:
            write = prepare(parcels)
            with transaction.atomic():
                write()
                lease.advance(cursor, parcels[-1].id, len(parcels))
        return len(parcels)


def read_again() -> None:
    """Let every parcel that is still there be read from the beginning."""
    if database.vendor == "sqlite":
        Cursor.objects.filter(name=CURSOR).update(position=0, done=0)
        return
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO listen_parcel_waiting SELECT id FROM listen_parcel ON CONFLICT DO NOTHING")


def backlog() -> Backlog:
    """What waits to be read."""
    if database.vendor == "sqlite":
        if not _path().exists():
            return Backlog(0, 0, 0.0)
        with closing(_open()) as file:
            query = "SELECT COUNT(*), COALESCE(SUM(events), 0), MIN(received_at) FROM parcel WHERE id > ?"
            parcels, events, oldest = file.execute(query, [_position()]).fetchone()
    else:
        with database.cursor() as cursor:
            cursor.execute(
                "SELECT COUNT(*), COALESCE(SUM(events), 0), MIN(received_at) FROM listen_parcel JOIN listen_parcel_waiting USING (id)"
            )
            parcels, events, oldest = cursor.fetchone()
    return Backlog(int(parcels), int(events), max(time.time() - oldest / 1e6, 0.0) if oldest else 0.0)


def latest(connection: int, most: int) -> list[Parcel]:
    """The last parcels of a connection, newest first, whether read or not."""
    query = "SELECT id, connection, received_at, events, body FROM {} WHERE connection = {} ORDER BY received_at DESC, id DESC LIMIT {}"
    if database.vendor == "sqlite":
        if not _path().exists():
            return []
        with closing(_open()) as file:
            rows = file.execute(query.format("parcel", "?", "?"), [connection, most]).fetchall()
    else:
        with database.cursor() as cursor:
            cursor.execute(query.format("listen_parcel", "%s", "%s"), [connection, most])
            rows = cursor.fetchall()
    return [_parcel(*row) for row in rows]


def expire(connections: Iterable[int], before: datetime) -> int:
    """Throw away parcels of these connections that came before a moment and have been read; returns how many."""
    keys, until = list(connections), int(before.timestamp() * 1e6)
    if not keys:
        return 0
    if database.vendor == "sqlite":
        if not _path().exists():
            return 0
        marks = ", ".join("?" * len(keys))
        with closing(_open()) as file, file:
            return file.execute(
                f"DELETE FROM parcel WHERE connection IN ({marks}) AND received_at < ? AND id <= ?", [*keys, until, _position()]
            ).rowcount
    with database.cursor() as cursor:
        cursor.execute(
            "DELETE FROM listen_parcel p WHERE connection = ANY(%s) AND received_at < %s "
            "AND NOT EXISTS (SELECT 1 FROM listen_parcel_waiting w WHERE w.id = p.id)",
            [keys, until],
        )
        return int(cursor.rowcount)


def oldest(connections: Iterable[int]) -> dict[int, datetime]:
    """When the oldest parcel of each of these connections came, of those that are still there."""
    keys = list(connections)
    if database.vendor == "sqlite":
        if not _path().exists():
            return {}
        marks = ", ".join("?" * len(keys))
        with closing(_open()) as file:
            rows = file.execute(
                f"SELECT connection, MIN(received_at) FROM parcel WHERE connection IN ({marks}) GROUP BY 1", keys
            ).fetchall()
    else:
        with database.cursor() as cursor:
            cursor.execute("SELECT connection, MIN(received_at) FROM listen_parcel WHERE connection = ANY(%s) GROUP BY 1", [keys])
            rows = cursor.fetchall()
    return {key: datetime.fromtimestamp(at / 1e6, UTC) for key, at in rows}


def _some(found: Iterable[tuple[int, int, int]], most: int) -> Iterator[int]:
    """The first ids of (id, events, bytes), one at least, that a worker takes at once."""
    events = size = 0
    for key, count, length in found:
        if events and (events + count > most or size + length > MOST_BYTES):
            return
        events, size = events + count, size + length
        yield key


def _parcel(key: int, connection: int, received_at: int, events: int, body: bytes) -> Parcel:
    whole = zstandard.ZstdDecompressor().decompress(bytes(body))
    return Parcel(key, connection, datetime.fromtimestamp(received_at / 1e6, UTC), events, whole)


def _position() -> int:
    return Cursor.objects.filter(name=CURSOR).values_list("position", flat=True).first() or 0


def _newest() -> int:
    if not _path().exists():
        return 0
    with closing(_open()) as file:
        return int(file.execute("SELECT COALESCE(MAX(id), 0) FROM parcel").fetchone()[0])


def _path() -> Path:
    return Path(settings.HOME) / "intake.sqlite3"


def _open() -> sqlite3.Connection:
    file = sqlite3.connect(_path(), timeout=10, isolation_level=None, check_same_thread=False)
    file.execute("PRAGMA journal_mode=WAL")
    file.execute("PRAGMA synchronous=FULL")
    file.execute("PRAGMA wal_autocheckpoint=4000")
    return file
