"""The words of the product as enumerations. Names follow W3C ActivityStreams 2.0 where it has one."""

from enum import StrEnum

ANONYMOUS = frozenset({"cookie", "visit"})
"""Kinds of handle that name nobody: a browser; a visitor without consent, told apart for one day."""

FLEETING = frozenset({"visit"})
"""Kinds of handle that end with the day: what they did counts, but nobody can be known by them."""


class Verb(StrEnum):
    """What was done."""

    CREATE = "Create"
    UPDATE = "Update"
    DELETE = "Delete"
    LIKE = "Like"
    UNDO = "Undo"
    ANNOUNCE = "Announce"
    FOLLOW = "Follow"
    VIEW = "View"
    READ = "Read"
    PURCHASE = "Purchase"
    REFUND = "Refund"
    SUBMIT = "Submit"
    DELIVER = "Deliver"
    BOUNCE = "Bounce"
    GRANT = "Grant"
    REVOKE = "Revoke"
    ARRIVE = "Arrive"
    MEET = "Meet"
    JOIN = "Join"
    LEAVE = "Leave"
    TRACK = "Track"


class ObjectType(StrEnum):
    """What it was done to."""

    NOTE = "Note"
    MESSAGE = "Message"
    MENTION = "Mention"
    REVIEW = "Review"
    ARTICLE = "Article"
    PAGE = "Page"
    LINK = "Link"
    IMAGE = "Image"
    VIDEO = "Video"
    ORDER = "Order"
    FORM = "Form"
    ANSWER = "Answer"
    EVENT = "Event"
    PERSON = "Person"
    PROFILE = "Profile"
    PURPOSE = "Purpose"
    SUBSCRIPTION = "Subscription"
    UNKNOWN = "Unknown"
    GROUP = "Group"


class Op(StrEnum):
    """How a row of the log relates to earlier rows of the same native id."""

    ASSERT = "assert"
    CORRECT = "correct"
    RETRACT = "retract"


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class Stage(StrEnum):
    """Rung of the engagement ladder, lowest first."""

    INACTIVE = "inactive"
    SPECTATOR = "spectator"
    SEMI_ACTIVE = "semi-active"
    CRITIC = "critic"
    CREATOR = "creator"


class PersonKind(StrEnum):
    PERSON = "person"
    ORGANISATION = "organisation"


class Permit(StrEnum):
    """What a person allowed, as one row of the consent ledger says it."""

    GRANTED = "granted"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
