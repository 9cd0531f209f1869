"""Words that are gone are wiped out of the full text as well.

FTS5 of SQLite before 3.42 only notes that a text is gone; its words stay in the file until the parts of the index they lie in are joined.
So after words went all parts are joined into one, some pages at a time, beside all else. Later releases and PostgreSQL need none of this.
"""

import sqlite3
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from vincle.store.models import Cursor

CURSOR: Final = "words to wipe"
"""Its position: 0, nothing is to be done; `BEGIN`, words have gone; `GOING`, the joining has begun."""
BEGIN, GOING = 1, 2
PAGES: Final = 500
SECURE: Final = (3, 42)
_NOTHING: Final = 2
"""SQLite: fewer changes than that mean that there was nothing to join."""


def is_needed() -> bool:
    """Whether this database leaves deleted words behind."""
    return connection.vendor == "sqlite" and sqlite3.sqlite_version_info < SECURE


def note() -> None:
    """Words have gone. Inside the caller's transaction."""
    if is_needed():
        Cursor.objects.update_or_create(name=CURSOR, defaults={"position": BEGIN, "updated_at": timezone.now()})


def is_behind(reached: dict[str, int]) -> bool:
    return bool(reached.get(CURSOR, 0)) and is_needed()


def turn() -> int:
    """Join some pages; returns 1 while there is more to do."""
    at = Cursor.objects.filter(name=CURSOR, position__gt=0).values_list("position", flat=True).first()
    if at is None or not is_needed():
        return 0
    with transaction.atomic():
        rows = Cursor.objects.filter(name=CURSOR, position=at)
        rows.update(updated_at=timezone.now())
        before = connection.connection.total_changes
        with connection.cursor() as cursor:
            # A negative number: parts that are not due yet are joined as well.
            cursor.execute("INSERT INTO listen_fulltext (listen_fulltext, rank) VALUES ('merge', %s)", [-PAGES if at == BEGIN else PAGES])
        is_over = at == GOING and connection.connection.total_changes - before < _NOTHING
        rows.update(position=0 if is_over else GOING)
    return int(not is_over)
