"""What people attach is fetched while the platform keeps it, handed out harmless, and gone with the words."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.engage.talks import follow
from vincle.accounts.models import Role, Workspace
from vincle.channels.live import Answer, Attached, File, Problem
from vincle.channels.registry import channels
from vincle.engage.inbox.models import Piece
from vincle.listen import actions, attachments, known, outward
from vincle.listen.models import Attachment, Connection
from vincle.vocabulary import public_id

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def heard(workspace: Workspace, channel: str, raw: bytes) -> Connection:
    source = actions.connection_for(workspace, channel)
    for delivery in actions.receive_all(source, [raw]):
        actions.work_off(delivery)
    follow()
    return source


def telegram(**message: Any) -> bytes:
    who = {"id": 9, "is_bot": False, "first_name": "Ana"}
    told = {"message_id": 41, "date": int(timezone.now().timestamp()), "chat": {"id": 9, "type": "private"}, "from": who, **message}
    return json.dumps({"update_id": 7, "message": told}).encode()


def photo() -> bytes:
    sizes = [{"file_id": "small", "width": 90}, {"file_id": "large", "width": 1280, "file_size": len(PNG)}]
    return telegram(photo=sizes, caption="Ha arribat així")


def letter(*files: tuple[bytes, str, str]) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"], message["Date"] = "ana@x.org", "hola@lligam.cat", "<a@x>", timezone.now()
    message["Subject"] = "La factura"
    message.set_content("Aquí la teniu, és correcta?")
    for content, kind, name in files:
        main, _, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    told = {"source": "mail", "own": ["hola@lligam.cat"], "at": timezone.now().isoformat(), "sent": False}
    return json.dumps(told).encode() + b"\n" + message.as_bytes()


def address(workspace: Workspace, place: int = 0) -> str:
    piece = Piece.objects.get()
    assert piece.thread is not None
    where = {"workspace": workspace.slug, "pid": public_id(piece.thread), "piece": piece.public, "place": place}
    return reverse("inbox:file", kwargs=where)


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was fetched; a name of a Problem's kind in front makes the next tries fail so."""
    asked: list[str] = []

    def fetch(connection: Connection, one: Attached) -> File:
        asked.append(one.ref)
        if asked[0] in ("transient", "gone"):
            raise Problem(asked[0], "not_there")  # type: ignore[arg-type]
        return File(name=one.name, content_type="image/png", content=PNG)

    monkeypatch.setattr(outward, "fetch", fetch)
    return asked


def test_a_picture_is_fetched_once_stored_and_shown(workspace: Workspace, client_for: Callable[..., Client], platform: list[str]) -> None:
    heard(workspace, "telegram", photo())
    assert attachments.turn() == 1
    assert attachments.turn() == 0
    heard(workspace, "telegram", photo())
    assert attachments.turn() == 0
    client = client_for(Role.VIEWER)
    got = client.get(address(workspace))
    assert (got.content, got["Content-Type"], got["X-Content-Type-Options"]) == (PNG, "image/png", "nosniff")
    assert got["Content-Disposition"] == 'attachment; filename="photo.jpg"'
    assert "sandbox" in got["Content-Security-Policy"]
    assert platform == ["large"], "fetched once"
    page = client.get(reverse("inbox:thread", kwargs={"workspace": workspace.slug, "pid": public_id(Piece.objects.get().thread or 0)}))
    assert f'<img src="{address(workspace)}"' in page.content.decode()


def test_what_is_looked_at_before_it_was_fetched_is_fetched_at_once(
    workspace: Workspace, client_for: Callable[..., Client], platform: list[str]
) -> None:
    heard(workspace, "telegram", photo())
    assert client_for(Role.VIEWER).get(address(workspace)).content == PNG
    assert attachments.turn() == 0
    assert platform == ["large"]


def test_a_slow_platform_is_asked_again_and_a_file_that_is_gone_is_not(workspace: Workspace, platform: list[str]) -> None:
    platform.append("transient")
    heard(workspace, "telegram", photo())
    assert attachments.turn() == 0
    row = Attachment.objects.get()
    assert row.next_at is not None
    assert timezone.now() < row.next_at < timezone.now() + timedelta(minutes=2)
    platform[0] = "gone"
    Attachment.objects.update(next_at=timezone.now())
    attachments.turn()
    assert (Attachment.objects.get().next_at, Attachment.objects.get().problem_code) == (None, "not_there")
    platform.clear()


def test_files_go_with_the_words(workspace: Workspace, client_for: Callable[..., Client], platform: list[str]) -> None:
    heard(workspace, "telegram", photo())
    attachments.turn()
    known.delete_contents([bytes(Piece.objects.get().event)])
    assert not Attachment.objects.exists()
    assert client_for(Role.VIEWER).get(address(workspace)).status_code == 410
    assert not Attachment.objects.exists()


def test_files_of_mail_come_out_of_the_letter_and_nothing_in_them_runs(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    files = ((b"%PDF-1.7 x", "application/pdf", "factura.pdf"), (b"<script>alert(1)</script>", "text/html", 'x"><script>.html'))
    heard(workspace, "mail", letter(*files))
    client = client_for(Role.VIEWER)
    got = client.get(address(workspace))
    assert (got.content, got["Content-Type"]) == (b"%PDF-1.7 x", "application/pdf")
    evil = client.get(address(workspace, 1))
    assert (evil.content, evil["Content-Type"]) == (files[1][0], "application/octet-stream")
    assert evil["Content-Disposition"].startswith("attachment")
    assert client.get(address(workspace, 2)).status_code == 410
    assert not Attachment.objects.exists(), "it stands in the letter already"
    page = client.get(reverse("inbox:thread", kwargs={"workspace": workspace.slug, "pid": public_id(Piece.objects.get().thread or 0)}))
    assert "factura.pdf" in page.content.decode()
    assert "<script>.html" not in page.content.decode()


class Line:
    """Answers by address; what was asked with which token stands in `asked`."""

    now = NOW

    def __init__(self, answers: dict[str, bytes], settings: dict[str, str] | None = None) -> None:
        self.answers, self.asked = answers, list[tuple[str, str]]()
        self.settings, self.secrets = settings or {}, {"bot_token": "1:x", "access_token": "meta"}

    def send(self, method: str, url: str, **more: Any) -> Answer:
        self.asked.append((url, (more.get("headers") or {}).get("authorization", "")))
        found = next((body for end, body in self.answers.items() if url.endswith(end)), None)
        return Answer(status=200 if found is not None else 404, url=url, body=found or b"{}")


def test_telegram_files_are_fetched_by_the_place_it_tells() -> None:
    line: Any = Line({"/getFile": b'{"ok": true, "result": {"file_path": "photos/1.jpg"}}', "/file/bot1:x/photos/1.jpg": PNG})
    assert channels()["telegram"].fetch(line, Attached(name="photo.jpg", ref="large")).content == PNG
    with pytest.raises(Problem) as problem:
        channels()["telegram"].fetch(Line({"/getFile": b'{"ok": true, "result": {}}'}), Attached(name="x", ref="y"))  # type: ignore[arg-type]
    assert problem.value.kind == "gone"


def test_whatsapp_files_are_fetched_from_meta_alone() -> None:
    place = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1"
    line: Any = Line({"/123": json.dumps({"url": place, "mime_type": "image/png"}).encode(), "?mid=1": PNG})
    told = channels()["whatsapp"].attached({"attachments": [{"type": "image", "id": "123", "mime_type": "image/png"}]})
    assert channels()["whatsapp"].fetch(line, told[0]).content == PNG
    assert line.asked[-1] == (place, "Bearer meta")
    for other in ("https://evil.example/x", "http://lookaside.fbsbx.com/x", "https://fbsbx.com.evil.example/x"):
        line = Line({"/123": json.dumps({"url": other}).encode()})
        with pytest.raises(Problem, match="not_allowed_there"):
            channels()["whatsapp"].fetch(line, told[0])
        assert len(line.asked) == 1, "the token stays here"
