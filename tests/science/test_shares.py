"""Rises of a share are seen, and ordinary weeks raise no more alarms than was promised: on simulated series whose rises are known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from vincle.science.shares import HOURS_A_MONTH, watch

DAYS = 180
LEARNING = 14 * 24
KINDS = ((0.5, 0.2, 0.0), (2.0, 0.05, 0.0), (2.0, 0.2, 0.02), (2.0, 0.4, 0.05), (10.0, 0.1, 0.0), (10.0, 0.2, 0.02), (60.0, 0.2, 0.005))
"""Opinions an hour, the share that is negative, and how much that share wanders from day to day (the variance of its beta, as a share)."""

Floats = NDArray[np.float64]


def ordinary(rng: np.random.Generator, level: float, share: float, wander: float) -> tuple[Floats, Floats, Floats]:
    """Negative and all opinions by the hour, in the rhythm of days, with the share of each hour."""
    hour = np.arange(DAYS * 24)
    mean = level * np.clip(1 + 0.8 * np.sin((hour % 24 - 9) / 24 * 2 * np.pi), 0.1, None)
    daily = np.full(DAYS, share)
    if wander:
        size = 1 / wander - 1
        daily = rng.beta(share * size, (1 - share) * size, DAYS)
    of = rng.poisson(mean).astype(np.float64)
    shares = daily[hour // 24]
    return rng.binomial(of.astype(int), shares).astype(np.float64), of, shares


def with_rises(
    rng: np.random.Generator, level: float, share: float, wander: float
) -> tuple[Floats, Floats, list[slice], NDArray[np.bool_]]:
    """Every thirty days a day and a half in which the share is six standard deviations of a day, and at least .15, higher."""
    some, of, shares = ordinary(rng, level, share, wander)
    found, touched = [], np.zeros(some.size, bool)
    for day in range(40, DAYS - 3, 30):
        span = slice(day * 24, day * 24 + 36)
        size = 24 * level
        deviation = (share * (1 - share) * (1 / size + wander)) ** 0.5
        some[span] = rng.binomial(of[span].astype(int), np.clip(shares[span] + max(6 * deviation, 0.15), 0, 0.97))
        found.append(slice(span.start, span.stop + 12))
        touched[span.start : span.stop + 48] = True
    return some, of, found, touched


def test_known_rises_are_found_and_ordinary_weeks_are_left_in_peace() -> None:
    hit = known = 0
    for at, kind in enumerate(KINDS):
        some, of, rises, touched = with_rises(np.random.default_rng(at), *kind)
        seen = watch(some, of)
        hit, known = hit + sum(bool(seen.is_high[each].any()) for each in rises), known + len(rises)
        months = (~touched[LEARNING:]).sum() / HOURS_A_MONTH
        assert (seen.begins & ~touched).sum() / months <= 1.0, kind
    assert known == 35
    assert hit / known >= 0.95


def test_false_alarms_are_as_rare_as_was_asked() -> None:
    seen = [watch(*ordinary(np.random.default_rng(100 + at), *kind)[:2]) for at, kind in enumerate(KINDS * 3)]
    months = len(seen) * (DAYS * 24 - LEARNING) / HOURS_A_MONTH
    assert sum(int(each.begins.sum()) for each in seen) / months <= 1.0
    rarer = [watch(*ordinary(np.random.default_rng(100 + at), *kind)[:2], alarms_a_month=0.1) for at, kind in enumerate(KINDS * 3)]
    assert sum(int(each.begins.sum()) for each in rarer) / months <= 0.1


def test_what_goes_on_is_one_alarm() -> None:
    some, of, _shares = ordinary(np.random.default_rng(7), 10, 0.2, 0.0)
    some[60 * 24 : 63 * 24] = of[60 * 24 : 63 * 24]
    seen = watch(some, of)
    assert seen.begins[60 * 24 : 64 * 24].sum() == 1
    assert seen.share[61 * 24] > 0.9
    assert seen.expected[61 * 24] == pytest.approx(0.2, abs=0.03)


def test_too_little_history_says_nothing() -> None:
    seen = watch(np.full(24 * 14, 1.0), np.full(24 * 14, 2.0))
    assert np.isnan(seen.expected).all()
    assert not seen.is_high.any()
    assert not watch(np.zeros(900), np.zeros(900)).is_high.any(), "nobody judged anything"


@pytest.mark.parametrize(("some", "of"), [([2.0], [1.0]), ([-1.0], [1.0]), ([np.nan], [1.0]), ([1.0], [1.0, 2.0]), ([[1.0]], [[1.0]])])
def test_what_is_no_share_is_refused(some: list[float], of: list[float]) -> None:
    with pytest.raises(ValueError, match="some"):
        watch(some, of)
