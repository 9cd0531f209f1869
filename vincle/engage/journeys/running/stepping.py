"""The step `journeys`: behind segments and outcomes, so that what is asked about is known; then whoever's moment has come."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter

import structlog
from django.db import transaction
from django.utils import timezone

from vincle.accounts import audit
from vincle.listen import aside, log
from vincle.organise.history import READ, Row
from vincle.store import lease
from vincle.store.blame import HOUSE, said
from vincle.store.models import Cursor

from .. import posting
from ..models import Journey, Walk
from . import dates, walking
from .book import Running, running
from .moving import Round

STEP = "journeys"
AHEAD = ("organise", "segments", "outcomes")
BATCH, PEOPLE = 2_000, 1_000
logger = structlog.get_logger(__name__)


def is_behind(reached: dict[str, int]) -> bool:
    """Whether rows, or people whose moment has come, wait."""
    if reached.get(STEP, 0) < min(reached.get(name, 0) for name in AHEAD):
        return True
    rows = Journey.objects.filter(state=Journey.State.RUNNING, archived_at=None)
    there = list(rows.values_list("pk", "behind", "dates_to"))
    if not there:
        return False
    now = timezone.now()
    if any(behind is not None or (dates_to is not None and dates_to <= now) for _pk, behind, dates_to in there):
        return True
    return _is_due([pk for pk, _behind, _dates_to in there], now)


def _is_due(journeys: Sequence[int], now: datetime) -> bool:
    """One look into the index for each journey that runs, however many wait."""
    return any(Walk.objects.filter(journey=pk, state=Walk.State.WAITING, wakes_at__lte=now).exists() for pk in journeys)


def step(cursor: Cursor, most: int | None = None, *, at: datetime | None = None) -> int:
    """What came up in the log, what was passed by while a journey paused, and whoever's moment has come; returns how many moved."""
    now = at or timezone.now()
    moved = _rows(cursor, most or BATCH, now)
    for each in running():
        moved += _alone(cursor, each, _catch_up, now) if each.row.behind is not None else 0
        moved += _alone(cursor, each, _dates, now) if dates.is_due(each, now) else 0
        moved += _alone(cursor, each, _wake, now)
    return moved


def again(seq: int) -> None:
    """Follow one row that had been set aside. Inside the caller's transaction."""
    rows = [Row._make(row) for row in log.read_new(seq - 1, 1, READ) if row[0] == seq]
    _follow(rows, running(), timezone.now())


def empty() -> None:
    """Before a rebuild. People stay where they are: what is read again has begun and ended what it did."""
    Cursor.objects.filter(name=STEP).update(position=0, done=0, failed_in_a_row=0, trouble="")
    Journey.objects.exclude(behind=None).update(behind=0)


def _rows(cursor: Cursor, most: int, now: datetime) -> int:
    reached = lease.positions()
    upto = min(reached.get(name, 0) for name in AHEAD)
    if upto <= cursor.position:
        return 0
    there = [each for each in running() if each.row.behind is None]
    if not there:
        with transaction.atomic():
            moved = upto - cursor.position
            lease.advance(cursor, upto, moved)
        return moved
    found = [row for row in log.read_new(cursor.position, most, READ) if row[0] <= upto]
    last = found[-1][0] if len(found) == most else upto
    skipped = aside.passed_over(STEP, cursor.position, last)
    rows = [Row._make(row) for row in found if row[0] not in skipped]
    before, failed = cursor.position, list[tuple[Running, Exception]]()
    with transaction.atomic():
        failed += _follow(rows, there, now)
        lease.advance(cursor, last, len(found))
    for each, error in failed:
        _stumble(each, error, before)
    return len(found)


def _follow(rows: Sequence[Row], there: Sequence[Running], now: datetime) -> list[tuple[Running, Exception]]:
    """Every journey follows the rows of its workspace; returns those that could not."""
    from .following import follow  # at first use: it brings numpy
    from .hearing import Heard, owners

    failed = []
    wanted = {each.row.workspace_id for each in there}
    ours = sorted((row for row in rows if row.workspace_id in wanted), key=attrgetter("workspace_id", "seq"))
    whose = owners(ours)
    for workspace, group in groupby(ours, key=attrgetter("workspace_id")):
        heard = Heard(list(group), whose, now)
        for each in there:
            if each.row.workspace_id == workspace and (error := _tried(each, lambda each: follow(each, heard, now))):  # noqa: B023
                failed.append((each, error))
    return failed


def _tried(each: Running, do: Callable[[Running], object]) -> Exception | None:
    """Do it as a whole or not at all; what fails in one journey keeps no other back."""
    try:
        with transaction.atomic():
            if _runs(each):
                do(each)
    except HOUSE:
        raise
    except Exception as error:
        return error
    return None


def _runs(each: Running) -> bool:
    """Whether it runs still, and goes on running until the transaction ends."""
    return Journey.objects.select_for_update().filter(pk=each.row.pk, state=Journey.State.RUNNING, live=each.row.live).first() is not None


def _alone(cursor: Cursor, each: Running, do: Callable[[Cursor, Running, datetime], int], now: datetime) -> int:
    """A piece of one journey's own work, in a transaction under the lease of the step."""
    moved = 0

    def work(one: Running) -> None:
        nonlocal moved
        moved = do(cursor, one, now)

    with transaction.atomic():
        error = _tried(each, work)
        if not lease.keep(Cursor.objects.filter(pk=cursor.pk)):
            raise lease.LostLease(cursor.name)
    if error is not None:
        _stumble(each, error, cursor.position)
        return 0
    return moved


def _catch_up(cursor: Cursor, each: Running, now: datetime) -> int:
    """Rows that passed while it paused."""
    begin = each.row.behind or 0
    found = [row for row in log.read_new(begin, BATCH, READ) if row[0] <= cursor.position]
    skipped = aside.passed_over(STEP, begin, cursor.position)
    rows = [row for row in map(Row._make, found) if row.seq not in skipped and row.workspace_id == each.row.workspace_id]
    if rows:
        from .following import follow
        from .hearing import Heard, owners

        follow(each, Heard(rows, owners(rows), now), now)
    each.row.behind = found[-1][0] if len(found) == BATCH else None
    Journey.objects.filter(pk=each.row.pk).update(behind=each.row.behind)
    return len(found)


def _dates(_cursor: Cursor, each: Running, now: datetime) -> int:
    return dates.turn(each, now)


def _wake(_cursor: Cursor, each: Running, now: datetime) -> int:
    walks = walking.due(each.row.pk, now, PEOPLE)
    if not walks:
        return 0
    round_ = Round(each, now)
    round_.wake(walks)
    walking.write(each.row.workspace_id, each.row.pk, list(round_.walks.values()), round_.passed, now)
    return len(walks)


def _stumble(each: Running, error: Exception, position: int) -> None:
    """A journey that cannot go on pauses and says so; nothing of it is lost, and the others go on."""
    logger.error("a journey cannot go on", journey=each.row.public, error=said(error), exc_info=error)
    with transaction.atomic():
        row = Journey.objects.select_for_update().get(pk=each.row.pk)
        if row.state == Journey.State.RUNNING:
            row.state, row.paused_at, row.trouble = Journey.State.PAUSED, timezone.now(), said(error)[:300]
            row.behind = position if row.behind is None else row.behind
            row.save(update_fields=["state", "paused_at", "trouble", "behind"])
            posting.pause(row, None)
            audit.record(row.workspace_id, None, "paused", "journey", row.public, row.name, actor="Vincle", why=row.trouble)
