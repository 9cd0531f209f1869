"""Putting people in by hand, and taking them out."""

from collections.abc import Iterable
from datetime import datetime
from secrets import token_hex

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.organise.models import Membership, Profile, Segment
from vincle.organise.team import Refused
from vincle.store import bulk

from .models import Journey, Walk, WalkStep
from .running import entering, walking
from .running.book import Running
from .running.walking import Going

KIND = "journey"


def put_in(workspace: Workspace, user: User | None, journey: Journey, people: Iterable[int], why: str = "") -> int:
    """Let these people begin now, as far as the rule of beginning again lets them; returns how many. Refused when it does not run."""
    with transaction.atomic():
        row = Journey.objects.of(workspace).select_for_update().get(pk=journey.pk)
        if row.state != Journey.State.RUNNING:
            raise Refused(_("This journey does not run."))
        now, added = timezone.now(), 0
        there: list[int] = []
        for part in bulk.chunks(sorted(set(people)), 500):
            there += Profile.objects.of(workspace).filter(person__in=part).values_list("person", flat=True)
        for part in bulk.chunks(there, 5_000):
            added += len(_enter(Running(row, workspace), part, user, now))
        audit.record(workspace, user, "put in", KIND, row.public, row.name, people=added, why=why)
    return added


def _enter(running: Running, people: Iterable[int], user: User | None, now: datetime) -> list[Going]:
    cause = f"h{token_hex(12)}"
    why = {"by": user.email if user else ""}
    allowed = entering.permitted(running, [entering.Start(person, cause, now, why=why) for person in people])
    walks = [walk for walk, _start in allowed]
    entering.enter(running, walks)
    for walk in walks:
        walk.note("began", "", **why)
        walk.wakes_at = now
    walking.write(running.row.workspace_id, running.row.pk, walks, walking.NOBODY, now)
    return walks


def put_in_members(workspace: Workspace, user: User | None, journey: Journey, segment: Segment) -> int:
    """Let everybody begin who is in a segment now. Refused."""
    rows = Membership.objects.of(workspace).filter(segment=segment, left_at=None)
    return put_in(workspace, user, journey, rows.values_list("person", flat=True), segment.name)


def take_out(workspace: Workspace, user: User | None, walks: Iterable[int]) -> int:
    """End it for these walks (primary keys); what is with the outbox already leaves. Returns how many were on the way."""
    with transaction.atomic():
        now = timezone.now()
        rows = list(Walk.objects.of(workspace).select_for_update().filter(pk__in=list(walks), state=Walk.State.WAITING))
        for row in rows:
            WalkStep.objects.create(workspace=workspace, walk=row, version=row.version, node=row.node, what="left", at=now, why=_by(user))
        Walk.objects.filter(pk__in=[row.pk for row in rows]).update(state=Walk.State.LEFT, wakes_at=None, ended_at=now, since=now)
        if rows:
            audit.record(workspace, user, "took out", KIND, rows[0].journey.public, rows[0].journey.name, people=len(rows))
    return len(rows)


def _by(user: User | None) -> dict[str, str]:
    return {"code": user.email} if user else {}
