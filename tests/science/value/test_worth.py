"""Purchases as histories, the choice of a model, and what customers are worth."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.science.value.simulated import customers, spends
from vincle.science.value import choosing, gamma_gamma, worth
from vincle.science.value.choosing import Learnt
from vincle.science.value.cohorts import Cohorts
from vincle.science.value.fitted import Fitted
from vincle.science.value.gamma_gamma import GammaGamma
from vincle.science.value.histories import Histories, of_purchases
from vincle.science.value.spend import MeanSpend

MODEL = Fitted("bgnbd", {"r": 0.8, "alpha": 4.0, "a": 0.8, "b": 2.4}, -1.0, 5000, None, np.eye(4) * 1e-4)
SPEND = GammaGamma({"p": 6.25, "q": 3.74, "gamma": 15.44}, -1.0, 900, None, np.eye(3) * 1e-3)
LEARNT = Learnt(MODEL, SPEND, 7.0, {"model": "bgnbd"})


def _log(size: int, seed: int = 1) -> tuple[Any, Any, Any]:
    """Purchases (who, day, money) of customers of known parameters, over two years."""
    chance = np.random.default_rng(seed)
    who, days, money = [], [], []
    for one in range(size):
        day, rate, leaves = int(chance.integers(0, 300)), chance.gamma(1.2, 1 / 60), chance.beta(0.8, 4)
        mean = chance.gamma(5, 8)
        at = float(day)
        while at <= 730:
            who.append(one)
            days.append(int(at))
            money.append(round(float(chance.gamma(4, mean / 4)), 2))
            if at > day and chance.random() < leaves:
                break
            at += chance.exponential(1 / rate)
    return who, days, money


def test_purchases_of_a_day_are_one_and_refunds_take_off() -> None:
    seen = of_purchases(["a", "a", "a", "a", "b", "a"], [0, 7, 7, 9, 3, 21], [10, 5, 6, -4, 8, 30], unit_days=7, end_days=28)
    assert seen.ids.tolist() == ["a", "b"]
    assert seen.histories.x.tolist() == [2, 0]
    assert seen.histories.t_x.tolist() == [3, 0]
    assert seen.histories.T.tolist() == [4, 25 / 7]
    assert seen.mean_spend.tolist() == [pytest.approx((5 + 6 - 4 + 30) / 2), pytest.approx(np.nan, nan_ok=True)]
    assert seen.spends.tolist() == [2, 0]
    assert seen.first_spend.tolist() == [10, 8]


def test_what_came_later_or_without_a_purchase_before_is_not_seen() -> None:
    seen = of_purchases([1, 2, 2, 3], [5, 1, 2, 40], [10, -3, 4, 5], unit_days=1, end_days=10)
    assert seen.ids.tolist() == [1, 2]
    assert seen.first_spend.tolist() == [10, 4]
    assert of_purchases([1, 1], [0, 5], [9, np.nan], unit_days=1).mean_spend.tolist() == [pytest.approx(np.nan, nan_ok=True)]
    assert not len(of_purchases([], [], []).ids)


@pytest.mark.parametrize(
    ("x", "t_x", "watched"), [([1], [0], [5]), ([0], [1], [5]), ([1], [6], [5]), ([0.5], [1], [5]), ([1], [1], [np.inf])]
)
def test_what_cannot_be_is_refused(x: list[float], t_x: list[float], watched: list[float]) -> None:
    with pytest.raises(ValueError, match="T"):
        Histories(x, t_x, watched)


def test_known_spend_is_found() -> None:
    chance = np.random.default_rng(3)
    x = chance.integers(1, 12, 6000).astype(float)
    mean, _ = spends(x, x * 0, 6.25, 3.74, 15.44, 3)
    found = gamma_gamma.fit(mean, x)
    assert found.standard_errors is not None
    for name, truth in {"p": 6.25, "q": 3.74, "gamma": 15.44}.items():
        assert abs(found.parameters[name] - truth) < 3.5 * found.standard_errors[name]
    assert found.expected([np.nan, 50.0], [0, 7])[0] == pytest.approx(found.mean)
    scaled = gamma_gamma.fit(mean * 1000, x)
    assert scaled.parameters["gamma"] == pytest.approx(1000 * found.parameters["gamma"], rel=1e-3)
    assert GammaGamma.from_json(json.loads(json.dumps(found.to_json()))).to_json() == found.to_json()
    with pytest.raises(ValueError, match="10 are needed"):
        gamma_gamma.fit([1.0, 2.0], [1, 1])


def test_the_interval_of_money_holds_what_it_says() -> None:
    watched = np.random.default_rng(8).integers(26 * 7, 39 * 7, 6000) / 7
    x, t_x, later = customers("bgnbd", (0.8, 4.0, 0.8, 2.4), watched, 26, 8)
    mean, brought = spends(x, later, 6.25, 3.74, 15.44, 8)
    told = worth.predict(LEARNT, x, t_x, watched, mean, horizon_days=182)
    assert 0.87 <= ((told.low <= brought) & (brought <= told.high)).mean() <= 0.93
    assert told.value.sum() == pytest.approx(brought.sum(), rel=0.08)
    total = worth.total(LEARNT, x, t_x, watched, mean, horizon_days=182)
    assert total.low <= brought.sum() <= total.high
    assert total.value == pytest.approx(told.value.sum())
    assert worth.predict_and_total(LEARNT, x, t_x, watched, mean, horizon_days=182)[1] == total
    assert total.high - total.low < (told.high - told.low).sum() / 4


@settings(max_examples=40)
@given(
    st.integers(0, 30), st.integers(0, 60), st.integers(0, 60), st.floats(0.01, 1e5), st.floats(0, 1100), st.floats(0, 0.3), st.floats(0, 1)
)
def test_worth_is_never_below_nothing_and_grows_with_the_horizon(
    x: int, more: int, rest: int, spend: float, days: float, discount: float, margin: float
) -> None:
    last = x + more if x else 0

    def value(ahead: float, less: float) -> worth.Predicted:
        return worth.predict(LEARNT, [x], [last], [last + rest], [spend], horizon_days=ahead, yearly_discount=less, margin=margin)

    now = value(days, discount)
    assert 0 <= now.low[0] <= now.high[0]
    assert 0 <= now.value[0] <= value(days, 0).value[0] * (1 + 1e-9) + 1e-9
    assert value(days / 2, discount).value[0] <= now.value[0] * (1 + 1e-4) + 1e-9
    assert 0 <= now.p_alive[0] <= 1
    assert now.next_days[0] > 0 or np.isnan(now.next_days[0])


def test_learnt_on_a_holdout() -> None:
    found = choosing.learn(*_log(500))
    told = found.told
    assert told["why"] == "best_on_holdout"
    assert {each["model"] for each in told["candidates"]} == {"bgnbd", "mbgnbd", "paretonbd", "cohorts"}
    best = max(told["candidates"], key=lambda each: each["score"])
    assert next(each for each in told["candidates"] if each["model"] == told["model"])["score"] >= best["score"] - 0.001
    assert abs(told["holdout"]["error"]) < 0.3
    assert 0.8 <= told["holdout"]["cover"] <= 1
    assert told["spend"]["model"] == "gamma_gamma"
    assert told["curve"][-1]["actual"] == told["purchases"] - told["customers"]
    assert sum(each["actual"] for each in told["histogram"]) == 500
    assert sum(each["expected"] for each in told["histogram"]) == pytest.approx(500)
    again = Learnt.from_json(json.loads(json.dumps(found.to_json())))
    assert again.to_json() == found.to_json()
    given_ = ([0, 3], [0, 20], [50, 50], [np.nan, 30])
    assert worth.predict(again, *given_, horizon_days=365).value.tolist() == worth.predict(found, *given_, horizon_days=365).value.tolist()


@pytest.mark.parametrize(("size", "why"), [(8, "few_buyers"), (49, "few_buyers"), (50, "best_on_holdout"), (60, "best_on_holdout")])
def test_few_buyers(size: int, why: str) -> None:
    """Useful from 50 on; below, averages of customers alike, wide, and it is said so."""
    who, days, money = _log(size, 5)
    found = choosing.learn(who, days, money)
    assert found.told["why"] in (why, "cohorts_better" if size >= 50 else why)
    seen = of_purchases(who, days, money)
    h = seen.histories
    told = worth.predict(found, h.x, h.t_x, h.T, seen.mean_spend, seen.spends, horizon_days=365)
    total = worth.total(found, h.x, h.t_x, h.T, seen.mean_spend, seen.spends, horizon_days=365)
    assert np.isfinite(told.value).all()
    assert 0 < total.low < total.value < total.high
    if size < 50:
        assert isinstance(found.counts, Cohorts)
        assert (total.high - total.low) / total.value > 0.5
        assert Learnt.from_json(json.loads(json.dumps(found.to_json()))).to_json() == found.to_json()


def test_too_little_time_and_nothing_bought_again() -> None:
    short = choosing.learn(range(80), [0, 1] * 40, [5.0] * 80)
    assert (short.told["why"], short.told["holdout"]) == ("short_history", None)
    never = choosing.learn(range(80), range(0, 800, 10))
    assert never.spend is None
    told = worth.predict(never, [0], [0], [20], horizon_days=365)
    assert 0 < told.purchases[0] < 1
    assert told.spend[0] == 1
    one = choosing.learn(["a"], [3], [5.0])
    assert isinstance(one.spend, MeanSpend)
    with pytest.raises(ValueError, match="no customer"):
        choosing.learn([], [])


def test_where_some_leave_after_their_first_purchase_who_bought_once_is_not_held_for_a_customer() -> None:
    chance = np.random.default_rng(5)
    who, days = [], []
    for one in range(1_000):
        at, rate, leaves = float(chance.integers(0, 300)), chance.gamma(1.5, 1 / 8) / 7, chance.beta(1.2, 1.6)
        while at <= 500:
            who.append(one)
            days.append(int(at))
            if chance.random() < leaves:
                break
            at += chance.exponential(1 / rate)
    found = choosing.learn(who, days, end_days=500)
    scores = {each["model"]: each["score"] for each in found.told["candidates"]}
    assert scores["mbgnbd"] > scores["bgnbd"] + choosing.BETTER
    assert found.counts.model in ("mbgnbd", "paretonbd")
    assert found.counts.alive([0], [0], [60])[0] < 0.5


def test_one_model_asked_for() -> None:
    who, days, money = _log(120)
    assert choosing.learn(who, days, money, models=("paretonbd",)).told["why"] == "asked"
    months = (np.asarray(days) // 30).tolist()
    found = choosing.learn(who, months, money, models=("bgbb",), unit_days=1)
    assert found.counts.model == "bgbb"
    assert found.told["holdout"]["actual"] >= 0


@pytest.mark.parametrize("broken", [None, {}, {"counts": {"model": "cohorts"}}, {"counts": 3, "spend": None, "unit_days": 7, "told": {}}])
def test_what_was_not_learnt_is_refused(broken: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Learnt.from_json(broken)
