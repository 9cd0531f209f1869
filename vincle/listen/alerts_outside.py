"""Notices told to other programs: ids, labels and where to look; no one's words. How they are sent: `store.deliveries`."""

import json
from typing import Any, Final

from django.conf import settings
from django.utils import timezone, translation

from vincle.store import deliveries
from vincle.store.deliveries import Parcel, Post

from .models import Alert, Notice, Posting

MOST: Final = 8
SCHEMA: Final = "vincle.notice/1"


def body_of(posting: Posting) -> bytes:
    """What is sent: numbers, labels and where to look; no one's words."""
    alert, notice = posting.alert, posting.notice
    page = f"{settings.PUBLIC_URL}/w/{alert.workspace.slug}/listen/alerts/"
    told: dict[str, Any] = {
        "schema": SCHEMA, "id": _name(posting), "test": notice is None, "workspace": alert.workspace.slug,
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


def turn(send: Post | None = None) -> int:
    """Send what waits; returns how many were tried."""
    waiting = Posting.objects.filter(state=Posting.State.WAITING, next_at__lte=timezone.now()).order_by("next_at")
    return sum(_try(pk, send or deliveries.post) for pk in list(waiting.values_list("pk", flat=True)[:MOST]))


def _try(pk: int, send: Post) -> bool:
    rows = Posting.objects.filter(pk=pk).select_related("alert__workspace", "alert__listening", "notice")
    return deliveries.attempt(rows, _packed, send, is_last=lambda row: row.notice_id is None) is not None


def _packed(row: Posting) -> Parcel:
    secret = deliveries.secret_in(row.alert.webhook_secret or b"", "save the alert with its address anew")
    return Parcel(row.alert.webhook_url, _name(row), secret, body_of(row))


def _name(posting: Posting) -> str:
    return f"posting-{posting.pk}"


def test(alert: Alert) -> Posting:
    """Send a test at once. The posting says how it went."""
    posting = Posting.objects.create(workspace_id=alert.workspace_id, alert=alert)
    _try(posting.pk, deliveries.post)
    posting.refresh_from_db()
    return posting


def again(posting: Posting) -> None:
    """Try a delivery once more that had been given up."""
    deliveries.again(Posting.objects.filter(pk=posting.pk))
