"""When something is said again: a small rule, in the local time of the workspace. Pure.

The local hour stays what it is when clocks change. An hour that a day does not have (clocks go forward) is the one after it; of an
hour that comes twice, the first. A month without the day (the 31st) is passed over, the last day of the month can be asked for as 0.
"""

import calendar
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final, Literal, Self

from msgspec import Struct

MOST: Final = 1000
"""More than so many occurrences are never made of one rule."""
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQ: Final = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY"}
_TEXT: Final = re.compile(r"FREQ=(DAILY|WEEKLY|MONTHLY)(?:;|$)", re.IGNORECASE)


class BadRule(ValueError):
    """`args[0]` is the code of what is wrong."""


class Rule(Struct, frozen=True, kw_only=True):
    """`start`: the first day. `minute` of the day, local. `weekdays` 0 is Monday. `day` of the month, 0 its last. `until`: the last day."""

    every: Literal["day", "week", "month"]
    start: date
    minute: int
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    day: int | None = None
    until: date | None = None
    count: int | None = None

    def checked(self) -> Self:
        """Itself. Raises BadRule."""
        if not 1 <= self.interval <= 99:
            raise BadRule("bad_interval")
        if not 0 <= self.minute < 1440:
            raise BadRule("bad_time")
        if any(not 0 <= day <= 6 for day in self.weekdays):
            raise BadRule("bad_weekday")
        if self.day is not None and not 0 <= self.day <= 31:
            raise BadRule("bad_day")
        if self.until is not None and self.until < self.start:
            raise BadRule("ends_before_it_begins")
        if self.count is not None and not 1 <= self.count <= MOST:
            raise BadRule("bad_count")
        return self

    def moments(self, zone: tzinfo) -> Iterator[datetime]:
        """Each moment, UTC, ascending."""
        for number, day in enumerate(self._days()):
            if number >= (self.count or MOST) or (self.until and day > self.until):
                return
            yield moment(day, self.minute, zone)

    def between(self, after: datetime, upto: datetime, zone: tzinfo) -> list[datetime]:
        """Those behind `after`, up to and with `upto`."""
        found = []
        for at in self.moments(zone):
            if at > upto:
                break
            if at > after:
                found.append(at)
        return found

    def _days(self) -> Iterator[date]:
        yield from {"day": self._by_day, "week": self._by_week, "month": self._by_month}[self.every]()

    def _by_day(self) -> Iterator[date]:
        day = self.start
        while day.year < 9000:
            yield day
            day += timedelta(days=self.interval)

    def _by_week(self) -> Iterator[date]:
        wanted = sorted(set(self.weekdays)) or [self.start.weekday()]
        monday = self.start - timedelta(days=self.start.weekday())
        while monday.year < 9000:
            yield from (day for each in wanted if (day := monday + timedelta(days=each)) >= self.start)
            monday += timedelta(weeks=self.interval)

    def _by_month(self) -> Iterator[date]:
        year, month, wanted = self.start.year, self.start.month, self.start.day if self.day is None else self.day
        while year < 9000:
            last = calendar.monthrange(year, month)[1]
            if wanted <= last and (day := date(year, month, wanted or last)) >= self.start:
                yield day
            year, month = year + (month - 1 + self.interval) // 12, (month - 1 + self.interval) % 12 + 1

    def rrule(self) -> str:
        """As calendars write it (RFC 5545).

        >>> Rule(every="week", start=date(2026, 11, 23), minute=600, weekdays=(0, 3), interval=2).rrule()
        'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH'
        """
        parts = [f"FREQ={_FREQ[self.every]}"]
        parts += [f"INTERVAL={self.interval}"] if self.interval > 1 else []
        parts += ["BYDAY=" + ",".join(_DAYS[day] for day in sorted(set(self.weekdays)))] if self.every == "week" and self.weekdays else []
        parts += [f"BYMONTHDAY={self.day or -1}"] if self.every == "month" and self.day is not None else []
        parts += [f"UNTIL={self.until:%Y%m%d}"] if self.until else []
        parts += [f"COUNT={self.count}"] if self.count else []
        return ";".join(parts)


def moment(day: date, minute: int, zone: tzinfo) -> datetime:
    """The instant of a local time, UTC."""
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone).astimezone(UTC)


def read_rrule(text: str, start: date, minute: int) -> Rule:
    """A rule of its text. Raises BadRule for what this small rule does not know.

    >>> read_rrule("RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", date(2026, 1, 5), 540).day
    0
    """
    text = text.strip().removeprefix("RRULE:").upper()
    if not _TEXT.match(text):
        raise BadRule("not_a_rule")
    told: dict[str, str] = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
    if set(told) - {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "UNTIL", "COUNT"}:
        raise BadRule("not_a_rule")
    try:
        values = _values(told)
    except (ValueError, IndexError) as error:
        raise BadRule("not_a_rule") from error
    return Rule(start=start, minute=minute, **values).checked()


def _values(told: dict[str, str]) -> dict[str, Any]:
    every = next(name for name, word in _FREQ.items() if word == told["FREQ"])
    day = int(told["BYMONTHDAY"]) if "BYMONTHDAY" in told else None
    return {
        "every": every,
        "interval": int(told.get("INTERVAL", 1)),
        "weekdays": tuple(_DAYS.index(each) for each in told["BYDAY"].split(",")) if told.get("BYDAY") else (),
        "day": 0 if day == -1 else day,
        "until": datetime.strptime(told["UNTIL"][:8], "%Y%m%d").date() if "UNTIL" in told else None,
        "count": int(told["COUNT"]) if "COUNT" in told else None,
    }
