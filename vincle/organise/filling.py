"""What a new column holds for rows that were there before it."""

from typing import Any

from django.db import connection, transaction

from vincle.vocabulary import PersonKind

from .profiling import company_key

_ADDED_BY = ("organise", "0006")
_ROWS = (
    "SELECT person, kind, name, company FROM organise_profile WHERE person > %s AND company_key = '' AND (company <> '' OR kind = %s) "
    "ORDER BY person LIMIT 5000"
)


def after_migrating(plan: Any = (), **_more: Any) -> None:
    """Once, when the column has come."""
    if any((migration.app_label, migration.name[:4]) == _ADDED_BY and not is_back for migration, is_back in plan):
        fill_companies()


def fill_companies() -> int:
    """Give people and organisations the key of their company; returns how many."""
    filled, last = 0, -(2**63)
    while rows := _next(last):
        last = rows[-1][0]
        keys = [(company_key(name if kind == PersonKind.ORGANISATION else company), person) for person, kind, name, company in rows]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany("UPDATE organise_profile SET company_key = %s WHERE person = %s", [pair for pair in keys if pair[0]])
        filled += len(rows)
    return filled


def _next(after: int) -> list[tuple[int, str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [after, PersonKind.ORGANISATION.value])
        return list(cursor.fetchall())
