"""The raffle: anybody can draw it again."""

import random
from collections import Counter
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.engage.surveys import lots

entries = st.lists(st.integers(0, 10**9).map(str), max_size=60)
SEED = "00" * 32


@given(entries, st.integers(0, 20), st.integers(1, 5), st.text(max_size=20), st.randoms())
def test_the_order_of_the_entries_plays_no_part(names: list[str], count: int, number: int, beacon: str, chance: random.Random) -> None:
    drawn = lots.draw(names, SEED, count, number=number, beacon=beacon)
    mixed = [*names, *names[:3]]
    chance.shuffle(mixed)
    assert lots.draw(mixed, SEED, count, number=number, beacon=beacon) == drawn
    assert lots.digest(mixed) == lots.digest(names)
    assert len(drawn) == min(count, len(set(names)))
    assert len({each.entry for each in drawn}) == len(drawn)


@given(entries, st.integers(1, 5))
def test_whoever_won_before_does_not_win_again(names: list[str], count: int) -> None:
    first = {each.entry for each in lots.draw(names, SEED, count)}
    second = {each.entry for each in lots.draw(names, SEED, count, number=2, without=first)}
    assert not first & second


@given(entries, st.integers(1, 5))
def test_who_does_not_win_can_leave_without_changing_who_does(names: list[str], count: int) -> None:
    drawn = lots.draw(names, SEED, count)
    winners = [each.entry for each in drawn]
    assert lots.draw(winners, SEED, count) == drawn


def test_it_can_be_checked_with_a_plain_sum() -> None:
    drawn = lots.draw(["a", "b"], "seed", 1, beacon="42")
    by_hand = sorted((sha256(f"seed:42:1:{name}".encode()).hexdigest(), name) for name in "ab")
    assert tuple(drawn[0]) == by_hand[0]
    assert lots.commitment("seed") == sha256(b"seed").hexdigest()


def test_everybody_has_the_same_chance() -> None:
    names = [str(number) for number in range(5)]
    won = Counter(lots.draw(names, f"{seed}", 1)[0].entry for seed in range(5000))
    assert all(abs(won[name] - 1000) < 120 for name in names)  # four standard deviations


def test_what_is_no_draw() -> None:
    with pytest.raises(ValueError, match="number"):
        lots.draw(["a"], SEED, -1)
    with pytest.raises(ValueError, match="line"):
        lots.draw(["a\nb"], SEED, 1)
    assert len(lots.new_seed()) == 64
    assert lots.new_seed() != lots.new_seed()
