"""Attribution by key: what the page, its downloads and the command say."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.analyse.conftest import forget_lake
from vincle.accounts.models import Role, Workspace
from vincle.listen import log
from vincle.listen.models import Connection
from vincle.project import pipeline
from vincle.project.commands.attribute import attribute_command
from vincle.science.attribution import MODELS
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb


@pytest.fixture
def shop(workspace: Workspace) -> Any:
    """Twelve came by advertisements of two sources and three campaigns, some read a page or wrote; one was given all back, one a part."""
    forget_lake()
    source, now, acts = Connection.objects.create(workspace=workspace, channel="shop", name="Shop"), timezone.now(), []

    def say(verb: Verb, kind: ObjectType, native: str, at: Any, who: HandleRef | None, **more: Any) -> None:
        acts.append(Activity(verb=verb, object_type=kind, native_id=native, happened_at=at, actor=who, **more))

    money: dict[str, Any] = {"amount": Decimal("20.10"), "currency": "EUR"}
    for at in range(12):
        who, begun = HandleRef("email", f"p{at}@example.org"), now - timedelta(days=40 - at)
        utm = {"utm_source": ("Google", "meta", "google ")[at % 3], "utm_medium": "cpc", "utm_campaign": f"May > {at % 2}, é"}
        say(Verb.VIEW, ObjectType.PAGE, f"a{at}", begun, who, props=utm)
        if at % 2:
            say(Verb.VIEW, ObjectType.PAGE, f"v{at}", begun + timedelta(days=2, hours=at), who)
        if at % 4 != 3:
            say(Verb.PURCHASE, ObjectType.ORDER, f"o{at}", begun + timedelta(days=5, minutes=7 * at), who, object_key=f"o{at}", **money)
    for order, amount in (("o0", "20.10"), ("o1", "5.05")):
        back = {"amount": Decimal(amount), "currency": "EUR", "object_key": order}
        say(Verb.REFUND, ObjectType.ORDER, f"r{order}", now - timedelta(days=1), None, **back)
    say(Verb.PURCHASE, ObjectType.ORDER, "alone", now, HandleRef("email", "x@example.org"), **money)
    log.append(source, acts, now)
    pipeline.catch_up()
    yield
    forget_lake()


def _csv(client: Client, workspace: Workspace, name: str, query: str) -> bytes:
    response: Any = client.get(reverse(f"touchpoints:{name}", kwargs={"workspace": workspace.slug}) + query)
    return bytes(response.getvalue())


@pytest.mark.parametrize(("by", "order"), [("kind", 1), ("source", 2), ("campaign", 3)])
def test_page_api_and_command_say_the_same(
    by: str, order: int, program: Any, workspace: Workspace, shop: None, client_for: Callable[..., Client], tmp_path: Path
) -> None:
    query, client = f"?by={by}&order={order}", client_for(Role.OWNER)
    told = program.get("attribution", by=by, order=str(order)).json()
    assert (told["purchases"], told["untouched"], told["refunded"], told["ways"]) == (8, 1, 1, 12)
    table = list(csv.DictReader(io.StringIO(_csv(client, workspace, "csv", query).decode("utf-8-sig"))))
    (tmp_path / "paths.csv").write_bytes(_csv(client, workspace, "paths_csv", query))
    columns = [f"--{each}={each}" for each in ("path", "conversions", "value", "nulls", "days")]
    ran = CliRunner().invoke(attribute_command, [str(tmp_path / "paths.csv"), *columns, f"--order={order}", "--json"])
    said = json.loads(ran.stdout)
    assert (said["conversions"], said["untouched"], said["journeys"]) == (8, 1, 12)
    by_command = {row["channel"]: row for row in said["channels"]}
    assert [row["touchpoint"] for row in table] == [row["id"] for row in told["data"]]
    assert set(by_command) == {row["id"] for row in told["data"]}
    for mine, theirs in zip(table, told["data"], strict=True):
        assert float(mine["removal_effect"]) == theirs["removal_effect"] == pytest.approx(by_command[theirs["id"]]["removal_effect"])
        for credit in theirs["credits"]:
            model, run = credit["model"], by_command[theirs["id"]]
            assert float(mine[model]) == credit["purchases"] == pytest.approx(run[model], abs=1e-6)
            assert float(mine[f"{model}_value"]) == float(credit["value"]) == pytest.approx(run[f"{model}_value"], abs=1e-3)
            assert credit["low"] <= credit["purchases"] <= credit["high"]
    for model in MODELS:
        money = sum(Decimal(each["value"]) for row in told["data"] for each in row["credits"] if each["model"] == model)
        assert money == pytest.approx(Decimal("155.75"), abs=Decimal("0.001"))
    names = {row["id"] for row in told["data"]}
    assert names == {
        "kind": {"ad", "visit"}, "source": {"ad:google", "ad:meta", "visit:shop"},
        "campaign": {"visit", *(f"ad:{source}:may - {n}- é" for source in ("google", "meta") for n in (0, 1))},
    }[by]  # fmt: skip
    page = client.get(reverse("touchpoints:touchpoints", kwargs={"workspace": workspace.slug}) + query).content.decode()
    assert "1 purchase was wholly refunded" in page
    assert all(row["name"] in page for row in told["data"])


def test_what_is_not_there_is_said(
    program: Any, workspace: Workspace, other_workspace: Workspace, shop: None, key_of: Callable[..., str]
) -> None:
    for query in ({"days": "7"}, {"by": "luck"}, {"segment": "nobody"}, {"order": "9"}, {"first": "2999-01-02"}, {"nothing": "1"}):
        assert program.get("attribution", **query).status_code == 400, query
    assert program.get("attribution", first="2020-01-01", last="2020-02-01").json()["data"] == []
    theirs = type(program)(key_of("read", other_workspace)).get("attribution").json()
    assert (theirs["data"], theirs["first"]) == ([], None)
