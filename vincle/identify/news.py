"""What is new for probable links since they were last looked for: who was spoken of, and who was joined or parted."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from vincle.listen import log
from vincle.store import bulk
from vincle.store.models import Cursor

from .models import Change

FAR = 10_000
"""Rows of the log in which nothing was found: they are not looked through again."""


class Ends(NamedTuple):
    """Places in the log and among the changes."""

    log: int
    changes: int


_ROWS = "FROM listen_activity WHERE seq > %s AND seq <= %s AND workspace_id = %s AND NOT superseded"
_WHOSE = "CASE WHEN direction = 'in' OR object_type = 'Profile' THEN actor ELSE target END"


def _names(workspace: int) -> tuple[str, str]:
    return f"linking {workspace}", f"linking {workspace} changes"


def ends() -> Ends:
    """Up to where identity has resolved the log, and the newest change."""
    resolved = Cursor.objects.filter(name="identify").values_list("position", flat=True).first() or 0
    change = Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return Ends(min(resolved, log.last_seq()), change)


def reached(workspace: int) -> Ends:
    found = dict(Cursor.objects.filter(name__in=_names(workspace)).values_list("name", "position"))
    return Ends(*(found.get(name, 0) for name in _names(workspace)))


def reach(workspace: int, upto: Ends) -> None:
    """What came until there was looked at. The place in the log is the caller's to move: it holds that cursor."""
    values = {"position": upto.changes, "updated_at": timezone.now()}
    Cursor.objects.update_or_create(name=_names(workspace)[1], defaults=values)


def count(workspace: int, most: int, upto: Ends) -> int:
    """How much is new, up to `most`."""
    found = 0
    for _, sql, values in _queries(reached(workspace), upto, workspace):
        if found < most:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT COUNT(*) FROM (SELECT 1 {sql} LIMIT {most - found:d}) AS new", values)
                found += int(cursor.fetchone()[0])
    return found


def people(workspace: int) -> set[int]:
    """Whoever is new, did something or changed: a few too many, never too few."""
    found: set[int] = set()
    for whose, sql, values in _queries(reached(workspace), ends(), workspace):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT DISTINCT {whose} {sql}", values)
            keys = {key for (key,) in cursor.fetchall()} - {None}
        found |= keys if whose == "person" else set(bulk.pluck("SELECT person FROM identify_belonging WHERE handle IN ({})", keys))
    return found


def _queries(since: Ends, upto: Ends, workspace: int) -> Iterator[tuple[str, str, list[int]]]:
    """(what names someone, the rest of the query, its parameters)."""
    if since.changes < upto.changes:
        yield "person", "FROM identify_change WHERE seq > %s AND seq <= %s AND workspace_id = %s", [since.changes, upto.changes, workspace]
    if since.log < upto.log:
        yield _WHOSE, _ROWS, [since.log, upto.log, workspace]
