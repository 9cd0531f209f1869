"""A rule tried on what was, before it is kept: which of the last month's conversations it would have touched. Nothing is written."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.utils import timezone

from vincle.accounts.models import User, Workspace
from vincle.store import bulk

from . import conditions, threads
from .models import Automation, Closing, Thread

DAYS: Final = 30
MOST, SAMPLES = 5_000, 20
Moment = Automation.Moment
_PIECES = (
    "SELECT thread, key, at, received_at, direction FROM inbox_piece WHERE NOT is_machine AND is_heard AND thread IN ({}) ORDER BY at, seq"
)


class Trial(NamedTuple):
    """Of `looked` conversations a rule would have touched `touched`; `samples`: the latest of these, with when. `is_cut`: there were more
    conversations than were looked at."""

    looked: int
    touched: int
    samples: list[tuple[threads.Line, datetime]]
    is_cut: bool


def tried(workspace: Workspace, user: User, given: dict[str, Any]) -> Trial:
    """What a rule (that can be kept) would have done. Conditions are asked of conversations as they are today: what was tagged or given
    to someone since then counts."""
    now = timezone.now()
    since = now - timedelta(days=DAYS)
    rows = Thread.objects.of(workspace).filter(is_here=True, last_at__gte=since).select_related("assignee")
    found = list(rows.order_by("-last_at", "-key")[: MOST + 1])
    is_cut, found = len(found) > MOST, found[:MOST]
    moments = _moments(workspace, given, found, since, now)
    wanted = [row for row in found if row.key in moments]
    facts = conditions.facts(workspace, wanted, [given["conditions"]])
    touched = {
        row.key: at
        for row in wanted
        if (at := next((at for at in moments[row.key] if conditions.holds(given["conditions"], facts[row.key], at)), None))
    }
    fitting = sorted((row for row in wanted if row.key in touched), key=lambda row: touched[row.key], reverse=True)
    lines = threads.lines(workspace, user, fitting[:SAMPLES])
    return Trial(len(found), len(touched), [(line, touched[line.thread.key]) for line in lines], is_cut)


def _moments(
    workspace: Workspace, given: dict[str, Any], rows: Sequence[Thread], since: datetime, now: datetime
) -> dict[int, list[datetime]]:
    """When, since then, there would have been something to set the rule off, latest first."""
    keys = [row.key for row in rows]
    found: dict[int, list[datetime]] = defaultdict(list)
    if given["moment"] == Moment.CLOSED:
        closings = Closing.objects.of(workspace).filter(closed_at__gte=since, by__isnull=False).order_by("-closed_at")
        for thread, at in closings.values_list("thread", "closed_at"):
            found[thread].append(at)
        return {key: found[key] for key in keys if key in found}
    talks: dict[int, list[tuple[datetime, datetime, bool]]] = defaultdict(list)
    for thread, _key, at, received, direction in bulk.select(_PIECES, keys):
        moment, heard = bulk.moment(at), bulk.moment(received)
        if moment and heard:
            talks[thread].append((moment, heard, direction == "in"))
    for row in rows:
        said = talks[row.key]
        times = _waits(said, row, timedelta(minutes=given["minutes"] or 0), now) if given["moment"] == Moment.WAITED else _said(said, given)
        if late := [at for at in reversed(times) if at >= since]:
            found[row.key] = late
    return found


def _said(said: Sequence[tuple[datetime, datetime, bool]], given: dict[str, Any]) -> list[datetime]:
    """When they began, or wrote again."""
    theirs = [heard for _at, heard, is_theirs in said if is_theirs]
    return theirs[:1] if given["moment"] == Moment.BEGAN else theirs[1:]


def _waits(said: Sequence[tuple[datetime, datetime, bool]], row: Thread, limit: timedelta, now: datetime) -> list[datetime]:
    """When they had waited so long for an answer; of those who wait now it is known that they want one."""
    found: list[datetime] = []
    since: datetime | None = None
    for at, _heard, is_theirs in said:
        if is_theirs:
            since = since or at
        else:
            if since and at - since >= limit:
                found.append(since + limit)
            since = None
    if row.waiting_since and now - row.waiting_since >= limit:
        found.append(row.waiting_since + limit)
    return found
