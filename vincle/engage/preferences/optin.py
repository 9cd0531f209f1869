"""Double opt-in: who gives an address is asked there whether they meant it. Opening the link confirms nothing, the button does."""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import Workspace
from vincle.store import bulk
from vincle.vocabulary import ConsentFact, HandleRef, Permit, handle_key

from . import signals, stating
from .models import Optin
from .posting import NoWay, post

LASTS: Final = timedelta(days=14)
AGAIN: Final = timedelta(minutes=10)
"""Whoever asks again sooner is not written to again: nobody is to be flooded with mails by strangers who type their address."""

MOST_A_DAY: Final = 5


class TooLate(LookupError):
    """The link is wrong, or its time is over."""


def ask(
    workspace: Workspace, handle: HandleRef | int, topic: str, wording: str, source: str, then: str = "", *, person: int | None = None,
    medium: str = "email", language: str = "", ip: str = "",
) -> Optin:  # fmt: skip
    """Ask at `handle` (its key, or kind and address) whether its owner agrees to `topic`, in these words. Sent by the outbox.

    `source`: where they asked for it ("form:7"). `then`: where they are led when they have confirmed. Asked again within ten minutes, the
    same row is returned and nothing is sent. Without a way to send mail the row waits (`mailed_at` is empty) for `send_waiting`.
    """
    key = handle if isinstance(handle, int) else _known(workspace, handle)
    now = timezone.now()
    spoken = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with transaction.atomic():
        rows = Optin.objects.of(workspace).filter(handle=key, confirmed_at=None)
        recent: Optin | None = rows.filter(topic=topic, source=source, asked_at__gt=now - AGAIN).order_by("-asked_at").first()
        if recent:
            return recent
        is_flooded = rows.filter(asked_at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY
        text = _token(workspace)
        made: Optin = Optin.objects.create(
            workspace=workspace, token_hash=_hash(text), handle=key, topic=topic[:40], medium=medium[:20], wording=wording,
            source=source[:120], then=_inside(then), language=spoken, asked_at=now, asked_ip=ip[:45], expires_at=now + LASTS,
        )  # fmt: skip
        if not is_flooded:
            _mail(workspace, made, text)
    return made


def _known(workspace: Workspace, ref: HandleRef) -> int:
    """The key of an address; it is kept, so that the mail finds it, and belongs to nobody until a fact says so."""
    key = handle_key(bytes(workspace.secret), ref.kind, ref.value)
    columns = ("key", "workspace_id", "kind", "value", "name", "is_own", "first_seen")
    from vincle.listen.models import Handle

    bulk.insert(Handle, columns, [(key, workspace.pk, ref.kind, ref.value[:320], ref.name[:200], False, bulk.stamp(timezone.now()))])
    Handle.objects.of(workspace).filter(key=key, value="").update(value=ref.value[:320])
    return key


def _token(workspace: Workspace) -> str:
    return secrets.token_urlsafe(24)


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _inside(then: str) -> str:
    """Only http(s), or an address of our own; anything else leads nowhere."""
    return then[:2000] if then.startswith(("https://", "http://")) or (then.startswith("/") and not then.startswith(("//", "/\\"))) else ""


def _mail(workspace: Workspace, row: Optin, text: str) -> None:
    link = str(settings.PUBLIC_URL) + reverse("preferences_public:confirm", kwargs={"token": text})
    with translation.override(row.language):
        subject = _("Please confirm your address for %(name)s") % {"name": " ".join(workspace.name.split())}
    try:
        with transaction.atomic():
            post(workspace, row.handle, key=f"optin:{row.pk}:{row.token_hash[:8]}", turn=row.pk, language=row.language, template="confirm",
                 subject=subject, link=link, wording=row.wording)  # fmt: skip
    except NoWay:
        return
    row.mailed_at = timezone.now()
    Optin.objects.filter(pk=row.pk).update(mailed_at=row.mailed_at)


def send_waiting(workspace: Workspace) -> int:
    """Send those that had no way out when they were asked for; returns how many. Their links begin anew."""
    sent = 0
    for row in Optin.objects.of(workspace).filter(mailed_at=None, confirmed_at=None, expires_at__gt=timezone.now()).order_by("pk")[:500]:
        text = _token(workspace)
        with transaction.atomic():
            Optin.objects.filter(pk=row.pk).update(token_hash=_hash(text))
            row.token_hash = _hash(text)
            _mail(workspace, row, text)
        sent += row.mailed_at is not None
    return sent


def found(text: str) -> Optin:
    """What a link asks about. Raises TooLate."""
    row: Optin | None = Optin.objects.select_related("workspace").filter(token_hash=_hash(text)).first()
    if row is None or row.is_late or stating.handle_of(row.workspace, row.handle) is None:
        raise TooLate
    return row


def confirm(row: Optin, ip: str = "") -> Optin:
    """They meant it: it stands in the ledger as their own word. Twice is once."""
    now = timezone.now()
    handle = stating.handle_of(row.workspace, row.handle)
    if handle is None:
        raise TooLate
    with transaction.atomic():
        if not Optin.objects.filter(pk=row.pk, confirmed_at=None).update(confirmed_at=now, confirmed_ip=ip[:45]):
            return row
        row.confirmed_at, row.confirmed_ip = now, ip[:45]
        moments = f"asked {row.asked_at:%Y-%m-%d %H:%M:%S} {row.asked_ip}, confirmed {now:%Y-%m-%d %H:%M:%S} {row.confirmed_ip} UTC"
        evidence = f"{moments}, {row.source}"
        said = ConsentFact(Permit.GRANTED, row.medium, row.topic, now, evidence[:300], "consent", row.wording)
        stating.state(row.workspace, handle, [said], way="opt-in", now=now)
        audit.record(row.workspace, None, "confirmed", "consent", row.pk, actor=stating.ACTOR, topic=row.topic, source=row.source)
        signals.confirmed.send(sender=confirm, workspace=row.workspace, optin=row, person=stating.person_of(row.workspace, row.handle))
    return row
