"""Looking at people: which segments they are in now, and what is written where that changed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import numpy as np
import structlog
from django.db import transaction
from django.dispatch import Signal

from vincle.accounts.models import Workspace
from vincle.store import bulk
from vincle.store.blame import HOUSE, said

from . import computed, computing, cutoffs, frames, hooks, telling, touching
from .history import Histories
from .models import Due, Membership, Segment
from .segments.evaluate import Evaluation
from .segments.frame import Bools, Frame, Now
from .segments.needs import Needs, needs
from .segments.predicate import Predicate
from .segments.reading import BadPredicate, read

changed = Signal()
"""Sent when entries and exits are kept: `workspace`, `entered` and `left` as [(segment, person)], `at`, `is_built` (found by looking at
everybody after the question changed, not because something changed of the person)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 253_370_764_800_000_000  # the year 9999: what lies beyond never comes
_INSIDE = "SELECT segment_id, person FROM organise_membership WHERE workspace_id = %s AND left_at IS NULL AND person IN ({})"
_OPEN = f"SELECT id, segment_id, person, entered_at FROM {_INSIDE.partition('FROM ')[2]}"
LEDGER = ("workspace_id", "segment_id", "person", "entered_at", "is_found", "is_dropped")
_body = msgspec.json.Decoder().decode
logger = structlog.get_logger(__name__)


class Open(NamedTuple):
    """A row of the ledger of someone who is in."""

    pk: int
    segment: int
    person: int
    entered_at: datetime


@lru_cache(maxsize=4_096)
def _read(text: bytes) -> Predicate:
    return read(msgspec.json.decode(text))


def predicate_of(segment: Segment) -> Predicate:
    """What a segment asks. BadPredicate."""
    return _read(msgspec.json.encode(segment.predicate))


class Asked:
    """The segments of a workspace that are kept true, with all they lean on."""

    def __init__(self, workspace: Workspace, only: Iterable[int] | None = None) -> None:
        self.workspace = workspace
        rows = list(Segment.objects.of(workspace).annotate(is_heard=hooks.is_heard()).order_by("pk"))
        self.heard = {row.public for row in rows if row.is_heard}
        self.predicates: dict[str, Predicate] = {}
        for row in rows:
            try:
                self.predicates[row.public] = predicate_of(row)
            except BadPredicate as error:
                fail(row, str(error))
        wanted = None if only is None else set(only)
        self.segments = [
            row
            for row in rows
            if row.archived_at is None and row.state != Segment.State.FAILED and row.public in self.predicates
            and (wanted is None or row.pk in wanted)
        ]  # fmt: skip
        # Looking at everybody for new segments keeps nothing else.
        self.computed = computed.definitions(workspace) if only is None else []
        asked = [self.predicates[row.public] for row in self.segments]
        self.needs = needs_of([*asked, *(each.clause for each in self.computed)], self.predicates)


def needs_of(asked: Sequence[Predicate], among: Mapping[str, Predicate]) -> Needs:
    """What a frame has to carry for these, and for the segments they lean on."""
    taken: set[str] = set()
    found = needs(asked)
    while missing := {public for public in found.segments if public in among} - taken:
        taken |= missing
        found = needs([*asked, *(among[public] for public in sorted(taken))])
    return found


def fail(segment: Segment, problem: str) -> None:
    """A segment that cannot be worked out says so, and keeps its members as they are."""
    if (segment.state, segment.problem) != (Segment.State.FAILED, problem[:300]):
        logger.warning("a segment cannot be worked out", segment=segment.public)
        Segment.objects.filter(pk=segment.pk, version=segment.version).update(
            state=Segment.State.FAILED, problem=problem[:300], looked_to=None
        )


class Look:
    """Some people looked at for some segments at one moment. `write` keeps what changed, in a transaction of the step's.

    `is_part`: of the segments only some are looked at (everybody is, for these): other moments in `Due` stand.
    """

    def __init__(self, asked: Asked, people: Iterable[int], at: datetime, histories: Histories, *, is_part: bool = False) -> None:
        self.asked, self.at, self.is_part, self.histories = asked, at, is_part, histories
        self.workspace = asked.workspace
        self.now = frames.now_of(asked.workspace, at)
        self.tops = cutoffs.Moved(asked.workspace, asked.needs.tops)
        wanted = set(people)
        frame = frames.load(asked.workspace, wanted, asked.needs, histories, self.tops.found)
        self.gone = wanted - set(frame.ids.tolist())
        self.kept = computing.Kept(asked.workspace, asked.computed, frame, self.now, self.gone)
        self.frame, self.due = self.kept.frame, self.kept.next_change
        self.segments, self.truths = self._evaluate()
        self.entered, self.left = self._compare(wanted)

    def _evaluate(self) -> tuple[list[Segment], dict[int, Bools]]:
        on = Evaluation(self.frame, self.now, self.asked.predicates)
        done, truths = [], {}
        for segment in self.asked.segments:
            predicate = self.asked.predicates[segment.public]
            try:
                truths[segment.pk] = on.truth(predicate)
                np.minimum(self.due, on.next_change(predicate), out=self.due)
            except HOUSE:
                raise
            except Exception as error:
                fail(segment, str(error) if isinstance(error, BadPredicate) else said(error))
                continue
            done.append(segment)
        return done, truths

    def _compare(self, people: set[int]) -> tuple[list[tuple[int, int]], list[Open]]:
        """Who is in and was not yet, and who was in and is not any more."""
        pairs = list(bulk.select(_INSIDE, people, [self.workspace.pk]))
        segments, persons = (np.array(column, np.int64) for column in zip(*pairs, strict=True)) if pairs else (np.zeros(0, np.int64),) * 2
        order = np.lexsort((persons, segments))
        segments, persons = segments[order], persons[order]
        entered, left = list[tuple[int, int]](), set[tuple[int, int]]()
        for segment in self.segments:
            inside = persons[slice(*np.searchsorted(segments, [segment.pk, segment.pk + 1]))]
            members = self.frame.ids[self.truths[segment.pk]]
            entered += [(segment.pk, person) for person in np.setdiff1d(members, inside, assume_unique=True).tolist()]
            left |= {(segment.pk, person) for person in np.setdiff1d(inside, members, assume_unique=True).tolist()}
        rows = map(Open._make, bulk.select(_OPEN, {person for _, person in left}, [self.workspace.pk]))
        return entered, [row for row in rows if (row.segment, row.person) in left]

    def write(self) -> None:
        """Ledger, activities, moments. Inside the caller's transaction."""
        building = {segment.pk for segment in self.segments if self.is_part or segment.state != Segment.State.LIVE}
        first = {segment.pk: segment.created_at for segment in self.segments if self.is_part and segment.built_at is None}
        stamp = bulk.writer()
        rows = [
            (self.workspace.pk, segment, person, stamp(first.get(segment, self.at)), segment in building, False)
            for segment, person in self.entered
        ]
        bulk.insert(Membership, LEDGER, rows)
        self._put_out([row for row in self.left if row.segment in building or row.person in self.gone], is_dropped=True)
        self._put_out([row for row in self.left if row.segment not in building and row.person not in self.gone], is_dropped=False)
        count(self.entered, self.left)
        if self.asked.computed:
            self.kept.write()
        self.tops.write()
        self._write_due()
        if self.is_part:
            announce(self.workspace, self.entered, [(row.segment, row.person) for row in self.left], self.at, is_built=True)
        else:
            self._tell(building)

    def _put_out(self, rows: Sequence[Open], *, is_dropped: bool) -> None:
        sql = f"UPDATE organise_membership SET left_at = %s, is_dropped = {is_dropped} WHERE left_at IS NULL AND id IN ({{}})"
        bulk.execute_in(sql, [row.pk for row in rows], [bulk.stamp(self.at)])

    def _tell(self, building: set[int]) -> None:
        """What changed for a person goes into the log; what was found because the question is new does not."""
        publics = {segment.pk: segment.public for segment in self.segments}
        entered = [telling.Step(publics[pk], person, self.at) for pk, person in self.entered if pk not in building]
        left = [
            telling.Step(publics[row.segment], row.person, _aware(row.entered_at), self.at)
            for row in self.left
            if row.segment not in building and row.person not in self.gone
        ]
        telling.tell(self.workspace, [*entered, *left])
        hooks.write(self.workspace, self.asked.heard, [*entered, *left], self.at)
        announce(self.workspace, self.entered, [(row.segment, row.person) for row in self.left], self.at, is_built=False)

    def _write_due(self) -> None:
        moments = [
            (self.workspace.pk, int(person), bulk.stamp(moment_of(int(at))))
            for person, at in zip(self.frame.ids, self.due, strict=True)
            if at < _LAST
        ]
        if self.is_part:
            _sooner(moments)
            return
        having = {person for _, person, _ in moments}
        bulk.execute_in("DELETE FROM organise_due WHERE person IN ({})", (set(self.frame.ids.tolist()) | self.gone) - having)
        bulk.upsert(Due, ("workspace_id", "person", "at"), moments, "person")


def _sooner(moments: Sequence[tuple[Any, ...]]) -> None:
    """Keep the earlier of two moments."""
    there = dict(bulk.select("SELECT person, at FROM organise_due WHERE person IN ({})", [person for _, person, _ in moments]))
    earlier = [row for row in moments if row[1] not in there or row[2] < there[row[1]]]
    bulk.upsert(Due, ("workspace_id", "person", "at"), earlier, "person")


def announce(
    workspace: Workspace, entered: Sequence[tuple[int, int]], left: Sequence[tuple[int, int]], at: datetime, *, is_built: bool
) -> None:
    """Tell those who listen, once it is kept."""
    if entered or left:
        values = {"workspace": workspace, "entered": list(entered), "left": list(left), "at": at, "is_built": is_built}
        transaction.on_commit(lambda: changed.send_robust(Membership, **values))


def count(entered: Iterable[tuple[int, int]], left: Iterable[Open]) -> None:
    """Let the counts of segments follow, in one statement."""
    deltas: dict[int, int] = defaultdict(int)
    for segment, _ in entered:
        deltas[segment] += 1
    for row in left:
        deltas[row.segment] -= 1
    pairs = [(segment, delta) for segment, delta in sorted(deltas.items()) if delta]
    if pairs:
        values = " UNION ALL ".join([f"SELECT {segment:d} AS id, {delta:d} AS delta" for segment, delta in pairs])
        bulk.execute(f"UPDATE organise_segment SET members = members + d.delta FROM ({values}) d WHERE d.id = organise_segment.id")


def moment_of(micros: int) -> datetime:
    """Microseconds since 1970 as a moment."""
    return _EPOCH + timedelta(microseconds=micros)


def _aware(moment: datetime) -> datetime:
    return bulk.moment(moment) or moment


def handles_in(body: str) -> list[int]:
    """The handles a fact speaks of."""
    return list(_body(body).get("handles", ())) if body else []


def touch_handles(handles: Iterable[int]) -> None:
    """Have the owners of these handles looked at again. Inside the caller's transaction."""
    touching.touch_all(bulk.pluck("SELECT person FROM identify_belonging WHERE handle IN ({})", handles))


def of_people(workspace: Workspace, people: Iterable[int], at: datetime) -> tuple[Frame, Now]:
    """The frame of these people for all segments of a workspace, and now; for questions, not for keeping."""
    return frames.load(workspace, people, Asked(workspace).needs), frames.now_of(workspace, at)
