"""Expressions that read differently on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Func

from vincle.store import bulk


class NameKey(Func):
    """What people are sorted by: the search text, which begins with the folded name.

    On SQLite the whole text, so that one index serves both the sort and a search by scan; PostgreSQL takes no text of any
    length into an index, and compares by byte like SQLite only when told to.
    """

    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **_more: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s")

    def as_postgresql(self, compiler: Any, connection: Any, **_more: Any) -> Any:
        return self.as_sql(compiler, connection, template='left(%(expressions)s, 60) COLLATE "C"')


class LastKey(Func):
    """When someone was last seen; before all times for those who never were, so that a page ends at a value and not at nothing."""

    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **_more: Any) -> Any:
        return self.as_sql(compiler, connection, template="COALESCE(%(expressions)s, '')")

    def as_postgresql(self, compiler: Any, connection: Any, **_more: Any) -> Any:
        return self.as_sql(compiler, connection, template=f"COALESCE(%(expressions)s, {NEVER_LITERAL})")


NEVER = datetime(1, 1, 1, tzinfo=UTC)
NEVER_LITERAL = "'0001-01-01 00:00:00+00'::timestamptz"


def last_key(table: str) -> str:
    """`LastKey` as text."""
    return f"COALESCE({table}.last_at, {NEVER_LITERAL if connection.vendor == 'postgresql' else repr('')})"


def name_key(table: str) -> str:
    """`NameKey` as text, for queries written by hand."""
    return f"{table}.search" if connection.vendor == "sqlite" else f'(left({table}.search, 60) COLLATE "C")'


def has(column: str, text: str) -> tuple[str, str]:
    """A condition and its parameter: the column contains this text, marks and all."""
    if connection.vendor == "sqlite":
        return f"instr({column}, %s) > 0", text
    plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{column} LIKE %s", f"%{plain}%"


def ends(column: str, text: str) -> tuple[str, str]:
    """A condition and its parameter: the column ends with this text."""
    if connection.vendor == "sqlite":
        return f"substr({column}, -{len(text):d}) = %s", text
    return f"right({column}, {len(text):d}) = %s", text


def joined(expression: str) -> str:
    """Texts of a group in one, separated by the character 31."""
    return f"group_concat({expression}, char(31))" if connection.vendor == "sqlite" else f"string_agg({expression}, chr(31))"


def moment(value: Any) -> datetime | None:
    """A moment out of an aggregate, which SQLite gives as text."""
    return bulk.moment(datetime.fromisoformat(value) if isinstance(value, str) else value)
