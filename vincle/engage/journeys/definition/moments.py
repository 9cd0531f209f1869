"""When waiting ends, by the clocks where someone lives. Pure.

A time of day that the clocks leave out (02:30 on the night they go forward) counts as the same time after the change; one that comes twice
is the first of the two.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .model import Span, ToDate, ToTime

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def local(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The moment (UTC) at which it is so late there on that day.

    >>> local(date(2026, 3, 29), time(2, 30), ZoneInfo("Europe/Madrid")).isoformat()
    '2026-03-29T01:30:00+00:00'
    """
    return datetime.combine(day, clock.replace(fold=0), zone).astimezone(UTC)


def clock_of(text: str) -> time:
    return time(int(text[:2]), int(text[3:5]))


def after(span: Span, at: datetime, zone: ZoneInfo) -> datetime:
    """The end (UTC) of a span that begins at `at`. Days and weeks keep the time of day, minutes and hours pass by the clock.

    >>> after(Span(1, "days"), datetime(2026, 3, 28, 9, tzinfo=UTC), ZoneInfo("Europe/Madrid")).isoformat()
    '2026-03-29T08:00:00+00:00'
    """
    begin = at.astimezone(UTC)
    if span.unit in ("minutes", "hours"):
        return begin + timedelta(minutes=span.number * (60 if span.unit == "hours" else 1))
    days = timedelta(days=span.number * (7 if span.unit == "weeks" else 1))
    there = begin.astimezone(zone)
    return max(local(there.date() + days, there.time(), zone), begin)


def next_time(asked: ToTime, at: datetime, zone: ZoneInfo) -> datetime:
    """The first moment (UTC), `at` itself included, at which it is so late there on one of the weekdays."""
    clock, begin = clock_of(asked.time), at.astimezone(UTC)
    today = begin.astimezone(zone).date()
    for ahead in range(-1, 9):
        day = today + timedelta(days=ahead)
        if asked.on and WEEKDAYS[day.weekday()] not in asked.on:
            continue
        if (found := local(day, clock, zone)) >= begin:
            return found
    return begin  # a zone that left out whole days


def to_date(asked: ToDate, value: object, zone: ZoneInfo) -> datetime | None:
    """So many days after (before) a date at a local time, UTC; None for what is no date."""
    day = day_of(value, zone)
    return None if day is None else _shifted(day, asked.days, asked.time, zone)


def yearly(value: object, days: int, clock: str, zone: ZoneInfo, begin: datetime, end: datetime) -> list[datetime]:
    """The moments in (begin, end] at which the anniversary of a date comes, `days` after; on 29 February in other years: 28 February."""
    born = day_of(value, zone)
    if born is None:
        return []
    found = []
    shift = timedelta(days=days)
    for year in range((begin - shift).year - 1, (end - shift).year + 2):
        day = _anniversary(born, year)
        moment = _shifted(day, days, clock, zone) if day else None
        if moment and begin < moment <= end:
            found.append(moment)
    return found


def _anniversary(born: date, year: int) -> date | None:
    if not born.year <= year <= 9990:
        return None
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _shifted(day: date, days: int, clock: str, zone: ZoneInfo) -> datetime | None:
    try:
        return local(day + timedelta(days=days), clock_of(clock), zone)
    except OverflowError:
        return None


def day_of(value: object, zone: ZoneInfo) -> date | None:
    """The day a trait says: "2026-03-31", a moment, or --03-31 without a year (as of 1904, a leap year); None for other things.

    >>> day_of("2026-03-31T23:30:00+00:00", ZoneInfo("Europe/Madrid"))
    datetime.date(2026, 4, 1)
    """
    if isinstance(value, datetime):
        return value.astimezone(zone).date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        if text.startswith("--"):
            return date.fromisoformat(f"1904-{text[2:7]}")
        if len(text) <= 10:
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
        return moment.astimezone(zone).date() if moment.tzinfo else moment.date()
    except (ValueError, OverflowError):
        return None
