"""Everything that is done with jobs: begin one, say to whom it goes, pause it, go on, stop it, see how far it has come."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from secrets import randbits
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.listen.models import Connection
from vincle.store import bulk
from vincle.vocabulary import public_id

from . import writing
from .models import Habits, Job, Send

CHUNK = 2_000
LONGEST_KEY = 80
State = Job.State
_COLUMNS = (
    "workspace_id", "key", "connection_id", "deed", "command", "person", "handle", "purpose", "state", "not_before", "tries",
    "problem_kind", "problem_code", "problem_detail", "native_id", "url", "by_id", "created_at", "owner", "lease_until", "job_id", "turn",
    "arm", "topic", "medium", "data",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """One that a job is to go to. `key` names the send for ever (at most 80 characters); `data` is for the writer and stays small.

    `handle`: key of the handle it goes to. `turn` tells apart times at which the same person gets the same thing with good reason (the
    number of a walk); with one turn nobody gets it twice. `not_before`: their own time, where it is later than the job's.
    """

    key: str
    person: int | None
    handle: int
    arm: int = 0
    data: dict[str, Any] = field(default_factory=dict)
    turn: int = 0
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a job has come, in sends. `skips`: how many were left out, by the code of why."""

    waiting: int = 0
    sending: int = 0
    sent: int = 0
    skipped: int = 0
    failed: int = 0
    dead: int = 0
    doubtful: int = 0
    cancelled: int = 0
    skips: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.waiting + self.over

    @property
    def over(self) -> int:
        return self.sending + self.sent + self.skipped + self.failed + self.dead + self.doubtful + self.cancelled


class NotPossible(ValueError):
    """`code`: why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def create(
    workspace: Workspace, user: User | None, *, kind: str, source: str, name: str, connection: Connection, purpose: str, topic: str,
    medium: str, writer: str, content: dict[str, Any], not_before: datetime | None = None, rate: int | None = None,
) -> Job:  # fmt: skip
    """A job to which nobody is added yet; it begins when somebody is, and its time has come.

    `rate`: at most so many a minute. Raises NotPossible and writing.NoWriter. Inside the caller's transaction or its own.
    """
    if connection.workspace_id != workspace.pk:
        raise NotPossible("another_workspace")
    if purpose not in Send.Purpose.values:
        raise NotPossible("unknown_purpose")
    if rate is not None and rate < 1:
        raise NotPossible("no_rate")
    writing.named(writer)
    habits = Habits.objects.of(workspace).first() or Habits()
    with transaction.atomic():
        job: Job = Job.objects.create(
            workspace=workspace, public=public_id(randbits(63)), kind=kind, source=source, name=name[:200], connection=connection,
            purpose=purpose, topic=topic, medium=medium, writer=writer, content=content, not_before=not_before, rate=rate, by=user,
            state=State.WAITING if not_before and not_before > timezone.now() else State.RUNNING, counts_clicks=habits.counts_clicks,
            counts_opens=habits.counts_opens,
        )  # fmt: skip
        audit.record(workspace, user, "began to send", "job", job.public, job.name, source=source, connection=connection.pk)
    return job


def add(job: Job, wanted: Iterable[Wanted]) -> int:
    """Say to whom it goes; returns how many are new. Again the same changes nothing; nobody and no address twice in one turn.

    A job that was done goes on. Raises NotPossible("stopped").
    """
    added = 0
    coming = iter(wanted)
    while some := list(islice(coming, CHUNK)):
        with transaction.atomic():
            standing = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
            if standing.state == State.STOPPED:
                raise NotPossible("stopped")
            added += _insert(standing, some)
            if standing.state == State.DONE:
                Job.objects.filter(pk=job.pk).update(state=State.RUNNING, done_at=None)
    job.refresh_from_db()
    return added


def _insert(job: Job, wanted: Iterable[Wanted]) -> int:
    rows = list(_rows(job, wanted))
    known = set(bulk.pluck("SELECT key FROM outbox_send WHERE key IN ({})", [row[1] for row in rows]))
    fresh = [row for row in rows if row[1] not in known]
    bulk.insert(Send, _COLUMNS, fresh)
    return sum(1 for _ in bulk.pluck("SELECT key FROM outbox_send WHERE key IN ({})", dict.fromkeys(row[1] for row in fresh)))


def _rows(job: Job, wanted: Iterable[Wanted]) -> Iterator[tuple[Any, ...]]:
    stamp, now = bulk.writer(), timezone.now()
    for each in wanted:
        if not 0 < len(each.key) <= LONGEST_KEY:
            raise NotPossible("bad_key")
        moment = max(filter(None, (each.not_before, job.not_before)), default=now)
        yield (
            job.workspace_id, each.key, job.connection_id, "message", "{}", each.person, each.handle, job.purpose, Send.State.WAITING,
            stamp(moment), 0, "", "", "", "", "", job.by_id, stamp(now), "", stamp(now), job.pk, each.turn, each.arm, job.topic,
            job.medium, msgspec.json.encode(each.data).decode(),
        )  # fmt: skip


def pause(job: Job, user: User | None, why: str = "") -> bool:
    """Nothing of it leaves until someone goes on; False when there is nothing to pause. `why`: code, where no person did it."""
    return _turn(job, user, (State.WAITING, State.RUNNING), "paused", state=State.PAUSED, why=why)


def resume(job: Job, user: User | None) -> bool:
    """Go on with a paused job; False when it is not paused."""
    later = job.not_before is not None and job.not_before > timezone.now()
    return _turn(job, user, (State.PAUSED,), "went on with", state=State.WAITING if later else State.RUNNING, why="")


def stop(job: Job, user: User | None) -> bool:
    """Nothing of it leaves any more, for good; what is on its way arrives. False when it is over already."""
    with transaction.atomic():
        if not _turn(job, user, (State.WAITING, State.RUNNING, State.PAUSED), "stopped", state=State.STOPPED, done_at=timezone.now()):
            return False
        Send.objects.of(job.workspace_id).filter(job=job, state=Send.State.WAITING).update(state=Send.State.CANCELLED)
    return True


def _turn(job: Job, user: User | None, before: tuple[str, ...], verb: str, **values: Any) -> bool:
    with transaction.atomic():
        if not Job.objects.filter(pk=job.pk, state__in=before).update(**values):
            return False
        audit.record(job.workspace_id, user, verb, "job", job.public, job.name, why=values.get("why", ""))
    job.refresh_from_db()
    return True


def progress(job: Job) -> Counts:
    """How far it has come. Two queries."""
    return progress_of([job])[job.pk]


def progress_of(jobs: Iterable[Job]) -> dict[int, Counts]:
    """The same of several jobs, in two queries."""
    pks = [job.pk for job in jobs]
    states: dict[int, dict[str, int]] = {pk: {} for pk in pks}
    skips: dict[int, dict[str, int]] = {pk: {} for pk in pks}
    sends = Send.objects.filter(job__in=pks)
    for pk, state, count in sends.values_list("job", "state").annotate(n=Count("pk")).order_by():
        name = "waiting" if state == Send.State.HELD else state
        states[pk][name] = states[pk].get(name, 0) + count
    skipped = sends.filter(state=Send.State.SKIPPED)
    for pk, code, count in skipped.values_list("job", "problem_code").annotate(n=Count("pk")).order_by("-n"):
        skips[pk][code] = count
    return {pk: Counts(**states[pk], skips=skips[pk]) for pk in pks}


def of_source(workspace: Workspace, source: str) -> list[Job]:
    """The jobs of one campaign or journey, newest first."""
    return list(Job.objects.of(workspace).filter(source=source).order_by("-created_at", "-pk"))
