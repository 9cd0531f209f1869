"""Laws of every score: within its range, nothing of whom nothing is known, whatever the order, whatever the unit of money and the clock."""

import json
import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.organise.scores.crowds import AT, DAY, NOON, NOW, Deed, Human, frame
from vincle.organise import score_words
from vincle.organise.scores.base import Known, Learnt, Score
from vincle.organise.scores.registry import learner, scores, teacher
from vincle.organise.segments.frame import Now

EVERY = pytest.mark.parametrize("score", list(scores().values()), ids=list(scores()))
ALWAYS = ("completeness", "registration")
"""How much is known of someone is always known."""
PLAIN = Known(currency="EUR")
LABELS = (("channel", "shop"), ("topic", "price"), ("product", "latte"), ("intent", "complaint"), ("intent", "question"),
          ("intent", "purchase_intent"), ("event", "Product Viewed"), ("event", "cart_viewed"), ("currency", "EUR"))  # fmt: skip

deeds = st.builds(
    Deed,
    days=st.integers(0, 900).map(float) | st.sampled_from([-3.0, 0.0, 30.0, 90.0, 365.0, 4000.0]),
    verb=st.sampled_from(
        ["Create", "Purchase", "Purchase", "Refund", "View", "Like", "Follow", "Submit", "Read", "Undo", "Announce", "Deliver"]
    ),
    kind=st.sampled_from(["Note", "Order", "Review", "Answer", "Page", "Link", "Form", "Subscription"]),
    by_us=st.booleans(),
    sentiment=st.sampled_from(["", "positive", "neutral", "negative"]),
    amount=st.none() | st.sampled_from([0.0, 5.0, 20.0, 1e9]),
    rating=st.none() | st.sampled_from([0.0, 0.5, 1.0]),
    labels=st.lists(st.sampled_from(LABELS), max_size=4, unique=True).map(tuple),
    seq=st.integers(0, 1000),
)
traits = st.dictionaries(st.sampled_from(["email", "name", "phone", "city", "company", "birthday"]), st.sampled_from(["x", "", None]))
humans = st.builds(
    Human, id=st.just(0), deeds=st.lists(deeds, max_size=12).map(tuple), traits=traits, consent=st.sampled_from(["", "granted", "denied"])
)
crowds = st.lists(humans, min_size=1, max_size=25).map(lambda found: [replace(each, id=7 * at + 1) for at, each in enumerate(found)])


def learnt(score: Score, people: list[Human], now: Now = NOW, at: int = NOON, parts: int = 1) -> Known:
    """What holds after everybody was looked at, in so many parts."""
    found = learner(teacher(score.SCORE.name))
    if found is None:
        return PLAIN
    rows = [found.gather(frame(people[part::parts], at), now, PLAIN) for part in range(parts)]
    return replace(PLAIN, learnt=through_json(found.settle(np.concatenate(rows), now, PLAIN)).model)


def through_json(found: Learnt) -> Learnt:
    """As it comes back from the store; nothing that JSON has no word for."""
    return Learnt(*(json.loads(json.dumps(dict(each), allow_nan=False)) for each in found))


def table(score: Score, people: list[Human], known: Known, now: Now = NOW, at: int = NOON) -> dict[int, tuple[Any, ...]]:
    crowd = frame(people, at)
    found = score.compute(crowd, now, known)
    assert len(found.value) == len(found.confidence) == len(found.label) == len(people)
    return {
        int(person): (round(float(found.value[i]), 9), round(float(found.confidence[i]), 9), found.label[i], list(found.reasons(i)))
        for i, person in enumerate(crowd.ids)
    }  # fmt: skip


def same(left: dict[int, tuple[Any, ...]], right: dict[int, tuple[Any, ...]]) -> None:
    for person, (value, sure, name, reasons) in left.items():
        other = right[person]
        assert other[0] == pytest.approx(value, rel=1e-9, abs=1e-7, nan_ok=True)
        assert other[1] == pytest.approx(sure, abs=1e-7, nan_ok=True)
        assert other[2] == name
        assert {each.code for each in other[3]} == {each.code for each in reasons}


@EVERY
@settings(max_examples=40)
@given(people=crowds)
def test_it_stays_within_its_range_and_is_never_half_known(score: Score, people: list[Human]) -> None:
    spec = score.SCORE
    for known in (PLAIN, learnt(score, people)):
        for value, sure, name, reasons in table(score, people, known).values():
            if math.isnan(value):
                assert math.isnan(sure)
                assert (name, reasons) == ("", [])
                continue
            assert spec.lowest <= value <= spec.highest
            assert 0 <= sure <= 1
            assert name in ("", *spec.labels)
            for reason in reasons:
                assert math.isfinite(reason.weight)
                json.dumps(dict(reason.values), allow_nan=False)
                assert score_words.reason(reason.code, reason.values, spec.name, lambda *_: ""), reason


@EVERY
def test_of_whom_nothing_is_known_nothing_is_said(score: Score) -> None:
    """Nobody's acts, only ours, or only what is still to come. What is known of a person is always known."""
    silent = [Human(1), Human(2, (Deed(3.0, by_us=True, sentiment="positive", rating=1.0),)), Human(3, (Deed(-5.0, "Purchase", "Order"),))]
    for known in (PLAIN, learnt(score, silent)):
        values = [value for value, *_ in table(score, silent, known).values()]
        assert values == [0.0, 0.0, 0.0] if score.SCORE.name in ALWAYS else all(map(math.isnan, values))
    assert len(score.compute(frame([]), NOW, PLAIN).value) == 0


@EVERY
@settings(max_examples=25)
@given(people=crowds, data=st.data())
def test_no_order_matters(score: Score, people: list[Human], data: st.DataObject) -> None:
    """Of acts of the same moment, of people, of the parts they were looked at in."""
    shuffled = data.draw(st.permutations(people))
    mixed = [replace(each, deeds=tuple(replace(deed, seq=-deed.seq) for deed in reversed(each.deeds))) for each in shuffled]
    same(table(score, people, learnt(score, people)), table(score, mixed, learnt(score, mixed, parts=3)))


@EVERY
@settings(max_examples=25)
@given(people=crowds)
def test_one_person_alone_is_scored_as_among_others(score: Score, people: list[Human]) -> None:
    known = learnt(score, people)
    whole = table(score, people, known)
    for each in people[:4]:
        same({each.id: whole[each.id]}, table(score, [each], known))


@EVERY
@settings(max_examples=25)
@given(people=crowds, days=st.integers(1, 4000))
def test_the_same_history_at_another_time_is_the_same(score: Score, people: list[Human], days: int) -> None:
    later, at = Now(AT + timedelta(days=days)), NOON + days * DAY
    same(table(score, people, learnt(score, people)), table(score, people, learnt(score, people, later, at), later, at))


@EVERY
@settings(max_examples=25)
@given(people=crowds, times=st.sampled_from([0.01, 3.0, 1000.0]))
def test_another_unit_of_money_changes_nothing_but_money(score: Score, people: list[Human], times: float) -> None:
    def paid(deed: Deed) -> Deed:
        return replace(deed, amount=None if deed.amount is None else deed.amount * times)

    other = [replace(each, deeds=tuple(map(paid, each.deeds))) for each in people]
    found, changed = table(score, people, learnt(score, people)), table(score, other, learnt(score, other))
    if score.SCORE.unit == "money":
        for person, (value, *_) in found.items():
            assert changed[person][0] == pytest.approx(min(value * times, score.SCORE.highest), rel=1e-6, abs=1e-6, nan_ok=True)
        return
    same(found, changed)


@EVERY
def test_it_has_words(score: Score) -> None:
    spec = score.SCORE
    assert score_words.name(spec.name) != spec.name
    assert len(score_words.about(spec.name)) > 30
    assert all(score_words.label(spec.name, each) != each for each in spec.labels)
    assert score_words.shown(spec.name, spec.lowest) != score_words.shown(spec.name, spec.highest)


@EVERY
def test_what_was_learnt_by_another_version_is_not_used(score: Score) -> None:
    human = Human(1, (Deed(10.0, "Purchase", "Order", amount=5.0, labels=(("currency", "EUR"),)), Deed(2.0, sentiment="positive")))
    for odd in ({"fit": {"weights": [1.0], "covariance": [[1.0]]}, "means": []}, {"fit": None}, {"fit": {"weights": "x", "covariance": 3}}):
        same(table(score, [human], PLAIN), table(score, [human], replace(PLAIN, learnt=odd)))
