"""Groups: refused where there are none, found where there are some, the same ones every time; told apart, numbered and put into a rule."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.science.clusters import SURE, VALID, find, silhouette, standardised
from vincle.science.contrasts import contrasts, numbered
from vincle.science.rules import closest, holds

Chance = np.random.Generator
Floats = npt.NDArray[np.float64]
SEEDS, PEOPLE = 20, 200


def cloud(chance: Chance) -> Floats:
    return chance.normal(size=(PEOPLE, 6))


def long_cloud(chance: Chance) -> Floats:
    return chance.normal(size=(PEOPLE, 1)) * 1.5 + chance.normal(size=(PEOPLE, 6))


def flat(chance: Chance) -> Floats:
    """One thing behind all columns, as frequent at every height: the hardest to tell from two groups."""
    return chance.uniform(size=(PEOPLE, 1)) * 4 + chance.normal(size=(PEOPLE, 6)) * 0.5


def counts(chance: Chance) -> Floats:
    """Few do much, most do little."""
    return np.log1p(chance.poisson(np.exp(chance.normal(size=(PEOPLE, 1)) + chance.normal(size=(PEOPLE, 6)))))


def flags(chance: Chance) -> Floats:
    return (chance.random((PEOPLE, 6)) < chance.uniform(0.05, 0.5, 6)).astype(float)


def eager(chance: Chance) -> Floats:
    """Flags that go together, since some people do more of everything."""
    return (chance.normal(size=(PEOPLE, 1)) + chance.normal(size=(PEOPLE, 6)) > chance.normal(size=6)).astype(float)


@pytest.mark.parametrize("structureless", [cloud, long_cloud, flat, counts, flags, eager], ids=lambda make: make.__name__)
def test_nothing_is_found_where_there_is_nothing(structureless: Callable[[Chance], Floats]) -> None:
    refused = sum(find(structureless(np.random.default_rng(seed)), seed=seed).k == 0 for seed in range(SEEDS))
    assert refused >= 0.95 * SEEDS


def three(chance: Chance, apart: float = 3.0, people: int = 400) -> tuple[Floats, npt.NDArray[np.int64]]:
    true = np.sort(chance.choice(3, people, p=[0.5, 0.3, 0.2]))
    values = chance.normal(size=(people, 6))
    values[true == 1, :3] += apart
    values[true == 2, 3:] += apart
    return values, true


def test_known_groups_are_found() -> None:
    for seed in range(5):
        values, true = three(np.random.default_rng(seed))
        found = find(values, seed=seed)
        assert (found.why, found.k) == ("", 3)
        assert (found.labels == true).mean() > 0.97
        assert found.excess[3] > SURE
        assert found.stability.min() > VALID
        assert 0.2 < found.silhouette < 1
        assert found.nearness[found.labels == true].mean() > found.nearness[found.labels != true].mean()


def test_groups_of_flags_and_numbers_together_are_found() -> None:
    chance = np.random.default_rng(3)
    true = np.repeat([0, 1], [250, 150])
    often = np.where(true[:, None] == 1, 0.85, 0.12)
    table = np.hstack([(chance.random((400, 6)) < often).astype(float), chance.normal(size=(400, 2)) + 3 * true[:, None]])
    found = find(table, seed=1)
    assert found.k == 2
    assert (found.labels == true).mean() > 0.97


def test_groups_that_share_nothing_are_found() -> None:
    """Columns that are cleft by the groups themselves: who does the one does not do the other."""
    chance = np.random.default_rng(12)
    table = np.zeros((200, 9))
    table[:80, :4] = np.log1p(chance.poisson(8, (80, 4)))
    table[80:, 4:8] = np.log1p(chance.poisson(6, (120, 4)))
    table[:, 8] = chance.normal(size=200)
    found = find(table)
    assert sorted(np.bincount(found.labels)) == [80, 120]


def test_a_column_of_two_values_alone_makes_no_group() -> None:
    chance = np.random.default_rng(4)
    table = np.hstack([chance.normal(size=(400, 5)), (chance.random((400, 1)) < 0.5) * 8.0])
    assert find(table).k == 0


def test_the_same_table_gives_the_same_groups() -> None:
    values, _ = three(np.random.default_rng(5))
    one, other = find(values, seed=7), find(values, seed=7)
    assert (one.labels == other.labels).all()
    assert one.excess == other.excess
    assert (find(values, seed=8).labels == one.labels).mean() > 0.99


def test_few_people_or_features_are_refused_in_words() -> None:
    chance = np.random.default_rng(6)
    assert find(chance.normal(size=(40, 4))).why == "few people"
    assert find(np.hstack([chance.normal(size=(90, 1)), np.ones((90, 3))])).why == "few features"
    with pytest.raises(ValueError, match="finite"):
        find([[1.0, np.nan]] * 90)
    with pytest.raises(ValueError, match="weight"):
        find(np.ones((90, 2)), [1.0])


def test_work_can_be_watched_and_ended() -> None:
    values, _ = three(np.random.default_rng(7))
    seen: list[float] = []
    find(values, told=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0

    class EndedError(Exception):
        pass

    def end(share: float) -> None:
        raise EndedError

    with pytest.raises(EndedError):
        find(values, told=end)


def test_a_weight_of_nothing_leaves_a_column_out() -> None:
    table = np.random.default_rng(8).normal(size=(50, 3))
    assert (standardised(table, [1, 1, 0]) == standardised(table[:, :2])).all()
    assert np.allclose(standardised(table, [4, 1, 1])[:, 0], 2 * standardised(table)[:, 0])


def test_silhouettes_are_rousseeuws() -> None:
    """Against the definition, by plain loops."""
    chance = np.random.default_rng(9)
    values, labels = chance.normal(size=(40, 3)), chance.integers(0, 3, 40)
    expected = []
    for i in range(40):
        means = {
            group: np.mean([np.linalg.norm(values[i] - values[j]) for j in range(40) if labels[j] == group and j != i])
            for group in range(3)
        }
        own, other = means[labels[i]], min(mean for group, mean in means.items() if group != labels[i])
        expected.append((other - own) / max(own, other))
    assert np.allclose(silhouette(values, labels), expected)


def test_contrasts_name_what_differs_most() -> None:
    chance = np.random.default_rng(10)
    inside = np.arange(200) < 60
    table = np.stack([chance.normal(size=200), (chance.random(200) < np.where(inside, 0.9, 0.3)), chance.normal(size=200)], axis=1)
    first = contrasts(table, inside)[0]
    assert first.column == 1
    assert first.here == table[inside, 1].mean()
    assert first.lift == pytest.approx(first.here / first.elsewhere)
    assert contrasts(table, np.zeros(200, bool)) == []


def test_numbers_stay_with_the_people() -> None:
    before = {1: np.arange(100), 2: np.arange(100, 160), 5: np.arange(160, 200)}
    after = [np.arange(95, 160), np.r_[np.arange(90), np.arange(300, 320)], np.arange(400, 450)]
    assert numbered(before, after, 6) == [2, 1, 6]
    assert numbered({}, after, 1) == [1, 2, 3]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=80), st.integers(0, 5))
def test_numbers_are_never_given_twice(labels: list[int], shift: int) -> None:
    people = np.array(labels)
    before = {group + 1: np.flatnonzero(people == group) for group in range(4)}
    after = [np.flatnonzero(np.roll(people, shift) == group) for group in range(4)]
    found = numbered(before, after, 5)
    assert len(set(found)) == 4
    if not shift:
        assert all(number == group + 1 for group, number in enumerate(found) if (people == group).any())


def test_a_rule_comes_close_and_says_how_close() -> None:
    chance = np.random.default_rng(11)
    table = np.stack([chance.integers(0, 12, 2000), chance.random(2000) < 0.4, chance.normal(size=2000)], axis=1).astype(float)
    inside = (table[:, 0] >= 7) & (table[:, 1] == 1)
    rule = closest(table, inside)
    assert (rule.precision, rule.recall) == (1.0, 1.0)
    assert {(each.column, each.at_least) for path in rule.paths for each in path} == {(0, True), (1, True)}
    blurred = inside ^ (chance.random(2000) < 0.1)
    near = closest(table, blurred)
    named = holds(table, near.paths)
    assert near.precision == (named & blurred).sum() / named.sum()
    assert near.recall == (named & blurred).sum() / blurred.sum()
    assert near.f1 > 0.6


@given(st.integers(0, 10_000))
def test_what_a_rule_says_of_itself_is_true(seed: int) -> None:
    chance = np.random.default_rng(seed)
    table = chance.integers(0, 4, (int(chance.integers(1, 60)), 3)).astype(float)
    inside = chance.random(len(table)) < 0.4
    rule = closest(table, inside)
    named = holds(table, rule.paths)
    assert rule.precision == (named & inside).sum() / max(named.sum(), 1)
    assert rule.recall == (named & inside).sum() / max(inside.sum(), 1)
    assert not inside.any() or rule.paths or (table == table[0]).all() or rule.f1 == 0
