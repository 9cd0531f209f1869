"""What the team does with leads: look after them, hand them over, sort out spam, throw away."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import Membership, User, Workspace
from vincle.organise import people, team
from vincle.vocabulary import public_id

from . import assigning, counting, delivering
from .actions import Refused
from .models import Submission

MOST = 1_000


def _rows(workspace: Workspace, ids: Sequence[int]) -> list[Submission]:
    found = Submission.objects.of(workspace).filter(pk__in=list(ids)[:MOST]).select_related("workspace", "form__workspace")
    return list(found.select_for_update(of=("self",)).order_by("pk"))


def set_stage(workspace: Workspace, user: User, ids: Sequence[int], stage: str) -> int:
    """How far someone has come with them. Raises Refused."""
    if stage not in Submission.Stage.values:
        raise Refused(_("That is not known here."))
    with transaction.atomic():
        moved = [row for row in _rows(workspace, ids) if row.stage != stage]
        Submission.objects.of(workspace).filter(pk__in=[row.pk for row in moved]).update(stage=stage)
        if moved:
            _record(workspace, user, "changed", moved, stage=stage)
    return len(moved)


def hand_over(workspace: Workspace, user: User, ids: Sequence[int], owner: int | None) -> int:
    """Give them, and the people behind them, to someone of the team or to nobody. Raises Refused."""
    found = Membership.objects.of(workspace).filter(user=owner).select_related("user").first() if owner is not None else None
    if owner is not None and found is None:
        raise Refused(_("They are not in this team."))
    with transaction.atomic():
        rows = [row for row in _rows(workspace, ids) if row.owner_id != owner]
        Submission.objects.of(workspace).filter(pk__in=[row.pk for row in rows]).update(owner=owner)
        known = [public_id(person) for row in rows if (person := assigning.person_of(row)) is not None]
        if known:
            team.set_owner(workspace, user, people.chosen(workspace, known), found.user if found else None)
        if rows:
            _record(workspace, user, "handed over", rows, to=str(found.user) if found else "")
    return len(rows)


def is_spam(workspace: Workspace, user: User, ids: Sequence[int]) -> int:
    """Into the box of spam. What the log knows already stays there: people are not unmet by a click."""
    with transaction.atomic():
        rows = [row for row in _rows(workspace, ids) if row.state != Submission.State.SPAM]
        Submission.objects.of(workspace).filter(pk__in=[row.pk for row in rows]).update(state=Submission.State.SPAM)
        if rows:
            _record(workspace, user, "marked as spam", rows)
    return len(rows)


def no_spam(workspace: Workspace, user: User, ids: Sequence[int]) -> int:
    """Out of the box of spam: it goes where it would have gone, confirmation included."""
    with transaction.atomic():
        rows = [row for row in _rows(workspace, ids) if row.state == Submission.State.SPAM]
        for row in rows:
            was_counted = row.is_delivered
            delivering.release(row)
            if row.form is not None and not was_counted:
                counting.count(row.form, "submits", row.page_id or 0)
        if rows:
            _record(workspace, user, "no spam", rows)
    return len(rows)


def throw_away(workspace: Workspace, user: User, ids: Sequence[int]) -> int:
    """Spam that nobody needs any more. Only what never entered the log can be thrown away here."""
    with transaction.atomic():
        rows = [row for row in _rows(workspace, ids) if row.state == Submission.State.SPAM and not row.is_delivered]
        if rows:
            _record(workspace, user, "deleted", rows)
        Submission.objects.of(workspace).filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _record(workspace: Workspace, user: User, verb: str, rows: Sequence[Submission], **more: str) -> None:
    one = rows[0] if len(rows) == 1 else None
    audit.record(workspace, user, verb, "lead", one.pk if one else "", one.who if one else "", leads=len(rows), **more)
