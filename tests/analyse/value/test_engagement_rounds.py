"""A round: what is in the log, the network and the terms becomes what each person is worth."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.analyse.value import company as town
from tests.organise.community import act, bring, fact
from vincle.accounts.models import User, Workspace
from vincle.analyse.value import engagement_due, engagement_page, engagement_rounds, engagement_terms, engagement_told
from vincle.analyse.value.models import EngagementEvidence, EngagementRun, EngagementValue
from vincle.identify import actions as identify
from vincle.identify import forgetting
from vincle.organise import warehouse
from vincle.organise.models import Score
from vincle.project import pipeline
from vincle.store import lease
from vincle.vocabulary import Verb, public_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(workspace: Workspace) -> Workspace:
    town.company(workspace)
    town.expect(workspace)
    return workspace


def test_who_brings_others_is_worth_more_than_their_orders(company: Workspace, owner: User) -> None:
    town.recommend(company, owner, "marta", "ana", "bea")
    town.price(company, owner, margin="50", acquisition_cost="9")
    found = town.worked(company)
    marta = found["marta"]
    # Half of 95, and of 40 and 60 ever, and what is expected of both; Dora came new by the code, Carla had bought before.
    assert marta.referral == Decimal("47.50") + 210 + 50 + 80 + 35 + 9
    assert (marta.newcomers, marta.own, marta.bought, marta.purchases) == (4, 10, 20, 1)
    assert marta.total == marta.own + marta.referral
    assert marta.kind == "advocate"
    kinds = {row[0]: row[1] for row in town.evidence(company, "marta")["brought"]}
    assert kinds[public_id(town.person(company, "carla"))] is True
    assert kinds[public_id(town.person(company, "dora"))] is False


def test_the_interval_is_that_of_her_own_and_of_whom_she_brought(company: Workspace, owner: User) -> None:
    town.recommend(company, owner, "marta", "ana")
    marta = town.worked(company)["marta"]
    below, above = (6**2 + 100**2) ** 0.5, (10**2 + 120**2) ** 0.5
    assert float(marta.total - marta.low) == pytest.approx(below, abs=0.01)
    assert float(marta.high - marta.total) == pytest.approx(above, abs=0.01)


def test_what_has_no_price_is_counted_and_in_no_amount(company: Workspace, owner: User) -> None:
    town.talk(company, owner, "rob", 42)
    found = town.worked(company)
    assert (found["ana"].reviews, found["ana"].knowledge) == (3, 0)
    assert (found["rob"].seconds, found["rob"].sends, found["rob"].cost) == (42 * 60, 2, 0)
    assert set(EngagementRun.objects.get().figures["unpriced"]) == {"reviews", "seconds", "sends"}


def test_knowledge_and_cost_are_priced_by_the_terms(company: Workspace, owner: User) -> None:
    town.talk(company, owner, "rob", 40)
    town.letter(company, "rob")
    town.letter(company, "rob", 1, state="failed")
    town.price(company, owner, "30", review_price="1.50", send_cost="0.25")
    found = town.worked(company)
    assert found["ana"].knowledge == Decimal("4.50")
    assert (found["rob"].cost, found["rob"].sends) == (20 + Decimal("0.75"), 3)
    assert found["rob"].total == 40 - found["rob"].cost
    assert found["rob"].kind == "costly"
    assert EngagementRun.objects.get().figures["unpriced"] == []


def test_a_letter_that_a_report_tells_of_is_counted_once(company: Workspace) -> None:
    assert town.worked(company)["rob"].sends == 2
    town.letter(company, "rob", native="letter-0")
    assert town.worked(company)["rob"].sends == 2


def test_money_of_others_and_what_was_given_back_is_told_apart(company: Workspace) -> None:
    rob = town.worked(company)["rob"]
    assert (rob.bought, rob.purchases, rob.other_money) == (370, 1, 1)


def test_no_money_is_counted_twice_in_the_sum_of_all(company: Workspace, owner: User) -> None:
    town.recommend(company, owner, "marta", "ana", "bea")
    town.price(company, owner, acquisition_cost="9", review_price="2")
    rows = town.worked(company)
    figures = EngagementRun.objects.get().figures
    own, cost = (sum(getattr(row, name) for row in rows.values()) for name in ("own", "cost"))
    assert Decimal(figures["new"]) == own + 9 + 6 - cost
    assert Decimal(figures["shifted"]) == sum(row.referral + row.influence for row in rows.values()) - 9
    assert (figures["newcomers"], figures["anyway"]) == (4, 1)


def test_those_who_listen_count_by_the_share_of_their_attention(company: Workspace, owner: User) -> None:
    items: list[Any] = [act(town.mail("marta"), native_id="m-0", object_key="m-0", text="words")]
    items += [act(town.mail(name), Verb.ANNOUNCE, native_id=f"{name}-s", object_key="m-0", days=0) for name in ("carla", "rob")]
    bring(company, items, channel="shop")
    town.price(company, owner, influence_share="20")
    found = town.worked(company)
    # A share is two acts of attention, one is kept: two thirds of a fifth of what each is expected to bring. Carla came by Marta's code.
    assert float(found["marta"].influence) == pytest.approx(0.2 * 40 * 2 / 3, rel=0.01)
    assert found["marta"].swayed == 1
    assert town.evidence(company, "marta")["swayed"][0][0] == public_id(town.person(company, "rob"))


def test_segments_can_ask_it_and_the_reasons_are_its_parts(company: Workspace, owner: User) -> None:
    town.recommend(company, owner, "marta", "ana")
    marta = town.worked(company)["marta"]
    score = Score.objects.get(name="engagement", person=marta.person)
    assert score.value == float(marta.total)
    assert [code for code, _values, _weight in score.reasons] == ["worth_referral", "worth_own"]
    assert sum(abs(weight) for _code, _values, weight in score.reasons) == pytest.approx(1, abs=0.001)


def test_a_round_asks_as_many_queries_for_many_as_for_few(company: Workspace, owner: User) -> None:
    few = _asked_with(company, owner, 20)
    assert _asked_with(company, owner, 60) <= few + 2


def _asked_with(company: Workspace, owner: User, count: int) -> int:
    """How many queries a round takes with so many more people, some of whom Marta brought."""
    bring(company, [fact(f"more{n}@company.example", f"More {n}") for n in range(count)], name="more.csv")
    bring(company, [town.buys(f"more{n}", "12", 9) for n in range(count)], channel="shop")
    town.recommend(company, owner, "marta", *(f"more{n}" for n in range(count // 3)))
    town.worked(company)
    with CaptureQueriesContext(connection) as asked:
        town.worked(company)
    return len(asked)


def test_a_round_done_again_changes_nothing_and_what_is_gone_goes(company: Workspace, owner: User) -> None:
    town.recommend(company, owner, "marta", "ana")
    first = {name: (row.total, row.low, row.kind) for name, row in town.worked(company).items()}
    assert {name: (row.total, row.low, row.kind) for name, row in town.worked(company).items()} == first
    EngagementValue.objects.create(workspace=company, person=7, total=1)
    EngagementEvidence.objects.create(workspace=company, person=7)
    town.worked(company)
    assert not EngagementValue.objects.filter(person=7).exists()
    assert not EngagementEvidence.objects.filter(person=7).exists()


def test_whoever_is_joined_is_added_up_until_the_next_round(company: Workspace, owner: User) -> None:
    town.recommend(company, owner, "marta", "ana")
    before = town.worked(company)
    marta, dora = before["marta"], before["dora"]
    identify.merge(company, dora.person, marta.person, owner)
    kept = identify.person_of(company, dora.person)
    assert kept is not None
    standing = engagement_page.of_person(company, kept.pk)
    assert standing is not None
    assert standing.is_summed
    assert (standing.value.total, standing.value.bought) == (marta.total + dora.total, marta.bought + dora.bought)
    pipeline.catch_up()
    town.worked(company)
    standing = engagement_page.of_person(company, kept.pk)
    assert standing is not None
    assert (standing.is_summed, standing.value.bought) == (False, 90)


def test_the_forgotten_are_worth_nothing_and_named_nowhere(company: Workspace, owner: User) -> None:
    town.recommend(company, owner, "marta", "ana")
    ana = town.worked(company)["ana"]
    assert forgetting._erasers["value"](company, [town.key(company, "ana")], [ana.person]) == {"engagement values": 1}
    assert not EngagementValue.objects.filter(person=ana.person).exists()
    assert not EngagementEvidence.objects.filter(person=ana.person).exists()
    assert engagement_due.is_due(company)


def test_when_it_is_due(company: Workspace, other_workspace: Workspace, owner: User) -> None:
    assert engagement_due.is_due(company)
    assert not engagement_due.is_due(other_workspace)
    assert engagement_rounds.turn()
    now = timezone.now()
    later = now + timedelta(minutes=30)
    assert not engagement_due.is_due(company, later)
    assert engagement_due.is_due(company, now + timedelta(days=1, minutes=1))
    town.price(company, owner, review_price="2")
    assert not engagement_due.is_due(company, now)
    assert engagement_due.is_due(company, later)


def test_one_process_at_a_time(company: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with lease.held(engagement_due.name_of(company)):
        monkeypatch.setattr(lease, "ME", "elsewhere:1:abc")
        assert engagement_rounds.run(company) is None
        assert not engagement_due.is_due(company)


def test_what_went_wrong_is_kept_and_what_stood_before_stays(company: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    before = town.worked(company)

    def broken(*_: Any) -> None:
        raise ValueError("the lake\x00 is dry")

    monkeypatch.setattr("vincle.analyse.value.engagement_reading.read", broken)
    with pytest.raises(ValueError, match="dry"):
        engagement_rounds.run(company)
    run = EngagementRun.objects.get()
    assert run.problem == "ValueError: the lake is dry"
    assert EngagementValue.objects.count() == len(before)
    assert not engagement_due.is_due(company)


def test_nobody_at_all(workspace: Workspace) -> None:
    assert not engagement_due.any_due()
    warehouse.tables()
    assert town.worked(workspace) == {}
    assert EngagementRun.objects.get().figures["new"] == "0.00"


def test_evidence_leads_to_people_words_and_conversations(company: Workspace, owner: User) -> None:
    thread = town.talk(company, owner, "ana", 12)
    town.recommend(company, owner, "ana", "bea")
    town.worked(company)
    prices = engagement_terms.prices_of(company)
    told = engagement_told.told(company, town.evidence(company, "ana"), float(prices.acquisition or 0))
    assert [each.text for each in told.reviews] == ["Good coffee 0", "Good coffee 1", "Good coffee 2"][::-1]
    assert [(each.public, each.minutes) for each in told.talks] == [(public_id(thread), 12)]
    assert [(each.who.name, each.so_far, each.expected, each.anyway) for each in told.newcomers] == [("Bea", 100, 80, False)]


def test_people_of_another_workspace_are_no_part_of_it(company: Workspace, other_workspace: Workspace, owner: User) -> None:
    town.company(other_workspace)
    town.expect(other_workspace)
    town.recommend(company, owner, "marta", "ana")
    town.worked(company)
    ours = set(EngagementValue.objects.of(company).values_list("person", flat=True))
    town.worked(other_workspace)
    assert set(EngagementValue.objects.of(company).values_list("person", flat=True)) == ours
    assert not ours & set(EngagementValue.objects.of(other_workspace).values_list("person", flat=True))
    assert engagement_page.of_person(other_workspace, town.person(company, "marta")) is None
