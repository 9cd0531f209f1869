"""Key figures by key: those of the board."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tests.analyse.conftest import forget_lake
from vincle.accounts.models import Workspace
from vincle.analyse.kpis import reading
from vincle.listen import log
from vincle.listen.models import Connection
from vincle.project import pipeline
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb


@pytest.fixture
def shop(workspace: Workspace) -> Any:
    forget_lake()
    source = Connection.objects.create(workspace=workspace, channel="shop", name="Shop")
    now = timezone.now().astimezone(ZoneInfo(workspace.timezone))
    orders = [
        Activity(verb=Verb.PURCHASE, object_type=ObjectType.ORDER, native_id=f"o{ago}", happened_at=now - timedelta(days=ago),
                 actor=HandleRef("email", f"p{ago % 3}@example.org"), amount=Decimal("10.10"), currency="USD" if ago == 1 else "EUR")
        for ago in range(1, 300, 9)
    ]  # fmt: skip
    log.append(source, orders, datetime.now(tz=now.tzinfo))
    pipeline.catch_up()
    yield
    forget_lake()


def test_figures_are_those_of_the_board(program: Any, workspace: Workspace, shop: None) -> None:
    found = program.get("kpis", period="90").json()
    wanted = [reading.row(told, "EUR") for told in reading.board(workspace, reading.asked(workspace, {"period": "90"}))]
    assert [(row["id"], row["missing"]) for row in found["data"]] == [(row["id"], row["missing"]) for row in wanted]
    for mine, theirs in zip(wanted, found["data"], strict=True):
        assert theirs["value"] == (None if mine["value"] is None else str(mine["value"])), mine["id"]
    assert found["other_currencies"] == [{"currency": "USD", "purchases": 1, "amount": "10.1000"}]
    (one,) = program.get("kpis", period="30", id="revenue", details="true").json()["data"]
    assert one["details"]["people"] == 1
    assert len(one["details"]["expected"]) == 3
    assert one["details"]["series"][-1]["value"] == one["value"] == "30.3000"


def test_what_is_not_there_is_said(
    program: Any, workspace: Workspace, other_workspace: Workspace, shop: None, key_of: Callable[..., str]
) -> None:
    for query in ({"period": "week"}, {"at": "soon"}, {"id": "luck"}, {"segment": "nobody"}, {"at": "2999-01-01"}):
        assert program.get("kpis", **query).status_code == 400, query
    theirs = type(program)(key_of("read", other_workspace))
    assert theirs.get("kpis").json() == {"data": [], "other_currencies": []}
