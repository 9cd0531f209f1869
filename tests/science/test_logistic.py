"""Logistic regression against published fits and closed forms."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from vincle.science.logistic import Logistic, fit

# Temperature (F) and whether an O-ring of the shuttle was distressed: Dalal, Fowlkes and Hoadley, JASA 84 (1989), table 1.
COLD = [66, 70, 69, 68, 67, 72, 73, 70, 57, 63, 70, 78, 67, 53, 67, 75, 70, 81, 76, 79, 75, 76, 58]
DISTRESS = [0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1]


def test_the_o_rings_of_the_shuttle() -> None:
    found = fit(np.array(COLD, float)[:, None], DISTRESS, 1e-9)
    assert found.weights == pytest.approx([15.0429, -0.2322], abs=1e-4)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx([7.3786, 0.1082], abs=1e-4)
    assert found.chance([[31.0]])[0] == pytest.approx(0.9996, abs=1e-4)


def test_two_by_two_is_the_odds_ratio_with_woolfs_error() -> None:
    x = np.repeat([[1.0], [1.0], [0.0], [0.0]], [30, 20, 15, 45], axis=0)
    found = fit(x, np.repeat([1, 0, 1, 0], [30, 20, 15, 45]), 1e-9)
    assert found.weights[1] == pytest.approx(np.log(30 * 45 / (20 * 15)), abs=1e-6)
    assert found.covariance[1, 1] == pytest.approx(1 / 30 + 1 / 20 + 1 / 15 + 1 / 45, abs=1e-6)


def test_the_penalised_likelihood_is_at_its_height() -> None:
    chance = np.random.default_rng(1)
    x = chance.normal(size=(200, 3))
    y = (chance.random(200) < expit(x @ [1.0, -2.0, 0.0])).astype(float)
    prior, ridge = np.array([0.5, 0.0, 1.0]), 3.0

    def loss(weights: np.ndarray) -> float:
        logit = weights[0] + x @ weights[1:]
        return float((np.logaddexp(0, logit) - y * logit).sum() + ridge / 2 * ((weights[1:] - prior) ** 2).sum())

    best = minimize(loss, np.zeros(4), tol=1e-12)
    assert fit(x, y, ridge, prior).weights == pytest.approx(best.x, abs=1e-4)


def test_with_little_it_stays_with_what_was_believed_and_with_much_it_does_not() -> None:
    chance = np.random.default_rng(2)
    x = chance.normal(size=(20_000, 1))
    y = (chance.random(20_000) < expit(-1.5 * x[:, 0])).astype(float)
    assert fit(x[:8], y[:8], 100.0, [2.0]).weights[1] == pytest.approx(2.0, abs=0.1)
    assert fit(x, y, 4.0, [2.0]).weights[1] == pytest.approx(-1.5, abs=0.06)


def test_what_can_be_told_apart_fully_stays_finite() -> None:
    found = fit([[0.0]] * 20 + [[1.0]] * 20, [0] * 20 + [1] * 20, 1.0)
    low, high = found.bounds([[0.0], [1.0]])
    assert np.isfinite(found.weights).all()
    assert (low < found.chance([[0.0], [1.0]])).all()
    assert (high > found.chance([[0.0], [1.0]])).all()


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    inside, chance = 0, np.random.default_rng(4)
    for _ in range(200):
        x = chance.normal(size=(300, 2))
        y = (chance.random(300) < expit(0.3 + x @ [1.0, -0.5])).astype(float)
        low, high = fit(x, y, 0.01).bounds([[0.5, 0.5]])
        inside += int(low[0] <= expit(0.3 + 0.5 - 0.25) <= high[0])
    assert 180 <= inside <= 199


@pytest.mark.parametrize(
    ("x", "y", "more"),
    [([[1.0]], [1], {}), ([[1.0], [2.0]], [0, 2], {}), ([[1.0], [np.nan]], [0, 1], {}), ([1.0, 2.0], [0, 1], {}),
     ([[1.0], [2.0]], [0, 1], {"ridge": 0}), ([[1.0], [2.0]], [0, 1], {"prior": [1.0, 2.0]}), ([[1.0], [2.0]], [0, 1, 1], {})],
)  # fmt: skip
def test_what_cannot_be_fitted_is_refused(x: list, y: list, more: dict) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        fit(x, y, **more)


def test_it_comes_back_as_it_was_kept() -> None:
    found = fit(np.array(COLD, float)[:, None], DISTRESS)
    assert Logistic.of(found.kept()).chance([[60.0]]) == found.chance([[60.0]])
    with pytest.raises(ValueError, match="kept"):
        Logistic.of({"weights": [1, 2]})
