"""Time counted by opening hours, against counting minute by minute by the clock on the wall."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vincle.engage.inbox import hours
from vincle.engage.inbox.hours import Times

MINUTE = timedelta(minutes=1)
ZONES = ("Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia", "UTC")
STRETCHES = st.lists(st.integers(0, 24), min_size=0, max_size=4, unique=True).map(
    lambda cuts: tuple(zip((sorted(hour * 60 for hour in cuts))[::2], (sorted(hour * 60 for hour in cuts))[1::2], strict=False))
)
WEEKS = st.dictionaries(st.integers(0, 6), STRETCHES.filter(bool), min_size=1, max_size=7)
# Around changes of the clock in these zones, and days without any.
DAYS = st.sampled_from(
    [date(2026, 3, 28), date(2026, 10, 24), date(2026, 3, 7), date(2026, 4, 4), date(2018, 11, 3), date(2011, 12, 29), date(2026, 6, 1)]
)


def slow_is_open(times: Times, at: datetime) -> bool:
    """By the wall clock alone."""
    here = at.astimezone(ZoneInfo(times.zone))
    minute = here.hour * 60 + here.minute
    stretches = times.week.get(here.weekday(), ()) if times.week else ((0, 1440),)
    return here.date() not in times.holidays and any(start <= minute < end for start, end in stretches)


def slow_between(times: Times, begin: datetime, minutes: int) -> int:
    return sum(slow_is_open(times, begin + n * MINUTE) for n in range(minutes))


@given(zone=st.sampled_from(ZONES), week=WEEKS, day=DAYS, start=st.integers(0, 2879), length=st.integers(0, 3000), off=st.booleans())
@example(zone="Europe/Madrid", week={6: ((60, 180),)}, day=date(2026, 3, 28), start=0, length=3000, off=False)
@example(zone="Europe/Madrid", week={6: ((60, 180),)}, day=date(2026, 10, 24), start=0, length=3000, off=False)
@settings(max_examples=40, deadline=None)
def test_minutes_are_those_of_the_clock_on_the_wall(zone: str, week: hours.Week, day: date, start: int, length: int, off: bool) -> None:
    times = Times(zone, week, frozenset({day + timedelta(days=1)}) if off else frozenset())
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC) + start * MINUTE
    wanted = slow_between(times, begin, length)
    assert times.between(begin, begin + length * MINUTE) == pytest.approx(wanted)
    assert times.is_open(begin) is slow_is_open(times, begin)


@given(zone=st.sampled_from(ZONES), week=WEEKS, day=DAYS, start=st.integers(0, 2879), minutes=st.integers(1, 5000))
@settings(max_examples=60, deadline=None)
def test_adding_and_counting_are_each_others_opposite(zone: str, week: hours.Week, day: date, start: int, minutes: int) -> None:
    times = Times(zone, week)
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC) + start * MINUTE
    end = times.add(begin, minutes)
    assert times.between(begin, end) == pytest.approx(minutes)
    # The first such moment: a minute before, not all of them have passed.
    assert times.between(begin, end - MINUTE) == pytest.approx(minutes - 1)


@given(week=WEEKS, cuts=st.lists(st.integers(0, 20_000), min_size=3, max_size=3))
@settings(max_examples=40, deadline=None)
def test_counting_adds_up(week: hours.Week, cuts: list[int]) -> None:
    times = Times("Europe/Madrid", week)
    first, middle, last = (datetime(2026, 3, 20, tzinfo=UTC) + cut * MINUTE for cut in sorted(cuts))
    assert times.between(first, middle) + times.between(middle, last) == pytest.approx(times.between(first, last))


def test_without_hours_someone_is_always_there() -> None:
    at = datetime(2026, 12, 25, 3, tzinfo=UTC)
    assert Times().is_open(at)
    assert Times().add(at, 90) == at + timedelta(minutes=90)
    assert Times().between(at, at + timedelta(hours=2)) == 120
    closed = Times("Europe/Madrid", {}, frozenset({date(2026, 12, 25)}))
    assert not closed.is_open(at)
    assert closed.add(at, 60) == datetime(2026, 12, 26, 0, 0, tzinfo=UTC)  # 01:00 in Madrid


def test_a_long_weekend_passes_over_holidays() -> None:
    office = Times("Europe/Madrid", dict.fromkeys(range(5), ((540, 840), (960, 1140))), frozenset({date(2026, 12, 25)}))
    asked = datetime(2026, 12, 24, 18, 30, tzinfo=ZoneInfo("Europe/Madrid"))
    assert office.add(asked, 60) == datetime(2026, 12, 28, 9, 30, tzinfo=ZoneInfo("Europe/Madrid"))


@pytest.mark.parametrize(
    ("week", "place"),
    [
        ({"0": [["09:00", "08:00"]]}, "Monday"),
        ({"1": [["09:00", "13:00"], ["12:00", "15:00"]]}, "Tuesday"),
        ({"2": [["nine", "13:00"]]}, "nine"),
        ({"3": [["09:00"]]}, "Thursday"),
        ({"7": []}, "7"),
        ({"4": [["09:00", "24:01"]]}, "24:01"),
        ({"5": "all day"}, "Saturday"),
        ([], "weekday"),
    ],
)
def test_what_cannot_be_meant_is_said_by_its_place(week: object, place: str) -> None:
    with pytest.raises(hours.Unreadable, match=place):
        hours.read_week(week)


def test_what_is_typed_is_read_and_told_again() -> None:
    week = {"0": hours.typed("9-13, 15:00–19:30"), "1": hours.typed("")}
    assert hours.told(hours.read_week(week)[0]) == "09:00-13:00, 15:00-19:30"
    assert list(hours.read_week(week)) == [0]
    assert hours.plain(hours.read_week(hours.plain({6: ((0, 1440),)}))) == {"6": [["00:00", "24:00"]]}
    for wrong in ("Madrid", ""):
        with pytest.raises(hours.Unreadable):
            hours.read_zone(wrong)
    with pytest.raises(hours.Unreadable, match="25th"):
        hours.read_holidays(["25th"])
