"""What a channel makes of what it heard: activities, facts about handles, retractions, and the unknown."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from .words import Direction, ObjectType, Op, Permit, PersonKind, Verb


class HandleRef(Struct, frozen=True):
    """An identity as a channel knows it. `value` is normalised by the channel and identifies; `name` is only shown.

    Kinds with a meaning everywhere: `email` (lower case), `phone` (E.164), `cookie`, `login`, `external`
    ("hubspot:901": an id in another system). Any other kind is a network ("mastodon", "x", "facebook" ...), its value
    the id there that lasts longest; `username@x` style kinds hold a user name that may change.
    """

    kind: str
    value: str
    name: str = ""


class Activity(Struct, frozen=True, kw_only=True):
    """One thing that someone did. Times are UTC. `native_id` is the platform's own id of the act (not of its object).

    `op` correct or retract speak of the earlier activity with the same `native_id`; `version` tells two corrections
    apart (the platform's edit time or number). `*_key` are native ids of other things: the object acted upon, its
    parent, the conversation, the campaign. `text`, `title`, `body` are personal and may be forgotten; `props` are not.
    """

    verb: Verb
    object_type: ObjectType
    native_id: str
    happened_at: datetime
    actor: HandleRef | None
    target: HandleRef | None = None
    op: Op = Op.ASSERT
    version: str = ""
    reaction: str = ""
    event_name: str = ""
    object_key: str = ""
    parent_key: str = ""
    thread_key: str = ""
    campaign_key: str = ""
    url: str = ""
    direction: Direction = Direction.IN
    is_machine: bool = False
    amount: Decimal | None = None
    currency: str = ""
    rating: float | None = None
    rating_max: float | None = None
    language: str = ""
    sentiment: str = ""
    sentiment_confidence: float | None = None
    intents: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    country: str = ""
    place: str = ""
    text: str = ""
    title: str = ""
    props: dict[str, Any] = {}
    body: dict[str, Any] = {}


class ConsentFact(Struct, frozen=True):
    """One row of the consent ledger as a source states it; `channel` is "email", "phone", "*" ...

    `purpose` is "marketing" for anything commercial, else a topic below it. `basis` is "consent", "contract", "legitimate interest" or
    unknown (""); `wording` what was agreed to, word for word or by its id; `until` when a permission ends by itself.
    """

    permit: Permit
    channel: str = "email"
    purpose: str = "marketing"
    at: datetime | None = None
    evidence: str = ""
    basis: str = ""
    wording: str = ""
    until: datetime | None = None


class Fact(Struct, frozen=True, kw_only=True):
    """What a source says of the owner of these handles: they are one owner's, and these traits are theirs.

    Handles stand strongest first. `traits` use the field names of `vocabulary.fields` where one fits, else the
    source's own heading; values are str, int, float, bool, ISO dates, or lists of str.
    """

    native_id: str
    observed_at: datetime
    handles: tuple[HandleRef, ...]
    name: str = ""
    kind: PersonKind = PersonKind.PERSON
    traits: dict[str, Any] = {}
    tags: tuple[str, ...] = ()
    consents: tuple[ConsentFact, ...] = ()
    op: Op = Op.ASSERT
    version: str = ""


class Retraction(Struct, frozen=True, kw_only=True):
    """The platform takes something back (deleted, hidden, unsent)."""

    native_id: str
    happened_at: datetime
    object_key: str = ""
    reason: str = "deleted"
    version: str = ""


class Unknown(Struct, frozen=True, kw_only=True):
    """Something the channel does not know yet: kept, counted, never an error."""

    native_id: str
    kind: str
    happened_at: datetime
    raw: dict[str, Any] = {}


class Reject(Struct, frozen=True, kw_only=True):
    """A row or item that cannot go in, with the place and the reason. `code` is stable, `detail` names the value."""

    line: int
    code: str
    field: str = ""
    detail: str = ""
    raw: str = ""


class Warn(Struct, frozen=True, kw_only=True):
    """A value left out while the rest of its row went in."""

    line: int
    code: str
    field: str = ""
    detail: str = ""


Item = Activity | Fact | Retraction | Unknown
Outcome = Item | Reject | Warn
