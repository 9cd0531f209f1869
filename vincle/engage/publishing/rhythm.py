"""When a community is there: counted from the log, by hour of the week, in the workspace's own time."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.store import bulk
from vincle.web.tags.formats import number

WEEKS: Final = 12
KEPT: Final = 6 * 3600
"""Seconds for which an answer is kept: a rhythm of weeks does not change in an hour."""


class Suggestion(NamedTuple):
    """An hour worth posting at. `at`: its next coming. `sure` 0..1."""

    label: str
    at: datetime
    lift: float
    sure: float

    @property
    def words(self) -> str:
        return _("%(times)s times the usual hour; %(sure)s") % {"times": number(self.lift, 1), "sure": sureness(self.sure)}


def sureness(sure: float) -> str:
    """How sure, in words: how often the hour stays among the best when weeks are drawn again."""
    if sure >= 0.9:
        return _("very sure")
    return _("rather sure") if sure >= 0.6 else _("a guess")


class Rhythm(NamedTuple):
    """`counts` by (week, weekday, hour) as nested lists; how many acts they are; of which channels."""

    counts: list[list[list[int]]]
    acts: int
    weeks: int


def counted(workspace: Workspace, channels: Sequence[str] = (), now: datetime | None = None) -> Rhythm:
    """What people did in the last whole weeks, on these channels or all."""
    now = now or timezone.now()
    chosen = sorted(set(channels))
    key = f"rhythm:{workspace.pk}:{','.join(chosen)}:{now.date().isoformat()}"[:200]
    found = cache.get(key)
    if found is None:
        found = _read(workspace, chosen, now)
        cache.set(key, found, KEPT)
    return Rhythm(*found)


def _read(workspace: Workspace, channels: Sequence[str], now: datetime) -> Rhythm:
    zone = ZoneInfo(workspace.timezone)
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    first = monday - timedelta(weeks=WEEKS)
    rows = _hours(workspace, channels, _start(first, zone), _start(monday, zone))
    grid = [[[0] * 24 for _day in range(7)] for _week in range(WEEKS)]
    earliest = WEEKS
    for at, count in rows:
        local = at.astimezone(zone)
        week, day = divmod((local.date() - first).days, 7)
        if 0 <= week < WEEKS:
            grid[week][day][local.hour] += count
            earliest = min(earliest, week)
    kept = grid[earliest:]
    return Rhythm(kept, sum(sum(map(sum, week)) for week in kept), len(kept))


def _start(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _hours(workspace: Workspace, channels: Sequence[str], first: datetime, upto: datetime) -> list[tuple[datetime, int]]:
    """(hour, acts of people in it)."""
    hour = "strftime('%%Y-%%m-%%d %%H', happened_at)" if connection.vendor == "sqlite" else (
        "to_char(happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')")  # fmt: skip
    among = f"AND channel IN ({', '.join(['%s'] * len(channels))})" if channels else ""
    sql = (
        f"SELECT {hour}, count(*) FROM listen_activity WHERE workspace_id = %s AND happened_at >= %s AND happened_at < %s "
        f"AND direction = 'in' AND NOT is_machine AND NOT superseded AND op <> 'retract' AND object_type <> 'Profile' {among} GROUP BY 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [workspace.pk, bulk.stamp(first), bulk.stamp(upto), *channels])
        return [(datetime.strptime(text, "%Y-%m-%d %H").replace(tzinfo=UTC), int(count)) for text, count in cursor.fetchall()]


def best(workspace: Workspace, channels: Sequence[str] = (), most: int = 5, now: datetime | None = None) -> list[Suggestion]:
    """The best hours to come: of these channels where enough is known of them, else of all together."""
    import numpy as np  # at first use: pages that suggest nothing do without

    from vincle.science import rhythm

    now = now or timezone.now()
    for chosen in dict.fromkeys((tuple(channels), ())):
        told = counted(workspace, chosen, now)
        hours = rhythm.best_hours(np.array(told.counts, np.int64).reshape(told.weeks, 7, 24), most) if told.weeks else []
        if hours:
            return [_suggestion(workspace, each, now) for each in hours]
    return []


def _suggestion(workspace: Workspace, hour: Any, now: datetime) -> Suggestion:
    zone = ZoneInfo(workspace.timezone)
    local = now.astimezone(zone)
    day = local.date() + timedelta(days=(hour.weekday - local.weekday()) % 7)
    at = datetime(day.year, day.month, day.day, hour.hour, tzinfo=zone)
    at = at if at > now else datetime(*(day + timedelta(days=7)).timetuple()[:3], hour.hour, tzinfo=zone)
    return Suggestion(f"{WEEKDAYS[hour.weekday]} {hour.hour:02d}:00", at.astimezone(UTC), hour.lift, hour.sure)
