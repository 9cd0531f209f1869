"""Ways to a purchase: built of touches as they happened, shared out by every way of counting, the same on every door."""

import csv
import io
import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.analyse.touchpoints import costs, page, reading, rules, words
from vincle.analyse.touchpoints.channels import MOST, REST, coded, key_of, plain
from vincle.analyse.touchpoints.experiments import shown
from vincle.analyse.touchpoints.journeys import DAY, SITTING, Sales, Touches, build
from vincle.analyse.touchpoints.models import TouchCost, TouchExperiment, TouchRules
from vincle.analyse.touchpoints.refunds import Orders, left
from vincle.analyse.touchpoints.spending import spent
from vincle.engage.campaigns.models import Assignment, Campaign
from vincle.organise.models import Score
from vincle.project import pipeline
from vincle.project.commands.attribute import attribute_command
from vincle.science.attribution import MODELS, attribute
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb

Say = Callable[..., Activity]
Clients = Callable[..., Client]
NOW = timezone.now()


def of(touches: list[tuple[int, float, int]], sales: list[tuple[int, float]], until: float = 1_000, **more: Any) -> Any:
    """Touches (person, day, kind) and purchases (person, day) of 10 each."""
    person, day, kind = (np.array(column, float) for column in zip(*touches, strict=True)) if touches else (np.zeros(0),) * 3
    who, when = (np.array(column, float) for column in zip(*sales, strict=True)) if sales else (np.zeros(0),) * 2
    seen = Touches(("a", "b", "c"), person.astype(int), (day * DAY).astype(int), kind.astype(int))
    sold = Sales(who.astype(int), (when * DAY).astype(int), np.full(len(who), 10.0))
    return build(seen, sold, 0, int(until * DAY), **more)


def told(built: Any) -> list[tuple[int, list[int], float]]:
    paths = built.paths
    return [
        (int(built.person[i]), paths.steps[paths.starts[i] : paths.starts[i + 1]].tolist(), float(paths.conversions[i]))
        for i in range(paths.size)
    ]


def test_a_journey_ends_in_each_purchase_and_the_next_begins_after_it() -> None:
    built = of([(1, 1, 0), (1, 2, 1), (1, 5, 2), (1, 9, 0), (2, 3, 1)], [(1, 3), (1, 6)])
    assert told(built) == [(1, [0, 1], 1.0), (1, [2], 1.0), (1, [0], 0.0), (2, [1], 0.0)]
    assert built.is_first.tolist() == [True, False, False, True]


def test_what_came_after_the_purchase_or_too_long_before_does_not_count() -> None:
    built = of([(1, 1, 0), (1, 40, 1), (1, 50.5, 2)], [(1, 50)], until=50.2)
    assert told(built) == [(1, [1], 1.0)]
    assert of([(1, 1, 0)], [(1, 50)]).paths.untouched == 1


def test_pages_of_one_visit_are_one_touch() -> None:
    near = SITTING / DAY / 2
    assert told(of([(1, 1, 0), (1, 1 + near, 0), (1, 1 + 3 * near + 1, 0), (1, 2.5, 1)], [(1, 3)])) == [(1, [0, 0, 1], 1.0)]


def test_only_first_purchases_and_only_some_people() -> None:
    touches, sales = [(1, 1, 0), (1, 4, 1), (2, 1, 2)], [(1, 3), (1, 5), (2, 2)]
    assert told(of(touches, sales, first_only=True)) == [(1, [0], 1.0), (2, [2], 1.0)]
    assert told(of(touches, sales, people=np.array([2]))) == [(2, [2], 1.0)]
    assert told(of(touches, sales, wanted=np.array([False, True, False]))) == [(1, [1], 1.0)]


@given(
    st.lists(st.tuples(st.integers(1, 4), st.floats(0, 90), st.integers(-1, 2)), max_size=30),
    st.lists(st.tuples(st.integers(1, 4), st.floats(0, 90)), max_size=12),
)
def test_every_purchase_is_credited_once(touches: list[Any], sales: list[Any]) -> None:
    built = of(touches, sales, window=30)
    found = attribute(built.paths)
    assert found.conversions + found.untouched == pytest.approx(len(sales))
    for credits in found.credits.values():
        assert credits.sum() == pytest.approx(found.conversions)
    assert built.paths.total_value + built.paths.untouched_value == pytest.approx(10.0 * len(sales))


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20), st.integers(0, 1), st.integers(0, 9), st.integers(-1, 3), st.booleans())),
    st.integers(1, 20),
)
def test_no_refund_takes_more_than_was_paid(rows: list[Any], more: int) -> None:
    columns = [np.array(column) for column in zip(*rows, strict=True)] if rows else [np.zeros(0, np.int64)] * 5 + [np.zeros(0, bool)]
    bought, rest = left(Orders(*columns))
    assert ((rest >= 0) & (rest <= bought.money)).all()
    given_back = sum(row[3] for row in rows if not row[5])
    assert bought.money.sum() - rest.sum() <= given_back
    more_back = [*rows, (1, 99, 0, more, -1, False)]
    assert (left(Orders(*(np.array(column) for column in zip(*more_back, strict=True))))[1] <= rest).all()


def test_a_refund_is_of_its_order_else_of_what_was_bought_last() -> None:
    rows = [(7, 1, 0, 50, 5, True), (7, 2, 0, 30, 6, True), (7, 3, 1, 20, -1, True), (0, 4, 0, 50, 5, False), (7, 4, 0, 10, 99, False),
            (8, 4, 0, 10, -1, False), (7, 1, 0, 5, -1, False), (7, 5, 1, 99, -1, False)]  # fmt: skip
    assert left(Orders(*(np.array(column) for column in zip(*rows, strict=True))))[1].tolist() == [0, 20, 0]


@given(st.text(), st.text(), st.sampled_from(["source", "campaign"]))
def test_whatever_an_address_names_is_a_plain_key(source: str, campaign: str, level: str) -> None:
    key = key_of("ad", source, campaign, level)
    assert key.isprintable()
    assert not set(key) & set(">,*\x1f")
    assert plain(plain(source)) == plain(source)


def test_what_is_met_seldom_stands_together() -> None:
    sources = [f"s{n}" for n in range(MOST + 9) for _ in range(n + 1)]
    kinds, none = pa.array(["ad"] * len(sources)), pa.array([""] * len(sources))
    names, codes = coded(kinds, pa.array(sources), none, ("ad", "visit"), "source")
    assert (len(names), names[0], names[-2:]) == (MOST + 3, "ad", (f"ad:{REST}", "visit"))
    assert np.bincount(codes)[names.index(f"ad:{REST}")] == sum(range(1, 10))
    assert coded(pa.array(["mail_open"]), pa.array(["x"]), pa.array([None], pa.string()), ("ad",), "campaign")[1].tolist() == [-1]


def test_every_kind_has_words_and_a_stage() -> None:
    from vincle.analyse.metrics._touch_kinds import KINDS

    assert set(KINDS) == set(words.KINDS) == set(words.USUAL)


# In the store


@pytest.fixture
def shop(workspace: Workspace, say: Say) -> Workspace:
    """Ten came by an advertisement, read a page before they knew us by name, and bought; five only looked; one bought in dollars."""
    for at in range(10):
        ago = NOW - timedelta(days=20 - at)
        visitor = HandleRef("anonymous", f"cookie{at}")
        page_of: dict[str, Any] = {"channel": "web", "verb": Verb.VIEW, "object_type": ObjectType.PAGE}
        say(at=ago, actor=visitor, props={"utm_source": "<script>", "utm_medium": "cpc"}, **page_of)
        say(at=ago + timedelta(days=1), actor=visitor, **page_of)
        bought: dict[str, Any] = {"channel": "shop", "verb": Verb.PURCHASE, "object_type": ObjectType.ORDER, "amount": Decimal(20)}
        say(at=ago + timedelta(days=2), actor=visitor, currency="USD" if at == 9 else workspace.currency, **bought)
    for at in range(5):
        looker = HandleRef("anonymous", f"looker{at}")
        say(at=NOW - timedelta(days=5), actor=looker, channel="web", verb=Verb.VIEW, object_type=ObjectType.PAGE)
    pipeline.catch_up()
    return workspace


def address(workspace: Workspace, name: str = "touchpoints", **more: Any) -> str:
    return reverse(f"touchpoints:{name}", kwargs={"workspace": workspace.slug, **more})


def found(workspace: Workspace, **rule: Any) -> reading.Found:
    first, last = (NOW - timedelta(days=60)).date(), NOW.date()
    chosen = rules.Rules({**words.USUAL, **rule}, 30, False)
    return reading.read(workspace, reading.Wanted(first, last, chosen))


@pytest.mark.django_db
def test_ways_are_shared_out_and_other_money_is_told_apart(shop: Workspace) -> None:
    made = found(shop)
    assert (made.told.conversions, made.told.journeys, made.foreign) == (10, 15, 1)
    assert made.built.paths.total_value == 180
    rows = {row["kind"]: row for row in page.rows(made)}
    assert (rows["ad"]["part"], rows["visit"]["part"]) == (1, 1)
    assert [each["share"] for each in rows["ad"]["models"]][:2] == [1, 0]
    assert found(shop, ad="").told.channels[0] != "ad"


@pytest.mark.django_db
def test_whoever_answers_an_opinion_leader_met_one(workspace: Workspace, say: Say) -> None:
    say("star", at=NOW - timedelta(days=9))
    say("ana", at=NOW - timedelta(days=8), target=HandleRef("x", "star"))
    say("ana", at=NOW - timedelta(days=7), verb=Verb.PURCHASE, object_type=ObjectType.ORDER, amount=Decimal(5), currency=workspace.currency)
    pipeline.catch_up()
    star = reading.read(workspace, reading.Wanted((NOW - timedelta(days=60)).date(), NOW.date(), rules.Rules(words.USUAL, 30, False)))
    assert {star.told.channels[step] for step in star.built.paths.steps} == {"comment"}
    from vincle.listen.models import Activity as Row

    key = Row.objects.exclude(target=None).get().target
    Score.objects.create(workspace=workspace, person=key, name="influence", value=9)
    assert "leader" in {row["kind"] for row in page.rows(found(workspace))}


@pytest.mark.django_db
def test_the_page_the_files_and_the_command_say_the_same(shop: Workspace, client_for: Clients, tmp_path: Path) -> None:
    client = client_for(Role.OWNER)
    text = client.get(address(shop)).content.decode()
    assert "takes part in 100" in text.replace("\xa0", " ")
    assert "<script>" not in text.split("</head>")[1].replace("<script src", "")
    table = list(csv.DictReader(io.StringIO(client.get(address(shop, "csv")).getvalue().decode("utf-8-sig"))))
    file = tmp_path / "paths.csv"
    file.write_bytes(client.get(address(shop, "paths_csv")).getvalue())
    columns = [f"--{each}={each}" for each in ("path", "days", "conversions", "value", "nulls")]
    said = json.loads(CliRunner().invoke(attribute_command, [str(file), *columns, "--json"]).stdout)
    by_command = {row["channel"]: row for row in said["channels"]}
    for row in table:
        for model in MODELS:
            assert float(row[model]) == pytest.approx(by_command[row["touchpoint"]][model], abs=1e-6)
    assert b"cpc" not in client.get(address(shop, "transitions_csv")).getvalue()
    people = client.get(address(shop, "people") + "?path=ad>visit").content.decode()
    assert people.count("a purchase") >= 10
    assert client.get(address(shop, "people") + "?path=nothing.%00").status_code == 200


@pytest.mark.django_db
def test_no_more_queries_for_more_people(shop: Workspace, client_for: Clients, django_assert_max_num_queries: Any) -> None:
    client = client_for(Role.OWNER)
    client.get(address(shop))
    with django_assert_max_num_queries(26):
        client.get(address(shop))


@pytest.mark.django_db
def test_the_team_decides_and_it_is_audited(shop: Workspace, owner: User, client_for: Clients) -> None:
    client = client_for(Role.OWNER)
    stages = {f"stage_{kind}": stage for kind, stage in words.USUAL.items()}
    client.post(address(shop, "rules"), {**stages, "stage_visit": "", "window": "7", "first_only": "on"})
    kept = rules.rules_of(shop)
    assert (kept.window, kept.first_only, "visit" in kept.counted) == (7, True, False)
    client.post(address(shop, "rules"), {**stages, "window": "8"})
    client.post(address(shop, "rules"), {f"stage_{kind}": "" for kind in words.KINDS} | {"window": "7"})
    assert rules.rules_of(shop) == kept
    client.post(address(shop, "costs"), {"cost|ad|": "120,50", "cost|visit|": "30"})
    wrong = client.post(address(shop, "costs"), {"cost|ad|": "=1+1", "cost|visit|": "99"})
    assert 'value="=1+1"' in wrong.content.decode()
    assert costs.costs_of(shop) == {"ad": {None: Decimal("120.50")}, "visit": {None: Decimal(30)}}
    TouchRules.objects.all().delete()
    assert "Could be spent" in client.get(address(shop)).content.decode()
    client.post(address(shop, "costs"), {"cost|ad|": "", "cost|visit|": ""})
    assert not TouchCost.objects.exists()
    assert {"touchpoints", "touchpoint cost"} <= set(AuditEntry.objects.values_list("object_type", flat=True))


@pytest.mark.django_db
def test_costs_are_of_months_and_come_from_a_file(shop: Workspace, client_for: Clients) -> None:
    client = client_for(Role.OWNER)
    month = NOW.date().replace(day=1)

    def bring(text: str) -> str:
        file = SimpleUploadedFile("costs.csv", text.encode("utf-8-sig"))
        return str(client.post(address(shop, "costs"), {"file": file}, follow=True).content.decode())

    assert "3 sums were changed" in bring(
        f"Touchpoint;Month;Cost;Currency\nAdvertisement;;310,00;eur\nad:Google:<b>May;{month:%Y-%m};90;\nvisit;2020-01;1;\n"
    )
    known = costs.costs_of(shop)
    assert known == {"ad": {None: Decimal(310)}, "ad:google:<b-may": {month: Decimal(90)}, "visit": {date(2020, 1, 1): Decimal(1)}}
    told = bring("touchpoint,month,cost\nad,2026-01,1\nad,2026-1x,1\n")
    assert "Line 3" in told
    head = "touchpoint,month,cost,currency"
    rows = ("ad,,1\nad,,2", "ad,,1,USD", "luck,,1", "ad,2026-13,1", '"ad,,\x00', "ad,,1e999", "ad,,=1+1", "ad:,,1")
    for wrong in ("", "a,b\n1,2", *(f"{head}\n{each}" for each in rows)):
        bring(wrong)
        assert costs.costs_of(shop) == known
    back = client.get(address(shop, "costs_csv")).getvalue()
    assert "Nothing was changed" in bring(back.decode("utf-8-sig"))
    assert "<b-may" not in client.get(address(shop, "costs") + "?by=campaign").content.decode()
    page_text = client.get(address(shop) + "?by=source").content.decode()
    assert "In none of these rows" in page_text
    assert client_for(Role.VIEWER).get(address(shop, "costs")).status_code == 403


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 400), st.integers(0, 400))
def test_days_of_months_add_up(first: date, one: int, other: int) -> None:
    middle, last = first + timedelta(days=one), first + timedelta(days=one + 1 + other)
    costs_: dict[str, dict[date | None, Decimal]] = {"ad": {None: Decimal("31.37")}}
    whole = spent(costs_, first, last, ["ad"]).by["ad"].amount
    parts = [spent(costs_, *ends, ["ad"]).by["ad"].amount for ends in ((first, middle), (middle + timedelta(days=1), last))]
    assert abs(whole - sum(parts)) <= Decimal("0.02")


@pytest.mark.django_db
def test_an_experiment_is_planned_and_settled(shop: Workspace, client_for: Clients) -> None:
    client = client_for(Role.OWNER)
    client.post(address(shop, "experiment_new"), {"kind": "ad", "base": "10", "lift": "20", "held": "50", "a_day": "100"})
    client.post(address(shop, "experiment_new"), {"kind": "ad", "base": "0", "lift": "20", "held": "50"})
    client.post(address(shop, "experiment_new"), {"kind": "ad", "base": "nan", "lift": "x", "held": "50"})
    row = TouchExperiment.objects.get()
    assert row.treated == row.held > 3_000
    assert row.days
    client.post(address(shop, "experiment", pk=row.pk), {"treated": "10", "converted": "11", "held": "10", "converted_held": "1"})
    row.refresh_from_db()
    assert row.counts == {}
    client.post(address(shop, "experiment", pk=row.pk), {"treated": "4000", "converted": "800", "held": "4000", "converted_held": "400"})
    assert "It brings purchases" in client.get(address(shop)).content.decode()
    client.post(address(shop, "experiment_delete", pk=row.pk))
    assert not TouchExperiment.objects.exists()


@pytest.mark.django_db
def test_an_experiment_makes_its_campaign_and_reads_it(shop: Workspace, client_for: Clients) -> None:
    client = client_for(Role.OWNER)
    for kind, held in (("mail_click", "30"), ("ad", "30")):
        client.post(address(shop, "experiment_new"), {"kind": kind, "base": "10", "lift": "90", "held": held})
    letters, ads = TouchExperiment.objects.get(kind="mail_click"), TouchExperiment.objects.get(kind="ad")
    assert client.get(address(shop)).content.decode().count("Make the campaign") == 1
    made = client.post(address(shop, "experiment_campaign", pk=letters.pk), follow=True).content.decode()
    campaign = Campaign.objects.get()
    assert (campaign.state, campaign.held_out, campaign.goal) == ("draft", 30, "purchase")
    assert f"#experiment-{letters.pk}" in made
    for row in (letters, ads):
        client.post(address(shop, "experiment_campaign", pk=row.pk))
    assert Campaign.objects.count() == 1
    page_text = client.get(address(shop)).content.decode()
    assert campaign.public in page_text
    assert "Make the campaign" not in page_text
    Campaign.objects.update(state="done", begun_at=NOW, drawn_at=NOW, last_at=NOW)
    drawn = [Assignment(workspace=shop, campaign=campaign, person=n, handle=n, is_held=n % 2 == 0, arm=None if n % 2 == 0 else 0,
                        starts_at=NOW, bought_at=NOW if n % 2 and n % 4 == 1 else None) for n in range(400)]  # fmt: skip
    Assignment.objects.bulk_create(drawn)
    told_of = shown(shop, TouchExperiment.objects.get(pk=letters.pk))
    assert told_of["outcome"].verdict == "works"
    assert "It brings purchases" in client.get(address(shop)).content.decode()
    assert client_for(Role.VIEWER).post(address(shop, "experiment_campaign", pk=letters.pk)).status_code == 403


@pytest.mark.django_db
def test_who_may_only_look_changes_nothing(shop: Workspace, client_for: Clients) -> None:
    client = client_for(Role.VIEWER)
    assert client.get(address(shop)).status_code == 200
    for name in ("rules", "costs", "experiment_new"):
        assert client.post(address(shop, name), {}).status_code == 403


@pytest.mark.django_db
def test_nothing_known_says_what_to_do(workspace: Workspace, client_for: Clients) -> None:
    assert "Connect" in client_for(Role.OWNER).get(address(workspace)).content.decode()


@pytest.mark.django_db
def test_whatever_is_typed_in_the_page_still_opens(shop: Workspace, client_for: Clients) -> None:
    client = client_for(Role.OWNER)
    for base, lift, a_day in (("0.0000000001", "0.0000001", "1"), ("1e-200", "1", "1"), ("10", "20", "1e-300")):
        client.post(address(shop, "experiment_new"), {"kind": "ad", "base": base, "lift": lift, "held": "50", "a_day": a_day})
    row = TouchExperiment.objects.create(workspace=shop, kind="ad", base=0.1, lift=0.2, treated=10, held=10)
    for told in ({"campaign": "²"}, {"campaign": "9" * 30}, {"campaign": "12345"}, {"treated": "9" * 15, "held": "9" * 15}):
        assert client.post(address(shop, "experiment", pk=row.pk), told).status_code == 302
    row.refresh_from_db()
    assert (row.counts, row.campaign) == ({}, None)
    for query in ("product=%00", "segment=%00", "from=x&to=y", "order=9", "path=ad>visit&product=<b>", "days=%00"):
        for name in ("touchpoints", "people"):
            assert client.get(address(shop, name) + "?" + query).status_code == 200
