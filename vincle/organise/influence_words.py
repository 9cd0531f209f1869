"""What the network shows, in words: reasons, communities, how it is known who brought whom."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vincle.listen.labels import label as topic_name
from vincle.web.tags.formats import number, percent

SCORES: Final = frozenset({"influence", "reach", "broker", "community"})
EVIDENCE = {
    "relation": gettext_lazy("the team said so"), "said": gettext_lazy("their data says so"), "code": gettext_lazy("they came with a code"),
}  # fmt: skip
_BY_KIND: dict[str, Callable[[int], str]] = {
    "answered": lambda n: ngettext("%(count)s person answered them", "%(count)s people answered them", n),
    "answered_against": lambda n: ngettext("%(count)s person contradicted them", "%(count)s people contradicted them", n),
    "shared": lambda n: ngettext("%(count)s person shared their words", "%(count)s people shared their words", n),
    "shared_against": lambda n: ngettext("%(count)s person shared them with scorn", "%(count)s people shared them with scorn", n),
    "reacted": lambda n: ngettext("%(count)s person liked what they said", "%(count)s people liked what they said", n),
    "reacted_against": lambda n: ngettext("%(count)s person reacted crossly", "%(count)s people reacted crossly", n),
    "named": lambda n: ngettext("%(count)s person named them", "%(count)s people named them", n),
    "named_against": lambda n: ngettext("%(count)s person named them with blame", "%(count)s people named them with blame", n),
    "brought": lambda n: ngettext("%(count)s person came because of them", "%(count)s people came because of them", n),
}  # fmt: skip


def _people(code: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda values: _BY_KIND[code](int(values["people"])) % {"count": number(values["people"])}


def _followers(values: Mapping[str, Any]) -> str:
    count = int(values["count"])
    return ngettext("%(count)s follower", "%(count)s followers", count) % {"count": number(count)}


def _reached(values: Mapping[str, Any]) -> str:
    count = int(values["count"])
    return ngettext("%(count)s person turned to them", "%(count)s people turned to them", count) % {"count": number(count)}


def _bridged(values: Mapping[str, Any]) -> str:
    count = int(values["count"])
    return ngettext("Has ties to %(count)s other community", "Has ties to %(count)s other communities", count) % {"count": number(count)}


def _between(values: Mapping[str, Any]) -> str:
    return _("Stands on %(share)s of the shortest ways between others") % {"share": percent(values["share"], 1)}


def _constraint(values: Mapping[str, Any]) -> str:
    return _("Constraint %(value)s: the lower, the less their contacts know one another") % {"value": number(values["value"], 2)}


REASONS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    **{code: _people(code) for code in _BY_KIND}, "followers": _followers, "reached": _reached, "bridged": _bridged, "between": _between,
    "constraint": _constraint,
}  # fmt: skip


def reason(code: str, values: Mapping[str, Any]) -> str:
    """One reason in words; the plain code where it is not known here."""
    made = REASONS.get(code)
    return made(values) if made else code


def community(number_: int, name: str, topics: Sequence[Sequence[Any]], leader: str) -> str:
    """What a community is called: as the team says, else by what it speaks of, else by who leads it.

    >>> community(3, "", [["coffee", 0.5, 3.0]], "Marta"), community(3, "The regulars", [], "Marta")
    ('Coffee', 'The regulars')
    """
    if name:
        return name
    if topics:
        said = ", ".join(topic_name("topics", str(each[0])) for each in topics[:2])
        return said[:1].upper() + said[1:]
    return _("Around %(name)s") % {"name": leader} if leader else _("Community %(number)s") % {"number": number_ + 1}
