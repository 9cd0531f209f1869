"""Holding a row of work: claimed by a conditional update, given back, or lost when its holder dies."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any
from uuid import uuid4

from django.db import connection, models
from django.db.models import Q
from django.utils import timezone

from .models import Cursor

LEASE = timedelta(seconds=30)
_HOST = socket.gethostname()[:40]
ME = f"{_HOST}:{os.getpid()}:{uuid4().hex[:8]}"


def claim(rows: "models.QuerySet[models.Model]") -> bool:
    """Take one row (a queryset that names exactly one, with `owner` and `lease_until`); False when another holds it."""
    now = timezone.now()
    free = Q(owner="") | Q(owner=ME) | Q(lease_until__lt=now)
    holder, until = rows.values_list("owner", "lease_until").first() or ("", now)
    if holder not in ("", ME) and until >= now:
        if not _is_gone(holder):
            return False  # seen without a write: those who wait do not disturb the one who works
        free |= Q(owner=holder)
    return rows.filter(free).update(owner=ME, lease_until=now + LEASE) == 1


def gone(rows: "models.QuerySet[Any]") -> list[str]:
    """Holders of these rows that were processes of this machine and live no more."""
    return [holder for holder in rows.values_list("owner", flat=True).distinct() if _is_gone(holder)]


def _is_gone(holder: str) -> bool:
    """Whether a holder was a process of this machine that lives no more: then nobody waits for its lease to run out.

    Should that be wrong, nothing is done twice: every write of a holder also checks that the lease is still its own.
    """
    host, pid, _ = holder.rsplit(":", 2)
    if host != _HOST:
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def keep(rows: "models.QuerySet[models.Model]") -> bool:
    """Say that we are still at it; False when the row was taken from us and we must stop."""
    return rows.filter(owner=ME).update(lease_until=timezone.now() + LEASE) == 1


def release(rows: "models.QuerySet[models.Model]") -> None:
    rows.filter(owner=ME).update(owner="", lease_until=timezone.now())


def positions() -> dict[str, int]:
    """How far each step has come."""
    return dict(Cursor.objects.values_list("name", "position"))


@contextmanager
def held(name: str) -> Iterator[Cursor | None]:
    """The cursor of a step, held for the length of the block; None when another process holds it."""
    Cursor.objects.get_or_create(name=name)
    rows = Cursor.objects.filter(name=name)
    if not claim(rows):
        yield None
        return
    try:
        yield rows.get()
    finally:
        release(rows)


@contextmanager
def kept(name: str) -> Iterator[None]:
    """Say every few seconds of the block that we are still at a cursor we hold: for work that takes longer than a lease."""
    over = Event()

    def again() -> None:
        try:
            while not over.wait(LEASE.total_seconds() / 3):
                keep(Cursor.objects.filter(name=name))
        finally:
            connection.close()

    thread = Thread(target=again, daemon=True, name=f"lease of {name}")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def advance(cursor: Cursor, position: int, done: int) -> None:
    """Move a held cursor inside the transaction of the work it stands for; raises LostLease when we no longer hold it."""
    _move(cursor, position, done, failed_in_a_row=0, trouble="")


def skip(cursor: Cursor, position: int, rows: int) -> None:
    """Move a held cursor behind rows that were set aside, inside the transaction that sets them aside; raises LostLease."""
    _move(cursor, max(position, cursor.position), rows, failed_in_a_row=models.F("failed_in_a_row") + rows)
    cursor.failed_in_a_row += rows


def _move(cursor: Cursor, position: int, done: int, **more: Any) -> None:
    now = timezone.now()
    ours = Cursor.objects.filter(name=cursor.name, owner=ME)
    if ours.update(position=position, done=models.F("done") + done, updated_at=now, lease_until=now + LEASE, **more) != 1:
        raise LostLease(cursor.name)
    cursor.position = position


class LostLease(RuntimeError):
    """Another process took the work over; what we did in this transaction is rolled back."""
