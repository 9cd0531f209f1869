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
_SAID: Final = r'"utm_{}": ?"((?:[^"\\]|\\.)*)"'
"""A parameter of the address that led here, as JSON has it."""


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
            and (not self.is_paid or _said_of(act, "medium").lower() in PAID)
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
    found: ir.BooleanValue = _said(rows, "medium").lower().isin(PAID)
    return found


def _said(rows: ibis.Table, name: str) -> ir.StringValue:
    props = rows.props.fill_null("")
    # Most acts were led here by no such address: they are not searched.
    found: ir.StringValue = ibis.ifelse(props.contains(f"utm_{name}"), props.re_extract(_SAID.format(name), 1).fill_null(""), "")
    return found


def _said_of(act: Act, name: str) -> str:
    found = re.search(_SAID.format(name), act.props)
    return found[1] if found else ""


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


def source(rows: ibis.Table) -> ir.StringValue:
    """What the address that led here names as its source (as JSON has it), else the channel."""
    said = _said(rows, "source")
    found: ir.StringValue = ibis.ifelse(said != "", said, rows.channel)
    return found


def source_of(act: Act) -> str:
    return _said_of(act, "source") or act.channel


def campaign(rows: ibis.Table) -> ir.StringValue:
    """Likewise its campaign, else the one that the act itself is told of."""
    said = _said(rows, "campaign")
    found: ir.StringValue = ibis.ifelse(said != "", said, rows.campaign_key.fill_null(""))
    return found


def campaign_of(act: Act) -> str:
    return _said_of(act, "campaign") or act.campaign_key
