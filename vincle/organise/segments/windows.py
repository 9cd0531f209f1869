"""Where windows begin and end, in microseconds since 1970 UTC, with the local days of the workspace."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from .frame import Now, micros
from .predicate import Window

NEVER = 2**63 - 1
EVER = -NEVER
_MICRO = timedelta(microseconds=1)


class Span(NamedTuple):
    """What happened at `begin` <= at < `end` counts; `end` is never later than just after now."""

    begin: int
    end: int


def length(days: float) -> int:
    """Days of 24 hours in microseconds."""
    return timedelta(days=days) // _MICRO


def span(window: Window, now: Now) -> Span:
    begin, end = EVER, now.micros + 1
    if window.days is not None:
        begin = max(begin, now.micros - length(window.days) + 1)
    if window.first is not None:
        begin = max(begin, midnight(window.first, now))
    if window.since:
        begin = max(begin, midnight(period(window.since, now.today), now))
    if window.last is not None:
        end = min(end, midnight(after(window.last, 1), now))
    return Span(begin, end)


def ends(window: Window, now: Now) -> int:
    """When the current period of `since` is over and a new one begins; NEVER for the other windows."""
    return midnight(following(window.since, now.today), now) if window.since else NEVER


def midnight(day: date, now: Now) -> int:
    """When this day begins where the workspace is; days no time zone holds are never, or ever."""
    if not 2 <= day.year <= 9997:
        return EVER if day.year < 2 else NEVER
    return micros(datetime.combine(day, time(), now.zone).astimezone(UTC))


def after(day: date, days: int) -> date:
    """So many days later, or the last (first) day there is."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def period(name: str, today: date) -> date:
    """The first day of the day, week (Monday), month, quarter or year that today is in.

    >>> period("quarter", date(2026, 5, 17)), period("week", date(2026, 5, 17))
    (datetime.date(2026, 4, 1), datetime.date(2026, 5, 11))
    """
    if name == "day":
        return today
    if name == "week":
        return after(today, -today.weekday())
    month = {"month": today.month, "quarter": (today.month - 1) // 3 * 3 + 1, "year": 1}[name]
    return today.replace(month=month, day=1)


def following(name: str, today: date) -> date:
    """The first day of the period after the one today is in.

    >>> following("month", date(2026, 12, 31)), following("week", date(2026, 5, 17))
    (datetime.date(2027, 1, 1), datetime.date(2026, 5, 18))
    """
    longest = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}[name]
    return period(name, after(period(name, today), longest))
