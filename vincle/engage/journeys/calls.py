"""Other programs that journeys tell: signed, tried again with growing pauses, given up visibly after a day and a half."""

import json
import random
from collections.abc import Callable
from datetime import timedelta
from secrets import token_urlsafe

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.listen import alerts_outside
from vincle.listen.alerts_outside import PAUSES, NotSent
from vincle.store import lease
from vincle.store.secrets import Unreadable, seal, unseal

from .models import HookCall, SigningSecret

SCHEMA = "vincle.journey/1"
MOST = 20
Post = Callable[[str, bytes, dict[str, str]], int]
State = HookCall.State
logger = structlog.get_logger(__name__)


def secret_of(workspace: Workspace) -> str:
    """What calls of this workspace are signed with, for those who receive them; made at first use."""
    found = SigningSecret.objects.of(workspace).first()
    if found is None:
        with transaction.atomic():
            values = {"secret": seal({"secret": "whsec_" + token_urlsafe(24)})}
            found, _new = SigningSecret.objects.get_or_create(workspace=workspace, defaults=values)
    return str(unseal(found.secret)["secret"])


def turn(send: Post | None = None) -> int:
    """Send what waits; returns how many were tried. One that does not answer keeps its own address waiting, no other."""
    waiting = HookCall.objects.filter(state=State.WAITING, next_at__lte=timezone.now()).order_by("next_at", "pk")
    tried, resting = 0, set[str]()
    for pk, url in list(waiting.values_list("pk", "url")[:MOST]):
        if url not in resting:
            arrived = _try(pk, send or alerts_outside.post)
            tried += arrived is not None
            resting |= {url} if arrived is False else set()
    return tried


def again(workspace: Workspace, pk: int) -> bool:
    """Try one that was given up once more."""
    rows = HookCall.objects.of(workspace).filter(pk=pk, state=State.FAILED)
    return rows.update(state=State.WAITING, tries=0, next_at=timezone.now()) == 1


def _try(pk: int, send: Post) -> bool | None:
    """Whether it arrived; None: another one has it."""
    if not lease.claim(HookCall.objects.filter(pk=pk, state=State.WAITING, next_at__lte=timezone.now())):
        return None
    held = HookCall.objects.filter(pk=pk, owner=lease.ME)
    row = held.select_related("workspace").first()
    if row is None:
        return None
    try:
        body = body_of(row)
        status = send(row.url, body, _headers(row, body))
    except NotSent as error:
        _failed(row, error)
        return False
    else:
        held.update(state=State.SENT, status=status, sent_at=timezone.now(), trouble="", tries=F("tries") + 1)
        return True
    finally:
        lease.release(held)


def body_of(row: HookCall) -> bytes:
    """What is sent, the same at each try: ids, and where to look; no one's words and no one's name."""
    slug = row.workspace.slug
    told = {
        "schema": SCHEMA, "id": f"journey-{row.pk}", "workspace": slug,
        "url": f"{settings.PUBLIC_URL}/w/{slug}/people/{row.body.get('person', '')}/", **row.body,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


def _headers(row: HookCall, body: bytes) -> dict[str, str]:
    try:
        return alerts_outside.headers(f"journey-{row.pk}", secret_of(row.workspace), body)
    except (Unreadable, KeyError) as error:
        raise NotSent("the secret cannot be read") from error


def _failed(row: HookCall, error: NotSent) -> None:
    is_over = error.for_good or row.tries >= len(PAUSES) - 1
    pause = timedelta(seconds=PAUSES[min(row.tries, len(PAUSES) - 1)] * random.uniform(0.8, 1.2))
    HookCall.objects.filter(pk=row.pk, owner=lease.ME).update(
        tries=row.tries + 1, status=error.status, trouble=str(error)[:300], next_at=timezone.now() + pause,
        state=State.FAILED if is_over else State.WAITING,
    )  # fmt: skip
    if is_over:
        logger.warning("what a journey tells did not arrive", call=row.pk, why=str(error))
