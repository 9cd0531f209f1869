"""What can be done to keys of the HTTP API. Each verb: check, do, record, in one transaction; `Refused` says why not."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from .access import PERMISSIONS, May, may
from .actions import lock
from .audit import record
from .by_key import PREFIX, digest
from .models import ApiKey, Membership
from .rules import Refused

BYTES = 24
"""192 bits: a key cannot be guessed, however many there are."""

SHOWN = 8
MOST = 100

# What a key can be given, weakest first.
LEVELS: dict[str, frozenset[May]] = {
    "read": frozenset({May.SEE}), "decide": frozenset({May.SEE, May.DECIDE_IDENTITY}),
    "speak": frozenset({May.SEE, May.DECIDE_IDENTITY, May.EDIT_PEOPLE, May.SPEAK}),
}  # fmt: skip


def grantable(by: Membership) -> list[str]:
    """Levels this member may give to a key: none that says more than they may themselves."""
    return [level for level, permissions in LEVELS.items() if permissions <= PERMISSIONS[by.role]] if may(by.role, May.MANAGE) else []


def level_of(permissions: Iterable[str]) -> str:
    """The level whose permissions these are; "" when they are none's."""
    given = frozenset(permissions)
    return next((level for level, wanted in LEVELS.items() if wanted == given), "")


@transaction.atomic
def make(by: Membership, name: str, level: str, expires_at: datetime | None = None) -> tuple[ApiKey, str]:
    """(row, the key itself). The key is not kept: this is the one time it can be told."""
    by, name = lock(by), " ".join(name.split())[:80]
    if level not in grantable(by):
        raise Refused(_("You cannot give a key more than you may do yourself."))
    if not name:
        raise Refused(_("A key needs a name."))
    if expires_at is not None and expires_at <= now():
        raise Refused(_("A key cannot end before it begins."))
    if ApiKey.objects.of(by.workspace).filter(revoked_at=None).count() >= MOST:
        raise Refused(_("There are %(most)s keys already. Revoke those nobody needs.") % {"most": MOST})
    token = PREFIX + secrets.token_urlsafe(BYTES)
    key = ApiKey.objects.create(
        workspace=by.workspace, name=name, prefix=token[:SHOWN], digest=digest(token), created_by=by.user, expires_at=expires_at,
        permissions=sorted(LEVELS[level]),
    )  # fmt: skip
    until = {"until": expires_at.isoformat()} if expires_at else {}
    record(by.workspace, by.user, "made", "API key", key.pk, name, may=level, **until)
    return key, token


@transaction.atomic
def revoke(by: Membership, key_id: int) -> ApiKey:
    """End a key for good. It opens nothing from this moment."""
    by = lock(by)
    if not may(by.role, May.MANAGE):
        raise Refused(_("Only administrators and owners revoke keys."))
    key = ApiKey.objects.of(by.workspace).filter(pk=key_id).first()
    if key is None or not ApiKey.objects.of(by.workspace).filter(pk=key_id, revoked_at=None).update(revoked_at=now()):
        raise Refused(_("This key is revoked already."))
    record(by.workspace, by.user, "revoked", "API key", key.pk, key.name)
    return key
