"""Plans that go on by themselves: when one is due, its next campaign is made of the last one.

It leaves without being asked about again only while it says, word for word, what was approved; otherwise it waits for approval. Whoever
had a letter of the plan lately is left out, so that nobody hears the same every week.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.engage.letters import choosing
from vincle.engage.letters.actions import Refused as LetterRefused
from vincle.store import bulk

from . import actions, checking, plans, reach
from .checking import FIELDS, Refused
from .models import Campaign, PlanRun

KIND = "plan"
State = Campaign.State


def run_of(workspace: Workspace, key: str) -> PlanRun | None:
    found: PlanRun | None = PlanRun.objects.of(workspace).filter(plan=key).select_related("approved_by").first()
    return found


def begin(workspace: Workspace, user: User, key: str, now: datetime | None = None) -> PlanRun:
    """From now on the plan repeats by itself, with the letters its last campaign left with. Raises Refused."""
    now, last = now or timezone.now(), _last(workspace, key)
    if last is None:
        raise Refused(_("Let a first campaign of it be approved: what it says is what is repeated."))
    if user.pk not in actions.approvers(workspace):
        raise Refused(_("Someone who may approve has to let it repeat."))
    next_at = max(now, (last.begun_at or last.approved_at or now) + timedelta(days=plans.every_days(workspace, key)))
    with transaction.atomic():
        row, _new = PlanRun.objects.update_or_create(
            workspace=workspace, plan=key, defaults={"next_at": next_at, "approved_by": user, "approved_at": now, "said": ""}
        )
        audit.record(workspace, user, "lets repeat", KIND, key, str(plans.BY_KEY[key].name), campaign=last.public)
    return row


def end(workspace: Workspace, user: User, key: str) -> bool:
    """It repeats no more; what has begun goes on. False when it did not."""
    with transaction.atomic():
        if not PlanRun.objects.of(workspace).filter(plan=key, next_at__isnull=False).update(next_at=None, said=""):
            return False
        audit.record(workspace, user, "stopped repeating", KIND, key)
    return True


def _last(workspace: Workspace, key: str) -> Campaign | None:
    """The newest of the plan that was approved and not stopped."""
    open_or_stopped = (State.DRAFT, State.ASKED, State.STOPPED)
    rows = Campaign.objects.of(workspace).filter(plan=key, approved_at__isnull=False).exclude(state__in=open_or_stopped)
    found: Campaign | None = rows.order_by("-approved_at", "-pk").first() if key in plans.BY_KEY else None
    return found


def turn(now: datetime | None = None) -> int:
    """Make the next campaign of one plan that is due; returns 1, or 0 where none is."""
    now = now or timezone.now()
    for run in PlanRun.objects.filter(next_at__lte=now).select_related("workspace", "approved_by").order_by("next_at"):
        every = timedelta(days=plans.every_days(run.workspace, run.plan))
        following = max(run.next_at + every, now + every / 2)
        with transaction.atomic():
            # Only one worker finds it as it stood, and what it makes stands or falls with that.
            if not PlanRun.objects.filter(pk=run.pk, next_at=run.next_at).update(next_at=following):
                continue
            PlanRun.objects.filter(pk=run.pk).update(said=_next(run, now)[:300])
        return 1
    return 0


def _next(run: PlanRun, now: datetime) -> str:
    """Make it; returns what there is to say about it, or ""."""
    last = _last(run.workspace, run.plan)
    if last is None:
        return _("No campaign of it is there any more: make a first one again.")
    open_ones = Campaign.objects.of(run.workspace).filter(plan=run.plan, state__in=(State.ASKED, State.APPROVED), archived_at=None)
    if open_ones.exists():
        return _("The campaign before has not left yet: nothing was made.")
    values = _values(last, now)
    if not _anyone(run.workspace, run.plan, values, now):
        return _("Nobody was to be written to this time.")
    try:
        with transaction.atomic():
            made = actions.create(run.workspace, run.approved_by, values, run.plan)
            return _leave(run, made, last)
    except Refused as refused:
        return str(refused)


def _values(last: Campaign, now: datetime) -> dict[str, Any]:
    values = {name: getattr(last, name) for name in FIELDS}
    values["arms"] = [{**arm, "version": None} for arm in ([last.arms[last.best_arm]] if last.best_arm is not None else last.arms)]
    if len(values["arms"]) < 2:
        values["winner"] = Campaign.Winner.NONE
    name = str(plans.BY_KEY[last.plan].name)
    values["name"] = f"{name}, {timezone.localtime(now):%d/%m}"
    if last.starts_at and last.timing != Campaign.Timing.NOW:
        at = timezone.localtime(last.starts_at)
        values["starts_at"] = timezone.localtime(now).replace(hour=at.hour, minute=at.minute, second=0, microsecond=0) + timedelta(days=1)
    return checking.still_there(last.workspace, values)


def _anyone(workspace: Workspace, plan: str, values: dict[str, Any], now: datetime) -> bool:
    everybody = reach.people(workspace, values["inside"], values["outside"]).tolist()
    return any(len(reach.had_lately(workspace, plan, some, now)) < len(some) for some in bulk.chunks(everybody))


def _leave(run: PlanRun, made: Campaign, last: Campaign) -> str:
    """It leaves by itself where it says what was approved; otherwise someone looks at it first. Raises Refused."""
    if problems := checking.lacks(made):
        return problems[0]
    chosen = range(len(last.arms)) if last.best_arm is None else [last.best_arm]
    approved = [last.arms[arm].get("version") for arm in chosen]
    name = {"name": made.name}
    if _versions(run, made) != approved:
        actions.ask(run.workspace, None, made)
        return _("Its letter says something else now: “%(name)s” waits for approval.") % name
    if run.approved_by is None or run.approved_by_id not in actions.approvers(run.workspace):
        actions.ask(run.workspace, None, made)
        return _("Who let it repeat may not approve any more: “%(name)s” waits for approval.") % name
    actions.approve_again(run.workspace, run.approved_by, made)
    return ""


def _versions(run: PlanRun, made: Campaign) -> list[int]:
    """The version each of its letters would leave with now. Raises Refused."""
    try:
        found = [choosing.version(run.workspace, run.approved_by, arm["letter"]) for arm in made.arms]
    except LetterRefused as refused:
        raise Refused(str(refused)) from refused
    return [each.pk for each in found if each]
