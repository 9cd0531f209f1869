"""What the team does with the programs a segment tells. Each verb: check, do, trace, in one transaction."""

import secrets
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.store.deliveries import problem
from vincle.store.secrets import seal

from .models import HookSend, Segment, SegmentHook
from .team import Refused

KIND: Final = "webhook"
BOTH, ENTERED, LEFT = "both", "entered", "left"
MOST: Final = 10
SHOWN: Final = 5


class Kept(NamedTuple):
    """`secret` is what deliveries are signed with; the only time it is told."""

    hook: SegmentHook
    secret: str


def add(workspace: Workspace, user: User | None, segment: Segment, url: str, tells: str = BOTH) -> Kept:
    """Tell a program at this address of who enters (`ENTERED`), leaves (`LEFT`) or both, from now on. Refused."""
    address = url.strip()
    if wrong := problem(address):
        raise Refused(wrong)
    text, sealed = _secret()
    with transaction.atomic():
        row: Segment = Segment.objects.of(workspace).select_for_update().get(pk=segment.pk)
        if row.archived_at is not None:
            raise Refused(_("This segment is put away."))
        if SegmentHook.objects.of(workspace).filter(segment=row).count() >= MOST:
            raise Refused(_("A segment tells %(most)d programs at most.") % {"most": MOST})
        hook: SegmentHook = SegmentHook.objects.create(
            workspace=workspace, segment=row, url=address, secret=sealed, tells_entered=tells != LEFT, tells_left=tells != ENTERED, by=user
        )
        _note(user, "created", hook)
    return Kept(hook, text)


def renew(user: User | None, hook: SegmentHook) -> Kept:
    """Another secret; what was signed with the one before is not sent any more."""
    text, sealed = _secret()
    with transaction.atomic():
        SegmentHook.objects.of(hook.workspace_id).filter(pk=hook.pk).update(secret=sealed)
        _note(user, "replaced the secret of", hook)
    hook.refresh_from_db()
    return Kept(hook, text)


def switch(user: User | None, hook: SegmentHook, *, is_on: bool) -> None:
    """While it is off nothing is noted and nothing is sent; what waited goes out when it is on again."""
    with transaction.atomic():
        rows = SegmentHook.objects.of(hook.workspace_id).filter(pk=hook.pk, is_on=not is_on)
        if rows.update(is_on=is_on, failures=0, next_at=timezone.now()):
            _note(user, "switched on" if is_on else "switched off", hook)


def remove(user: User | None, hook: SegmentHook) -> None:
    """An address is told nothing any more; its deliveries go with it."""
    with transaction.atomic():
        _note(user, "removed", hook)
        SegmentHook.objects.of(hook.workspace_id).filter(pk=hook.pk).delete()


def listed(segment: Segment) -> list[tuple[SegmentHook, list[HookSend]]]:
    """The programs a segment tells, each with its last deliveries, newest first."""
    rows = list(SegmentHook.objects.of(segment.workspace_id).filter(segment=segment).order_by("pk"))
    if not rows:
        return []
    newest = Window(RowNumber(), partition_by="hook", order_by=[F("created_at").desc(), F("pk").desc()])
    sends = HookSend.objects.of(segment.workspace_id).filter(hook__in=rows).annotate(place=newest).filter(place__lte=SHOWN)
    found: dict[int, list[HookSend]] = {row.pk: [] for row in rows}
    for send in sends.defer("body").order_by("-created_at", "-pk"):
        found[send.hook_id].append(send)
    return [(row, found[row.pk]) for row in rows]


def _secret() -> tuple[str, bytes]:
    text = secrets.token_urlsafe(32)
    return text, seal({"secret": text})


def _note(user: User | None, verb: str, hook: SegmentHook) -> None:
    # Not the address: it may carry a key of the other side.
    audit.record(hook.workspace_id, user, verb, KIND, hook.pk, hook.segment.name)
