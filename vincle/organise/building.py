"""Everybody looked at for segments that are new, ask something else, or came back: a piece at a time, beside all that goes on.

What is written here is found because the question is new: it stands in the ledger, and is told to nobody as something that happened.
Where there are many people the lake says at once who is in; everybody is then looked at only for when time alone will change that.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from time import perf_counter
from typing import Final

import numpy as np
import structlog
from django.db import transaction
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.engines.base import EngineError
from vincle.identify.models import Change
from vincle.listen import changes
from vincle.store import bulk, lease
from vincle.store.lease import LostLease, positions
from vincle.store.models import Cursor

from . import frames, history, looking, touching, warehouse
from .everybody import all_members
from .history import Histories
from .models import Membership, Profile, Segment
from .segments.frame import Ints
from .segments.needs import clauses_of
from .segments.predicate import Did, InSegment, Predicate, Trait
from .segments.predicate import Sequence as Steps

LARGE: Final = 20_000
"""From so many people on the lake is asked."""

FEWEST, MOST, WRITTEN = 100, 2_000, 20_000
"""People in a piece that is looked at; in one that is written."""

QUICK, SLOW = 0.15, 0.5
"""Seconds a piece may take: what happens meanwhile waits for it."""

_TIMED: Final = frozenset({"in_last", "in_next", "birthday_in_next"})
_ALL: Final = 10**9
_size = [MOST]
logger = structlog.get_logger(__name__)


def is_behind() -> bool:
    return Segment.objects.filter(looked_to__isnull=False, archived_at=None).exists()


def turn(cursor: Cursor, at: datetime | None = None) -> int:
    """Look at one piece of the people of one workspace; returns how many. Under the step's lease."""
    first = Segment.objects.filter(looked_to__isnull=False, archived_at=None).order_by("workspace_id", "looked_to", "pk").first()
    if first is None:
        return 0
    workspace, now = Workspace.objects.get(pk=first.workspace_id), at or timezone.now()
    is_new = first.looked_to == -1 and first.state == Segment.State.BUILDING
    if is_new and is_large(workspace) and (found := _by_the_lake(cursor, workspace, first, now)):
        return found
    together = Segment.objects.of(workspace).filter(looked_to=first.looked_to, state=first.state, archived_at=None)
    asked = looking.Asked(workspace, together.values_list("pk", flat=True))
    if not asked.segments:
        together.update(looked_to=None)
        return 1  # none of them can be worked out: each says so
    return _piece(cursor, asked, first.looked_to or 0, now)


def _piece(cursor: Cursor, asked: looking.Asked, after: int, now: datetime) -> int:
    began, size = perf_counter(), _size[0]
    people = _next(asked.workspace, after, size)
    look = looking.Look(asked, people, now, Histories(cursor.position), is_part=True)
    with transaction.atomic():
        look.histories.write()
        look.write()
        _go_on(look, people, size)
        _hold(cursor)
    took = perf_counter() - began
    _size[0] = max(size // 2, FEWEST) if took > SLOW else min(size * 2, MOST) if took < QUICK else size
    return max(len(people), 1)


def _hold(cursor: Cursor) -> None:
    if not lease.keep(Cursor.objects.filter(pk=cursor.pk)):
        raise LostLease(cursor.name)


def _next(workspace: Workspace, after: int, size: int) -> list[int]:
    found = Profile.objects.of(workspace).filter(person__gt=after).order_by("person")
    return list(found.values_list("person", flat=True)[:size])


def _go_on(look: looking.Look, people: Sequence[int], size: int) -> None:
    """Note how far they are; those that are through live from now on. One that was changed meanwhile begins anew by itself."""
    for segment in look.segments:
        if len(people) == size:
            rows = Segment.objects.filter(pk=segment.pk, version=segment.version, looked_to__isnull=False)
            rows.update(looked_to=people[-1])
        else:
            finish(segment, look.at)


def finish(segment: Segment, at: datetime, *, left: bool = False) -> None:
    """Everybody was looked at: who is no person any more leaves, the count is exact. Inside the caller's transaction.

    `left`: there is more to do for it, from the first person on.
    """
    gone = (
        "UPDATE organise_membership SET left_at = %s, is_dropped = TRUE WHERE segment_id = %s AND left_at IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM organise_profile p WHERE p.person = organise_membership.person)"
    )
    bulk.execute(gone, [bulk.stamp(at), segment.pk])
    members = Membership.objects.of(segment.workspace_id).filter(segment=segment, left_at=None).count()
    Segment.objects.filter(pk=segment.pk, version=segment.version).update(
        state=Segment.State.LIVE, problem="", looked_to=-1 if left else None, built_at=at, members=members
    )


def everything_again(workspace: Workspace | None = None) -> None:
    """Have everybody looked at again for all segments (of a workspace). Inside the caller's transaction."""
    rows = Segment.objects.filter(archived_at=None) if workspace is None else Segment.objects.of(workspace).filter(archived_at=None)
    rows.update(state=Segment.State.BUILDING, looked_to=-1)


def begin(segments: Iterable[int]) -> None:
    """Have everybody looked at for these segments. Inside the caller's transaction."""
    Segment.objects.filter(pk__in=list(segments)).update(state=Segment.State.BUILDING, looked_to=-1, problem="")


# Many people


def is_large(workspace: Workspace) -> bool:
    """Whether there are so many people that the lake is asked."""
    return len(Profile.objects.of(workspace).values_list("person", flat=True)[:LARGE]) == LARGE


def _by_the_lake(cursor: Cursor, workspace: Workspace, segment: Segment, at: datetime) -> int:
    """Who is in, as the lake says; returns how many people that concerned, 0 when it cannot be asked."""
    asked = looking.Asked(workspace, [segment.pk])
    if not asked.segments:
        return 0
    predicate = asked.predicates[segment.public]
    try:
        ids = all_members(workspace, predicate, frames.now_of(workspace, at))
    except EngineError as error:
        logger.warning("everybody is looked at one by one", segment=segment.public, error=str(error))
        return 0
    _hold(cursor)
    inside = Membership.objects.of(workspace).filter(segment=segment, left_at=None).order_by("person").values_list("person", flat=True)
    stood = np.fromiter(inside.iterator(), np.int64)
    _enter(cursor, segment, np.setdiff1d(ids, stood, assume_unique=True), at)
    _leave(cursor, segment, np.setdiff1d(stood, ids, assume_unique=True), at)
    with transaction.atomic():
        touching.touch(workspace, _lagging(workspace, cursor.position, at))
        finish(segment, at, left=is_timed(predicate, asked.predicates))
        _hold(cursor)
    return max(len(ids), 1)


def _enter(cursor: Cursor, segment: Segment, people: Ints, at: datetime) -> None:
    since = bulk.writer()(segment.created_at if segment.built_at is None else at)
    for part in bulk.chunks(people.tolist(), WRITTEN):
        with transaction.atomic():
            bulk.insert(Membership, looking.LEDGER, [(segment.workspace_id, segment.pk, person, since, True, False) for person in part])
            _hold(cursor)


def _leave(cursor: Cursor, segment: Segment, people: Ints, at: datetime) -> None:
    sql = "UPDATE organise_membership SET left_at = %s, is_dropped = TRUE WHERE segment_id = %s AND left_at IS NULL AND person IN ({})"
    for part in bulk.chunks(people.tolist(), WRITTEN):
        with transaction.atomic():
            bulk.execute_in(sql, part, [bulk.stamp(at), segment.pk])
            _hold(cursor)


def _lagging(workspace: Workspace, upto: int, at: datetime) -> set[int]:
    """Those of whom the lake does not know everything yet, or of whom something is dated later than now."""
    reached = positions()
    loaded = warehouse.tables()["activity"].loaded(warehouse.writer()) or 0
    side = "CASE WHEN direction = 'in' OR object_type = 'Profile' THEN actor ELSE target END"
    whose = f"SELECT {side} FROM listen_activity WHERE workspace_id = %s"
    handles: set[int] = set()
    for condition, values in (("seq > %s AND seq <= %s", [loaded, upto]), ("happened_at > %s", [bulk.stamp(at)])):
        handles |= {key for (key,) in bulk.select(f"{whose} AND {condition} AND 1 IN ({{}})", [1], [workspace.pk, *values])}
    sql = "SELECT root_id FROM listen_activity WHERE workspace_id = %s AND seq > %s AND seq <= %s AND root_id IS NOT NULL AND 1 IN ({})"
    handles |= history.handles_of_families(bytes(root) for (root,) in bulk.select(sql, [1], [workspace.pk, loaded, upto]))
    handles |= history.handles_of(changes.behind(reached.get("analyse texts", 0), changes.newest(), loaded, _ALL).texts)
    found = set(bulk.pluck("SELECT person FROM identify_belonging WHERE handle IN ({})", handles - {None}))
    moved = Change.objects.filter(workspace_id=workspace.pk, seq__gt=reached.get("analyse changes", 0))
    return found | set(moved.values_list("person", flat=True))


def is_timed(predicate: Predicate, among: Mapping[str, Predicate]) -> bool:
    """Whether time alone may change for whom it holds (dates in the future apart)."""
    waiting, seen = [predicate], set[str]()
    while waiting:
        for clause in clauses_of(waiting.pop()):
            if _hangs_on_time(clause):
                return True
            if isinstance(clause, InSegment) and clause.segment in among and clause.segment not in seen:
                seen.add(clause.segment)
                waiting.append(among[clause.segment])
    return False


def _hangs_on_time(clause: Predicate) -> bool:
    if isinstance(clause, Did):
        return clause.window.days is not None or bool(clause.window.since) or clause.measure in ("first", "last")
    return isinstance(clause, Steps) or (isinstance(clause, Trait) and clause.compare in _TIMED)
