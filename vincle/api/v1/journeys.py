"""Journeys: what they say and do, how many stand where, and letting people begin."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from vincle.accounts.access import May
from vincle.engage.journeys import counting, listing, people
from vincle.engage.journeys import models as journeys
from vincle.organise.team import Refused

from . import cursors, reach, shapes
from .endpoint import Call, Nothing, endpoint
from .faults import conflict, missing


class JourneysAsked(Struct, forbid_unknown_fields=True):
    archived: Annotated[bool, Meta(description="Those that were put away instead.")] = False
    limit: shapes.Limit = 50
    cursor: shapes.After = ""


class JourneyLine(Struct, kw_only=True):
    """`people`: how many are on the way (`waiting`), and how the others ended: done, goal, left, stopped."""

    id: shapes.PublicId
    name: str
    description: str
    state: str
    version: int
    live: Annotated[int | None, Meta(description="The version that runs; the newest may not run yet.")]
    people: dict[str, int]
    started_at: datetime | None
    created_at: datetime
    changed_at: datetime
    archived_at: datetime | None


class Journeys(Struct):
    """A page of journeys, newest first."""

    data: list[JourneyLine]
    next_cursor: shapes.Cursor


class StepCounts(Struct):
    """Of one step: who waits in it now, and how many went through it."""

    waiting: int
    passed: int


class Journey(JourneyLine, kw_only=True):
    definition: Annotated[dict[str, Any], Meta(description="The newest wording, as docs/reference/journey.schema.json says.")]
    steps: Annotated[dict[str, StepCounts], Meta(description="By the id of the step; those nobody came to are not in it.")]


class BeginAsked(Struct, forbid_unknown_fields=True):
    people: Annotated[list[str], Meta(min_length=1, max_length=500, description="Public ids of people.")]
    why: Annotated[str, Meta(max_length=200, description="Kept in the audit log.")] = ""


class Begun(Struct):
    """How many began: whoever is on the way, or may not begin again yet, does not."""

    id: shapes.PublicId
    begun: int


@endpoint("GET", "journeys", May.SEE, asks=JourneysAsked, answers=Journeys)
def list_journeys(call: Call[JourneysAsked]) -> Journeys:
    """Journeys, newest first."""
    rows = journeys.Journey.objects.of(call.workspace).filter(archived_at__isnull=not call.asked.archived)
    shown, more = cursors.newest(rows, call.asked)
    ends = listing.ends_of(shown)
    return Journeys([JourneyLine(**_line(row, ends.get(row.pk, {}))) for row in shown], more)


@endpoint("GET", "journeys/<journey>", May.SEE, answers=Journey)
def get_journey(call: Call[Nothing], journey: str) -> Journey:
    """One journey with its wording and how many stand where."""
    row = _find(call, journey)
    wording = journeys.JourneyVersion.objects.of(call.workspace).get(journey=row, number=row.version)
    steps = {node: StepCounts(*live) for node, live in sorted(counting.live(row).items())}
    return Journey(**_line(row, counting.ends(row)), definition=wording.definition, steps=steps)


@endpoint("POST", "journeys/<journey>/begin", May.SPEAK, asks=BeginAsked, answers=Begun)
def begin_journey(call: Call[BeginAsked], journey: str) -> Begun:
    """Let people begin a journey that runs, as far as its rule of beginning again lets them."""
    row = _find(call, journey)
    wanted = [reach.person(call.workspace, each, "people").person.pk for each in call.asked.people]
    try:
        begun = people.put_in(call.workspace, call.user, row, wanted, call.asked.why.replace("\x00", ""))
    except Refused as refused:
        raise conflict(str(refused)) from refused
    return Begun(row.public, begun)


def _find(call: Call[Any], journey: str) -> journeys.Journey:
    found: journeys.Journey | None = journeys.Journey.objects.of(call.workspace).filter(public=journey.replace("\x00", "")).first()
    if found is None:
        raise missing("journey")
    return found


def _line(row: journeys.Journey, ends: dict[str, int]) -> dict[str, Any]:
    return {
        "id": row.public, "name": row.name, "description": row.description, "state": row.state, "version": row.version, "live": row.live,
        "people": ends, "started_at": row.started_at, "created_at": row.created_at, "changed_at": row.changed_at,
        "archived_at": row.archived_at,
    }  # fmt: skip
