"""The command line: every command from outside, as someone types it."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.project.installation import Installation, free_port, installation
from vincle.project.cli import COMMANDS

pytestmark = pytest.mark.django_db
CONTACTS = "Email,First Name,Phone,Tags\nana@example.org,Ana,+34600111222,vip\nnot-an-address,X,,\njoan@example.org,=cmd(),,\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None):  # type: ignore[no-untyped-def]
    with installation(tmp_path_factory.mktemp("home")) as made:
        made.workspace()
        (made.home / "contacts.csv").write_text(CONTACTS)
        yield made


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_an_example(place: Installation, name: str) -> None:
    said = place.run(name, "--help")
    assert f"Example: vincle {name}" in said


def test_an_import_reports_what_the_database_holds(place: Installation) -> None:
    path = str(place.home / "contacts.csv")
    tried = place.json("import", path, "--dry-run")["files"][0]
    assert (tried["state"], tried["new"], tried["rejected"]) == ("dry run", 2, 1)
    first = place.json("import", path)
    assert first["totals"] == {
        "rows": 3,
        "new": 2,
        "duplicates": 0,
        "unknown": 0,
        "rejected": 1,
        "warnings": 0,
        "people_new": 2,
        "people_updated": 0,
    }
    assert first["files"][0]["reasons"] == [
        {
            "line": 3,
            "warning": False,
            "code": "invalid_email",
            "field": "Email",
            "message": "Email: This is not an e-mail address: “not-an-address”",
        }
    ]
    again = place.json("import", path)["totals"]
    assert (again["new"], again["duplicates"], again["people_new"]) == (0, 2, 0)


def test_people_are_found_and_exported_safely(place: Installation) -> None:
    place.run("import", str(place.home / "contacts.csv"))
    assert [row["email"] for row in place.json("people", "ANA")] == ["ana@example.org"]
    out = place.home / "people.csv"
    place.run("export", "people", "--out", str(out))
    rows = {row["email"]: row for row in csv.DictReader(io.StringIO(out.read_text()))}
    assert rows["joan@example.org"]["name"] == "'=cmd()"
    assert rows["ana@example.org"]["tags"] == "vip"
    lines = place.run("export", "people", "--json").splitlines()
    assert {json.loads(line)["email"] for line in lines} == set(rows)


def test_a_file_that_cannot_be_read_says_why(place: Installation) -> None:
    empty = place.home / "empty.csv"
    empty.write_bytes(b"")
    report = place.json("import", str(empty), code=1)["files"][0]
    assert (report["state"], report["error"], report["message"]) == ("failed", "empty_file", "The file is empty.")


def test_misuse_is_told_apart_from_failure(place: Installation) -> None:
    assert "no workspace 'nowhere'" in place.run("people", "--workspace", "nowhere", code=2)
    assert "COLUMN=FIELD" in place.run("import", str(place.home / "contacts.csv"), "--map", "wrong", code=2)
    place.run("import", str(place.home / "missing.csv"), code=2)


def test_a_rebuild_gives_the_same(place: Installation) -> None:
    place.run("import", str(place.home / "contacts.csv"))
    before = place.run("export", "people", "--json")
    counts = place.json("rebuild", "--yes")
    assert counts["before"] == counts["after"]
    assert place.run("export", "people", "--json") == before


def test_doctor_says_what_is_wrong(place: Installation, tmp_path: Path) -> None:
    findings = {row["check"]: row for row in place.json("doctor")}
    assert findings["database"]["state"] == "good"
    assert findings["workers"] == {
        "check": "workers",
        "state": "warning",
        "finding": "none was seen in the last minute",
        "remedy": "Start `vincle up`, or `vincle work` beside `vincle web`.",
    }
    with installation(tmp_path / "new", is_new=True) as fresh:
        fresh.home.mkdir()
        assert {row["check"]: row["state"] for row in fresh.json("doctor", code=1)}["database set-up"] == "bad"
        assert "not set up" in fresh.run("people", code=1)


def test_up_refuses_a_taken_port_and_a_second_start(tmp_path: Path) -> None:
    import socket

    with installation(tmp_path) as place, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert "cannot be used" in place.run("up", "--port", str(taken.getsockname()[1]), code=1)
        place.up()
        assert "running already" in place.run("up", "--port", str(free_port()), code=1)
