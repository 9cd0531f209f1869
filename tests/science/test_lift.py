"""What a message changed: plain cases by hand, and honesty where there is no effect."""

from math import inf, isnan

import numpy as np
import pytest

from benchmarks import honesty
from vincle.science.lift import People, Standing, best, lift

NAN = float("nan")


def _people(size: int, acted: int, money: float = 0.0) -> People:
    return People.of([0] * size, [*np.linspace(1, 2, acted), *[NAN] * (size - acted)], [money] * acted + [0.0] * (size - acted))


def test_how_many_acted_because_of_it() -> None:
    found = lift(_people(1_000, 200, 10.0), _people(1_000, 100, 10.0))
    assert found.is_sure
    assert found.is_money_sure
    assert found.because.value == pytest.approx(100, abs=3)
    assert 0 < found.because.low < found.because.value < found.because.high < 200
    assert found.each.value == 1.0
    assert found.money.value == 1_000.0
    assert found.money.low > 0


def test_harm_is_sure_as_well() -> None:
    found = lift(_people(1_000, 50), _people(1_000, 150))
    assert found.times.high < 1
    assert found.because.high < 0


def test_nothing_and_nobody() -> None:
    found = lift(_people(100, 0), _people(10, 0))
    assert isnan(found.because.value)
    assert not found.is_sure
    assert not found.is_money_sure
    assert lift(_people(0, 0), _people(0, 0)).times.high == inf


def test_money_of_a_few_is_not_read() -> None:
    found = lift(_people(900, 12, 500.0), _people(100, 0))
    assert found.money.low == -inf
    assert found.money.value == pytest.approx(6_000)


def test_who_leads() -> None:
    assert best([(0, _people(500, 20)), (1, _people(500, 90)), (2, _people(500, 25))]) == Standing(1, True)
    assert best([(0, _people(500, 20)), (1, _people(500, 22))]) == Standing(1, False)
    assert best([(0, _people(50, 2)), (1, _people(50, 2))]) == Standing(0, False)
    assert best([(3, _people(50, 2))]) is None
    assert best([(0, _people(5, 1)), (1, _people(0, 0))]) is None


@pytest.mark.parametrize("place", [0, 1])
def test_looked_at_daily_without_an_effect(place: int) -> None:
    """`make bench ARGS=honesty` has thousands of campaigns and more worlds."""
    ours, money, naive = honesty.called(honesty.WORLDS[place], 60, np.random.default_rng(place))
    assert ours <= 0.05
    assert money <= 0.05 < naive


def test_an_effect_of_the_size_planned_for_is_found() -> None:
    assert honesty.power(25, np.random.default_rng(4)) >= 0.8
