"""Rows of the log that a step failed on: set aside with the error, so that the step goes on; tried again, or left out, by someone.

A step passes over the rows that wait here or were left out, in its turn as well as when it computes someone anew.
"""

import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.store import lease
from vincle.store.blame import HOUSE, said

from .models import Activity, SetAside

LONGEST_TRACE = 8_000
PATIENCE = 10.0
"""Seconds to wait for a step that is at work."""

KEPT = timedelta(days=30)
State = SetAside.State
Again = Callable[[int], None]
logger = structlog.get_logger(__name__)
_steps: dict[str, Again] = {}


class Tried(NamedTuple):
    """What became of rows that were tried again; `busy`: their step was at work, or time ran out, and they wait as before."""

    mended: int
    failed: int
    busy: int


def register(step: str, again: Again) -> None:
    """`again(seq)` does for one row, out of its turn and inside the caller's transaction, what the step would have done."""
    _steps[step] = again


def steps() -> tuple[str, ...]:
    return tuple(_steps)


def put(step: str, seqs: Sequence[int], error: Exception) -> None:
    """Set rows of the log aside, inside the transaction that moves the step's cursor past them."""
    text = f"{type(error).__name__}: {error}".replace("\0", "")[:300]
    trace = "".join(traceback.format_exception(error)).replace("\0", "")[-LONGEST_TRACE:]
    now = timezone.now()
    for seq, workspace, event in Activity.objects.filter(seq__in=seqs).values_list("seq", "workspace_id", "event_id"):
        told = {"error": text, "trace": trace, "state": State.WAITING, "last_at": now, "event_id": event, "workspace_id": workspace}
        if not SetAside.objects.filter(step=step, seq=seq).update(tries=F("tries") + 1, **told):
            SetAside.objects.create(step=step, seq=seq, first_at=now, **told)
        logger.warning("row set aside", step=step, seq=seq, workspace=workspace, error=said(error))


def passed_over(step: str, after: int, upto: int) -> frozenset[int]:
    """Rows behind `after` and up to `upto` that this step passes over."""
    rows = SetAside.objects.filter(step=step, seq__gt=after, seq__lte=upto).exclude(state=State.MENDED)
    return frozenset(rows.values_list("seq", flat=True))


def waiting(step: str) -> int:
    """How many rows wait for someone."""
    return SetAside.objects.filter(step=step, state=State.WAITING).count()


def retry(workspace: Workspace, rows: Iterable[SetAside], user: User | None, patience: float = PATIENCE) -> Tried:
    """Try rows again in the order of the log. One that fails again keeps waiting with its new error."""
    by_step: dict[str, list[SetAside]] = {}
    for row in sorted(rows, key=lambda row: row.seq):
        by_step.setdefault(row.step, []).append(row)
    until = time.monotonic() + patience
    done = [_retry_step(workspace, step, these, user, until) for step, these in by_step.items()]
    return Tried(*(sum(counts) for counts in zip(*done, strict=True))) if done else Tried(0, 0, 0)


def _retry_step(workspace: Workspace, step: str, rows: Sequence[SetAside], user: User | None, until: float) -> Tried:
    """Under the step's lease: what the row does and what the step does in its turn never cross."""
    mended = failed = 0
    while step in _steps:
        with lease.held(step) as cursor:
            if cursor is not None:
                for row in rows:
                    if time.monotonic() > until and mended + failed:
                        break
                    outcome = _retry_row(workspace, row, user, cursor.position)
                    mended, failed = mended + (outcome is True), failed + (outcome is False)
                return Tried(mended, failed, len(rows) - mended - failed)
        if time.monotonic() > until:
            break
        time.sleep(0.02)
    return Tried(0, 0, len(rows))


def _retry_row(workspace: Workspace, row: SetAside, user: User | None, reached: int) -> bool:
    ours = SetAside.objects.of(workspace).filter(pk=row.pk).exclude(state=State.MENDED)
    try:
        with transaction.atomic():
            if ours.update(state=State.MENDED, tries=F("tries") + 1, last_at=timezone.now()) != 1:
                return True  # someone else's try went in meanwhile
            if row.seq <= reached:  # else the step comes to it in its turn
                _steps[row.step](row.seq)
            audit.record(workspace, user, "tried again", "row set aside", row.pk, step=row.step)
    except HOUSE:
        raise
    except Exception as error:
        cause = getattr(error, "error", error)
        with transaction.atomic():
            put(row.step, [row.seq], cause)
            audit.record(workspace, user, "tried in vain", "row set aside", row.pk, step=row.step)
        return False
    logger.info("row went in", step=row.step, seq=row.seq, workspace=workspace.pk)
    return True


def leave_out(workspace: Workspace, rows: Iterable[SetAside], user: User | None) -> int:
    """Let the step go on without these rows for good; `retry` takes it back. Returns how many were waiting until now."""
    left = 0
    with transaction.atomic():
        for row in rows:
            ours = SetAside.objects.of(workspace).filter(pk=row.pk, state=State.WAITING)
            if ours.update(state=State.LEFT_OUT, last_at=timezone.now()) == 1:
                left += 1
                audit.record(workspace, user, "left out", "row set aside", row.pk, step=row.step)
    return left


def mended(workspace: Workspace, event_id: bytes, user: User | None, **details: Any) -> None:
    """What the row said was said anew by a correction: nothing of it waits any more. Inside the caller's transaction."""
    rows = SetAside.objects.of(workspace).filter(event_id=event_id).exclude(state=State.MENDED)
    for pk in list(rows.values_list("pk", flat=True)):
        audit.record(workspace, user, "mended", "row set aside", pk, **details)
    rows.update(state=State.MENDED, last_at=timezone.now())


def clear() -> None:
    """Before everything is worked out anew: every row has its chance again, but those someone left out."""
    SetAside.objects.exclude(state=State.LEFT_OUT).delete()


def find_again() -> None:
    """After deliveries were read into an emptied log: rows that were left out stand at new places there."""
    for row in SetAside.objects.filter(state=State.LEFT_OUT):
        seq = Activity.objects.filter(event_id=row.event_id).values_list("seq", flat=True).first()
        if seq is None:
            row.delete()
        elif seq != row.seq:
            SetAside.objects.filter(pk=row.pk).update(seq=seq)


def sweep() -> int:
    """Forget what went in a month ago, and since a day what spoke of rows that left the log: errors may quote what someone wrote.

    Returns how many.
    """
    now = timezone.now()
    went_in = SetAside.objects.filter(state=State.MENDED, last_at__lt=now - KEPT)
    gone = SetAside.objects.filter(last_at__lt=now - timedelta(days=1)).exclude(Exists(Activity.objects.filter(seq=OuterRef("seq"))))
    return went_in.delete()[0] + gone.delete()[0]
