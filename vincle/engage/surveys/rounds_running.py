"""What the worker does with rounds of asking: looks who may be asked, hands them to the outbox, reminds, says when a round is over.

One piece a turn under the round's lease; killed at any point, the next turn goes on from the last commit. Keys of sends are names, so
nobody is asked twice in a round, nor reminded twice of the same.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.engage.outbox import jobs
from vincle.engage.outbox.jobs import Wanted
from vincle.engage.outbox.models import Job, Send
from vincle.store import lease

from . import codes, collectors, rounds
from .models import Invitation, Round, Survey

PIECE: Final = 500
WRITER: Final = "survey invitation"
DRAWING: Final = "survey rounds"
"""Whoever draws holds this: two rounds drawn at once could ask the same person twice."""

NOT_REACHED: Final = (Send.State.SKIPPED, Send.State.FAILED, Send.State.DEAD, Send.State.CANCELLED)
Asked, State = Invitation.State, Round.State


def turn(now: datetime | None = None) -> int:
    """One piece of one round; 0: there was nothing to do."""
    now = now or timezone.now()
    rows = Round.objects.filter(state=State.ASKING).filter(Q(starts_at=None) | Q(starts_at__lte=now))
    for made in rows.select_related("workspace", "survey", "collector__workspace", "segment", "connection", "job").order_by("pk"):
        row = Round.objects.filter(pk=made.pk)
        if not lease.claim(row):
            continue
        try:
            moved = _step(made, now)
        finally:
            lease.release(row)
        if moved:
            return moved
    return 0


def _step(made: Round, now: datetime) -> int:
    steps: Sequence[Callable[[Round, datetime], int]] = (_ended, _draw, _follow, _remind, _finish)
    for step in steps:
        if moved := step(made, now):
            return moved
    return 0


def _ended(made: Round, now: datetime) -> int:
    """The survey takes no answers any more: nobody else is asked."""
    survey = made.survey
    is_over = survey.state == Survey.State.CLOSED or (survey.closes_at is not None and survey.closes_at <= now)
    if not is_over:
        return 0
    for job in rounds.jobs_of(made):
        jobs.stop(job, None)
    return _over(made, now)


def _over(made: Round, now: datetime) -> int:
    with transaction.atomic():
        changed = Round.objects.filter(pk=made.pk, state=State.ASKING).update(state=State.DONE, done_at=now)
        if changed:
            audit.record(made.workspace_id, None, "finished", "survey round", made.public_id, made.name, left_out=made.left_out)
    return changed


def _draw(made: Round, now: datetime) -> int:
    """Look at some of its people; those behind them come in the next turn."""
    from vincle.organise import members  # at first use: it brings the columnar libraries

    if made.drawn_at is not None:
        return 0
    job = _job(made, 0)
    if job is None or made.segment is None:
        return 1
    with lease.held(DRAWING) as cursor:
        if cursor is None:
            return 0
        some = sorted(int(each) for each in members.members(made.segment) if int(each) > made.drawn_to)[:PIECE]
        found = rounds.reached(made.survey, some, made.medium, now, made.pk, connection=made.connection_id)
        left = {code: made.left_out.get(code, 0) + found.left_out.get(code, 0) for code in {*made.left_out, *found.left_out}}
        values = {"left_out": left, "drawn_to": some[-1]} if some else {"drawn_at": now}
        with transaction.atomic():
            if not lease.keep(Round.objects.filter(pk=made.pk, state=State.ASKING)):
                return 0
            _invite(made, job, found.handles)
            Round.objects.filter(pk=made.pk).update(**values)
    return max(len(some), 1)


def _invite(made: Round, job: Job, handles: dict[int, int]) -> None:
    had = set(Invitation.objects.filter(round=made, person__in=handles).values_list("person", flat=True))
    rows = Invitation.objects.bulk_create(
        Invitation(
            workspace_id=made.workspace_id,
            survey_id=made.survey_id,
            collector_id=made.collector_id,
            round=made,
            person=person,
            handle=handle,
        )
        for person, handle in handles.items()
        if person not in had
    )
    code(rows, collectors.secret(made.collector))
    jobs.add(job, [Wanted(f"sv:{row.pk}:0", row.person, row.handle, data={"invitation": row.pk}) for row in rows if row.handle is not None])


def code(rows: Sequence[Invitation], secret: bytes) -> None:
    """Give invitations their codes: of their own number, so that whoever holds the secret makes them again."""
    for row in rows:
        row.code_hash = codes.hashed(codes.made(secret, row.pk))
    Invitation.objects.bulk_update(rows, ["code_hash"], batch_size=500)


def _job(made: Round, number: int) -> Job | None:
    """The job of the first mail (0) or of a reminder; None where it cannot be made any more."""
    standing = {key: job for job in rounds.jobs_of(made) if (key := job.content.get("reminder", 0)) is not None}
    if number in standing:
        return standing[number]
    if made.connection is None or made.segment is None:
        Round.objects.filter(pk=made.pk, state=State.ASKING).update(
            state=State.PAUSED, problem=_("The account it leaves by, or the segment, is gone.")
        )
        return None
    name = f"{made.survey.name}: {made.name}" if not number else f"{made.survey.name}: {made.name}, {number}"
    with transaction.atomic():
        job = jobs.create(
            made.workspace,
            made.approved_by,
            kind="survey",
            source=f"survey:{made.survey_id}",
            name=name,
            connection=made.connection,
            purpose="service",
            topic=rounds.TOPIC,
            medium=made.medium,
            writer=WRITER,
            content={"round": made.pk, "reminder": number},
        )
        Job.objects.filter(pk=job.pk).update(counts_opens="never", counts_clicks=False)  # who opens what stays between them and the survey
        if number:
            Round.objects.filter(pk=made.pk).update(reminder_jobs=[*made.reminder_jobs, job.pk])
            made.reminder_jobs = [*made.reminder_jobs, job.pk]
        else:
            Round.objects.filter(pk=made.pk).update(job=job)
            made.job = job
    return job


def _follow(made: Round, now: datetime) -> int:
    """What became of the mails that were to ask: asked, or not reached."""
    waiting = dict(Invitation.objects.filter(round=made, state=Asked.WAITING).order_by("pk").values_list("pk", "person")[: PIECE * 4])
    keys = {f"sv:{pk}:0": pk for pk in waiting}
    moved = 0
    for start in range(0, len(keys), PIECE):
        part = list(keys)[start : start + PIECE]
        for key, state, why, at in Send.objects.filter(key__in=part).values_list("key", "state", "problem_code", "sent_at"):
            rows = Invitation.objects.filter(pk=keys[key], state=Asked.WAITING)
            if state == Send.State.SENT:
                moved += rows.update(state=Asked.ASKED, asked_at=at or now)
            elif state in NOT_REACHED:
                moved += rows.update(state=Asked.FAILED, why=why[:40])
    return moved


def _remind(made: Round, now: datetime) -> int:
    """Those who have not answered for so many days, one reminder at a time."""
    before = now - timedelta(days=made.every_days)
    late = Invitation.objects.filter(round=made, state__in=rounds.ANSWERABLE, reminders__lt=made.reminders, handle__isnull=False)
    late = late.filter(Q(reminded_at__lte=before) | Q(reminded_at=None, asked_at__lte=before))
    some = list(late.order_by("pk")[:PIECE])
    for number in sorted({row.reminders + 1 for row in some}):
        job = _job(made, number)
        if job is None:
            return 1
        theirs = [row for row in some if row.reminders + 1 == number]
        wanted = [Wanted(f"sv:{row.pk}:{number}", row.person, row.handle or 0, data={"invitation": row.pk}) for row in theirs]
        with transaction.atomic():
            jobs.add(job, wanted)
            rows = Invitation.objects.filter(pk__in=[row.pk for row in theirs], reminders=number - 1)
            rows.update(reminders=F("reminders") + 1, reminded_at=now)
            rows_now = Invitation.objects.filter(pk__in=[row.pk for row in theirs], state=Asked.ASKED)
            rows_now.update(state=Asked.REMINDED)
    return len(some)


def _finish(made: Round, now: datetime) -> int:
    """Everybody was asked, and nobody is to be reminded any more."""
    if made.drawn_at is None:
        return 0
    rows = Invitation.objects.filter(round=made)
    if rows.filter(state=Asked.WAITING).exists():
        return 0
    if rows.filter(state__in=rounds.ANSWERABLE, reminders__lt=made.reminders, handle__isnull=False).exists():
        return 0
    if Send.objects.filter(job__in=rounds.jobs_of(made), state__in=(Send.State.WAITING, Send.State.SENDING)).exists():
        return 0
    return _over(made, now)
