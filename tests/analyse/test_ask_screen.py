"""The screen Ask: who may, what it shows, what can be shared and downloaded."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from vincle.accounts.models import AuditEntry, Role, Workspace
from vincle.analyse import ask_examples, ask_words
from vincle.analyse.ask import ask
from vincle.engines.table import LAYOUTS
from vincle.identify.models import Belonging
from vincle.project import pipeline
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb, public_id

Say = Callable[..., Activity]
Clients = Callable[..., Client]
BOUGHT = "SELECT h.person, sum(amount) AS spent, max(happened_at) AS last FROM activity JOIN handle h ON h.key = actor GROUP BY ALL"


def at(workspace: Workspace, name: str) -> str:
    return reverse(f"analyse:{name}", kwargs={"workspace": workspace.slug})


@pytest.fixture
def bought(workspace: Workspace, say: Say) -> Workspace:
    say("eva", datetime(2026, 4, 3, 9, 30, tzinfo=UTC), actor=HandleRef("email", "eva@example.org"), channel="shop", verb=Verb.PURCHASE,
        object_type=ObjectType.ORDER, amount=Decimal("20.5"), currency="EUR", text="")  # fmt: skip
    pipeline.catch_up()
    return workspace


def test_the_page_shows_every_table_and_column_with_its_meaning(workspace: Workspace, client_for: Clients) -> None:
    page = unescape(client_for().get(at(workspace, "ask")).content.decode())
    for layout in LAYOUTS.values():
        assert f"<code>{layout.name}</code>" in page
        for column in layout.schema.names:
            assert str(ask_words.COLUMNS[layout.name, column]) in page, f"say what {layout.name}.{column} means, in ask_words.COLUMNS"
    assert "hx-trigger" not in re.findall(r"<form[^>]*data-ask[^>]*>", page)[0]


def test_an_address_brings_its_question_and_asks_it(workspace: Workspace, client_for: Clients) -> None:
    page = client_for().get(at(workspace, "ask"), {"q": "SELECT '<b>'"}).content.decode()
    assert "SELECT &#x27;&lt;b&gt;&#x27;" in page
    assert 'hx-trigger="load, submit"' in page
    assert not AuditEntry.objects.filter(verb="asked").exists()


def test_an_answer_leads_to_people_and_can_be_shared(bought: Workspace, client_for: Clients) -> None:
    response = client_for().post(at(bought, "answer"), {"sql": BOUGHT}, headers={"HX-Request": "true"})
    text = response.content.decode()
    person = Belonging.objects.of(bought).get().person
    assert reverse("organise:person", kwargs={"workspace": bought.slug, "pid": public_id(person)}) in text
    assert "20.5" in text
    assert "2026-04-03 09:30:00" in text
    assert "<html" not in text
    assert parse_qs(urlsplit(response["HX-Replace-Url"]).query) == {"q": [BOUGHT]}
    entry = AuditEntry.objects.get(verb="asked")
    assert (entry.label, entry.details["rows"], entry.user.email) == (BOUGHT, 1, f"viewer@{bought.slug}.example")
    assert "answer.csv" not in text, "who may not export gets no download"


def test_it_works_without_scripts(bought: Workspace, client_for: Clients) -> None:
    page = client_for().post(at(bought, "answer"), {"sql": "SELECT '<i>' AS \"<u>\""}).content.decode()
    assert "<html" in page
    assert "&lt;i&gt;" in page
    assert "<u>" not in page


def test_a_mistake_is_told_with_its_place(bought: Workspace, client_for: Clients) -> None:
    text = unescape(client_for().post(at(bought, "answer"), {"sql": "SELECT\r\n  chanel FROM activity"}).content.decode())
    assert "Line 2, column 3: There is no column “chanel”. Near it: channel." in text
    assert "  chanel FROM activity\n  ^" in text


def test_a_long_answer_is_cut_and_says_so(bought: Workspace, client_for: Clients) -> None:
    text = client_for().post(at(bought, "answer"), {"sql": "SELECT unnest(range(2000)) AS n"}).content.decode()
    assert text.count("<tr>") == 1001
    assert "the first 1,000 are shown" in text


def test_the_download_holds_every_row_and_no_formula(bought: Workspace, client_for: Clients) -> None:
    sql = "SELECT unnest(range(2000)) AS n, '=x' AS \"=y\""
    response = client_for(Role.ANALYST).post(at(bought, "answer_csv"), {"sql": sql})
    rows = list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"))))  # type: ignore[call-overload]
    assert rows[1] == ["0", "'=x"]
    assert len(rows) == 2001
    assert rows[0] == ["n", "'=y"]
    refused = client_for(Role.ANALYST).post(at(bought, "answer_csv"), {"sql": "DROP TABLE activity"})
    assert refused.status_code == 400
    assert "Only questions" in refused.content.decode()


@pytest.mark.parametrize("place", range(len(ask_examples.examples("Europe/Madrid"))))
def test_every_question_to_begin_with_has_an_answer(bought: Workspace, place: int) -> None:
    title, sql = ask_examples.examples("Europe/Madrid")[place]
    assert str(title)
    assert ask(bought, None, sql).rows.num_columns > 1
