"""Many rows at once, the same calls on SQLite and PostgreSQL. All run inside the caller's transaction."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models

Row = Sequence[Any]
CHUNK = 10_000
FEW = 16
"""Up to so many rows go into PostgreSQL as one INSERT: for them staging takes longer than it saves."""


def chunks(items: Sequence[Any], size: int = CHUNK) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def stamp(moment: datetime | None) -> datetime | None:
    """A moment as raw queries give and take it: UTC, without its zone on SQLite."""
    return stamper()(moment)


def stamper() -> Callable[[datetime | None], datetime | None]:
    """`stamp` for many moments: looks the database up once."""
    return _without_zone if connection.vendor == "sqlite" else _as_it_is


def writer() -> Callable[[datetime | None], Any]:
    """`stamp` for moments that are only written: as text on SQLite, and each moment that repeats is turned into text once."""
    if connection.vendor != "sqlite":
        return _as_it_is
    last: list[Any] = [None, None]

    def write(moment: datetime | None) -> str | None:
        if moment is None:
            return None
        if moment is not last[0]:
            last[:] = moment, str(_without_zone(moment))
        return last[1]  # type: ignore[no-any-return]

    return write


def _as_it_is(moment: datetime | None) -> datetime | None:
    return moment


def _without_zone(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).replace(tzinfo=None)


def moment(value: datetime | None) -> datetime | None:
    """The inverse of `stamp`."""
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def insert(model: type[models.Model], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows; those that collide with a unique key are left as they stand."""
    _write(model._meta.db_table, columns, rows, "DO NOTHING")


def upsert(model: type[models.Model], columns: Sequence[str], rows: Sequence[Row], key: str, keep: Sequence[str] = ()) -> None:
    """Insert rows; where `key` stands already, its other columns (but those in `keep`) take the new values."""
    changes = ", ".join(f"{c} = excluded.{c}" for c in columns if c != key and c not in keep)
    _write(model._meta.db_table, columns, rows, f"({key}) DO UPDATE SET {changes}")


def insert_new(model: type[models.Model], columns: Sequence[str], rows: Sequence[Row], key: str) -> set[Any]:
    """Insert the rows whose `key` is not there yet; returns the keys that were new. Rows must not repeat a key."""
    at = columns.index(key)
    table = model._meta.db_table
    if connection.vendor == "sqlite":
        known = set(pluck(f"SELECT {key} FROM {table} WHERE {key} IN ({{}})", [row[at] for row in rows]))
        fresh = [row for row in rows if row[at] not in known]
        _write(table, columns, fresh, "DO NOTHING")
        return {row[at] for row in fresh}
    with connection.cursor() as cursor:
        _insert(cursor, table, columns, rows, f"ON CONFLICT DO NOTHING RETURNING {key}")
        return {found for (found,) in cursor.fetchall()} if rows else set()


def copy(model: type[models.Model], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Add rows of which none can collide with a unique key (PostgreSQL): straight into the table by COPY."""
    if not rows:
        return
    with connection.cursor() as cursor:
        _copy(cursor, model._meta.db_table, columns, rows)


def pluck(sql: str, values: Iterable[Any]) -> Iterator[Any]:
    """First column of a query with one `IN ({})`, over any number of values."""
    for row in select(sql, values):
        yield row[0]


def select(sql: str, values: Iterable[Any], before: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
    """Rows of a query with one `IN ({})`, over any number of values; `before` are parameters that stand ahead of it."""
    with connection.cursor() as cursor:
        for part in chunks(list(values)):
            if connection.vendor == "sqlite":
                cursor.execute(sql.format(", ".join(["%s"] * len(part))), [*before, *part])
            else:
                cursor.execute(_with_array(sql, part), [*before, array(part)])
            yield from cursor.fetchall()


def _with_array(sql: str, values: Sequence[Any]) -> str:
    cast = "::bytea[]" if values and isinstance(values[0], bytes) else ""
    return sql.replace("NOT IN ({})", f"<> ALL(%s{cast})").replace("IN ({})", f"= ANY(%s{cast})")


def array(values: Sequence[Any]) -> Any:
    """Values as a parameter of PostgreSQL. Ids are written out here: the driver takes ten times as long over their escapes.

    >>> array([b"\\x01\\xff", None, b""])
    '{"\\\\\\\\x01ff",NULL,"\\\\\\\\x"}'
    """
    if values and all(value is None or isinstance(value, bytes) for value in values):
        return "{" + ",".join(["NULL" if value is None else f'"\\\\x{value.hex()}"' for value in values]) + "}"
    return list(values)


def execute(sql: str, parameters: Sequence[Any] = ()) -> int:
    """Run one statement; returns how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def _write(table: str, columns: Sequence[str], rows: Sequence[Row], conflict: str) -> None:
    if not rows:
        return
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT {conflict}", rows)
            return
        _insert(cursor, table, columns, rows, f"ON CONFLICT {conflict}")


def _insert(cursor: Any, table: str, columns: Sequence[str], rows: Sequence[Row], end: str) -> None:
    """Add rows to PostgreSQL: few as they are, many by way of a staging table."""
    names = ", ".join(columns)
    if len(rows) > FEW:
        _stage(cursor, table, columns, rows)
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM staged_{table} ORDER BY staged_at {end}")
    elif rows:
        marks = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(rows))
        cursor.execute(f"INSERT INTO {table} ({names}) VALUES {marks} {end}", [value for row in rows for value in row])


def _copy(cursor: Any, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copying:
        for row in rows:
            copying.write_row(row)


def _stage(cursor: Any, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Rows into a temporary table by COPY (PostgreSQL): several times faster than INSERT ... VALUES."""
    cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS staged_{table} (LIKE {table}, staged_at bigserial) ON COMMIT DELETE ROWS; ")
    cursor.execute(f"TRUNCATE staged_{table}")
    for name in _not_null(cursor, table):
        cursor.execute(f'ALTER TABLE staged_{table} ALTER COLUMN "{name}" DROP NOT NULL')
    _copy(cursor, f"staged_{table}", columns, rows)


def _not_null(cursor: Any, table: str) -> list[str]:
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND attnotnull AND attname <> 'staged_at'",
        [f"pg_temp.staged_{table}"],
    )
    return [name for (name,) in cursor.fetchall()]


def execute_in(sql: str, values: Iterable[Any], before: Sequence[Any] = ()) -> int:
    """Run a statement with one `IN ({})` over any number of values; returns how many rows it touched."""
    touched = 0
    for part in chunks(list(values)):
        if connection.vendor == "sqlite":
            touched += execute(sql.format(", ".join(["%s"] * len(part))), [*before, *part])
        else:
            touched += execute(_with_array(sql, part), [*before, array(part)])
    return touched


def refresh_statistics() -> None:
    """Tell SQLite's planner how the tables look now (PostgreSQL does so by itself); it reads a sample only."""
    if connection.vendor == "sqlite":
        execute("PRAGMA analysis_limit = 1000")
        execute("PRAGMA optimize")
