"""Another engine is a setting: Pulse on ClickHouse says what it says on DuckDB, and says it when the engine is gone."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.engines.opening import options
from vincle.accounts.models import Role, Workspace
from vincle.engines.clickhouse import Engine
from vincle.organise import warehouse
from vincle.project import pipeline
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb

Say = Callable[..., Activity]
Clients = Callable[..., Client]


@pytest.fixture
def choose(settings: Any) -> Iterator[Callable[..., None]]:
    """`choose(engine, url)`: as VINCLE_ENGINE and VINCLE_ENGINE_URL do."""
    before = settings.OPTIONS

    def pick(engine: str, url: str = "") -> None:
        if warehouse.engine.cache_info().currsize:
            warehouse.engine().close()
        warehouse.engine.cache_clear()
        settings.OPTIONS = replace(before, engine=engine, engine_url=url)

    yield pick
    pick("duckdb")


def something_happened(say: Say) -> None:
    now = timezone.now() - timedelta(hours=3, minutes=30)  # told in whole hours, so that two pages say the same
    for n in range(40):
        say(f"someone{n % 7}", now - timedelta(hours=11 * n), channel=("x", "mail")[n % 2])
    for n in range(5):
        say(
            "ona", now - timedelta(days=n), verb=Verb.PURCHASE, object_type=ObjectType.ORDER, amount=Decimal("12.50"), currency="EUR",
            actor=HandleRef("email", "ona@example.org"),
        )  # fmt: skip
    pipeline.catch_up()


def page(client: Client, workspace: Workspace, query: str = "") -> str:
    response = client.get(reverse("analyse:pulse", kwargs={"workspace": workspace.slug}) + query)
    assert response.status_code == 200
    return re.sub(r'nonce="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"|"X-CSRFToken": "[^"]*"', "", response.content.decode())


@pytest.mark.parametrize("kind", ["clickhouse", "clickhouse-server"])
def test_pulse_says_the_same_on_clickhouse(
    kind: str, workspace: Workspace, client_for: Clients, say: Say, choose: Callable[..., None]
) -> None:
    name, how = options(kind)
    client = client_for(Role.OWNER)
    something_happened(say)
    expected = {query: page(client, workspace, query) for query in ("", "?days=28", "?channel=mail")}
    assert "€ 62" in " ".join(figures(expected[""]))
    choose(name, how.url)
    for query, said in expected.items():
        found = page(client, workspace, query)
        assert figures(found) == figures(said)
    assert isinstance(warehouse.engine(), Engine)


def figures(said: str) -> list[str]:
    """What a reader of the page reads, without tags and what is new in every answer."""
    return re.sub(r"<[^>]+>", " ", re.sub(r"<script.*?</script>|hx-[a-z]+='[^']*'", "", said, flags=re.S)).split()


def test_the_worker_brings_a_server_up_to_the_table(workspace: Workspace, say: Say, choose: Callable[..., None]) -> None:
    name, how = options("clickhouse-server")
    choose(name, how.url)
    something_happened(say)
    engine = warehouse.engine()
    assert isinstance(engine, Engine)
    link, _copy = engine._open()
    loaded = link.ask(f"SELECT max(rows) AS n FROM {engine._address.database}.loaded WHERE name = 'activity'", {})
    assert loaded["n"][0].as_py() == warehouse.tables()["activity"].count() == 45


def test_a_server_that_is_away_stops_neither_the_pipeline_nor_the_page(
    workspace: Workspace, client_for: Clients, say: Say, choose: Callable[..., None], tmp_path: Path
) -> None:
    choose("clickhouse", "clickhouse://vincle:secret@127.0.0.1:9/vincle")
    something_happened(say)
    assert warehouse.tables()["activity"].count() == 45
    url = reverse("analyse:pulse", kwargs={"workspace": workspace.slug})
    for role, is_told in ((Role.OWNER, True), (Role.VIEWER, False)):
        response = client_for(role).get(url)
        assert response.status_code == 503
        assert ("127.0.0.1:9" in response.content.decode()) == is_told
        assert "secret" not in response.content.decode()


def test_a_name_that_is_no_engines_is_a_sentence(workspace: Workspace, client_for: Clients, say: Say, choose: Callable[..., None]) -> None:
    choose("abacus")
    something_happened(say)
    response = client_for(Role.OWNER).get(reverse("analyse:pulse", kwargs={"workspace": workspace.slug}))
    assert "abacus" in response.content.decode()
    assert "clickhouse, duckdb, spark" in response.content.decode()
