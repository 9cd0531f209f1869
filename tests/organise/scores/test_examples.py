"""Scores worked out by hand."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.organise.scores.crowds import DAY, NOON, NOW, Deed, Human, frame, one
from vincle.organise.scores import affinity, churn, completeness, intent, lead, loyalty, rfm, satisfaction
from vincle.organise.scores.base import Known
from vincle.organise.segments.frame import label

PLAIN = Known(currency="EUR")


def bought(days: float, amount: float | None = None, currency: str = "EUR", verb: str = "Purchase") -> Deed:
    return Deed(days, verb, "Order", amount=amount, labels=(("currency", currency),))


# Churn: silence against one's own rhythm


def test_a_weekly_visitor_who_is_three_weeks_late_is_at_more_risk_than_a_monthly_one() -> None:
    """Ten visits, the last 21 days ago. Weekly: a span of 63 days, rhythm (63 + 30) / 10 = 9.3; 1 - 2^(-21 / 18.6) = .5428."""
    weekly = Human(1, tuple(Deed(21 + 7 * n, "View", "Page") for n in range(10)))
    monthly = Human(2, tuple(Deed(21 + 30 * n, "View", "Page") for n in range(10)))
    value, sure, name, why = one(churn, weekly, PLAIN)
    assert value == pytest.approx(0.5428, abs=1e-4)
    assert sure == pytest.approx(0.5 * 10 / 14)
    assert name == "middle"
    assert why == {"rhythm": {"times": 2.3, "days": 9.3, "at": NOON - 21 * DAY}}
    assert one(churn, monthly, PLAIN)[0] == pytest.approx(1 - 2 ** (-21 / (2 * 30)), abs=1e-4)


def test_who_was_gone_for_a_year_has_no_risk_of_going() -> None:
    assert np.isnan(one(churn, Human(1, (Deed(366.0),)), PLAIN)[0])


# Purchase intent and leads


def test_a_cart_weighs_more_than_a_page_and_fades() -> None:
    """log odds -4 + 1 * ln 2 = -3.307: 3.53 %; two weeks later -4 + ln 1.5 = -3.595: 2.67 %."""
    value, _sure, _name, why = one(intent, Human(1, (Deed(0.0, "Track", "Event", labels=(("event", "cart_viewed"),)),)), PLAIN)
    assert value == pytest.approx(0.03534, abs=1e-5)
    assert why == {"cart": {"count": 1}}
    later = one(intent, Human(1, (Deed(14.0, "Track", "Event", labels=(("event", "Cart Viewed"),)),)), PLAIN)[0]
    assert later == pytest.approx(0.02674, abs=1e-5)
    page = one(intent, Human(1, (Deed(0.0, "View", "Page"),)), PLAIN)[0]
    assert page < later < value


def test_customers_are_no_leads_and_consent_counts() -> None:
    assert np.isnan(one(lead, Human(1, (bought(3.0), Deed(1.0, "Submit", "Form"))), PLAIN)[0])
    form = (Deed(0.0, "Submit", "Form"),)
    # -3 + .8 ln 2 + .3 (e-mail) + .3 (granted), or - .5 (refused)
    assert one(lead, Human(1, form, {"email": "a@b.example"}, "granted"), PLAIN)[0] == pytest.approx(0.13641, abs=1e-5)
    value, _sure, _name, why = one(lead, Human(1, form, {"email": "a@b.example"}, "withdrawn"), PLAIN)
    assert value == pytest.approx(0.06627, abs=1e-5)
    assert why == {"form": {"count": 1}, "knows_email": {"known": True}, "knows_consent": {"known": True}}


# Satisfaction


def test_one_word_moves_little_and_many_move_much() -> None:
    """Ratings of 1 weigh 1.5 each today. One: 1.5 / (1.5 + 3) = 1/3, so 2/3 of 0 to 1; ten: 15 / 18."""
    best = Deed(0.0, "Create", "Review", rating=1.0)
    assert one(satisfaction, Human(1, (best,)), PLAIN)[:3] == (pytest.approx(2 / 3), pytest.approx(1 / 3), "content")
    assert one(satisfaction, Human(1, (best,) * 10), PLAIN)[0] == pytest.approx((1 + 15 / 18) / 2)
    complaint = Deed(0.0, labels=(("intent", "complaint"),))
    assert one(satisfaction, Human(1, (complaint,)), PLAIN)[:3] == (pytest.approx(0.375), pytest.approx(0.25), "unhappy")


def test_a_rating_stands_before_the_words_beside_it_and_an_answer_weighs_most() -> None:
    mixed = Deed(0.0, "Create", "Review", rating=1.0, sentiment="negative", labels=(("intent", "complaint"),))
    assert one(satisfaction, Human(1, (mixed,)), PLAIN)[0] == pytest.approx(2 / 3)
    answer = Deed(180.0, "Submit", "Answer", rating=0.0)
    value, sure, _name, why = one(satisfaction, Human(1, (answer,)), PLAIN)
    assert (value, sure) == (pytest.approx((1 - 1 / 4) / 2), pytest.approx(0.25))
    assert why["answers"] == {"count": 1, "at": NOON - 180 * DAY, "mean": 0.0}


def test_what_reasons_add_is_what_lies_between_the_mean_and_the_value() -> None:
    deeds = (Deed(3.0, sentiment="negative"), Deed(40.0, "Create", "Review", rating=0.5), Deed(9.0, labels=(("intent", "praise"),)))
    known = replace(PLAIN, learnt={"mean": 0.4, "k": 2.0})
    found = satisfaction.compute(frame([Human(1, deeds)]), NOW, known)
    assert found.value[0] == pytest.approx(0.7 + sum(each.weight for each in found.reasons(0)), abs=1e-3)


def test_credibility_is_found_again() -> None:
    """People differ by a standard deviation of .5, their words within themselves by 1: k = 1 / .25 = 4."""
    chance = np.random.default_rng(1)
    own = chance.normal(0.2, 0.5, 4000)
    words = own[:, None] + chance.normal(0, 1, (4000, 6))
    mean = words.mean(1)
    squares = ((words - mean[:, None]) ** 2).sum(1)
    rows = np.column_stack((np.arange(4000), np.full(4000, 6.0), mean, squares, np.full(4000, 6.0)))
    learnt = satisfaction.settle(rows, NOW, PLAIN)
    assert learnt.model["k"] == pytest.approx(4.0, rel=0.08)
    assert learnt.model["mean"] == pytest.approx(0.2, abs=0.03)
    assert learnt.quality["state"] == "measured"


def test_who_do_not_differ_are_all_drawn_to_the_mean() -> None:
    chance = np.random.default_rng(2)
    rows = np.column_stack((np.arange(300), np.full(300, 4.0), np.full(300, 0.1), chance.uniform(3, 5, 300), np.full(300, 4.0)))
    assert satisfaction.settle(rows, NOW, PLAIN).model["k"] == satisfaction.MOST_CREDIBILITY
    assert satisfaction.settle(rows[:3], NOW, PLAIN).quality["why"] == "few"


# Affinity


def test_affinity_tells_where_and_over_what() -> None:
    """Two good words on the shop's page over price and one bad word on x: (1 + 1 - 1) / (3 + 2) = .2, all of today."""
    shop, x, price = ("channel", "shop"), ("channel", "x"), ("topic", "price")
    deeds = (Deed(0.0, sentiment="positive", labels=(shop, price)), Deed(0.0, sentiment="positive", labels=(shop,), seq=1),
             Deed(0.0, sentiment="negative", labels=(x,), seq=2))  # fmt: skip
    found = affinity.compute(frame([Human(1, deeds)]), NOW, PLAIN)
    assert found.value[0] == pytest.approx(0.2)
    assert found.confidence[0] == pytest.approx(0.6)
    favourites = [(each.values["label"], each.values["count"], each.values["tone"], each.weight) for each in found.reasons(0)[2:]]
    assert favourites == [
        (f"{label(*shop):016x}", 2, 1.0, pytest.approx(2 / 3, abs=1e-4)), (f"{label(*x):016x}", 1, -1.0, pytest.approx(1 / 3, abs=1e-4)),
        (f"{label(*price):016x}", 1, 1.0, pytest.approx(1 / 3, abs=1e-4)),
    ]  # fmt: skip


def test_who_only_looks_is_a_little_warm() -> None:
    value, sure, name, why = one(affinity, Human(1, tuple(Deed(0.0, "View", "Page", seq=n) for n in range(10))), PLAIN)
    assert (value, sure, name, why) == (pytest.approx(1 / 3), pytest.approx(1 / 3), "warm", {})


# Loyalty


def test_loyalty_needs_deeds_and_heart() -> None:
    """Active in each of four months, nothing bought: behaviour 1. A good word today: attitude (1 + 1 / 3) / 2 = 2/3; 100 sqrt(2/3)."""
    months = tuple(Deed(30.0 * n, "View", "Page") for n in range(1, 4))
    value, _sure, name, why = one(loyalty, Human(1, (*months, Deed(0.0, sentiment="positive"))), PLAIN)
    assert value == pytest.approx(100 * np.sqrt(2 / 3))
    assert name == "loyal"
    assert why["steady"] == {"count": 4, "of": 4}
    assert one(loyalty, Human(1, (*months, Deed(0.0, sentiment="negative"))), PLAIN)[2] == "habit"
    silent = one(loyalty, Human(1, (*months, Deed(0.0, "View", "Page"))), PLAIN)
    assert silent[2] == ""
    assert "attitude_unknown" in silent[3]
    assert np.isnan(one(loyalty, Human(1, (Deed(0.0, sentiment="positive"),)), PLAIN)[0])


# Recency, frequency, money


def crowd() -> list[Human]:
    """Twenty buyers: n bought n times, the last n days ago backwards (20 bought today), for 10 x n each time."""
    return [Human(n, tuple(bought(20.0 - n + 30 * k, 10.0 * n) for k in range(n))) for n in range(1, 21)]


def scored(people: list[Human], known: Known = PLAIN) -> dict[int, tuple[float, str, dict[str, Any]]]:
    learnt = rfm.settle(rfm.gather(frame(people), NOW, known), NOW, known)
    found = rfm.compute(frame(people), NOW, replace(known, learnt=learnt.model))
    ids = frame(people).ids.tolist()
    return {
        person: (float(found.value[i]), found.label[i], {each.code: each.values.get("fifth") for each in found.reasons(i)})
        for i, person in enumerate(ids)
    }


def test_fifths_and_names() -> None:
    found = scored(crowd())
    assert [found[n][0] for n in (1, 4, 5, 8, 12, 16, 20)] == [1, 1, 2, 2, 3, 4, 5]
    assert (found[20][1], found[1][1]) == ("champions", "lost")
    assert found[10][2] == {"recency": 3, "frequency": 3, "money": 3}
    assert found[10][1] == rfm.GRID[2][2] == "attention"


def test_equals_share_a_fifth_and_buying_once_is_not_often() -> None:
    alike = [Human(n, (bought(10.0, 20.0),)) for n in range(1, 41)]
    assert {each[2]["recency"] for each in scored(alike).values()} == {3}
    assert {each[2]["frequency"] for each in scored(alike).values()} == {1}
    assert {each[2]["money"] for each in scored(alike).values()} == {3}
    half = [Human(n, (bought(10.0, 20.0),) * (1 if n <= 20 else 2)) for n in range(1, 41)]
    assert {found[2]["frequency"] for person, found in scored(half).items() if person <= 20} == {1}
    assert {found[2]["frequency"] for person, found in scored(half).items() if person > 20} == {3}


def test_refunds_are_taken_off_and_other_money_is_not_counted() -> None:
    people = [*crowd(), Human(21, (bought(0.0, 500.0), bought(0.0, 480.0, verb="Refund"))), Human(22, (bought(0.0, 9e6, "USD"),))]
    learnt = rfm.settle(rfm.gather(frame(people), NOW, PLAIN), NOW, PLAIN)
    found = rfm.compute(frame(people), NOW, replace(PLAIN, learnt=learnt.model))
    money = {each.code: each.values for each in found.reasons(20)}["money"]
    assert (money["amount"], money["currency"]) == (20.0, "EUR")
    assert [each.code for each in found.reasons(21)] == ["recency", "frequency", "money_unknown"]
    assert found.confidence[21] == pytest.approx(0.7 * found.confidence[20])
    assert learnt.quality["with_money"] == pytest.approx(21 / 22, abs=1e-4)


def test_too_few_buyers_have_no_fifths() -> None:
    people = crowd()[:19]
    learnt = rfm.settle(rfm.gather(frame(people), NOW, PLAIN), NOW, PLAIN)
    assert (learnt.model, learnt.quality["why"]) == ({}, "few")
    assert np.isnan(rfm.compute(frame(people), NOW, PLAIN).value).all()


def test_every_name_has_its_place_on_the_grid() -> None:
    assert {each for row in rfm.GRID for each in row} == set(rfm.NAMES)


# Completeness


def test_completeness_asks_for_what_helps_most() -> None:
    """E-mail 3, name 2, city 1 of 13."""
    human = Human(1, (), {"email": "a@b.example", "name": "Ana", "city": "Vic", "phone": ""})
    found = completeness.compute(frame([human]), NOW, PLAIN)
    assert found.value[0] == pytest.approx(6 / 13)
    assert [each.values["field"] for each in found.reasons(0)][:2] == ["consent", "phone"]
    assert completeness.compute(frame([Human(1, (), human.traits, "denied")]), NOW, PLAIN).value[0] == pytest.approx(8 / 13)
