"""`vincle person`: what it says, what it changes, and how it ends when it cannot."""

import io
import json
from typing import Any

import pytest
from click.testing import CliRunner

from vincle.accounts.models import Workspace
from vincle.listen import actions as listen
from vincle.project import pipeline
from vincle.project.commands.person import person_command

pytestmark = pytest.mark.django_db
CONTACTS = (
    "Name,Email,Phone,City\nAna Torres,ana@example.org,+34 600 111 222,Vic\nAnna T,anna@example.com,,Girona\nJoan Puig,joan@example.org,,\n"
)


class Place:
    """Types commands."""

    def end(self, *arguments: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(person_command, arguments)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.stdout, done.stderr

    def run(self, *arguments: str) -> str:
        code, said, wrong = self.end(*arguments)
        assert code == 0, wrong
        return said

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))


@pytest.fixture
def place(workspace: Workspace) -> Place:
    listen.receive_file(workspace, io.BytesIO(CONTACTS.encode()), "contacts.csv", kind="contacts")
    pipeline.catch_up()
    return Place()


def values(shown: Any) -> set[str]:
    return {handle["value"] for handle in shown["handles"]}


def test_show_by_id_address_and_number(place: Place) -> None:
    shown = place.json("show", "ana@example.org")
    assert (shown["name"], shown["traits"]["city"]) == ("Ana Torres", "Vic")
    assert values(shown) == {"ana@example.org", "+34600111222"}
    for name in (shown["id"], "ANA@example.org", "600 111 222", "+34600111222", "email:ana@example.org"):
        assert place.json("show", name) == shown
    assert "ana@example.org" in place.run("show", "ana@example.org")


def test_merge_history_undo_split(place: Place) -> None:
    ana, anna = (place.json("show", email) for email in ("ana@example.org", "anna@example.com"))
    assert place.json("history", "ana@example.org") == []
    merged = place.json("merge", "600 111 222", "anna@example.com")
    assert {merged["id"], merged["joined"]} == {ana["id"], anna["id"]}
    assert values(place.json("show", merged["joined"])) == values(ana) | values(anna)
    (move,) = place.json("history", merged["joined"])
    assert (move["id"], move["act"], move["via"]) == (merged["move"], "merge", "command")
    assert merged["move"] in place.run("history", merged["id"])
    assert place.json("undo", merged["move"]) == {"undone": merged["move"]}
    assert values(place.json("show", anna["id"])) == values(anna)
    assert place.json("history", anna["id"])[0]["undone_at"]
    again = place.json("merge", ana["id"], anna["id"])
    split = place.json("split", again["id"], "--handle", "anna@example.com")
    assert values(place.json("show", split["people"][0])) == {"anna@example.com"}
    place.run("undo", split["moves"][0])
    assert len(place.json("split", again["id"], "--whole")["people"]) == 1
    assert values(place.json("show", "ana@example.org")) == values(ana)
    assert place.json("split", "ana@example.org", "--whole")["people"] == []


def test_back_to_a_moment(place: Place) -> None:
    merged = place.json("merge", "joan@example.org", "ana@example.org")
    at = place.json("history", merged["id"])[-1]["at"]
    assert place.json("split", merged["id"], "--at", at)["people"] == []
    assert len(place.json("split", merged["id"], "--at", "2026-01-01")["people"]) >= 1
    assert values(place.json("show", "joan@example.org")) == {"joan@example.org"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("show", "nobody@example.org"), 2, "Nobody in this workspace is 'nobody@example.org'"),
        (("show", "zzz"), 2, "Nobody"),
        (("merge", "joan@example.org", "joan@example.org"), 1, "two different people"),
        (("merge", "joan@example.org", "x"), 2, "Nobody in this workspace is 'x'"),
        (("split", "joan@example.org"), 2, "exactly one of --handle, --whole and --at"),
        (("split", "joan@example.org", "--whole", "--at", "2026-01-01"), 2, "exactly one"),
        (("split", "joan@example.org", "--handle", "ana@example.org"), 2, "no handle of this person"),
        (("split", "joan@example.org", "--handle", "joan@example.org"), 1, "leave the person a handle"),
        (("split", "joan@example.org", "--at", "soon"), 2, "not a date"),
        (("split", "joan@example.org", "--at", "2999-01-01"), 2, "has not come yet"),
        (("undo", "0000000000zzz"), 2, "no move"),
        (("undo", "x"), 2, "no move"),
        (("show", "joan@example.org", "--workspace", "elsewhere"), 2, "no workspace 'elsewhere'"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...], code: int, said: str, place: Place) -> None:
    ended, shown, wrong = place.end(*arguments)
    assert (ended, shown) == (code, "")
    assert said in wrong


def test_the_same_move_is_not_undone_twice(place: Place) -> None:
    move = place.json("merge", "ana@example.org", "anna@example.com")["move"]
    place.run("undo", move)
    assert place.end("undo", move) == (1, "", "This was taken back already.\n")
