"""What moves a score, from sums over groups: as least squares over the single texts has it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vincle.science.moves import movers

NAMES = ("staff", "price", "taste")


def grouped(named: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rows, place = np.unique(named, axis=0, return_inverse=True)
    place = place.ravel()
    return rows, np.bincount(place), np.bincount(place, scores), np.bincount(place, scores**2)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_sums_say_what_single_texts_say(seed: int) -> None:
    rng = np.random.default_rng(seed)
    named = (rng.random((600, 3)) < [0.3, 0.2, 0.5]).astype(float)
    scores = np.clip(0.1 + named @ [-0.5, 0.0, 0.3] + rng.normal(0, 0.3, 600), -1, 1)
    found = {each.name: each for each in movers(*grouped(named, scores), NAMES)}
    design = np.column_stack([np.ones(600), named])
    wanted, *_rest = np.linalg.lstsq(design, scores, rcond=None)
    residual = scores - design @ wanted
    inverse = np.linalg.inv(design.T @ design)
    robust = np.sqrt(np.diag(inverse @ (design.T @ (design * (residual**2)[:, None])) @ inverse) * 600 / 596)
    for at, name in enumerate(NAMES, start=1):
        assert found[name].effect == pytest.approx(wanted[at], abs=1e-9)
        assert (found[name].high - found[name].low) / 2 == pytest.approx(1.9639 * robust[at], rel=1e-3)
        assert found[name].n == named[:, at - 1].sum()


def test_intervals_hold_what_they_promise() -> None:
    rng = np.random.default_rng(1)
    held = 0
    for _each in range(400):
        named = (rng.random((300, 1)) < 0.2).astype(float)
        # More scatter where the thing is named: plain least squares would be too sure.
        scores = -0.4 * named[:, 0] + rng.normal(0, 0.2 + 0.6 * named[:, 0])
        (mover,) = movers(*grouped(named, scores), ["waiting"])
        held += mover.low <= -0.4 <= mover.high
    assert 0.91 <= held / 400 <= 0.99


def test_what_never_stands_alone_is_left_out() -> None:
    named = np.array([[1, 1, 0], [0, 0, 0], [0, 0, 1]], float)
    found = movers(named, [50, 50, 50], [25, 0, -20], [30, 10, 12], NAMES)
    assert [each.name for each in found] == ["staff", "taste"]


def test_few_texts_say_nothing() -> None:
    assert movers([[1.0], [0.0]], [19, 500], [-19, 5], [19, 50], ["staff"]) == []
    assert movers(np.empty((0, 0)), [], [], [], []) == []


def test_shapes_are_checked() -> None:
    with pytest.raises(ValueError, match="fit together"):
        movers([[1.0, 0.0]], [1], [1], [1], ["one"])
