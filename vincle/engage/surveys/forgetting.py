"""What surveys hold of someone who is forgotten: figures stay true, nothing of it leads to them any more."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q

from vincle.accounts.models import Workspace

from . import asked
from .definition import model
from .definition.model import Date, Email, File, Hidden, LongText, Phone, Text
from .models import FollowUp, Invitation, RaffleEntry, Response, Upload

_SAYS_WHO = (Date, Email, File, Hidden, LongText, Phone, Text)


def erase(workspace: Workspace, handles: Collection[int], people: Collection[int]) -> dict[str, int]:
    """Their ratings and choices are counted on without them; what they wrote, gave and won goes."""
    theirs = Q(handle__in=handles) | Q(person__in=people)
    invited = Invitation.objects.of(workspace).filter(theirs)
    rows = Response.objects.of(workspace).filter(theirs | Q(invitation__in=invited.values("pk")))
    answers = 0
    for row in rows:
        _strip(row)
        answers += 1
    entries, _of = RaffleEntry.objects.of(workspace).filter(person__in=people).delete()
    FollowUp.objects.of(workspace).filter(person__in=people).update(person=None, text="", note="", thread=None)
    invitations = invited.update(person=None, handle=None, code_hash=None)
    return {"answers": answers, "invitations": invitations, "raffle_entries": entries}


def _strip(row: Response) -> None:
    Upload.objects.of(row.workspace_id).filter(response=row).delete()
    FollowUp.objects.of(row.workspace_id).filter(response=row).update(person=None, text="", note="", thread=None)
    kept = _impersonal(asked.definition(row.version_id), row.answers)
    Response.objects.filter(pk=row.pk).update(
        person=None, handle=None, invitation=None, code=None, answers=kept, facts={}, touch={}, device="",
        public_id=f"forgotten-{row.pk}",
    )  # fmt: skip


def _impersonal(definition: model.Survey, answers: dict[str, Any]) -> dict[str, Any]:
    kept = {}
    for name, value in answers.items():
        found = model.find(definition, name.partition(".")[0])
        if found is not None and not name.endswith(".other") and not isinstance(found[1], _SAYS_WHO) and not found[1].fact:
            kept[name] = value
    return kept
