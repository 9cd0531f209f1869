"""The acts of the demo's community and the places they happen in, as small numbers for arrays."""

from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Final, NamedTuple

from vincle.vocabulary import Direction, ObjectType, Verb

CHANNELS: Final = ("shop", "email", "web", "instagram", "facebook", "mastodon", "reviews", "survey")
SHOP, EMAIL, WEB, INSTAGRAM, FACEBOOK, MASTODON, REVIEWS, SURVEY = range(len(CHANNELS))
SOCIAL: Final = (INSTAGRAM, FACEBOOK, MASTODON)
LANGUAGES: Final = ("ca", "es", "en", "it")
TOPICS: Final = (
    "beans", "delivery", "staff", "prices", "oat milk", "course", "subscription", "opening hours", "christmas blend", "queue", "wifi",
    "packaging",
)  # fmt: skip
DELIVERY: Final = TOPICS.index("delivery")
CHRISTMAS: Final = TOPICS.index("christmas blend")
HOUR: Final = 3_600_000_000
DAY: Final = 24 * HOUR


class Kind(IntEnum):
    PAGE_VIEW = 0
    FORM = 1
    ORDER = 2
    REFUND = 3
    SEND = 4
    OPEN = 5
    CLICK = 6
    UNSUBSCRIBE = 7
    BOUNCE = 8
    LETTER = 9
    OWN_POST = 10
    COMMENT = 11
    LIKE = 12
    SHARE = 13
    FOLLOW = 14
    UNFOLLOW = 15
    MESSAGE = 16
    MENTION = 17
    OWN_REPLY = 18
    PEER_REPLY = 19
    REVIEW = 20
    ANSWER = 21


class Mood(IntEnum):
    """What a text feels like. `QUESTION` is neutral; `IRONIC` is negative in praising words."""

    NONE = 0
    POSITIVE = 1
    QUESTION = 2
    NEGATIVE = 3
    IRONIC = 4


class Form(NamedTuple):
    verb: Verb
    object_type: ObjectType
    direction: Direction = Direction.IN


FORMS: Final[dict[Kind, Form]] = {
    Kind.PAGE_VIEW: Form(Verb.VIEW, ObjectType.PAGE),
    Kind.FORM: Form(Verb.SUBMIT, ObjectType.FORM),
    Kind.ORDER: Form(Verb.PURCHASE, ObjectType.ORDER),
    Kind.REFUND: Form(Verb.REFUND, ObjectType.ORDER),
    Kind.SEND: Form(Verb.DELIVER, ObjectType.MESSAGE, Direction.OUT),
    Kind.OPEN: Form(Verb.READ, ObjectType.MESSAGE),
    Kind.CLICK: Form(Verb.VIEW, ObjectType.LINK),
    Kind.UNSUBSCRIBE: Form(Verb.UNDO, ObjectType.SUBSCRIPTION),
    Kind.BOUNCE: Form(Verb.BOUNCE, ObjectType.MESSAGE, Direction.OUT),
    Kind.LETTER: Form(Verb.CREATE, ObjectType.MESSAGE),
    Kind.OWN_POST: Form(Verb.CREATE, ObjectType.NOTE, Direction.OUT),
    Kind.COMMENT: Form(Verb.CREATE, ObjectType.NOTE),
    Kind.LIKE: Form(Verb.LIKE, ObjectType.NOTE),
    Kind.SHARE: Form(Verb.ANNOUNCE, ObjectType.NOTE),
    Kind.FOLLOW: Form(Verb.FOLLOW, ObjectType.PERSON),
    Kind.UNFOLLOW: Form(Verb.UNDO, ObjectType.PERSON),
    Kind.MESSAGE: Form(Verb.CREATE, ObjectType.MESSAGE),
    Kind.MENTION: Form(Verb.CREATE, ObjectType.MENTION),
    Kind.OWN_REPLY: Form(Verb.CREATE, ObjectType.NOTE, Direction.OUT),
    Kind.PEER_REPLY: Form(Verb.CREATE, ObjectType.NOTE),
    Kind.REVIEW: Form(Verb.CREATE, ObjectType.REVIEW),
    Kind.ANSWER: Form(Verb.CREATE, ObjectType.ANSWER),
}
SPOKEN: Final = (Kind.LETTER, Kind.COMMENT, Kind.MESSAGE, Kind.MENTION, Kind.PEER_REPLY, Kind.REVIEW, Kind.ANSWER)
"""Acts of people that carry words of their own."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def moment(micros: int) -> datetime:
    """Microseconds since 1970 as a moment (UTC)."""
    return _EPOCH + timedelta(microseconds=micros)


def micros(at: datetime) -> int:
    """The inverse of `moment`."""
    return int((at - _EPOCH) / timedelta(microseconds=1))
