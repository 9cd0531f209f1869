"""What a channel allows, in words: before anyone types, what holds, until when, and what else there is."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vincle.channels.live import Way, left
from vincle.listen import doctor_words

DEEDS: dict[str, Any] = {
    "reply": gettext_lazy("Public answer"), "private_reply": gettext_lazy("Private answer"), "message": gettext_lazy("Answer"),
    "post": gettext_lazy("Post"), "hide": gettext_lazy("Hide"), "unhide": gettext_lazy("Show again"), "like": gettext_lazy("Like"),
    "unlike": gettext_lazy("Take the like back"), "boost": gettext_lazy("Share"), "delete": gettext_lazy("Delete"),
}  # fmt: skip
KINDS: dict[str, Any] = {
    "comment": gettext_lazy("Comment"), "message": gettext_lazy("Message"), "review": gettext_lazy("Review"),
    "mail": gettext_lazy("E-mail"), "mention": gettext_lazy("Mention"),
}  # fmt: skip
_CLOSED: dict[str, Any] = {
    "window_closed": gettext_lazy("The time in which you could answer here is over; it begins again when they write."),
    "never_wrote": gettext_lazy("They have not written to you here, so nothing may be sent to them."),
    "already_sent": gettext_lazy("You have answered this in private; that can be done once."),
    "only_while_live": gettext_lazy("This can be answered in private only while the broadcast runs."),
    "done": gettext_lazy("This has been done; it can be done once."),
    "too_old": gettext_lazy("This is too old to be answered here."),
    "needs_template": gettext_lazy("Only a message that was approved before may be sent now."),
    "no_scope": gettext_lazy("Your connection lacks the permission for it. See the connection."),
    "nobody_reads_there": gettext_lazy("This address takes no answers: nobody reads what is sent to it."),
    "replied": gettext_lazy("There is an answer already; it can be changed at the platform."),
}  # fmt: skip
_HOLDS: dict[str, Any] = {
    "once": gettext_lazy("once"), "human_agent": gettext_lazy("only someone of the team, nothing automatic"),
    "public": gettext_lazy("everyone can read it"), "replaces": gettext_lazy("it takes the place of your last answer"),
    "named_only": gettext_lazy("only those named in it can read it"), "followers_only": gettext_lazy("only followers can read it"),
    "automatic": gettext_lazy("a program wrote this, so perhaps nobody reads the answer"),
}  # fmt: skip
_NOT_ALLOWED: dict[str, Any] = {
    "bounced": gettext_lazy("This address does not take mail: what was sent to it came back."),
    "complained": gettext_lazy("They complained of mail from you: nothing is sent to this address."),
    "never_wrote": gettext_lazy("They have not written to you here, so nothing may be sent to them."),
    "no_consent": gettext_lazy("They have not allowed this."),
}  # fmt: skip
SOON = timedelta(hours=2)
"""What is due within it is due soon."""


class Shown(NamedTuple):
    """A way as the composer shows it; `law` is what holds, `instead` what else there is."""

    deed: str
    name: str
    is_open: bool
    law: str
    longest: int | None
    takes_files: int
    instead: str
    is_current: bool = False


def span(time: timedelta) -> str:
    """ "3 h 12 min", "2 days", "12 min"."""
    minutes = int(time.total_seconds() // 60)
    if minutes >= 2880:
        return ngettext("%(n)d day", "%(n)d days", minutes // 1440) % {"n": minutes // 1440}
    hours, rest = divmod(minutes, 60)
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest} if rest else _("%(hours)d h") % {"hours": hours}
    return _("%(minutes)d min") % {"minutes": max(rest, 1)}


class Due(NamedTuple):
    """How long there is left for what was promised; `tone`: "late", "soon" or ""."""

    text: str
    tone: str
    at: datetime


def due(at: datetime | None, now: datetime) -> Due | None:
    """What is promised, as a list says it; None where nothing is."""
    if at is None:
        return None
    if at <= now:
        return Due(_("overdue by %(time)s") % {"time": span(now - at)}, "late", at)
    return Due(_("due in %(time)s") % {"time": span(at - now)}, "soon" if at - now <= SOON else "", at)


def closed(way: Way) -> str:
    """Why a way is closed."""
    return str(_CLOSED.get(way.code) or _("This cannot be answered in this way now."))


def not_allowed(code: str) -> str:
    """Why we may not write to someone."""
    return str(_NOT_ALLOWED.get(code) or _("You may not write to them."))


def law(way: Way, now: datetime) -> str:
    """What holds for a way, as one sentence."""
    if not way.is_open:
        return closed(way)
    rest = left(way, now)
    told = [_("you can answer for %(time)s") % {"time": span(rest)} if rest is not None else _("you can answer any time")]
    if way.code in _HOLDS:
        told.append(str(_HOLDS[way.code]))
    sentence = ", ".join(told)
    return f"{sentence[0].upper()}{sentence[1:]}."


def shown(way: Way, now: datetime, current: str = "") -> Shown:
    instead = str(DEEDS[way.instead]) if way.instead and not way.is_open else ""
    return Shown(way.deed, str(DEEDS[way.deed]), way.is_open, law(way, now), way.longest, way.takes_files, instead, way.deed == current)


def trouble(kind: str, code: str, detail: str) -> doctor_words.Said:
    """What went wrong with a send, and what to do."""
    if code in _NOT_ALLOWED:
        return doctor_words.Said(str(_NOT_ALLOWED[code]), "")
    return doctor_words.said(kind, code, detail)
