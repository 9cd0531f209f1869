"""What the form of a promotion says: read from what was sent, shown again as it was written."""

from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from .models_promotions import Promotion
from .promotions import Refused, Terms

Given = dict[str, Any]
NAMES = ("name", "kind", "words", "worth", "value", "currency", "starts", "ends", "limit", "segment", "draws", "prefix", "code")


def given(post: QueryDict) -> Given:
    """What stands in the fields."""
    return {name: post.get(name, "").replace("\x00", "").strip()[:300] for name in NAMES}


def of(promotion: Promotion, code: str) -> Given:
    """The fields of one that stands."""
    worth = "percent" if promotion.percent is not None else "amount" if promotion.amount is not None else ""
    value = promotion.percent if worth == "percent" else promotion.amount
    return {
        "name": promotion.name, "kind": promotion.kind, "words": promotion.words, "worth": worth,
        "value": f"{value.normalize():f}" if value is not None else "", "currency": promotion.currency, "starts": _day(promotion.starts_at),
        "ends": _day(promotion.ends_at - timedelta(seconds=1) if promotion.ends_at else None), "limit": promotion.limit or "",
        "segment": promotion.segment, "draws": "1" if promotion.draws else "", "prefix": promotion.prefix, "code": code,
    }  # fmt: skip


def _day(moment: datetime | None) -> str:
    return timezone.localtime(moment).date().isoformat() if moment else ""


def terms(said: Given) -> Terms:
    """What the fields mean. Raises Refused."""
    value = _number(said["value"]) if said["worth"] in ("percent", "amount") else None
    if said["worth"] in ("percent", "amount") and value is None:
        raise Refused(_("Say how much it is worth as a number."))
    ends = _moment(said["ends"])
    return Terms(
        name=said["name"], kind=said["kind"], words=said["words"], percent=value if said["worth"] == "percent" else None,
        amount=value if said["worth"] == "amount" else None, currency=said["currency"], starts_at=_moment(said["starts"]),
        ends_at=ends + timedelta(days=1) if ends else None, limit=_limit(said["limit"]), segment=said["segment"],
        draws=bool(said["draws"]) or said["kind"] == Promotion.Kind.SHARED, prefix=said["prefix"],
    )  # fmt: skip


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text.replace(",", ".").replace(" ", ""))
    except InvalidOperation:
        return None
    return found.quantize(Decimal("0.01")) if found.is_finite() and abs(found) < 10**9 else None


def _limit(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused(_("A limit is a whole number of purchases, at least 1."))
    return int(text)


def _moment(text: str) -> datetime | None:
    """The beginning of a day where the team is."""
    if not text:
        return None
    try:
        return timezone.make_aware(datetime.strptime(text, "%Y-%m-%d"))
    except (ValueError, OverflowError):
        raise Refused(_("Write a date as 2026-12-31.")) from None
