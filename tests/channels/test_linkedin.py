"""LinkedIn: the files of its download, what it delivers of a page, its proof, and that none of it is kept for long."""

import hmac
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from vincle.accounts.models import Workspace
from vincle.channels import registry
from vincle.channels.base import Accepted, FileError, Options, Rejected, Reply, Request
from vincle.channels.linkedin import channel
from vincle.listen import actions, log
from vincle.listen.models import Activity as Row
from vincle.vocabulary import Activity, Direction, Fact, HandleRef, ObjectType, Op, Outcome, Reject, Retraction, Unknown, Verb, Warn

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HERE = Path(__file__).parent / "linkedin"
SECRET = {"client_secret": "shh"}
Read = Callable[[str, str | bytes], list[Outcome]]


def acts(found: list[Outcome]) -> list[Activity]:
    return [item for item in found if isinstance(item, Activity)]


def test_connections_behind_their_preamble(reading: Read) -> None:
    found = reading("linkedin", "Connections.csv")
    first, second, third = [item for item in found if isinstance(item, Fact)]
    assert first.handles == (HandleRef("email", "julia@example.org", "Júlia Mas"), HandleRef("linkedin", "julia-mas", "Júlia Mas"))
    assert first.traits == {"first_name": "Júlia", "last_name": "Mas", "company": "Forn Mas", "job_title": "Founder, Baker"}
    assert (second.name, third.handles[0].value) == ("Pol Riu, PhD", "evasol")
    assert [(item.line, item.code) for item in found if isinstance(item, Reject | Warn)] == [(7, "no_handle"), (8, "invalid_date")]
    assert [item.happened_at.date() for item in acts(found)][:2] == [date(2025, 3, 12), date(2024, 1, 3)]


def test_messages_know_whose_download_it_is(reading: Read) -> None:
    asked, answered, other = acts(reading("linkedin", "messages.csv"))
    assert [item.direction for item in (asked, answered, other)] == [Direction.IN, Direction.OUT, Direction.IN]
    assert (answered.target, answered.text, answered.thread_key) == (
        HandleRef("linkedin", "julia-mas", "Júlia Mas"),
        "Sí!\nA les 9",
        asked.thread_key,
    )
    assert other.thread_key != asked.thread_key


def test_invitations_and_our_own_words(reading: Read) -> None:
    came, went = acts(reading("linkedin", "Invitations.csv"))
    assert (came.actor, came.direction, came.happened_at.date()) == (
        HandleRef("linkedin", "nora-vila", "Nora Vila"),
        Direction.IN,
        date(2025, 3, 12),
    )
    assert (went.target, went.direction) == (HandleRef("linkedin", "joan-pi", "Joan Pi"), Direction.OUT)
    (share,) = acts(reading("linkedin", "Shares.csv"))
    (comment,) = acts(reading("linkedin", "Comments.csv"))
    praise, like = acts(reading("linkedin", "Reactions.csv"))
    assert {item.direction for item in (share, comment, praise)} == {Direction.OUT}
    assert (share.text, comment.text, praise.reaction, like.reaction) == ("Obrim de nou!\nUs esperem", "Enhorabona!", "celebrate", "like")


def test_the_whole_download_says_what_its_files_say() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("Basic_LinkedInDataExport/Ad_Targeting.csv", "a,b\n1,2\n")
        for path in sorted(HERE.glob("*.csv")):
            archive.writestr(f"Basic_LinkedInDataExport/{path.name}", path.read_bytes())
    assert registry.recognise(packed, "x").spec.id == "linkedin"
    options = Options(file_key="k", now=NOW)
    whole = [item for item in channel.read(packed, options) if not isinstance(item, Reject | Warn)]
    single = [item for path in sorted(HERE.glob("*.csv")) for item in channel.read(io.BytesIO(path.read_bytes()), options)]
    assert whole == [item for item in single if not isinstance(item, Reject | Warn)]
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("other.csv", "a,b\n1,2\n")
    with pytest.raises(FileError, match="not_a_download"):
        list(channel.read(empty, options))


def test_the_stock_of_real_files(shared_data: Path) -> None:
    with (shared_data / "crm_exports/linkedin_Connections.csv").open("rb") as file:
        assert registry.recognise(file).spec.id == "linkedin"
        found = list(channel.read(file, Options(file_key="k", now=NOW)))
    facts = [item for item in found if isinstance(item, Fact)]
    assert facts[0].handles[0].value == "jordan@acme.example"
    assert not [handle for fact in facts for handle in fact.handles if ":" in handle.value], "no address that runs a script"


@pytest.mark.django_db
def test_all_of_it_expires_by_itself(workspace: Workspace) -> None:
    source = actions.connection_for(workspace, "linkedin")
    items = [item for item in channel.read(io.BytesIO((HERE / "Connections.csv").read_bytes()), Options(file_key="k", now=NOW))
             if isinstance(item, Activity | Fact)]  # fmt: skip
    log.append(source, items, NOW)
    rows = list(Row.objects.filter(workspace=workspace))
    assert len(rows) == len(items) == 6
    assert {row.expires_on for row in rows} == {date(2026, 11, 22)}
    assert channel.spec.is_display_only


def notice(action: str, number: int = 1, **more: Any) -> dict[str, Any]:
    return {"notificationId": number, "organizationalEntity": "urn:li:organization:5", "action": action, "sourcePost": "urn:li:share:9",
            "generatedActivity": f"urn:li:comment:(urn:li:activity:9,{number})", "lastModifiedAt": 1795000000000 + number,
            "decoratedGeneratedActivity": {"comment": {"owner": "urn:li:person:ana", "text": f"word {number}"}}} | more  # fmt: skip


def told(*notices: dict[str, Any]) -> list[Outcome]:
    raw = json.dumps({"type": "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS", "notifications": notices}).encode()
    return list(channel.parse(raw, NOW))


def test_what_it_delivers_of_a_page() -> None:
    added, edited, removed, like, mention, ours, unknown = told(
        notice("COMMENT"), notice("COMMENT_EDIT"), notice("COMMENT_DELETE"), notice("LIKE", 2), notice("SHARE_MENTION", 3),
        notice("ADMIN_COMMENT", 4), notice("SOMETHING_NEW", 5),
    )  # fmt: skip
    assert isinstance(added, Activity)
    assert isinstance(edited, Activity)
    assert isinstance(removed, Retraction)
    assert added.native_id == edited.native_id == removed.native_id
    assert (added.op, edited.op, added.actor, added.parent_key) == (
        Op.ASSERT, Op.CORRECT, HandleRef("linkedin_member", "urn:li:person:ana"), "urn:li:share:9")  # fmt: skip
    assert isinstance(like, Activity)
    assert isinstance(mention, Activity)
    assert isinstance(ours, Activity)
    assert (like.verb, like.object_key, mention.object_type, ours.direction) == (
        Verb.LIKE,
        "urn:li:share:9",
        ObjectType.MENTION,
        Direction.OUT,
    )
    assert isinstance(unknown, Unknown)
    assert told(notice("COMMENT")) == told(notice("COMMENT"))


def test_proof() -> None:
    body = b'{"notifications": []}'

    def sent(signature: str = "", **more: Any) -> Request:
        headers = {"x-li-signature": signature} if signature else {}
        return Request(**({"method": "POST", "path": "/", "received_at": NOW, "body": body, "headers": headers} | more))

    for message in (b"hmacsha256=" + body, body):
        proof = hmac.new(b"shh", message, sha256).hexdigest()
        assert channel.verify(sent(proof), SECRET) == channel.verify(sent(f"hmacsha256={proof}"), SECRET) == Accepted()
        assert channel.verify(sent(proof, body=body + b" "), SECRET) == Rejected("wrong_signature")
    assert channel.verify(sent(), SECRET) == Rejected("no_signature")
    asked = channel.verify(sent(method="GET", query={"challengeCode": "890e4665"}), SECRET)
    assert isinstance(asked, Reply)
    assert json.loads(asked.body)["challengeResponse"] == hmac.new(b"shh", b"890e4665", sha256).hexdigest()
