"""Scores in words: names, what they mean, their labels and values, and why someone has what they have."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vincle.listen.labels import label as topic_name
from vincle.web.tags.formats import day, money, number, percent
from vincle.web.tags.people import channel_name

from . import influence_words, worth_words

Named = Callable[[str, Mapping[str, Any]], str]
"""The text of a reason's label, as the person's own acts have it; "" where it is not known any more."""

NAMES: dict[str, Any] = {
    "affinity": gettext_lazy("Affinity"), "churn": gettext_lazy("Churn risk"), "completeness": gettext_lazy("Data completeness"),
    "influence": gettext_lazy("Influence"), "reach": gettext_lazy("Reach"), "broker": gettext_lazy("Bridge"),
    "intent": gettext_lazy("Purchase intent"), "lead": gettext_lazy("Lead score"), "loyalty": gettext_lazy("Loyalty"),
    "registration": gettext_lazy("Level of registration"), "rfm": gettext_lazy("Customer group (RFM)"),
    "satisfaction": gettext_lazy("Satisfaction"), **worth_words.NAMES,
}  # fmt: skip
ABOUT: dict[str, Any] = {
    "affinity": gettext_lazy("How warm they are towards us, from what they say, rate, like and buy; and where and over what."),
    "churn": gettext_lazy("How likely they are to do nothing within the next 90 days."),
    "completeness": gettext_lazy("How much of what helps to serve them is known, and what to ask next."),
    "influence": gettext_lazy("How much others turn to them, and those others are turned to, in times the average; blame counts against."),
    "reach": gettext_lazy("How many people they reach at least: followers, or those who turned to them."),
    "broker": gettext_lazy("On what share of the shortest ways between others they stand: without them circles hear less of each other."),
    "intent": gettext_lazy("How likely they are to buy within 30 days, by what they look at, put into the cart and ask."),
    "lead": gettext_lazy("How likely someone who never bought is to become a customer within 90 days."),
    "loyalty": gettext_lazy("Whether they keep coming back, and mean it: how steady they are, and how they speak of us."),
    "registration": gettext_lazy("From a face in the crowd to someone known well, and what to ask next."),
    "rfm": gettext_lazy("Customers by how lately, how often and for how much they bought, in fifths."),
    "satisfaction": gettext_lazy("How content they are: ratings, answers, words and complaints, older ones counting less."),
    **worth_words.ABOUT,
}  # fmt: skip
_DEGREES = {"low": gettext_lazy("Low"), "middle": gettext_lazy("Middling"), "high": gettext_lazy("High")}
LABELS: dict[str, dict[str, Any]] = {
    "affinity": {"cold": gettext_lazy("Cold"), "neutral": gettext_lazy("Neutral"), "warm": gettext_lazy("Warm")},
    "churn": _DEGREES, "intent": _DEGREES,
    "completeness": {"little": gettext_lazy("Little known"), "some": gettext_lazy("Partly known"), "full": gettext_lazy("Well known")},
    "lead": {"cold": gettext_lazy("Cold"), "warm": gettext_lazy("Warm"), "hot": gettext_lazy("Hot")},
    "loyalty": {
        "loyal": gettext_lazy("Loyal"), "habit": gettext_lazy("By habit"), "latent": gettext_lazy("Fond, seldom here"),
        "none": gettext_lazy("Not bound"),
    },
    "registration": {
        "seen": gettext_lazy("Seen"), "named": gettext_lazy("Named"), "reachable": gettext_lazy("Reachable"),
        "consented": gettext_lazy("May be written to"), "customer": gettext_lazy("Customer"), "known_well": gettext_lazy("Known well"),
    },
    "rfm": {
        "champions": gettext_lazy("Champions"), "loyal": gettext_lazy("Loyal"), "potential": gettext_lazy("Potential loyalists"),
        "new": gettext_lazy("New"), "promising": gettext_lazy("Promising"), "attention": gettext_lazy("Need attention"),
        "sleepy": gettext_lazy("About to sleep"), "risk": gettext_lazy("At risk"), "cannot_lose": gettext_lazy("Cannot lose"),
        "hibernating": gettext_lazy("Hibernating"), "lost": gettext_lazy("Lost"),
    },
    "satisfaction": {"unhappy": gettext_lazy("Unhappy"), "mixed": gettext_lazy("Mixed"), "content": gettext_lazy("Content")},
    **worth_words.LABELS,
}  # fmt: skip
FIELDS: dict[str, Any] = {
    "email": gettext_lazy("e-mail address"), "consent": gettext_lazy("consent to e-mail"), "name": gettext_lazy("name"),
    "phone": gettext_lazy("phone number"), "city": gettext_lazy("city"), "country": gettext_lazy("country"),
    "language": gettext_lazy("language"), "birthday": gettext_lazy("birthday"), "company": gettext_lazy("company"),
    "job_title": gettext_lazy("job"), "first_name": gettext_lazy("first name"), "last_name": gettext_lazy("last name"),
    "address": gettext_lazy("an address or a number that works"), "purchase": gettext_lazy("a first purchase"),
    "details": gettext_lazy("who they are, where and since when"),
}  # fmt: skip
CHANCES = frozenset({"churn", "intent", "lead", "satisfaction", "completeness"})


def name(score: str) -> str:
    return str(NAMES.get(score, score))


def about(score: str) -> str:
    return str(ABOUT.get(score, ""))


def label(score: str, code: str) -> str:
    return str(LABELS.get(score, {}).get(code, code))


def shown(score: str, value: float, currency: str = "EUR") -> str:
    """A value as it is read: 62 %, +0.4, 71 points; money in the workspace's currency.

    >>> shown("churn", 0.624), shown("affinity", -0.31), shown("loyalty", 71.2)
    ('62%', '-0.3', '71')
    """
    if score in worth_words.SCORES:
        return worth_words.shown(score, value, currency)
    if score in CHANCES:
        return str(percent(value))
    if score == "affinity":
        return f"{value + 0.0:+.1f}"
    return str(number(value, 1 if score == "rfm" else 0 if abs(value) >= 10 or score == "registration" else 2))


def change(score: str, value: float, before: float | None, currency: str = "EUR") -> str:
    """How much more or less than before it last changed; nothing where it has not yet, or by so little that it reads the same."""
    if before is None or shown(score, value, currency) == shown(score, before, currency):
        return ""
    return _("%(before)s before") % {"before": shown(score, before, currency)}


def quality(score: str, found: Mapping[str, Any]) -> str:
    """How good a score is, told honestly: learnt and how well, or a rule and why."""
    if score in worth_words.SCORES:
        return worth_words.quality(found)
    state, why = found.get("state"), found.get("why", "")
    said = {key: number(found.get(key, 0)) for key in ("rows", "people", "came", "held_out", "k")}
    if state == "learnt":
        said |= {"share": percent(found["share"]), "ece": number(100 * found["ece"], 1), "skill": percent(found["skill"])}
        text = _(
            "Learnt from %(people)s people. Of %(held_out)s cases it had never seen it came true for %(share)s; what it had told was off "
            "by %(ece)s points on average, and nearer to what came than telling everybody the same by %(skill)s."
        )
        return text % said
    if score == "rfm":
        if why == "few":
            return _("There are too few customers for fifths yet: %(people)s, and 20 are needed.") % said
        return _("Fifths of %(people)s customers; equals always share theirs.") % said
    if score == "satisfaction":
        if "mean" not in found:
            return _("Too little was said yet to know what is usual here: everybody is drawn to the middle.")
        said["mean"] = percent(found["mean"])
        return _("%(people)s people said something. Each is drawn towards their mean, %(mean)s, until they have said enough.") % said
    if why == "no better":
        return _("A rule, not learnt: what %(people)s people's past taught told the rest no better, so it is not used.") % said
    if why:
        return _("A rule, not learnt, and not sure of itself: the past holds too little to learn from (%(rows)s cases).") % said
    return _("The same rule for everybody; how sure it is stands beside each person's value.")


def reason(code: str, values: Mapping[str, Any], score: str, named: Named) -> str:
    """One reason in words; the plain code where a later version left one behind that is not known here."""
    try:
        if score in influence_words.SCORES:
            return influence_words.reason(code, values)
        if score in worth_words.SCORES:
            return worth_words.reason(code, values)
        made = _SENTENCES.get(code)
        return made(values, score, named) if made else code
    except (KeyError, TypeError, ValueError):
        return code


def _day(values: Mapping[str, Any]) -> str:
    return str(day(datetime.fromtimestamp(int(values["at"]) // 1_000_000, UTC)))


def _counted(one: Callable[[int], str]) -> Callable[..., str]:
    """A sentence with one count."""

    def make(values: Mapping[str, Any], _score: str, _named: Named) -> str:
        count = round(float(values["count"]))
        return one(count) % {"count": number(count)}

    return make


def _plain(text: Any) -> Callable[..., str]:
    return lambda _values, _score, _named: str(text)


def _told(text: Any, **read: Callable[[Mapping[str, Any]], Any]) -> Callable[..., str]:
    return lambda values, _score, _named: str(text) % {key: each(values) for key, each in read.items()}


def _count(values: Mapping[str, Any]) -> str:
    return str(number(values["count"]))


def _overdue(values: Mapping[str, Any], _score: str, _named: Named) -> str:
    times = float(values["times"])
    if times < 1:
        return _("Not silent for longer than usual")
    return _("Silent for %(times)s times their usual pause") % {"times": number(times, 1)}


def _favourite(heading: Any, field: str) -> Callable[..., str]:
    def make(values: Mapping[str, Any], _score: str, named: Named) -> str:
        text = named(field, values)
        if not text:
            return str(heading) % {"name": _("no longer known")}
        return str(heading) % {
            "name": channel_name(text) if field == "channel" else topic_name("topics", text) if field == "topic" else text
        }

    return make


def _field(values: Mapping[str, Any]) -> str:
    return str(FIELDS.get(values["field"], values["field"]))


def _rated(text: Callable[[int], str]) -> Callable[..., str]:
    def make(values: Mapping[str, Any], _score: str, _named: Named) -> str:
        count = int(values["count"])
        return text(count) % {"count": number(count), "share": percent(values["mean"]), "day": _day(values)}

    return make


def _dated(text: Callable[[int], str]) -> Callable[..., str]:
    def make(values: Mapping[str, Any], _score: str, _named: Named) -> str:
        count = int(values["count"])
        return text(count) % {"count": number(count), "day": _day(values)}

    return make


def _attitude(values: Mapping[str, Any], _score: str, _named: Named) -> str:
    tone = float(values["tone"])
    return _("Speaks well of us") if tone > 0.1 else _("Speaks badly of us") if tone < -0.1 else _("Speaks neither well nor badly of us")


def _rhythm(values: Mapping[str, Any], _score: str, _named: Named) -> str:
    said = {"day": _day(values), "days": number(float(values["days"]), 0), "times": number(float(values["times"]), 1)}
    return _("Last active: %(day)s, %(times)s times their usual pause of %(days)s days") % said


_SENTENCES: dict[str, Callable[..., str]] = {
    "silence": _told(gettext_lazy("Last active: %(day)s"), day=_day),
    "overdue": _overdue,
    "rhythm": _rhythm,
    "month": _counted(lambda n: ngettext("%(count)s act in the last 30 days", "%(count)s acts in the last 30 days", n)),
    "quarter": _counted(lambda n: ngettext("%(count)s act in the last 90 days", "%(count)s acts in the last 90 days", n)),
    "active_days": _counted(lambda n: ngettext("Active on %(count)s day in all", "Active on %(count)s days in all", n)),
    "tenure": _counted(lambda n: ngettext("First active %(count)s day ago", "First active %(count)s days ago", n)),
    "purchases": _counted(lambda n: ngettext("Bought %(count)s time", "Bought %(count)s times", n)),
    "unhappy": _counted(lambda n: ngettext("%(count)s complaint of late", "%(count)s complaints of late", n)),
    "ours": _counted(lambda n: ngettext("%(count)s message of ours in 90 days", "%(count)s messages of ours in 90 days", n)),
    "seen": _counted(lambda n: ngettext("Looked at products %(count)s time", "Looked at products %(count)s times", n)),
    "cart": _counted(lambda n: ngettext("Used the cart %(count)s time", "Used the cart %(count)s times", n)),
    "checkout": _counted(lambda n: ngettext("Began to pay %(count)s time", "Began to pay %(count)s times", n)),
    "question": _counted(lambda n: ngettext("Asked %(count)s question", "Asked %(count)s questions", n)),
    "wants": _counted(lambda n: ngettext("Said %(count)s time that they want to buy", "Said %(count)s times that they want to buy", n)),
    "contact": _counted(lambda n: ngettext("Asked %(count)s time to be contacted", "Asked %(count)s times to be contacted", n)),
    "price": _counted(lambda n: ngettext("Spoke of prices %(count)s time", "Spoke of prices %(count)s times", n)),
    "clicked": _counted(lambda n: ngettext("Followed %(count)s link", "Followed %(count)s links", n)),
    "visited": _counted(lambda n: ngettext("Looked at %(count)s page", "Looked at %(count)s pages", n)),
    "bought": _counted(lambda n: ngettext("Bought %(count)s time", "Bought %(count)s times", n)),
    "form": _counted(lambda n: ngettext("Sent %(count)s form", "Sent %(count)s forms", n)),
    "opened": _counted(lambda n: ngettext("Opened %(count)s mail", "Opened %(count)s mails", n)),
    "met": _counted(lambda n: ngettext("Met us %(count)s time", "Met us %(count)s times", n)),
    "follows": _counted(lambda n: ngettext("Followed %(count)s of our accounts", "Followed %(count)s of our accounts", n)),
    "knows_email": _plain(gettext_lazy("Has told their e-mail address")),
    "knows_phone": _plain(gettext_lazy("Has told their phone number")),
    "knows_company": _plain(gettext_lazy("Their company is known")),
    "knows_job_title": _plain(gettext_lazy("Their job is known")),
    "knows_consent": _plain(gettext_lazy("What they said about e-mail from us")),
    "answers": _rated(lambda n: ngettext(
        "%(count)s answer to our questions, %(share)s on average", "%(count)s answers to our questions, %(share)s on average", n)),
    "ratings": _rated(lambda n: ngettext("%(count)s rating, %(share)s on average", "%(count)s ratings, %(share)s on average", n)),
    "complaints": _dated(lambda n: ngettext("%(count)s complaint: %(day)s", "%(count)s complaints, the last: %(day)s", n)),
    "good_words": _dated(lambda n: ngettext("%(count)s good word: %(day)s", "%(count)s good words, the last: %(day)s", n)),
    "bad_words": _dated(lambda n: ngettext("%(count)s bad word: %(day)s", "%(count)s bad words, the last: %(day)s", n)),
    "usual": _told(gettext_lazy("Drawn towards the mean of all, %(share)s"), share=lambda values: percent(values["share"])),
    "for_us": _dated(lambda n: ngettext("%(count)s act for us: %(day)s", "%(count)s acts for us, the last: %(day)s", n)),
    "against_us": _dated(lambda n: ngettext("%(count)s act against us: %(day)s", "%(count)s acts against us, the last: %(day)s", n)),
    "favourite_channel": _favourite(gettext_lazy("Most at home on %(name)s"), "channel"),
    "favourite_topic": _favourite(gettext_lazy("Speaks most of: %(name)s"), "topic"),
    "favourite_product": _favourite(gettext_lazy("Favourite: %(name)s"), "product"),
    "steady": _told(gettext_lazy("Active in %(count)s of %(of)s months"), count=_count, of=lambda values: number(values["of"])),
    "attitude": _attitude,
    "attitude_unknown": _plain(gettext_lazy("How they feel about us is not known")),
    "recency": _told(gettext_lazy("Last bought: %(day)s, fifth %(fifth)s of 5"), day=_day, fifth=lambda values: values["fifth"]),
    "frequency": _told(gettext_lazy("Purchases: %(count)s, fifth %(fifth)s of 5"), count=_count, fifth=lambda values: values["fifth"]),
    "money": _told(
        gettext_lazy("Spent %(amount)s: fifth %(fifth)s of 5"),
        amount=lambda values: money(values["amount"], values["currency"]), fifth=lambda values: values["fifth"]),
    "money_unknown": _plain(gettext_lazy("What they spent is not known in our currency")),
    "has": _told(gettext_lazy("Known: %(field)s"), field=_field),
    "ask": _told(gettext_lazy("Ask for: %(field)s"), field=_field),
}  # fmt: skip
