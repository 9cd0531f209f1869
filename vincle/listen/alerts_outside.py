"""Notices on their way to other programs: signed, tried again with growing pauses, given up visibly after a day and a half.

An address leads outside, through `store.outside`. Redirections are not followed.
"""

import hmac
import http.client
import json
import random
import ssl
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

import structlog
from django.conf import settings
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from vincle.store import lease, outside
from vincle.store.secrets import Unreadable, unseal

from .models import Alert, Notice, Posting

PAUSES: Final = (30, 120, 600, 1800, 7200, 21600, 43200, 43200)
"""Seconds after each failure; behind the last one a delivery is given up."""
TIMEOUT: Final = 10.0
MOST: Final = 8
LONGEST: Final = 500
SCHEMA: Final = "vincle.notice/1"
logger = structlog.get_logger(__name__)


class NotSent(Exception):
    """Why a delivery did not arrive, in English as it is kept; `status`: what the other side answered, `for_good`: no try will help."""

    def __init__(self, why: str, status: int | None = None, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.status, self.for_good = status, for_good


def problem(url: str) -> str:
    """What is wrong with an address, as a sentence; empty: nothing that can be seen without asking."""
    try:
        found = outside.target(url, LONGEST)
    except ValueError:
        return _("Write an address that begins with https:// (or http://), without a name or password in it.")
    if outside.is_near(found.host) and not settings.OPTIONS.webhooks_private:
        return _("This address lies in the own network, where nothing is sent.")
    return ""


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send a body; returns the status when it is one of success. NotSent."""
    try:
        where = outside.target(url, LONGEST)
    except ValueError as error:
        raise NotSent("not an address", for_good=True) from error
    connection = http.client.HTTPConnection(where.host, where.port, timeout=TIMEOUT)
    try:
        plain = outside.connect(where.host, where.port, TIMEOUT)
        connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=where.host) if where.is_secure else plain
        connection.request("POST", where.path, body, headers)
        status = connection.getresponse().status
    except outside.OwnNetwork as error:
        raise NotSent(str(error), for_good=True) from error
    except outside.Unreachable as error:
        raise NotSent(str(error)[:300]) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotSent(f"{type(error).__name__}: {error}"[:300]) from error
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise NotSent(f"answered with {status}", status, for_good=status in (400, 401, 403, 404, 405, 410, 422))
    return status


def body_of(posting: Posting) -> bytes:
    """What is sent: numbers, labels and where to look; no one's words."""
    alert, notice = posting.alert, posting.notice
    page = f"{settings.PUBLIC_URL}/w/{alert.workspace.slug}/listen/alerts/"
    told: dict[str, Any] = {
        "schema": SCHEMA, "id": f"posting-{posting.pk}", "test": notice is None, "workspace": alert.workspace.slug,
        "alert": {"id": alert.pk, "name": alert.name, "kind": alert.kind}, "listening": alert.listening.name if alert.listening else None,
        "created_at": posting.created_at.isoformat(), "url": page,
    }  # fmt: skip
    if notice is not None:
        told |= {
            "severity": notice.severity, "code": notice.code, "values": notice.values, "happened_at": notice.happened_at.isoformat(),
            "title": _title(notice), "url": f"{page}{notice.pk}/",
        }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


def _title(notice: Notice) -> str:
    from .notices_words import title

    with translation.override("en"):
        return title(notice, name="")


def signature(secret: str, at: int, body: bytes) -> str:
    """`v1=` and the HMAC-SHA256, in hex, of the moment (seconds since 1970), a full stop and the body."""
    return "v1=" + hmac.new(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()


def headers_of(posting: Posting, body: bytes) -> dict[str, str]:
    """NotSent when the secret cannot be read."""
    try:
        secret = str(unseal(posting.alert.webhook_secret or b"")["secret"])
    except (Unreadable, KeyError) as error:
        raise NotSent("the secret cannot be read: save the alert with its address anew") from error
    return headers(f"posting-{posting.pk}", secret, body)


def headers(delivery: str, secret: str, body: bytes) -> dict[str, str]:
    """Of a signed delivery; `delivery` is the same at each try."""
    at = int(timezone.now().timestamp())
    return {
        "Content-Type": "application/json", "User-Agent": "Vincle", "Vincle-Delivery": delivery,
        "Vincle-Timestamp": str(at), "Vincle-Signature": signature(secret, at, body),
    }  # fmt: skip


Post = Callable[[str, bytes, dict[str, str]], int]


def turn(send: Post | None = None) -> int:
    """Send what waits; returns how many were tried."""
    now = timezone.now()
    waiting = Posting.objects.filter(state=Posting.State.WAITING, next_at__lte=now).order_by("next_at").values_list("pk", flat=True)[:MOST]
    return sum(_try(pk, send or post) for pk in list(waiting))


def _try(pk: int, send: Post) -> int:
    rows = Posting.objects.filter(pk=pk, state=Posting.State.WAITING, next_at__lte=timezone.now())
    if not lease.claim(rows):
        return 0
    posting = Posting.objects.select_related("alert__workspace", "alert__listening", "notice").get(pk=pk)
    held = Posting.objects.filter(pk=pk, owner=lease.ME)
    try:
        body = body_of(posting)
        status = send(posting.alert.webhook_url, body, headers_of(posting, body))
    except NotSent as error:
        _failed(posting, error)
    else:
        held.update(state=Posting.State.SENT, status=status, sent_at=timezone.now(), trouble="", tries=F("tries") + 1)
    lease.release(held)
    return 1


def _failed(posting: Posting, error: NotSent) -> None:
    is_over = error.for_good or posting.tries >= len(PAUSES) or posting.notice_id is None
    pause = 0.0 if is_over else PAUSES[posting.tries] * random.uniform(0.8, 1.2)
    Posting.objects.filter(pk=posting.pk, owner=lease.ME).update(
        tries=posting.tries + 1, status=error.status, trouble=str(error)[:300], next_at=timezone.now() + timedelta(seconds=pause),
        state=Posting.State.FAILED if is_over else Posting.State.WAITING,
    )  # fmt: skip
    if is_over:
        logger.warning("a notice did not arrive", posting=posting.pk, alert=posting.alert_id, why=str(error))


def test(alert: Alert) -> Posting:
    """Send a test at once. The posting says how it went."""
    posting = Posting.objects.create(workspace_id=alert.workspace_id, alert=alert)
    _try(posting.pk, post)
    posting.refresh_from_db()
    return posting


def again(posting: Posting) -> None:
    """Try a delivery once more that had been given up."""
    Posting.objects.filter(pk=posting.pk, state=Posting.State.FAILED).update(state=Posting.State.WAITING, tries=0, next_at=timezone.now())
