"""The figures of service in words: what each means, and what a page has found."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from vincle.web.tags.formats import money, number, percent
from vincle.web.tags.people import channel_name

from . import wording
from .figures import Figures
from .figures_cost import Cost
from .figures_groups import Group
from .figures_questions import MOST, Questions
from .figures_when import Choice

DEFINITIONS: dict[str, Any] = {
    "first": gettext_lazy(
        "First answer: of the conversations that they began in these days and that we have answered, from the first thing said in them to "
        "our first answer. Automatic answers do not count."
    ),
    "answers": gettext_lazy(
        "Every answer: of all we said in conversations in these days, from the first thing they had said since our answer before it. "
        "What answers nothing new counts as an answer, but nobody waited for it. Spam, programs and what was taken back are left out."
    ),
    "done": gettext_lazy("Until closed: each time a conversation was closed in these days, since it had begun or was last opened again."),
    "median": gettext_lazy("Median: half of them took no longer. Nine of ten: the next took longer."),
    "working": gettext_lazy("Working hours: only the time within the workspace's own opening hours counts."),
    "kept": gettext_lazy(
        "Answered in time: of the conversations begun in these days with a promise, those first answered by then; against them stand those "
        "answered later and those that still wait though the time is over. Those whose time has not come, and those closed without an "
        "answer, are left out."
    ),
    "kept_done": gettext_lazy(
        "Closed in time: of the conversations closed in these days, not opened again, for which an end was promised, those closed by then."
    ),
    "hours": gettext_lazy(
        "When they speak: what was said to you in conversations, by weekday and hour of the workspace's clock. Spam, programs and what was "
        "taken back are left out."
    ),
    "agents": gettext_lazy(
        "Answers count for whoever sent them, closed ones for whoever closed them, scores for whoever looked after the conversation. "
        "“Written elsewhere”: at the platform itself."
    ),
    "teams": gettext_lazy("Answers and scores count for the team a conversation is of now, closed ones for the team it was of then."),
    "cost": gettext_lazy(
        "Time: how long the team had the conversation open and gave signs of life; pauses beyond 40 seconds do not count, and days begin "
        "at midnight UTC. Cost: that time at what an hour of work costs. A person on several channels is one person."
    ),
    "questions": gettext_lazy(
        "Conversations that are open and wait for an answer, and in which they asked for something since they wait: a question, a "
        "complaint, a wish to be called, to buy or to leave."
    ),
    "satisfied": gettext_lazy("Satisfied: of the scores from 1 to 5 given in these days, the share of 4 and 5."),
    "replied": gettext_lazy("Replied: of those who were asked in these days, the share who have given a score by now."),
}  # fmt: skip


def lasted(seconds: float | None) -> str:
    """A duration, "–" where there is none."""
    return "–" if seconds is None else wording.span(timedelta(seconds=seconds))


def days(choice: Choice) -> str:
    """The days of a choice, as a date range."""
    form = pgettext("date format of a day of another year", "j M Y")
    return f"{date_format(choice.first, form)} – {date_format(choice.last, form)}"


def before(choice: Choice) -> str:
    return ngettext("the day before", "the %(days)d days before", choice.length) % {"days": choice.length}


def share(value: float | None) -> str:
    return "–" if value is None else percent(value)


def cents(amount: Decimal | None, currency: str) -> str:
    return "–" if amount is None else money(amount.quantize(Decimal("0.01")), currency)


def speed(figures: Figures) -> str:
    if figures.first.clock.median is not None:
        return _("Half of those who begin a conversation are answered within %(time)s") % {"time": lasted(figures.first.clock.median)}
    return _("No conversation that began in these days has been answered")


def busiest(counts: Mapping[tuple[int, int], int]) -> str:
    if not counts:
        return _("Nobody wrote in these days")
    (weekday, hour), n = min(counts.items(), key=lambda row: (-row[1], row[0]))
    told = {
        "day": str(WEEKDAYS[weekday - 1]),
        "from": f"{hour:02d}:00",
        "to": f"{hour + 1:02d}:00",
        "share": percent(n / sum(counts.values())),
    }
    return _("Most is said on %(day)s from %(from)s to %(to)s: %(share)s of the week") % told


def team(groups: Sequence[Group]) -> str:
    total = sum(group.answers for group in groups)
    first = next((group for group in groups if group.id > 0 and group.answers), None)
    if first is None:
        return _("Nobody of the team has answered in these days")
    told = {"name": first.name, "n": number(first.answers), "total": number(total)}
    return ngettext("%(name)s gave %(n)s of %(total)s answer", "%(name)s gave %(n)s of %(total)s answers", total) % told


def cost(found: Cost, currency: str) -> str:
    if not found.total.seconds:
        return _("No time was spent on conversations in these days")
    each = found.total.cost(found.hourly)
    if each is not None:
        return _("To serve a person costs %(amount)s") % {"amount": cents(each / len(found.total.people), currency)}
    return _("To serve a person takes %(time)s") % {"time": lasted(found.total.seconds / len(found.total.people))}


def channels(found: Cost) -> str:
    if not found.channels:
        return _("By channel")
    first = found.channels[0]
    told = {"channel": channel_name(str(first.key[1])), "share": percent(first.seconds / found.total.seconds if found.total.seconds else 0)}
    return _("%(channel)s takes %(share)s of the time") % told


def upto(total: int) -> str:
    return f"{number(MOST)}+" if total > MOST else number(total)


def questions(found: Questions) -> str:
    if not found.total:
        return _("Every question has its answer")
    told = {"n": upto(found.total)}
    return ngettext("%(n)s question waits for an answer", "%(n)s questions wait for an answer", found.total) % told


def oldest(found: Questions, now: datetime) -> str:
    if found.oldest is None:
        return ""
    return _("The first has waited for %(time)s.") % {"time": wording.span(now - found.oldest)}


def satisfaction(figures: Figures) -> str:
    if figures.scores.satisfied is None:
        return _("Nobody has said in these days how they were served")
    return _("%(share)s of those who told you were satisfied") % {"share": percent(figures.scores.satisfied)}
