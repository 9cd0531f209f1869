"""What the API reads and gives. Ids are public ids; times are UTC, as RFC 3339; what is not known is null or empty, never left out."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

PublicId = Annotated[str, Meta(description="Public id: 13 letters and digits.")]
Cursor = Annotated[str | None, Meta(description="Leads to the next page; null on the last one.")]
Limit = Annotated[int, Meta(ge=1, le=200, description="Most rows of a page.")]
Asked = Annotated[str, Meta(max_length=400)]
Moment = Annotated[datetime, Meta(tz=True)]
After = Annotated[str, Meta(max_length=400, description="next_cursor of the page before.")]


class Trait(Struct):
    """A value with who said so and when."""

    value: Any
    source: str
    at: datetime | None


class PersonLine(Struct, kw_only=True):
    """A person as lists show them."""

    id: PublicId
    kind: Annotated[str, Meta(description='"person" or "organisation".')]
    name: str
    is_identified: Annotated[bool, Meta(description="Known by an e-mail, a phone, a log-in or an id elsewhere.")]
    stage: str
    email: str
    phone: str
    company: str
    city: str
    country: Annotated[str, Meta(description="ISO 3166, two letters.")]
    channels: list[str]
    tags: list[str]
    owner: Annotated[str, Meta(description="Who of the team looks after them.")]
    activities: int
    purchases: int
    last_at: datetime | None
    known_since: datetime | None
    value: Annotated[Decimal | None, Meta(description="What their own purchases will bring over the months of the terms, in `currency`.")]
    engagement: Annotated[Decimal | None, Meta(description="What they are worth with all they do, in `currency`.")]
    currency: Annotated[str, Meta(description="ISO 4217, of the workspace.")]
    alive: Annotated[float | None, Meta(description="How likely they still are a customer, 0 to 1; null for who never bought.")]


class Person(PersonLine, kw_only=True):
    """Everything on a person that is not an act of theirs."""

    redirected_from: Annotated[str | None, Meta(description="The id asked for, when that person was joined to this one.")] = None
    first_at: datetime | None
    traits: dict[str, Trait]


class PeopleAsked(Struct, forbid_unknown_fields=True):
    q: Annotated[str, Meta(max_length=400, description="Words of the name or of a handle.")] = ""
    email: Annotated[str, Meta(max_length=400, description="Exactly this e-mail address.")] = ""
    phone: Annotated[str, Meta(max_length=100, description="This number; without a prefix it is one of the workspace's country.")] = ""
    handle: Annotated[str, Meta(max_length=400, description='Exactly this handle, as "mastodon:anna@example.org", or its public id.')] = ""
    external_id: Annotated[str, Meta(max_length=400, description='An id in another system, as "hubspot:901".')] = ""
    sort: Annotated[
        Literal["known", "value", "engagement", "alive"], Meta(description="Known last first, or most first; who has none comes last.")
    ] = "known"
    limit: Limit = 50
    cursor: After = ""


class People(Struct):
    """A page of people; `total` counts all that match."""

    data: list[PersonLine]
    total: int
    next_cursor: Cursor


class Handle(Struct, kw_only=True):
    """An address, a number, an account: why it is this person's, in words, and how sure that is."""

    id: PublicId
    kind: str
    value: str
    name: str
    first_seen: datetime
    why: str
    probability: float


class Step(Struct):
    """A piece of evidence: log2 of how much likelier it is for one person than for two; and in words."""

    matcher: str
    level: str
    weight: float
    text: str


class Link(Struct, kw_only=True):
    """Why two handles are one person's. `weight` is log2 of the odds; null for exact evidence."""

    left: PublicId
    right: PublicId
    evidence: str
    probability: float
    weight: float | None
    decided_by: str
    at: datetime
    steps: list[Step]


class Move(Struct, kw_only=True):
    """One change of who is who. `undone_at` is set once it was taken back; `undoes` names the move this one took back."""

    id: PublicId
    at: datetime
    act: str
    via: str
    by: Annotated[str, Meta(description="E-mail of who did it; empty for the machine.")]
    person: Annotated[str, Meta(description="Who stands; of a split, the one the handles left.")]
    other: Annotated[str, Meta(description="Who was joined; of a split, the one that came out.")]
    handles: Annotated[list[str], Meta(description="Public ids of the handles that moved.")]
    probability: float | None
    undone_at: datetime | None
    undone_by: str
    undoes: PublicId | None


class Identity(Struct):
    """Who a person is: handles, links, and what happened to them, oldest first."""

    id: PublicId
    redirected_from: str | None
    handles: list[Handle]
    links: list[Link]
    history: list[Move]


class Told(Struct):
    name: str
    value: str


class Entry(Struct, kw_only=True):
    """A line of the timeline. Equal looks in a row are one line with `times`. `told`: what a source stated there."""

    at: datetime
    channel: str
    did: str
    title: str
    words: str
    language: str
    link: str
    amount: Decimal | None
    currency: str
    rating: str
    times: int
    as_handle: str
    is_ours: bool
    is_machine: bool
    is_deleted: bool
    told: list[Told]


class TimelineAsked(Struct, forbid_unknown_fields=True):
    tab: Annotated[Literal["everything", "said", "bought", "read", "ours"], Meta(description="Which kinds of acts.")] = "everything"
    cursor: After = ""


class Timeline(Struct):
    """A page of what a person did and what was said to them, newest first."""

    id: PublicId
    redirected_from: str | None
    data: list[Entry]
    next_cursor: Cursor
