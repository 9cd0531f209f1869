"""Who is in a segment, now and then; whose segments; how large it was; what it shares with others; why someone is in or out."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.engines.base import EngineError
from vincle.store import bulk

from . import building, frames, looking
from .everybody import all_members
from .models import Membership, Profile, Segment
from .segments.frame import Frame, Now
from .segments.why import Reason, explain

MOST_OVERLAPPING = 12
PIECE = 5_000


class Stay(NamedTuple):
    """Someone was in a segment from `entered_at` until `left_at` (None: still is)."""

    segment: Segment
    entered_at: datetime
    left_at: datetime | None


class Size(NamedTuple):
    """At the end of a day: how many were in, and how many had come and gone during it."""

    day: date
    members: int
    entered: int
    left: int


class Shared(NamedTuple):
    """How many people are in exactly these segments (primary keys) and in none of the others asked about."""

    segments: frozenset[int]
    people: int


def found(workspace: Workspace, public: str) -> Segment | None:
    """The segment of this public id, put away or not; None when there is none here."""
    row: Segment | None = Segment.objects.of(workspace).filter(public=public.replace("\0", "")).select_related("by").first()
    return row


def listed(workspace: Workspace, *, archived: bool = False) -> "QuerySet[Segment]":
    """The segments of a workspace by name."""
    rows: QuerySet[Segment] = Segment.objects.of(workspace).filter(archived_at__isnull=not archived).order_by("name", "pk")
    return rows


def members(segment: Segment, at: datetime | None = None) -> list[int]:
    """Ids of the people in a segment, ascending: as of a moment by the ledger, as of one before it was made by looking at everybody."""
    if at is not None and at < segment.created_at:
        return _as_of(segment, at)
    inside = Q(left_at=None) if at is None else Q(entered_at__lte=at) & (Q(left_at=None) | Q(left_at__gt=at))
    rows = Membership.objects.of(segment.workspace_id).filter(inside, segment=segment).order_by("person")
    return list(rows.values_list("person", flat=True).distinct())


def page(segment: Segment, after: int = -1, size: int = 50) -> list[tuple[int, datetime]]:
    """Some members behind a person's id, as (id, since when)."""
    rows = Membership.objects.of(segment.workspace_id).filter(segment=segment, left_at=None, person__gt=after).order_by("person")
    return list(rows.values_list("person", "entered_at")[:size])


def newest(segment: Segment, size: int = 10, *, left: bool = False) -> list[Stay]:
    """Who came (or went) last."""
    rows = Membership.objects.of(segment.workspace_id).filter(segment=segment)
    rows = rows.exclude(left_at=None).order_by("-left_at", "-pk") if left else rows.order_by("-entered_at", "-pk")
    return [Stay(segment, row.entered_at, row.left_at) for row in rows[:size]]


def of_person(workspace: Workspace, person: int, *, past: bool = False) -> list[Stay]:
    """The segments someone is in, or with `past` ever was in, newest first."""
    rows = Membership.objects.of(workspace).filter(person=person, segment__archived_at=None).select_related("segment")
    rows = rows if past else rows.filter(left_at=None)
    return [Stay(row.segment, row.entered_at, row.left_at) for row in rows.order_by("-entered_at", "-pk")]


def of_people(workspace: Workspace, people: Iterable[int]) -> dict[int, list[int]]:
    """Person -> primary keys of the segments they are in; by one query."""
    sql = "SELECT person, segment_id FROM organise_membership WHERE workspace_id = %s AND left_at IS NULL AND person IN ({})"
    found: dict[int, list[int]] = {}
    for person, segment in bulk.select(sql, people, [workspace.pk]):
        found.setdefault(person, []).append(segment)
    return found


def inside(segment: Segment, people: Iterable[int]) -> set[int]:
    """Those of these people who are in a segment now; by one query."""
    sql = "SELECT person FROM organise_membership WHERE segment_id = %s AND left_at IS NULL AND person IN ({})"
    return {person for (person,) in bulk.select(sql, set(people), [segment.pk])}


def sizes(segment: Segment, days: int = 90, today: date | None = None) -> list[Size]:
    """How large it was at the end of each of the last days, in the workspace's own days; none from before it was made."""
    zone = ZoneInfo(Workspace.objects.values_list("timezone", flat=True).get(pk=segment.workspace_id))
    end = today or timezone.now().astimezone(zone).date()
    rows = Membership.objects.of(segment.workspace_id).filter(segment=segment)

    def by_day(column: str) -> dict[date, int]:
        counted = rows.exclude(**{column: None}).annotate(day=TruncDate(column, tzinfo=zone)).values("day").annotate(people=Count("pk"))
        return dict(counted.order_by().values_list("day", "people"))

    came, went = by_day("entered_at"), by_day("left_at")
    first = max(end - timedelta(days=days - 1), segment.created_at.astimezone(zone).date())
    members = sum(came[day] for day in came if day < first) - sum(went[day] for day in went if day < first)
    sized = []
    for day in (first + timedelta(days=step) for step in range((end - first).days + 1)):
        members += came.get(day, 0) - went.get(day, 0)
        sized.append(Size(day, members, came.get(day, 0), went.get(day, 0)))
    return sized


def overlap(segments: Sequence[Segment]) -> list[Shared]:
    """How many people are in which combination of some segments (`MOST_OVERLAPPING` at most), the largest first; by one query."""
    if len(segments) > MOST_OVERLAPPING:
        raise ValueError(f"{MOST_OVERLAPPING} segments at most")
    bits = {segment.pk: 1 << place for place, segment in enumerate(segments)}
    cases = " ".join([f"WHEN {pk:d} THEN {bit:d}" for pk, bit in bits.items()])
    sql = (
        f"SELECT mask, COUNT(*) FROM (SELECT person, SUM(CASE segment_id {cases} END) AS mask FROM organise_membership "
        "WHERE left_at IS NULL AND segment_id IN ({}) GROUP BY person) each GROUP BY mask"
    )
    shared = [
        Shared(frozenset(pk for pk, bit in bits.items() if int(mask) & bit), people)
        for mask, people in (bulk.select(sql, bits) if bits else ())
    ]
    return sorted(shared, key=lambda each: (-each.people, sorted(each.segments)))


def _as_of(segment: Segment, at: datetime) -> list[int]:
    workspace = Workspace.objects.get(pk=segment.workspace_id)
    return evaluated(workspace, segment.predicate, at)


def evaluated(workspace: Workspace, predicate: Any, at: datetime) -> list[int]:
    """Ids of those for whom a predicate (JSON) holds as of a moment, ascending. BadPredicate.

    Where there are many the lake says so, as far as it has come; else everybody is looked at, in pieces.
    """
    asked = looking.Asked(workspace, [])
    wanted = looking.read(predicate)
    if building.is_large(workspace):
        with suppress(EngineError):
            now = frames.now_of(workspace, at)
            return [int(each) for each in all_members(workspace, wanted, now, asked.predicates, as_of=at)]
    needed = looking.needs_of([wanted], asked.predicates)
    ids: list[int] = []
    for frame, now in _pieces(workspace, needed, at):
        ids += frame.ids[looking.Evaluation(frame, now, asked.predicates).truth(wanted)].tolist()
    return ids


def _pieces(workspace: Workspace, needed: Any, at: datetime) -> Iterator[tuple[Frame, Now]]:
    after, now = -1, frames.now_of(workspace, at)
    known = Profile.objects.of(workspace).filter(known_since__lte=at).order_by("person").values_list("person", flat=True)
    while people := list(known.filter(person__gt=after)[:PIECE]):
        yield frames.load(workspace, people, needed, as_of=at), now
        after = people[-1]


def why(workspace: Workspace, segment: Segment, person: int, at: datetime | None = None) -> Reason | None:
    """Why someone is in or out, clause by clause; None when there is no such person here. BadPredicate."""
    asked = looking.Asked(workspace, [])
    predicate = looking.predicate_of(segment)
    frame = frames.load(workspace, [person], looking.needs_of([predicate], asked.predicates))
    if not len(frame.ids):
        return None
    return explain(predicate, frame, frames.now_of(workspace, at or timezone.now()), asked.predicates)
