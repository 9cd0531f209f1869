"""What is asked and given about merging, splitting, moves and open questions."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from .shapes import After, Cursor, Limit, Move, PublicId, Step, Trait

Survivors = dict[Annotated[str, Meta(max_length=120)], Literal["left", "right"]]


class MergeAsked(Struct, forbid_unknown_fields=True):
    with_: Annotated[str, Meta(max_length=40, description="Public id of the other person.")] = field(name="with")
    survivors: Annotated[
        Survivors,
        Meta(
            max_length=200,
            description="Whose value of a field stands: left is the person of the address, right the other. Others: by rule.",
        ),
    ] = field(default_factory=dict)


class Merged(Struct):
    """`id` stands; `joined` leads to it from now on. `move` takes it back."""

    id: PublicId
    joined: PublicId
    move: PublicId | None


class PreviewAsked(Struct, forbid_unknown_fields=True):
    with_: Annotated[str, Meta(max_length=40, description="Public id of the other person.")] = field(name="with")


class Party(Struct):
    """One of two people before they are joined."""

    id: PublicId
    name: str
    handles: list[str]
    activities: int


class Differing(Struct):
    """A field on which two people differ; `stands` says whose value would."""

    field: str
    left: Trait | None
    right: Trait | None
    stands: Literal["left", "right"]


class ConsentRow(Struct):
    """What each allowed, and what would hold for both: a refusal is never lost."""

    channel: str
    purpose: str
    left: str
    right: str
    both: str


class Preview(Struct, kw_only=True):
    """What a merge would do. Nothing is changed."""

    id: Annotated[str, Meta(description="The one who would stand.")]
    joined: PublicId
    left: Party
    right: Party
    fields: list[Differing]
    consents: list[ConsentRow]


class SplitAsked(Struct, forbid_unknown_fields=True):
    """Exactly one of the three."""

    handles: Annotated[
        list[Annotated[str, Meta(max_length=40)]] | None,
        Meta(description="Public ids of handles that become a person of their own."),
    ] = None
    whole: Annotated[bool, Meta(description="true: back to what exact evidence alone says.")] | None = None
    at: Annotated[datetime, Meta(tz=True, description="Back to the people this one was at that moment.")] | None = None


class Split(Struct):
    """`id` stands; `people` are those who came out of it. `moves` take it back."""

    id: PublicId
    people: list[PublicId]
    moves: list[PublicId]


class MovesAsked(Struct, forbid_unknown_fields=True):
    person: Annotated[str, Meta(max_length=40, description="Only moves of this person.")] = ""
    limit: Limit = 50
    cursor: After = ""


class Moves(Struct):
    """A page of moves, newest first."""

    data: list[Move]
    next_cursor: Cursor


class Undone(Struct):
    move: PublicId


class CasesAsked(Struct, forbid_unknown_fields=True):
    state: Annotated[
        Literal["open", "later", "same", "different", "moot"],
        Meta(description="open: waits for an answer; later: was put off; the others were settled."),
    ] = "open"
    limit: Limit = 50
    cursor: After = ""


class Side(Struct):
    id: PublicId
    name: str


class Case(Struct, kw_only=True):
    """Two people who may be one. `prior` (log2 odds of two at random) and the weights of `steps` add up to the log2 odds."""

    id: PublicId
    state: str
    opened_at: datetime
    decided_at: datetime | None
    left: Side
    right: Side
    evidence: list[str]
    probability: float | None
    prior: float | None
    steps: list[Step]


class Cases(Struct):
    """A page of cases, oldest first."""

    data: list[Case]
    next_cursor: Cursor


class DecideAsked(Struct, forbid_unknown_fields=True):
    answer: Annotated[Literal["same", "different", "later"], Meta(description="Whether the two are one person; later puts it off.")]
    survivors: Annotated[
        Survivors, Meta(max_length=200, description="When they are the same: whose value of a field stands. Others: by rule.")
    ] = field(default_factory=dict)


class Decided(Struct):
    """What the case became; "moot" when one of the two is not there any more. `person` stands when they are one now."""

    id: PublicId
    state: str
    person: PublicId | None
