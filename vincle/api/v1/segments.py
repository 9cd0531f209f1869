"""Segments: what they ask, who is in them and why, how many somebody would be."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from django.utils import timezone
from msgspec import Meta, Struct

from vincle.accounts.access import May
from vincle.accounts.models import Workspace
from vincle.organise import members, preview, segmenting
from vincle.organise.models import Profile, Segment
from vincle.organise.segment_clauses import Names
from vincle.organise.segment_words import Told, because, sentence, told, wrong
from vincle.organise.segments.reading import BadPredicate, read
from vincle.vocabulary import public_id

from . import cursors, reach, shapes
from .endpoint import Call, Nothing, endpoint
from .faults import conflict, invalid, missing

Done = TypeVar("Done")
Predicate = Annotated[dict[str, Any], Meta(description='What is asked, as on the screen: `{"all": [{"trait": "city", "is": "Girona"}]}`.')]
Name = Annotated[str, Meta(min_length=1, max_length=120, description="Its own among the segments.")]
Description = Annotated[str, Meta(max_length=400)]


class SegmentLine(Struct, kw_only=True):
    """A segment; `members` are kept true as things happen."""

    id: shapes.PublicId
    name: str
    description: str
    predicate: dict[str, Any]
    sentence: Annotated[str, Meta(description="What is asked, in words.")]
    state: Annotated[str, Meta(description="`building` until everybody was looked at, `live`, or `failed`: see `problem`.")]
    problem: str
    members: int
    version: int
    created_at: datetime
    changed_at: datetime
    built_at: datetime | None
    archived_at: datetime | None


class Segments(Struct):
    data: list[SegmentLine]


class SegmentsAsked(Struct, forbid_unknown_fields=True):
    archived: Annotated[bool, Meta(description="Those that were put away instead.")] = False


class CreateAsked(Struct, forbid_unknown_fields=True):
    predicate: Predicate
    name: Annotated[str, Meta(max_length=120, description="Its own among the segments.")] = ""
    description: Description = ""


class ChangeAsked(Struct, forbid_unknown_fields=True):
    name: Name | None = None
    predicate: Predicate | None = None
    description: Description | None = None


class CountAsked(Struct, forbid_unknown_fields=True):
    predicate: Predicate


class Counted(Struct):
    """About how many people: with a confidence of 95 % between `low` and `high`; exact where they are equal."""

    about: int
    low: int
    high: int
    is_exact: bool


class MembersAsked(Struct, forbid_unknown_fields=True):
    limit: shapes.Limit = 50
    cursor: shapes.After = ""
    at: Annotated[datetime | None, Meta(description="As of this moment; none: now.")] = None


class Member(Struct):
    id: shapes.PublicId
    name: str
    since: datetime | None


class Members(Struct):
    """`total` people; those of a page by their number, so that none is met twice."""

    data: list[Member]
    total: int
    next_cursor: shapes.Cursor


class Clause(Struct):
    """What became of a clause for someone: what was found, the numbers of the activities that decided, when time alone may change it."""

    says: str
    holds: bool
    found: str
    activities: list[str]
    until: datetime | None
    parts: "list[Clause]"


class Why(Struct):
    is_in: bool
    because: str
    clause: Clause


class Stay(Struct):
    segment: shapes.PublicId
    name: str
    entered_at: datetime
    left_at: datetime | None


class Stays(Struct):
    data: list[Stay]


class SizesAsked(Struct, forbid_unknown_fields=True):
    days: Annotated[int, Meta(ge=1, le=1000, description="So many days back.")] = 90


class Size(Struct):
    """At the end of a day of the workspace's."""

    day: date
    members: int
    entered: int
    left: int


class Sizes(Struct):
    data: list[Size]


class PastAsked(Struct, forbid_unknown_fields=True):
    past: Annotated[bool, Meta(description="Also those the person has left.")] = False


@endpoint("GET", "segments", May.SEE, asks=SegmentsAsked, answers=Segments)
def list_segments(call: Call[SegmentsAsked]) -> Segments:
    """The segments of the workspace by name."""
    names = Names.of(call.workspace)
    return Segments([_line(row, names) for row in members.listed(call.workspace, archived=call.asked.archived)])


@endpoint("POST", "segments/create", May.DECIDE_IDENTITY, asks=CreateAsked, answers=SegmentLine)
def create_segment(call: Call[CreateAsked]) -> SegmentLine:
    """Make a segment. Its members are there within moments, and are kept true from then on."""
    asked = call.asked
    if not asked.name.strip():
        raise invalid("name", "A segment needs a name.")
    made = _attempt(call.workspace, lambda: segmenting.create(call.workspace, call.user, asked.name, asked.predicate, asked.description))
    return _line(made, Names.of(call.workspace))


@endpoint("POST", "segments/count", May.SEE, asks=CountAsked, answers=Counted)
def count_people(call: Call[CountAsked]) -> Counted:
    """About for how many people a predicate holds. Nothing is kept."""

    def count() -> preview.Preview:
        segmenting.check(call.workspace, call.asked.predicate)
        return preview.count(call.workspace, read(call.asked.predicate))

    found = _attempt(call.workspace, count)
    return Counted(found.about, found.low, found.high, found.is_exact)


@endpoint("GET", "segments/<segment>", May.SEE, answers=SegmentLine)
def get_segment(call: Call[Nothing], segment: str) -> SegmentLine:
    """One segment."""
    return _line(_row(call.workspace, segment), Names.of(call.workspace))


@endpoint("POST", "segments/<segment>/change", May.DECIDE_IDENTITY, asks=ChangeAsked, answers=SegmentLine)
def change_segment(call: Call[ChangeAsked], segment: str) -> SegmentLine:
    """Call it otherwise, or let it ask something else; what is left out stays. Every wording is kept as a version."""
    row, asked = _row(call.workspace, segment), call.asked

    def change() -> Segment:
        return segmenting.change(call.workspace, call.user, row, name=asked.name, description=asked.description, predicate=asked.predicate)

    return _line(_attempt(call.workspace, change), Names.of(call.workspace))


@endpoint("POST", "segments/<segment>/undo", May.DECIDE_IDENTITY, answers=SegmentLine)
def undo_segment(call: Call[Nothing], segment: str) -> SegmentLine:
    """Ask again what was asked before the last change."""
    return _act(call, segment, segmenting.undo)


@endpoint("POST", "segments/<segment>/archive", May.DECIDE_IDENTITY, answers=SegmentLine)
def archive_segment(call: Call[Nothing], segment: str) -> SegmentLine:
    """Put it away: it has no members any more, its history stays."""
    return _act(call, segment, segmenting.archive)


@endpoint("POST", "segments/<segment>/restore", May.DECIDE_IDENTITY, answers=SegmentLine)
def restore_segment(call: Call[Nothing], segment: str) -> SegmentLine:
    """Bring it back."""
    return _act(call, segment, segmenting.restore)


@endpoint("GET", "segments/<segment>/members", May.SEE, asks=MembersAsked, answers=Members)
def list_members(call: Call[MembersAsked], segment: str) -> Members:
    """Who is in it, or was in it at a moment; one from before it was made is worked out from what is known of then."""
    row, asked = _row(call.workspace, segment), call.asked
    after = cursors.number(asked.cursor) if asked.cursor else -1
    if asked.at is None:
        found: Sequence[tuple[int, datetime | None]] = list(members.page(row, after, asked.limit + 1))
        total = row.members
    else:
        ids = members.members(row, asked.at if asked.at.tzinfo else timezone.make_aware(asked.at, timezone.get_default_timezone()))
        found, total = [(person, None) for person in ids if person > after][: asked.limit + 1], len(ids)
    shown = found[: asked.limit]
    names = dict(Profile.objects.of(call.workspace).filter(person__in=[person for person, _ in shown]).values_list("person", "name"))
    rows = [Member(public_id(person), names.get(person, ""), since) for person, since in shown]
    return Members(rows, total, cursors.seal(str(shown[-1][0])) if len(found) > len(shown) else None)


@endpoint("GET", "segments/<segment>/sizes", May.SEE, asks=SizesAsked, answers=Sizes)
def list_sizes(call: Call[SizesAsked], segment: str) -> Sizes:
    """How many were in it at the end of each day."""
    row = _row(call.workspace, segment)
    return Sizes([Size(*each) for each in members.sizes(row, call.asked.days)])


@endpoint("GET", "segments/<segment>/why/<pid>", May.SEE, answers=Why)
def explain_member(call: Call[Nothing], segment: str, pid: str) -> Why:
    """Why someone is in it, or is not: clause by clause."""
    row, person = _row(call.workspace, segment), reach.person(call.workspace, pid).person.pk
    found = _attempt(call.workspace, lambda: members.why(call.workspace, row, person))
    if found is None:
        raise missing("person")
    names = Names.of(call.workspace)
    return Why(found.holds, because(found, names), _clause(told(found, names)))


@endpoint("GET", "people/<pid>/segments", May.SEE, asks=PastAsked, answers=Stays)
def list_segments_of_person(call: Call[PastAsked], pid: str) -> Stays:
    """The segments someone is in, newest first."""
    person = reach.person(call.workspace, pid).person.pk
    stays = members.of_person(call.workspace, person, past=call.asked.past)
    return Stays([Stay(stay.segment.public, stay.segment.name, stay.entered_at, stay.left_at) for stay in stays])


def _act(call: Call[Nothing], segment: str, do: Callable[..., Segment]) -> SegmentLine:
    row = _row(call.workspace, segment)
    made = _attempt(call.workspace, lambda: do(call.workspace, call.user, row))
    return _line(made, Names.of(call.workspace))


def _attempt(workspace: Workspace, do: Callable[[], Done]) -> Done:
    """Do it; what is wrong with the predicate is said with its place, what cannot be done as things stand is a conflict."""
    try:
        return do()
    except BadPredicate as error:
        raise invalid("predicate", wrong(error, Names.of(workspace))) from error
    except segmenting.Refused as error:
        raise conflict(str(error)) from error


def _row(workspace: Workspace, public: str) -> Segment:
    found = members.found(workspace, public)
    if found is None:
        raise missing("segment")
    return found


def _line(row: Segment, names: Names) -> SegmentLine:
    try:
        said = sentence(read(row.predicate), names)
    except BadPredicate as error:
        said = wrong(error, names)
    return SegmentLine(
        id=row.public, name=row.name, description=row.description, predicate=row.predicate, sentence=said, state=row.state,
        problem=row.problem, members=row.members, version=row.version, created_at=row.created_at, changed_at=row.changed_at,
        built_at=row.built_at, archived_at=row.archived_at,
    )  # fmt: skip


def _clause(words: Told) -> Clause:
    acts = [str(seq) for seq in words.seqs]
    return Clause(words.words, words.holds, words.found, acts, words.until, [_clause(part) for part in words.parts])
