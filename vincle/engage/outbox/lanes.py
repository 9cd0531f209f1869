"""The way of one connection: one process at a time goes by it, no faster than its server lets it."""

import time
from collections.abc import Mapping
from datetime import timedelta
from random import random
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.channels.live import Problem
from vincle.listen import doctor
from vincle.listen.models import Connection
from vincle.store import lease

from . import journal, limits
from .models import Lane, Send

SAFE = 20.0
"""Seconds for which something may begin after the lease was last renewed; it lasts thirty."""

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 900.0
SLOWEST = 0.1
OWN_LIMIT = "own_limit"
RECOVERS, FULL = 1.5, 50.0
"""By how much the pace grows again each minute, and the pace from which nothing holds it back any more."""

logger = structlog.get_logger(__name__)
_clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Held:
    """A lane in our hands. `may_begin` is asked before each mail: a process that was stopped for a while begins nothing when it wakes."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        row, _ = Lane.objects.get_or_create(connection=connection, defaults={"workspace_id": connection.workspace_id})
        self.rows = Lane.objects.filter(pk=row.pk)
        self.row = row
        self.until = 0.0
        self.kept_at = 0.0

    def take(self) -> bool:
        now = time.clock_gettime(_clock)
        if not lease.claim(self.rows):
            return False
        self.until, self.kept_at = now + SAFE, now
        self.row.refresh_from_db()
        return True

    def keep(self) -> bool:
        """Every few seconds; False when it was taken from us."""
        now = time.clock_gettime(_clock)
        if now < self.kept_at + 5:
            return now < self.until
        if not lease.keep(self.rows):
            self.until = 0.0
            return False
        self.until, self.kept_at = now + SAFE, now
        self.row.refresh_from_db()
        self._recover_pace()
        return True

    def may_begin(self) -> bool:
        return time.clock_gettime(_clock) < self.until

    def release(self) -> None:
        self.until = 0.0
        lease.release(self.rows)

    @property
    def waits(self) -> bool:
        return self.row.not_before is not None and self.row.not_before > timezone.now()

    def trouble(self, problem: Problem, speed: float) -> None:
        """The server is away, or wants us slower: wait, longer each time; with `speed` mails a second it was too much."""
        failed = self.row.failed_in_a_row + 1
        pause = max(problem.retry_after or 0.0, min(FIRST_PAUSE * 2 ** min(failed - 1, 10), LONGEST_PAUSE) * (1 + random() / 4))
        if problem.kind in ("auth", "permanent", "gone"):
            pause = max(pause, 300.0)
        values: dict[str, Any] = {"not_before": timezone.now() + timedelta(seconds=pause), "failed_in_a_row": failed}
        if problem.kind == "quota":
            values["pace"] = max(SLOWEST, (self.row.pace or speed) / 2)
        self._set(kind=problem.kind, code=problem.code[:60], detail=problem.detail[:300], at=timezone.now(), **values)
        if problem.kind == "auth":
            doctor.note(self.connection, problem)
        logger.warning("a way of mail is closed for a while", connection=self.connection.pk, code=problem.code, seconds=round(pause))

    @property
    def rate(self) -> float | None:
        """Most sends a second: as the server wants it, and as the team does."""
        rates = [rate for rate in (self.row.pace, self.row.per_minute / 60 if self.row.per_minute else None) if rate is not None]
        return min(rates, default=None)

    def room(self, most: int, under_way: int, is_wanted: bool) -> int:
        """How many of `most` may leave by the team's own limits of an hour and a day; without any the lane rests until there are."""
        own = limits.room(self.row.gone, self.row.per_hour, self.row.per_day, under_way, timezone.now())
        if own == 0 and not under_way and is_wanted:
            self._rest()
        return most if own is None else min(most, own)

    def _rest(self) -> None:
        now = timezone.now()
        until = limits.again(self.row.gone, self.row.per_hour, self.row.per_day, now)
        self._set(kind="quota", code=OWN_LIMIT, detail="", at=now, not_before=until)

    def count(self, sent: int) -> None:
        """So many left just now."""
        if sent:
            self._set(gone=limits.added(self.row.gone, sent, timezone.now()))

    def well(self) -> None:
        """Something was taken: the way is open."""
        if self.row.failed_in_a_row or self.row.not_before:
            self._set(failed_in_a_row=0, not_before=None)

    def _recover_pace(self) -> None:
        if self.row.pace is not None and self.row.at and timezone.now() - self.row.at > timedelta(minutes=1):
            pace = self.row.pace * RECOVERS
            free: dict[str, Any] = {"pace": None, "code": "", "kind": "", "detail": ""}
            self._set(at=timezone.now(), **(free if pace > FULL else {"pace": pace}))

    def _set(self, **values: Any) -> None:
        self.rows.filter(owner=lease.ME).update(**values)
        for name, value in values.items():
            setattr(self.row, name, value)


def limit(workspace: Workspace, user: User | None, connection: Connection, most: Mapping[str, int | None]) -> None:
    """The most that may leave by a connection: `most` a `per_minute`, `per_hour` and `per_day`, None for any number."""
    with transaction.atomic():
        row, _ = Lane.objects.get_or_create(connection=connection, defaults={"workspace_id": connection.workspace_id})
        rows = Lane.objects.of(workspace).filter(pk=row.pk)
        rows.update(**most)
        rows.filter(code=OWN_LIMIT).update(not_before=None, code="", kind="")
        audit.record(workspace, user, "limited", "connection", connection.pk, connection.name, **dict[str, Any](most))


def recover(connection: Connection, ours: frozenset[int] = frozenset()) -> list[int]:
    """What processes that are no more left under way, told apart by their journals; returns what had left. The lane is held.

    Taken: sent. Refused or never begun: waits again. What nobody can tell becomes doubtful, and a person decides. `ours`: under way here.
    """
    left = Send.objects.filter(connection=connection, state=Send.State.SENDING, job__isnull=False).exclude(pk__in=ours)
    owners = list(left.values_list("owner", flat=True).distinct())
    sent: list[int] = []
    for owner in owners:
        told = journal.read(owner)
        with transaction.atomic():
            for pk in left.filter(owner=owner).values_list("pk", flat=True):
                if _settle(pk, told):
                    sent.append(pk)
        if owner != lease.ME and not Send.objects.filter(state=Send.State.SENDING, owner=owner).exists():
            journal.path_of(owner).unlink(missing_ok=True)
    if owners:
        logger.warning("sends of a process that ended were told apart", connection=connection.pk, had_left=len(sent))
    return sent


def _settle(pk: int, told: Mapping[int, journal.Told] | None) -> bool:
    """Whether it had left."""
    end = journal.Told("untold") if told is None else told.get(pk, journal.Told("never begun"))
    row = Send.objects.filter(pk=pk, state=Send.State.SENDING)
    if end.end == "taken":
        return bool(row.update(state=Send.State.SENT, owner="", sent_at=end.at))
    if end.end == "untold":
        row.update(state=Send.State.DOUBTFUL, owner="", problem_kind="transient", problem_code="interrupted")
    else:
        row.update(state=Send.State.WAITING, owner="")
    return False
