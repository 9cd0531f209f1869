"""The interval of what all customers together will spend holds what they then spend, as often as it says."""

from typing import Any

import numpy as np

from vincle.science.value.choosing import learn
from vincle.science.value.histories import of_purchases
from vincle.science.value.worth import total

WORLDS, PEOPLE, SEEN, AHEAD = 10, 160, 450, 365


def world(seed: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Rows (who, day, money) of people who buy in a rhythm of their own and may leave after each purchase."""
    dice = np.random.default_rng(seed)
    rows = []
    rate, leaves, spend = dice.gamma(0.7, 1 / 30, PEOPLE), dice.beta(0.9, 2.5, PEOPLE), dice.gamma(4, 8, PEOPLE)
    for who, day in enumerate(dice.integers(0, 300, PEOPLE).astype(float)):
        while day <= SEEN + AHEAD:
            rows.append((who, day, dice.gamma(3, spend[who] / 3)))
            if dice.random() < leaves[who]:
                break
            day += dice.exponential(1 / rate[who])
    return np.array(rows)


def test_nine_times_out_of_ten_it_holds() -> None:
    held, wide = 0, []
    for seed in range(WORLDS):
        rows = world(seed)
        seen, later = rows[rows[:, 1] <= SEEN], rows[rows[:, 1] > SEEN]
        model = learn(*seen.T, end_days=SEEN, models=("bgnbd",))
        people = of_purchases(*seen.T, end_days=SEEN)
        h = people.histories
        found = total(model, h.x, h.t_x, h.T, people.mean_spend, people.spends, horizon_days=AHEAD)
        held += found.low <= float(later[:, 2].sum()) <= found.high
        wide.append((found.high - found.low) / found.value)
    assert held >= 8  # fewer come once in fourteen times by chance, and these worlds are always the same
    assert np.mean(wide) < 0.9
