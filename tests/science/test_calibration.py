"""Whether chances come true, against figures worked out by hand and simulated truth."""

import numpy as np
import pytest

from vincle.science.calibration import calibration


def test_by_hand() -> None:
    """Brier: (.1^2 + .4^2 + .2^2 + .3^2) / 4 = .075; against .25. Of four pairs all are told in the right order."""
    found = calibration([0.9, 0.4, 0.8, 0.3], [1, 0, 1, 0], bins=2)
    assert (found.share, found.people) == (0.5, 4)
    assert found.brier == pytest.approx(0.075)
    assert found.skill == pytest.approx(0.7)
    assert found.auc == 1.0
    assert [(each.people, each.told, each.came) for each in found.bins] == [(2, pytest.approx(0.35), 0.0), (2, pytest.approx(0.85), 1.0)]
    assert found.ece == pytest.approx((0.35 + 0.15) / 2)


def test_who_tells_everybody_the_same_has_no_skill() -> None:
    found = calibration([0.25] * 8, [1, 1, 0, 0, 0, 0, 0, 0])
    assert found.skill == pytest.approx(0.0)
    assert found.auc == 0.5
    assert found.ece == pytest.approx(0.0)
    assert len(found.bins) == 1


def test_true_chances_are_calibrated_and_exaggerated_ones_are_not() -> None:
    chance = np.random.default_rng(7)
    told = chance.random(20_000)
    came = (chance.random(20_000) < told).astype(float)
    assert calibration(told, came).ece < 0.015
    loud = np.where(told > 0.5, 0.99, 0.01)
    assert calibration(loud, came).ece > 0.2
    assert calibration(told, came).skill > calibration(loud, came).skill


def test_order_does_not_matter() -> None:
    chance = np.random.default_rng(8)
    told, came = np.round(chance.random(500), 1), (chance.random(500) < 0.4).astype(float)
    mixed = chance.permutation(500)
    left, right = calibration(told, came), calibration(told[mixed], came[mixed])
    assert [each.people for each in left.bins] == [each.people for each in right.bins]
    assert left.auc == pytest.approx(right.auc)
    assert left.ece == pytest.approx(right.ece)


@pytest.mark.parametrize(
    ("told", "came"), [([0.5], [1]), ([1.5, 0.2], [1, 0]), ([0.5, np.nan], [1, 0]), ([0.5, 0.5], [1, 2]), ([0.5], [1, 0])]
)
def test_what_is_no_chance_is_refused(told: list, came: list) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        calibration(told, came)
