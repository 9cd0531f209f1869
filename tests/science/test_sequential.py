"""Reading while it runs: exact by counting every order of small groups, and beside published figures."""

from itertools import combinations, pairwise
from math import comb, exp, inf, isnan, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.science.sequential import GRID, SPREAD, Moments, Order, calmness, difference, log_evidence, log_likelihood, order, radius, ratio

# Weeks of remission of 42 children with leukaemia (Freireich et al., Blood 21, 1963), as printed by Cox (J. R. Stat. Soc. B 34, 1972);
# negative: still in remission when last seen.
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
TREATED = [6, 6, 6, 7, 10, 13, 16, 22, 23, -6, -9, -10, -11, -17, -19, -20, -25, -32, -32, -34, -35]


def _orders(first: int, second: int) -> list[Order]:
    """Every order in which all people of two groups may act."""
    found = []
    for places in combinations(range(first + second), first):
        is_first = np.isin(np.arange(first + second), places)
        gone = np.cumsum(is_first).astype(float) - is_first
        found.append(Order(is_first, first - gone, second - (np.arange(first + second) - gone)))
    return found


@pytest.mark.parametrize(("first", "second"), [(5, 5), (8, 3), (2, 9)])
def test_without_an_effect_the_evidence_is_one_on_average_and_rarely_ever_large(first: int, second: int) -> None:
    orders = _orders(first, second)
    assert len(orders) == comb(first + second, first)
    values = np.array([np.exp(log_evidence(each) - np.cumsum([_chance(each, at) for at in range(first + second)])) for each in orders])
    assert values.mean(axis=0) == pytest.approx(np.ones(first + second))
    for alpha in (0.5, 0.2, 0.05):
        assert (values.max(axis=1) >= 1 / alpha).mean() <= alpha


def _chance(events: Order, at: int) -> float:
    one, other = events.first[at], events.second[at]
    return log((one if events.is_first[at] else other) / (one + other))


def test_the_mixture_is_what_it_says() -> None:
    events = order([True, False, True, True, False], [0] * 5, [1.0, 2.0, 3.0, 4.0, float("nan")])
    weights = np.exp(-0.5 * (GRID / SPREAD) ** 2)
    direct = np.average([exp(log_likelihood(events, each)) for each in GRID], weights=weights)
    assert exp(log_evidence(events)[-1]) == pytest.approx(direct)


def test_published_ratio_of_hazards() -> None:
    """Cox's estimate lies between 1.509 (ties by Breslow) and 1.628 (exact), as R's survival gives them: ratios of 4.5 to 5.1."""
    times = np.array(PLACEBO + TREATED, float)
    group = np.arange(42) < 21
    later = np.where(times < 0, inf, times)
    events = _censored(group, np.abs(times), ~np.isinf(later))
    reading = ratio(events)
    assert 4.2 < reading.value < 5.4
    assert reading.low > 1
    assert reading.p < 0.05
    turned = ratio(events._replace(is_first=~events.is_first, first=events.second, second=events.first))
    assert (turned.value, turned.low, turned.high) == pytest.approx((1 / reading.value, 1 / reading.high, 1 / reading.low), rel=1e-6)


def _censored(group: np.ndarray, times: np.ndarray, happened: np.ndarray) -> Order:
    found = []
    left = {True: set(np.flatnonzero(group)), False: set(np.flatnonzero(~group))}
    for at in np.lexsort((np.arange(42), ~happened, times)):
        if happened[at]:
            found.append((bool(group[at]), float(len(left[True])), float(len(left[False]))))
        left[bool(group[at])].discard(at)
    sides = list(zip(*found, strict=True))
    return Order(np.array(sides[0]), np.array(sides[1]), np.array(sides[2]))


def test_order_knows_who_counts_when() -> None:
    nan = float("nan")
    events = order([True, True, False, False, False], [0, 5, 0, 0, 5], [6.0, 7.0, nan, 11.0, -1.0], window=10)
    assert events.is_first.tolist() == [True, True]
    assert events.first.tolist() == [2.0, 1.0]
    assert events.second.tolist() == [3.0, 3.0], "one acted after the window, one before it began: both could still have acted"
    later = order([True, False, False], [0, 0, 8], [9.0, nan, nan], window=5)
    assert not later.is_first.size


def test_nothing_happened_and_one_sided() -> None:
    nothing = ratio(order([True, False], [0, 0], [float("nan")] * 2))
    assert isnan(nothing.value)
    assert (nothing.low, nothing.high, nothing.p) == (0.0, inf, 1.0)
    alone = ratio(order([True] * 30 + [False] * 30, [0] * 60, [*map(float, range(30)), *[float("nan")] * 30]))
    assert alone.value == inf
    assert alone.high == inf
    assert alone.low > 1


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(0, 60))
def test_the_interval_holds_the_value_and_agrees_with_the_mixture(acts: list[bool], more: int) -> None:
    people = acts + [True, False] * more
    events = order(people, [0] * len(people), [float(at) if at < len(acts) else float("nan") for at in range(len(people))])
    reading = ratio(events)
    assert reading.low <= reading.value <= reading.high
    if reading.excludes(1):
        assert reading.p < 0.05


def test_bound_of_the_normal_mixture() -> None:
    """Howard et al. (2021): sqrt((v + rho) log((v + rho) / (rho alpha^2))), and as the sequential test of Johari et al. (mSPRT)."""
    for gathered, expected, alpha in ((1.0, 1.0, 0.05), (3.0, 10.0, 0.01), (50.0, 2.0, 0.2)):
        rho = calmness(expected, alpha)
        edge = radius(gathered, expected, alpha)
        mixture = sqrt(rho / (gathered + rho)) * exp(edge**2 / (2 * (gathered + rho)))
        assert mixture == pytest.approx(1 / alpha)
        assert radius(expected, expected, alpha) <= min(radius(expected, expected * by, alpha) for by in (0.8, 1.25))
    spread = [radius(v, 1) / sqrt(v) for v in (0.1, 0.5, 1, 2, 10)]
    assert spread[2] < 3.04
    assert all(one > other for one, other in pairwise(spread[:3]))


def test_a_walk_that_goes_nowhere_rarely_crosses() -> None:
    chance = np.random.default_rng(5)
    steps = np.cumsum(chance.standard_normal((1_500, 400)), axis=1)
    bound = np.array([radius(float(v), 200) for v in range(1, 401)])
    assert (np.abs(steps) >= bound).any(axis=1).mean() <= 0.05


def test_difference_says_nothing_of_too_few() -> None:
    assert difference(Moments(1, 5, 25), Moments(400, 0, 0)).low == -inf
    assert difference(Moments(10, 0, 0), Moments(400, 0, 0)).excludes(0) is False
    sure = difference(Moments(1_000, 10_000, 200_000), Moments(1_000, 5_000, 100_000), planned=80)
    assert sure.low > 0
    assert sure.p < 0.001


@pytest.mark.parametrize("alpha", [0, 1, -1, 2])
def test_impossible_alphas(alpha: float) -> None:
    with pytest.raises(ValueError, match="alpha"):
        ratio(order([], [], []), alpha)
    with pytest.raises(ValueError, match="alpha"):
        difference(Moments(9, 9, 9), Moments(9, 9, 9), alpha=alpha)
