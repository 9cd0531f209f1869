"""Notices about connections: they go to the bell, into letters and to other programs as every alert's do.

The rule they belong to is made at the first of them; from then on the team decides whom it tells, or whether at all.
"""

from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from vincle.accounts.models import Membership

from .models import Alert, Connection, Notice, NoticeFor, Posting

CODE = "connection"
SEVERE = ("auth", "permanent", "gone")
logger = structlog.get_logger(__name__)


def tell(connection: Connection, key: str, code: str, kind: str, at: datetime, **values: Any) -> int:
    """Tell the team of something about a connection, once by `key`; returns how many notices were written."""
    now = timezone.now()
    told = {"connection": connection.pk, "name": connection.name, "channel": connection.channel, "code": code, "kind": kind, **values}
    written = 0
    with transaction.atomic():
        for rule in _rules(connection.workspace_id, now):
            notice, is_new = Notice.objects.get_or_create(
                workspace_id=connection.workspace_id, alert=rule, key=f"{connection.pk}:{key}"[:60],
                defaults={"code": CODE, "values": told, "severity": _severity(kind), "happened_at": at, "at": now},
            )  # fmt: skip
            if is_new:
                _spread(rule, notice, now)
                written += 1
    if written:
        logger.info("told of a connection", connection=connection.pk, code=code)
    return written


def _severity(kind: str) -> str:
    return Notice.Severity.WARNING if kind in SEVERE else Notice.Severity.NOTE


def _rules(workspace: int, now: datetime) -> list[Alert]:
    known = Alert.objects.of(workspace).filter(kind=Alert.Kind.CONNECTION)
    if not known.exists():
        name = gettext_noop("A connection needs someone")
        return [Alert.objects.create(workspace_id=workspace, name=name, kind=Alert.Kind.CONNECTION, mail=Alert.Mail.DAILY)]
    awake = Q(muted_until=None) | Q(muted_until__lt=now)
    return list(known.filter(awake, is_on=True, archived_at=None))


def _spread(rule: Alert, notice: Notice, now: datetime) -> None:
    team = Membership.objects.of(rule.workspace_id).filter(user__is_active=True).order_by("user_id").values_list("user_id", flat=True)
    users = [user for user in team if not rule.recipients or user in rule.recipients]
    NoticeFor.objects.bulk_create(
        [NoticeFor(workspace_id=rule.workspace_id, notice=notice, user_id=user, bell=rule.bell) for user in users]
    )
    if rule.webhook_url:
        Posting.objects.create(workspace_id=rule.workspace_id, alert=rule, notice=notice, next_at=now)
