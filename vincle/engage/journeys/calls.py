"""Other programs that journeys tell of someone: ids, and where to look. How they are sent: `store.deliveries`."""

import json
from secrets import token_urlsafe

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.store import deliveries
from vincle.store.deliveries import Parcel, Post
from vincle.store.secrets import seal

from .models import HookCall, SigningSecret

SCHEMA = "vincle.journey/1"
MOST = 20
State = HookCall.State


def secret_of(workspace: Workspace) -> str:
    """What calls of this workspace are signed with, for those who receive them; made at first use."""
    found = SigningSecret.objects.of(workspace).first()
    if found is None:
        with transaction.atomic():
            found, _new = SigningSecret.objects.get_or_create(workspace=workspace, defaults={"secret": _new_secret()})
    return deliveries.secret_in(found.secret)


def renew_secret(workspace: Workspace, user: User | None) -> str:
    """Another secret; nothing is signed with the one before any more."""
    with transaction.atomic():
        SigningSecret.objects.update_or_create(workspace=workspace, defaults={"secret": _new_secret()})
        audit.record(workspace, user, "replaced the secret of", "webhook", "", "journeys")
    return secret_of(workspace)


def _new_secret() -> bytes:
    return seal({"secret": "whsec_" + token_urlsafe(24)})


def turn(send: Post | None = None) -> int:
    """Send what waits; returns how many were tried. One that does not answer keeps its own address waiting, no other."""
    waiting = HookCall.objects.filter(state=State.WAITING, next_at__lte=timezone.now()).order_by("next_at", "pk")
    tried, resting = 0, set[str]()
    for pk, url in list(waiting.values_list("pk", "url")[:MOST]):
        if url not in resting:
            arrived = _try(pk, send or deliveries.post)
            tried += arrived is not None
            resting |= {url} if arrived is False else set()
    return tried


def again(workspace: Workspace, pk: int) -> bool:
    """Try one that was given up once more."""
    return deliveries.again(HookCall.objects.of(workspace).filter(pk=pk)) == 1


def _try(pk: int, send: Post) -> bool | None:
    """Whether it arrived; None: another one has it."""
    rows = HookCall.objects.filter(pk=pk).select_related("workspace")
    tried = deliveries.attempt(rows, _packed, send, is_last=lambda row: False)
    return tried.error is None if tried else None


def _packed(row: HookCall) -> Parcel:
    return Parcel(row.url, _name(row), secret_of(row.workspace), body_of(row))


def _name(row: HookCall) -> str:
    return f"journey-{row.pk}"


def body_of(row: HookCall) -> bytes:
    """What is sent, the same at each try: ids, and where to look; no one's words and no one's name."""
    slug = row.workspace.slug
    told = {
        "schema": SCHEMA, "id": _name(row), "workspace": slug,
        "url": f"{settings.PUBLIC_URL}/w/{slug}/people/{row.body.get('person', '')}/", **row.body,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
