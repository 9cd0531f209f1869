"""Which days and which channel a page is about, as its address says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from .metrics.base import Period

LENGTHS = (7, 28, 90)
LONGEST = 3_660
# Data that end longer ago than this are looked at where they are.
STALE = timedelta(days=28)


@dataclass(frozen=True)
class Choice:
    """`days` is one of LENGTHS, or None for days chosen one by one. `is_past`: the data end long before today. `problem` is a sentence."""

    period: Period
    today: date
    days: int | None
    is_past: bool
    problem: str = ""

    @property
    def ends_today(self) -> bool:
        return self.period.last >= self.today


def choose(asked: Mapping[str, str], zone: str, newest: datetime | None) -> Choice:
    """The period and channel asked for; what cannot be understood becomes a sentence, and the usual is shown."""
    today = timezone.now().astimezone(ZoneInfo(zone)).date()
    last = newest.astimezone(ZoneInfo(zone)).date() if newest else today
    is_past = today - last > STALE
    end = last if is_past else today
    channel = asked.get("channel", "").strip()[:40]
    usual = Choice(Period(end - timedelta(days=LENGTHS[0] - 1), end, zone, channel), today, LENGTHS[0], is_past)
    if asked.get("from") or asked.get("to"):
        return _from_to(asked, usual, end)
    return _length(asked.get("days", ""), usual, end)


def _length(text: str, usual: Choice, end: date) -> Choice:
    if not text:
        return usual
    if text not in map(str, LENGTHS):
        return _but(usual, _("“%(value)s” is not a period; these are the last 7 days.") % {"value": text[:20]})
    days = int(text)
    period = Period(end - timedelta(days=days - 1), end, usual.period.zone, usual.period.channel)
    return Choice(period, usual.today, days, usual.is_past)


def _from_to(asked: Mapping[str, str], usual: Choice, end: date) -> Choice:
    try:
        last = date.fromisoformat(asked["to"].strip()) if asked.get("to") else end
        first = date.fromisoformat(asked["from"].strip()) if asked.get("from") else last - timedelta(days=LENGTHS[0] - 1)
    except (ValueError, OverflowError):
        return _but(usual, _("A date is written as 2026-11-21; these are the last 7 days."))
    if first > last:
        return _but(usual, _("The period ended before it began; these are the last 7 days."))
    if not date(1970, 3, 1) <= last <= usual.today + timedelta(days=LONGEST):
        return _but(usual, _("Nothing can be known of those days; these are the last 7 days."))
    earliest = max(last - timedelta(days=LONGEST - 1), date(1970, 1, 2))
    period = Period(max(first, earliest), last, usual.period.zone, usual.period.channel)
    return Choice(period, usual.today, None, usual.is_past)


def _but(usual: Choice, problem: str) -> Choice:
    return Choice(usual.period, usual.today, usual.days, usual.is_past, problem)
