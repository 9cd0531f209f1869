"""What groups are looked for in: of each person what they did in a year, where, about what and when, and what is known of them.

A feature is told as JSON [id, kind]; ids are "family:label". What can be asked by a segment has a clause (`clause`).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from vincle.vocabulary import ObjectType, Verb

DAYS: Final = 365
ANYTHING: Final[Mapping[str, Any]] = MappingProxyType({"did": {}, "within": {"days": DAYS}})
"""The clause that whoever is looked at fulfils."""

Kind = Literal["count", "money", "days", "flag", "share"]

DEEDS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "purchases": {"verb": Verb.PURCHASE.value},
        "posts": {"verb": Verb.CREATE.value, "object_type": ObjectType.NOTE.value, "is_reply": False},
        "comments": {"verb": Verb.CREATE.value, "object_type": ObjectType.NOTE.value, "is_reply": True},
        "messages": {"verb": Verb.CREATE.value, "object_type": ObjectType.MESSAGE.value},
        "reviews": {"verb": Verb.CREATE.value, "object_type": ObjectType.REVIEW.value},
        "answers": {"verb": Verb.CREATE.value, "object_type": ObjectType.ANSWER.value},
        "shares": {"verb": Verb.ANNOUNCE.value},
        "likes": {"verb": Verb.LIKE.value},
        "follows": {"verb": Verb.FOLLOW.value},
        "pages": {"verb": Verb.VIEW.value, "object_type": ObjectType.PAGE.value},
        "clicks": {"verb": Verb.VIEW.value, "object_type": ObjectType.LINK.value},
        "opens": {"verb": Verb.READ.value},
        "forms": {"verb": Verb.SUBMIT.value},
        "visits": {"verb": Verb.ARRIVE.value},
    }
)  # fmt: skip
"""Kinds of act that are counted, as the clause `did` asks for them."""


class Feature(NamedTuple):
    """`family`: acts, spent, days, deed, channel, topic, mood, when, country, city, kind, identified; `label`: which of them."""

    family: str
    label: str
    kind: Kind

    @property
    def id(self) -> str:
        return f"{self.family}:{self.label}"

    @property
    def is_asked(self) -> bool:
        """Whether a segment can ask for it."""
        return self.kind != "share"


_KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "acts": "count", "spent": "money", "days": "days", "deed": "count", "channel": "count", "topic": "count", "mood": "count",
        "when": "share", "country": "flag", "city": "flag", "kind": "flag", "identified": "flag",
    }
)  # fmt: skip


def feature(family: str, label: str = "") -> Feature:
    return Feature(family, label, _KINDS[family])


def named(text: str) -> Feature:
    """The feature of an id.

    >>> named("channel:shop")
    Feature(family='channel', label='shop', kind='count')
    """
    family, _, label = text.partition(":")
    return feature(family, label)


def clause(asked: Feature, at_least: bool, value: float) -> dict[str, Any]:
    """What a segment asks for people whose feature is at least, or else below, a value.

    >>> clause(feature("channel", "shop"), True, 3.0)
    {'did': {'channel': ['shop']}, 'count': {'at_least': 3}, 'within': {'days': 365}}
    >>> clause(feature("days"), False, 30.0)
    {'did': {}, 'within': {'days': 30}}
    """
    if asked.kind == "flag":
        return _known(asked, at_least == (value > 0))
    if asked.kind == "days":
        lately: dict[str, Any] = {"did": {}, "within": {"days": int(value)}}
        return {**lately, "count": {"at_most": 0}} if at_least else lately
    if asked.kind == "money":
        spent = {"did": {**DEEDS["purchases"], "currency": [asked.label]}, "sum": {"at_least": value}, "within": {"days": DAYS}}
        return spent if at_least else {"not": spent}
    bound = {"at_least": int(value)} if at_least else {"at_most": int(value) - 1}
    return {"did": _act(asked), "count": bound, "within": {"days": DAYS}}


def _act(asked: Feature) -> dict[str, Any]:
    match asked.family:
        case "deed":
            return dict(DEEDS[asked.label])
        case "channel" | "topic":
            return {asked.family: [asked.label]}
        case "mood":
            return {"sentiment": [asked.label]}
        case _:
            return {}


def _known(asked: Feature, is_so: bool) -> dict[str, Any]:
    if asked.family == "identified":
        return {"trait": "is_identified", "is": is_so}
    found = {"trait": asked.family, "is": asked.label}
    return found if is_so else {"not": found}
