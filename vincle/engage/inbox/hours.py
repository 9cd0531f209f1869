"""Opening hours: whether someone is there, and time counted only while someone is.

A moment is within the hours when the clock on the wall of their zone, at that moment, stands in one of that weekday's stretches and
the day is no holiday. What the change to and from summer time does to a stretch follows from that: a stretch in the hour that is left
out does not take place, one in the hour that comes twice takes place twice.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace

from .models_service import Hours

WEEKDAYS: Final = 7
MOST_STRETCHES, MOST_HOLIDAYS = 8, 500
_DAY: Final = 1440
_MINUTE: Final = 60.0
_EPOCH: Final = date(1970, 1, 1).toordinal()
_SPREAD: Final = 26 * 3600
"""No zone is farther from UTC than this, in seconds."""

Week = Mapping[int, tuple[tuple[int, int], ...]]
"""Weekday (0 is Monday) to stretches, each from and to a minute of the day, in order and apart."""


class Unreadable(ValueError):
    """Hours that cannot be meant; its text names the place, for the one who wrote them."""


@dataclass(frozen=True)
class Times:
    """Hours to count by. Without any stretch all of the day is open, holidays apart."""

    zone: str = "UTC"
    week: Week = field(default_factory=dict)
    holidays: frozenset[date] = frozenset()
    _days: dict[int, tuple[tuple[float, float], ...]] = field(default_factory=dict, repr=False, compare=False)

    def is_open(self, at: datetime) -> bool:
        """Whether someone is there at this (aware) moment.

        >>> office = Times("Europe/Madrid", {0: ((540, 1080),)})
        >>> office.is_open(datetime(2026, 3, 2, 8, 0, tzinfo=UTC)), office.is_open(datetime(2026, 3, 2, 7, 59, tzinfo=UTC))
        (True, False)
        """
        if self._never_ends:
            return True
        here = at.astimezone(ZoneInfo(self.zone))
        if here.date() in self.holidays:
            return False
        minute = here.hour * 60 + here.minute
        return any(start <= minute < end for start, end in self._stretches(here.weekday()))

    def add(self, at: datetime, minutes: float) -> datetime:
        """When so many open minutes have passed since then; itself when none are asked for.

        >>> office = Times("Europe/Madrid", {0: ((540, 1080),), 1: ((540, 1080),)})
        >>> office.add(datetime(2026, 3, 2, 16, 30, tzinfo=UTC), 60).isoformat()
        '2026-03-03T08:30:00+00:00'
        """
        if minutes <= 0 or self._never_ends:
            return at + timedelta(minutes=max(minutes, 0))
        left, start = minutes * _MINUTE, at.timestamp()
        for opens, closes in self._from(start):
            begin = max(opens, start)
            if closes - begin >= left:
                return datetime.fromtimestamp(begin + left, UTC)
            left -= max(closes - begin, 0.0)
        raise AssertionError("days do not end")

    def between(self, begin: datetime, end: datetime) -> float:
        """Open minutes from the one moment to the other; none when it is not later.

        >>> office = Times("Europe/Madrid", {0: ((540, 1080),), 1: ((540, 1080),)})
        >>> office.between(datetime(2026, 3, 2, 16, 30, tzinfo=UTC), datetime(2026, 3, 3, 8, 30, tzinfo=UTC))
        60.0
        """
        if end <= begin:
            return 0.0
        if self._never_ends:
            return (end - begin).total_seconds() / _MINUTE
        first, last, total = begin.timestamp(), end.timestamp(), 0.0
        for opens, closes in self._from(first):
            if opens >= last:
                break
            total += max(0.0, min(closes, last) - max(opens, first))
        return total / _MINUTE

    def open_between(self, begin: datetime, end: datetime) -> list[tuple[float, float]]:
        """When someone is there from the one moment to the other: (from, to) in seconds of the epoch, in order.

        >>> Times("UTC", {0: ((540, 600),)}).open_between(datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC))
        [(1772442000.0, 1772445600.0)]
        """
        first, last, found = begin.timestamp(), end.timestamp(), []
        if self._never_ends:
            return [(first, last)] if first < last else []
        for opens, closes in self._from(first):
            if opens >= last:
                break
            found.append((max(opens, first), min(closes, last)))
        return found

    @property
    def _never_ends(self) -> bool:
        return not self.week and not self.holidays

    def _stretches(self, weekday: int) -> tuple[tuple[int, int], ...]:
        return self.week.get(weekday, ()) if self.week else ((0, _DAY),)

    def _from(self, moment: float) -> Iterator[tuple[float, float]]:
        """Stretches as seconds of the epoch that end behind a moment, in order, without end."""
        day = int((moment - _SPREAD) // 86400) + _EPOCH
        while True:
            for opens, closes in self._day(day):
                if closes > moment:
                    yield opens, closes
            day += 1

    def _day(self, ordinal: int) -> tuple[tuple[float, float], ...]:
        found = self._days.get(ordinal)
        if found is None:
            found = self._days[ordinal] = tuple(self._of_day(ordinal))
        return found

    def _of_day(self, ordinal: int) -> Iterator[tuple[float, float]]:
        here = date.fromordinal(ordinal)
        if here in self.holidays:
            return
        midnight = (ordinal - _EPOCH) * 86400.0
        for begins, ends, offset in _offsets(self.zone, ordinal):
            for start, end in self._stretches(here.weekday()):
                opens = max(midnight + start * _MINUTE - offset, begins)
                closes = min(midnight + end * _MINUTE - offset, ends)
                if opens < closes:
                    yield opens, closes


@lru_cache(maxsize=4096)
def _offsets(zone: str, ordinal: int) -> tuple[tuple[float, float, float], ...]:
    """What the zone is ahead of UTC around a day: (from, to, seconds), split where it changes."""
    place = ZoneInfo(zone)

    def ahead(at: float) -> float:
        offset = datetime.fromtimestamp(at, place).utcoffset()
        return offset.total_seconds() if offset else 0.0

    begin = (ordinal - _EPOCH) * 86400 - _SPREAD
    found, since, step = [], float("-inf"), 3 * 3600
    for at in range(begin, begin + 86400 + 2 * _SPREAD, step):
        if ahead(at) == ahead(at + step):
            continue
        last, first = at, at + step  # the last second known to have the old time, the first known to have the new one
        while first - last > 1:
            middle = (first + last) // 2
            last, first = (middle, first) if ahead(middle) == ahead(at) else (last, middle)
        found.append((since, float(first), ahead(at)))
        since = float(first)
    return (*found, (since, float("inf"), ahead(begin + 86400 + 2 * _SPREAD)))


def of(row: Hours | None) -> Times:
    """The hours of a stored row; None: someone is always there."""
    if row is None:
        return Times()
    return Times(row.timezone, read_week(row.week), read_holidays(row.holidays))


def usual(workspace: Workspace | int) -> Times:
    """The workspace's own hours."""
    return of(Hours.objects.of(workspace).filter(is_usual=True).first())


# Reading what someone wrote


def read_zone(name: str) -> str:
    """A zone of the time zone database. Raises Unreadable."""
    if name not in available_timezones():
        raise Unreadable(_("“%(name)s” is no time zone; write one like Europe/Madrid.") % {"name": name[:60]})
    return name


def read_week(told: Any) -> dict[int, tuple[tuple[int, int], ...]]:
    """A week from JSON ({"0": [["09:00", "13:00"]]}); days without a stretch are left out. Raises Unreadable."""
    if not isinstance(told, Mapping):
        raise Unreadable(_("A week is told by weekday."))
    week = {}
    for day, stretches in told.items():
        if str(day) not in {"0", "1", "2", "3", "4", "5", "6"}:
            raise Unreadable(_("“%(day)s” is no weekday: they go from 0, Monday, to 6.") % {"day": str(day)[:20]})
        if found := _stretches(weekday_name(int(day)), stretches):
            week[int(day)] = found
    return week


def _stretches(day: str, told: Any) -> tuple[tuple[int, int], ...]:
    if not isinstance(told, list) or len(told) > MOST_STRETCHES:
        raise Unreadable(_("%(day)s: at most %(most)d stretches.") % {"day": day, "most": MOST_STRETCHES})
    found = []
    for each in told:
        if not isinstance(each, (list, tuple)) or len(each) != 2:
            raise Unreadable(_("%(day)s: a stretch goes from one time to another, like 09:00-13:00.") % {"day": day})
        start, end = (_minute(day, str(part)) for part in each)
        if start >= end:
            raise Unreadable(
                _("%(day)s: %(from)s-%(to)s ends before it begins. Write a night as 22:00-24:00 and, the day after, 00:00-06:00.")
                % {"day": day, "from": each[0], "to": each[1]}
            )
        found.append((start, end))
    found.sort()
    for (_start, end), (start, _end) in pairwise(found):
        if start < end:
            raise Unreadable(_("%(day)s: two stretches overlap.") % {"day": day})
    return tuple(found)


def _minute(day: str, told: str) -> int:
    hour, _colon, minute = told.strip().partition(":")
    minute = minute or "0"
    if hour.isascii() and hour.isdecimal() and minute.isascii() and minute.isdecimal() and len(hour) < 3 and len(minute) < 3:
        at = int(hour) * 60 + int(minute)
        if int(minute) < 60 and at <= _DAY:
            return at
    raise Unreadable(_("%(day)s: “%(told)s” is no time; write it like 09:30.") % {"day": day, "told": told[:20]})


def read_holidays(told: Iterable[Any]) -> frozenset[date]:
    """Days from JSON (["2026-12-25"]). Raises Unreadable."""
    found = set()
    for each in told:
        try:
            found.add(date.fromisoformat(str(each)))
        except ValueError as error:
            raise Unreadable(_("“%(day)s” is no day; write it like 2026-12-25.") % {"day": str(each)[:20]}) from error
    if len(found) > MOST_HOLIDAYS:
        raise Unreadable(_("At most %(most)d holidays.") % {"most": MOST_HOLIDAYS})
    return frozenset(found)


def typed(text: str) -> list[list[str]]:
    """What someone types for a day, "9:00-13:00, 15-19", as JSON stretches; an empty text is none. Raises Unreadable where it is read."""
    parts = [part for part in text.replace("–", "-").replace(";", ",").split(",") if part.strip()]
    return [[side.strip() for side in part.split("-")] for part in parts]


def plain(week: Week) -> dict[str, list[list[str]]]:
    """A week as it is stored.

    >>> plain({0: ((540, 780),)})
    {'0': [['09:00', '13:00']]}
    """
    return {str(day): [[_clock(start), _clock(end)] for start, end in stretches] for day, stretches in sorted(week.items())}


def told(stretches: Iterable[tuple[int, int]]) -> str:
    """Stretches as one types them.

    >>> told(((540, 780), (900, 1440)))
    '09:00-13:00, 15:00-24:00'
    """
    return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in stretches)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def weekday_name(day: int) -> str:
    """What a weekday is called, Monday first."""
    return [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")][day]
