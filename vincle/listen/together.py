"""Small deliveries of one connection (webhooks, pulled items), read and written together: one commit for many.

Whatever goes wrong with one of them leaves the whole group as it was; they are then worked off one by one, each with its own fate.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from time import monotonic
from typing import Any, NamedTuple

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from vincle.channels.registry import channels
from vincle.store import bulk, lease
from vincle.store.blame import HOUSE, said
from vincle.vocabulary import Reject, Warn
from vincle.vocabulary.activity import Outcome

from . import log
from .batch import Batch
from .claims import OPEN
from .models import Delivery, Rejection

MOST = 25
"""In one transaction: others who write wait no longer than these take."""
MOST_BYTES = 32 * 1024
MOST_ITEMS = 1000
LONGEST_RAW = 2000
LOOKED_AT = 200
MOST_SINGLE = 10_000
REJECTION = ("workspace_id", "delivery_id", "line", "code", "field", "detail", "raw", "is_warning")
Around = Callable[[Delivery], AbstractContextManager[Any]]
_single: set[int] = set()
"""Deliveries whose group failed."""
logger = structlog.get_logger(__name__)


class _Read(NamedTuple):
    delivery: Delivery
    refused: list[Reject | Warn]
    rows: int
    batch: Batch


class _Gone(Exception):
    """A delivery of the group was taken by another."""


def work_off(limit: int, around: Around) -> int:
    """Work off what is small and waits, group by group; returns how many deliveries. What cannot go in a group is left to others."""
    worked, tried = 0, set[int]()
    while worked < limit and (pks := _next(limit - worked, tried)):
        tried |= set(pks)
        if not _claim(pks):
            continue
        try:
            worked += _group(pks, around)
        except HOUSE:
            raise
        except Exception as error:
            if not isinstance(error, _Gone):
                logger.warning("deliveries are read one by one", first=pks[0], error=said(error))
            if len(_single) > MOST_SINGLE:
                _single.clear()
            _single.update(pks)
        finally:
            held = Delivery.objects.filter(pk__in=pks, owner=lease.ME)
            held.update(owner="", lease_until=timezone.now())
    return worked


def _next(limit: int, tried: set[int]) -> list[int]:
    """The oldest deliveries of the connection that has waited longest, as far as they are small and free."""
    columns = ("pk", "connection_id", "state", "path", "is_import", "position", "size", "owner")
    rows = list(Delivery.objects.filter(state__in=OPEN).order_by("pk").values_list(*columns)[:LOOKED_AT])
    runs: dict[int, list[int]] = {}
    ended, sizes = set[int](), dict[int, int]()
    for pk, source, state, path, is_import, position, size, owner in rows:
        sizes[source] = sizes.get(source, 0) + size
        is_small = state == Delivery.State.WAITING and not path and not is_import and not position and owner in ("", lease.ME)
        run = runs.setdefault(source, [])
        if source in ended or not is_small or pk in _single or pk in tried or len(run) == min(MOST, limit):
            ended.add(source)
        elif sizes[source] <= MOST_BYTES or not run:
            run.append(pk)
        else:
            ended.add(source)
    return next((run for run in runs.values() if run), [])


def _claim(pks: Sequence[int]) -> bool:
    """All of them or none: nobody works on a later delivery of a connection while another has an earlier one."""
    now = timezone.now()
    free = Delivery.objects.filter(pk__in=pks, state=Delivery.State.WAITING, position=0)
    taken = free.filter(Q(owner="") | Q(owner=lease.ME)).update(owner=lease.ME, lease_until=now + lease.LEASE)
    if taken < len(pks):
        Delivery.objects.filter(pk__in=pks, owner=lease.ME).update(owner="", lease_until=now)
    return taken == len(pks)


def _group(pks: Sequence[int], around: Around) -> int:
    began = monotonic()
    rows = Delivery.objects.filter(pk__in=pks, owner=lease.ME).select_related("connection__workspace").order_by("pk")
    read = [_parsed(delivery) for delivery in rows]
    if len(read) < len(pks):
        raise _Gone
    with transaction.atomic():
        for each in read:
            with bound_contextvars(delivery=each.delivery.pk, workspace=each.delivery.workspace_id), around(each.delivery):
                _write(each)
    seconds = round((monotonic() - began) / len(read), 4)
    for delivery, _, count, _ in read:
        with bound_contextvars(delivery=delivery.pk, workspace=delivery.workspace_id, channel=delivery.channel):
            logger.info("delivery read", rows=count, seconds=seconds, together=len(read))
    return len(read)


def _parsed(delivery: Delivery) -> _Read:
    outcomes: list[Outcome] = list(
        islice(channels()[delivery.channel].parse(bytes(delivery.body or b""), delivery.received_at), MOST_ITEMS + 1)
    )
    if len(outcomes) > MOST_ITEMS:
        raise OverflowError("too much for a group")
    items = [outcome for outcome in outcomes if not isinstance(outcome, Reject | Warn)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, Reject | Warn)]
    return _Read(delivery, refused, len(outcomes), log.prepare(delivery.connection, items, delivery.received_at, delivery))


def _write(read: _Read) -> None:
    """One delivery into the log and done, inside the group's transaction."""
    delivery, now = read.delivery, timezone.now()
    done = read.batch.write()
    if read.refused:
        bulk.insert(Rejection, REJECTION, [rejection(delivery, outcome) for outcome in read.refused])
    rejected = sum(isinstance(outcome, Reject) for outcome in read.refused)
    told = {
        "state": Delivery.State.DONE, "finished_at": now, "owner": "", "position": read.rows, "total": read.rows, "accepted": done.new,
        "duplicates": done.duplicates, "unknown": done.unknown, "rejected": rejected, "warned": len(read.refused) - rejected,
        "last_seq": done.last_seq, "error_code": "", "error_detail": "",
    }  # fmt: skip
    if Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING, owner=lease.ME).update(**told) != 1:
        raise _Gone
    for name, value in told.items():
        setattr(delivery, name, value)


def rejection(delivery: Delivery, outcome: Reject | Warn) -> tuple[Any, ...]:
    """A row of `Rejection`, by REJECTION."""
    text = outcome.raw[:LONGEST_RAW] if isinstance(outcome, Reject) else ""
    return (
        delivery.workspace_id, delivery.pk, outcome.line, outcome.code, outcome.field[:120], outcome.detail[:300], text,
        isinstance(outcome, Warn),
    )  # fmt: skip
