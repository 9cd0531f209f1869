"""`vincle segment` at the command line."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from tests.organise.community import bring, fact
from tests.organise.test_segments_path import BUYERS, bought
from vincle.accounts.models import Workspace
from vincle.project.commands.segment import segment_command

pytestmark = pytest.mark.django_db


def run(*arguments: str, code: int = 0, given: str = "") -> str:
    done = CliRunner().invoke(segment_command, list(arguments), input=given)
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture
def _people(workspace: Workspace) -> None:
    bring(workspace, [fact("ana@example.org", "Ana"), fact("bea@example.org", "Bea")])
    bring(workspace, [bought("ana@example.org"), bought("bea@example.org", 100)], "orders")


@pytest.mark.usefixtures("_people")
def test_from_a_question_to_why() -> None:
    assert json.loads(run("count", json.dumps(BUYERS), "--json").splitlines()[-1])["about"] == 1
    made: dict[str, Any] = json.loads(run("create", "Buyers", "-", "--json", given=json.dumps(BUYERS)).splitlines()[-1])
    assert (made["members"], made["state"]) == (1, "live")
    assert "Buyers: 1 (live)" in run("list")
    assert "version 1" in run("show", "buyers")
    assert run("members", made["id"]).split()[1] == "Ana"
    assert run("members", "Buyers", "--at", "2020-01-01").strip() == "Nobody."
    assert run("why", "Buyers", "ana@example.org").startswith("In:")
    assert run("why", "Buyers", "bea@example.org").startswith("Out:")
    assert "1 people" in run("recompute", "Buyers")


@pytest.mark.usefixtures("workspace")
def test_what_cannot_be_done_is_said() -> None:
    assert "all/0/did/verb" in run("create", "X", '{"all": [{"did": {"verb": "Buy"}}]}', code=2)
    assert "no JSON" in run("count", "{", code=2)
    assert "no segment 'Nothing'" in run("members", "Nothing", code=2)
    run("create", "X", '{"all": []}')
    assert "called “x”" in run("create", "x", '{"all": []}', code=2)
    assert "no moment" in run("members", "X", "--at", "yesterday", code=2)
