"""What figures say, in words. Careful where there is little to go by; nothing is said that was not counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from vincle.listen.phrases import KINDS
from vincle.web.tags.formats import number
from vincle.web.tags.people import mark_of

from .choice import Choice
from .expected import Outlier

# Below this many people in an ordinary week, a comparison is noise.
FEW = 5
_NOUNS = {
    "Like": gettext_lazy("Reactions"), "Announce": gettext_lazy("Shares"), "Follow": gettext_lazy("New followers"),
    "View": gettext_lazy("Visits"), "Read": gettext_lazy("Opened messages"), "Purchase": gettext_lazy("Purchases"),
    "Refund": gettext_lazy("Refunds"), "Submit": gettext_lazy("Forms"), "Undo": gettext_lazy("Things taken back"),
    "Join": gettext_lazy("Joining"), "Arrive": gettext_lazy("Visits in person"), "Meet": gettext_lazy("Meetings"),
    "Deliver": gettext_lazy("Deliveries"), "Bounce": gettext_lazy("Bounces"), "Track": gettext_lazy("Other events"),
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """By how much the period differs from the one before, and what makes up most of it: `part` of `total`, of this `name`."""

    total: int
    before: int
    name: str = ""
    part: int = 0


def kind_name(verb: str, object_type: str) -> str:
    """A kind of activity as a noun."""
    return str(_NOUNS[verb] if verb in _NOUNS else KINDS.get(object_type) or object_type)


def when(choice: Choice) -> str:
    """The period, as it ends a sentence."""
    period = choice.period
    if choice.days and choice.ends_today:
        return _("this week") if choice.days == 7 else _("in the last %(days)s days") % {"days": choice.days}
    if choice.days:
        return _("in the %(days)s days to %(day)s") % {"days": choice.days, "day": full_day(period.last)}
    if period.days == 1:
        return _("on %(day)s") % {"day": full_day(period.first)}
    days = {"first": full_day(period.first), "last": full_day(period.last)}
    return _("from %(first)s to %(last)s") % days


def before(choice: Choice) -> str:
    """The period it is compared with."""
    return ngettext("the day before", "the %(days)s days before", choice.period.days) % {"days": choice.period.days}


def headline(choice: Choice, people: int, earlier: list[int]) -> str:
    """How many people, and how that compares with the mean of earlier periods (those that lie wholly in the data)."""
    if not people:
        return _("Nobody was in touch with you %(when)s") % {"when": when(choice)}
    words = {"count": number(people), "when": when(choice), "change": compared(people, earlier)}
    if not words["change"]:
        return (
            ngettext("%(count)s person was in touch with you %(when)s", "%(count)s people were in touch with you %(when)s", people) % words
        )
    return (
        ngettext(
            "%(count)s person was in touch with you %(when)s, %(change)s",
            "%(count)s people were in touch with you %(when)s, %(change)s",
            people,
        )
        % words
    )


def compared(people: int, earlier: list[int]) -> str:
    """'a quarter more than usual'; nothing when there is too little to say what is usual."""
    mean = sum(earlier) / len(earlier) if earlier else 0
    if mean < FEW:
        return ""
    ratio = people / mean
    if ratio >= 2.5:
        return _("%(times)s times as many as usual") % {"times": number(ratio)}
    return next(str(words) for least, words in _RATIOS if ratio >= least)


_RATIOS = (
    (1.75, gettext_lazy("twice as many as usual")), (1.4, gettext_lazy("half as many again as usual")),
    (1.18, gettext_lazy("a quarter more than usual")), (1.07, gettext_lazy("a few more than usual")),
    (0.93, gettext_lazy("as many as usual")), (0.82, gettext_lazy("a few less than usual")),
    (0.7, gettext_lazy("a quarter fewer than usual")), (0.57, gettext_lazy("a third fewer than usual")),
    (0.4, gettext_lazy("half as many as usual")), (0.0, gettext_lazy("far fewer than usual")),
)  # fmt: skip


def explained(now: Mapping[str, int], then: Mapping[str, int]) -> tuple[str, int]:
    """The name whose count changed most in the direction of the whole, and by how much."""
    total = sum(now.values()) - sum(then.values())
    parts = {name: now.get(name, 0) - then.get(name, 0) for name in {*now, *then}}
    name = max(sorted(parts), key=lambda each: parts[each] * (1 if total >= 0 else -1), default="")
    return name, parts.get(name, 0)


def what_changed(choice: Choice, change: Change, is_known: bool) -> str:
    """The second sentence. `is_known`: the period before lies in the data."""
    if not is_known:
        return _("There is no earlier period to compare with yet.")
    words = {"before": before(choice), "total": number(abs(change.total)), "part": number(abs(change.part)), "name": change.name}
    if abs(change.total) < max(FEW, 0.05 * change.before):
        return _("About as much happened as in %(before)s.") % words
    if not change.name:
        more = _("%(total)s activities more than in %(before)s, spread over channels and kinds.")
        return (more if change.total > 0 else _("%(total)s activities fewer than in %(before)s, spread over channels and kinds.")) % words
    if change.total > 0:
        return _("%(name)s made most of the difference: %(part)s more there, %(total)s more in all than in %(before)s.") % words
    return _("%(name)s made most of the difference: %(part)s fewer there, %(total)s fewer in all than in %(before)s.") % words


def talk(days: list[date], counts: list[int], out: Outlier | None, has_band: bool) -> str:
    """The finding of the chart of days."""
    if not any(counts):
        return _("Nothing happened in these days")
    if out is None and has_band:
        return _("Days as usual: none stands out")
    if out is None:
        most = max(range(len(counts)), key=lambda place: counts[place])
        return _("Most happened on %(day)s") % {"day": on_day(days[most])}
    day = on_day(days[out.place])
    if not out.is_high:
        return _("Less than usual on %(day)s") % {"day": day}
    ratio = out.ratio
    if ratio and ratio >= 2.5:
        return _("%(times)s times the usual on %(day)s") % {"times": number(ratio), "day": day}
    if ratio and ratio >= 1.75:
        return _("Twice the usual on %(day)s") % {"day": day}
    return _("More than usual on %(day)s") % {"day": day}


def on_day(day: date) -> str:
    return date_format(day, pgettext("date format within a sentence, with the weekday", "l j F"))


def full_day(day: date) -> str:
    return date_format(day, pgettext("date format within a sentence, with the year", "j F Y"))


def plain_day(day: date) -> str:
    return date_format(day, pgettext("date format of a day of another year", "j M Y"))


def short_day(day: date, with_year: bool) -> str:
    """A day on an axis."""
    if with_year:
        return plain_day(day)
    return date_format(day, pgettext("date format on an axis, with the weekday", "D j M"))


def busiest(counts: Mapping[tuple[int, int], int]) -> str:
    """The finding of the heat map; (weekday 1-7, hour) -> count."""
    total = sum(counts.values())
    if total < 50:
        return _("When people are in touch")
    (weekday, hour), most = max(counts.items(), key=lambda item: (item[1], item[0]))
    words = {"weekday": WEEKDAYS[weekday - 1], "hour": f"{hour:02d}:00", "share": number(100 * most / total)}
    return _("Busiest on %(weekday)s at %(hour)s") % words


def largest_channel(counts: Mapping[str, int]) -> str:
    """The finding of the bars by channel."""
    if not counts:
        return _("Where people are in touch")
    name, most = max(counts.items(), key=lambda item: (item[1], item[0]))
    label, share = mark_of(name)[1], most / sum(counts.values())
    if len(counts) == 1:
        return _("Everything came from %(channel)s") % {"channel": label}
    if share >= 0.5:
        return _("%(channel)s brought more than half") % {"channel": label}
    return _("%(channel)s brought most") % {"channel": label}


def largest_kind(kinds: list[tuple[str, str, int]]) -> str:
    """The finding of the bars by kind, given most first as (verb, kind, how many)."""
    if not kinds:
        return _("What people do")
    return _("Mostly: %(kind)s") % {"kind": kind_name(*kinds[0][:2]).lower()}


def critics(count: int, earlier: int | None) -> str:
    """The finding of the ladder."""
    said = ngettext("%(count)s critic", "%(count)s critics", count) % {"count": number(count)} if count else _("No critics")
    if earlier is None:
        return said
    words = {"critics": said, "more": number(abs(count - earlier))}
    if count == earlier:
        return _("%(critics)s, as many as before") % words
    return (_("%(critics)s, %(more)s more than before") if count > earlier else _("%(critics)s, %(more)s fewer than before")) % words


def newcomers(count: int) -> str:
    return ngettext("%(count)s new person", "%(count)s new people", count) % {"count": number(count)} if count else _("Nobody new")


def days_of(first: date, count: int) -> list[date]:
    return [first + timedelta(days=place) for place in range(count)]


def purchases(count: int) -> str:
    return ngettext("%(count)s purchase", "%(count)s purchases", count) % {"count": number(count)}
