"""What people are worth beside their own purchases: sums hold, nothing is given away twice, blame counts against."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.science.engagement import IDLE, Lines, Value, interval, kinds, lines, referrals, sway


def values(*expected: float, half: float = 0.5) -> Value:
    given = np.array(expected)
    return Value(given, given * (1 - half), given * (1 + half))


def places(*numbers: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.array(numbers, np.int64)


def test_type_one_counts_whole_and_type_two_what_is_saved() -> None:
    found = referrals(places(1, 2), places(0, 0), np.array([False, True]), np.array([95.0, 400.0]), values(10, 210, 800), 12.0)
    assert found.worth.tolist() == [305.0, 12.0]
    assert found.total.tolist() == [317.0, 0.0, 0.0]
    assert found.below.tolist() == [105.0**2, 0, 0]


def test_who_brought_those_who_brought_others_has_only_their_own() -> None:
    found = referrals(places(1, 2), places(0, 1), np.array([False, False]), np.zeros(2), values(0, 100, 1000), 0.0)
    assert found.total.tolist() == [100.0, 1000.0, 0.0]


def test_attention_is_shared_out_and_blame_counts_against() -> None:
    # 0 turns to 1 (three acts) and against 2 (one); they keep one for themselves: 3/5 and -1/5 of their attention.
    found = sway(places(0, 0), places(1, 2), np.array([3.0, -1.0]), values(100, 0, 0), 0.1)
    assert found.share.tolist() == [0.6, -0.2]
    assert found.total.round(6).tolist() == [0, 6, -2]
    assert IDLE == 1


def test_whom_somebody_brought_is_not_swayed_by_them_as_well() -> None:
    found = sway(places(0, 0), places(1, 2), np.array([1.0, 1.0]), values(90, 0, 0), 0.5, apart=[(0, 1)])
    assert found.target.tolist() == [2]
    assert found.total.round(6).tolist() == [0, 0, 15]


def test_low_and_high_stand_about_the_total_and_blame_turns_them_round() -> None:
    value = Value(np.array([100.0, 0.0]), np.array([40.0, 0.0]), np.array([250.0, 0.0]))
    praise = sway(places(0), places(1), np.array([1.0]), value, 1.0)
    blame = sway(places(0), places(1), np.array([-1.0]), value, 1.0)
    assert praise.below[1] == pytest.approx(30**2)
    assert praise.above[1] == pytest.approx(75**2)
    assert blame.below[1] == pytest.approx(75**2)
    assert blame.above[1] == pytest.approx(30**2)
    low, high = interval(np.array([0.0, -50.0]), value, blame.below, blame.above)
    assert low[1] == pytest.approx(-125)
    assert high[1] == pytest.approx(-20)


def test_nobody_at_all() -> None:
    none, empty = np.zeros(0, np.int64), np.zeros(0)
    value = Value(empty, empty, empty)
    assert referrals(none, none, np.zeros(0, np.bool_), empty, value, 9.0).total.size == 0
    assert sway(none, none, empty, value, 0.1).total.size == 0
    assert lines(empty, empty, empty) == Lines(0, 0, 0)
    assert kinds(empty, empty, empty, empty, Lines(0, 0, 0)) == []


def test_who_costs_a_little_is_not_costly_for_having_little_to_come() -> None:
    bought, own, brings, cost = (np.array(each, np.float64) for each in ([90, 90], [0, 0], [0, 0], [0.02, 12]))
    assert kinds(bought, own, brings, cost, Lines(40, 20, 6)) == ["", "costly"]


MONEY = st.floats(0, 1e6)
TIES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.floats(-5, 5)), max_size=40)


@given(TIES, st.lists(MONEY, min_size=8, max_size=8), st.floats(0, 1))
def test_never_more_than_the_share_of_anybody_is_given_away(ties: list[tuple[int, int, float]], worth: list[float], share: float) -> None:
    rows = [row for row in ties if row[0] != row[1]]
    source, target = (places(*(row[side] for row in rows)) for side in (0, 1))
    value = values(*worth)
    found = sway(source, target, np.array([row[2] for row in rows], np.float64), value, share)
    given_away = np.bincount(found.source, np.abs(found.worth), minlength=8)
    assert (given_away <= share * value.expected + 1e-6).all()
    assert found.total.sum() == pytest.approx(found.worth.sum())
    assert (found.below >= 0).all()
    assert (found.above >= 0).all()


@given(st.lists(st.tuples(MONEY, MONEY, MONEY, MONEY), min_size=1, max_size=30))
def test_nobody_is_an_advocate_and_costly_and_order_plays_no_part(rows: list[tuple[float, float, float, float]]) -> None:
    columns = np.array(rows).T
    where = lines(columns[0], columns[1], columns[3])
    found = kinds(columns[0], columns[1], columns[2], columns[3], where)
    turned = kinds(*(column[::-1] for column in columns), where)
    assert found == turned[::-1]
    for (bought, _own, brings, cost), kind in zip(rows, found, strict=True):
        assert kind != "advocate" or (bought < where.bought and brings > where.brings)
        assert kind != "costly" or (bought > where.bought and cost > 0)


@given(st.lists(st.tuples(MONEY, st.booleans(), MONEY), max_size=20), st.floats(0, 1000))
def test_what_bringers_have_is_what_newcomers_are_worth(rows: list[tuple[float, bool, float]], saved: float) -> None:
    count = len(rows)
    expected = values(0.0, *(row[2] for row in rows))
    found = referrals(
        np.arange(1, count + 1), np.zeros(count, np.int64), np.array([row[1] for row in rows], np.bool_),
        np.array([row[0] for row in rows], np.float64), expected, saved,
    )  # fmt: skip
    wanted = sum(saved if anyway else so_far + worth for so_far, anyway, worth in rows)
    assert found.total[0] == pytest.approx(wanted)
    assert found.total[1:].sum() == 0
