"""Spikes are seen, and ordinary weeks raise no more alarms than was promised: on simulated series whose spikes are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from vincle.science.spikes import HOURS_A_MONTH, watch

DAYS = 120
LEARNING = 14 * 24
LEVELS = ((0.3, 1.0), (2.0, 1.0), (2.0, 1.5), (2.0, 3.0), (10.0, 1.5), (10.0, 3.0), (60.0, 1.5), (60.0, 3.0))
"""Mentions an hour, and how many times more than a Poisson's their variance is."""


def ordinary(rng: np.random.Generator, level: float, dispersion: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Counts by the hour with the rhythm of days and weeks, rising by a third in four months; and their means."""
    hour = np.arange(DAYS * 24)
    day = np.clip(1 + 0.8 * np.sin((hour % 24 - 9) / 24 * 2 * np.pi), 0.1, None)
    mean = level * day * np.where(hour // 24 % 7 >= 5, 0.6, 1.1) * np.exp(0.3 * hour / hour.size)
    counts = rng.poisson(mean) if dispersion == 1 else rng.negative_binomial(mean / (dispersion - 1), 1 / dispersion)
    return counts.astype(np.float64), mean


def with_spikes(rng: np.random.Generator, level: float, dispersion: float) -> tuple[NDArray[np.float64], list[slice], NDArray[np.bool_]]:
    """Every eight days a burst that fades: in its first three hours eight standard deviations (twelve mentions) more than ordinary."""
    counts, mean = ordinary(rng, level, dispersion)
    found, touched = [], np.zeros(counts.size, bool)
    for day in range(30, DAYS - 2, 8):
        start, width = day * 24 + int(rng.integers(24)), int(rng.integers(3, 18))
        around = float(mean[day * 24 : day * 24 + 24].mean())
        size = max(8 * (3 * around * dispersion) ** 0.5, 12) / 3 + around / 2
        counts[start : start + width] += rng.poisson(size * np.exp(-np.arange(width) / width))
        found.append(slice(start, start + width + 1))
        touched[start : start + width + 14] = True
    return counts, found, touched


def test_known_spikes_are_found_and_ordinary_weeks_are_left_in_peace() -> None:
    hit = known = 0
    for at, (level, dispersion) in enumerate(LEVELS):
        counts, spikes, touched = with_spikes(np.random.default_rng(at), level, dispersion)
        seen = watch(counts)
        hit, known = hit + sum(bool(seen.is_high[each].any()) for each in spikes), known + len(spikes)
        months = (~touched[LEARNING:]).sum() / HOURS_A_MONTH
        assert (seen.begins & ~touched).sum() / months <= 1.0, (level, dispersion)
    assert known == 88
    assert hit / known >= 0.95


def test_false_alarms_are_as_rare_as_was_asked() -> None:
    seen = [watch(ordinary(np.random.default_rng(100 + at), *level)[0]) for at, level in enumerate(LEVELS)]
    months = len(LEVELS) * (DAYS * 24 - LEARNING) / HOURS_A_MONTH
    assert sum(int(each.begins.sum()) for each in seen) / months <= 1.0


def test_a_new_level_is_news_once() -> None:
    counts, _mean = ordinary(np.random.default_rng(5), 10, 1.5)
    counts[60 * 24 :] *= 3
    seen = watch(counts)
    assert seen.is_high[60 * 24 : 61 * 24].any()
    assert not seen.is_high[90 * 24 :].any(), "what goes on for a month is ordinary"


def test_the_band_holds_nineteen_of_twenty() -> None:
    counts, _mean = ordinary(np.random.default_rng(9), 10, 1.5)
    seen = watch(counts)
    known = ~np.isnan(seen.expected)
    inside = (counts[known] >= seen.low[known]) & (counts[known] <= seen.high[known])
    assert 0.92 < inside.mean() < 0.995


def test_too_little_history_is_said() -> None:
    seen = watch(np.full(24 * 14, 3.0))
    assert np.isnan(seen.expected).all()
    assert not seen.is_high.any()


@pytest.mark.parametrize("counts", [[-1.0], [np.nan], [np.inf], [[1.0]]])
def test_what_is_no_count_is_refused(counts: list[float]) -> None:
    with pytest.raises(ValueError, match="count"):
        watch(counts)


@given(st.lists(st.integers(0, 9), min_size=16, max_size=60), st.integers(0, 500))
def test_more_is_never_less_of_a_spike(before: list[int], more: int) -> None:
    low, high = (watch([*before, last], season=7, steps_a_month=30.4).is_high[-1] for last in (more, more + 100))
    assert high or not low
