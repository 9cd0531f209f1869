"""The screen, the page of one person, the card beside people and conversations, the download and the command."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.analyse.value import company as town
from tests.organise.community import NOW
from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.analyse.value import engagement_due
from vincle.engage.campaigns.models import PromoCode, Promotion
from vincle.engage.leads.models import Submission
from vincle.organise.models import Profile, Score
from vincle.project.commands.worth import worth_command
from vincle.vocabulary import public_id

pytestmark = pytest.mark.django_db
HOSTILE = "</data><script>alert(1)</script>\"'=cmd()"


@pytest.fixture
def company(workspace: Workspace, owner: User) -> Workspace:
    town.company(workspace)
    town.expect(workspace)
    town.recommend(workspace, owner, "marta", "ana", "bea")
    town.talk(workspace, owner, "rob", 40)
    town.price(workspace, owner, "30", margin="50", send_cost="0.10")
    town.worked(workspace)
    return workspace


def at(workspace: Workspace, name: str = "engagement", **values: str) -> str:
    return reverse(f"value:{name}", kwargs={"workspace": workspace.slug, **values})


def of(workspace: Workspace, name: str, whom: str) -> str:
    return at(workspace, name, pid=public_id(town.person(workspace, whom)))


def text(client: Client, address: str, **more: Any) -> str:
    response = client.get(address, **more)
    assert response.status_code == 200
    return response.content.decode().replace("\xa0", " ")


def test_the_page_says_who_buys_little_and_brings_much(company: Workspace, client_for: Callable[..., Client]) -> None:
    page = text(client_for(), at(company))
    assert "Marta bought for only € 20 and is worth" in page
    assert "brought 4 customers" in page
    assert "Buys much, costs much" in page
    assert "40 minutes of conversations" in page
    assert "reviews" in page.partition("What the amounts leave out")[2]
    assert "1 purchase in another currency is in no amount." in page
    drawn = json.loads(page.partition('id="quadrant-data" hidden>')[2].partition("</data>")[0].replace("&quot;", '"'))
    assert {row[0] for row in drawn["rows"]} >= {"Marta", "Rob"}


def test_before_there_is_anything_it_says_what_to_do(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    assert "worked out for the first time" in text(client_for(), at(workspace))
    town.worked(workspace)
    page = text(client_for(Role.OWNER), at(workspace))
    assert "Import your orders, or connect your shop." in page
    assert reverse("listen:imports", kwargs={"workspace": workspace.slug}) in page


def test_the_table_is_filtered_searched_sorted_and_turned(
    company: Workspace, client_for: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for()

    def rows(query: str) -> list[str]:
        part = text(client, f"{at(company)}?{query}", headers={"HX-Target": "list"})
        return [piece.partition("</bdi>")[0] for piece in part.split("<b><bdi>")[1:]]

    assert rows("")[0] == "Marta"
    assert rows("kind=advocate") == ["Marta"]
    assert rows("kind=costly") == ["Rob"]
    assert rows("q=CARLA") == ["Carla"]
    assert rows("sort=total")[-1] == "Marta"
    assert rows("sort=-own")[0] == "Ana"
    assert rows("sort=%27%3B--&after=x&kind=%00") == rows("")
    monkeypatch.setattr("vincle.analyse.value.engagement_page.SIZE", 2)
    assert rows("after=2") == rows("after=1") or len(rows("after=2")) == 2
    assert len(rows("after=99999")) in (1, 2)
    assert rows("q=nobody") == []


def test_a_page_asks_few_questions(company: Workspace, client_for: Callable[..., Client]) -> None:
    client = client_for()
    text(client, at(company))
    with CaptureQueriesContext(connection) as asked:
        text(client, at(company))
    assert len(asked) < 45


def test_each_part_leads_to_what_it_rests_on(company: Workspace, client_for: Callable[..., Client]) -> None:
    marta = text(client_for(), of(company, "engagement_person", "marta"))
    for name in ("ana", "bea", "carla", "dora"):
        assert reverse("organise:person", kwargs={"workspace": company.slug, "pid": public_id(town.person(company, name))}) in marta
    assert "the team said so" in marta
    assert "they came with a code" in marta
    assert "would have come anyway" in marta
    ana = text(client_for(), of(company, "engagement_person", "ana"))
    assert "Good coffee 2" in ana
    rob = text(client_for(), of(company, "engagement_person", "rob"))
    assert "40 min" in rob
    assert "Letters that other tools delivered" in rob
    assert client_for().get(at(company, "engagement_person", pid="nobody")).status_code == 404


def test_the_card_stands_on_the_persons_page_and_the_piece_beside_conversations(
    company: Workspace, client_for: Callable[..., Client], owner: User
) -> None:
    client, marta = client_for(), town.person(company, "marta")
    person = text(client, reverse("organise:person", kwargs={"workspace": company.slug, "pid": public_id(marta)}))
    assert of(company, "engagement_card", "marta") in person
    assert "Engagement value" not in person
    card = text(client, of(company, "engagement_card", "marta"))
    assert "Brought customers: brought 4 customers" in card
    Score.objects.create(workspace=company, person=marta, name="alive", value=0.73)
    promotion = Promotion.objects.create(workspace=company, name="Autumn", words="10 % off")
    PromoCode.objects.create(workspace=company, promotion=promotion, code="AUT-1", folded="aut1", person=marta, given_at=NOW)
    used = Promotion.objects.create(workspace=company, name="Old", words="5 % off")
    PromoCode.objects.create(workspace=company, promotion=used, code="OLD-1", folded="old1", person=marta, given_at=NOW, used_at=NOW)
    key = town.key(company, "marta")
    Submission.objects.create(workspace=company, native_id="s1", handle=key, state="confirmed", origin="card")
    Submission.objects.create(workspace=company, native_id="s2", handle=key, state="spam", origin="form")
    beside = text(client, of(company, "engagement_beside", "marta"))
    assert "73 of 100" in beside
    assert "AUT-1" in beside
    assert "OLD-1" not in beside
    assert beside.count("To be looked after") == 1
    assert text(client, of(company, "engagement_card", "carla")).strip()


def test_of_whom_there_is_nothing_to_tell_nothing_stands(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    town.company(workspace)
    client = client_for()
    assert not text(client, of(workspace, "engagement_card", "ana")).strip()
    assert not text(client, of(workspace, "engagement_beside", "ana")).strip()
    assert "nothing to tell yet" in text(client, of(workspace, "engagement_person", "ana"))


def test_hostile_names_stay_words(company: Workspace, client_for: Callable[..., Client]) -> None:
    Profile.objects.of(company).filter(person=town.person(company, "marta")).update(name=HOSTILE)
    for address in (at(company), of(company, "engagement_person", "marta"), of(company, "engagement_card", "marta")):
        page = text(client_for(), address)
        assert "<script>alert(1)" not in page
        assert "</data><script>" not in page
    lines = list(csv.DictReader(io.StringIO(_csv(client_for(Role.OWNER), at(company, "engagement_csv")))))
    Profile.objects.of(company).filter(person=town.person(company, "marta")).update(name="=cmd()")
    again = list(csv.DictReader(io.StringIO(_csv(client_for(Role.OWNER), at(company, "engagement_csv")))))
    assert (lines[0]["name"], again[0]["name"]) == (HOSTILE, "'=cmd()")


def _csv(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]


def test_the_download_holds_every_part_of_those_asked_for(company: Workspace, client_for: Callable[..., Client]) -> None:
    rows = list(csv.DictReader(io.StringIO(_csv(client_for(Role.OWNER), f"{at(company, 'engagement_csv')}?kind=advocate"))))
    assert [row["name"] for row in rows] == ["Marta"]
    assert (rows[0]["currency"], rows[0]["newcomers"], rows[0]["bought"]) == ("EUR", "4", "20.00")


def test_who_may_what(company: Workspace, client_for: Callable[..., Client]) -> None:
    viewer = client_for(Role.VIEWER)
    assert "Work it out now" not in text(viewer, at(company))
    assert viewer.post(at(company, "engagement_again")).status_code == 403
    assert client_for(Role.OWNER).get(at(company, "engagement_again")).status_code == 405
    assert client_for(Role.OWNER).post(at(company, "engagement_again")).status_code == 302
    assert engagement_due.is_asked(company)
    assert engagement_due.is_due(company)
    assert AuditEntry.objects.filter(object_type="engagement value").exists()
    town.worked(company)
    assert not engagement_due.is_asked(company)


def test_somebody_of_another_workspace_is_not_found(company: Workspace, other_workspace: Workspace, member: Callable[..., User]) -> None:
    client = Client()
    client.force_login(member(Role.OWNER, other_workspace))
    pid = public_id(town.person(company, "marta"))
    for name in ("engagement_person", "engagement_card", "engagement_beside"):
        assert client.get(at(other_workspace, name, pid=pid)).status_code == 404
        assert client.get(at(company, name, pid=pid)).status_code in (403, 404)


def test_the_command_tells_the_same(company: Workspace) -> None:
    run = CliRunner().invoke
    found = json.loads(run(worth_command, ["--now", "--json", "--limit", "2"]).stdout.splitlines()[-1])
    assert found[0]["name"] == "Marta"
    assert len(found) == 2
    lines = list(csv.DictReader(io.StringIO(run(worth_command, ["--csv"]).stdout)))
    assert lines[0]["total"] == found[0]["total"]
    assert "Marta" in run(worth_command, []).output
    assert run(worth_command, ["--json", "--csv"]).exit_code == 2
