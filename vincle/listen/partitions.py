"""The log by month of arrival (PostgreSQL): months are made ahead of time, grow cold, and can be dropped whole.

By arrival, not by when something happened: the moment of arrival never changes, it is the same for a whole batch, and only the
newest months are written to. An archive of ten years that is imported today lies in today's month, where all its rows end together.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime

import structlog
from django.db import OperationalError, connection, transaction
from django.utils import timezone

TABLES = ("listen_activity", "listen_content")
AHEAD = 3
"""Months that stand ready behind the current one."""

FIRST = date(2000, 1, 1)
PATIENCE = "5s"
logger = structlog.get_logger(__name__)


def is_partitioned() -> bool:
    return connection.vendor == "postgresql"


def name_of(table: str, month: date) -> str:
    """
    >>> name_of("listen_activity", date(2026, 3, 1))
    'listen_activity_y2026m03'
    """
    return f"{table}_y{month.year:04d}m{month.month:02d}"


def following(month: date, months: int = 1) -> date:
    """The first day of the month so many later.

    >>> following(date(2026, 12, 1)), following(date(2026, 11, 1), 3)
    (datetime.date(2027, 1, 1), datetime.date(2027, 2, 1))
    """
    count = month.year * 12 + month.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def begin(month: date) -> datetime:
    """The instant at which a month begins (UTC)."""
    return datetime(month.year, month.month, 1, tzinfo=UTC)


def months(table: str = "listen_activity") -> list[date]:
    """Months that have a partition, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass "
            "AND c.relname LIKE %s ORDER BY 1",
            [table, f"{table}_y%m%"],
        )
        return [date(int(name[-7:-3]), int(name[-2:]), 1) for (name,) in cursor.fetchall()]


def ensure(now: datetime | None = None) -> list[str]:
    """Make the partitions of this and the next months, and of months that rows of the default partition belong to; returns their names.

    The rows of such a month move out of the default partition with it. What a wrong clock put further ahead stays there until
    its month comes near. When the house is too busy for the locks it takes, the next hour tries again.
    """
    if not is_partitioned():
        return []
    this = (now or timezone.now()).astimezone(UTC).date().replace(day=1)
    horizon = following(this, AHEAD)
    made: list[str] = []
    for table in TABLES:
        wanted = {following(this, ahead) for ahead in range(AHEAD + 1)} | _strays(table, horizon)
        for month in sorted(wanted - set(months(table))):
            try:
                made.append(_make(table, month))
            except OperationalError as error:
                logger.warning("a month's partition could not be made now", table=table, month=str(month), error=str(error).strip())
    return made


def _strays(table: str, horizon: date) -> set[date]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT date_trunc('month', received_at AT TIME ZONE 'UTC')::date FROM {table}_default "
            "WHERE received_at >= %s AND received_at < %s",
            [begin(FIRST), begin(following(horizon))],
        )
        return {month for (month,) in cursor.fetchall()}


def _make(table: str, month: date) -> str:
    name, span = name_of(table, month), [begin(month).isoformat(), begin(following(month)).isoformat()]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
        cursor.execute(f"LOCK TABLE {table}_default IN ACCESS EXCLUSIVE MODE")
        cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS)")
        cursor.execute(
            f"WITH moved AS (DELETE FROM {table}_default WHERE received_at >= %s AND received_at < %s RETURNING *) "
            f"INSERT INTO {name} SELECT * FROM moved",
            span,
        )
        cursor.execute(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{span[0]}') TO ('{span[1]}')")
    return name


def drop(month: date) -> None:
    """Take a month out of the log, with its words, what was understood of them, and its keys. The caller says that nothing in it is
    needed any more.

    Raises OperationalError when the house is too busy for the lock.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DETACH PARTITION {name_of(table, month)}")
        for follower in ("listen_understanding", "listen_correction"):
            cursor.execute(f"DELETE FROM {follower} f USING {name_of('listen_activity', month)} a WHERE f.event_id = a.event_id")
        cursor.execute(f"DELETE FROM listen_known k USING {name_of('listen_activity', month)} a WHERE k.event_id = a.event_id")
        for table in TABLES:
            cursor.execute(f"DROP TABLE {name_of(table, month)}")


def until(moments: Iterable[datetime]) -> date:
    """The first month that is not wholly before the earliest of these moments."""
    return min(moments).astimezone(UTC).date().replace(day=1)
