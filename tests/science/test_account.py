"""Figures of an account against sums done by hand."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from vincle.science import account

NAN = float("nan")


def test_a_mean_says_what_it_rests_on() -> None:
    found = account.mean([0, 2, 4, NAN, *[2] * 8])
    assert (found.total, found.n, found.value) == (22, 11, 2)
    half = 1.959964 * np.std([0, 2, 4, *[2] * 8], ddof=1) / np.sqrt(11)
    assert (found.low, found.high) == pytest.approx((2 - half, 2 + half))
    assert account.mean([1, 3]).low is None
    assert account.mean([NAN]).value is None


def test_the_interval_of_a_mean_holds_it_nineteen_times_in_twenty() -> None:
    random = np.random.default_rng(5)
    found = [account.mean(random.poisson(3, 60)) for _ in range(1000)]
    assert 0.93 <= np.mean([each.low <= 3 <= each.high for each in found if each.low and each.high]) <= 0.97


def test_engagement_counts_the_followers_of_each_post() -> None:
    found = account.engagement([10, 20, 7, 9], [1000, 500, NAN, 0])
    assert (found.total, found.n, found.value) == (30, 1500, 0.02)
    assert account.engagement([1, 2], [NAN, NAN]).value is None
    random = np.random.default_rng(5)
    held = 0
    for _ in range(500):
        whom = random.integers(500, 2000, 80).astype(float)
        found = account.engagement(random.binomial(whom.astype(int), 0.02), whom)
        held += (found.low or 0) <= 0.02 <= (found.high or 0)
    assert 0.92 <= held / 500 <= 0.98


def test_summer_time_moves_the_hour() -> None:
    moments = [datetime(2026, 3, 29, hour, 30, tzinfo=UTC) for hour in (0, 1, 2)]
    walls = account.local([int(each.timestamp()) for each in moments], "Europe/Madrid")
    told = [each.astimezone(ZoneInfo("Europe/Madrid")) for each in moments]
    assert [int(each) % 86400 // 3600 for each in walls] == [each.hour for each in told] == [1, 3, 4]
    assert account.local([], "Europe/Madrid").size == 0


def test_rhythm_is_that_of_the_calendar() -> None:
    random = np.random.default_rng(1)
    moments = random.integers(-(10**9), 2 * 10**9, 500)
    expected = np.zeros((7, 24))
    for each in moments:
        at = datetime.fromtimestamp(int(each), UTC)
        expected[at.weekday(), at.hour] += 1
    assert (account.rhythm(moments) == expected).all()


def test_days_and_months_add_up() -> None:
    first, last = date(2026, 1, 30), date(2026, 3, 2)
    at = np.array([int(datetime(2026, month, day, 23, 59, tzinfo=UTC).timestamp()) for month, day in ((1, 30), (1, 29), (3, 2), (3, 3))])
    daily = account.by_day(at, first, last)
    assert (daily.sum(), daily[0], daily[-1], len(daily)) == (2, 1, 1, 32)
    assert account.by_month(daily, first) == [(date(2026, 1, 1), 1), (date(2026, 2, 1), 0), (date(2026, 3, 1), 1)]
    assert account.by_day(at, first, last, np.array([5.0, 1, NAN, 1])).sum() == 5


def test_the_best_are_those_with_most() -> None:
    assert account.best([0, NAN], 5) == []
    assert account.best([1, 5, 5, 2], 2) == [1, 2]
    assert np.isnan(account.followers_at(np.array([1, 2]), [], [])).all()
