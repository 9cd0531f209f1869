"""The screen of customers: sentence, groups, list, download, what is told to analysts; the terms."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.analyse.value.shoppers import mail, person, purchase, shop
from tests.organise.community import bring, fact
from vincle.accounts.models import Role, Workspace
from vincle.analyse.value import customers_page, customers_words
from vincle.organise import ready_made, scoring_rounds, segmenting, worth_words
from vincle.organise.models import Score, ScoreRun
from vincle.organise.value_terms import Terms, set_terms, terms_of
from vincle.science.value import choosing

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
WORTH = ("value", "alive", "next_purchase")


def address(workspace: Workspace, name: str = "customers", **asked: Any) -> str:
    query = "&".join(f"{key}={value}" for key, value in asked.items())
    return reverse(f"value:{name}", kwargs={"workspace": workspace.slug}) + (f"?{query}" if query else "")


def text(client: Client, url: str) -> str:
    found = client.get(url)
    assert found.status_code == 200
    return found.content.decode().replace("\u00a0", " ")


@pytest.fixture
def shoppers(workspace: Workspace) -> Workspace:
    shop(workspace)
    assert scoring_rounds.everybody(workspace, WORTH) is not None
    return workspace


def test_with_no_purchase_the_page_leads_to_orders(workspace: Workspace, client_for: ClientFor) -> None:
    assert "worked out within minutes" in text(client_for(Role.OWNER), address(workspace))
    bring(workspace, [])
    scoring_rounds.everybody(workspace, WORTH)
    page = text(client_for(Role.OWNER), address(workspace))
    assert "Nobody has bought yet" in page
    assert reverse("listen:imports", kwargs={"workspace": workspace.slug}) in page
    assert "Connect a shop" in page


def test_the_page_says_it_in_words(shoppers: Workspace, client_for: ClientFor) -> None:
    page = text(client_for(Role.OWNER), address(shoppers))
    assert "Your 70 customers will spend about €" in page
    assert "9 times out of 10 between €" in page
    assert "Set your margin" in page
    assert "About to leave" in page
    assert "score=value:best" in page
    assert "template=value_best" in page
    assert "Averages, no forecast yet" not in page
    for told in ("Standard error", "Models compared", "not seen from here on", "Pareto/NBD", "All of this as CSV"):
        assert told in page
    set_terms(shoppers, None, margin=40)
    page = text(client_for(Role.OWNER), address(shoppers))
    assert "will bring about" in page
    assert "Being worked out anew" in page


def test_questions_do_not_grow_with_the_list(
    shoppers: Workspace, client_for: ClientFor, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_for(Role.OWNER)
    client.get(address(shoppers))
    with django_assert_max_num_queries(22):
        page = text(client, address(shoppers))
    assert page.count('class="who"') == customers_page.SIZE
    with django_assert_max_num_queries(22):
        text(client, address(shoppers, kind="best"))


def test_few_buyers_are_told_that_these_are_averages(workspace: Workspace, client_for: ClientFor) -> None:
    shop(workspace, people=9)
    scoring_rounds.everybody(workspace, WORTH)
    page = text(client_for(Role.VIEWER), address(workspace))
    assert "Averages, no forecast yet" in page
    assert "Only 9 people have bought so far, and 50 are needed" in page
    assert "Averages have none." in page


def test_money_left_out_is_told(workspace: Workspace, client_for: ClientFor) -> None:
    shop(workspace, people=9)
    bring(workspace, [purchase(1, 5, 80.0, "USD"), purchase(2, 5, None)], channel="shop")
    scoring_rounds.everybody(workspace, WORTH)
    page = text(client_for(Role.VIEWER), address(workspace))
    assert "1 purchase is in another currency than EUR" in page
    assert "Of 1 purchase no amount is known" in page


def test_of_so_many_some_stand_for_all_and_it_is_said(workspace: Workspace, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    shop(workspace, people=40)
    bring(workspace, [purchase(n, 5, 80.0, "USD") for n in range(40)], channel="shop")
    scoring_rounds.everybody(workspace, WORTH)
    assert "Learnt from all purchases" in text(client_for(Role.VIEWER), address(workspace))
    monkeypatch.setattr(scoring_rounds._All, "_share", lambda self, most: 0.5)
    scoring_rounds.everybody(workspace, WORTH)
    quality = ScoreRun.objects.get(name="value").quality
    assert 5 < quality["people"] < 40
    assert quality["share"] == ScoreRun.objects.get(name="alive").quality["share"] == 0.5
    page = text(client_for(Role.VIEWER), address(workspace))
    assert "Learnt from a sample of all purchases" in page
    assert f"{2 * quality['other_currency']} purchases are in other currencies" in page
    assert Score.objects.filter(name="value").count() == 40
    said = worth_words.quality({**quality, "state": "learnt", "model": "mbgnbd"})
    assert "50\u202f% were drawn by lot" in said


def test_who_bought_once_is_no_customer_for_sure(workspace: Workspace, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vincle.science.value.choosing.learn", partial(choosing.learn, models=("bgnbd",)))
    shop(workspace, people=55)
    bring(workspace, [purchase(n, 300, 20.0) for n in range(200, 204)], channel="shop")
    scoring_rounds.everybody(workspace, WORTH)
    quality = ScoreRun.objects.get(name="value").quality
    count = quality["told"]["customers"] - quality["told"]["repeaters"]
    assert f"{count} of them bought once so far and count as customers still" in text(client_for(Role.VIEWER), address(workspace))
    assert customers_words.once({**quality, "model": "mbgnbd"}) == ""
    scores = {row.name: row for row in Score.objects.filter(person=person(200))}
    assert scores["alive"].value == 1
    assert [reason[0] for reason in scores["alive"].reasons] == ["once", "last_bought"]
    assert "once" in [reason[0] for reason in scores["value"].reasons]


def test_customers_without_money_are_listed_without_it(workspace: Workspace, client_for: ClientFor) -> None:
    bring(workspace, [purchase(n, 40 * k + n, None) for n in range(1, 9) for k in range(1, 4)], channel="shop")
    scoring_rounds.everybody(workspace, WORTH)
    page = text(client_for(Role.VIEWER), address(workspace))
    assert "of your 8 customers are likely still ones" in page
    assert "Will spend" not in page
    assert page.count('class="who"') == 8


def test_it_sorts_filters_and_searches(shoppers: Workspace) -> None:
    def people(**asked: str) -> list[customers_page.Line]:
        return customers_page.page(shoppers, customers_page.asked(asked)).lines

    values = [line.value for line in people()]
    assert values == sorted(values, reverse=True)  # type: ignore[type-var]
    least = [line.alive for line in people(sort="alive")]
    assert least == sorted(least)  # type: ignore[type-var]
    days = [line.days for line in people(sort="next")]
    assert days == sorted(days)  # type: ignore[type-var]
    assert None not in days
    assert [line.who.person for line in people(q="shopper 004")] == [person(4)]
    assert {line.kind for line in people(kind="best")} == {"best"}
    assert all(line.days is not None and line.days <= 30 for line in people(soon="month"))
    second = customers_page.page(shoppers, customers_page.asked({"after": "2"}))
    assert (second.before, second.after, len(second.lines)) == (1, None, 20)
    for odd in ({"sort": "name; DROP"}, {"after": "9999999"}, {"kind": "x", "soon": "y"}, {"q": "\x00%_"}):
        customers_page.page(shoppers, customers_page.asked(odd))


def test_the_download_is_whole_and_safe(shoppers: Workspace, client_for: ClientFor) -> None:
    bring(shoppers, [fact(mail(0).value, "=HYPERLINK(1)", native_id="again")])
    found = client_for(Role.OWNER).get(address(shoppers, "customers_csv"))
    body = b"".join(found.streaming_content).decode()  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(body.removeprefix("\ufeff"))))
    assert len(rows) == 70
    assert not any(row["name"].startswith("=") for row in rows)
    row = rows[0]
    assert float(row["low"]) <= float(row["value"]) <= float(row["high"])
    assert row["currency"] == "EUR"
    assert client_for(Role.VIEWER).get(address(shoppers, "customers_csv")).status_code == 403
    told = b"".join(client_for(Role.OWNER).get(address(shoppers, "customers_model")).streaming_content).decode()  # type: ignore[attr-defined]
    assert "hold-out,error" in told


def test_groups_are_the_same_people_as_their_segments(shoppers: Workspace) -> None:
    owner = None
    for code in ("best", "leaving"):
        ready = ready_made.one(shoppers, f"value_{code}")
        assert ready is not None
        assert ready.predicate is not None
        segmenting.create(shoppers, owner, code, ready.predicate)
        asked = ready.predicate["all"]
        fits = set(Score.objects.filter(name="value", value__gte=asked[0]["at_least"] - 0.01).values_list("person", flat=True))
        alive = Score.objects.filter(name="alive", value__gte=asked[1]["at_least"], value__lte=asked[1].get("at_most", 1))
        fits &= set(alive.values_list("person", flat=True))
        assert fits == set(Score.objects.filter(name="value", label=code).values_list("person", flat=True))


def test_the_interval_of_the_sum_moves_with_purchases(shoppers: Workspace) -> None:
    quality = ScoreRun.objects.get(name="value").quality
    sums = customers_page.sums(shoppers)
    whole = customers_words.whole(sums, quality)
    assert whole is not None
    assert whole.value == pytest.approx(quality["total"]["value"], rel=1e-4)
    more = customers_page.Sums(sums.customers, sums.valued, sums.value * 2, sums.here, sums.kinds, sums.next)
    twice = customers_words.whole(more, quality)
    assert twice is not None
    assert twice.low == pytest.approx(2 * whole.low)
    assert customers_words.whole(sums, {}) is None


def test_terms_are_set_by_who_may_and_refused_in_words(workspace: Workspace, client_for: ClientFor) -> None:
    assert "Someone who manages" in text(client_for(Role.VIEWER), address(workspace, "terms"))
    assert client_for(Role.AGENT).post(address(workspace, "terms_save"), {"margin": "5"}).status_code == 403
    owner = client_for(Role.OWNER)
    found = owner.post(address(workspace, "terms_save"), {"margin": "140", "months": "24"})
    assert found.status_code == 422
    assert 'value="140"' in found.content.decode()
    assert terms_of(workspace) == Terms()
    assert owner.post(address(workspace, "terms_save"), {"margin": "40", "months": "24"}).status_code == 302
    assert (float(terms_of(workspace).margin), terms_of(workspace).months) == (0.4, 24)


def test_another_workspace_sees_nothing_of_it(shoppers: Workspace) -> None:
    other = Workspace.objects.create(name="Other", slug="other", currency="EUR")
    assert customers_page.sums(other).customers == 0
    assert customers_page.page(other, customers_page.asked({})).lines == []


def test_next_purchases_that_should_have_come_are_any_day() -> None:
    line = customers_page.Line(who=None, when=timezone.now() - timedelta(days=1))  # type: ignore[arg-type]
    assert line.is_any_day
