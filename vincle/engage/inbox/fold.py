"""The step `engage`: the log's words become conversations, and stay true to it as it is corrected and taken back.

It goes behind `understand` and `organise`, so that what was said is read and whose it is known. Each row is placed by what it answers, in
whatever order things come; what conversations come to is computed anew from their pieces, so that doing it again changes nothing.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from vincle.listen import aside, changes, log
from vincle.listen.models import Understanding
from vincle.store.blame import blame
from vincle.store.lease import LostLease, advance, keep
from vincle.store.models import Cursor

from . import placing, settling
from .models import Piece, Thread
from .placing import COLUMNS

STEP, TEXTS = "engage", "engage texts"
AHEAD = ("understand", "organise")
BATCH, TEXTS_BATCH = 2_000, 2_000


def is_behind(reached: dict[str, int]) -> bool:
    """Whether rows that others have gone through wait, or texts are read otherwise than they were."""
    if reached.get(STEP, 0) < min(reached.get(name, 0) for name in AHEAD):
        return True
    newest = changes.newest()
    return reached.get(TEXTS, 0) < newest and Piece.objects.exists()


def step(cursor: Cursor, most: int | None = None) -> int:
    """Fold what is new in the log; then what is understood otherwise. Returns how many rows moved. Faulty names rows that cannot be."""
    return _step_rows(cursor, most or BATCH) + _step_texts(cursor, most or TEXTS_BATCH)


def again(seq: int) -> None:
    """Fold one row that had been set aside. Inside the caller's transaction."""
    _fold([row for row in log.read_new(seq - 1, 1, COLUMNS) if row[0] == seq])


def _fold(rows: Sequence[Any]) -> None:
    settling.settle(placing.place(rows))
    settling.settle(placing.thank(rows))


def _step_rows(cursor: Cursor, most: int) -> int:
    reached = dict(Cursor.objects.filter(name__in=AHEAD).values_list("name", "position"))
    upto = min(reached.get(name, 0) for name in AHEAD)
    rows = [row for row in log.read_new(cursor.position, most, COLUMNS) if row[0] <= upto] if upto > cursor.position else []
    if not rows:
        return 0
    skipped = aside.passed_over(STEP, cursor.position, rows[-1][0])
    wanted = [row for row in rows if row[0] not in skipped]
    with blame([row[0] for row in wanted]), transaction.atomic():
        _fold(wanted)
        advance(cursor, rows[-1][0], len(rows))
    return len(rows)


def _step_texts(cursor: Cursor, most: int) -> int:
    """What was read otherwise since it was folded: a correction of the team, better readers."""
    at, _ = Cursor.objects.get_or_create(name=TEXTS)
    changed = list(Understanding.objects.filter(change__gt=at.position).order_by("change").values_list("change", "seq")[:most])
    if not changed:
        return 0
    with transaction.atomic():
        settling.settle(placing.read_again([seq for _, seq in changed]))
        if not keep(Cursor.objects.filter(pk=cursor.pk)):
            raise LostLease(cursor.name)
        Cursor.objects.filter(pk=at.pk).update(position=changed[-1][0], done=F("done") + len(changed), updated_at=timezone.now())
    return len(changed)


def after_send(threads: Iterable[int]) -> None:
    """Something of ours has left (or will not) in these conversations. Inside the caller's transaction."""
    settling.settle(set(threads))


def empty() -> None:
    """Before a rebuild: what is worked out goes, what the team did with conversations stays. Inside the caller's transaction."""
    Piece.objects.all().delete()
    Thread.objects.update(
        is_here=False, messages=0, waiting_since=None, rank=None, is_urgent=False, first_event=None, last_event=None, last_seq=0
    )
    Cursor.objects.filter(name__in=(STEP, TEXTS)).update(position=0, done=0, failed_in_a_row=0, trouble="")
