"""What people did after they could have had a letter: read from the log, by person as people stand now."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from vincle.accounts.models import Workspace
from vincle.store import bulk

_STANDS = (
    "FROM listen_activity a JOIN identify_belonging b ON b.handle = a.actor WHERE a.workspace_id = %s AND a.happened_at >= %s "
    "AND a.happened_at <= %s AND a.direction = 'in' AND NOT a.superseded AND NOT a.is_machine AND a.op <> 'retract'"
)
_MONEY = f"SELECT b.person, a.happened_at, a.amount, a.currency, a.verb {_STANDS} AND a.verb IN ('Purchase', 'Refund')"
_VISITS = f"SELECT b.person, MIN(a.happened_at) {_STANDS} AND a.verb = 'View' AND a.object_type = 'Page' GROUP BY b.person"
_EACH_VISIT = f"SELECT b.person, a.happened_at {_STANDS} AND a.verb = 'View' AND a.object_type = 'Page'"


class Act(NamedTuple):
    """`amount` in the workspace's currency, 0 where it was made in another; negative for a refund."""

    person: int
    at: datetime
    amount: float = 0.0
    is_purchase: bool = False
    is_foreign: bool = False


def purchases(workspace: Workspace, since: datetime, until: datetime) -> list[Act]:
    """Purchases and refunds of known people, in order of time. One query, over the time asked for."""
    found = []
    for person, at, amount, currency, verb in _rows(_MONEY, workspace, since, until):
        is_foreign = bool(currency) and currency != workspace.currency
        value = 0.0 if is_foreign or amount is None else float(amount)
        found.append(Act(person, at, value if verb == "Purchase" else -abs(value), verb == "Purchase", is_foreign))
    return sorted(found, key=lambda act: act.at)


def visits(workspace: Workspace, since: datetime, until: datetime) -> list[Act]:
    """The first page each looked at."""
    return [Act(person, _moment(at)) for person, at in _rows(_VISITS, workspace, since, until)]


def each_visit(workspace: Workspace, since: datetime, until: datetime) -> list[Act]:
    return sorted((Act(person, at) for person, at in _rows(_EACH_VISIT, workspace, since, until)), key=lambda act: act.at)


def _rows(statement: str, workspace: Workspace, since: datetime, until: datetime) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [workspace.pk, bulk.stamp(since), bulk.stamp(until)])
        for person, at, *rest in cursor.fetchall():
            yield person, _moment(at), *rest


def _moment(at: datetime | str) -> datetime:
    found = bulk.moment(datetime.fromisoformat(at) if isinstance(at, str) else at)
    assert found is not None
    return found


def now_called(people: Iterable[int]) -> dict[int, int]:
    """Those of these who were joined to another person since -> who they are now."""
    found: dict[int, int] = {}
    waiting = set(people)
    while waiting:
        step = dict(bulk.select("SELECT id, merged_into FROM identify_person WHERE merged_into IS NOT NULL AND id IN ({})", waiting))
        found.update(step)
        waiting = {new for new in step.values() if new not in found}
    return {old: _end(old, found) for old in found}


def _end(person: int, leads: dict[int, int]) -> int:
    seen = {person}
    while person in leads and leads[person] not in seen:
        person = leads[person]
        seen.add(person)
    return person
