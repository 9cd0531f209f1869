"""Business cards typed in by hand: kept like submissions, with the picture of the card beside them."""

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.channels._identifiers import email, phone
from vincle.channels.forms import About, Agreed, Named, Sent
from vincle.vocabulary import handle_key

from . import delivering, uploading
from .actions import Refused
from .answers import clean, clean_text
from .models import CardPhoto, Submission

FIELDS = ("name", "company", "job_title", "email", "phone", "website")


def take(workspace: Workspace, user: User, posted: Mapping[str, Any], file: Any = None) -> Submission:
    """One card. Raises Refused."""
    typed = {name: clean(str(posted.get(name, "")), 200) for name in FIELDS}
    mail, number = email(typed["email"]), phone(typed["phone"], workspace.country)
    if typed["email"] and not mail:
        raise Refused(_("“%(text)s” is no e-mail address.") % {"text": typed["email"]})
    if typed["phone"] and not number:
        raise Refused(_("“%(text)s” is no phone number.") % {"text": typed["phone"]})
    if not mail and not number:
        raise Refused(_("A card needs an e-mail address or a phone number: without one, nobody can be known again by it."))
    picture = uploading.picture_bytes(uploading.content_of(file, uploading.LARGEST_CARD), 1_600) if file else None
    native = clean(str(posted.get("card", "")), 40)
    row, is_new = _keep(workspace, user, _sent(typed, mail, number, posted, native or secrets.token_hex(12)))
    if is_new and picture:
        CardPhoto.objects.create(workspace=workspace, submission=row, content=picture[0], content_type=picture[1])
    return row


def _sent(typed: Mapping[str, str], mail: str, number: str, posted: Mapping[str, Any], native: str) -> Sent:
    where, tags = clean(str(posted.get("where", "")), 100), clean(str(posted.get("tags", "")), 300)
    traits = {name: typed[name] for name in ("company", "job_title", "website") if typed[name]}
    agreed = [Agreed("marketing", str(_("Agreed when handing over the card, as the team says.")))] if posted.get("agreed") and mail else []
    handles = [Named(kind, value, typed["name"]) for kind, value in (("email", mail), ("phone", number)) if value]
    return Sent(
        id=f"card:{native}", at=timezone.now(), form=About("cards", "", 0), handles=handles, name=typed["name"], traits=traits,
        message=clean_text(str(posted.get("note", "")), 2_000), consents=agreed, touch={"source": where} if where else {},
        tags=[tag for part in tags.split(",") if (tag := part.strip()[:60])][:20],
    )  # fmt: skip


def _keep(workspace: Workspace, user: User, sent: Sent) -> tuple[Submission, bool]:
    first = sent.handles[0]
    values = {
        "origin": Submission.Origin.CARD, "state": Submission.State.NEW, "at": sent.at, "owner": user, "name": sent.name,
        "handle": handle_key(bytes(workspace.secret), first.kind, first.value), "address": first.value, "sent": msgspec.to_builtins(sent),
        "touch": dict(sent.touch),
    }  # fmt: skip
    with transaction.atomic():
        row, is_new = Submission.objects.get_or_create(workspace=workspace, native_id=sent.id, defaults=values)
        if is_new:
            delivering.soon(row)
            audit.record(workspace, user, "added", "business card", row.pk, row.who)
    return row, is_new
