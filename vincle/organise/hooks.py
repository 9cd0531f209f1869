"""Entries and exits told to other programs: written with the ledger, sent by the worker beside the steps (`store.deliveries`).

An address that does not answer rests as a whole, so that one that is dead
keeps nobody else waiting; what has waited there for a day and a half is given up together.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.store import deliveries
from vincle.store.deliveries import PAUSES, NotSent, Parcel, Post
from vincle.vocabulary import public_id

from .models import HookSend, Segment, SegmentHook
from .telling import Step

SCHEMA: Final = "vincle.segment/1"
MOST_PEOPLE: Final = 500
"""In one body; more go in several."""

MOST: Final = 8
WAITED: Final = timedelta(hours=36)
KEPT: Final = timedelta(days=30)
"""How long a delivery that is over is kept."""


def is_heard() -> Exists:
    """Of a segment in a query: whether another program listens to it."""
    return Exists(SegmentHook.objects.filter(segment=OuterRef("pk"), is_on=True))


def write(workspace: Workspace, heard: Iterable[str], steps: Iterable[Step], at: datetime) -> int:
    """Note what has to be told of these segments (public ids); returns how many deliveries. Inside the transaction of the ledger."""
    entered, left = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    wanted = set(heard)
    for step in steps:
        if step.segment in wanted:
            (left if step.left_at else entered)[step.segment].append(public_id(step.person))
    if not entered and not left:
        return 0
    hooks = SegmentHook.objects.of(workspace).filter(segment__public__in={*entered, *left}, is_on=True).select_related("segment")
    sends = [
        HookSend(workspace=workspace, hook=hook, body=body)
        for hook in hooks.order_by("pk")
        for body in _bodies(
            hook.segment,
            entered[hook.segment.public] if hook.tells_entered else [],
            left[hook.segment.public] if hook.tells_left else [],
            at,
        )
    ]
    return len(HookSend.objects.bulk_create(sends, batch_size=100))


def _bodies(segment: Segment, entered: Sequence[str], left: Sequence[str], at: datetime) -> Iterator[dict[str, Any]]:
    moves = [*((False, person) for person in entered), *((True, person) for person in left)]
    for start in range(0, len(moves), MOST_PEOPLE):
        part = moves[start : start + MOST_PEOPLE]
        yield _body(segment, [person for is_out, person in part if not is_out], [person for is_out, person in part if is_out], at)


def _body(segment: Segment, entered: Sequence[str], left: Sequence[str], at: datetime) -> dict[str, Any]:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return {"segment": {"id": segment.public, "name": segment.name}, "entered": list(entered), "left": list(left), "at": moment}


def turn(send: Post | None = None) -> int:
    """Send what waits; returns how many were tried."""
    now = timezone.now()
    waiting = HookSend.objects.filter(state=HookSend.State.WAITING, next_at__lte=now, hook__is_on=True, hook__next_at__lte=now)
    tried, resting = 0, set[int]()
    for pk, hook in list(waiting.order_by("next_at", "pk").values_list("pk", "hook_id")[:MOST]):
        if hook not in resting:
            tried += _try(pk, send or deliveries.post, resting)
    return tried


def _try(pk: int, send: Post, resting: set[int]) -> bool:
    rows = HookSend.objects.filter(pk=pk).select_related("hook__segment__workspace")
    tried = deliveries.attempt(rows, _packed, send, _is_last)
    if tried is None:
        return False
    if tried.error is None:
        _arrived(tried.row.hook)
    elif not (tried.error.for_good or tried.row.is_test):
        _rest(tried.row.hook, tried.error)
        resting.add(tried.row.hook_id)
    return True


def _is_last(row: HookSend) -> bool:
    return row.is_test or row.created_at < timezone.now() - WAITED


def _packed(row: HookSend) -> Parcel:
    return Parcel(row.hook.url, delivery_id(row), deliveries.secret_in(row.hook.secret, "make a new one"), body_of(row))


def body_of(row: HookSend) -> bytes:
    """What is sent, the same at each try: ids, and where to look; no one's words and no one's name."""
    segment = row.hook.segment
    told = {
        "schema": SCHEMA, "id": delivery_id(row), "test": row.is_test, "workspace": segment.workspace.slug,
        "url": f"{settings.PUBLIC_URL}/w/{segment.workspace.slug}/people/segments/{segment.public}/", **row.body,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


def delivery_id(row: HookSend) -> str:
    return f"segment-{row.pk}"


def _arrived(hook: SegmentHook) -> None:
    if hook.failures:
        SegmentHook.objects.filter(pk=hook.pk).update(failures=0, next_at=timezone.now())
    over = HookSend.objects.filter(hook=hook, created_at__lt=timezone.now() - KEPT)
    over.exclude(state=HookSend.State.WAITING).delete()


def _rest(hook: SegmentHook, error: NotSent) -> None:
    """Leave an address alone for a while; what has waited there for too long is given up."""
    now = timezone.now()
    failures = min(hook.failures + 1, len(PAUSES))
    SegmentHook.objects.filter(pk=hook.pk).update(failures=failures, next_at=now + deliveries.pause(failures - 1))
    late = HookSend.objects.filter(hook=hook, state=HookSend.State.WAITING, created_at__lt=now - WAITED)
    late.update(state=HookSend.State.FAILED, status=error.status, trouble=str(error)[:300])


def test(hook: SegmentHook) -> HookSend:
    """Send a test at once: nobody entered and nobody left. The row says how it went."""
    body = _body(hook.segment, [], [], timezone.now())
    row: HookSend = HookSend.objects.create(workspace_id=hook.workspace_id, hook=hook, body=body, is_test=True)
    _try(row.pk, deliveries.post, set())
    row.refresh_from_db()
    return row


def again(row: HookSend) -> None:
    """Try a delivery once more that had been given up."""
    if deliveries.again(HookSend.objects.filter(pk=row.pk, is_test=False)):
        SegmentHook.objects.filter(pk=row.hook_id).update(next_at=timezone.now())
