"""Hearing what platforms do not bring by themselves: which streams are asked when, held open, fetched from the past, heard again."""

import random
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Event
from time import monotonic
from typing import Any, Final, NamedTuple

import structlog
from django.db import connections as databases
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User
from vincle.channels.base import Channel
from vincle.channels.live import Problem
from vincle.channels.registry import channels
from vincle.store import lease
from vincle.store.blame import said

from .line import OutLine
from .models import Connection, Pull
from .pulling_pages import alive, ask, held, held_here, keep, pages

MOST_HELD: Final = 64
"""Streams that one process holds open; the others are polled."""
NOT_LIVE_FOR: Final = timedelta(days=1)
LIFE_EVERY: Final = 15.0
STEADY: Final = 60.0
FIRST_AGAIN, LONGEST_AGAIN = 2.0, 300.0
logger = structlog.get_logger(__name__)


def begin(connection: Connection) -> None:
    """A row for each stream of a connection's channel that has none yet."""
    known = channels()[connection.channel].spec.streams
    rows = [Pull(workspace_id=connection.workspace_id, connection=connection, stream=stream.name) for stream in known]
    Pull.objects.bulk_create(rows, ignore_conflicts=True)


def wake(connection: Connection) -> None:
    """Ask at once what was put off: the connection was given new secrets or settings, or goes on."""
    rows = Pull.objects.filter(connection=connection, finished_at=None)
    rows.update(next_at=timezone.now(), failures=0, problem_kind="", problem_code="", problem_detail="", not_live_at=None)
    for pk in rows.values_list("pk", flat=True):
        _again.pop(pk, None)


REST: Final = timedelta(minutes=10)


def rest(connection: Connection) -> None:
    """Ask nothing and let go of what is held, until `wake`: it is not known how the connection stands."""
    now = timezone.now()
    Pull.objects.filter(connection=connection, finished_at=None).update(next_at=now + REST, owner="", lease_until=now)


def due(limit: int) -> list[int]:
    """Streams whose time has come and that nobody holds, those that wait longest first; imports of the past behind them."""
    rows = _standing().filter(next_at__lte=timezone.now())
    found = _free(rows).exclude(pk__in=held_here()).order_by("is_past", "next_at")
    return list(found.values_list("pk", flat=True)[:limit])


def _standing() -> "QuerySet[Pull]":
    return Pull.objects.filter(finished_at=None, connection__is_enabled=True, connection__token__isnull=False)


def _free(rows: "QuerySet[Pull]") -> "QuerySet[Pull]":
    """Without those that another process is at."""
    gone = lease.gone(rows.exclude(owner__in=("", lease.ME)))
    return rows.filter(Q(owner__in=["", lease.ME, *gone]) | Q(lease_until__lt=timezone.now()))


def turn(limit: int = 20, stopping: Event | None = None) -> int:
    """Ask the streams that are due, one after the other; returns how many were asked."""
    return sum(one(pk, stopping) for pk in due(limit) if stopping is None or not stopping.is_set())


def one(pk: int, stopping: Event | None = None) -> bool:
    """Ask one stream that is due. False when it is not any more, or another has it."""
    with held(pk, Pull.objects.filter(pk=pk, finished_at=None, next_at__lte=timezone.now())) as pull:
        if pull is None:
            return False
        try:
            ask(pull, lambda channel, line: pages(pull, channel, line), stopping)
        except lease.LostLease:
            logger.info("a stream was taken, paused or moved meanwhile; its page is asked for again", pull=pk)
    return True


_threads: dict[int, threading.Thread] = {}
_again: dict[int, tuple[float, int]] = {}
"""Of streams that ended: when they are opened again (monotonic), and how often that failed in a row."""


def hold(stopping: Event) -> int:
    """Open the live streams that are not held yet, a thread each; returns how many this process holds. To be called every few seconds."""
    for pk in [pk for pk, thread in _threads.items() if not thread.is_alive()]:
        del _threads[pk]
    for pk in _to_hold():
        if len(_threads) >= MOST_HELD:
            break
        if pk not in _threads and _again.get(pk, (0.0, 0))[0] <= monotonic():
            _threads[pk] = threading.Thread(target=_held_open, args=(pk, stopping), name=f"stream-{pk}", daemon=True)
            _threads[pk].start()
    return len(_threads)


def _to_hold() -> list[int]:
    live = {name: {stream.name for stream in each.spec.streams if stream.is_live} for name, each in channels().items()}
    now = timezone.now()
    rows = _standing().filter(is_past=False, is_once=False, connection__channel__in=[name for name, found in live.items() if found])
    rows = rows.filter(Q(not_live_at=None) | Q(not_live_at__lt=now - NOT_LIVE_FOR))
    rows = rows.exclude(problem_kind__in=("auth", "quota", "permanent", "gone"), next_at__gt=now).exclude(pk__in=held_here())
    found = _free(rows).values_list("pk", "stream", "connection__channel").order_by("pk")
    return [pk for pk, stream, channel in found if stream in live[channel]]


def _held_open(pk: int, stopping: Event) -> None:
    began = monotonic()
    try:
        listen(pk, stopping)
    except Exception as error:
        logger.error("a live stream failed", pull=pk, error=said(error))
    finally:
        tries = 0 if monotonic() - began > STEADY else _again.get(pk, (0.0, 0))[1] + 1
        pause = min(FIRST_AGAIN * 2 ** min(tries, 10), LONGEST_AGAIN) * random.uniform(0.75, 1.25)
        _again[pk] = (monotonic() + pause, tries)
        databases.close_all()


def listen(pk: int, stopping: Event) -> None:
    """Hold one stream open until it ends, fails or is to stop; then it is polled until it is opened again."""
    with held(pk, Pull.objects.filter(pk=pk, finished_at=None)) as pull:
        if pull is None:
            return
        try:
            ask(pull, lambda channel, line: _listen(pull, channel, line), stopping)
        except lease.LostLease:
            logger.info("a live stream was taken, paused or moved", pull=pk)
        rows = Pull.objects.filter(pk=pk, owner=lease.ME)
        rows.update(live_at=None)
        rows.filter(problem_kind="").update(next_at=timezone.now())


def _listen(pull: Pull, channel: Channel, line: OutLine) -> None:
    """What came while nobody listened is fetched before the stream is opened, and once more when it stands, so that no gap is left."""
    _catch_up(pull, channel, line)
    before, is_open, looked = pull.cursor, False, monotonic()
    for page in channel.listen(line, pull.stream, pull.cursor):
        if not is_open:
            _catch_up(pull, channel, line)
            alive(pull)
            is_open = True
        if page.items or page.cursor not in ("", before):
            keep(pull, page, is_over=True, is_live=True)
        elif monotonic() - looked > LIFE_EVERY:
            alive(pull)
            looked = monotonic()
        before = page.cursor
        if threading.current_thread() is not threading.main_thread():
            databases.close_all()  # a stream rests for long: it keeps no connection to the database meanwhile
        if line.stopping:
            return


def _catch_up(pull: Pull, channel: Channel, line: OutLine) -> None:
    try:
        while not pages(pull, channel, line) and not line.stopping:
            pass
    except Problem as problem:
        if problem.code != "cannot_pull":
            raise


def bring_past(connection: Connection, user: User | None, since: datetime | None = None) -> int:
    """Import what was there before, newest first, back to `since`; returns how many streams have a past."""
    names = [stream.name for stream in channels()[connection.channel].spec.streams if stream.has_past]
    with transaction.atomic():
        _past_rows(connection, names, since)
        if names:
            audit.record(connection.workspace_id, user, "import", "connection", connection.pk, connection.name, since=_iso(since))
    return len(names)


def stop_past(connection: Connection, user: User | None) -> bool:
    """End an import of the past; what it brought stays. False when none was under way."""
    now = timezone.now()
    with transaction.atomic():
        rows = Pull.objects.filter(connection=connection, is_past=True, finished_at=None)
        stopped = rows.update(finished_at=now, owner="", lease_until=now)
        if stopped:
            audit.record(connection.workspace_id, user, "cancel import", "connection", connection.pk, connection.name)
    return bool(stopped)


def _past_rows(connection: Connection, names: Iterable[str], since: datetime | None) -> None:
    now = timezone.now()
    fresh: dict[str, Any] = {
        "cursor": "", "next_at": now, "owner": "", "lease_until": now, "failures": 0, "problem_kind": "", "problem_code": "",
        "problem_detail": "", "items": 0, "done": None, "total": None, "finished_at": None, "stops_at": since,
    }  # fmt: skip
    for name in names:
        Pull.objects.update_or_create(
            workspace_id=connection.workspace_id, connection=connection, stream=name, is_past=True, defaults=fresh
        )


class Replayed(NamedTuple):
    """Streams heard again from a kept cursor, streams whose past is fetched again, and those that offer neither."""

    again: tuple[str, ...]
    past: tuple[str, ...]
    impossible: tuple[str, ...]


def replay(connection: Connection, since: datetime, user: User | None = None) -> Replayed:
    """Hear again what happened since a moment: what is known makes nothing new, what was missed comes in."""
    known = {stream.name: stream for stream in channels()[connection.channel].spec.streams}
    again, past, impossible = list[str](), list[str](), list[str]()
    with transaction.atomic():
        for row in Pull.objects.select_for_update().filter(connection=connection, is_past=False, is_once=False).order_by("pk"):
            cursor = next((mark for at, mark in reversed(row.marks) if datetime.fromisoformat(at) <= since), None)
            if row.stream not in known:
                continue
            if cursor is not None:
                Pull.objects.filter(pk=row.pk).update(cursor=cursor, next_at=timezone.now(), owner="", lease_until=timezone.now())
                again.append(row.stream)
            else:
                (past if known[row.stream].has_past else impossible).append(row.stream)
        _past_rows(connection, past, since)
        whose = (connection.workspace_id, user, "replayed", "connection", connection.pk, connection.name)
        audit.record(*whose, since=_iso(since), streams=[*again, *past])
    return Replayed(tuple(again), tuple(past), tuple(impossible))


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""
