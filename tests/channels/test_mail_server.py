"""Mail with real servers (Dovecot, Postfix): there and back, waiting, outages, renumbered mailboxes, what comes back undelivered."""

import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from queue import Empty, Queue
from threading import Thread
from typing import Any

import pytest
from django.conf import settings
from imapclient import IMAPClient

from tests.servers.mail import UNKNOWN, Mail, mail
from vincle.accounts.models import Workspace
from vincle.channels import _mail_box, _mail_large
from vincle.channels.live import Command, File, Problem, Pulled
from vincle.channels.mail import attached, channel
from vincle.listen import actions, connections, doctor, line_mail, outward, pulling
from vincle.listen.line import OutLine
from vincle.listen.models import Activity, Connection, Content, Pull

pytestmark = [pytest.mark.xdist_group("mail servers"), pytest.mark.usefixtures("own_network")]
OURS = ["whole", "talk", "waits", "slips", "moved", "before", "outage", "large", "late", "apart"]
ANA = "ana@roastery.example"
PATIENCE = 120.0
"""Seconds that even a very busy machine is waited for; a test that passes never needs them."""


@pytest.fixture(scope="module")
def servers() -> Iterator[Mail]:
    with mail(ANA, *(f"{name}@lligam.example" for name in OURS)) as made:
        yield made


@pytest.fixture
def own_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "OPTIONS", replace(settings.OPTIONS, webhooks_private=True))


def line(servers: Mail, name: str, **more: str) -> OutLine:
    return OutLine(servers.settings(f"{name}@lligam.example", **more), {"password": servers.password})


@contextmanager
def box(servers: Mail, address: str) -> Iterator[Any]:
    with IMAPClient("127.0.0.1", servers.imap, ssl=False) as client:
        client.login(address, servers.password)
        client.select_folder("INBOX")
        yield client


def send(servers: Mail, to: str, native: str, sender: str = ANA, text: str = "Bon dia!", subject: str = "Cafè", **headers: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"], message["Message-ID"] = sender, to, subject, f"<{native}>"
    for header, value in headers.items():
        message[header.replace("_", "-")] = value
    message.set_content(text)
    with smtplib.SMTP("127.0.0.1", servers.mx) as client:
        client.send_message(message)


def arrived(servers: Mail, address: str, native: str, seconds: float = PATIENCE) -> bytes:
    """A message in somebody's mailbox, waited for."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with box(servers, address) as client:
            if uids := client.search(["HEADER", "Message-ID", f"<{native}>"]):
                assert len(uids) == 1
                return bytes(client.fetch(uids, ["BODY.PEEK[]"])[uids[0]][b"BODY[]"])
        servers.hurry()
        time.sleep(0.1)
    pytest.fail(f"{native} did not arrive\n{servers.log('postfix.log')}")


def natives(pages: list[Pulled]) -> list[str]:
    return [item.native_id for page in pages for raw in page.items for item in channel.parse(raw, datetime.now(UTC))]


@pytest.fixture
def connection(servers: Mail, workspace: Workspace) -> Callable[..., Connection]:
    """`connection(name)`: the mailbox name@lligam.example as a company connects it."""

    def make(name: str, **more: str) -> Connection:
        given = servers.settings(f"{name}@lligam.example", sender="Cafè Lligam", **more)
        return connections.connect(workspace, None, "mail", name, given, {"password": servers.password})

    return make


def into_log(made: Connection, servers: Mail, name: str, stream: str, cursor: str) -> tuple[str, int]:
    """Pull what there is and read it into the log; the cursor behind it, and how many deliveries were new."""
    new = 0
    while True:
        page = channel.pull(line(servers, name), stream, cursor)
        for delivery in actions.receive_all(made, page.items):
            actions.work_off(delivery)
            new += 1
        cursor = page.cursor
        if not page.more:
            return cursor, new


def rows(made: Connection) -> list[Activity]:
    return list(Activity.objects.filter(connection=made, verb="Create").order_by("seq"))


def test_the_check_signs_in_to_both_and_tells_which_failed(servers: Mail) -> None:
    standing = channel.check(line(servers, "apart", aliases="info@lligam.example"))
    assert standing.account == "apart@lligam.example"
    assert [handle.value for handle in standing.own] == ["apart@lligam.example", "info@lligam.example"]
    assert standing.abilities >= {"idle", "condstore", "uidplus"}
    assert standing.notes == ()
    wrong = OutLine(servers.settings("apart@lligam.example"), {"password": "wrong"})
    with pytest.raises(Problem) as refused:
        channel.check(wrong)
    assert (refused.value.kind, refused.value.code) == ("auth", "imap_sign_in")
    assert "smtp_sign_in" in refused.value.detail
    with pytest.raises(Problem) as unreachable:
        channel.check(line(servers, "apart", smtp_port="1"))
    assert (unreachable.value.kind, unreachable.value.code) == ("transient", "smtp_unreachable")
    assert channel.check(line(servers, "apart", folders="INBOX, Nowhere")).notes == ("no_such_folder:Nowhere",)


@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_certificates_are_looked_at(servers: Mail, monkeypatch: pytest.MonkeyPatch, security: str) -> None:
    port = servers.imaps if security == "ssl" else servers.imap
    more = {"imap_host": "localhost", "imap_port": str(port), "imap_security": security}
    more |= {"smtp_host": "localhost", "smtp_security": "starttls"}
    with pytest.raises(Problem) as problem:
        channel.check(line(servers, "apart", **more))
    assert (problem.value.kind, problem.value.code) == ("permanent", "imap_certificate")
    assert "smtp_certificate" in problem.value.detail
    monkeypatch.setattr(line_mail, "tls", lambda: ssl.create_default_context(cafile=str(servers.here / "cert.pem")))
    assert channel.check(line(servers, "apart", **more)).account == "apart@lligam.example"


def test_there_and_back(servers: Mail, connection: Callable[..., Connection]) -> None:
    made = connection("talk")
    cursor, sent_cursor = "", into_log(made, servers, "talk", "sent", "")[0]
    send(servers, "talk@lligam.example", "one@roastery.example", subject="Teniu cafè d'Etiòpia?")
    arrived(servers, "talk@lligam.example", "one@roastery.example")
    cursor, new = into_log(made, servers, "talk", "mail", cursor)
    (asked,) = rows(made)
    assert (new, asked.direction, asked.thread_key) == (1, "in", "one@roastery.example")
    about = outward.context_of(asked)
    (way,) = outward.ways(made, about)
    assert (way.deed, way.is_open, way.takes_files > 0) == ("reply", True, True)
    file = File(name="Preus 2026.pdf", content_type="application/pdf", content=b"%PDF-1.7 prices")
    receipt = outward.perform(made, Command(deed="reply", about=about, text="Sí, queda — 12 €.", files=(file,)), "send-1")

    got = BytesParser().parsebytes(arrived(servers, ANA, receipt.native_id))
    assert (got["In-Reply-To"], got["References"]) == ("<one@roastery.example>", "<one@roastery.example>")
    assert got["Auto-Submitted"] is None
    answer = rows(made)[1]
    assert (answer.direction, answer.thread_key, answer.native_id) == ("out", "one@roastery.example", receipt.native_id)
    content = Content.objects.get(event_id=bytes(answer.event_id))
    assert (content.title, content.text) == ("Re: Teniu cafè d'Etiòpia?", "Sí, queda — 12 €.")
    file_told = outward.context_of(answer).body["files"][0]
    assert (file_told["name"], file_told["size"]) == ("Preus 2026.pdf", 15)
    assert attached(receipt.raw, file_told["part"]) == file

    with box(servers, "talk@lligam.example") as client:
        client.select_folder("Sent")
        assert len(client.search()) == 1
        client.append("Sent", b"From: talk@lligam.example\r\nTo: ana@roastery.example\r\nMessage-ID: <phone@lligam.example>\r\n"
                      b"References: <one@roastery.example>\r\nSubject: Re: x\r\n\r\nFrom my phone\r\n")  # fmt: skip
    sent_cursor, _ = into_log(made, servers, "talk", "sent", sent_cursor)
    assert [(row.native_id, row.direction, row.thread_key) for row in rows(made)[2:]] == [
        ("phone@lligam.example", "out", "one@roastery.example")
    ]
    # A program that forgets all but whom it answers still answers into the same conversation.
    send(servers, "talk@lligam.example", "two@roastery.example", In_Reply_To=f"<{receipt.native_id}>")
    arrived(servers, "talk@lligam.example", "two@roastery.example")
    cursor, _ = into_log(made, servers, "talk", "mail", cursor)
    assert (rows(made)[3].native_id, rows(made)[3].thread_key) == ("two@roastery.example", "one@roastery.example")
    assert into_log(made, servers, "talk", "mail", cursor)[1] == into_log(made, servers, "talk", "sent", sent_cursor)[1] == 0
    assert len(rows(made)) == 4


def test_what_comes_while_we_wait_is_told_by_the_server(servers: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks again by himself here, so what is heard was told of."""
    monkeypatch.setattr(_mail_box, "LOOK_AGAIN", 3600)
    monkeypatch.setattr(_mail_box, "PULSE", 0.2)
    heard: Queue[Pulled | str] = Queue()

    def wait() -> None:
        try:
            for page in channel.listen(line(servers, "waits"), "mail", ""):
                heard.put(page)
        except Problem as problem:
            heard.put(problem.code)

    def until(*wanted: list[str] | str) -> None:
        """Until these come in a row: what a page tells, or how it ended."""
        last: tuple[list[str] | str, ...] = ()
        while last[-len(wanted) :] != wanted:
            try:
                told = heard.get(timeout=PATIENCE)
            except Empty:
                pytest.fail(f"heard {last[-5:]}, waited for {wanted}")
            last = (*last, natives([told]) if isinstance(told, Pulled) else told)

    thread = Thread(target=wait, daemon=True)
    thread.start()
    for number in range(2):
        until([], [])  # the second of them is told from within the waiting
        send(servers, "waits@lligam.example", f"now-{number}@roastery.example")
        until([f"now-{number}@roastery.example"])
    until([], [])
    servers.stop_imap()
    try:
        until("imap_dropped")
    finally:
        servers.start_imap()
    with pytest.raises(Problem, match="not_live"):
        next(channel.listen(line(servers, "waits"), "sent", ""))


def test_what_comes_between_looking_and_waiting_is_not_waited_for(servers: Mail) -> None:
    with _mail_box.opened(line(servers, "slips")) as client:
        page = _mail_box.look(client, line(servers, "slips"), "mail", "")
        send(servers, "slips@lligam.example", "slipped@roastery.example")
        arrived(servers, "slips@lligam.example", "slipped@roastery.example")
        assert list(_mail_box.wait(client, line(servers, "slips"), "INBOX", page.cursor)) == [True]
        page = _mail_box.look(client, line(servers, "slips"), "mail", page.cursor)
        assert natives([page]) == ["slipped@roastery.example"]
        assert next(_mail_box.wait(client, line(servers, "slips"), "INBOX", page.cursor)) is False


def test_an_outage_of_either_server_loses_nothing_and_doubles_nothing(servers: Mail, connection: Callable[..., Connection]) -> None:
    made = connection("outage", smtp_port=str(servers.mx))
    send(servers, "outage@lligam.example", "before@roastery.example")
    arrived(servers, "outage@lligam.example", "before@roastery.example")
    cursor, _ = into_log(made, servers, "outage", "mail", "")
    about = outward.context_of(rows(made)[0])
    command, began = Command(deed="reply", about=about, text="Gràcies!"), datetime.now(UTC)
    servers.stop_smtp()
    with pytest.raises(Problem) as problem:
        outward.perform(made, command, "send-2")
    assert (problem.value.kind, problem.value.code) == ("transient", "smtp_unreachable")
    with pytest.raises(Problem, match="maybe_sent"):  # this server keeps no copies by itself: that there is none says nothing
        outward.found(made, command, "send-2", began)
    servers.start_smtp()
    receipt = outward.perform(made, command, "send-2")
    again = outward.found(made, command, "send-2", began)
    assert again is not None
    assert again.native_id == receipt.native_id
    assert [row.direction for row in rows(made)] == ["in", "out"]
    arrived(servers, ANA, receipt.native_id)

    servers.stop_imap()
    send(servers, "outage@lligam.example", "meanwhile@roastery.example")
    with pytest.raises(Problem) as dead:
        channel.pull(line(servers, "outage"), "mail", cursor)
    assert (dead.value.kind, dead.value.code) == ("transient", "imap_unreachable")
    without_copy = outward.perform(made, Command(deed="reply", about=about, text="Encara som aquí."), "send-3")
    servers.start_imap()
    arrived(servers, "outage@lligam.example", "meanwhile@roastery.example")
    arrived(servers, ANA, without_copy.native_id)
    cursor, _ = into_log(made, servers, "outage", "mail", cursor)
    into_log(made, servers, "outage", "sent", "")
    found = [row.native_id for row in rows(made)]
    assert found == ["before@roastery.example", receipt.native_id, without_copy.native_id, "meanwhile@roastery.example"]


def test_a_renumbered_mailbox_is_looked_through_again_without_doubling(servers: Mail) -> None:
    address = "moved@lligam.example"
    for number in range(3):
        send(servers, address, f"m{number}@roastery.example")
        arrived(servers, address, f"m{number}@roastery.example")
    first = channel.pull(line(servers, "moved"), "mail", "")
    assert sorted(natives([first])) == ["m0@roastery.example", "m1@roastery.example", "m2@roastery.example"]
    servers.renumber(address)
    send(servers, address, "m3@roastery.example")
    arrived(servers, address, "m3@roastery.example")
    second = channel.pull(line(servers, "moved"), "mail", first.cursor)
    assert natives([second]) == ["m3@roastery.example"]
    assert channel.pull(line(servers, "moved"), "mail", second.cursor).items == ()


def test_the_past_comes_newest_first_with_its_progress(servers: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_mail_box, "PAGE", 40)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    with box(servers, "before@lligam.example") as client:
        for number in range(90):
            raw = f"From: {ANA}\r\nTo: before@lligam.example\r\nMessage-ID: <p{number}@x>\r\nSubject: {number}\r\n\r\nx\r\n"
            client.append("INBOX", raw.encode(), (), start + timedelta(days=number))
        client.delete_messages([5, 6, 7])
        client.expunge()
    pages, cursor, more = list[Pulled](), "", True
    while more:
        pages.append(channel.past(line(servers, "before"), "mail", cursor))
        cursor, more = pages[-1].cursor, pages[-1].more
    assert natives(pages) == [f"p{number}@x" for number in range(89, -1, -1) if number + 1 not in (5, 6, 7)]
    assert [page.done for page in pages if page.items] == [40, 80, 87]
    assert {page.total for page in pages} == {87}
    assert channel.pull(line(servers, "before"), "mail", "").items == ()


def test_of_a_huge_message_the_words_come_and_the_rest_is_named(servers: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_mail_box, "LIMIT", 50_000)
    monkeypatch.setattr(_mail_large, "LONGEST_WORDS", 4000)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"], message["Message-ID"] = ANA, "large@lligam.example", "Fotos", "<big@x>"
    message.set_content("Mireu les fotos, són del cafè.\n")
    message.add_alternative("<p>Mireu les <b>fotos</b></p>", subtype="html")
    message.add_attachment(bytes(200_000), maintype="image", subtype="jpeg", filename="façana.jpg")
    with box(servers, "large@lligam.example") as client:
        client.append("INBOX", message.as_bytes())
        client.append("INBOX", f"From: {ANA}\r\nMessage-ID: <long@x>\r\nSubject: Llarg\r\n\r\n".encode() + b"Una linia llarga.\r\n" * 6000)
    page = channel.pull(line(servers, "large"), "mail", "")
    assert sum(map(len, page.items)) < 20_000
    photos, words = (next(iter(channel.parse(raw, datetime.now(UTC)))) for raw in page.items)
    assert (photos.native_id, photos.text) == ("big@x", "Mireu les fotos, són del cafè.")
    assert photos.props == {"attachments": 1, "cut": True}
    (told,) = photos.body["files"]
    assert (told["name"], told["type"]) == ("façana.jpg", "image/jpeg")
    assert abs(told["size"] - 200_000) < 2_000
    assert words.native_id == "long@x"
    assert words.text.startswith("Una linia llarga.\nUna")


def test_what_comes_back_undelivered_is_told_in_its_conversation(servers: Mail, connection: Callable[..., Connection]) -> None:
    made = connection("late")
    with pytest.raises(Problem) as refused:
        outward.perform(made, Command(deed="message", to=("x@nowhere.example",), subject="Hola", text="Hi"), "send-4")
    assert (refused.value.kind, refused.value.code) == ("permanent", "recipient_refused")
    both = Command(deed="message", to=(ANA, "x@nowhere.example"), subject="Hola", text="Hi")
    receipt = outward.perform(made, both, "send-5")
    told = Activity.objects.get(connection=made, verb="Bounce")
    assert (told.thread_key, told.is_machine) == (receipt.native_id, True)
    receipt = outward.perform(made, Command(deed="message", to=(UNKNOWN,), subject="Hola", text="Hi"), "send-6")
    until, cursor = time.monotonic() + PATIENCE, ""
    while Activity.objects.filter(connection=made, verb="Bounce").count() < 2 and time.monotonic() < until:
        cursor, _ = into_log(made, servers, "late", "mail", cursor)
        time.sleep(0.1)
    bounce = Activity.objects.filter(connection=made, verb="Bounce").order_by("seq").last()
    assert bounce is not None
    assert (bounce.thread_key, bounce.object_key, bounce.is_machine) == (receipt.native_id, receipt.native_id, True)
    assert len(rows(made)) == 2


def test_a_connected_mailbox_is_heard_imported_and_heals_by_itself(servers: Mail, connection: Callable[..., Connection]) -> None:
    with box(servers, "whole@lligam.example") as client:
        for number in range(3):
            raw = f"From: {ANA}\r\nTo: whole@lligam.example\r\nMessage-ID: <old{number}@x>\r\nSubject: x\r\n\r\nx\r\n"
            client.append("INBOX", raw.encode(), (), datetime(2025, 1, 1 + number, tzinfo=UTC))
    made = connection("whole")

    def work() -> None:
        Pull.objects.filter(connection=made, finished_at=None).update(next_at=datetime.now(UTC))
        pulling.turn()
        actions.work_off_waiting()

    doctor.look_after(made)
    made.refresh_from_db()
    assert (made.account, made.state_code, {"idle", "uidplus"} <= set(made.abilities)) == ("whole@lligam.example", "", True)
    work()
    assert rows(made) == []
    pulling.bring_past(made, None)
    work()
    assert [row.native_id for row in rows(made)] == ["old2@x", "old1@x", "old0@x"]
    past = Pull.objects.get(connection=made, stream="mail", is_past=True)
    assert (past.done, past.total, past.finished_at is not None) == (3, 3, True)
    send(servers, "whole@lligam.example", "fresh@x")
    arrived(servers, "whole@lligam.example", "fresh@x")
    servers.stop_imap()
    work()
    troubled = Pull.objects.get(connection=made, stream="mail", is_past=False)
    servers.start_imap()
    assert (troubled.problem_kind, troubled.problem_code, len(rows(made))) == ("transient", "imap_unreachable", 3)
    work()
    healed = Pull.objects.get(connection=made, stream="mail", is_past=False)
    assert (healed.problem_code, rows(made)[-1].native_id, len(rows(made))) == ("", "fresh@x", 4)
