"""`vincle influence`: the same figures as the screen, for programs and spreadsheets."""

import csv
import io
import json

import pytest
from click.testing import CliRunner

from vincle.accounts.models import Workspace
from vincle.organise import influence_due, influence_rounds
from vincle.project.commands.influence import influence_command

from .town import town

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_command_looks_and_lists_people_as_json_csv_and_words(workspace: Workspace) -> None:
    town(workspace)
    run = CliRunner().invoke
    assert "try --now" in run(influence_command, []).output
    found = json.loads(run(influence_command, ["--now", "--json", "--limit", "3"]).stdout.splitlines()[-1])
    assert len(found) == 3
    assert found[0]["influence"] >= found[1]["influence"] >= found[2]["influence"]
    lines = list(csv.DictReader(io.StringIO(run(influence_command, ["--csv"]).stdout)))
    assert {"Marta", "Rob", "Lea"} <= {line["name"] for line in lines}
    assert len(lines) == 11
    assert [line["id"] for line in lines[:3]] == [each["id"] for each in found]
    assert f"{found[0]['name']}" in run(influence_command, []).output
    assert run(influence_command, ["--json", "--csv"]).exit_code == 2


def test_the_worker_looks_once_and_then_waits(workspace: Workspace, other_workspace: Workspace) -> None:
    town(workspace)
    assert influence_due.any_due()
    while influence_rounds.turn():
        pass
    assert not influence_due.any_due()
    assert not influence_due.is_due(other_workspace)
