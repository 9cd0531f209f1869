"""The answers of a survey from the database, as frames; who came by which way; and whether they are like those who were meant."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from time import monotonic
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Count, Max, QuerySet, TextField
from django.db.models.functions import Cast
from msgspec import ValidationError
from msgspec.json import Decoder

from vincle.organise import members
from vincle.organise.models import Profile, Segment
from vincle.science.raking import Raked, rake

from ..definition import model as d
from ..models import Collector, Invitation, Response, Survey
from .frame import Floats, Frame, Row

MOST: Final = 200_000
_FIELDS: Final = ("pk", "collector_id", "person", "language", "submitted_at", "seconds", "said", "public_id")
_read: Final = Decoder(dict[str, Any]).decode
KEPT, KEPT_SECONDS = 2, 60
"""So many surveys' answers are held in memory, for so long: people narrow, compare and take along what they just opened."""
_kept: dict[tuple[Any, ...], tuple[float, Frame]] = {}
MARGINS: Final = ("stage", "country")
ASKED: Final = ("asked", "reminded", "opened", "answered", "declined")


@dataclass(frozen=True)
class Asked:
    """What the report is about, as its address says it; empty: everything. `weighted`: like the known people."""

    collector: str = ""
    language: str = ""
    segment: str = ""
    first: date | None = None
    last: date | None = None
    careful: bool = False
    weighted: bool = False
    by: str = ""
    of: str = ""


@dataclass
class Likeness:
    """Those who answered beside those who are known, by trait: rows of (group, share of answers, share of people). None: not known."""

    n: int
    tables: dict[str, list[tuple[str, float, float]]] = field(default_factory=dict)
    raked: Raked | None = None
    problem: str = ""


def definition(survey: Survey) -> d.Survey:
    """What is asked, or the draft while nothing was opened; an empty survey where the draft is none."""
    try:
        return d.load(survey.version.definition if survey.version_id and survey.version else survey.definition)
    except ValidationError:
        return d.Survey()


def zone(survey: Survey) -> str:
    return survey.timezone or survey.workspace.timezone


def frame(survey: Survey, language: str, asked: Asked = Asked()) -> Frame:
    """All complete answers the address asks for, oldest first. Kept for a minute, as long as no answer comes, goes or is forgotten.

    One query, two where answers are not kept, and one for the people of a segment.
    """
    rows = _rows(survey, asked)
    marks = rows.aggregate(
        n=Count("pk"), last=Max("submitted_at"), newest=Max("pk"),
        people=Count("person"), handles=Count("handle"), invited=Count("invitation"),
    )  # fmt: skip
    now, narrowed = monotonic(), replace(asked, by="", of="", careful=False, weighted=False)
    key = (survey.pk, survey.created_at, survey.version_id, survey.revision, language, narrowed, *marks.values())
    kept = _kept.get(key)
    if kept is None or kept[0] < now:
        kept = now + KEPT_SECONDS, _read_all(survey, rows, language, asked)
        for old in [*(each for each, (until, _frame) in list(_kept.items()) if until < now), *list(_kept)[: 1 - KEPT]]:
            _kept.pop(old, None)
        _kept[key] = kept
    return kept[1].again()


def _rows(survey: Survey, asked: Asked) -> QuerySet[Response]:
    rows = Response.objects.of(survey.workspace_id).filter(survey=survey, state=Response.State.COMPLETE)
    if asked.collector:
        rows = rows.filter(collector__public_id=asked.collector)
    if asked.language:
        rows = rows.filter(language=asked.language)
    here = ZoneInfo(zone(survey))
    if asked.first:
        rows = rows.filter(submitted_at__gte=datetime.combine(asked.first, time(), here))
    if asked.last:
        rows = rows.filter(submitted_at__lt=datetime.combine(asked.last + timedelta(days=1), time(), here))
    return rows


def _read_all(survey: Survey, rows: QuerySet[Response], language: str, asked: Asked) -> Frame:
    plain = rows.annotate(said=Cast("answers", TextField())).order_by("submitted_at", "pk").values_list(*_FIELDS)[:MOST]
    found = [
        Row(pk, way, person, tongue, at, seconds, _read(said), public)
        for pk, way, person, tongue, at, seconds, said, public in plain
    ]  # fmt: skip
    if asked.segment and not survey.is_anonymous:
        segment = members.found(survey.workspace, asked.segment)
        inside = set(members.members(segment)) if segment else set()
        found = [row for row in found if row.person in inside]
    return Frame(definition(survey), found, language, is_anonymous=survey.is_anonymous)


def states(survey: Survey) -> dict[tuple[int, str], int]:
    """(collector, state) -> responses. One query."""
    rows = Response.objects.of(survey.workspace_id).filter(survey=survey).values_list("collector", "state")
    return {(collector, state): n for collector, state, n in rows.annotate(n=Count("pk")).order_by()}


def invited(survey: Survey) -> dict[tuple[int, str], int]:
    """(collector, state) -> invitations. One query."""
    rows = Invitation.objects.of(survey.workspace_id).filter(survey=survey).values_list("collector", "state")
    return {(collector, state): n for collector, state, n in rows.annotate(n=Count("pk")).order_by()}


def collectors(survey: Survey) -> dict[int, Collector]:
    return {each.pk: each for each in Collector.objects.of(survey.workspace_id).filter(survey=survey)}


def rate_by_segment(survey: Survey) -> list[tuple[str, int, int]]:
    """(segment, asked, answered) of those who were invited; most asked first. Three queries."""
    rows = Invitation.objects.of(survey.workspace_id).filter(survey=survey, person__isnull=False, state__in=ASKED)
    people = dict(rows.values_list("person", "state"))
    if not people:
        return []
    names = dict(Segment.objects.of(survey.workspace_id).filter(archived_at=None).values_list("pk", "name"))
    found: dict[int, list[int]] = {}
    for person, segments in members.of_people(survey.workspace, people).items():
        for pk in segments:
            counts = found.setdefault(pk, [0, 0])
            counts[0] += 1
            counts[1] += people[person] == Invitation.State.ANSWERED
    table = [(names[pk], asked, answered) for pk, (asked, answered) in found.items() if pk in names]
    return sorted(table, key=lambda row: (-row[1], row[0]))[:12]


def segments_of(survey: Survey, frame_: Frame, chosen: Segment) -> list[str | None]:
    """Of each row whether its person is in a segment; None: the person is not known."""
    inside = set(members.members(chosen))
    return [None if row.person is None else "in" if row.person in inside else "out" for row in frame_.rows]


def likeness(survey: Survey, frame_: Frame) -> Likeness:
    """Whether those who answered are like all people who are known, and the weights that would make them so. Three queries."""
    people = [row.person for row in frame_.rows]
    known = [person for person in people if person is not None]
    if survey.is_anonymous or len(known) < 10:
        return Likeness(len(known), problem="anonymous" if survey.is_anonymous else "few")
    everybody = Profile.objects.of(survey.workspace_id)
    whose = {
        person: traits for batch in _batches(known)
        for person, *traits in everybody.filter(person__in=batch).values_list("person", *MARGINS)
    }  # fmt: skip
    found = Likeness(len(whose))
    groups, targets = [], []
    for place, margin in enumerate(MARGINS):
        counts = dict(everybody.values_list(margin).annotate(n=Count("person")).order_by())
        mine = [whose[person][place] if person in whose else None for person in people]
        if table := _table(counts, mine, found, margin):
            groups.append(table[0])
            targets.append(table[1])
    if groups:
        try:
            found.raked = rake(groups, targets)
        except ValueError:
            found.problem = "empty"
    return found


def _batches(people: list[int]) -> list[list[int]]:
    return [people[begin : begin + 500] for begin in range(0, len(people), 500)]


def _table(counts: Mapping[str, int], mine: list[str | None], found: Likeness, margin: str) -> tuple[list[int], Floats] | None:
    """Groups that somebody of answered, the six largest; the others are put together. None where there is one group alone."""
    there = {name: mine.count(name) for name in counts if name}
    names = sorted((name for name, n in there.items() if n), key=lambda name: -counts[name])[:6]
    if len(names) < 2:
        return None
    sizes = np.array([counts[name] for name in names], np.float64)
    answered = np.array([there[name] for name in names], np.float64)
    pairs = zip(names, answered / answered.sum(), sizes / sizes.sum(), strict=True)
    found.tables[margin] = [(name, float(share), float(meant)) for name, share, meant in pairs]
    place = {name: number for number, name in enumerate(names)}
    return [place.get(each, -1) if each is not None else -1 for each in mine], sizes


def names(survey: Survey, rows: list[Row]) -> dict[int, str]:
    """Names of the people of some rows. One query."""
    people = {row.person for row in rows if row.person is not None}
    return dict(Profile.objects.of(survey.workspace_id).filter(person__in=people).values_list("person", "name")) if people else {}


def asked_of(query: Mapping[str, Any]) -> Asked:
    """What an address asks for; what it says wrongly is left out."""
    names = ("collector", "language", "segment", "by", "of")
    given: dict[str, Any] = {name: str(query.get(name, "")).replace("\0", "")[:80] for name in names}
    given |= {"first": _day(query.get("from")), "last": _day(query.get("to"))}
    return Asked(**given, careful="careful" in query, weighted="weighted" in query)


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text or "")[:10])
    except ValueError:
        return None
