"""A step that fails on a row sets it aside and goes on; one that fails on everything stops and says so.

When rows cannot be worked on, the step is asked to take fewer, half as many each time, until one row alone fails: that one is set
aside with its error, in the transaction that moves the step's cursor past it. Then the step takes more again, twice as many each time.

What is of the house is never blamed on rows (`store.blame.HOUSE`): a database that is away, a full disk, a missing module are tried
again as they are. And a step stops rather than set the whole log aside: after MOST_IN_A_ROW rows of which none went in, or when
MOST_WAITING rows wait for someone. It then tries the next row alone, every few seconds, and goes on by itself once that goes in.
"""

import structlog
from django.db import transaction

from vincle.listen import aside
from vincle.store import lease
from vincle.store.blame import Faulty, said
from vincle.store.lease import LostLease
from vincle.store.models import Cursor

from .steps import Run

MOST_IN_A_ROW = 100
MOST_WAITING = 1_000
logger = structlog.get_logger(__name__)


class Halted(RuntimeError):
    """A step stands still: too many rows fail for it to be theirs."""


def go(run: Run, cursor: Cursor) -> int:
    """One round of a step whose cursor is held; returns how many rows moved, those set aside among them. Halted, or the house's errors."""
    moved, whole = 0, 0
    most = 1 if cursor.failed_in_a_row else None
    while True:
        try:
            done = run(cursor, most)
        except Faulty as fault:
            cursor.refresh_from_db()
            if not lease.keep(Cursor.objects.filter(name=cursor.name)):
                raise LostLease(cursor.name) from fault
            whole = max(whole, len(fault.seqs))
            if len(fault.seqs) > 1 and most != 1:
                most = max(min(len(fault.seqs), most or len(fault.seqs)) // 2, 1)
                continue
            _set_aside(cursor, fault)
            moved, most = moved + len(fault.seqs), 1
            continue
        moved += done
        if most is None or most > whole or not done:
            return moved
        most *= 2


def _set_aside(cursor: Cursor, fault: Faulty) -> None:
    if cursor.failed_in_a_row >= MOST_IN_A_ROW:
        raise Halted(f"{cursor.failed_in_a_row} rows in a row failed, the last with {said(fault.error)}") from fault.error
    if aside.waiting(cursor.name) >= MOST_WAITING:
        raise Halted(f"{MOST_WAITING} rows wait for someone, and another failed with {said(fault.error)}") from fault.error
    with transaction.atomic():
        aside.put(cursor.name, fault.seqs, fault.error)
        lease.skip(cursor, fault.seqs[-1], len(fault.seqs))
    logger.warning("set aside; going on", rows=len(fault.seqs), failed_in_a_row=cursor.failed_in_a_row)
