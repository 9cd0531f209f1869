"""Whatever the journeys are."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vincle.science.attribution import MODELS, Paths, _absorbed, attribute, intervals, markov, of_flat, of_lists
from vincle.science.attribution import shapley as shapleys
from vincle.science.attribution._chain import chain
from vincle.science.attribution.shapley import shapley

NAMES = ("ad", "shop", "mail", "post", "talk")
path = st.lists(st.sampled_from(NAMES), min_size=1, max_size=9)
row = st.tuples(path, st.integers(0, 4), st.integers(0, 4), st.floats(0, 50))
tables = st.lists(row, min_size=1, max_size=12)


def made(table: list[tuple[list[str], int, int, float]]) -> Paths:
    steps = [NAMES.index(name) for each in table for name in each[0]]
    starts = np.concatenate(([0], np.cumsum([len(each[0]) for each in table])))
    conversions, nulls = [each[1] for each in table], [each[2] for each in table]
    return of_flat(NAMES, steps, starts, conversions, [each[3] * each[1] for each in table], nulls)


@settings(max_examples=60)
@given(tables, st.integers(1, 6))
def test_credits_sum_to_conversions(table: list[tuple[list[str], int, int, float]], order: int) -> None:
    paths = made(table)
    found = attribute(paths, order=order)
    assert set(found.credits) == set(MODELS)
    for each in found.credits.values():
        assert (each >= 0).all()
        assert each.sum() == pytest.approx(paths.total, rel=1e-9)
    for each in found.values.values():
        assert (each >= -1e-12).all()
        assert each.sum() == pytest.approx(paths.total_value, rel=1e-9)
    assert 0 <= found.agreement <= 1


@settings(max_examples=60)
@given(tables, st.integers(1, 10))
def test_the_chain_reproduces_the_rate(table: list[tuple[list[str], int, int, float]], order: int) -> None:
    paths = made(table)
    assert attribute(paths, order=order).rate == pytest.approx(paths.rate, abs=1e-12)


@settings(max_examples=40)
@given(tables, st.integers(1, 4))
def test_removing_a_channel_by_leading_it_nowhere(table: list[tuple[list[str], int, int, float]], order: int) -> None:
    """Each channel taken out of the matrix by hand, and the chain solved anew."""
    counted = chain(made(table).grouped(), order)
    leaving = np.bincount(counted.origin, counted.counts, counted.size) + counted.converted + counted.lost
    matrix = np.zeros((counted.size, counted.size))
    np.add.at(matrix, (counted.origin, counted.target), counted.counts)
    safe = np.where(leaving > 0, leaving, 1)
    matrix, ends = matrix / safe[:, None], counted.converted / safe
    whole = np.linalg.solve(np.eye(counted.size) - matrix, ends)[0]
    for channel, effect in enumerate(markov.removal(counted).effects):
        without = matrix * ~(counted.touches == channel).any(axis=1)
        rate = np.linalg.solve(np.eye(counted.size) - without, ends)[0]
        assert effect == pytest.approx(1 - rate / whole if whole else 0, abs=1e-9)


@settings(max_examples=40)
@given(tables, st.integers(1, 3))
def test_large_chains_are_solved_alike(table: list[tuple[list[str], int, int, float]], order: int) -> None:
    counted = chain(made(table).grouped(), order)
    usual = markov.removal(counted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_absorbed, "DENSE", 0)
        patch.setattr(_absorbed, "DENSE_MOST", 0)
        by_rounds = markov.removal(counted)
        patch.setattr(_absorbed, "ROUNDS", 0)
        solved = markov.removal(counted)
    for other in (by_rounds, solved):
        assert other.effects == pytest.approx(usual.effects, abs=1e-10)
        assert other.value_effects == pytest.approx(usual.value_effects, abs=1e-9)


@settings(max_examples=30)
@given(tables, st.permutations(range(len(NAMES))))
def test_other_names_change_nothing(table: list[tuple[list[str], int, int, float]], order: list[int]) -> None:
    renamed = {NAMES[at]: NAMES[to] for at, to in enumerate(order)}
    one, other = attribute(made(table), order=2), attribute(made([([renamed[x] for x in p], c, n, v) for p, c, n, v in table]), order=2)
    for model in MODELS:
        assert other.credits[model][order] == pytest.approx(one.credits[model], abs=1e-9)


@settings(max_examples=30)
@given(tables)
def test_twice_as_many_journeys_twice_the_credit(table: list[tuple[list[str], int, int, float]]) -> None:
    one, other = attribute(made(table)), attribute(made(table * 2))
    for model in MODELS:
        assert other.credits[model] == pytest.approx(2 * one.credits[model], abs=1e-9)


@settings(max_examples=40)
@given(tables)
def test_a_channel_on_no_converting_path_gets_nothing(table: list[tuple[list[str], int, int, float]]) -> None:
    """By every rule and Shapley. A chain may lead on from there to conversions: it gets nothing if it was on no path at all."""
    found = attribute(made(table))
    converting = {name for each in table if each[1] for name in each[0]}
    met = {name for each in table if each[1] + each[2] for name in each[0]}
    for at, name in enumerate(NAMES):
        if name not in converting:
            assert all(found.credits[model][at] == 0 for model in MODELS if model != "markov")
        if name not in met:
            assert found.credits["markov"][at] == 0
            assert found.touched[at] == 0


@settings(max_examples=40)
@given(tables)
def test_grouping_changes_nothing(table: list[tuple[list[str], int, int, float]]) -> None:
    paths = made(table)
    grouped = paths.grouped()
    distinct = dict.fromkeys(tuple(each[0]) for each in table)
    assert [tuple(NAMES[step] for step in grouped.steps[a:b]) for a, b in zip(grouped.starts, grouped.starts[1:], strict=False)] == list(
        distinct
    )
    assert grouped.total == paths.total
    assert grouped.journeys == paths.journeys
    assert grouped.total_value == pytest.approx(paths.total_value)


@pytest.mark.parametrize("channels", [1, 2, 13, 70, 5000])
def test_grouping_of_long_paths_and_many_channels(channels: int) -> None:
    rng = np.random.default_rng(channels)
    some = [rng.integers(0, channels, int(size)) for size in rng.choice([1, 2, 15, 16, 17, 33, 400, 3000], 60)]
    every = [some[at] for at in rng.integers(0, len(some), 300)]
    starts = np.concatenate(([0], np.cumsum([len(each) for each in every])))
    grouped = of_flat([str(at) for at in range(channels)], np.concatenate(every), starts, np.ones(300)).grouped()
    wanted: dict[bytes, int] = {}
    for each in every:
        wanted[each.tobytes()] = wanted.get(each.tobytes(), 0) + 1
    assert grouped.conversions.tolist() == list(wanted.values())


games = st.integers(1, 5).flatmap(lambda n: st.lists(st.floats(-10, 10), min_size=2**n - 1, max_size=2**n - 1))


@settings(max_examples=40)
@given(games)
def test_shapley_is_efficient_and_the_mean_over_orders(worth: list[float]) -> None:
    value = [0.0, *worth]
    n = len(value).bit_length() - 1
    found = shapleys.of_sets(np.array(value))
    assert found.sum() == pytest.approx(value[-1], abs=1e-9)
    adds = np.zeros(n)
    orders = list(permutations(range(n)))
    for order in orders:
        met = 0
        for player in order:
            adds[player] += value[met | 1 << player] - value[met]
            met |= 1 << player
    assert found == pytest.approx(adds / len(orders), abs=1e-9)


@settings(max_examples=30)
@given(games)
def test_shapley_knows_twins_and_dummies(worth: list[float]) -> None:
    """Two players that are the same to every set get the same; one that adds nothing gets nothing."""
    value = [0.0, *worth]
    n = len(value).bit_length() - 1

    def of(who: frozenset[str]) -> float:
        twins = len(who & {"p", "q"})
        return value[sum(1 << j for j in range(n) if str(j) in who)] * (1 + twins)

    found = shapley([*map(str, range(n)), "p", "q", "dummy"], of)
    assert found["p"] == pytest.approx(found["q"], abs=1e-9)
    assert found["dummy"] == pytest.approx(0, abs=1e-9)


@settings(max_examples=30)
@given(tables)
def test_credit_is_the_shapley_value_of_the_game_of_sets(table: list[tuple[list[str], int, int, float]]) -> None:
    found = attribute(made(table))
    game = shapley(NAMES, lambda who: float(sum(each[1] for each in table if who.issuperset(each[0]))))
    assert found.credits["shapley"] == pytest.approx(list(game.values()), abs=1e-9)


@settings(max_examples=30)
@given(tables)
def test_sets_of_many_channels_are_shared_alike(table: list[tuple[list[str], int, int, float]]) -> None:
    paths = made(table)
    few = shapleys.credit(paths, paths.conversions)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shapleys, "BITS", 2)
        assert shapleys.credit(paths, paths.conversions) == pytest.approx(few)
        assert shapleys.touched(paths).sum() >= paths.journeys - 1e-9


@settings(max_examples=15)
@given(tables, st.integers(1, 2))
def test_intervals_hold_the_credit(table: list[tuple[list[str], int, int, float]], order: int) -> None:
    paths = made(table)
    found, sure = attribute(paths, order=order), intervals(paths, order=order, draws=20)
    for model in MODELS:
        assert (sure.low[model] <= found.credits[model] + 1e-9).all()
        assert (sure.high[model] >= found.credits[model] - 1e-9).all()
    assert (sure.removal_low >= 0).all()
    assert (sure.removal_high <= 1).all()


def test_nothing_at_all() -> None:
    found = attribute(of_lists([]))
    assert (found.conversions, found.rate, found.agreement, list(found.rows()), found.transitions) == (0, 0, 1, [], ())
    assert intervals(of_lists([]), draws=3).agreement == (1, 1)
    lost = attribute(of_lists([["ad"]], [0], nulls=[5]))
    assert all(each.sum() == 0 for each in lost.credits.values())
