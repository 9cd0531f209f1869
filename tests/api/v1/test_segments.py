"""Segments through the API: the same JSON as on the screen, members, why."""

import json
from typing import Any

import pytest

from tests.api.v1.conftest import Program
from tests.organise.community import bring, fact
from tests.organise.test_segments_path import BUYERS, bought
from vincle.accounts.models import Workspace
from vincle.organise.models import Profile
from vincle.project import pipeline
from vincle.vocabulary import public_id

pytestmark = pytest.mark.django_db


def read(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.content
    return json.loads(response.content)


@pytest.fixture
def program(key_of: Any) -> Program:
    return Program(key_of())


def test_from_a_question_to_its_members(workspace: Workspace, program: Program) -> None:
    bring(workspace, [fact("ana@example.org", "Ana"), fact("bea@example.org", "Bea")])
    bring(workspace, [bought("ana@example.org"), bought("bea@example.org", 100)], "orders")
    assert read(program.post("segments/count", {"predicate": BUYERS}))["about"] == 1
    made = read(program.post("segments/create", {"name": "Buyers", "predicate": BUYERS}))
    assert (made["state"], made["version"]) == ("building", 1)
    pipeline.catch_up()
    path = f"segments/{made['id']}"
    assert (read(program.get(path))["state"], read(program.get(path))["members"]) == ("live", 1)
    assert [row["name"] for row in read(program.get(f"{path}/members"))["data"]] == ["Ana"]
    assert read(program.get(f"{path}/members", at="2020-01-01T00:00:00Z")) == {"data": [], "total": 0, "next_cursor": None}
    ana, bea = (public_id(Profile.objects.get(name=name).person) for name in ("Ana", "Bea"))
    why = read(program.get(f"{path}/why/{ana}"))
    assert (why["is_in"], len(why["clause"]["activities"])) == (True, 1)
    assert read(program.get(f"{path}/why/{bea}"))["is_in"] is False
    assert [row["name"] for row in read(program.get(f"people/{ana}/segments"))["data"]] == ["Buyers"]
    assert read(program.post(f"{path}/change", {"predicate": {"not": BUYERS}}))["version"] == 2
    pipeline.catch_up()
    assert [row["name"] for row in read(program.get(f"{path}/members"))["data"]] == ["Bea"]
    assert read(program.post(f"{path}/undo"))["predicate"] == made["predicate"]
    assert read(program.post(f"{path}/archive"))["archived_at"]
    assert read(program.get("segments"))["data"] == []


def test_what_is_wrong_is_named_with_its_place(program: Program) -> None:
    said = read(program.post("segments/create", {"name": "X", "predicate": {"all": [{"tag": "vip"}, {"did": {"verb": "Buy"}}]}}), 400)
    assert (said["field"], said["code"]) == ("predicate", "invalid_field")
    assert "all/1/did/verb" in said["message"]
    made = read(program.post("segments/create", {"name": "X", "predicate": {"all": []}}))
    assert read(program.post("segments/create", {"name": "x", "predicate": {"all": []}}), 409)["code"] == "conflict"
    said = read(program.post(f"segments/{made['id']}/change", {"predicate": {"not": {"segment": made["id"]}}}), 400)
    assert "not/segment" in said["message"]


def test_a_segment_of_another_workspace_is_not_there(other_workspace: Workspace, program: Program) -> None:
    from vincle.organise import segmenting

    theirs = segmenting.create(other_workspace, None, "Theirs", {"all": []})
    for path in (f"segments/{theirs.public}", f"segments/{theirs.public}/members"):
        assert read(program.get(path), 404)["code"] == "not_found"
    assert read(program.post(f"segments/{theirs.public}/archive"), 404)
    assert "unknown" not in read(program.post("segments/count", {"predicate": {"segment": theirs.public}}), 400)["code"]
