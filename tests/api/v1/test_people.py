"""Reading people: finding, pages, redirects, identity, timeline."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from tests.api.v1.conftest import Program
from tests.organise.community import NURIA, NURIA_ON, act, bring, fact, nuria
from vincle.accounts.models import Workspace
from vincle.identify import actions
from vincle.listen import actions as listen
from vincle.organise.models import Profile, Score
from vincle.project import pipeline
from vincle.vocabulary import HandleRef, public_id

pytestmark = pytest.mark.django_db


def read(response: Any) -> Any:
    import json

    assert response.status_code == 200, response.content
    return json.loads(response.content)


def import_csv(workspace: Workspace, text: str, name: str = "people.csv") -> None:
    listen.receive_file(workspace, io.BytesIO(text.encode()), name, kind="contacts")
    pipeline.catch_up()


def names(page: Any) -> list[str]:
    return [row["name"] for row in page["data"]]


class TestFinding:
    @pytest.fixture(autouse=True)
    def _community(self, workspace: Workspace) -> None:
        shop = (HandleRef("external", "shop:42"),)
        bring(workspace, [fact("ana@example.org", "Ana Torres", more=(HandleRef("phone", "+34600111222"), *shop))])
        bring(workspace, [fact("joan@example.org", "Joan Puig")])
        nuria(workspace)

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ({}, {"Ana Torres", "Joan Puig", "Núria Serra Vidal"}),
            ({"q": "nuria"}, {"Núria Serra Vidal"}),
            ({"q": "joan@exa"}, {"Joan Puig"}),
            ({"q": "  "}, {"Ana Torres", "Joan Puig", "Núria Serra Vidal"}),
            ({"email": "Ana@Example.org"}, {"Ana Torres"}),
            ({"phone": "600 111 222"}, {"Ana Torres"}),
            ({"phone": "+34 600 111 222", "email": "joan@example.org"}, set()),
            ({"external_id": "shop:42"}, {"Ana Torres"}),
            ({"external_id": "shop:4"}, set()),
            ({"handle": "instagram:178414"}, {"Núria Serra Vidal"}),
            ({"handle": "email:@JOAN@example.org"}, {"Joan Puig"}),
            ({"q": "ana", "external_id": "shop:42"}, {"Ana Torres"}),
        ],
    )
    def test_by(self, asked: dict[str, str], found: set[str], program: Program) -> None:
        page = read(program.get("people", **asked))
        assert set(names(page)) == found
        assert (page["total"], page["next_cursor"]) == (len(found), None)

    def test_by_the_id_of_a_handle(self, program: Program) -> None:
        person = read(program.get("people", email="ana@example.org"))["data"][0]["id"]
        for handle in read(program.get(f"people/{person}/identity"))["handles"]:
            assert names(read(program.get("people", handle=handle["id"]))) == ["Ana Torres"]

    def test_nobody_of_another_workspace(self, other_workspace: Workspace, key_of: Callable[..., str]) -> None:
        there = Program(key_of("read", other_workspace))
        for asked in ({}, {"q": "ana"}, {"email": "ana@example.org"}, {"external_id": "shop:42"}):
            assert read(there.get("people", **asked)) == {"data": [], "total": 0, "next_cursor": None}

    @pytest.mark.parametrize("size", [1, 2, 3])
    def test_pages_hold_everyone_once(self, size: int, program: Program) -> None:
        seen, cursor = [], ""
        while cursor is not None:
            page = read(program.get("people", limit=str(size), **({"cursor": cursor} if cursor else {})))
            assert len(page["data"]) <= size
            assert page["total"] == 3
            seen += names(page)
            cursor = page["next_cursor"]
        assert sorted(seen) == ["Ana Torres", "Joan Puig", "Núria Serra Vidal"]

    def test_worth_and_those_who_are_worth_most_first(self, workspace: Workspace, program: Program) -> None:
        ana, joan = (Profile.objects.get(name=name).person for name in ("Ana Torres", "Joan Puig"))
        for person, name, value in ((ana, "value", 12.346), (joan, "value", 40.0), (joan, "engagement", -3.5), (ana, "alive", 0.87654)):
            Score.objects.create(workspace=workspace, person=person, name=name, value=value)
        page = read(program.get("people", sort="value"))
        assert names(page) == ["Joan Puig", "Ana Torres", "Núria Serra Vidal"]
        worth = [(row["value"], row["engagement"], row["currency"], row["alive"]) for row in page["data"]]
        assert worth == [("40.00", "-3.50", "EUR", None), ("12.35", None, "EUR", 0.8765), (None, None, "EUR", None)]
        one = read(program.get(f"people/{page['data'][1]['id']}"))
        assert (one["value"], one["engagement"], one["alive"]) == ("12.35", None, 0.8765)
        first, seen = read(program.get("people", sort="value", limit="1")), []
        while first["next_cursor"]:
            seen += names(first)
            first = read(program.get("people", sort="value", limit="1", cursor=first["next_cursor"]))
        assert [*seen, *names(first)] == names(page)
        for odd in ("bmFufjE", "x", read(program.get("people", limit="1"))["next_cursor"]):
            assert program.get("people", sort="value", cursor=odd).status_code == 400

    @pytest.mark.parametrize("asked", [{"email": "no address"}, {"phone": "12"}, {"handle": "annapuig"}, {"q": "x" * 401}])
    def test_what_cannot_be_read(self, asked: dict[str, str], program: Program) -> None:
        import json

        response = program.get("people", **asked)
        assert response.status_code == 400
        assert json.loads(response.content)["field"] in asked


class TestOnePerson:
    def test_everything_with_its_source(self, workspace: Workspace, program: Program) -> None:
        pid = nuria(workspace).public
        person = read(program.get(f"people/{pid}"))
        assert (person["id"], person["redirected_from"], person["name"]) == (pid, None, "Núria Serra Vidal")
        assert (person["email"], person["city"], person["purchases"], person["tags"]) == (NURIA.value, "Barcelona", 1, ["loyal"])
        assert {"value": "Barcelona", "source": "hubspot.csv"}.items() <= person["traits"]["city"].items()
        assert person["traits"]["Lead source"]["value"] == "web form"
        assert person["traits"]["city"]["at"].endswith(("Z", "+00:00"))

    def test_before_the_profile_has_followed(self, workspace: Workspace, program: Program) -> None:
        pid = nuria(workspace).public
        Profile.objects.all().delete()
        person = read(program.get(f"people/{pid}"))
        assert (person["id"], person["email"], person["traits"]) == (pid, NURIA.value, {})

    def test_an_old_id_leads_to_the_one_that_stands(self, workspace: Workspace, program: Program) -> None:
        kept = nuria(workspace).person
        bring(workspace, [fact("nserra@example.org", "N. Serra")])
        other = Profile.objects.get(email="nserra@example.org").person
        stands = actions.merge(workspace, kept, other, None)
        old = other if stands == kept else kept
        for path in ("", "/identity", "/timeline"):
            found = read(program.get(f"people/{public_id(old)}{path}"))
            assert (found["id"], found["redirected_from"]) == (public_id(stands), public_id(old)), path

    def test_identity_says_why(self, workspace: Workspace, program: Program) -> None:
        identity = read(program.get(f"people/{nuria(workspace).public}/identity"))
        assert {(handle["kind"], handle["value"]) for handle in identity["handles"]} == {
            ("email", NURIA.value),
            ("instagram", NURIA_ON.value),
        }
        assert all("hubspot.csv" in handle["why"] for handle in identity["handles"])
        (link,) = identity["links"]
        assert (link["evidence"], link["probability"], link["weight"], link["steps"]) == ("same row", 1.0, None, [])
        assert {link["left"], link["right"]} == {handle["id"] for handle in identity["handles"]}

    def test_why_comes_in_the_language_asked_for(self, workspace: Workspace, program: Program) -> None:
        pid = nuria(workspace).public
        english = program.ask("GET", f"people/{pid}/timeline", Accept_Language="en")
        catalan = program.ask("GET", f"people/{pid}/timeline", Accept_Language="ca")
        assert read(english)["data"][0]["did"] != read(catalan)["data"][0]["did"]

    def test_timeline(self, workspace: Workspace, program: Program) -> None:
        pid = nuria(workspace).public
        page = read(program.get(f"people/{pid}/timeline"))
        assert page["data"][0]["words"] == "It is on its way."
        assert page["data"][0]["is_ours"]
        (order,) = read(program.get(f"people/{pid}/timeline", tab="bought"))["data"]
        assert (order["amount"], order["currency"], order["title"]) == ("27.8", "EUR", "Christmas blend 2 x 250 g")
        assert next(line for line in page["data"] if line["title"] == "Track my order")["times"] == 4

    def test_timeline_in_pages(self, workspace: Workspace, program: Program) -> None:
        pid = nuria(workspace).public
        bring(workspace, [act(NURIA_ON, days=10 + n, text=f"word {n}", native_id=f"w{n}") for n in range(70)], channel="instagram")
        seen, cursor = [], ""
        while cursor is not None:
            page = read(program.get(f"people/{pid}/timeline", tab="said", **({"cursor": cursor} if cursor else {})))
            seen += [line["words"] for line in page["data"]]
            cursor = page["next_cursor"]
        assert [word for word in seen if word.startswith("word ")] == [f"word {n}" for n in range(70)]


def test_the_address_is_the_one_documented() -> None:
    assert reverse("api:v1:get_person", kwargs={"pid": "0" * 13}) == f"/api/v1/people/{'0' * 13}"
