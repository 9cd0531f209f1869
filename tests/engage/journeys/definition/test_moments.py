"""Waiting by the clocks where people live: over changes of the clocks, in zones of every kind."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from vincle.engage.journeys.definition import moments
from vincle.engage.journeys.definition.model import Span, ToDate, ToTime

ZONES = st.sampled_from(
    ("UTC", "Europe/Madrid", "America/New_York", "America/Santiago", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca",
     "Atlantic/Azores", "Pacific/Chatham", "America/St_Johns", "Asia/Tehran")
).map(ZoneInfo)  # fmt: skip
MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=UTC))
CLOCKS = st.sampled_from(("00:00", "00:30", "01:30", "02:00", "02:30", "03:00", "09:00", "23:59"))
WEEKDAYS = st.sets(st.sampled_from(moments.WEEKDAYS)).map(lambda days: tuple(day for day in moments.WEEKDAYS if day in days))
MADRID = ZoneInfo("Europe/Madrid")


def is_left_out(day: date, clock: time, zone: ZoneInfo) -> bool:
    """Whether the clocks there pass over that time on that day."""
    there = datetime.combine(day, clock, zone)
    return there.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != there.replace(tzinfo=None)


@given(MOMENTS, ZONES, st.integers(1, 400), st.sampled_from(("days", "weeks")))
@example(datetime(2026, 3, 28, 1, 30, tzinfo=UTC), MADRID, 1, "days")
@example(datetime(2026, 10, 24, 0, 30, tzinfo=UTC), MADRID, 1, "days")
def test_days_end_at_the_same_time_of_day(at: datetime, zone: ZoneInfo, number: int, unit: Any) -> None:
    end = moments.after(Span(number, unit), at, zone)
    before, there = at.astimezone(zone), end.astimezone(zone)
    day = before.date() + timedelta(days=number * (7 if unit == "weeks" else 1))
    assert end > at
    if is_left_out(day, before.time().replace(fold=0), zone):
        assert timedelta(0) < there.replace(tzinfo=None) - datetime.combine(day, before.time()) <= timedelta(hours=1)
    else:
        assert (there.date(), there.time()) == (day, before.time())


@given(MOMENTS, ZONES, st.integers(1, 500))
def test_hours_pass_by_the_clock_whatever_the_clocks_do(at: datetime, zone: ZoneInfo, number: int) -> None:
    assert moments.after(Span(number, "hours"), at, zone) - at == timedelta(hours=number)
    assert moments.after(Span(number, "minutes"), at, zone) - at == timedelta(minutes=number)


@given(MOMENTS, ZONES, CLOCKS, WEEKDAYS)
@example(datetime(2026, 3, 29, 0, 59, tzinfo=UTC), MADRID, "02:30", ())
@example(datetime(2026, 10, 25, 0, 45, tzinfo=UTC), MADRID, "02:30", ())
def test_the_next_time_of_day_is_the_next(at: datetime, zone: ZoneInfo, clock: str, on: tuple[Any, ...]) -> None:
    asked = ToTime(clock, on)
    found = moments.next_time(asked, at, zone)
    there = found.astimezone(zone)
    wanted = moments.clock_of(clock)
    assert found >= at
    assert not on or moments.WEEKDAYS[there.weekday()] in on
    assert there.time().replace(fold=0) == wanted or is_left_out(there.date(), wanted, zone)
    assert moments.next_time(asked, found, zone) == found
    assert found - at <= timedelta(days=8 if on else 1, hours=2)
    days = [there.date() - timedelta(days=n) for n in range(1, 9)]
    earlier = [moments.local(day, wanted, zone) for day in days if not on or moments.WEEKDAYS[day.weekday()] in on]
    assert all(each < at for each in earlier)


@given(st.dates(date(1930, 1, 1), date(2020, 12, 31)), ZONES, st.integers(-30, 30), CLOCKS, MOMENTS, st.integers(1, 48))
@example(date(1992, 2, 29), MADRID, 0, "09:00", datetime(2026, 2, 28, 7, tzinfo=UTC), 2)
def test_each_year_has_one_anniversary(born: date, zone: ZoneInfo, days: int, clock: str, at: datetime, hours: int) -> None:
    whole = moments.yearly(born.isoformat(), days, clock, zone, at, at + timedelta(days=1461))
    assert len(whole) in ((4,) if born.year < at.year - 1 else range(5))
    pieces = [
        found
        for start in range(0, 96, hours)
        for found in moments.yearly(born.isoformat(), days, clock, zone, at + timedelta(hours=start), at + timedelta(hours=start + hours))
    ]
    last = at + timedelta(hours=(95 // hours + 1) * hours)
    assert pieces == moments.yearly(born.isoformat(), days, clock, zone, at, last)


@given(st.dates(date(1950, 1, 1), date(2050, 1, 1)), ZONES, st.integers(-300, 300), CLOCKS)
def test_a_day_before_or_after_a_date(day: date, zone: ZoneInfo, days: int, clock: str) -> None:
    found = moments.to_date(ToDate("due", days, clock), day.isoformat(), zone)
    assert found is not None
    wanted = day + timedelta(days=days)
    assert is_left_out(wanted, moments.clock_of(clock), zone) or found.astimezone(zone).date() == wanted


@given(st.text() | st.sampled_from(("2026-13-01", "--02-30", "31/12/2026", "0001-01-01", "9999-12-31")), ZONES)
def test_what_is_no_date_is_none(text: str, zone: ZoneInfo) -> None:
    for days in (-3650, 0, 3650):
        moments.to_date(ToDate("due", days), text, zone)
        moments.yearly(text, days, "09:00", zone, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
