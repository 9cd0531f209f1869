"""What counts as a touchpoint, kind by kind: the first rule that fits an act names it."""

import re
from dataclasses import dataclass
from typing import Final

import ibis
import ibis.expr.types as ir

from vincle.vocabulary import Direction, ObjectType, Verb

from .base import Act

PAID: Final = (
    *("cpc", "ppc", "paid", "cpm", "cpv", "ads", "ad", "display", "banner", "retargeting", "affiliate"),
    *("paidsearch", "paid-search", "paid_search", "paidsocial", "paid-social", "paid_social", "sponsored"),
)
"""utm_medium of what is paid for."""
ALL, WORDS = "", (ObjectType.NOTE.value, ObjectType.MENTION.value)
_SEEN = (ObjectType.NOTE.value, ObjectType.VIDEO.value, ObjectType.IMAGE.value, ObjectType.ARTICLE.value)
_MEDIUM = re.compile(r'"utm_medium": ?"(' + "|".join(PAID) + r')"')


@dataclass(frozen=True)
class Rule:
    """`objects`, `channels`: empty means any; `not_channels` wins. `is_paid`: led here by an advertisement."""

    kind: str
    verbs: tuple[str, ...]
    objects: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    not_channels: tuple[str, ...] = ()
    direction: str = Direction.IN.value
    is_paid: bool = False

    def fits(self, act: Act) -> bool:
        return (
            act.direction == self.direction
            and act.verb in self.verbs
            and (not self.objects or act.object_type in self.objects)
            and (not self.channels or act.channel in self.channels)
            and act.channel not in self.not_channels
            and (not self.is_paid or bool(_MEDIUM.search(act.props.lower())))
        )

    def where(self, rows: ibis.Table) -> ir.BooleanValue:
        found: ir.BooleanValue = (rows.direction == self.direction) & rows.verb.isin(self.verbs)
        for column, values in (("object_type", self.objects), ("channel", self.channels)):
            if values:
                found = found & rows[column].isin(values)
        if self.not_channels:
            found = found & rows.channel.notin(self.not_channels)
        return found & is_paid(rows) if self.is_paid else found


def is_paid(rows: ibis.Table) -> ir.BooleanValue:
    """Whether the address that led here says that it was paid for."""
    props = rows.props.fill_null("").lower()
    first, *more = (props.contains(f'"utm_medium":{gap}"{medium}"') for medium in PAID for gap in ("", " "))
    found: ir.BooleanValue = first
    for each in more:
        found = found | each
    return found


_CREATE = (Verb.CREATE.value,)
RULES: Final = (
    Rule("ad", (Verb.VIEW.value, Verb.SUBMIT.value, Verb.TRACK.value, Verb.JOIN.value), is_paid=True),
    Rule("link", (Verb.VIEW.value,), (ObjectType.LINK.value,), channels=("links",)),
    Rule("mail_click", (Verb.VIEW.value,), (ObjectType.LINK.value,), not_channels=("web",)),
    Rule("mail_open", (Verb.READ.value,), (ObjectType.MESSAGE.value,)),
    Rule("visit", (Verb.VIEW.value,), (ObjectType.PAGE.value, ObjectType.LINK.value)),
    Rule("seen", (Verb.VIEW.value, Verb.READ.value), _SEEN),
    Rule("follow", (Verb.FOLLOW.value,), (ObjectType.PERSON.value,)),
    Rule("like", (Verb.LIKE.value,)),
    Rule("share", (Verb.ANNOUNCE.value,)),
    Rule("review", _CREATE, (ObjectType.REVIEW.value,)),
    Rule("comment", _CREATE, WORDS),
    Rule("message", _CREATE, (ObjectType.MESSAGE.value,)),
    Rule("answer", _CREATE, (*WORDS, ObjectType.MESSAGE.value), direction=Direction.OUT.value),
    Rule("survey", _CREATE, (ObjectType.ANSWER.value,)),
    Rule("form", (Verb.SUBMIT.value,), (ObjectType.FORM.value,)),
    Rule("place", (Verb.ARRIVE.value, Verb.MEET.value)),
    Rule("deed", (Verb.TRACK.value, Verb.JOIN.value)),
)
LEADER: Final = "leader"
"""An act that answers someone of high influence; told apart where influence is known."""
KINDS: Final = (*dict.fromkeys(rule.kind for rule in RULES), LEADER)


def kind_of(act: Act) -> str:
    """The kind of an act, "" for none.

    >>> from datetime import UTC, datetime
    >>> act = Act(1, 7, datetime(2026, 3, 10, tzinfo=UTC), channel="web", verb="View", object_type="Page")
    >>> kind_of(act), kind_of(act._replace(props='{"utm_source":"g","utm_medium":"CPC"}')), kind_of(act._replace(verb="Purchase"))
    ('visit', 'ad', '')
    """
    return next((rule.kind for rule in RULES if rule.fits(act)), "")


def kind(rows: ibis.Table) -> ir.StringValue:
    """`kind_of`, by column."""
    found: ir.StringValue = ibis.cases(*((rule.where(rows), rule.kind) for rule in RULES), else_="")
    return found
