"""One stream, page after page, each kept with the cursor behind it in one transaction; and what becomes of a stream that fails.

Whoever asks holds the row by lease. A page whose row was taken, moved, paused or taken off meanwhile is thrown away whole, and asked
for again by whoever has the row then.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Lock
from typing import Any, Final

import structlog
from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from vincle.channels.base import Channel, FileError
from vincle.channels.live import Problem, Pulled
from vincle.channels.registry import channels
from vincle.store import lease
from vincle.store.blame import said

from . import actions, credentials, doctor, oauth
from .line import OutLine
from .models import Connection, Pull

PATIENCE: Final = timedelta(seconds=180)
"""How long a row is held between two signs of life; more than any one page takes."""
PAGES: Final = 20
"""Of one stream at a time; then others have their turn."""
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 1800.0
QUOTA_PAUSE, LONGEST_WAIT = 900.0, 86_400.0
HOPELESS_PAUSE: Final = 6 * 3600.0
USUAL: Final = 120.0
MARK_EVERY, MARKS_KEPT, LONGEST_MARK = timedelta(hours=3), 80, 4000
STUMBLED, NOT_LIVE = "channel_stumbled", "not_live"
logger = structlog.get_logger(__name__)
_here: set[int] = set()
_lock = Lock()


def held_here() -> set[int]:
    """Rows that some thread of this process is at."""
    with _lock:
        return set(_here)


@contextmanager
def held(pk: int, rows: "QuerySet[Pull]") -> Iterator[Pull | None]:
    """A row for us alone, among the threads of this process as well; None when another has it."""
    with _lock:
        is_free = pk not in _here
        _here.add(pk)
    if not is_free:
        yield None
        return
    ours = Pull.objects.filter(pk=pk, owner=lease.ME)
    try:
        if not lease.claim(rows):
            yield None
            return
        ours.update(lease_until=timezone.now() + PATIENCE)
        try:
            yield ours.select_related("connection__workspace").first()
        finally:
            lease.release(ours)
    finally:
        with _lock:
            _here.discard(pk)


def ask(pull: Pull, work: Callable[[Channel, OutLine], Any], stopping: Event | None = None) -> None:
    """Do something with the channel and the line of a held row, renewing rights that ran out once; what goes wrong is noted on the row.

    Raises LostLease, and what is the database's.
    """
    for is_last in (False, True):
        try:
            channel = channels().get(pull.connection.channel)
            if channel is None:
                raise Problem("permanent", "unknown_channel", pull.connection.channel)
            with credentials.line(pull.connection, stopping) as line:
                _cleanly(line, channel, work)
            return
        except Problem as problem:
            left = problem if is_last else oauth.mended(pull.connection, problem)
            if left is not None:
                failed(pull, left)
                return


def _cleanly(line: OutLine, channel: Channel, work: Callable[[Channel, OutLine], Any]) -> None:
    """Whatever goes wrong in a channel is a Problem without secrets; the lease and the database speak for themselves."""
    try:
        work(channel, line)
    except Problem as problem:
        raise line.problem(problem) from problem
    except (lease.LostLease, DatabaseError):
        raise
    except OSError as error:
        raise Problem("transient", "unreachable", line.clean(str(error))) from error
    except Exception as error:
        logger.error("a channel stumbled", error=said(error))
        raise Problem("transient", STUMBLED, type(error).__name__) from error


def pages(pull: Pull, channel: Channel, line: OutLine) -> bool:
    """Fetch and keep what there is, some pages at most. True when there is no more for now. Raises Problem, LostLease."""
    for _ in range(PAGES):
        page = channel.past(line, pull.stream, pull.cursor) if pull.is_past else channel.pull(line, pull.stream, pull.cursor)
        is_over = not page.more or (not page.items and page.cursor == pull.cursor) or _is_before(pull, channel, page)
        keep(pull, page, is_over)
        if is_over or page.pause or line.stopping:
            return is_over
    return False


def _is_before(pull: Pull, channel: Channel, page: Pulled) -> bool:
    """Whether all of a page happened before the moment an import of the past is to reach back to."""
    if pull.stops_at is None or not page.items:
        return False
    now = timezone.now()
    newest: datetime | None = None
    for raw in page.items:
        try:
            moments = [at for each in channel.parse(raw, now) if (at := getattr(each, "happened_at", None)) is not None]
        except FileError:
            return False
        newest = max([*moments, *([newest] if newest else [])], default=None)
    return newest is not None and newest < pull.stops_at


def keep(pull: Pull, page: Pulled, is_over: bool, is_live: bool = False) -> int:
    """Items and cursor of a page in one transaction; returns how many items were new. Raises LostLease when the row is no longer ours."""
    now = timezone.now()
    told: dict[str, Any] = {
        "cursor": page.cursor, "ok_at": now, "failures": 0, "problem_kind": "", "problem_code": "", "problem_detail": "",
        "next_at": now + timedelta(seconds=_pause(pull, page, is_over)), "lease_until": now + PATIENCE,
    }  # fmt: skip
    told |= {name: value for name in ("total", "quota") if (value := getattr(page, name)) is not None}
    if pull.is_past:
        told["done"] = page.done if page.done is not None else (pull.done or 0) + len(page.items)
        told |= {"finished_at": now} if is_over else {}
    else:
        told |= {"live_at": now} if is_live else {}
        told |= _mark(pull, page.cursor, now)
    with transaction.atomic():
        if _ours(pull).update(**told) != 1:
            raise lease.LostLease(f"pull {pull.pk}")
        new = len(actions.receive_all(pull.connection, page.items)) if page.items else 0
        if new:
            Pull.objects.filter(pk=pull.pk).update(items=F("items") + new, item_at=now)
        if page.quota is not None:
            Connection.objects.filter(pk=pull.connection_id).update(quota=page.quota)
        if pull.is_once and is_over:
            Pull.objects.filter(pk=pull.pk).delete()
    for name, value in told.items():
        setattr(pull, name, value)
    if pull.connection.state_kind == "auth":
        doctor.well(pull.connection)
    return new


def _ours(pull: Pull) -> "QuerySet[Pull]":
    """The row, as long as it is held by us, stands where we left it, and its connection is on."""
    stands = Pull.objects.filter(connection__is_enabled=True, connection__token__isnull=False, finished_at=None)
    return stands.filter(pk=pull.pk, owner=lease.ME, cursor=pull.cursor)


def _pause(pull: Pull, page: Pulled, is_over: bool) -> float:
    asked = min(page.pause or 0.0, LONGEST_WAIT)
    return max(asked, _every(pull) * random.uniform(0.9, 1.1)) if is_over else asked


def _every(pull: Pull) -> float:
    known = channels()[pull.connection.channel].spec.streams
    return max(1.0, next((stream.every for stream in known if stream.name == pull.stream), USUAL))


def _mark(pull: Pull, cursor: str, now: datetime) -> dict[str, Any]:
    """A cursor to go back to, every few hours."""
    is_fresh = bool(pull.marks) and datetime.fromisoformat(pull.marks[-1][0]) > now - MARK_EVERY
    if is_fresh or not cursor or len(cursor) > LONGEST_MARK or pull.is_once:
        return {}
    return {"marks": [*pull.marks, [now.isoformat(), cursor]][-MARKS_KEPT:]}


def alive(pull: Pull) -> None:
    """Say that a held stream still stands, while nothing comes. Raises LostLease when it is to stand no longer."""
    now = timezone.now()
    stands = Pull.objects.filter(
        pk=pull.pk, owner=lease.ME, cursor=pull.cursor, connection__is_enabled=True, connection__token__isnull=False
    )
    told = {"failures": 0, "problem_kind": "", "problem_code": "", "problem_detail": ""}
    if stands.update(lease_until=now + PATIENCE, live_at=now, ok_at=now, **told) != 1:
        raise lease.LostLease(f"pull {pull.pk}")


def failed(pull: Pull, problem: Problem) -> None:
    """Note on a held row why it failed, and when it is asked again."""
    ours, now = Pull.objects.filter(pk=pull.pk, owner=lease.ME), timezone.now()
    if problem.code == NOT_LIVE:
        ours.update(not_live_at=now, next_at=now, live_at=None)
        return
    is_hopeless = problem.kind in ("permanent", "gone")
    logger.info("a stream failed", pull=pull.pk, connection=pull.connection_id, kind=problem.kind, code=problem.code)
    if pull.is_once and is_hopeless:
        ours.delete()
        return
    pull.failures += 1
    until = now + timedelta(seconds=wait(problem, pull.failures))
    told: dict[str, Any] = {"finished_at": now} if pull.is_past and is_hopeless else {}
    ours.update(
        failures=pull.failures, problem_kind=problem.kind, problem_code=problem.code[:60], problem_detail=_plain(problem.detail),
        problem_at=now, next_at=until, live_at=None, **told,
    )  # fmt: skip
    if problem.kind in ("quota", "auth"):
        Pull.objects.filter(connection=pull.connection_id, next_at__lt=until).exclude(pk=pull.pk).update(next_at=until)
    if problem.kind == "auth":
        doctor.note(pull.connection, problem)


def _plain(text: str) -> str:
    return text.replace("\0", "")[:300]


def wait(problem: Problem, failures: int) -> float:
    """Seconds until the next try: what the platform asks for, never less; else growing, with some chance in it.

    >>> 900 <= wait(Problem("quota", "too_fast"), 1) <= 990
    True
    >>> [wait(Problem("transient", "x", retry_after=60.0), n) >= 60 for n in (1, 5)]
    [True, True]
    """
    asked = min(problem.retry_after or 0.0, LONGEST_WAIT)
    if problem.kind == "quota":
        return (asked or QUOTA_PAUSE) * random.uniform(1.0, 1.1)
    if problem.kind == "transient":
        grown = min(FIRST_PAUSE * 2 ** min(failures - 1, 20), LONGEST_PAUSE)
        return max(asked, grown * random.uniform(0.75, 1.25))
    return max(asked, HOPELESS_PAUSE * random.uniform(0.9, 1.1))
