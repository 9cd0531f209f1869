"""Which days and channels the figures of service are about, as an address says."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

LENGTHS = (7, 28, 90)
USUAL = 28
LONGEST = 366


@dataclass(frozen=True)
class Choice:
    """Days from `first` to `last` (both count) of the clock of `zone`; `days` is one of LENGTHS, or None for days chosen one by one.

    `channels` empty: all. `problem` is a sentence for the one who asked.
    """

    first: date
    last: date
    zone: str
    days: int | None = USUAL
    channels: tuple[str, ...] = ()
    problem: str = ""

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def begin(self) -> datetime:
        """The first moment of it, in UTC."""
        return self._midnight(self.first)

    @property
    def end(self) -> datetime:
        """The first moment behind it, in UTC."""
        return self._midnight(self.last + timedelta(days=1))

    @property
    def before(self) -> datetime:
        """The first moment of as many days before it, in UTC."""
        return self._midnight(self.first - timedelta(days=self.length))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)


def choose(params: Any, zone: str) -> Choice:
    """What an address (a QueryDict) asks for: `days`, or `from` and `to`, and `channel`; what it cannot mean becomes a sentence."""
    today = timezone.now().astimezone(ZoneInfo(zone)).date()
    channels = tuple(dict.fromkeys(each for each in params.getlist("channel")[:20] if each.isprintable() and len(each) <= 40))
    if params.get("from") or params.get("to"):
        return _from_to(params, zone, channels, today)
    asked = params.get("days", "")
    if asked and asked not in map(str, LENGTHS):
        return _usual(zone, channels, today, _("“%(value)s” is not a period; these are the last 28 days.") % {"value": asked[:20]})
    return _last(int(asked or USUAL), zone, channels, today)


def _last(days: int, zone: str, channels: tuple[str, ...], today: date, problem: str = "") -> Choice:
    return Choice(today - timedelta(days=days - 1), today, zone, days, channels, problem)


def _usual(zone: str, channels: tuple[str, ...], today: date, problem: str) -> Choice:
    return _last(USUAL, zone, channels, today, problem)


def _from_to(params: Any, zone: str, channels: tuple[str, ...], today: date) -> Choice:
    try:
        last = date.fromisoformat(params["to"].strip()) if params.get("to") else today
        first = date.fromisoformat(params["from"].strip()) if params.get("from") else last - timedelta(days=USUAL - 1)
    except (ValueError, OverflowError):
        return _usual(zone, channels, today, _("A date is written as 2026-11-21; these are the last 28 days."))
    if first > last:
        return _usual(zone, channels, today, _("The period ended before it began; these are the last 28 days."))
    if not date(1980, 1, 1) <= first <= last <= today + timedelta(days=LONGEST):
        return _usual(zone, channels, today, _("Nothing can be known of those days; these are the last 28 days."))
    if (last - first).days >= LONGEST:
        said = _("At most %(days)d days are counted at once; these are the last of them.") % {"days": LONGEST}
        return Choice(last - timedelta(days=LONGEST - 1), last, zone, None, channels, said)
    return Choice(first, last, zone, None, channels)
