"""Queries through the API: keeping, reading, what they find, putting away."""

import json
from typing import Any

import pytest
from django.urls import reverse

from tests.api.v1.conftest import Program
from tests.organise.community import act, bring
from vincle.accounts.models import Workspace
from vincle.listen import listenings
from vincle.listen.models import Listening
from vincle.project import pipeline
from vincle.vocabulary import HandleRef

pytestmark = pytest.mark.django_db
ANNA = HandleRef("mastodon", "anna@lligam.cat", "Anna Puig")


def read(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.content
    return json.loads(response.content)


@pytest.fixture
def program(key_of: Any) -> Program:
    return Program(key_of())


def test_from_keeping_to_putting_away(workspace: Workspace, program: Program) -> None:
    bring(workspace, [act(ANNA, native_id=str(n), days=n, text=f"coffee number {n}") for n in range(1, 6)], "mastodon")
    made = read(program.post("listenings/keep", {"name": "Coffee", "query": "Coffee  -tea", "kind": "topic"}))
    assert (made["query"], made["kind"], made["is_complete"]) == ("coffee -tea", "topic", False)
    pipeline.catch_up()
    assert read(program.get(f"listenings/{made['id']}"))["is_complete"] is True
    assert [row["name"] for row in read(program.get("listenings"))["data"]] == ["Coffee"]
    first = read(program.get(f"listenings/{made['id']}/matches", limit=3))
    second = read(program.get(f"listenings/{made['id']}/matches", limit=3, cursor=first["next_cursor"]))
    assert [row["text"] for row in first["data"] + second["data"]] == [f"coffee number {n}" for n in range(1, 6)]
    assert (first["data"][0]["author"], second["next_cursor"]) == ("Anna Puig", None)
    assert read(program.post(f"listenings/{made['id']}/delete", {})) == {"id": made["id"]}
    read(program.get(f"listenings/{made['id']}"), 404)


def test_what_is_wrong_is_told_at_its_place(program: Program) -> None:
    said = read(program.post("listenings/keep", {"name": "Coffee", "query": "coffee sentimnt:x"}), 400)
    assert (said["code"], said["field"]) == ("invalid_field", "query")
    assert "character 8" in said["message"]
    assert "sentiment" in said["message"]
    assert read(program.post("listenings/keep", {"name": "Coffee", "query": "x", "kind": "planet"}), 400)["field"] == "kind"
    assert not Listening.objects.exists()


def test_nothing_of_another_workspace(other_workspace: Workspace, program: Program) -> None:
    theirs = listenings.save(other_workspace, None, "Bread", "bread")
    read(program.get(f"listenings/{theirs.pk}"), 404)
    read(program.post(f"listenings/{theirs.pk}/delete", {}), 404)
    read(program.get(f"listenings/{theirs.pk}/matches"), 404)
    assert read(program.get("listenings")) == {"data": []}
    assert reverse("api:v1:list_queries") == "/api/v1/listenings"
