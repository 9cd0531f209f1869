"""What comes next: intervals hold what they promise, a season is seen, and little data are told from enough."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.science.forecast import FEWEST, forecast


def _walk(random: np.random.Generator, points: int) -> np.typing.NDArray[np.float64]:
    """A level that drifts a little beneath its noise (ANN, alpha 0.3)."""
    level, found = 100.0, []
    for error in random.normal(0, 10, points):
        found.append(level + error)
        level += 0.3 * error
    return np.array(found)


@pytest.mark.parametrize("points", [13, 25])
def test_intervals_hold_the_share_they_promise(points: int) -> None:
    horizon, inside, tried, random = 3, 0, 0, np.random.default_rng(11)
    for _draw in range(400):
        y = _walk(random, points + horizon)
        found = forecast(y[:points], horizon)
        assert found is not None
        inside += int(((y[points:] >= found.low) & (y[points:] <= found.high)).sum())
        tried += horizon
    assert 0.77 <= inside / tried <= 0.87


def test_a_season_is_seen_and_carried_on() -> None:
    year = 40 * np.sin(np.arange(12) / 12 * 2 * np.pi)
    y = 200 + np.tile(year, 4) + np.random.default_rng(11).normal(0, 3, 48)
    found = forecast(y[:36], 12, season=12)
    assert found is not None
    assert found.model in ("ANA", "AAdA")
    assert np.abs(np.array(found.mean) - y[36:]).mean() < 6


def test_a_trend_that_is_there_is_followed_but_dies_away() -> None:
    found = forecast(10.0 * np.arange(24) + np.random.default_rng(11).normal(0, 2, 24), 24)
    assert found is not None
    assert found.model == "AAdN"
    steps = [after - before for before, after in pairwise(found.mean)]
    assert 4 < steps[0] < 11
    assert all(after <= before + 1e-9 for before, after in pairwise(steps))


def test_little_is_not_foretold_and_a_count_does_not_fall_below_nothing() -> None:
    assert forecast([1.0] * (FEWEST - 1)) is None
    assert forecast([1.0] * FEWEST + [float("nan")]) is None
    found = forecast([9, 8, 7, 6, 4, 3, 2, 1, 1, 0], 6, least=0)
    assert found is not None
    assert min(found.low) == 0
    with pytest.raises(ValueError, match="level"):
        forecast([1.0] * 9, level=1.0)


@given(st.lists(st.floats(-1e6, 1e6), min_size=FEWEST, max_size=20), st.floats(0.01, 100), st.floats(-1e4, 1e4))
def test_whatever_comes_the_mean_lies_between(values: list[float], scale: float, shift: float) -> None:
    found = forecast(np.array(values) * scale + shift, 3)
    assert found is not None
    for mean, low, high in zip(found.mean, found.low, found.high, strict=True):
        assert np.isfinite([mean, low, high]).all()
        assert low <= mean <= high
