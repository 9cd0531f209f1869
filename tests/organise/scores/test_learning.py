"""Chances that are learnt: near the known truth where there is enough, honest where there is not."""

import numpy as np
import pytest
from scipy.special import expit

from tests.organise.scores.crowds import NOW, Deed, Human, frame
from vincle.organise.scores import _learning, churn, intent, lead
from vincle.organise.scores.base import Known
from vincle.science.logistic import Logistic

PRIOR = [0.0, 0.0]


def never(numbers: np.ndarray) -> np.ndarray:
    return np.full(len(numbers), 0.5)


def sample(count: int, weights: tuple[float, ...] = (-1.0, 1.2, -0.8), seed: int = 3) -> np.ndarray:
    """Rows of people whose chance is known."""
    chance = np.random.default_rng(seed)
    numbers = chance.normal(size=(count, 2))
    came = chance.random(count) < expit(weights[0] + numbers @ np.array(weights[1:]))
    return np.column_stack((np.arange(1, count + 1) * 7919.0, came, numbers))


def test_known_weights_are_found_and_the_chances_come_true() -> None:
    model, quality = _learning.learn(sample(8000), NOW, 30, PRIOR, never)
    assert quality["state"] == "learnt"
    assert np.allclose(Logistic.of(model["fit"]).weights, (-1.0, 1.2, -0.8), atol=0.12)
    assert quality["ece"] < 0.03
    assert quality["skill"] > 0.15
    assert quality["auc"] > 0.75
    assert quality["held_out"] == pytest.approx(2000, abs=150)
    inside = sum(low - 0.02 <= told <= high + 0.02 for _people, told, _came, low, high in quality["bins"])
    assert inside >= 9


def test_what_tells_nothing_is_not_used() -> None:
    model, quality = _learning.learn(sample(4000, (-0.5, 0.0, 0.0)), NOW, 30, PRIOR, never)
    assert not model
    assert (quality["state"], quality["why"]) == ("rule", "no better")
    assert quality["brier"] == pytest.approx(0.25)


@pytest.mark.parametrize("rows", [sample(0), sample(120), sample(3000, (-9.0, 0.0, 0.0)), sample(3000, (9.0, 0.0, 0.0))])
def test_too_little_is_said_to_be_too_little(rows: np.ndarray) -> None:
    model, quality = _learning.learn(rows, NOW, 30, PRIOR, never)
    assert not model
    assert quality["state"] == "rule"
    assert quality["why"] in ("nothing", "few")


def test_nobody_is_both_learnt_from_and_measured_on() -> None:
    ids = np.arange(1, 50_001, dtype=np.float64) * 1_000_003
    out = _learning.held_out(ids)
    assert out.mean() == pytest.approx(0.25, abs=0.01)
    assert (_learning.held_out(np.repeat(ids, 2)).reshape(-1, 2) == out[:, None]).all()


def _steady_and_fading(count: int) -> list[Human]:
    """Who comes every week goes on; who came twice and long ago stays away. A few do otherwise."""
    chance = np.random.default_rng(5)
    people = []
    for n in range(count):
        steady = n % 2 == 0
        odd = chance.random() < 0.1
        last = 500 if steady != odd else 390
        days = (
            [float(each) for each in range(500, 0 if steady != odd else last, -7)]
            if steady != odd
            else [499.0, float(chance.integers(395, 470))]
        )
        people.append(Human(n + 1, tuple(Deed(each, "View", "Page", seq=at) for at, each in enumerate(days))))
    return people


def test_churn_is_learnt_from_the_past_of_a_crowd() -> None:
    people = _steady_and_fading(700)
    learnt = churn.settle(churn.gather(frame(people), NOW, Known()), NOW, Known())
    assert learnt.quality["state"] == "learnt"
    assert learnt.quality["skill"] > 0.5
    assert learnt.quality["ece"] < 0.1
    fresh = [
        Human(1, tuple(Deed(float(each), "View", "Page") for each in range(400, 0, -7))),
        Human(2, (Deed(200.0, "View", "Page"), Deed(150.0, "View", "Page"))),
    ]
    found = churn.compute(frame(fresh), NOW, Known(learnt.model))
    assert found.value[0] < 0.2 < 0.7 < found.value[1]
    assert found.label == ["low", "high"]
    assert found.reasons(1)


def test_outcomes_lie_behind_what_was_known() -> None:
    """Of one window: what came after its beginning is no number of it, and what came after its end is no outcome of it."""
    people = [Human(1, (Deed(100.0, "View", "Page"), Deed(40.0, "Purchase", "Order"))), Human(2, (Deed(35.0, "View", "Page"),))]
    rows = intent.gather(frame(people), NOW, Known())
    first = rows[: 2 if len(rows) > 3 else None]
    assert sorted(rows[:, 0].tolist()) == [1.0, 1.0, 1.0, 2.0]
    # The window of the last 30 days: both were there, nobody bought within it; a purchase before it is known.
    assert first[:, 1].tolist() == [0.0, 0.0]
    assert first[0, 2 + intent.NUMBERS.index("bought")] > 0
    # The one before: only the first was there, and bought, and it was not yet known.
    assert (rows[2, 0], rows[2, 1], rows[2, 2 + intent.NUMBERS.index("bought")]) == (1.0, 1.0, 0.0)
    assert rows[3, 1] == 0.0


def test_intent_is_learnt_where_there_are_purchases() -> None:
    """Of those who fill a cart six in ten buy within the month, of those who look at a page one in twenty."""
    chance = np.random.default_rng(9)
    people = []
    for n in range(900):
        keen, deeds = n % 3 == 0, []
        for start in 30 * np.arange(1, 5) + chance.uniform(0.1, 6, 4):
            deeds.append(
                Deed(float(start), "Track", "Event", labels=(("event", "Product Added"),)) if keen else Deed(start, "View", "Page")
            )
            if chance.random() < (0.6 if keen else 0.05):
                deeds.append(Deed(float(start) - 12, "Purchase", "Order", amount=10.0))
        people.append(Human(n + 1, tuple(deeds)))
    learnt = intent.settle(intent.gather(frame(people), NOW, Known()), NOW, Known())
    assert learnt.quality["state"] == "learnt"
    assert learnt.quality["skill"] > learnt.quality["rule_skill"]
    pair = [Human(1, (Deed(2.0, "Track", "Event", labels=(("event", "Product Added"),)),)), Human(2, (Deed(2.0, "View", "Page"),))]
    found = intent.compute(frame(pair), NOW, Known(learnt.model))
    assert learnt.quality["ece"] < 0.06
    assert found.value[0] == pytest.approx(0.6, abs=0.1)
    assert found.value[1] < 0.15


def test_what_is_known_of_leads_never_learns_from_the_purchase() -> None:
    """An address told at the purchase itself would foretell every purchase: it is weighed by rule alone."""
    chance = np.random.default_rng(11)
    people = []
    for n in range(900):
        start = float(chance.integers(100, 350))
        keen = n % 3 == 0
        deeds = [Deed(start, "Submit", "Form") if keen else Deed(start, "View", "Page")]
        bought = chance.random() < (0.5 if keen else 0.05)
        if bought:
            deeds.append(Deed(start - 30, "Purchase", "Order"))
        people.append(Human(n + 1, tuple(deeds), {"email": "x" if bought else None}))
    learnt = lead.settle(lead.gather(frame(people), NOW, Known()), NOW, Known())
    assert learnt.quality["state"] == "learnt"
    assert len(learnt.model["fit"]["weights"]) == 1 + len(lead.NUMBERS)
    told, plain = Human(1, (Deed(2.0, "Submit", "Form"),), {"email": "x"}), Human(2, (Deed(2.0, "Submit", "Form"),), {"email": None})
    values = lead.compute(frame([told, plain]), NOW, Known(learnt.model)).value
    odds = np.log(values / (1 - values))
    assert odds[0] - odds[1] == pytest.approx(lead.PROFILE["email"])
