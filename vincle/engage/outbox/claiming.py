"""Which sends of jobs are due, taking them, and what is decided of them before anything is written."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.identify.models import Consent, Suppression
from vincle.identify.rules import REFUSALS
from vincle.listen.models import Connection
from vincle.store import lease

from . import may
from .models import Job, Lane, Send

State = Send.State
AT_WORK = (Job.State.WAITING, Job.State.RUNNING)


def due_connections(now: datetime | None = None) -> list[int]:
    """Connections by which something of a job is to leave now, or was under way when its sender ended."""
    now = now or timezone.now()
    closed = Lane.objects.filter(not_before__gt=now).values("connection")
    held = Lane.objects.filter(lease_until__gt=now).exclude(owner="").values("connection")
    waiting = Send.objects.filter(job=OuterRef("pk"), state=State.WAITING, not_before__lte=now)
    jobs = Job.objects.filter(state__in=AT_WORK).filter(Q(not_before=None) | Q(not_before__lte=now)).filter(Exists(waiting))
    jobs = jobs.filter(connection__is_enabled=True, connection__token__isnull=False).exclude(connection__in=closed)
    left = Send.objects.filter(state=State.SENDING, job__isnull=False).exclude(owner=lease.ME).exclude(connection__in=held)
    return sorted({*jobs.values_list("connection", flat=True), *left.values_list("connection", flat=True).distinct()})


def is_due(connection: Connection) -> bool:
    """Whether something of a job that runs is to leave by this connection now."""
    running = [job.pk for job in jobs_of(connection)]
    return Send.objects.filter(job__in=running, state=State.WAITING, not_before__lte=timezone.now()).exists()


def any_due() -> bool:
    """Whether a sender is needed: something is due, or a job is over and nobody has said so."""
    return bool(due_connections()) or _over().exists()


def _over() -> Any:
    open_ = Send.objects.filter(job=OuterRef("pk"), state__in=(State.WAITING, State.SENDING))
    return Job.objects.filter(state__in=AT_WORK).filter(Exists(Send.objects.filter(job=OuterRef("pk")))).exclude(Exists(open_))


def close() -> int:
    """Jobs of which nothing waits any more are done; returns how many."""
    return _over().update(state=Job.State.DONE, done_at=timezone.now())


def jobs_of(connection: Connection) -> list[Job]:
    """Jobs of a connection whose time has come; those that only waited for it run from now on."""
    now = timezone.now()
    come = Job.objects.filter(connection=connection, state__in=AT_WORK).filter(Q(not_before=None) | Q(not_before__lte=now))
    come.filter(Q(state=Job.State.WAITING) | Q(started_at=None)).update(state=Job.State.RUNNING, started_at=now)
    return list(come.select_related("workspace", "by").order_by("pk"))


def claim(job: Job, most: int) -> list[Send]:
    """Take up to `most` sends of a job that are due. The lane of its connection is held by us."""
    now = timezone.now()
    with transaction.atomic():
        due = Send.objects.filter(job=job, state=State.WAITING, not_before__lte=now).order_by("not_before")
        pks = list(due.values_list("pk", flat=True)[:most])
        if not pks:
            return []
        taken = Send.objects.filter(pk__in=pks, state=State.WAITING).update(
            state=State.SENDING,
            owner=lease.ME,
            tries=F("tries") + 1,
            begun_at=Case(When(begun_at=None, then=Value(now)), default=F("begun_at")),
        )
        if not taken:
            return []
        sends = list(Send.objects.filter(pk__in=pks, state=State.SENDING, owner=lease.ME).order_by("pk"))
    for send in sends:
        send.job, send.connection = job, job.connection
    return sends


class Undecided(Exception):
    """What is decided of some sends could not be worked out."""


def taken(job: Job, most: int) -> tuple[list[Send], list[Send]]:
    """Take up to `most` sends that are due: (all of them, those that may leave). Raises Undecided; then none is taken.

    What goes to people for our own sake is decided by one sender of the workspace at a time, each of which sees what the others let go:
    so two jobs do not both believe that theirs is the last letter someone is to get for now.
    """
    if job.purpose != Send.Purpose.MARKETING:
        sends = claim(job, most)
        return sends, _decided(job, sends)
    with transaction.atomic():
        list(Workspace.objects.select_for_update(no_key=True).filter(pk=job.workspace_id).values_list("pk"))
        sends = claim(job, most)
        return sends, _decided(job, sends)


def _decided(job: Job, sends: Sequence[Send]) -> list[Send]:
    try:
        return decided(job, sends) if sends else []
    except Exception as error:
        give_back([send.pk for send in sends])
        raise Undecided(str(error)) from error


def decided(job: Job, sends: Sequence[Send]) -> list[Send]:
    """Those that may leave now; the others are put off or left out, with the reason beside them."""
    now = timezone.now()
    verdicts = may.decide(job.workspace, sends, now)
    never, later = [], []
    for send in sends:
        verdict = verdicts[send.pk]
        if verdict.not_before is not None and not verdict.is_allowed:
            later.append((send.pk, verdict.not_before, verdict.code))
        elif not verdict.is_allowed:
            never.append((send.pk, verdict.code, ""))
    skip(never)
    put_off(later)
    return [send for send in sends if verdicts[send.pk].is_allowed]


class Heard(NamedTuple):
    """How far the lists of who must not be written to were looked at."""

    suppressed: int = 0
    said: int = 0


def refused_since(heard: Heard | None) -> tuple[Heard, bool]:
    """How far they are now, and whether anybody refused since then: what was decided before may hold no longer."""
    newest = Heard(*(rows.order_by("-pk").values_list("pk", flat=True).first() or 0 for rows in (Suppression.objects, Consent.objects)))
    if heard is None or newest == heard:
        return newest, False
    said = Consent.objects.filter(pk__gt=heard.said, permit__in=REFUSALS)
    return newest, newest.suppressed != heard.suppressed or said.exists()


def skip(some: Iterable[tuple[int, str, str]]) -> None:
    """Leave sends out for good: (key, code of why, detail)."""
    for pk, code, detail in some:
        Send.objects.filter(pk=pk, state=State.SENDING, owner=lease.ME).update(
            state=State.SKIPPED, owner="", problem_kind="permanent", problem_code=code[:60], problem_detail=detail[:300]
        )


def put_off(some: Iterable[tuple[int, datetime, str]]) -> None:
    for pk, until, code in some:
        Send.objects.filter(pk=pk, state=State.SENDING, owner=lease.ME).update(
            state=State.WAITING, owner="", not_before=until, problem_kind="quota", problem_code=code[:60], tries=F("tries") - 1
        )


def give_back(pks: Iterable[int], until: datetime | None = None) -> None:
    """Sends that were taken and did not begin: they wait again, or were stopped meanwhile."""
    pks = list(pks)
    if not pks:
        return
    ours = Send.objects.filter(pk__in=pks, state=State.SENDING, owner=lease.ME)
    ours.filter(job__state=Job.State.STOPPED).update(state=State.CANCELLED, owner="")
    ours.update(state=State.WAITING, owner="", tries=F("tries") - 1, **({"not_before": until} if until else {}))
