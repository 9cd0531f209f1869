"""Experiments on people and on places: how large, and what came out."""

from typing import Any

import numpy as np
import pytest

from vincle.science import lift
from vincle.science.attribution.experiment import design, draw_places, of_counts, outcome, outcome_of_places


def test_the_size_of_an_experiment() -> None:
    """One in ten against 12 of 100, 80 % power, read once: 3,841 a side (Fleiss, Levin, Paik 2003, chapter 4)."""
    found = design(0.1, 0.2, often=False, a_day=100)
    assert (found.treated, found.held, found.people, found.days) == (3841, 3841, 7682, 77)
    assert found.enough
    assert found.converting_held == pytest.approx(384.1)
    often = design(0.1, 0.2)
    assert 1.8 < often.people / found.people < 2
    few = design(0.1, 0.2, held_share=0.1, often=False)
    assert few.held == pytest.approx(few.treated / 9, rel=0.01)
    assert few.people > found.people


def test_what_the_people_there_would_show() -> None:
    found = design(0.1, 0.2, available=2000, often=False)
    assert not found.enough
    assert found.least_seen is not None
    again = design(0.1, found.least_seen, often=False)
    assert again.people == pytest.approx(2000, abs=2)
    assert design(0.1, 0.2, available=4).least_seen is None


@pytest.mark.parametrize(("base", "more"), [(0, 0.1), (1, 0.1), (0.5, 0), (0.5, 1.5), (0.5, -0.1)])
def test_no_such_experiment(base: float, more: float) -> None:
    with pytest.raises(ValueError, match="a lift of"):
        design(base, more)


def test_what_came_out() -> None:
    found = of_counts(4000, 520, 4000, 400)
    assert found.lift == pytest.approx(0.3, abs=0.03)
    assert 0 < found.low < found.lift < found.high
    assert (found.verdict, found.rate, found.rate_held) == ("works", 0.13, 0.1)
    assert found.because == pytest.approx(120, abs=8)
    assert found.lift == pytest.approx(found.because / (520 - found.because))
    assert of_counts(100, 50, 100, 0).lift == float("inf")
    assert of_counts(100, 0, 100, 50).lift == -1
    assert of_counts(4000, 400, 4000, 520).verdict == "harms"
    assert of_counts(40, 5, 40, 4).verdict == "open"
    with pytest.raises(ValueError, match="more conversions"):
        of_counts(1, 2, 3, 1)


def test_nobody_says_nothing() -> None:
    found = of_counts(0, 0, 0, 0)
    assert found.verdict == "open"
    assert np.isnan(found.lift)


def test_money_that_came_out() -> None:
    rng = np.random.default_rng(2)
    bought = [rng.random(5000) < share for share in (0.2, 0.1)]
    groups = [lift.People.of(np.zeros(5000), np.where(each, 1.0, np.nan), each * rng.gamma(4, 10, 5000)) for each in bought]
    found = outcome(*groups)
    assert found.money_low < 5000 * 0.1 * 40 < found.money_high
    assert found.money_low > 0


def test_few_experiments_without_effect_are_called_sure() -> None:
    rng = np.random.default_rng(3)
    called = sum(of_counts(600, int(rng.binomial(600, 0.15)), 600, int(rng.binomial(600, 0.15))).is_sure for _ in range(200))
    assert called <= 14


def test_places_are_split_in_pairs_by_lot() -> None:
    names = [f"shop {at}" for at in range(9)]
    sizes = [100, 98, 50, 51, 20, 22, 9, 8, 1]
    drawn = [draw_places(names, sizes, seed) for seed in range(40)]
    for each in drawn:
        assert len(each.treated) == len(each.held) == 4
        assert "shop 8" not in (*each.treated, *each.held)
        for one, other in zip(each.treated, each.held, strict=True):
            assert {one, other} in ({"shop 0", "shop 1"}, {"shop 2", "shop 3"}, {"shop 4", "shop 5"}, {"shop 6", "shop 7"})
    assert 5 < sum("shop 0" in each.treated for each in drawn) < 35
    assert draw_places(names, sizes, 1) == draw_places(names, sizes, 1)
    with pytest.raises(ValueError, match="6 or more"):
        draw_places(names[:3], sizes[:3], 1)


def test_what_came_out_of_places() -> None:
    rng = np.random.default_rng(4)
    before = [rng.uniform(50, 400, 12) for _ in range(2)]
    after = [each * 1.1 * np.exp(rng.normal(0, 0.03, 12)) for each in before]
    found = outcome_of_places(before[0], after[0] * 1.25, before[1], after[1])
    assert found.low < 0.25 < found.high
    assert found.is_sure
    assert found.more_low < (after[0] * 0.25).sum() < found.more_high
    assert found.p < 1e-6


def test_intervals_of_places_hold_what_is_true() -> None:
    rng = np.random.default_rng(5)

    def one() -> Any:
        before = [rng.uniform(50, 400, 8) for _ in range(2)]
        after = [each * np.exp(rng.normal(0, 0.1, 8)) for each in before]
        return outcome_of_places(before[0], after[0], before[1], after[1])

    sure = sum(one().is_sure for _ in range(300))
    assert 5 <= sure <= 27


@pytest.mark.parametrize("given", [([1], [1], [1, 2], [1, 2]), ([1, 0], [1, 2], [1, 2], [1, 2]), ([1, 2], [1], [1, 2], [1, 2])])
def test_places_that_cannot_be_compared(given: Any) -> None:
    with pytest.raises(ValueError, match="place"):
        outcome_of_places(*given)


def test_places_that_all_changed_alike() -> None:
    found = outcome_of_places([10, 20], [11, 22], [30, 40], [33, 44])
    assert found.lift == pytest.approx(0)
    assert not found.is_sure
