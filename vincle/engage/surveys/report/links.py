"""Addresses at which somebody without an account reads a survey's report, until they end."""

from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User

from ..models import ReportLink, Survey

DAYS: Final = (7, 30, 90, 365)


def digest(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def make(survey: Survey, user: User | None, days: int, name: str = "") -> tuple[ReportLink, str]:
    """The row, and the secret that is told once. ValueError for any other number of days."""
    if days not in DAYS:
        raise ValueError(f"{days} days")
    token = token_urlsafe(24)
    with transaction.atomic():
        row: ReportLink = ReportLink.objects.create(
            workspace=survey.workspace, survey=survey, token_hash=digest(token), name=name.replace("\0", "").strip()[:120], by=user,
            expires_at=timezone.now() + timedelta(days=days),
        )  # fmt: skip
        audit.record(survey.workspace, user, "shared with the world", "survey report", survey.pk, survey.name, days=days, to=row.name)
    return row, token


def revoke(row: ReportLink, user: User | None) -> None:
    with transaction.atomic():
        if ReportLink.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=timezone.now()):
            audit.record(row.workspace, user, "revoked", "survey report", row.survey_id, row.survey.name, address=row.pk)


def found(token: str) -> ReportLink | None:
    """The link behind a secret, where it stands and its time is not over."""
    rows = ReportLink.objects.filter(token_hash=digest(token), revoked_at=None, expires_at__gt=timezone.now(), survey__deleted_at=None)
    row: ReportLink | None = rows.select_related("survey__workspace", "survey__version", "workspace").first()
    return row


def note_opened(row: ReportLink) -> None:
    ReportLink.objects.filter(pk=row.pk).update(opened=F("opened") + 1, last_opened_at=timezone.now())
