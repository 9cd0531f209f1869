"""Everything that writes here: take a delivery in (`receiving`), work it off, cancel it, undo it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from time import monotonic
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from vincle.accounts import audit
from vincle.accounts.models import User
from vincle.channels.base import FileError
from vincle.store import bulk, lease
from vincle.store.blame import HOUSE, said
from vincle.vocabulary import Reject, Warn
from vincle.vocabulary.activity import Item, Outcome

from . import claims, log, partitions, raw, sources, together
from .models import Delivery, Rejection
from .opening import locale_of, look, opened, options_of
from .receiving import connection_for, keep_file, receive, receive_all, receive_file, receive_stored, take_in
from .trial import Trial, dry_run

__all__ = [
    "Trial", "cancel", "connection_for", "dry_run", "keep_file", "locale_of", "look", "options_of", "read_again", "receive", "receive_all",
    "receive_file", "receive_stored", "sweep", "take_in", "try_again", "undo", "work_off", "work_off_undo", "work_off_waiting",
]  # fmt: skip

BATCH = 5_000
MOST_IN_A_ROW = 100
STUMBLED, UNDO_STUMBLED, MISSING = "reader_stumbled", "undo_stumbled", "raw_missing"
OUR_FAULT = (STUMBLED, UNDO_STUMBLED, MISSING)
"""Why a delivery failed for which its sender can do nothing: it can be tried again as it is."""

logger = structlog.get_logger(__name__)
Progress = Callable[[Delivery], None]
Around = Callable[[Delivery], AbstractContextManager[Any]]


def work_off(delivery: Delivery, progress: Progress | None = None) -> bool:
    """Read a delivery into the log, going on where an earlier try stopped. False when another process holds it.

    One whose reader stumbles over it is FAILED with the error in words, and can be tried again; what was read before is kept.
    """
    rows = Delivery.objects.filter(pk=delivery.pk, state__in=(Delivery.State.WAITING, Delivery.State.RUNNING))
    if not lease.claim(rows):
        return False
    rows.update(state=Delivery.State.RUNNING)
    delivery.refresh_from_db()
    with bound_contextvars(delivery=delivery.pk, workspace=delivery.workspace_id, channel=delivery.channel):
        _work_off(delivery, progress)
    return True


def _work_off(delivery: Delivery, progress: Progress | None) -> None:
    began, stood = monotonic(), delivery.position
    try:
        until = delivery.options.get("until")  # a cancelled import read again goes as far as it had come
        with opened(delivery) as outcomes:
            _read(delivery, islice(outcomes, until), progress)
        _finish(delivery, Delivery.State.DONE if until is None else Delivery.State.CANCELLED)
        logger.info("delivery read", rows=delivery.position - stood, seconds=round(monotonic() - began, 3))
    except FileError as error:
        _finish(delivery, Delivery.State.FAILED, error)
        logger.info("delivery refused", code=error.code)
    except _Stopped:
        logger.info("import stopped")
    except FileNotFoundError as error:
        _finish(delivery, Delivery.State.FAILED, FileError(MISSING, delivery.path))
        logger.error("the bytes of a delivery are gone", error=said(error))
    except HOUSE:
        raise
    except Exception as error:
        _finish(delivery, Delivery.State.FAILED, FileError(STUMBLED, _told(error)))
        logger.error("a reader stumbled over a delivery", error=said(error), rows=delivery.position - stood)


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".replace("\0", "")[:300]


def try_again(delivery: Delivery, user: User | None) -> bool:
    """Let a delivery that failed be worked on again, from where it stopped. False when it had not failed."""
    undoing = delivery.error_code == UNDO_STUMBLED
    again = Delivery.State.UNDOING if undoing else Delivery.State.WAITING
    with transaction.atomic():
        marked = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.FAILED).update(
            state=again, error_code="", error_detail="", owner="", lease_until=timezone.now(), finished_at=None
        )
        if marked:
            audit.record(delivery.workspace_id, user, "tried again", "delivery", delivery.pk, delivery.name)
    return bool(marked)


def cancel(delivery: Delivery, user: User | None) -> bool:
    """Stop an import that waits or runs. What it brought stays until it is undone. False when it was over already."""
    states = (Delivery.State.WAITING, Delivery.State.RUNNING)
    with transaction.atomic():
        stopped = Delivery.objects.filter(pk=delivery.pk, state__in=states).update(
            state=Delivery.State.CANCELLED, finished_at=timezone.now(), owner=""
        )
        if stopped:
            audit.record(delivery.workspace_id, user, "cancel import", "delivery", delivery.pk, delivery.name)
    return bool(stopped)


def undo(delivery: Delivery, user: User | None) -> bool:
    """Ask for an import to be taken back; `work_off_undo` does it. False when there is nothing to undo."""
    states = (Delivery.State.DONE, Delivery.State.CANCELLED, Delivery.State.FAILED)
    with transaction.atomic():
        marked = Delivery.objects.filter(pk=delivery.pk, state__in=states, is_import=True).update(state=Delivery.State.UNDOING)
        if marked:
            audit.record(delivery.workspace_id, user, "undo import", "delivery", delivery.pk, delivery.name)
    return bool(marked)


def read_again() -> None:
    """Let every delivery that still stands and whose bytes are kept be read from its beginning, into a log that was emptied."""
    again = dict.fromkeys(_COUNTED, 0) | {"state": Delivery.State.WAITING, "error_code": "", "error_detail": "", "owner": ""}
    there = Delivery.objects.filter(raw_gone_at=None)
    for delivery in there.filter(state=Delivery.State.CANCELLED):
        Delivery.objects.filter(pk=delivery.pk).update(options={**delivery.options, "until": delivery.position}, **again)
    read = (Delivery.State.DONE, Delivery.State.FAILED, Delivery.State.RUNNING)
    there.filter(state__in=read).update(lease_until=timezone.now(), **again)
    sources.read_again()


_COUNTED = ("position", "accepted", "duplicates", "unknown", "rejected", "warned", "last_seq")


def work_off_undo(delivery: Delivery) -> bool:
    """Take back what an import brought, in steps that can be killed. False when another process holds it."""
    rows = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.UNDOING)
    if not lease.claim(rows):
        return False
    with bound_contextvars(delivery=delivery.pk, workspace=delivery.workspace_id):
        try:
            while log.undo(delivery, BATCH):
                lease.keep(rows)
        except HOUSE:
            raise
        except Exception as error:
            logger.error("an import could not be taken back", error=said(error))
            rows.update(state=Delivery.State.FAILED, error_code=UNDO_STUMBLED, error_detail=_told(error), owner="")
            return True
    rows.update(state=Delivery.State.UNDONE, finished_at=timezone.now(), owner="", last_seq=log.last_seq())
    return True


def work_off_waiting(limit: int = 50, around: Around = nullcontext) -> int:
    """Work off what waits, oldest first; returns how many deliveries were worked on. What every worker does all day, sharing them.

    `around(delivery)` is entered for each: whoever measures looks on from there. While a large file is read, small deliveries of other
    connections go in between.
    """

    def meanwhile(_: Delivery) -> None:
        together.work_off(limit, around)

    worked, failed = together.work_off(limit, around), None
    for delivery in claims.take(max(1, limit - worked)):
        try:
            with around(delivery):
                worked += work_off_undo(delivery) if delivery.state == Delivery.State.UNDOING else work_off(delivery, meanwhile)
        except OSError as error:  # a file that cannot be opened now does not keep the others waiting
            failed = failed or error
    if failed:
        raise failed
    return worked


def sweep() -> int:
    """Make the log's next months; remove uploads that nobody made an import of within a day; returns how many."""
    partitions.ensure()

    def is_used(relative: str) -> bool:
        return Delivery.objects.filter(path=relative).exists()

    return raw.sweep(is_used)


class _Stopped(Exception):
    """The import was cancelled, or taken over by another process, while we read."""


def _read(delivery: Delivery, outcomes: Iterator[Outcome], progress: Progress | None) -> None:
    """The file is read again from its start after a stop; what went in before is skipped, not counted twice."""
    for _ in islice(outcomes, delivery.position):
        pass
    for batch in _batches(outcomes):
        _write_sifted(delivery, batch)
        if progress:
            progress(delivery)


def _batches(outcomes: Iterator[Outcome]) -> Iterator[list[Outcome]]:
    """In batches; what was read before the reader stumbles is a batch as well."""
    batch: list[Outcome] = []
    try:
        for outcome in outcomes:
            batch.append(outcome)
            if len(batch) == BATCH:
                yield batch
                batch = []
    except Exception:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _write_sifted(delivery: Delivery, batch: list[Outcome], in_a_row: int = 0) -> int:
    """Write a batch; where that fails, half of it at a time, until the one item that cannot be stored is refused by itself.

    Returns how many items were refused since the last that went in; past MOST_IN_A_ROW it is the delivery that fails.
    """
    try:
        _write(delivery, batch)
    except (_Stopped, *HOUSE):  # type: ignore[misc]
        raise
    except Exception as error:
        delivery.refresh_from_db(fields=_COUNTED)
        if len(batch) == 1:
            if in_a_row >= MOST_IN_A_ROW:
                raise
            logger.warning("an item could not be stored", error=said(error), place=delivery.position + 1)
            _write(delivery, [Reject(line=delivery.position + 1, code="not_stored", detail=_told(error))])
            return in_a_row + 1
        middle = len(batch) // 2
        return _write_sifted(delivery, batch[middle:], _write_sifted(delivery, batch[:middle], in_a_row))
    return 0


def _write(delivery: Delivery, batch: list[Outcome]) -> None:
    """One batch and the position behind it, in one transaction."""
    items: list[Item] = [outcome for outcome in batch if not isinstance(outcome, Reject | Warn)]
    refused = [outcome for outcome in batch if isinstance(outcome, Reject | Warn)]
    prepared = log.prepare(delivery.connection, items, delivery.received_at, delivery)
    with transaction.atomic():
        done = prepared.write()
        bulk.insert(Rejection, together.REJECTION, [together.rejection(delivery, outcome) for outcome in refused])
        delivery.position += len(batch)
        delivery.accepted += done.new
        delivery.duplicates += done.duplicates
        delivery.unknown += done.unknown
        delivery.rejected += sum(isinstance(outcome, Reject) for outcome in refused)
        delivery.warned += sum(isinstance(outcome, Warn) for outcome in refused)
        delivery.last_seq = max(done.last_seq, delivery.last_seq)
        counts = {
            name: getattr(delivery, name) for name in ("position", "accepted", "duplicates", "unknown", "rejected", "warned", "last_seq")
        }
        until = timezone.now() + lease.LEASE
        ours = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.RUNNING, owner=lease.ME)
        if ours.update(**counts, lease_until=until) != 1:
            raise _Stopped


def _finish(delivery: Delivery, state: str, error: FileError | None = None) -> None:
    delivery.state, delivery.finished_at = state, timezone.now()
    if error:
        place = f"line {error.line}: " if error.line else ""
        delivery.error_code, delivery.error_detail = error.code, f"{place}{error.detail}"[:300]
    Delivery.objects.filter(pk=delivery.pk, owner=lease.ME).update(
        state=state,
        finished_at=delivery.finished_at,
        owner="",
        total=delivery.position,
        error_code=delivery.error_code,
        error_detail=delivery.error_detail,
    )
    delivery.total = delivery.position
