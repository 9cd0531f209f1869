"""How well those who speak to us are served: how soon they are answered and done with, whether promises are kept, and when they speak.

Each figure has one definition; `figures_words.py` says it to the reader. Moments are counted in whole seconds.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection as database
from django.db.models import BigIntegerField, Count, Func, QuerySet
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.listen.models import Connection
from vincle.store import bulk

from . import hours
from .figures_numbers import Floats, Kept, Scores, Spread, open_seconds, scores, spread
from .figures_when import Choice
from .models import Hours, Piece, Thread

_QUARTER = 900
"""Zones differ from UTC by whole quarters of an hour."""

_TURNS = """
WITH wanted AS (
  SELECT DISTINCT thread FROM inbox_piece WHERE workspace_id = %s AND direction = 'out' AND at >= %s AND at < %s
  AND NOT is_machine AND state = '' AND thread IS NOT NULL
), said AS (
  SELECT p.thread, p.key, p.at, p.direction, SUM(CASE WHEN p.direction = 'out' THEN 1 ELSE 0 END) OVER (
    PARTITION BY p.thread ORDER BY p.at, p.seq ROWS UNBOUNDED PRECEDING
  ) - (CASE WHEN p.direction = 'out' THEN 1 ELSE 0 END) AS turn
  FROM inbox_piece p JOIN wanted ON wanted.thread = p.thread WHERE NOT p.is_machine AND NOT p.is_spam AND p.state = ''
), turns AS (
  SELECT thread, MIN(CASE WHEN direction = 'in' THEN at END) AS since, MAX(CASE WHEN direction = 'out' THEN at END) AS answered,
  MAX(CASE WHEN direction = 'out' THEN key END) AS answer FROM said GROUP BY thread, turn
)
SELECT {since}, {answered}, t.team_id, s.id, s.by_id FROM turns JOIN inbox_thread t ON t.key = turns.thread
LEFT JOIN outbox_send s ON s.piece = turns.answer WHERE turns.answered >= %s AND turns.answered < %s{channels}
"""
_CLOSINGS = """
SELECT {opened}, {closed}, c.by_id, c.team, c.reopened_at IS NOT NULL, {due} FROM inbox_closing c JOIN inbox_thread t ON t.key = c.thread
WHERE c.workspace_id = %s AND c.closed_at >= %s AND c.closed_at < %s{channels}
"""
_ASKED = """
SELECT t.key, {asked}, {answered}, s.score, s.agent_id, t.team_id, s.comment, t.handle, t.channel FROM inbox_satisfaction s
JOIN inbox_thread t ON t.key = s.thread
WHERE s.workspace_id = %s AND s.{moment} >= %s AND s.{moment} < %s{channels}
"""


class Epoch(Func):
    """A moment as whole seconds since 1970."""

    output_field = BigIntegerField()
    template = "CAST(FLOOR(EXTRACT(EPOCH FROM %(expressions)s)) AS BIGINT)"

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="CAST(strftime('%%%%s', %(expressions)s) AS INTEGER)", **more)


def epoch(column: str) -> str:
    """`Epoch` for SQL that is written out, where a percent sign stands for itself only when doubled."""
    if database.vendor == "sqlite":
        return f"CAST(strftime('%%s', {column}) AS INTEGER)"
    return f"CAST(FLOOR(EXTRACT(EPOCH FROM {column})) AS BIGINT)"


class Timed(NamedTuple):
    """Durations by the clock, and counting only when someone is there (None where no opening hours are set)."""

    clock: Spread
    working: Spread | None


class Turn(NamedTuple):
    """An answer of ours. `since`: when they had said the first of what it answers (None where nothing waited); `send`: it left by us."""

    since: int | None
    at: int
    team: int | None
    send: int | None
    by: int | None


class Closed(NamedTuple):
    opened: int
    closed: int
    by: int | None
    team: int | None
    is_reopened: bool
    due: int | None


class Said(NamedTuple):
    """Someone was asked how they were served, and what they said to it."""

    thread: int
    asked: int
    answered: int | None
    score: int | None
    agent: int | None
    team: int | None
    comment: str
    handle: int | None
    channel: str


class Figures:
    """What happened on the days and channels of a choice; each part is read when it is first asked for, by one query."""

    def __init__(self, workspace: Workspace, choice: Choice, now: datetime | None = None) -> None:
        self.workspace, self.choice, self.now = workspace, choice, now or timezone.now()

    # First answers

    @cached_property
    def _first(self) -> Floats:
        """(begun, first answered, due or 0) of conversations that began in these days and as many before them."""
        rows = self._began(self.choice.before).filter(first_answer_at__isnull=False)
        found = rows.values_list(Epoch("first_at"), Epoch("first_answer_at"), Epoch("due_first_at"))
        return np.array([(begun, answered, due or 0) for begun, answered, due in found], dtype=float).reshape(-1, 3)

    def _began(self, since: datetime) -> "QuerySet[Any]":
        rows = Thread.objects.of(self.workspace).filter(is_here=True, first_at__gte=since, first_at__lt=self.choice.end).order_by()
        return rows.filter(channel__in=self.choice.channels) if self.choice.channels else rows

    @cached_property
    def _firsts(self) -> Floats:
        return self._first[self._first[:, 0] >= self.choice.begin.timestamp()]

    @cached_property
    def first(self) -> Timed:
        return self._timed(self._firsts[:, 0], self._firsts[:, 1])

    @cached_property
    def first_before(self) -> Spread:
        rows = self._first[self._first[:, 0] < self.choice.begin.timestamp()]
        return spread(rows[:, 1] - rows[:, 0])

    @cached_property
    def first_by_day(self) -> list[float]:
        """Medians of the days on which conversations began that were answered."""
        days: dict[int, list[float]] = defaultdict(list)
        for begun, answered, _due in self._firsts:
            days[int((begun - self.choice.begin.timestamp()) // 86400)].append(answered - begun)
        return [spread(days[day]).median or 0.0 for day in sorted(days)]

    @cached_property
    def kept_first(self) -> Kept:
        due = self._firsts[self._firsts[:, 2] > 0]
        kept = int((due[:, 1] <= due[:, 2]).sum())
        waits = self._began(self.choice.begin).filter(first_answer_at=None, due_first_at__lt=self.now, waiting_since__isnull=False)
        return Kept(kept, len(due) + int(waits.exclude(state=Thread.State.CLOSED).count()))

    # Answers

    @cached_property
    def turns(self) -> list[Turn]:
        sql = _TURNS.replace("{since}", epoch("turns.since")).replace("{answered}", epoch("turns.answered"))
        days = self._days
        return [Turn(*row) for row in self._select(sql, [self.workspace.pk, *days, *days])]

    @cached_property
    def answers(self) -> Timed:
        return self.waited(self.turns)

    def waited(self, turns: Iterable[Turn]) -> Timed:
        """For how long people had waited for these answers."""
        found = np.array([(turn.since, turn.at) for turn in turns if turn.since is not None], dtype=float).reshape(-1, 2)
        return self._timed(found[:, 0], found[:, 1])

    # Done with

    @cached_property
    def closings(self) -> list[Closed]:
        sql = _CLOSINGS.replace("{opened}", epoch("c.opened_at")).replace("{closed}", epoch("c.closed_at"))
        rows = self._select(sql.replace("{due}", epoch("t.due_done_at")), [self.workspace.pk, *self._days])
        return [Closed(opened, closed, by, team, bool(again), due) for opened, closed, by, team, again, due in rows]

    @cached_property
    def done(self) -> Timed:
        found = np.array([(row.opened, row.closed) for row in self.closings], dtype=float).reshape(-1, 2)
        return self._timed(found[:, 0], found[:, 1])

    @cached_property
    def kept_done(self) -> Kept:
        """Of those closed for good: what is due of one that was opened again is another matter."""
        due = [row for row in self.closings if row.due is not None and not row.is_reopened]
        return Kept(sum(row.closed <= (row.due or 0) for row in due), len(due))

    # What they said, by the hour

    @cached_property
    def by_hour(self) -> dict[tuple[int, int], int]:
        """(weekday, 1 is Monday; hour of the workspace's clock) -> how many things they said."""
        rows = Piece.objects.of(self.workspace).filter(
            direction="in",
            at__gte=self.choice.begin,
            at__lt=self.choice.end,
            thread__isnull=False,
            is_machine=False,
            is_spam=False,
            state="",
        )
        if self.choice.channels:
            there = Connection.objects.of(self.workspace).filter(channel__in=self.choice.channels)
            rows = rows.filter(connection__in=there.values("pk"))
        found = rows.order_by().annotate(quarter=Epoch("at") / _QUARTER).values_list("quarter").annotate(n=Count("key"))
        zone, counts = ZoneInfo(self.choice.zone), defaultdict[tuple[int, int], int](int)
        for quarter, n in found:
            here = datetime.fromtimestamp(quarter * _QUARTER, UTC).astimezone(zone)
            counts[here.isoweekday(), here.hour] += n
        return dict(counts)

    # What they thought of it

    @cached_property
    def said(self) -> list[Said]:
        """Scores given in these days, the latest first."""
        return sorted(self._asked("answered_at"), key=lambda row: -(row.answered or 0))

    @cached_property
    def scores(self) -> Scores:
        return scores([row.score for row in self.said if row.score])

    @cached_property
    def replied(self) -> Kept:
        """Of those asked in these days, how many have answered by now."""
        rows = self._asked("asked_at")
        return Kept(sum(row.answered is not None for row in rows), len(rows))

    def _asked(self, moment: str) -> list[Said]:
        sql = _ASKED.replace("{asked}", epoch("s.asked_at")).replace("{answered}", epoch("s.answered_at")).replace("{moment}", moment)
        return [Said(*row) for row in self._select(sql, [self.workspace.pk, *self._days])]

    # Hours

    @cached_property
    def times(self) -> hours.Times | None:
        """The workspace's own opening hours, where some are set."""
        row = Hours.objects.of(self.workspace).filter(is_usual=True).first()
        return hours.of(row) if row is not None and (row.week or row.holidays) else None

    def _timed(self, begins: Floats, ends: Floats) -> Timed:
        working = spread(open_seconds(self.times, begins, ends)) if self.times else None
        return Timed(spread(ends - begins), working)

    @property
    def _days(self) -> tuple[Any, Any]:
        return bulk.stamp(self.choice.begin), bulk.stamp(self.choice.end)

    def _select(self, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Rows of a query that names conversations `t`, of the channels that are asked for."""
        names = self.choice.channels
        marks = ", ".join(["%s"] * len(names))
        with database.cursor() as cursor:
            cursor.execute(sql.replace("{channels}", f" AND t.channel IN ({marks})" if names else ""), [*params, *names])
            return list(cursor.fetchall())
