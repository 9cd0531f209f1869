"""Worth as scores: learnt in the round of everybody, true within seconds of a purchase, by the terms, in one currency."""

import json
from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from tests.analyse.value.shoppers import follow, person, purchase, shop
from tests.organise.community import bring
from vincle.accounts.models import Workspace
from vincle.identify import actions as identify
from vincle.organise import score_words, scoring, scoring_rounds
from vincle.organise.models import Score, ScoreRun
from vincle.organise.segment_words import Names, sentence
from vincle.organise.segments import reading
from vincle.organise.value_terms import set_terms
from vincle.project import pipeline
from vincle.science.value.choosing import Learnt, learn
from vincle.vocabulary import Verb

pytestmark = pytest.mark.django_db
WORTH = ("value", "alive", "next_purchase")


def of(number: int) -> dict[str, Score]:
    return {row.name: row for row in Score.objects.filter(person=person(number), name__in=WORTH)}


def told(row: Score, code: str) -> dict[str, float]:
    return next(each[1] for each in row.reasons if each[0] == code)


def everybody(workspace: Workspace) -> None:
    assert scoring_rounds.everybody(workspace, WORTH) is not None


def test_a_purchase_changes_what_someone_is_worth_at_once(workspace: Workspace) -> None:
    shop(workspace)
    follow()
    assert not Score.objects.filter(name__in=WORTH).exists()  # nothing was learnt yet
    everybody(workspace)
    before = of(3)
    assert {"value", "alive"} <= before.keys()
    bring(workspace, [purchase(3, 0.01, 35.0)], channel="shop")
    follow()
    after = of(3)
    assert after["alive"].value > before["alive"].value
    assert after["value"].value > before["value"].value
    assert "next_purchase" in after
    low, high = (told(after["value"], "between")[name] for name in ("low", "high"))
    assert low <= after["value"].value <= high
    assert after["value"].label in ("best", "promising", "leaving", "steady", "gone")


def test_the_round_says_how_it_learnt_and_what_all_are_worth(workspace: Workspace) -> None:
    shop(workspace)
    everybody(workspace)
    run = ScoreRun.objects.get(workspace=workspace, name="value")
    assert run.quality["state"] == "learnt"
    assert run.quality["told"]["holdout"]["customers"] > 25
    total = run.quality["total"]
    assert total["low"] < total["value"] < total["high"]
    values = list(Score.objects.filter(name="value").values_list("value", flat=True))
    assert sum(values) == pytest.approx(total["value"], rel=1e-4)
    alone = sum(told(row, "between")["high"] for row in Score.objects.filter(name="value"))
    assert total["high"] < alone  # of the sum: chance evens out
    reader = ScoreRun.objects.get(workspace=workspace, name="alive")
    assert reader.model == {}
    assert reader.quality["people"] == len(values)
    assert "told" not in reader.quality
    assert "off by" in score_words.quality("value", run.quality)


def test_few_buyers_get_averages_and_are_told_so(workspace: Workspace) -> None:
    shop(workspace, people=12)
    everybody(workspace)
    quality = ScoreRun.objects.get(workspace=workspace, name="value").quality
    assert (quality["state"], quality["why"], quality["model"]) == ("rule", "few_buyers", "cohorts")
    assert "12 people" in score_words.quality("value", quality)
    assert Score.objects.filter(name="value").count() == 12


def test_without_purchases_nothing_is_said(workspace: Workspace) -> None:
    bring(workspace, [])
    everybody(workspace)
    assert ScoreRun.objects.get(workspace=workspace, name="value").quality["why"] == "no_purchases"
    assert not Score.objects.filter(name__in=WORTH).exists()


def test_money_of_other_currencies_is_never_added_and_refunds_are_taken_off(workspace: Workspace) -> None:
    shop(workspace)
    bring(workspace, [purchase(1, 3, 9999.0, "USD"), purchase(2, 4, None), purchase(4, 0.5, 1e6, verb=Verb.REFUND)], channel="shop")
    everybody(workspace)
    quality = ScoreRun.objects.get(workspace=workspace, name="value").quality
    assert (quality["other_currency"], quality["without_amount"]) == (1, 1)
    assert told(of(1)["value"], "spends")["amount"] < 100
    assert told(of(1)["value"], "last_bought")["at"] == told(of(1)["alive"], "last_bought")["at"]
    assert 0 <= of(4)["value"].value < 10_000


def test_only_foreign_money_leaves_value_unsaid_and_the_rest_told(workspace: Workspace) -> None:
    bring(workspace, [purchase(n, 40 * k + n, 10.0, "USD") for n in range(1, 9) for k in range(1, 4)], channel="shop")
    everybody(workspace)
    assert not Score.objects.filter(name="value").exists()
    assert Score.objects.filter(name="alive").count() == 8


def test_a_person_buys_over_all_their_handles(workspace: Workspace) -> None:
    shop(workspace)
    everybody(workspace)
    count = told(of(5)["value"], "last_bought")["count"] + told(of(7)["value"], "last_bought")["count"]
    winner = identify.merge(workspace, person(5), person(7), None, via="command")
    pipeline.catch_up()
    follow()
    row = Score.objects.get(name="value", person=winner)
    assert count - 3 <= told(row, "last_bought")["count"] <= count  # days on which both bought are one


def test_other_terms_change_values_and_make_the_round_due(workspace: Workspace) -> None:
    shop(workspace)
    everybody(workspace)
    before = of(2)["value"].value
    assert set(scoring_rounds.due_of(workspace)).isdisjoint(WORTH)
    set_terms(workspace, None, margin=25, yearly_discount=10)
    assert set(WORTH) <= set(scoring_rounds.due_of(workspace))
    everybody(workspace)
    assert of(2)["value"].value == pytest.approx(before / 4, rel=1e-4)
    set_terms(workspace, None, months=24)
    everybody(workspace)
    assert of(2)["value"].value > before / 4 * 1.2


def test_what_did_not_change_is_not_written_again(workspace: Workspace) -> None:
    shop(workspace)
    now = timezone.now()
    scoring_rounds.everybody(workspace, WORTH, at=now)
    known = scoring.known_of(workspace)
    people = list(Score.objects.filter(name="value").values_list("person", flat=True))
    assert scoring.work_out(workspace, people, WORTH, known, now).written == {}
    later = scoring.work_out(workspace, people, WORTH, known, now + timedelta(days=40))
    assert later.moved  # time alone makes them less


def test_a_model_kept_with_its_names_in_another_order_is_the_same() -> None:
    """As PostgreSQL keeps them: by length, then by letter."""
    dice = np.random.default_rng(1)
    who, days = np.repeat(np.arange(80), 6), dice.integers(0, 500, 480)
    model = learn(who, days, dice.uniform(5, 50, 480), models=("bgnbd",), end_days=520)
    kept = json.loads(json.dumps(model.to_json()))
    kept["counts"] = {name: kept["counts"][name] for name in sorted(kept["counts"])}
    kept["counts"]["parameters"] = {name: kept["counts"]["parameters"][name] for name in sorted(kept["counts"]["parameters"], key=len)}
    again = Learnt.from_json(kept)
    for found in (model, again):
        assert found.counts.expected(2, 30, 40, 52) == model.counts.expected(2, 30, 40, 52)
        assert np.array_equal(found.counts.draws(2, 30, 40, 52, 0.9), model.counts.draws(2, 30, 40, 52, 0.9))


def test_worth_reads_as_money_shares_and_days() -> None:
    assert score_words.shown("value", 1234.4, "EUR") == "€\u00a01,234"
    assert "1,234" in score_words.shown("value", 1234.4, "USD")
    assert score_words.shown("alive", 0.734) == "73\u202f%"
    assert score_words.shown("next_purchase", 1.0) == "1 day"


def test_a_segment_asks_for_money_in_words(workspace: Workspace) -> None:
    asked = reading.read({"all": [{"score": "value", "at_least": 50}, {"score": "next_purchase", "at_most": 14}]})
    words = sentence(asked, Names.of(workspace)).replace("\u00a0", " ")
    assert "€ 50" in words
    assert "14 days" in words
