"""A budget spread where it is expected to bring most."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from vincle.science.attribution.budget import response, spread, suggest

amounts = st.floats(1, 1000)


@st.composite
def cases(draw: Any) -> tuple[list[float], list[float], float, list[float], float]:
    n = draw(st.integers(1, 6))
    credit, cost = (draw(st.lists(amounts, min_size=n, max_size=n)) for _ in range(2))
    total = draw(st.floats(10, 5000))
    shares = draw(st.lists(st.floats(0, 1), min_size=n, max_size=n))
    return credit, cost, total, [share * total / n for share in shares], draw(st.floats(0.1, 0.9))


@settings(max_examples=60)
@given(cases())
def test_spends_sum_to_the_total_and_keep_the_floors(case: tuple[list[float], list[float], float, list[float], float]) -> None:
    credit, cost, total, floor, elasticity = case
    names = [str(at) for at in range(len(credit))]
    found = suggest(names, credit, cost, total, floor=floor, elasticity=elasticity, draws=20, low=np.array(credit) / 2)
    assert sum(each.spend for each in found.channels) == pytest.approx(total)
    assert sum(each.share for each in found.channels) == pytest.approx(1)
    for each, least in zip(found.channels, floor, strict=True):
        assert each.spend >= least * (1 - 1e-12)
        assert each.spend_low <= each.spend <= each.spend_high
        assert each.low <= each.share <= each.high
    assert found.gain_low <= found.gain <= found.gain_high
    assert found.expected == pytest.approx(sum(each.expected for each in found.channels))


def test_nothing_else_brings_more() -> None:
    credit, cost, floor = np.array([120.0, 40, 200, 5]), np.array([100.0, 300, 250, 50]), np.array([0.0, 150, 0, 20])
    spend = spread(credit, cost, 700, floor, 0.4)
    best = minimize(
        lambda s: -response(credit, cost, np.maximum(s, 1e-9), 0.4).sum(), np.full(4, 175.0),
        bounds=[(least, 700) for least in floor], constraints={"type": "eq", "fun": lambda s: s.sum() - 700}, options={"ftol": 1e-14},
    )  # fmt: skip
    assert response(credit, cost, spend, 0.4).sum() >= -best.fun - 1e-6
    assert spend == pytest.approx(best.x, abs=0.5)


def test_the_same_money_never_brings_less() -> None:
    found = suggest(["a", "b", "c"], [50, 10, 5], [100, 100, 100], level=0.8)
    assert found.total == 300
    assert found.gain >= 0
    assert [each.spend for each in found.channels] == sorted((each.spend for each in found.channels), reverse=True)
    assert found.channels[0].is_sure
    assert found.caution == "association"


def test_wide_intervals_of_credit_make_wide_intervals_of_shares() -> None:
    sure, unsure = (suggest(["a", "b"], [50, 40], [100, 100], low=low, high=high, seed=1) for low, high in (
        ([49, 39], [51, 41]), ([10, 5], [120, 110]),
    ))  # fmt: skip
    assert unsure.channels[0].high - unsure.channels[0].low > 2 * (sure.channels[0].high - sure.channels[0].low)
    assert not unsure.channels[0].is_sure


def test_a_channel_that_brought_nothing_gets_its_floor() -> None:
    found = suggest(["a", "b"], [50, 0], [100, 100], floor=[0, 30])
    assert [each.spend for each in found.channels] == pytest.approx([170, 30])
    assert found.channels[1].cost_each == float("inf")
    assert [each.spend for each in suggest(["a", "b"], [0, 0], [100, 300]).channels] == pytest.approx([200, 200])


@pytest.mark.parametrize(
    "given",
    [
        {"credit": [1, -1]}, {"cost": [1, 0]}, {"credit": [1]}, {"total": 0}, {"floor": [50, 60], "total": 100}, {"elasticity": 1.0},
        {"credit": [1, float("nan")]},
    ],
)  # fmt: skip
def test_what_makes_no_sense(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        suggest(["a", "b"], **{"credit": [1, 2], "cost": [3, 4], **given})
