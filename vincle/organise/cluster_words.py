"""Groups in words: what they are called, what sets them apart, how sure they are."""

from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from vincle.accounts.choices import countries
from vincle.listen.labels import label
from vincle.web.tags.formats import money, number, percent
from vincle.web.tags.people import mark_of

from .cluster_features import Feature, named
from .models import Cluster

APART: Final = 0.15
"""From so much difference on, shares tell more than means."""
CLEAR: Final = 0.5
IN_PART: Final = 0.25
FIRM: Final = 0.85
VALID: Final = 0.75

_MORE: dict[str, Any] = {
    "acts": gettext_lazy("very active"), "spent": gettext_lazy("spend much"), "days": gettext_lazy("long silent"),
    "mood:negative": gettext_lazy("often unhappy"), "mood:positive": gettext_lazy("often pleased"),
    "when:evening": gettext_lazy("in the evening"), "when:weekend": gettext_lazy("at weekends"),
    "kind:organisation": gettext_lazy("organisations"), "kind:person": pgettext_lazy("group of", "people"),
    "identified": gettext_lazy("known by name"), "deed:purchases": gettext_lazy("buy"), "deed:posts": gettext_lazy("post"),
    "deed:comments": gettext_lazy("comment"), "deed:messages": gettext_lazy("write messages"),
    "deed:reviews": gettext_lazy("write reviews"), "deed:answers": gettext_lazy("answer surveys"), "deed:shares": gettext_lazy("share"),
    "deed:likes": gettext_lazy("react"),
    "deed:follows": gettext_lazy("follow"), "deed:pages": gettext_lazy("look at pages"), "deed:clicks": gettext_lazy("follow links"),
    "deed:opens": gettext_lazy("open mails"), "deed:forms": gettext_lazy("fill in forms"), "deed:visits": gettext_lazy("come by"),
}  # fmt: skip
_LESS: dict[str, Any] = {
    "acts": gettext_lazy("do little"), "spent": gettext_lazy("spend little"), "days": gettext_lazy("here lately"),
    "mood:negative": gettext_lazy("seldom unhappy"), "mood:positive": gettext_lazy("seldom pleased"),
    "when:evening": gettext_lazy("by day"), "when:weekend": gettext_lazy("on weekdays"), "identified": gettext_lazy("not known by name"),
    "deed:purchases": gettext_lazy("buy little"), "deed:posts": gettext_lazy("post little"),
    "deed:comments": gettext_lazy("comment little"), "deed:messages": gettext_lazy("write few messages"),
    "deed:reviews": gettext_lazy("write few reviews"), "deed:answers": gettext_lazy("answer few surveys"),
    "deed:shares": gettext_lazy("share little"), "deed:likes": gettext_lazy("react little"),
    "deed:follows": gettext_lazy("follow little"), "deed:pages": gettext_lazy("look at few pages"),
    "deed:clicks": gettext_lazy("follow few links"), "deed:opens": gettext_lazy("open few mails"),
    "deed:forms": gettext_lazy("fill in few forms"), "deed:visits": gettext_lazy("seldom come by"),
}  # fmt: skip
_HAVE: dict[str, Any] = {
    "deed:purchases": gettext_lazy("Bought something"), "deed:posts": gettext_lazy("Posted"), "deed:comments": gettext_lazy("Commented"),
    "deed:messages": gettext_lazy("Wrote messages"), "deed:reviews": gettext_lazy("Reviewed"),
    "deed:answers": gettext_lazy("Answered surveys"), "deed:shares": gettext_lazy("Shared"), "deed:likes": gettext_lazy("Reacted"),
    "deed:follows": gettext_lazy("Followed"), "deed:pages": gettext_lazy("Looked at pages"),
    "deed:clicks": gettext_lazy("Followed links"), "deed:opens": gettext_lazy("Opened mails"),
    "deed:forms": gettext_lazy("Filled in forms"), "deed:visits": gettext_lazy("Came by"), "spent": gettext_lazy("Spent money"),
    "mood:negative": gettext_lazy("Said something negative"), "mood:positive": gettext_lazy("Said something positive"),
    "identified": gettext_lazy("Known by name"), "kind:organisation": gettext_lazy("Organisations"),
    "kind:person": pgettext_lazy("group of", "People"),
}  # fmt: skip
_EACH: dict[str, Any] = {
    "acts": gettext_lazy("Activities each"), "spent": gettext_lazy("Spent each"), "days": gettext_lazy("Days since the last activity"),
    "mood:negative": gettext_lazy("Negative mentions each"), "mood:positive": gettext_lazy("Positive mentions each"),
    "when:evening": gettext_lazy("Share in the evening"), "when:weekend": gettext_lazy("Share at weekends"),
    "deed:purchases": gettext_lazy("Purchases each"), "deed:posts": gettext_lazy("Posts each"),
    "deed:comments": gettext_lazy("Comments each"), "deed:messages": gettext_lazy("Messages each"),
    "deed:reviews": gettext_lazy("Reviews each"), "deed:answers": gettext_lazy("Answers to surveys each"),
    "deed:shares": gettext_lazy("Shares each"), "deed:likes": gettext_lazy("Reactions each"), "deed:follows": gettext_lazy("Follows each"),
    "deed:pages": gettext_lazy("Pages each"), "deed:clicks": gettext_lazy("Links followed each"),
    "deed:opens": gettext_lazy("Mails opened each"), "deed:forms": gettext_lazy("Forms each"), "deed:visits": gettext_lazy("Visits each"),
}  # fmt: skip
_NONE: dict[str, Any] = {
    "few people": gettext_lazy("Fewer than 60 people did anything within a year: groups of so few would be chance."),
    "few features": gettext_lazy("Too little is known of what people do to tell them apart."),
    "no groups": gettext_lazy("People differ, but by degrees: nowhere is there a gap that would set groups apart."),
    "not stable": gettext_lazy("There are patterns, but they fall apart as soon as some people are left out: nothing to rely on."),
    "too small": gettext_lazy("Some people stand apart, but too few of them to be called groups."),
}  # fmt: skip


def _of(table: dict[str, Any], feature: Feature) -> str:
    return str(table.get(feature.id) or table.get(feature.family) or "")


def name(group: Cluster) -> str:
    """As the team calls it, or by what sets it apart most."""
    if group.name:
        return group.name
    rows = [(named(row[0]), row[5]) for row in group.features]
    more = [(feature, effect) for feature, effect in rows if effect > 0]
    chosen, families = list[str](), set[str]()
    for feature, effect in [*more, *(row for row in rows if row[1] < 0)]:
        words = short(feature, effect > 0)
        if words and feature.family not in families | ({"acts"} if families else set()) and len(chosen) < 2:
            chosen.append(words)
            families.add(feature.family)
    text = " · ".join(chosen) or _("Group %(number)d") % {"number": group.number}
    return text[:1].upper() + text[1:]


def short(feature: Feature, is_more: bool) -> str:
    """A feature in two or three words, as a name has them."""
    if words := _of(_MORE if is_more else _LESS, feature):
        return words
    about = {"what": subject(feature)}
    match feature.family, is_more:
        case "channel", True:
            return _("on %(what)s") % about
        case "channel", False:
            return _("not on %(what)s") % about
        case "topic", True:
            return _("speak of %(what)s") % about
        case "topic", False:
            return _("do not speak of %(what)s") % about
        case "country" | "city", True:
            return _("from %(what)s") % about
        case "country" | "city", False:
            return _("not from %(what)s") % about
    return ""


def subject(feature: Feature) -> str:
    """The channel, topic, country or town a feature is about."""
    match feature.family:
        case "channel":
            return str(mark_of(feature.label)[1])
        case "topic":
            return label("topics", feature.label)
        case "country":
            return str(dict(countries()).get(feature.label, feature.label))
    return feature.label


class Line(NamedTuple):
    """A feature of a group beside the others: `here` and `elsewhere` as people read them, and as parts of the larger one."""

    label: str
    here: str
    elsewhere: str
    here_part: float
    elsewhere_part: float


def lines(group: Cluster, currency: str) -> list[Line]:
    """What sets a group apart, most first: shares where they differ much, means elsewhere."""
    return [_line(named(row[0]), row[1:5], currency) for row in group.features]


def _line(feature: Feature, means: list[float], currency: str) -> Line:
    some_here, some_elsewhere, here, elsewhere = means
    have = _of(_HAVE, feature) or _subject_line(feature)
    as_share = feature.kind == "flag" or (feature.kind in ("count", "money") and abs(some_here - some_elsewhere) >= APART and have)
    if as_share:
        return Line(have, percent(some_here), percent(some_elsewhere), some_here, some_elsewhere)
    title = _of(_EACH, feature) or _("%(what)s, activities each") % {"what": subject(feature)}
    largest = max(here, elsewhere, 1e-9)
    return Line(title, _said(feature, here, currency), _said(feature, elsewhere, currency), here / largest, elsewhere / largest)


def _subject_line(feature: Feature) -> str:
    about = {"what": subject(feature)}
    match feature.family:
        case "channel":
            return _("Active on %(what)s") % about
        case "topic":
            return _("Spoke of %(what)s") % about
        case "country" | "city":
            return _("From %(what)s") % about
    return ""


def _said(feature: Feature, value: float, currency: str) -> str:
    if feature.kind == "money":
        return money(value, feature.label or currency)
    if feature.kind == "share":
        return percent(value)
    return number(value, 0 if value >= 10 else 1)


def rule_quality(group: Cluster) -> str:
    """How close the rule of its segment comes to a group."""
    figures = {"precision": percent(group.quality.get("precision", 0)), "recall": percent(group.quality.get("recall", 0))}
    return _("Of those the rule names, %(precision)s belong to the group; of the group, it names %(recall)s.") % figures


def stability(group: Cluster) -> str:
    """Whether a group comes back when people are drawn anew."""
    value = group.quality.get("stability", 0.0)
    said = {"share": percent(value)}
    if value >= FIRM:
        return _("Comes back when people are drawn anew: %(share)s the same.") % said
    if value >= VALID:
        return _("Mostly comes back when people are drawn anew: %(share)s the same.") % said
    return _("A pattern rather than a group: %(share)s the same when people are drawn anew.") % said


def quality(found: dict[str, Any]) -> str:
    """How well the groups of a look are apart, or why there are none."""
    if found.get("why"):
        return none(found["why"])
    silhouette = found.get("silhouette") or 0.0
    said = {"value": number(silhouette, 2)}
    if silhouette >= CLEAR:
        return _("The groups stand clearly apart (silhouette %(value)s).") % said
    if silhouette >= IN_PART:
        return _("The groups are apart, with people in between (silhouette %(value)s).") % said
    return _("The groups are real but overlap: many people stand between two of them (silhouette %(value)s).") % said


def none(why: str) -> str:
    return str(_NONE.get(why, why))
