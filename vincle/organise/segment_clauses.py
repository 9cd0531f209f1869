"""Clauses of predicates in words that follow "People who" or "they", as they are said and as they are denied."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vincle.accounts.models import Workspace
from vincle.vocabulary.fields import TRAITS
from vincle.web.tags.formats import money
from vincle.web.tags.people import STAGES, channel_name

from . import wording, worth_words
from .models import ComputedTrait, CustomField, Segment
from .score_words import NAMES as SCORES
from .segment_verbs import between, day_of, did, either, figure, in_days, limits, lowered, quoted, sequence
from .segments.predicate import (
    AtStage,
    Consented,
    Did,
    InSegment,
    Predicate,
    Scored,
    Sequence,
    Share,
    Tagged,
    Top,
    Trait,
)


@dataclass(frozen=True)
class Names:
    """How the workspace calls its own fields, and its segments by their public ids."""

    traits: Mapping[str, str] = field(default_factory=dict)
    segments: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""

    @classmethod
    def of(cls, workspace: Workspace) -> "Names":
        fields = CustomField.objects.of(workspace).exclude(label="").values_list("name", "label")
        computed = ComputedTrait.objects.of(workspace).exclude(label="").values_list("name", "label")
        segments = Segment.objects.of(workspace).values_list("public", "name")
        return cls(traits=dict(fields) | dict(computed), segments=dict(segments), currency=workspace.currency)

    def trait(self, name: str) -> str:
        return self.traits.get(name) or lowered(str(_PROFILE.get(name) or wording.label(name)))

    def segment(self, public: str) -> str:
        return quoted(self.segments.get(public, public))


PLAIN = Names()
_PROFILE = {
    "kind": _("kind of profile"), "email": _("e-mail"), "phone": _("phone"), "known_since": _("first day with us"),
    "first_at": _("first activity"), "last_at": _("last activity"), "activities": _("number of activities"),
    "purchases": _("number of purchases"), "channels": _("channel"), "met_on": _("channel"),
}  # fmt: skip


def said(asked: Predicate, is_denied: bool, names: Names) -> str:
    """One clause as it follows "People who" or "they"."""
    return _CLAUSES[type(asked)](asked, is_denied, names)


_TRAIT: dict[str, tuple[Any, Any]] = {
    "is": (_("have %(value)s as their %(name)s"), _("do not have %(value)s as their %(name)s")),
    "one_of": (_("have %(value)s as their %(name)s"), _("do not have %(value)s as their %(name)s")),
    "contains": (_("have %(value)s in their %(name)s"), _("do not have %(value)s in their %(name)s")),
    "starts": (_("have their %(name)s beginning with %(value)s"), _("do not have their %(name)s beginning with %(value)s")),
    "more": (_("have more than %(value)s as their %(name)s"), _("do not have more than %(value)s as their %(name)s")),
    "less": (_("have less than %(value)s as their %(name)s"), _("do not have less than %(value)s as their %(name)s")),
    "at_least": (_("have at least %(value)s as their %(name)s"), _("do not have at least %(value)s as their %(name)s")),
    "at_most": (_("have at most %(value)s as their %(name)s"), _("do not have at most %(value)s as their %(name)s")),
    "before": (_("have their %(name)s before %(value)s"), _("do not have their %(name)s before %(value)s")),
    "after": (_("have their %(name)s after %(value)s"), _("do not have their %(name)s after %(value)s")),
    "in_last": (_("had their %(name)s %(value)s"), _("did not have their %(name)s %(value)s")),
    "in_next": (_("have their %(name)s %(value)s"), _("do not have their %(name)s %(value)s")),
    "birthday_in_next": (_("have the day of their %(name)s %(value)s"), _("do not have the day of their %(name)s %(value)s")),
    "known": (_("have their %(name)s on record"), _("do not have their %(name)s on record")),
}  # fmt: skip
_PLAIN: dict[tuple[str, str], tuple[Any, Any]] = {
    ("city", "is"): (_("live in %(value)s"), _("do not live in %(value)s")),
    ("country", "is"): (_("live in %(value)s"), _("do not live in %(value)s")),
    ("region", "is"): (_("live in %(value)s"), _("do not live in %(value)s")),
    ("company", "is"): (_("work at %(value)s"), _("do not work at %(value)s")),
    ("owner", "is"): (_("are looked after by %(value)s"), _("are not looked after by %(value)s")),
    ("owner", "known"): (_("are looked after by someone"), _("are looked after by nobody")),
    ("channels", "contains"): (_("were met on %(value)s"), _("were not met on %(value)s")),
    ("met_on", "is"): (_("were met on %(value)s"), _("were not met on %(value)s")),
    ("channels", "is"): (_("were met on %(value)s"), _("were not met on %(value)s")),
    ("birthday", "birthday_in_next"): (_("have their birthday %(value)s"), _("do not have their birthday %(value)s")),
    ("last_at", "in_last"): (_("were active %(value)s"), _("were not active %(value)s")),
    ("known_since", "in_last"): (_("came to us %(value)s"), _("did not come to us %(value)s")),
}  # fmt: skip
_YES_OR_NO: dict[tuple[str, str], tuple[Any, Any]] = {
    ("is_identified", "yes"): (_("are known by name"), _("are not known by name")),
    ("kind", "organisation"): (_("are organisations"), _("are no organisations")),
    ("kind", "person"): (_("are persons"), _("are no persons")),
    ("owner", "none"): (_("are looked after by nobody"), _("are looked after by someone")),
}  # fmt: skip


def _trait(asked: Trait, is_denied: bool, names: Names) -> str:
    compare = {"is_not": "is", "unknown": "known"}.get(asked.compare, asked.compare)
    is_denied ^= compare != asked.compare
    if compare == "is" and (said := _said_whole(asked)):
        return str(said[is_denied != (asked.value is False)])
    simple = "is" if compare == "one_of" else compare
    pattern = _PLAIN.get((asked.name, simple)) or _TRAIT[compare]
    return str(pattern[is_denied]) % {"value": _value(asked), "name": names.trait(asked.name)}


def _said_whole(asked: Trait) -> tuple[Any, Any] | None:
    value = "yes" if isinstance(asked.value, bool) else str(asked.value)
    return _YES_OR_NO.get((asked.name, value))


def _value(asked: Trait) -> str:
    if asked.compare in ("in_last", "in_next", "birthday_in_next"):
        return in_days(asked.value if isinstance(asked.value, int | float) else 0, is_past=asked.compare == "in_last")
    if isinstance(asked.value, tuple):
        return either([_one(asked, each) for each in asked.value])
    return "" if asked.value is None else _one(asked, asked.value)


def _one(asked: Trait, value: Any) -> str:
    if asked.compare in ("before", "after"):
        return day_of(date.fromisoformat(value))
    if asked.name in ("channels", "met_on"):
        return channel_name(str(value))
    if isinstance(value, bool) or asked.name in ("city", "country", "region", "company", "owner"):
        return wording.shown(value, TRAITS.get(asked.name, "text"))
    return figure(value) if isinstance(value, int | float) else quoted(wording.shown(value, TRAITS.get(asked.name, "text")))


_TAGGED = (_("carry the tag %(value)s"), _("do not carry the tag %(value)s"))
_AT_STAGE = (_("are at the stage %(value)s"), _("are not at the stage %(value)s"))
_IN_SEGMENT = (_("belong to %(value)s"), _("do not belong to %(value)s"))
_SHARE = (_("fall into a random %(value)s"), _("do not fall into a random %(value)s"))
_TOP = (_("are among the %(value)s with the highest %(name)s"), _("are not among the %(value)s with the highest %(name)s"))
_SCORED = (_("have a %(name)s of %(value)s"), _("do not have a %(name)s of %(value)s"))
_HAS_SCORE = (_("have the score %(name)s"), _("do not have the score %(name)s"))
_CONSENTED: dict[str, tuple[Any, Any]] = {
    "granted": (_("allowed %(what)s"), _("did not allow %(what)s")), "denied": (_("said no to %(what)s"), _("did not say no to %(what)s")),
    "withdrawn": (_("unsubscribed from %(what)s"), _("did not unsubscribe from %(what)s")),
    "bounced": (_("could not be reached with %(what)s"), _("were never out of reach for %(what)s")),
    "complained": (_("complained about %(what)s"), _("did not complain about %(what)s")),
    "none": (_("were never asked about %(what)s"), _("were asked about %(what)s")),
}  # fmt: skip


def _simple(pattern: tuple[Any, Any], value: Callable[[Any, Names], str]) -> Callable[[Any, bool, Names], str]:
    return lambda asked, is_denied, names: str(pattern[is_denied]) % {"value": value(asked, names), "name": _score(asked)}


def _score(asked: Any) -> str:
    name = asked.score if isinstance(asked, Top) else asked.name if isinstance(asked, Scored) else ""
    return lowered(str(SCORES.get(name, name)))


def _scored(asked: Scored, is_denied: bool, names: Names) -> str:
    if asked.least is None and asked.most is None:
        return str(_HAS_SCORE[is_denied]) % {"name": _score(asked)}
    return _simple(_SCORED, _limits)(asked, is_denied, names)


def _limits(asked: Scored, names: Names) -> str:
    """Worth as it is read: money, shares, days; other scores as plain numbers."""
    if asked.name not in worth_words.SCORES or (asked.name in worth_words.MONEY and not names.currency):
        return limits(asked.least, asked.most)
    is_money = asked.name in worth_words.MONEY
    least, most = (
        None if each is None else money(each, names.currency) if is_money else worth_words.shown(asked.name, each, names.currency)
        for each in (asked.least, asked.most)
    )
    return between(least, most)


def _consented(asked: Consented, is_denied: bool, _names: Names) -> str:
    return str(_CONSENTED[asked.permit][is_denied]) % {"what": quoted(wording.consent_of(asked.channel, asked.purpose))}


_CLAUSES: dict[type, Callable[[Any, bool, Names], str]] = {
    Trait: _trait, Consented: _consented, Scored: _scored,
    Did: lambda asked, is_denied, _names: did(asked, is_denied),
    Sequence: lambda asked, is_denied, _names: sequence(asked, is_denied),
    Tagged: _simple(_TAGGED, lambda asked, _names: quoted(asked.name)),
    AtStage: _simple(_AT_STAGE, lambda asked, _names: either([lowered(str(STAGES[stage][0])) for stage in asked.stages])),
    InSegment: _simple(_IN_SEGMENT, lambda asked, names: names.segment(asked.segment)),
    Share: _simple(_SHARE, lambda asked, _names: _percent(asked.share)),
    Top: _simple(_TOP, lambda asked, _names: figure(asked.count)),
}  # fmt: skip


def _percent(share: float) -> str:
    return gettext("%(share)s per cent") % {"share": figure(share * 100)}
