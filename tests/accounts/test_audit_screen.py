"""The audit log on screen and as CSV: complete, in order, filtered, and only one's own."""

import ast
import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.test import Client

import vincle
from vincle.accounts.audit import record
from vincle.accounts.audit_words import WORDS
from vincle.accounts.models import AuditEntry, Role, User, Workspace

ROOT = Path(vincle.__file__).parent
AUDIT = "/w/cafe-lligam/settings/audit/"
Clients = Callable[..., Client]


def labels(client: Client, **asked: str) -> list[str]:
    return [line["entry"].label for line in client.get(AUDIT, asked).context["lines"]]


def rows_of(client: Client, **asked: str) -> list[dict[str, str]]:
    content = b"".join(client.get("/w/cafe-lligam/settings/audit.csv", asked)).decode("utf-8-sig")  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(content)))


def at(label: str, moment: datetime) -> None:
    AuditEntry.objects.filter(label=label).update(at=moment)


class TestPages:
    def test_every_line_once_also_where_times_are_equal(self, client_for: Clients, workspace: Workspace, owner: User) -> None:
        for number in range(120):
            record(workspace, owner, "tagged", "person", number, f"line {number}")
        AuditEntry.objects.update(at=datetime(2026, 1, 1, tzinfo=UTC))
        client, seen, asked = client_for(Role.OWNER), [], {}
        while True:
            page = client.get(AUDIT, asked)
            seen += [line["entry"].label for line in page.context["lines"]]
            if page.context["after"] is None:
                break
            asked = {"after": page.context["after"]}
        assert seen == [f"line {number}" for number in reversed(range(120))]

    def test_a_broken_place_starts_at_the_top(self, client_for: Clients, workspace: Workspace, owner: User) -> None:
        record(workspace, owner, "tagged", "person", 1, "one")
        client = client_for(Role.OWNER)
        assert [labels(client, after=place) for place in ("nonsense", "2026_x", "_", "2026-01-01_3")] == [["one"]] * 4

    def test_another_workspaces_lines_are_not_there(
        self, client_for: Clients, workspace: Workspace, other_workspace: Workspace, owner: User
    ) -> None:
        record(other_workspace, owner, "tagged", "person", 1, "theirs")
        record(workspace, owner, "tagged", "person", 1, "ours")
        client = client_for(Role.OWNER)
        assert labels(client) == ["ours"]
        assert [row["label"] for row in rows_of(client)][-1] == "ours"


class TestFilters:
    def test_person_verb_and_period(self, client_for: Clients, workspace: Workspace, owner: User) -> None:
        record(workspace, owner, "tagged", "person", 1, "early")
        record(workspace, None, "imported", "import", 1, "late")
        client = client_for(Role.OWNER)
        # 23:30 UTC is the next day in the workspace's Madrid.
        at("early", datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
        at("late", datetime(2026, 3, 5, 12, tzinfo=UTC))
        assert labels(client, person=owner.email) == ["early"]
        assert labels(client, person="command line") == ["late"]
        assert labels(client, verb="imported") == ["late"]
        assert labels(client, since="2026-03-02", until="2026-03-02") == ["early"]
        assert labels(client, until="2026-03-01") == []
        assert [row["label"] for row in rows_of(client, verb="imported")] == ["late"]

    def test_a_date_that_is_none_is_said_and_ignored(self, client_for: Clients, workspace: Workspace, owner: User) -> None:
        record(workspace, owner, "tagged", "person", 1, "one")
        page = client_for(Role.OWNER).get(AUDIT, {"since": "32.13.2026"})
        assert [line["entry"].label for line in page.context["lines"]] == ["one"]
        assert "Enter a valid date." in page.content.decode()


class TestCsv:
    def test_neutral_for_spreadsheets(self, client_for: Clients, workspace: Workspace, owner: User) -> None:
        record(workspace, owner, "tagged", "person", 7, '=HYPERLINK("http://evil.example")', tag="+cmd")
        tagged = next(row for row in rows_of(client_for(Role.OWNER)) if row["verb"] == "tagged")
        assert tagged["label"] == '\'=HYPERLINK("http://evil.example")'
        assert (tagged["who"], tagged["object"], tagged["id"], tagged["details"]) == (owner.email, "person", "7", "tag: +cmd")
        assert datetime.fromisoformat(tagged["at"]) - datetime.now(UTC) < timedelta(minutes=1)

    def test_taking_it_out_is_recorded_too(self, client_for: Clients, workspace: Workspace) -> None:
        rows_of(client_for(Role.OWNER))
        assert AuditEntry.objects.of(workspace).get().verb == "exported"


def test_lines_read_as_sentences(client_for: Clients, workspace: Workspace, owner: User) -> None:
    record(workspace, owner, "changed role", "member", 1, "Anna", changes={"role": ["agent", "viewer"]})
    record(workspace, owner, "joined", "member", 1, str(owner), role="owner")
    record(workspace, owner, "sang", "song", 1, "unknown words stay as they are")
    lines = client_for(Role.OWNER).get(AUDIT).context["lines"]
    assert [(str(line["verb"]), str(line["kind"]), line["label"], line["details"]) for line in lines] == [
        ("sang", "song", "unknown words stay as they are", []),
        ("joined as", "member", "", ["role: Owner"]),
        ("changed the role of", "member", "Anna", ["role: Agent → Viewer"]),
    ]


def test_every_word_of_the_log_can_be_said_in_other_languages() -> None:
    """What is written by name in a call of `audit.record`, but for names that are worked out."""
    missing = set()
    for path in ROOT.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "audit.record":
                missing |= {each.value for each in call.args[2:4] if isinstance(each, ast.Constant) and each.value not in {"", *WORDS}}
    assert not missing, f"add to accounts/audit_words.py: {sorted(missing)}"
