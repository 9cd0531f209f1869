"""Lots and moments: always the same, fair, and right where clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.engage.campaigns import moments, texts
from vincle.engage.campaigns.drawing import arm_of, draw
from vincle.engage.outbox import words

ZONES = ["Europe/Madrid", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Kiritimati", "UTC"]
ZONE = st.sampled_from(ZONES).map(ZoneInfo)
MOMENT = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))


@given(MOMENT, ZONE, ZONE, st.integers(0, 30))
def test_the_same_time_of_day_where_they_are_and_never_in_the_past(at: datetime, own: ZoneInfo, theirs: ZoneInfo, hours: int) -> None:
    now = at - timedelta(hours=hours)
    found = moments.local(at, own, theirs, now)
    assert found >= now
    wall, asked = found.astimezone(theirs), at.astimezone(own)
    is_late = found == now
    skipped = wall.replace(tzinfo=None).replace(tzinfo=theirs).astimezone(UTC) != found
    moved = abs((wall.hour * 60 + wall.minute) - (asked.hour * 60 + asked.minute))
    assert is_late or skipped or moved in (0, 30, 60, 1380, 1410), "but for the hour a clock leaves out"


@given(st.lists(st.integers(0, 23), max_size=30), st.dictionaries(st.integers(0, 23), st.integers(1, 99)))
def test_nobody_is_woken(theirs: list[int], everybody: dict[int, int]) -> None:
    assert moments.best_hour(theirs, everybody) in moments.WAKING


def test_lots_are_fair_and_do_not_hang_together() -> None:
    lots = [draw(b"secret", "a1", person, 20, 50, [50, 30, 20]) for person in range(20_000)]
    held = sum(lot.is_held for lot in lots)
    assert held == pytest.approx(4_000, rel=0.06)
    assert sum(lot.waits for lot in lots if lot.is_held) == pytest.approx(held / 2, rel=0.08)
    arms = [sum(lot.arm == arm for lot in lots) for arm in range(3)]
    assert [count / sum(arms) for count in arms] == pytest.approx([0.5, 0.3, 0.2], abs=0.02)
    other = [draw(b"secret", "b2", person, 20, 50, [50, 30, 20]) for person in range(20_000)]
    both = sum(one.is_held and two.is_held for one, two in zip(lots, other, strict=True))
    assert both == pytest.approx(800, rel=0.15), "whoever is held out of one campaign is not held out of the next for it"
    assert [draw(b"secret", "a1", person, 20, 50, [50, 30, 20]) for person in range(99)] == lots[:99]


@given(st.floats(0, 1, exclude_max=True), st.lists(st.integers(1, 100), min_size=1, max_size=6))
def test_everyone_falls_into_an_arm(place: float, shares: list[int]) -> None:
    assert 0 <= arm_of(place, shares) < len(shares)


def test_every_reason_not_to_write_has_a_label_of_few_words() -> None:
    assert set(texts.CODES) >= words.CODES
