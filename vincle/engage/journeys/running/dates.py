"""Journeys that begin on a date: an hour ahead people are entered whose moment comes, and wake at it."""

from datetime import date, datetime, timedelta
from hashlib import blake2b

from django.db import connection

from ..definition import moments
from ..definition.model import OnDate, ToDate
from ..models import Journey
from . import entering
from .asking import _home, value_of
from .book import Running

AHEAD = timedelta(hours=1)
FROM_DATE = "d"
"""Causes of those who begin so start with it: whether they are meant is asked when their moment has come."""


def is_due(running: Running, now: datetime) -> bool:
    return running.row.dates_to is not None and running.row.dates_to <= now


def turn(running: Running, now: datetime) -> int:
    """Enter those whose moment lies before now and an hour; returns how many. Inside the caller's transaction."""
    row, late = running.row, running.live.definition.late
    oldest = now - timedelta(hours=late.hours)
    begin = max(filter(None, (row.dates_to, row.started_at)), default=now)
    begin = begin if late.then == "go_on" else max(begin, oldest)
    end = now + AHEAD
    walks = []
    for number, trigger in enumerate(running.live.definition.start):
        if isinstance(trigger, OnDate):
            allowed = entering.permitted(running, _starts(running, trigger, number, begin, end))
            walks += [walk for walk, _why in allowed]
    entering.enter(running, walks)
    Journey.objects.filter(pk=row.pk).update(dates_to=end)
    row.dates_to = end
    return len(walks)


def _starts(running: Running, trigger: OnDate, number: int, begin: datetime, end: datetime) -> list[entering.Start]:
    home = str(running.workspace.timezone)
    found = []
    for person, country, name, value in _rows(running.workspace.pk, trigger, begin, end):
        zone = _home(str(name or ""), country or "", home)
        if trigger.yearly:
            times = moments.yearly(value, trigger.days, trigger.time, zone, begin, end)
        else:
            moment = moments.to_date(ToDate(trigger.trait, trigger.days, trigger.time), value, zone)
            times = [moment] if moment and begin < moment <= end else []
        found += [entering.Start(person, _cause(trigger, at.astimezone(zone).date()), at, why={"trigger": number}) for at in times]
    return found


def _cause(trigger: OnDate, day: date) -> str:
    what = blake2b(f"{trigger.trait}\x1f{trigger.days}".encode(), digest_size=8).hexdigest()
    return f"{FROM_DATE}{what}:{day.isoformat()}"


def _rows(workspace: int, trigger: OnDate, begin: datetime, end: datetime) -> list[tuple[int, str, object, object]]:
    """People whose trait may name one of the days the stretch touches anywhere on earth."""
    shift = timedelta(days=trigger.days)
    first, last = (begin - shift - timedelta(days=2)).date(), (end - shift + timedelta(days=2)).date()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    value = value_of(trigger.trait)
    if trigger.yearly:
        wanted = {day.isoformat()[5:] for day in days}
        wanted |= {"02-29"} if "02-28" in wanted else set()
        where = f"(substr({value}, 6, 5) IN ({{}}) OR (substr({value}, 1, 2) = '--' AND substr({value}, 3, 5) IN ({{}})))"
    else:
        wanted = {day.isoformat() for day in days}
        where = f"substr({value}, 1, 10) IN ({{}})"
    marks = ", ".join(f"'{each}'" for each in sorted(wanted))
    sql = f"SELECT person, country, {value_of('timezone')}, {value} FROM organise_profile WHERE workspace_id = %s AND "
    with connection.cursor() as cursor:
        cursor.execute(sql + where.replace("{}", marks), [workspace])
        return cursor.fetchall()
