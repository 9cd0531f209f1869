"""What people did, in words that follow "People who" or "they": each verb as it is said, and as it is denied."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from vincle.listen.labels import label as found_name
from vincle.listen.phrases import KINDS
from vincle.web.tags.formats import money, number, percent
from vincle.web.tags.people import channel_name

from .segments.predicate import Act, Did, Sequence, Window

Said = tuple[Any, Any]
_BY_VERB: dict[str, Said] = {
    "Create": (_("wrote"), _("did not write")), "Like": (_("reacted"), _("did not react")), "Announce": (_("shared"), _("did not share")),
    "Follow": (_("followed"), _("did not follow")), "Undo": (_("took something back"), _("took nothing back")),
    "View": (_("looked at something"), _("looked at nothing")), "Read": (_("opened something"), _("opened nothing")),
    "Purchase": (_("bought"), _("did not buy")), "Refund": (_("sent something back"), _("sent nothing back")),
    "Submit": (_("filled something in"), _("filled nothing in")), "Deliver": (_("received something"), _("received nothing")),
    "Bounce": (_("could not be reached"), _("could always be reached")), "Grant": (_("allowed something"), _("allowed nothing")),
    "Revoke": (_("withdrew something"), _("withdrew nothing")), "Arrive": (_("came by"), _("did not come by")),
    "Meet": (_("were met"), _("were not met")), "Join": (_("joined"), _("did not join")), "Leave": (_("left"), _("did not leave")),
    "Track": (_("did something else"), _("did nothing else")), "Update": (_("changed something"), _("changed nothing")),
    "Delete": (_("deleted something"), _("deleted nothing")),
}  # fmt: skip
_BY_BOTH: dict[tuple[str, str], Said] = {
    ("Create", "Note"): (_("wrote a post or comment"), _("did not write a post or comment")),
    ("Create", "Message"): (_("sent a message"), _("did not send a message")),
    ("Create", "Mention"): (_("mentioned us"), _("did not mention us")),
    ("Create", "Review"): (_("left a review"), _("did not leave a review")),
    ("Follow", "Subscription"): (_("subscribed"), _("did not subscribe")),
    ("Undo", "Subscription"): (_("unsubscribed"), _("did not unsubscribe")),
    ("View", "Page"): (_("looked at a page"), _("did not look at a page")),
    ("View", "Link"): (_("followed a link"), _("did not follow a link")),
    ("View", "Video"): (_("watched a video"), _("did not watch a video")),
    ("Read", "Message"): (_("opened a message"), _("did not open a message")),
    ("Purchase", "Order"): (_("bought"), _("did not buy")),
    ("Refund", "Order"): (_("sent an order back"), _("did not send an order back")),
    ("Submit", "Form"): (_("filled in a form"), _("did not fill in a form")),
    ("Submit", "Answer"): (_("answered a question"), _("did not answer a question")),
    ("Arrive", "Event"): (_("came to an event"), _("did not come to an event")),
}  # fmt: skip
_BY_US: dict[str, Said] = {
    "": (_("heard from us"), _("did not hear from us")), "Create": (_("were written to by us"), _("were not written to by us")),
    "Deliver": (_("were sent something by us"), _("were sent nothing by us")), "Meet": (_("were met by us"), _("were not met by us")),
}  # fmt: skip
_ANYTHING: Said = (_("did something"), _("did nothing"))
PLURALS: dict[str, Any] = {
    "channel": _("channels"), "event": _("events"), "reaction": _("reactions"), "topic": _("topics"), "intent": _("intentions"),
    "hashtag": _("hashtags"), "product": _("products"), "campaign": _("campaigns"), "object": _("things"),
    "thread": _("conversations"), "language": _("languages"), "currency": _("currencies"),
}  # fmt: skip
_DETAILS: dict[str, Any] = {
    "object_type": _("(%(values)s)"), "product": _("with the product %(values)s"), "event": _("as %(values)s"),
    "reaction": _("with %(values)s"), "topic": _("about %(values)s"), "intent": _("meant as %(values)s"),
    "hashtag": _("with %(values)s"), "campaign": _("in the campaign %(values)s"), "object": _("to do with %(values)s"),
    "thread": _("in the conversation %(values)s"), "sentiment": _("in a %(values)s mood"),
    "language": _("in the language %(values)s"), "currency": _("in %(values)s"), "channel": _("on %(values)s"),
}  # fmt: skip
_REPLY = {True: _("as an answer"), False: _("not as an answer")}


def act(asked: Act, is_denied: bool = False) -> str:
    """ "bought with the product “tea” on Shopify", or the same denied."""
    several, taken = _verbs(asked, is_denied)
    words = [both(several) if is_denied else either(several)]
    currency = asked.currency[0] if len(asked.currency) == 1 and asked.amount != (None, None) else ""
    taken |= {"currency"} if currency else set()
    for name, pattern in _DETAILS.items():
        if (values := getattr(asked, name)) and name not in taken:
            said = either(_value(name, value) for value in values)
            words.append(said if name == "product" and asked.verb == ("Purchase",) else str(pattern) % {"values": said})
    if asked.is_reply is not None:
        words.append(str(_REPLY[asked.is_reply]))
    if asked.amount != (None, None):
        words.append(gettext("for %(range)s") % {"range": between(*(_amount(limit, currency) for limit in asked.amount))})
    if asked.rating != (None, None):
        limits = (None if limit is None else percent(limit) for limit in asked.rating)
        words.append(gettext("with a rating of %(range)s") % {"range": between(*limits)})
    return " ".join(words)


def _verbs(asked: Act, is_denied: bool) -> tuple[list[str], set[str]]:
    """The verbs, and which field is said with them already."""
    anything = _BY_US[""] if asked.by == "us" else _ANYTHING
    pairs = [(verb, kind) for verb in asked.verb for kind in asked.object_type]
    if asked.by == "them" and pairs and all(pair in _BY_BOTH for pair in pairs):
        return list(dict.fromkeys(str(_BY_BOTH[pair][is_denied]) for pair in pairs)), {"object_type"}
    table = _BY_US if asked.by == "us" else _BY_VERB
    found = [table.get(verb, anything) for verb in asked.verb] or [anything]
    return list(dict.fromkeys(str(each[is_denied]) for each in found)), set()


def _value(name: str, value: str) -> str:
    if name == "channel":
        return channel_name(value)
    if name == "object_type":
        return lowered(str(KINDS.get(value, value)))
    if name in _TOLD:
        return lowered(found_name(_TOLD[name], value)) if name != "hashtag" else found_name("hashtags", value)
    return value if name in ("currency", "language") else quoted(value)


_TOLD = {"sentiment": "sentiment", "intent": "intents", "topic": "topics", "hashtag": "hashtags"}


def _amount(limit: float | None, currency: str) -> str | None:
    return None if limit is None else money(limit, currency) if currency else figure(limit)


def figure(value: float) -> str:
    """A number with as many places as it needs, two at most."""
    return number(value, len(f"{value:.2f}".rstrip("0").partition(".")[2]))


def quoted(value: str) -> str:
    return gettext("“%(value)s”") % {"value": value}


def lowered(text: str) -> str:
    """A label within a sentence; abbreviations stay as they are."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def between(least: str | None, most: str | None) -> str:
    """ "at least 3", "at most 9", "between 3 and 9", "exactly 3"."""
    if least is not None and most is not None:
        pattern = gettext("exactly %(least)s") if least == most else gettext("between %(least)s and %(most)s")
        return pattern % {"least": least, "most": most}
    return gettext("at least %(least)s") % {"least": least} if most is None else gettext("at most %(most)s") % {"most": most}


def either(words: Iterable[str]) -> str:
    """ "a", "a or b", "a, b or c"."""
    return _joined(words, gettext("%(before)s or %(last)s"))


def both(words: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return _joined(words, gettext("%(before)s and %(last)s"))


def _joined(words: Iterable[str], pattern: str) -> str:
    *before, last = words
    return pattern % {"before": ", ".join(before), "last": last} if before else last


def limits(least: float | None, most: float | None) -> str:
    return between(*(None if limit is None else figure(limit) for limit in (least, most)))


def in_days(days: float, is_past: bool = True) -> str:
    """ "in the last 90 days"."""
    if days == 0:
        return gettext("today")
    if not float(days).is_integer():
        pattern = gettext("in the last %(days)s days") if is_past else gettext("in the next %(days)s days")
        return pattern % {"days": figure(days)}
    if is_past:
        return ngettext("in the last %(days)s day", "in the last %(days)s days", int(days)) % {"days": figure(days)}
    return ngettext("in the next %(days)s day", "in the next %(days)s days", int(days)) % {"days": figure(days)}


def day_of(day: date) -> str:
    return formats.date_format(day, pgettext("date format of a day of another year", "j M Y"))


_SINCE = {"day": _("today"), "week": _("this week"), "month": _("this month"), "quarter": _("this quarter"), "year": _("this year")}
_MEASURES: dict[str, Any] = {
    "sum": _("%(did)s for %(range)s altogether"), "mean": _("%(did)s for %(range)s on average"),
    "largest": _("%(did)s for %(range)s at once"), "first": _("%(did)s for the first time %(range)s ago"),
    "last": _("%(did)s for the last time %(range)s ago"),
}  # fmt: skip


def did(asked: Did, is_denied: bool = False) -> str:
    """ "bought at least twice in the last 90 days"."""
    if is_denied:
        return gettext("did not do this (%(what)s)") % {"what": did(asked)}
    is_never = asked.measure == "count" and not asked.least and asked.most == 0
    when, done = within(asked.window), act(asked.act, is_never)
    if asked.measure == "count":
        said = done if is_never else _spaced(done, _times(asked.least, asked.most))
    elif asked.measure == "kinds":
        kinds = {"did": done, "range": limits(asked.least, asked.most), "kinds": PLURALS[asked.of]}
        said = gettext("%(did)s (different %(kinds)s: %(range)s)") % kinds
    else:
        found = _days_ago(asked) if asked.measure in ("first", "last") else limits(asked.least, asked.most)
        said = str(_MEASURES[asked.measure]) % {"did": done, "range": found}
    return _spaced(said, when)


def _spaced(*words: str) -> str:
    return " ".join(word for word in words if word)


def _days_ago(asked: Did) -> str:
    top = asked.most if asked.most is not None else asked.least
    return (gettext("%(range)s day") if top == 1 else gettext("%(range)s days")) % {"range": limits(asked.least, asked.most)}


def _times(least: float | None, most: float | None) -> str:
    """ "at least twice"; nothing for once or more."""
    if (least, most) == (1, None):
        return ""
    if most is None and least is not None:
        return gettext("at least twice") if least == 2 else gettext("at least %(count)s times") % {"count": figure(least)}
    if least is None and most is not None:
        return gettext("at most once") if most == 1 else gettext("at most %(count)s times") % {"count": figure(most)}
    if least == most == 1:
        return gettext("exactly once")
    return gettext("%(range)s times") % {"range": limits(least, most)}


def within(window: Window) -> str:
    """ "in the last 90 days", "this month", "from 1 Jan 2026 to 31 Jan 2026"; nothing for ever."""
    if window.days is not None:
        return in_days(window.days)
    if window.since:
        return str(_SINCE[window.since])
    first, last = (None if day is None else day_of(day) for day in (window.first, window.last))
    if first and last:
        return gettext("from %(first)s to %(last)s") % {"first": first, "last": last}
    return gettext("since %(first)s") % {"first": first} if first else gettext("until %(last)s") % {"last": last} if last else ""


def sequence(asked: Sequence, is_denied: bool = False) -> str:
    """ "looked at a page, but then did not buy within 7 days"."""
    first, *rest = asked.acts
    steps = [act(each, asked.missing and each is rest[-1]) for each in rest]
    said = act(first)
    for step in steps[:-1]:
        said = gettext("%(before)s, then %(next)s") % {"before": said, "next": step}
    pattern = gettext("%(before)s, but then %(next)s %(days)s") if asked.missing else gettext("%(before)s, then %(next)s %(days)s")
    whole = pattern % {"before": _spaced(said, within(asked.window)), "next": steps[-1], "days": _within_days(asked.days)}
    return gettext("did not do this (%(what)s)") % {"what": whole} if is_denied else whole


def _within_days(days: float) -> str:
    if not float(days).is_integer():
        return gettext("within %(days)s days") % {"days": figure(days)}
    return ngettext("within %(days)s day", "within %(days)s days", int(days)) % {"days": figure(days)}
