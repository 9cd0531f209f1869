"""Keeps the days of the ladder true: each day that ended, all before it the first time, and those of which something came late.

Killed at any point, the next round begins again and works out what is missing or touched; each day is written whole.
"""

import time
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from django.db.models import Max, Min
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.identify.models import Change
from vincle.listen.models import Activity
from vincle.organise.models import Profile
from vincle.organise.scores.ladder import WINDOW
from vincle.store import bulk, lease
from vincle.store.models import Cursor
from vincle.vocabulary import Op

CURSOR, CHANGES = "ladder days ", "ladder changes "
LONGEST = 1_100
"""Days that are filled in at most, back from yesterday."""
FOLLOWED = "analyse"
logger = structlog.get_logger(__name__)


def any_due() -> bool:
    """Whether a day of some workspace has ended that was not looked at yet."""
    return any(is_due(workspace) for workspace in Workspace.objects.order_by("pk"))


def is_due(workspace: Workspace) -> bool:
    """Once a local day, when the lake holds anything of the workspace."""
    done = Cursor.objects.filter(name=f"{CURSOR}{workspace.pk}").values_list("done", flat=True).first()
    if done is not None and done >= _today(workspace).toordinal():
        return False
    return _oldest(workspace) is not None


def turn() -> int:
    """Work on the next workspace that is due; returns how many days were worked out."""
    for workspace in Workspace.objects.order_by("pk"):
        if is_due(workspace) and (days := run(workspace)):
            return days
    return 0


def run(workspace: Workspace) -> int:
    """Bring the days up to yesterday; how many were worked out. 0: none was missing, or another process is at it."""
    with lease.held(f"{CURSOR}{workspace.pk}") as cursor:
        return _run(workspace, cursor) if cursor is not None else 0


def _run(workspace: Workspace, cursor: Cursor) -> int:
    from .measure import measure  # at first use: it brings the columnar libraries
    from .metrics.base import Period
    from .metrics.registry import metrics

    began, today = time.monotonic(), _today(workspace)
    upto = lease.positions().get(FOLLOWED, 0)
    changed, last_change = _changed_since(workspace)
    days = _stale(workspace, cursor.position, upto, changed)
    for day in days:
        _keep(workspace, day, measure(workspace, metrics()["ladder_moves"], Period(day, day, workspace.timezone)))
        if not lease.keep(Cursor.objects.filter(name=cursor.name)):
            raise lease.LostLease(cursor.name)
    Cursor.objects.update_or_create(name=f"{CHANGES}{workspace.pk}", defaults={"position": last_change})
    Cursor.objects.filter(name=cursor.name).update(position=upto, done=today.toordinal(), updated_at=timezone.now())
    if days:
        logger.info("days of the ladder kept", workspace=workspace.pk, days=len(days), seconds=round(time.monotonic() - began, 1))
    return len(days)


def _keep(workspace: Workspace, day: date, moves: list[tuple[str, str, int]]) -> None:
    from vincle.organise import stage_days

    stage_days.keep(workspace, day, moves)


def _stale(workspace: Workspace, seen: int, upto: int, changed: datetime | None) -> list[date]:
    """Days up to yesterday, newest first, that are missing, or whose window what came since the last round lies in."""
    from vincle.organise import stage_days

    oldest = _oldest(workspace)
    last = _today(workspace) - timedelta(days=1)
    if oldest is None:
        return []
    first = max(_local(workspace, oldest), last - timedelta(days=LONGEST - 1))
    every = [last - timedelta(days=n) for n in range((last - first).days + 1)]
    kept = stage_days.known(workspace, first, last) if every else set()
    late = _late(workspace, seen, upto)
    return [
        day for day in every if day not in kept or (late and late[0] <= day <= late[1]) or (changed and day >= _local(workspace, changed))
    ]


def _late(workspace: Workspace, seen: int, upto: int) -> tuple[date, date] | None:
    """The days that rows of the log after `seen` bear on: from the first of their moments until a window after the last.

    What corrects or takes something back bears on the moment of what it speaks of as well.
    """
    rows = Activity.objects.of(workspace).filter(seq__gt=seen, seq__lte=upto)
    roots = list(rows.exclude(op=Op.ASSERT).exclude(root_id=None).values_list("root_id", flat=True))
    found = [rows.aggregate(first=Min("happened_at"), last=Max("happened_at"))]
    for part in bulk.chunks(roots, 500):
        spoken_of = Activity.objects.of(workspace).filter(root_id__in=part)
        found.append(spoken_of.aggregate(first=Min("happened_at"), last=Max("happened_at")))
    ends = [(each["first"], each["last"]) for each in found if each["first"] is not None]
    if not ends:
        return None
    first, last = min(first for first, _ in ends), max(last for _, last in ends)
    return _local(workspace, first), _local(workspace, last) + WINDOW + timedelta(days=1)


def _changed_since(workspace: Workspace) -> tuple[datetime | None, int]:
    """(the first act of people who were joined or parted since the last round, the number of the last such change)."""
    seen = Cursor.objects.filter(name=f"{CHANGES}{workspace.pk}").values_list("position", flat=True).first() or 0
    changes = list(Change.objects.filter(workspace_id=workspace.pk, seq__gt=seen).order_by("seq").values_list("seq", "person"))
    if not changes:
        return None, seen
    first: datetime | None = None
    for part in bulk.chunks([person for _seq, person in changes]):
        at = Profile.objects.of(workspace).filter(person__in=part).aggregate(first=Min("first_at"))["first"]
        first = min(first, at) if first and at else first or at
    return first, changes[-1][0]


def _oldest(workspace: Workspace) -> datetime | None:
    """When anybody who is known first did something."""
    found: datetime | None = Profile.objects.of(workspace).aggregate(first=Min("first_at"))["first"]
    return found


def _local(workspace: Workspace, at: datetime) -> date:
    return at.astimezone(ZoneInfo(workspace.timezone)).date()


def _today(workspace: Workspace) -> date:
    return _local(workspace, timezone.now())
