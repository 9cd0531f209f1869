"""Scores as things happen: whoever did something is scored again at once; everybody once a day, when what is learnt is learnt anew.

`follow` goes behind the log and what else changes people, by cursors of its own. A flood (an import of thousands) is not followed row by
row: everybody is worked out instead. `everybody` holds a lease of the workspace; killed at any point, the next one begins again, and what
was written stays, for each person is written whole.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
import structlog
from django.db import connection, transaction
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.identify.models import Change
from vincle.listen import changes, log
from vincle.store import bulk, lease
from vincle.store.blame import said
from vincle.store.models import Cursor

from . import frames, history, scoring
from .models import Profile, ScoreRun
from .scores.base import Learnt
from .scores.registry import learner, scores, teacher
from .segments.frame import Floats
from .value_terms import LONG_AGO

ROWS, CHANGES, TEXTS = "scores", "scores changes", "scores texts"
AHEAD = {ROWS: history.STEP, CHANGES: "segments changes", TEXTS: "segments texts"}
"""Cursors, and those of the step that keeps what people did: it is read no further than that has come."""

BATCH, FLOOD, CHUNK = 2_000, 50_000, 2_000
SOONEST, BETWEEN = timedelta(minutes=5), 10.0
"""Between two rounds of everybody at least that, and so many times what the last one took."""
_SHORT: Final = ("state", "why", "people", "model", "share")
"""What is told of a model beside each score that reads it."""
_READ = ("workspace_id", "event_id", "root_id", "actor", "target", "direction", "object_type", "is_machine", "superseded")
_PEOPLE = "SELECT person FROM organise_profile WHERE workspace_id = %s AND person > %s ORDER BY person LIMIT %s"
logger = structlog.get_logger(__name__)


class Done(NamedTuple):
    """What a round of everybody did. `learnt`: scores whose weights were learnt from this workspace's own past."""

    people: int
    changed: int
    seconds: float
    learnt: tuple[str, ...]


def follow() -> int:
    """Score again whom the next rows, joined people and texts understood otherwise speak of; returns how many people that were."""
    with lease.held(ROWS) as cursor:
        return _follow(cursor) if cursor is not None else 0


def _follow(cursor: Cursor) -> int:
    reached = lease.positions()
    upto = {name: reached.get(ahead, 0) for name, ahead in AHEAD.items()}
    if _are_more(cursor.position, upto[ROWS], FLOOD if cursor.position else BATCH):
        return _leave_to_all(cursor, upto[ROWS])
    rows = [row for row in log.read_new(cursor.position, BATCH, _READ) if row[0] <= upto[ROWS]] if upto[ROWS] > cursor.position else []
    place = rows[-1][0] if len(rows) == BATCH else max(upto[ROWS], cursor.position)
    handles = _handles(rows)
    texts_to = reached.get(TEXTS, 0)
    if texts_to < upto[TEXTS]:
        found = changes.behind(texts_to, upto[TEXTS], place, BATCH)
        handles |= history.handles_of(found.texts)
        texts_to = found.upto
    joined = list(
        Change.objects.filter(seq__gt=reached.get(CHANGES, 0), seq__lte=upto[CHANGES]).order_by("seq").values_list(
            "seq", "workspace_id", "person")[:BATCH]
    )  # fmt: skip
    if not rows and not handles and not joined and place == cursor.position and texts_to == reached.get(TEXTS, 0):
        return 0
    people: dict[int, set[int]] = {}
    for workspace, person in bulk.select("SELECT workspace_id, person FROM identify_belonging WHERE handle IN ({})", handles):
        people.setdefault(workspace, set()).add(person)
    for _seq, workspace, person in joined:
        people.setdefault(workspace, set()).add(person)
    _score(people)
    with transaction.atomic():
        scoring.forget({person for _seq, _workspace, person in joined})
        _move(TEXTS, texts_to)
        _move(CHANGES, joined[-1][0] if joined else reached.get(CHANGES, 0))
        lease.advance(cursor, place, len(rows))
    return sum(map(len, people.values()))


def _are_more(after: int, upto: int, most: int) -> bool:
    """Whether more rows of the log than this wait: its numbers have gaps, so they are counted where the numbers would allow it."""
    if upto - after <= most:
        return False
    with connection.cursor() as query:
        rows = "SELECT 1 FROM listen_activity WHERE seq > %s AND seq <= %s LIMIT %s"
        query.execute(f"SELECT COUNT(*) FROM ({rows}) AS waiting", [after, upto, most + 1])
        return int(query.fetchone()[0]) > most


def _handles(rows: Sequence[tuple[Any, ...]]) -> set[int]:
    """Whom rows speak of: who did something, to whom we did something, and whoever something was taken back of."""
    found: set[int] = set()
    families = set()
    for _seq, _workspace, event, root, actor, target, direction, kind, is_machine, superseded in rows:
        if root is not None or superseded:
            families.add(bytes(root or event))
        key = actor if direction == "in" or kind == "Profile" else target
        if key is not None and not is_machine:
            found.add(key)
    return found | (history.handles_of_families(families) if families else set())


def _score(people: dict[int, set[int]]) -> None:
    for workspace in Workspace.objects.filter(pk__in=people):
        known = scoring.known_of(workspace)
        for part in bulk.chunks(sorted(people[workspace.pk]), CHUNK):
            scoring.write(workspace, scoring.work_out(workspace, part, list(scores()), known, timezone.now()))


def _leave_to_all(cursor: Cursor, upto: int) -> int:
    """So much came at once that everybody is worked out: those whom the rows speak of are among them."""
    with connection.cursor() as query:
        query.execute("SELECT DISTINCT workspace_id FROM listen_activity WHERE seq > %s AND seq <= %s", [cursor.position, upto])
        workspaces = [row[0] for row in query.fetchall()]
    with transaction.atomic():
        ScoreRun.objects.filter(workspace__in=workspaces).update(at=LONG_AGO)
        lease.advance(cursor, upto, upto - cursor.position)
    return len(workspaces)


def _move(name: str, position: int) -> None:
    if not Cursor.objects.filter(name=name, position__lte=position).update(position=position, updated_at=timezone.now()):
        Cursor.objects.get_or_create(name=name, defaults={"position": position})


def ask_again(workspace: Workspace, user: User) -> None:
    """Everybody's scores are worked out anew as soon as a worker has time."""
    with transaction.atomic():
        ScoreRun.objects.of(workspace).filter(name__in=scores()).update(at=LONG_AGO)
        Cursor.objects.filter(name=_lease(workspace)).update(position=0)
        audit.record(workspace, user, "asked for anew", "scores")


def empty() -> None:
    """Before a rebuild: the log is followed from its beginning, and everybody worked out when it is through. Scores stand until then.

    Inside the caller's transaction.
    """
    Cursor.objects.filter(name__in=AHEAD).update(position=0, done=0, failed_in_a_row=0, trouble="")
    ScoreRun.objects.filter(name__in=scores()).update(at=LONG_AGO)


def due(at: datetime | None = None) -> list[Workspace]:
    """Workspaces in which a score waits for a round of everybody that nobody is at."""
    return [each for each in Workspace.objects.order_by("pk") if due_of(each, at)]


def due_of(workspace: Workspace, at: datetime | None = None) -> list[str]:
    """Which scores wait to be worked out for everybody; none while a round runs, or has just run."""
    now = at or timezone.now()
    cursor = Cursor.objects.filter(name=_lease(workspace)).first()
    if cursor is not None and ((cursor.owner and cursor.lease_until > now) or now < cursor.updated_at + _pause(cursor)):
        return []
    if not Profile.objects.of(workspace).exists():
        return []
    last = dict(ScoreRun.objects.of(workspace).values_list("name", "at"))
    return [name for name, each in scores().items() if name not in last or last[name] + timedelta(hours=each.SCORE.hours) <= now]


def _pause(cursor: Cursor) -> timedelta:
    """After a round: `done` keeps how many seconds it took. Before the first there is none."""
    return max(SOONEST, timedelta(seconds=BETWEEN * cursor.done)) if cursor.position else timedelta()


def _lease(workspace: Workspace) -> str:
    return f"scores of all {workspace.pk}"


def turn() -> bool:
    """One round of the first workspace that is due; False when none is."""
    return any(everybody(workspace) is not None for workspace in due()[:1])


def everybody(workspace: Workspace, names: Sequence[str] | None = None, at: datetime | None = None) -> Done | None:
    """Learn anew, and work these scores (all of them) out for everybody; None when another process is at it."""
    with lease.held(_lease(workspace)) as cursor:
        if cursor is None:
            return None
        done = _All(workspace, list(names or scores()), at or timezone.now(), cursor).run()
        Cursor.objects.filter(name=cursor.name).update(position=cursor.position + 1, done=int(done.seconds) + 1, updated_at=timezone.now())
        return done


class _All:
    """One round of a workspace."""

    def __init__(self, workspace: Workspace, names: list[str], at: datetime, cursor: Cursor) -> None:
        self.workspace, self.names, self.at, self.cursor = workspace, names, at, cursor
        self.now = frames.now_of(workspace, at)
        self.known = scoring.known_of(workspace)
        self.quality: dict[str, Any] = {name: {"state": "rule"} for name in names}
        self.problems: dict[str, str] = {}

    def run(self) -> Done:
        began = time.monotonic()
        self._learn()
        spread, people, moved = {name: scoring.Spread() for name in self.names}, 0, 0
        for part in self._people():
            made = scoring.work_out(self.workspace, part, self.names, self.known, self.at, reasons=False)
            scoring.write(self.workspace, made)
            people, moved = people + len(part), moved + len(made.moved)
            for name, each in made.spread.items():
                spread[name].add(each)
        seconds = time.monotonic() - began
        self._sign(spread, seconds)
        return Done(people, moved, round(seconds, 3), tuple(name for name in self.names if self.quality[name].get("state") == "learnt"))

    def _people(self) -> Iterator[list[int]]:
        """Everybody by id, some thousand at a time; the lease is kept as we go."""
        last = -1
        while True:
            if not lease.keep(Cursor.objects.filter(name=self.cursor.name)):
                raise lease.LostLease(self.cursor.name)
            with connection.cursor() as query:
                query.execute(_PEOPLE, [self.workspace.pk, last, CHUNK])
                part = [row[0] for row in query.fetchall()]
            if not part:
                return
            yield part
            last = part[-1]

    def _learn(self) -> None:
        learners = {name: found for name in self.names if (found := learner(name))}
        if not learners:
            return
        rows: dict[str, list[Floats]] = {name: [] for name in learners}
        share = {name: self._share(each.SCORE.most) for name, each in learners.items()}
        for part in self._people():
            frame = scoring.frame_of(self.workspace, part, learners)
            for name, each in learners.items():
                told = each.gather(frame, self.now, self.known[name])
                rows[name].append(_some(told, share[name]))
        for name, each in learners.items():
            try:
                learnt = each.settle(np.concatenate(rows[name]) if rows[name] else np.zeros((0, 2)), self.now, self.known[name])
            except (ValueError, np.linalg.LinAlgError) as error:  # the rule holds, and the page says why
                self.problems[name] = said(error)[:300]
                self._hand_on(name, Learnt({}, {"state": "rule"}))
                continue
            if share[name] < 1:
                learnt = learnt._replace(quality={**learnt.quality, "share": round(share[name], 4)})
            self._hand_on(name, learnt)

    def _hand_on(self, name: str, learnt: Learnt) -> None:
        """To the score, and to those that read its model."""
        for each in self.names:
            if teacher(each) == name:
                self.known[each] = replace(self.known[each], learnt=learnt.model)
                told = learnt.quality if each == name else {key: learnt.quality[key] for key in _SHORT if key in learnt.quality}
                self.quality[each] = dict(told)

    def _share(self, most: int) -> float:
        people = Profile.objects.of(self.workspace).count() if most else 0
        return min(1.0, most / people) if people else 1.0

    @transaction.atomic
    def _sign(self, spread: dict[str, scoring.Spread], seconds: float) -> None:
        for name in self.names:
            found = spread[name]
            quality = {**self.quality[name], "spread": found.parts, "labels": dict(found.labels)}
            values = {
                "at": self.at, "people": found.people, "seconds": round(seconds, 3), "quality": quality,
                "model": dict(self.known[name].learnt) if teacher(name) == name else {}, "problem": self.problems.get(name, ""),
            }  # fmt: skip
            ScoreRun.objects.update_or_create(workspace=self.workspace, name=name, defaults=values)
        gone = "NOT EXISTS (SELECT 1 FROM organise_profile p WHERE p.person = organise_score.person)"
        bulk.execute(f"DELETE FROM organise_score WHERE workspace_id = %s AND {gone}", [self.workspace.pk])


def _some(rows: Floats, share: float) -> Floats:
    """A share of the people, the same ones every time."""
    if share >= 1:
        return rows
    mixed = rows[:, 0].astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F)
    found: Floats = rows[mixed < np.uint64(int(share * 2**63) * 2)]
    return found
