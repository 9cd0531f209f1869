"""Everything the team does with campaigns: begin one, change it, ask for approval, approve, pause, go on, stop, copy, put away."""

from collections.abc import Mapping
from secrets import randbits
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.access import PERMISSIONS, May
from vincle.accounts.models import Membership, User, Workspace
from vincle.engage.letters import choosing
from vincle.engage.letters.actions import Refused as LetterRefused
from vincle.engage.outbox import jobs
from vincle.vocabulary import public_id

from . import checking, reach, telling
from .checking import FIELDS, Refused
from .models import Assignment, Campaign, CampaignVersion

__all__ = [
    "Refused",
    "approve",
    "approve_again",
    "archive",
    "ask",
    "change",
    "choose",
    "copy",
    "create",
    "pause",
    "restore",
    "resume",
    "send_back",
    "stop",
    "to_draft",
]
KIND = "campaign"
State = Campaign.State


def create(workspace: Workspace, user: User | None, values: Mapping[str, Any], plan: str = "") -> Campaign:
    """A draft; `values` are any of `checking.FIELDS`. Raises Refused."""
    found = checking.checked(workspace, {"name": _("New campaign"), **values})
    with transaction.atomic():
        made: Campaign = Campaign.objects.create(
            workspace=workspace, public=public_id(randbits(63)), plan=plan[:20], by=user, owner_user=user, **found
        )
        _note(made, user)
        audit.record(workspace, user, "created", KIND, made.public, made.name)
    return made


def change(workspace: Workspace, user: User | None, campaign: Campaign, values: Mapping[str, Any]) -> Campaign:
    """A draft says something else; what is not named stays. Raises Refused."""
    found = checking.checked(workspace, values)
    with transaction.atomic():
        row = _locked(workspace, campaign)
        if not row.is_open:
            raise Refused(_("Only a draft can be changed. Take it back to a draft first."))
        before = {name: getattr(row, name) for name in found}
        if before == found:
            return row
        for name, value in found.items():
            setattr(row, name, value)
        row.version, row.changed_at = row.version + 1, timezone.now()
        row.save(update_fields=[*found, "version", "changed_at"])
        _note(row, user)
        changed = sorted(name for name in found if before[name] != found[name])
        audit.record(workspace, user, "changed", KIND, row.public, row.name, changed=changed)
    return row


def back_to(workspace: Workspace, user: User | None, campaign: Campaign, number: int) -> Campaign:
    """A draft says again what it said in version `number`; a new version. Raises Refused."""
    found = CampaignVersion.objects.of(workspace).filter(campaign=campaign, number=number).first()
    if found is None:
        raise Refused(_("There is no such version."))
    return change(workspace, user, campaign, checking.thawed(found.values))


def _note(row: Campaign, user: User | None) -> None:
    CampaignVersion.objects.create(
        workspace_id=row.workspace_id,
        campaign=row,
        number=row.version,
        by=user,
        at=row.changed_at,
        values=checking.frozen({name: getattr(row, name) for name in FIELDS}),
    )


def copy(workspace: Workspace, user: User | None, campaign: Campaign) -> Campaign:
    """Another draft that says the same, with the letters as they are now."""
    values = {name: getattr(campaign, name) for name in FIELDS}
    values["arms"] = [{**arm, "version": None} for arm in campaign.arms]
    values["starts_at"] = None if campaign.starts_at and campaign.starts_at < timezone.now() else campaign.starts_at
    values["timing"] = campaign.timing if values["starts_at"] else Campaign.Timing.NOW
    values["name"] = _("%(name)s, copy") % {"name": campaign.name[:100]}
    return create(workspace, user, checking.still_there(workspace, values), campaign.plan)


def approvers(workspace: Workspace) -> set[int]:
    """Who may start what goes to many."""
    roles = [role for role, may in PERMISSIONS.items() if May.APPROVE in may]
    return set(Membership.objects.of(workspace).filter(role__in=roles).values_list("user", flat=True))


def may_approve(campaign: Campaign, user: User) -> bool:
    """Where several may approve, it is another one than who asked."""
    who = approvers(campaign.workspace)
    return user.pk in who and (len(who) == 1 or campaign.asked_by_id != user.pk)


def ask(workspace: Workspace, user: User | None, campaign: Campaign) -> Campaign:
    """It is ready: letters are fixed as they are now, and someone who may is asked to approve. Raises Refused."""
    with transaction.atomic():
        row = _locked(workspace, campaign)
        if not row.is_open:
            raise Refused(_("It has been asked for already."))
        _fix(workspace, user, row)
        row.state, row.asked_by, row.asked_at, row.problem = State.ASKED, user, timezone.now(), ""
        row.save(update_fields=["arms", "state", "asked_by", "asked_at", "problem", "outlook"])
        audit.record(workspace, user, "asked for approval of", KIND, row.public, row.name)
        telling.waits(row, user)
    return row


def _fix(workspace: Workspace, user: User | None, row: Campaign) -> None:
    """Its letters as they are now, and what can be said beforehand. Raises Refused where it lacks something."""
    if problems := checking.lacks(row):
        raise Refused(problems[0])
    row.arms = [_fixed(workspace, user, arm) for arm in row.arms]
    row.outlook = reach.outlook(workspace, row).plain


def _fixed(workspace: Workspace, user: User | None, arm: dict[str, Any]) -> dict[str, Any]:
    try:
        version = choosing.version(workspace, user, arm["letter"])
    except LetterRefused as refused:
        raise Refused(str(refused)) from refused
    if version is None:
        raise Refused(_("A letter of this campaign is gone. Choose another one."))
    return {**arm, "version": version.pk}


def approve(workspace: Workspace, user: User, campaign: Campaign) -> Campaign:
    """It may leave, at its time. Raises Refused."""
    with transaction.atomic():
        row = _locked(workspace, campaign)
        if row.state != State.ASKED:
            raise Refused(_("It does not wait for approval."))
        if not may_approve(row, user):
            raise Refused(_("Someone else has to approve it: you asked for it."))
        if problems := checking.lacks(row):
            raise Refused(problems[0])
        now = timezone.now()
        row.state, row.approved_by, row.approved_at = State.APPROVED, user, now
        row.save(update_fields=["state", "approved_by", "approved_at"])
        audit.record(workspace, user, "approved", KIND, row.public, row.name)
    return row


def approve_again(workspace: Workspace, user: User, campaign: Campaign) -> Campaign:
    """A draft leaves without being asked about: what a plan repeats, word for word, by whoever let it repeat. Raises Refused."""
    with transaction.atomic():
        row = _locked(workspace, campaign)
        if not row.is_open:
            raise Refused(_("It has been asked for already."))
        _fix(workspace, user, row)
        row.state, row.approved_by, row.approved_at = State.APPROVED, user, timezone.now()
        row.save(update_fields=["arms", "outlook", "state", "approved_by", "approved_at"])
        audit.record(workspace, user, "approved beforehand", KIND, row.public, row.name, plan=row.plan)
    return row


def send_back(workspace: Workspace, user: User, campaign: Campaign, why: str = "") -> Campaign:
    """Not so: it is a draft again, with a word why."""
    return _to_draft(workspace, user, campaign, "sent back", why)


def to_draft(workspace: Workspace, user: User, campaign: Campaign) -> Campaign:
    """Change it after all, as long as nothing of it has begun. Raises Refused."""
    return _to_draft(workspace, user, campaign, "took back", "")


def _to_draft(workspace: Workspace, user: User, campaign: Campaign, verb: str, why: str) -> Campaign:
    with transaction.atomic():
        row = _locked(workspace, campaign)
        if row.state not in (State.ASKED, State.APPROVED) or row.drawn_to >= 0:
            raise Refused(_("It has begun: it can be paused or stopped."))
        if verb == "sent back":
            telling.sent_back(row, user)
        row.arms = [{**arm, "version": None} for arm in row.arms]
        row.state, row.problem, row.asked_by, row.approved_by = State.DRAFT, " ".join(why.split())[:300], None, None
        row.save(update_fields=["arms", "state", "problem", "asked_by", "approved_by"])
        audit.record(workspace, user, verb, KIND, row.public, row.name, why=row.problem)
    return row


def pause(workspace: Workspace, user: User, campaign: Campaign) -> Campaign:
    """Nothing more leaves until someone goes on. Raises Refused."""
    with transaction.atomic():
        row = _moved(workspace, user, campaign, (State.APPROVED, State.SENDING), State.PAUSED, "paused")
        if row.job:
            jobs.pause(row.job, user)
    return row


def resume(workspace: Workspace, user: User, campaign: Campaign) -> Campaign:
    """Go on. Raises Refused."""
    with transaction.atomic():
        row = _moved(workspace, user, campaign, (State.PAUSED,), State.APPROVED, "went on with")
        Campaign.objects.filter(pk=row.pk).update(problem="", state=State.SENDING if row.added_at else State.APPROVED)
        if row.job:
            jobs.resume(row.job, user)
    row.refresh_from_db()
    return row


def stop(workspace: Workspace, user: User, campaign: Campaign) -> Campaign:
    """Nothing more leaves, for good; what left is measured all the same. Raises Refused."""
    with transaction.atomic():
        row = _moved(workspace, user, campaign, (State.APPROVED, State.SENDING, State.PAUSED), State.STOPPED, "stopped")
        if row.job:
            jobs.stop(row.job, user)
        Campaign.objects.filter(pk=row.pk).update(done_at=timezone.now())
    row.refresh_from_db()
    return row


def _moved(workspace: Workspace, user: User, campaign: Campaign, before: tuple[str, ...], after: str, verb: str) -> Campaign:
    if not Campaign.objects.of(workspace).filter(pk=campaign.pk, state__in=before).update(state=after):
        raise Refused(_("It does not stand as you saw it any more. Look again."))
    row: Campaign = Campaign.objects.of(workspace).select_related("job").get(pk=campaign.pk)
    audit.record(workspace, user, verb, KIND, row.public, row.name)
    return row


def choose(workspace: Workspace, user: User | None, campaign: Campaign, arm: int, *, is_sure: bool = False) -> bool:
    """Whoever waited gets this letter from now on, and as large a part of those held out counts from now on.

    False when one was chosen already. Raises Refused.
    """
    if not 0 <= arm < len(campaign.arms):
        raise Refused(_("There is no such letter."))
    with transaction.atomic():
        standing = Campaign.objects.of(workspace).filter(pk=campaign.pk, best_arm=None, state__in=(State.SENDING, State.PAUSED))
        now = timezone.now()
        if not standing.update(best_arm=arm, best_at=now, is_best_sure=is_sure):
            return False
        rest = Assignment.objects.of(workspace).filter(campaign=campaign, starts_at=None)
        rest.filter(is_held=False).update(arm=arm)
        if rest.update(starts_at=now):
            Campaign.objects.filter(pk=campaign.pk).update(added_at=None, last_at=now, begun_at=campaign.begun_at or now)
        audit.record(workspace, user, "chose a letter of", KIND, campaign.public, campaign.name, arm=arm, sure=is_sure)
    campaign.refresh_from_db()
    return True


def archive(workspace: Workspace, user: User, campaign: Campaign) -> Campaign:
    """Out of the list. Raises Refused while it sends."""
    return _shelve(workspace, user, campaign, away=True)


def restore(workspace: Workspace, user: User, campaign: Campaign) -> Campaign:
    return _shelve(workspace, user, campaign, away=False)


def _shelve(workspace: Workspace, user: User, campaign: Campaign, *, away: bool) -> Campaign:
    with transaction.atomic():
        row = _locked(workspace, campaign)
        if away and row.state in (State.APPROVED, State.SENDING, State.PAUSED):
            raise Refused(_("Stop it first: something of it may still leave."))
        row.archived_at = timezone.now() if away else None
        row.save(update_fields=["archived_at"])
        audit.record(workspace, user, "archived" if away else "restored", KIND, row.public, row.name)
    return row


def _locked(workspace: Workspace, campaign: Campaign) -> Campaign:
    row: Campaign = Campaign.objects.of(workspace).select_for_update().get(pk=campaign.pk)
    return row
