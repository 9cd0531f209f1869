"""Which events the log holds, over all its months.

On PostgreSQL the log is partitioned by month of arrival, and no index can reach over partitions: a retry that arrives in the
next month would find another one's index empty. So `listen_known` has one row an event, with its root and its moment of
arrival: it decides what is new, and it says which months to look into. On SQLite the log itself has both.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from vincle.store import bulk

from . import changes
from .models import Activity as ActivityRow
from .models import Content

Row = Sequence[Any]
MOST_MOMENTS = 200
_CONTENT = ("event_id", "workspace_id", "text", "title", "body")


def insert_new(columns: Sequence[str], rows: Sequence[Row]) -> set[bytes]:
    """Append the rows whose `event_id` the log does not hold; returns the ids of those.

    Rows must not repeat an id, and all came at the same moment.
    """
    if connection.vendor == "sqlite":
        return bulk.insert_new(ActivityRow, columns, rows, "event_id")
    if not rows:
        return set()
    event, root, received = (columns.index(name) for name in ("event_id", "root_id", "received_at"))
    # Two appends of the same events wait for each other in the same order.
    keys = sorted((row[event], row[root] or b"") for row in rows)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO listen_known (event_id, root_id, received_at) "
            "SELECT event, root, %s FROM unnest(%s::bytea[], %s::bytea[]) AS new (event, root) ON CONFLICT DO NOTHING RETURNING event_id",
            [rows[0][received], bulk.array([key for key, _ in keys]), bulk.array([of or None for _, of in keys])],
        )
        fresh = {bytes(key) for (key,) in cursor.fetchall()}
    bulk.copy(ActivityRow, columns, [row for row in rows if row[event] in fresh])
    return fresh


def insert_contents(rows: Sequence[Row], received_at: Any) -> None:
    """The personal parts (event_id, workspace, text, title, body) of rows that were just appended."""
    if connection.vendor == "sqlite":
        bulk.insert(Content, _CONTENT, rows)
    else:
        bulk.copy(Content, (*_CONTENT, "received_at"), [(*row, received_at) for row in rows])


def among(ids: Iterable[bytes]) -> set[bytes]:
    """Those of the ids that the log holds."""
    table = "listen_activity" if connection.vendor == "sqlite" else "listen_known"
    return {bytes(key) for key in bulk.pluck(f"SELECT event_id FROM {table} WHERE event_id IN ({{}})", ids)}


def revised(roots: Iterable[bytes]) -> set[bytes]:
    """Those of the roots that some correction or retraction speaks of."""
    table = "listen_activity" if connection.vendor == "sqlite" else "listen_known"
    return {bytes(root) for root in bulk.pluck(f"SELECT DISTINCT root_id FROM {table} WHERE root_id IN ({{}})", roots)}


def worded(ids: Iterable[bytes]) -> set[bytes]:
    """Those of the events that have their personal part."""
    return {bytes(key) for (key,) in select("SELECT event_id FROM listen_content WHERE event_id IN ({})", ids)}


def select(sql: str, ids: Iterable[bytes], column: str = "event_id") -> Iterable[tuple[Any, ...]]:
    """Rows of a query over `listen_activity` or `listen_content` that names events in its one `IN ({})` and ends there.

    `column` is what is looked up by: their own id, or the root they speak of. Only the months they arrived in are touched.
    """
    for part in bulk.chunks(list(ids)):
        yield from bulk.select(sql + within(part, column), part)


def within(ids: Sequence[bytes], column: str = "event_id", table: str = "") -> str:
    """A condition, beginning with AND, that holds a query to the months in which these events arrived; "" on SQLite.

    >>> _literal([datetime.fromisoformat("2026-11-01T12:00:00+00:00")], "a.")
    " AND a.received_at IN ('2026-11-01T12:00:00+00:00')"
    """
    if connection.vendor == "sqlite":
        return ""
    found = bulk.pluck(f"SELECT DISTINCT received_at FROM listen_known WHERE {column} IN ({{}})", ids)
    return _literal(sorted(set(found)), table)


def _literal(moments: Sequence[datetime], table: str) -> str:
    """Literals, so that the planner leaves the other months out before it begins."""
    if not moments:
        return " AND FALSE"
    if len(moments) > MOST_MOMENTS:
        return f" AND {table}received_at BETWEEN '{moments[0].isoformat()}' AND '{moments[-1].isoformat()}'"
    return f" AND {table}received_at IN ({', '.join(repr(moment.isoformat()) for moment in moments)})"


def delete_contents(ids: Iterable[bytes]) -> int:
    """Remove the personal parts of these events, and what was understood of them; returns how many there were."""
    gone = 0
    for part in bulk.chunks(list(ids)):
        gone += bulk.execute_in("DELETE FROM listen_content WHERE event_id IN ({})" + within(part), part)
        changes.let_go(part)
    return gone


def mark(ids: Iterable[bytes], superseded: bool) -> None:
    """Hide rows of the log, or show them again."""
    for part in bulk.chunks(list(ids)):
        bulk.execute_in(f"UPDATE listen_activity SET superseded = {superseded} WHERE event_id IN ({{}})" + within(part), part)
