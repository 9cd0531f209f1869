"""The board: one figure at every door, narrowed, lit, and honest where there is nothing."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from decimal import Decimal
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from vincle.accounts.models import AuditEntry, Role, Workspace
from vincle.analyse.kpis import actions, reading
from vincle.analyse.kpis.models import Rules, Spend, Target
from vincle.analyse.kpis.registry import kpis
from vincle.organise import value_terms
from vincle.organise.models import Membership, Profile, Segment
from vincle.project import pipeline
from vincle.project.commands.figures import figures_command
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb

Say = Callable[..., Activity]
Clients = Callable[..., Client]
NOON = datetime.combine(timezone.now().astimezone(ZoneInfo("Europe/Madrid")).date(), time(0, 30), ZoneInfo("Europe/Madrid"))


def buy(say: Say, who: str, ago: float, amount: str = "20", **more: object) -> None:
    ref = HandleRef("email", f"{who}@example.org", who.title())
    values = {"channel": "shop", "verb": Verb.PURCHASE, "object_type": ObjectType.ORDER, "currency": "EUR", "text": ""} | more
    say(who, NOON - timedelta(days=ago), actor=ref, amount=Decimal(amount), **values)


@pytest.fixture
def shop(say: Say) -> None:
    """A year of three: ana comes every fortnight, leo came once, mia began ten days ago; one pays in dollars, one takes money back."""
    for ago in range(5, 365, 14):
        buy(say, "ana", ago)
    buy(say, "leo", 300, "50")
    buy(say, "mia", 10, "33.3333")
    buy(say, "tom", 12, "99", currency="USD")
    buy(say, "ana", 6, "5", verb=Verb.REFUND)
    buy(say, "eva", 8, "10", channel="web")
    pipeline.catch_up()


def told(workspace: Workspace, **given: str) -> dict[str, reading.Told]:
    return {each.kpi.id: each for each in reading.board(workspace, reading.asked(workspace, given))}


def at(workspace: Workspace, name: str = "board", query: str = "", **more: str) -> str:
    return reverse(f"kpis:{name}", kwargs={"workspace": workspace.slug, **more}) + query


def test_nothing_is_not_zero(workspace: Workspace, client_for: Clients) -> None:
    page = client_for(Role.OWNER).get(at(workspace)).content.decode()
    assert "Bring in orders" in page
    assert "Bring in orders" not in client_for(Role.VIEWER).get(at(workspace)).content.decode()
    for name in ("csv", "xlsx"):
        assert client_for(Role.OWNER).get(at(workspace, name)).status_code == 200
    for kpi in kpis():
        for name in ("figure", "people", "split"):
            assert client_for(Role.OWNER).get(at(workspace, name, kpi=kpi)).status_code == 200


def test_a_workspace_without_purchases_says_what_to_do(workspace: Workspace, say: Say, client_for: Clients) -> None:
    say("ana")
    pipeline.catch_up()
    assert told(workspace)["revenue"].value is None
    page = client_for(Role.OWNER).get(at(workspace)).content.decode()
    assert "No purchase is known yet" in page


def test_figures_are_those_of_the_log(workspace: Workspace, shop: None) -> None:
    found = told(workspace)
    assert found["revenue"].value == Decimal("78.3333")
    assert found["new_customers"].value == 3
    assert found["returning_customers"].value == 1
    assert found["lost_customers"].value == 0
    assert told(workspace, period="year")["lost_customers"].span.first
    assert found["repeat_rate"].value == Decimal("0.200000")
    assert found["retention"].value == 1
    assert found["margin"].figure.why == "no margin"
    assert found["cost_to_acquire"].figure.why == "no spend"
    assert found["crm"].figure.why == "no campaign"
    half_a_year_ago = told(workspace, at=(NOON - timedelta(days=115)).date().isoformat())
    assert half_a_year_ago["lost_customers"].value == 1, "leo, 180 days after his only purchase"


def test_one_figure_at_every_door(workspace: Workspace, shop: None, client_for: Clients) -> None:
    value_terms.set_terms(workspace, None, margin="40")
    what = reading.asked(workspace, {"period": "90"})
    rows = {row["id"]: row for row in (reading.row(each, "EUR") for each in reading.board(workspace, what))}
    client = client_for(Role.OWNER)
    table = client.get(at(workspace, "csv", "?period=90")).getvalue().decode("utf-8-sig")
    for line in csv.DictReader(io.StringIO(table)):
        assert line["value"] == ("" if rows[line["id"]]["value"] is None else str(rows[line["id"]]["value"]))
    sheet = load_workbook(io.BytesIO(client.get(at(workspace, "xlsx", "?period=90")).content)).worksheets[0]
    names = [cell.value for cell in sheet[1]]
    for cells in sheet.iter_rows(min_row=2, values_only=True):
        line = dict(zip(names, cells, strict=True))
        value = rows[str(line["id"])]["value"]
        assert (line["value"] is None) == (value is None)
        assert value is None or float(line["value"]) == pytest.approx(float(value))
    assert rows["margin"]["value"] == round(rows["revenue"]["value"] * Decimal("0.4"), 4)
    said = CliRunner().invoke(figures_command, ["-w", workspace.slug, "--period", "90", "--json"])
    assert {line["id"]: line["value"] for line in json.loads(said.output)} == {
        name: None if row["value"] is None else str(row["value"]) for name, row in rows.items()
    }
    page = unescape(client.get(at(workspace, "figure", "?period=90", kpi="revenue")).content.decode())
    assert "€\u00a0178" in page
    assert rows["revenue"]["value"] == Decimal("178.3333")


def test_other_currencies_are_told_and_not_added(workspace: Workspace, shop: None, client_for: Clients) -> None:
    page = unescape(client_for().get(at(workspace)).content.decode())
    assert "Not counted, being in another currency than EUR: $\u00a099 in 1 purchase." in page


def test_narrowed_to_a_channel_or_a_segment(workspace: Workspace, shop: None) -> None:
    assert told(workspace, channel="web")["revenue"].value == 10
    assert told(workspace, channel="nowhere")["revenue"].figure.why == "no sales"
    ana = Profile.objects.of(workspace).get(name="Ana").person
    row = Segment.objects.create(workspace=workspace, public="seg1", name="Regulars", predicate={}, state="live", members=1)
    Membership.objects.create(workspace=workspace, segment=row, person=ana, entered_at=timezone.now())
    found = told(workspace, segment="seg1")
    assert found["revenue"].value == 35
    assert found["crm"].figure.why == "whole only"
    assert reading.asked(workspace, {"segment": "nobody's"}).problem


def test_what_cannot_be_understood_is_said(workspace: Workspace, shop: None, client_for: Clients) -> None:
    client = client_for()
    hostile = (
        "?period=week",
        "?at=yesterday",
        "?at=9999-99-99",
        "?at=0001-01-01",
        "?segment=%00",
        "?channel=<script>alert(1)</script>",
        "?page=x",
    )
    for query in hostile:
        for name, more in (("board", {}), ("figure", {"kpi": "revenue"}), ("people", {"kpi": "revenue"})):
            page = client.get(at(workspace, name, query, **more))
            assert page.status_code == 200, (name, query)
            assert "<script>alert" not in page.content.decode()
    assert client.get(at(workspace, "figure", kpi="revenue").replace("revenue", "no-such")).status_code == 404


def test_each_page_stands_in_each_period(workspace: Workspace, shop: None, client_for: Clients) -> None:
    client = client_for(Role.OWNER)
    for kpi in kpis():
        for query in ("?period=month", "?period=year&channel=shop"):
            assert client.get(at(workspace, "figure", query, kpi=kpi)).status_code == 200, (kpi, query)
        for name in ("split", "people", "people_csv", "series_csv"):
            assert client.get(at(workspace, name, "?period=quarter", kpi=kpi)).status_code == 200, (kpi, name)


def test_people_behind_a_figure(workspace: Workspace, shop: None, client_for: Clients) -> None:
    page = unescape(client_for().get(at(workspace, "people", kpi="new_customers")).content.decode())
    assert "3 people are behind this figure" in page
    assert "Mia" in page
    assert "Ana" not in page
    table = client_for(Role.OWNER).get(at(workspace, "people_csv", kpi="new_customers")).getvalue().decode("utf-8-sig")
    assert {line["name"]: line["spent"] for line in csv.DictReader(io.StringIO(table))} == {
        "Mia": "33.3333",
        "Eva": "10.0000",
        "Tom": "0.0000",
    }


def test_a_target_lights_up_and_says_why(workspace: Workspace, shop: None, client_for: Clients) -> None:
    client = client_for(Role.OWNER)
    client.post(at(workspace, "target", kpi="revenue"), {"kind": "30", "value": "80,00"})
    found = told(workspace)["revenue"]
    assert (found.target, found.light.state) == (Decimal(80), "near")
    assert "Missed by little: the target is €\u00a080" in unescape(client.get(at(workspace)).content.decode())
    client.post(at(workspace, "target", kpi="repeat_rate"), {"kind": "30", "value": "15 %"})
    assert Target.objects.of(workspace).get(kpi="repeat_rate").value == Decimal("0.15")
    assert told(workspace)["repeat_rate"].light.state == "good"
    assert told(workspace, period="month")["revenue"].light.state == "", "each length has its own"
    client.post(at(workspace, "target", kpi="revenue"), {"kind": "30", "value": ""})
    assert not Target.objects.of(workspace).filter(kpi="revenue").exists()
    assert AuditEntry.objects.filter(workspace=workspace, object_type="target").count() == 3


@pytest.mark.parametrize("value", ["much", "NaN", "1e99", "Infinity", "-1"])
def test_what_is_no_target_is_refused(workspace: Workspace, client_for: Clients, value: str) -> None:
    client_for(Role.OWNER).post(at(workspace, "target", kpi="repeat_rate"), {"kind": "30", "value": value})
    assert not Target.objects.of(workspace).exists()


def test_only_who_manages_sets(workspace: Workspace, client_for: Clients) -> None:
    for name, more in (("target", {"kpi": "revenue"}), ("spend", {}), ("rules", {})):
        assert client_for(Role.ANALYST).post(at(workspace, name, **more), {"kind": "30", "value": "9"}).status_code == 403
    assert not Target.objects.exists()


def test_spend_makes_the_cost_of_a_customer(workspace: Workspace, shop: None, client_for: Clients) -> None:
    months = {f"spent-{day:%Y-%m}": "31" for day in (NOON, NOON - timedelta(days=29))}
    client_for(Role.OWNER).post(at(workspace, "spend"), months)
    assert Spend.objects.of(workspace).count() == len(months)
    found = told(workspace)["cost_to_acquire"]
    assert found.value is not None
    assert found.value == pytest.approx(Decimal("10.2"), abs=Decimal("0.6"))
    client_for(Role.OWNER).post(at(workspace, "spend"), {"spent-2026-13": "1", "spent-2026-01": "1"})
    client_for(Role.OWNER).post(at(workspace, "spend"), {"spent-2026-01": "-1"})
    assert Spend.objects.of(workspace).count() == len(months)


def test_when_someone_is_lost_is_the_teams_to_say(workspace: Workspace, shop: None, client_for: Clients) -> None:
    before = told(workspace)["churn"].value
    client_for(Role.OWNER).post(at(workspace, "rules"), {"lost_after": "9"})
    assert Rules.objects.of(workspace).get().lost_after == 9
    assert told(workspace)["lost_customers"].value == 3, "tom and mia, and ana in each of her pauses"
    assert before is not None
    for wrong in ("0", "5000", "x", ""):
        client_for(Role.OWNER).post(at(workspace, "rules"), {"lost_after": wrong})
    assert actions.lost_after(workspace) == 9


def test_another_workspace_sees_none_of_it(workspace: Workspace, other_workspace: Workspace, shop: None) -> None:
    with pytest.raises(reading.Nothing):
        reading.asked(other_workspace, {})


def test_queries_are_counted(
    workspace: Workspace, shop: None, client_for: Clients, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_for(Role.OWNER)
    client.get(at(workspace))
    with django_assert_max_num_queries(24):
        client.get(at(workspace))
    with django_assert_max_num_queries(24):
        client.get(at(workspace, "figure", kpi="revenue"))


def test_what_comes_next_is_drawn_once_enough_is_known(workspace: Workspace, shop: None, client_for: Clients) -> None:
    page = client_for().get(at(workspace, "figure", kpi="revenue")).content.decode()
    data = json.loads(unescape(page.split('<data id="series-data" hidden>')[1].split("</data>")[0]))
    assert data["columns"][-1] == "Expected"
    assert len([pair for pair in data["band"] if pair]) == 3
    board = client_for().get(at(workspace)).content.decode()
    said = unescape(board.split('<p class="kpi-next">')[1].split("</p>")[0]).replace("\u00a0", " ")
    assert re.fullmatch(r"In the next 30 days: about € [\d,.]+ expected, € [\d,.]+ to € [\d,.]+", said)
    assert "8 times out of 10" in board
    young = client_for().get(at(workspace, "figure", "?period=year", kpi="revenue")).content.decode()
    assert "whole periods on" in young or "series-data" not in young
