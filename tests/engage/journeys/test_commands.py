"""`vincle journey`, and what is told to other programs."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.engage.journeys.town import BUYS, Town
from vincle.accounts.models import User, Workspace
from vincle.engage.journeys import calls
from vincle.engage.journeys.models import HookCall, Journey
from vincle.project.commands.journey import journey_command
from vincle.store.deliveries import NotSent

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(workspace: Workspace, owner: User) -> Town:
    made = Town(workspace, owner)
    made.people("ana")
    return made


def run(town: Town, *arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(journey_command, [*arguments, "--workspace", town.workspace.slug])
    assert done.exit_code == code, done.output
    return done


def test_there_and_back(town: Town, tmp_path: Path) -> None:
    file, copy = tmp_path / "Thanks.txt", tmp_path / "thanks.json"
    file.write_text(BUYS + 'add tag "x" [t]\nwait 1 day [w]\n')
    assert "Thanks, version 1" in run(town, "import", str(file)).output
    assert "Thanks, version 1" in run(town, "import", str(file)).output
    run(town, "export", "Thanks", str(copy))
    assert json.loads(copy.read_text())["steps"][0] == {"id": "t", "do": "tag", "add": "x"}
    assert "Thanks, version 1" in run(town, "import", str(copy), "--name", "Thanks").output
    file.write_text(BUYS + "leave\n")
    assert "Thanks, version 2" in run(town, "import", str(file)).output
    assert "wait 1 day [w]" in run(town, "export", "Thanks", "--version", "1").output
    assert json.loads(run(town, "list", "--json").output)[0]["state"] == "draft"


def test_trying_starting_and_looking(town: Town, tmp_path: Path) -> None:
    file = tmp_path / "thanks.txt"
    file.write_text(f'Journey "Thanks"\n{BUYS}wait 1 day [w]\n')
    town.act("ana")
    town.settle()
    assert json.loads(run(town, "simulate", str(file), "--json").output)["reached"] == 1
    run(town, "import", str(file))
    assert "Thanks: running" in run(town, "start", "thanks").output
    town.act("ana")
    town.settle()
    assert json.loads(run(town, "people", "Thanks", "--json").output)[0]["step"] == "w"
    assert "w: 1 wait, 0 passed" in run(town, "show", "Thanks").output
    assert "Thanks: paused" in run(town, "pause", "Thanks").output
    assert "Thanks: stopped" in run(town, "stop", "Thanks").output


BAD = [
    ("When someone flies\nleave\n", "line 1, column 14"), ("{", "cannot be read"), ('{"start": []}', "start: empty_list"),
    ("\x00", "line 1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), BAD)
def test_what_cannot_be_read_is_said(town: Town, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "bad.txt"
    file.write_text(text)
    assert said in run(town, "import", str(file), code=2).output
    assert not Journey.objects.exists()


def test_another_program_is_told_until_it_heard(town: Town) -> None:
    town.journey(BUYS + 'tell "https://example.org/a" [h]\n')
    town.act("ana")
    town.settle()
    sent: list[tuple[str, Any]] = []

    def away(url: str, body: bytes, headers: dict[str, str]) -> int:
        raise NotSent("away", 503)

    def there(url: str, body: bytes, headers: dict[str, str]) -> int:
        sent.append((url, (json.loads(body), headers)))
        return 200

    assert calls.turn(away) == 1
    assert calls.turn(there) == 0
    call = HookCall.objects.get()
    assert (call.state, call.tries, call.status) == ("waiting", 1, 503)
    HookCall.objects.update(next_at=call.created_at)
    assert calls.turn(there) == 1
    assert calls.turn(there) == 0
    (url, (body, headers)) = sent[0]
    assert (url, body["step"], body["journey"]["name"]) == ("https://example.org/a", "h", "Test")
    assert any("signature" in name.casefold() for name in headers)
    assert "ana@example.org" not in json.dumps(body)
    assert calls.secret_of(town.workspace) == calls.secret_of(town.workspace)


def test_whoever_receives_calls_learns_what_they_are_signed_with(town: Town) -> None:
    run = CliRunner().invoke
    first = run(journey_command, ["secret"]).output.strip()
    assert first == calls.secret_of(town.workspace)
    second = json.loads(run(journey_command, ["secret", "--renew", "--json"]).output)["secret"]
    assert second == calls.secret_of(town.workspace) != first
