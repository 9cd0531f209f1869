"""What customers are promised: which promise fits, by when it is due, and telling the team before it is broken, once, and when it is.

Due times follow from the same pieces as everything else a conversation comes to. What was promised for the first answer stays once that
answer is given, so that whether it was kept can be told for ever; later waits and the end are due by the promise that holds then.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from vincle.accounts.models import User, Workspace
from vincle.vocabulary import public_id

from . import calling, closings
from .hours import Times
from .hours import of as hours_of
from .models import Hours, Promise, ServiceSettings, TeamMember, Thread
from .rules import Summary

BATCH, SLICE, AT_ONCE = 200, 5_000, 500
PATIENCE = 1.0
"""Seconds a round may take for due times."""

_FIELDS = ("promise", "due_first_at", "due_done_at", "due_at", "warn_at")


class Owed(NamedTuple):
    """What is due in one conversation: `_FIELDS` of a Thread."""

    promise: int | None = None
    due_first_at: datetime | None = None
    due_done_at: datetime | None = None
    due_at: datetime | None = None
    warn_at: datetime | None = None


class Begun(NamedTuple):
    """Moments that promises count from; None where they have not come."""

    asked_at: datetime | None
    answered_at: datetime | None
    waiting_since: datetime | None
    opened_at: datetime


def owed(promise: Promise | None, times: Times, begun: Begun, before: Owed) -> Owed:
    """What is due by a promise in an open conversation. Pure. `before`: what was; a first answer that is given keeps its due time."""
    first, done = before.due_first_at, None
    if begun.answered_at is None or before.promise is None:
        first = _after(times, begun.asked_at, promise.first_minutes if promise else None)
    if promise is None:
        return Owed(before.promise if begun.answered_at and first else None, first)
    steps = []
    if begun.waiting_since and promise.first_minutes:
        steps.append((begun.waiting_since, promise.first_minutes))
    if begun.asked_at and promise.done_minutes:
        steps.append((begun.opened_at, promise.done_minutes))
        done = times.add(begun.opened_at, promise.done_minutes)
    if not steps:
        return Owed(promise.pk, first, done)
    due, since, minutes = min((times.add(since, minutes), since, minutes) for since, minutes in steps)
    if due == before.due_at:
        return Owed(promise.pk, first, done, due, before.warn_at)
    return Owed(promise.pk, first, done, due, times.add(since, minutes * promise.warn_share))


def _after(times: Times, since: datetime | None, minutes: int | None) -> datetime | None:
    return times.add(since, minutes) if since and minutes else None


class _Book:
    """Promises and hours of some workspaces, read once."""

    def __init__(self, workspaces: set[int]) -> None:
        rows = Promise.objects.filter(workspace__in=workspaces, is_on=True, deleted_at=None).select_related("hours")
        self.promises: dict[int, list[Promise]] = defaultdict(list)
        for row in rows.order_by("rank", "pk"):
            self.promises[row.workspace_id].append(row)
        self._hours: dict[int, Hours] | None = None
        self._times: dict[int | None, Times] = {None: Times()}

    def times(self, promise: Promise | None, team: Mapping[int, int | None], thread: Thread) -> Times:
        """The hours by which a promise counts here: its own, those of the conversation's team, the workspace's own."""
        if promise is None or not promise.in_hours:
            return self._times[None]
        if self._hours is None:
            found = Hours.objects.filter(workspace__in=self.promises)
            self._hours = {row.pk: row for row in found}
        usual = next((pk for pk, row in self._hours.items() if row.is_usual and row.workspace_id == thread.workspace_id), None)
        pk = promise.hours_id or team.get(thread.team_id or 0) or usual
        if pk not in self._times:
            self._times[pk] = hours_of(self._hours.get(pk or 0))
        return self._times[pk]


def keep(found: Mapping[int, Summary], is_anew: bool = False) -> None:
    """Store what is due in these conversations, by what they come to now. Inside the caller's transaction.

    `is_anew`: promises have changed, and what nobody is promised any more goes; nobody is told of what was late before.
    """
    if not is_anew and not Promise.objects.filter(is_on=True, deleted_at=None).exists():
        return
    asked = [key for key, summary in found.items() if summary.asked_at]
    for start in range(0, len(asked), AT_ONCE):
        _keep(found, asked[start : start + AT_ONCE], is_anew)


def _keep(found: Mapping[int, Summary], keys: Sequence[int], is_anew: bool) -> None:
    workspaces = set(Thread.objects.filter(key__in=keys).order_by().values_list("workspace", flat=True).distinct())
    book = _Book(workspaces)
    if not book.promises and not is_anew:
        return
    threads = list(Thread.objects.filter(key__in=keys, state=Thread.State.OPEN, is_here=True).select_related("team"))
    fits = _fitting(book, [each for each in threads if found[each.key].waiting_since or each.promise is None or is_anew])
    opened = closings.opened([each.key for each in threads])
    team_hours = {each.team_id: each.team.hours_id for each in threads if each.team}
    now, changed = timezone.now(), []
    for thread in threads:
        summary, before = found[thread.key], Owed(*(getattr(thread, name) for name in _FIELDS))
        by_key = {each.pk: each for each in book.promises[thread.workspace_id]}
        promise = fits[thread.key] if thread.key in fits else by_key.get(thread.promise or 0)
        assert summary.asked_at
        begun = Begun(summary.asked_at, summary.first_answer_at, summary.waiting_since, opened.get(thread.key, summary.asked_at))
        after = owed(promise, book.times(promise, team_hours, thread), begun, before)
        if is_anew and after.warn_at and after.warn_at <= now:
            after = after._replace(warn_at=after.due_at if after.due_at and after.due_at > now else None)
        if after != before:
            changed.append(thread)
            for name, value in zip(_FIELDS, after, strict=True):
                setattr(thread, name, value)
    Thread.objects.bulk_update(changed, _FIELDS, batch_size=100)


def _fitting(book: _Book, threads: Sequence[Thread]) -> dict[int, Promise | None]:
    """The first promise whose conditions hold, by conversation."""
    fits: dict[int, Promise | None] = {}
    now = timezone.now()
    by_workspace: dict[int, list[Thread]] = defaultdict(list)
    for thread in threads:
        by_workspace[thread.workspace_id].append(thread)
    for workspace, rows in by_workspace.items():
        promises = book.promises[workspace]
        asked = [each.conditions for each in promises if each.conditions]
        holds = _conditions(rows, asked, now) if asked else None
        for row in rows:
            fits[row.key] = next((each for each in promises if not each.conditions or (holds and holds(each.conditions, row.key))), None)
    return fits


def _conditions(rows: Sequence[Thread], asked: Sequence[list[Any]], now: datetime) -> Callable[[list[Any], int], bool]:
    """What says whether conditions hold for one of these conversations (of one workspace)."""
    from . import conditions

    facts = conditions.facts(rows[0].workspace, rows, asked)
    return lambda clauses, key: key in facts and conditions.holds(clauses, facts[key], now)


def again(keys: Sequence[int]) -> None:
    """What is due in these conversations, worked out anew. Inside the caller's transaction."""
    from . import settling

    if keys and Promise.objects.filter(workspace__in=Thread.objects.filter(key=keys[0]).values("workspace"), deleted_at=None).exists():
        settling.settle(keys)


# When promises or hours have changed


def changed(workspace: Workspace) -> None:
    """Promises, hours or teams are others: due times of open conversations follow, in the worker. Inside the caller's transaction."""
    ServiceSettings.objects.get_or_create(workspace=workspace)
    ServiceSettings.objects.of(workspace).update(due_from=0)


def sweep() -> int:
    """Work due times out anew for those that are open, as far as it comes in `PATIENCE`; returns for how many."""
    until, total = monotonic() + PATIENCE, 0
    while (done := _sweep_next()) is not None:
        total += done
        if monotonic() >= until:
            break
    return total


def _sweep_next() -> int | None:
    """The next few; None when nothing is to be worked out anew."""
    from . import settling

    with transaction.atomic():
        row = ServiceSettings.objects.filter(due_from__isnull=False).select_for_update().order_by("pk").first()
        if row is None:
            return None
        keys, upto = _next_open(row.workspace_id, row.due_from)
        settling.settle(keys, promises_changed=True)
        ServiceSettings.objects.filter(pk=row.pk).update(due_from=upto)
    return len(keys)


def _next_open(workspace: int, behind: int) -> tuple[list[int], int | None]:
    """Open conversations behind a key whose due times may change, and how far was looked; None: to the end.

    By key alone, in the order in which they lie, so that no planner sorts a million of them for the next few.
    """
    ends = Promise.objects.filter(workspace=workspace, is_on=True, deleted_at=None, done_minutes__isnull=False).exists()
    rows = list(
        Thread.objects.filter(key__gt=behind).order_by("key").values_list("key", "workspace", "state", "is_here", "rank", "promise")[:SLICE]
    )
    keys: list[int] = []
    for key, of, state, is_here, rank, promise in rows:
        if len(keys) == BATCH:
            return keys, keys[-1]
        if of == workspace and state == Thread.State.OPEN and is_here and (ends or rank is not None or promise is not None):
            keys.append(key)
    return keys, rows[-1][0] if len(rows) == SLICE else None


# Telling the team


def warn() -> int:
    """Tell those concerned of what is due soon, and of what is late: each once; returns of how many conversations."""
    now = timezone.now()
    due = Thread.objects.filter(warn_at__lte=now, state=Thread.State.OPEN, is_here=True)
    if not due.exists():
        return 0
    with transaction.atomic():
        rows = list(due.select_for_update(of=("self",)).select_related("assignee").order_by("warn_at")[:AT_ONCE])
        for row in rows:
            is_late = row.due_at is None or row.due_at <= now
            Thread.objects.filter(key=row.key).update(warn_at=None if is_late else row.due_at, warned_at=now)
        by_workspace: dict[int, list[Thread]] = defaultdict(list)
        for row in rows:
            by_workspace[row.workspace_id].append(row)
        for theirs in by_workspace.values():
            _tell(theirs[0].workspace, theirs, now)
    return len(rows)


def _tell(workspace: Workspace, rows: Sequence[Thread], now: datetime) -> None:
    told: dict[tuple[int, str], list[Thread]] = defaultdict(list)
    users: dict[int, User] = {}
    everyone: list[User] | None = None
    for row in rows:
        concerned = _concerned(row, now)
        if not concerned:
            everyone = _everyone(workspace) if everyone is None else everyone
            concerned = everyone
        for user in concerned:
            users[user.pk] = user
            told[user.pk, "late" if row.due_at is None or row.due_at <= now else "soon"].append(row)
    for (user_id, how), theirs in told.items():
        first = theirs[0]
        stamp = int((first.due_at or now).timestamp())
        key = f"{how}:{public_id(first.key)}:{stamp}:{user_id}"
        if len(theirs) == 1:
            calling.ring(workspace, users[user_id], f"due_{how}", key, {"thread": first.public})
        else:
            calling.ring(workspace, users[user_id], f"many_{how}", key, {"many": len(theirs), "promise": how, "box": "all"})


def _concerned(row: Thread, now: datetime) -> list[User]:
    """Whoever looks after it, else those of its team who are there."""
    from . import teams

    if row.assignee is not None and row.assignee.is_active:
        return [row.assignee]
    if row.team_id is None:
        return []
    members = TeamMember.objects.filter(team=row.team_id, user__is_active=True).select_related("user")
    return [member.user for member in members if not teams.is_away(member, now)]


def _everyone(workspace: Workspace) -> list[User]:
    from . import teams

    return teams.answerers(workspace)
