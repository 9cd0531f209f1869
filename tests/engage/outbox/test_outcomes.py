"""What became of what left: links and pictures, bounces, complaints, answers, beside each send; machines apart."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.engage.outbox import composing, hits, jobs, may, naming, outcomes, tracking, words
from vincle.engage.outbox.jobs import Wanted
from vincle.engage.outbox.models import Habits, Hit, Job, Outcome, Send
from vincle.identify.models import Consent, Suppression
from vincle.listen import actions as listen
from vincle.listen import log
from vincle.listen.models import Activity, Connection, Handle
from vincle.project import pipeline

pytestmark = pytest.mark.django_db
READER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
OFFER = "https://lligam.example/offer?a=1&b=2"


@pytest.fixture
def left(job: Callable[..., Job]) -> Callable[..., list[Send]]:
    """`left(names)`: a job that has left an hour ago."""

    def make(names: tuple[str, ...] = ("ana",), **more: object) -> list[Send]:
        made = job(names, **more)
        for send in made.sends.all():
            native = naming.message_id(composing.secret(), send.pk, "lligam.example")
            Send.objects.filter(pk=send.pk).update(state="sent", sent_at=timezone.now() - timedelta(hours=1), native_id=native)
        return list(made.sends.select_related("job").order_by("key"))

    return make


def visit(send: Send, url: str = OFFER, agent: str = READER, ago: float = 10.0, method: str = "GET") -> None:
    Hit.objects.create(
        workspace_id=send.workspace_id, send=send, is_click=bool(url), url=url, agent=agent, method=method,
        at=timezone.now() - timedelta(seconds=ago),
    )  # fmt: skip


def followed() -> None:
    hits.settle()
    pipeline.advance()


def outcome(send: Send) -> Outcome:
    return Outcome.objects.get(send=send)


def test_a_link_leads_on_and_counts(left: Callable[..., list[Send]], client: Client) -> None:
    (send,) = left()
    linker = tracking.linker(send.job)
    assert linker
    address = linker.of(send.pk, OFFER)
    answer = client.get(address.partition("testserver")[2] or "/" + address.split("/", 3)[3], headers={"User-Agent": READER})
    assert (answer.status_code, answer["Location"], answer["Cache-Control"]) == (302, OFFER, "no-store, max-age=0")
    assert Hit.objects.get().url == OFFER
    Hit.objects.update(at=timezone.now() - timedelta(seconds=9))
    followed()
    row = Activity.objects.get(verb="View")
    assert (row.object_type, row.campaign_key, row.object_key, row.url, row.is_machine) == ("Link", "campaign:1", OFFER, OFFER, False)
    assert outcome(send).clicks == 1
    assert outcomes.links([send.job]) == [outcomes.LinkCount(OFFER, 0, 1, 1, 0)]
    assert not Hit.objects.exists()


@pytest.mark.parametrize("token", ["x", "AAAA", "A" * 40, "%00", "é", "-_-", "AAAAAAAAAAAAAAAAAAAAaHR0cDovL2V2aWwuZXhhbXBsZQ"])
def test_no_link_leads_where_it_was_not_made_for(token: str, client: Client) -> None:
    assert client.get(f"/t/{token}/").status_code == 404
    assert client.get(f"/o/{token}.gif").status_code == 200
    assert not Hit.objects.exists()


def test_what_is_no_web_address_is_not_counted() -> None:
    linker = tracking.Linker("https://a.example/t/", b"s")
    for url in ("javascript:alert(1)", "mailto:ana@x.org", "//evil.example", "", "https://" + "a" * 3000, "https://a.example/\nb"):
        assert linker.of(1, url) == url


def test_a_link_made_here_for_something_else_is_refused(client: Client) -> None:
    forged = naming.token(tracking.secret(), 1, "javascript:alert(1)")
    assert client.get(f"/t/{forged}/").status_code == 404
    assert client.get(f"/t/{naming.token(b'other', 1, OFFER)}/").status_code == 404


def test_a_link_of_a_send_that_is_no_more_still_leads_on(client: Client) -> None:
    assert client.get(f"/t/{naming.token(tracking.secret(), 999, OFFER)}/").status_code == 302
    assert not Hit.objects.exists()


def test_machines_are_told_apart(left: Callable[..., list[Send]]) -> None:
    ana, biel, carla, dora = left(("ana", "biel", "carla", "dora"))
    for at in range(3):
        visit(ana, f"https://lligam.example/{at}", ago=10 + at / 10)
    visit(biel, agent="Mozilla/5.0 (compatible; Barracuda Sentinel)")
    visit(carla, "", agent="Mozilla/5.0 (Windows NT 5.1) (via ggpht.com GoogleImageProxy)")
    visit(carla, "", ago=8)
    visit(dora, method="HEAD")
    visit(dora, ago=6)
    followed()
    assert (outcome(ana).clicked_at, outcome(ana).clicks) == (None, 0)
    assert outcome(ana).machine_clicked_at
    assert outcome(biel).clicked_at is None
    assert outcome(carla).machine_opened_at
    assert outcome(carla).opened_at
    assert (outcome(dora).clicks, outcome(dora).machine_clicked_at is None) == (1, False)
    came = outcomes.of_job(ana.job)[0]
    assert (came.sent, came.clicked, came.machine_clicked, came.opened, came.machine_opened) == (4, 1, 3, 1, 1)


def test_young_visits_wait_for_their_neighbours(left: Callable[..., list[Send]]) -> None:
    (send,) = left()
    visit(send, ago=1)
    assert hits.settle() == 0


def _dsn(send: Send, status: str) -> bytes:
    action = "failed" if status.startswith("5") else "delayed"
    return f"""From: MAILER-DAEMON@mx.roastery.example
To: news@lligam.example
Subject: Undelivered Mail Returned to Sender
Date: Sun, 22 Nov 2026 10:00:00 +0000
Message-ID: <dsn-{send.pk}@mx.roastery.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.roastery.example

Final-Recipient: rfc822; ana@roastery.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} no such user

--b
Content-Type: text/rfc822-headers

Message-ID: <{send.native_id}>
From: news@lligam.example
To: ana@roastery.example

--b--
""".replace("\n", "\r\n").encode()


def _mail(connection: Connection, raw: bytes) -> None:
    told = b'{"source": "mail", "own": ["news@lligam.example"], "at": "2026-11-22T10:00:00+00:00", "sent": false}\n'
    listen.receive(connection, told + raw)
    pipeline.advance()


def test_a_delivery_report_is_matched_and_bars_the_address(left: Callable[..., list[Send]], mailbox: Connection) -> None:
    (send,) = left()
    _mail(mailbox, _dsn(send, "5.1.1"))
    assert outcome(send).bounced_at
    assert outcome(send).is_hard
    again = outcomes.of_job(send.job, by_arm=False)[0]
    assert (again.sent, again.delivered, again.hard) == (1, 0, 1)


def test_an_answer_is_matched(left: Callable[..., list[Send]], mailbox: Connection) -> None:
    (send,) = left()
    head = "From: Ana <ana@roastery.example>\r\nTo: news@lligam.example\r\nSubject: Re: Summer\r\nMessage-ID: <a1@roastery.example>\r\n"
    _mail(mailbox, f"{head}In-Reply-To: <{send.native_id}>\r\nDate: Sun, 22 Nov 2026 09:59:00 +0000\r\n\r\nMoltes gracies!\r\n".encode())
    assert outcome(send).replied_at


def test_a_complaint_is_matched(left: Callable[..., list[Send]], mailbox: Connection) -> None:
    (send,) = left()
    raw = f"""From: fbl@provider.example
To: news@lligam.example
Subject: complaint
Date: Sun, 22 Nov 2026 10:00:00 +0000
Message-ID: <arf@provider.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

A complaint.
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Some/1.0
Version: 1
Original-Rcpt-To: ana@roastery.example

--b
Content-Type: message/rfc822

Message-ID: <{send.native_id}>
From: news@lligam.example
To: ana@roastery.example

Hola
--b--
"""
    _mail(mailbox, raw.replace("\n", "\r\n").encode())
    assert outcome(send).complained_at


def test_what_a_provider_reports_is_matched_by_its_own_id(left: Callable[..., list[Send]], workspace: Workspace) -> None:
    (send,) = left()
    Send.objects.update(native_id="pm-7")
    source = listen.connection_for(workspace, "email_events", "Postmark")
    raw = b'{"RecordType": "Delivery", "MessageID": "pm-7", "Recipient": "ana@roastery.example", "DeliveredAt": "2026-11-22T10:00:00Z"}'
    listen.receive(source, raw)
    pipeline.advance()
    assert outcome(send).delivered_at


def test_another_workspace_cannot_speak_of_our_sends(left: Callable[..., list[Send]], other_workspace: Workspace) -> None:
    (send,) = left()
    source = listen.connection_for(other_workspace, "email_events", "x")
    listen.receive(source, json.dumps({"RecordType": "Delivery", "MessageID": send.native_id, "Recipient": "a@b.example"}).encode())
    pipeline.advance()
    assert not Outcome.objects.exists()


def test_a_rebuild_comes_to_the_same(left: Callable[..., list[Send]]) -> None:
    (send,) = left()
    visit(send)
    followed()
    outcomes.left(send.workspace, send.pk, timezone.now())
    before = Outcome.objects.values().get()
    outcomes.empty()
    rows = list(log.read_new(0, 1000, outcomes.COLUMNS))
    outcomes.take(rows)
    assert Outcome.objects.values().get() == before
    assert outcomes.links([send.job])[0].clicks == 1


def test_the_picture_is_there_only_where_it_is_wanted(job: Callable[..., Job]) -> None:
    made = job(["ana"])
    send = made.sends.get()
    page = "<html><body>Hola</body></html>"
    assert tracking.with_picture(made, send, page) == page
    made.counts_opens = "agreed"
    assert tracking.with_picture(made, send, page) == page
    assert "/o/" in tracking.with_picture(made, send, page, is_agreed=True)
    made.counts_opens = "all"
    assert tracking.with_picture(made, send, page).endswith('alt=""></body></html>')
    assert tracking.agreed(made, [send]) == set()


def _back(send: Send, number: int, status: str = "4.2.2") -> bytes:
    told = _dsn(send, status).replace(b"Action: delayed", b"Action: failed").replace(b"no such user", b"mailbox full")
    return told.replace(b"<dsn-", f"<dsn{number}-".encode())


def _sent_in_turn(left: Callable[..., list[Send]], count: int) -> list[Send]:
    """As many letters to one address, each of a job of its own."""
    (first,) = left()
    found = [first]
    for number in range(1, count):
        job = jobs.create(
            first.workspace, None, kind="campaign", source=f"campaign:{number}", name="More", connection=first.connection,
            purpose="service", topic="", medium="email", writer="plain", content={"subject": "x", "text": "y"},
        )  # fmt: skip
        jobs.add(job, [Wanted(f"m:{number}", 1000, first.handle or 0)])
        send = job.sends.get()
        native = naming.message_id(composing.secret(), send.pk, "lligam.example")
        Send.objects.filter(pk=send.pk).update(state="sent", sent_at=timezone.now() - timedelta(hours=1), native_id=native)
        found.append(Send.objects.select_related("job").get(pk=send.pk))
    return found


def test_what_comes_back_softly_too_often_is_given_up(left: Callable[..., list[Send]], mailbox: Connection, workspace: Workspace) -> None:
    Habits.objects.create(workspace=workspace, soft_bounces=3, soft_days=30)
    sends = _sent_in_turn(left, 4)
    for number, send in enumerate(sends[:2]):
        _mail(mailbox, _back(send, number))
        _mail(mailbox, _back(send, number + 50))  # the same letter twice is one
    assert not Suppression.objects.exists()
    assert [outcome(send).is_hard for send in sends[:2]] == [False, False]
    _mail(mailbox, _back(sends[2], 9))
    pipeline.advance()
    barred = Suppression.objects.get()
    assert barred.reason == "bounced"
    assert outcome(sends[2]).is_hard
    sends[3].handle = barred.handle
    verdict = may.decide(workspace, [sends[3]])[sends[3].pk]
    assert words.sentences(verdict)[0] == "Mails to this address come back."
    assert "3 times within 30 days" in Consent.objects.get(permit="bounced").evidence


def test_one_that_arrives_begins_the_count_anew(left: Callable[..., list[Send]], mailbox: Connection, workspace: Workspace) -> None:
    Habits.objects.create(workspace=workspace, soft_bounces=2, soft_days=30)
    first, second, third = _sent_in_turn(left, 3)
    _mail(mailbox, _back(first, 1))
    Outcome.objects.create(send=second, workspace=workspace, job=second.job, opened_at=timezone.now() + timedelta(days=1))
    _mail(mailbox, _back(third, 3))
    pipeline.advance()
    assert not Suppression.objects.exists()


def test_never_is_never(left: Callable[..., list[Send]], mailbox: Connection, workspace: Workspace) -> None:
    Habits.objects.create(workspace=workspace, soft_bounces=0)
    for number, send in enumerate(_sent_in_turn(left, 3)):
        _mail(mailbox, _back(send, number))
    pipeline.advance()
    assert not Suppression.objects.exists()


def test_who_complains_without_being_named_is_barred(left: Callable[..., list[Send]], mailbox: Connection) -> None:
    (send,) = left()
    raw = (Path(__file__).parents[2] / "channels" / "mail" / "back" / "arf_redacted.eml").read_bytes()
    _mail(mailbox, raw.replace(b"vincle.00000000070123456789abcd@lligam.example", send.native_id.encode()))
    pipeline.advance()
    assert outcome(send).complained_at
    barred = Suppression.objects.get()
    assert (Handle.objects.get(key=barred.handle).value, barred.reason) == ("ana@roastery.example", "complained")


def test_nobody_is_barred_by_an_id_that_is_not_ours(left: Callable[..., list[Send]], mailbox: Connection) -> None:
    left()
    raw = (Path(__file__).parents[2] / "channels" / "mail" / "back" / "arf_redacted.eml").read_bytes()
    _mail(mailbox, raw)
    pipeline.advance()
    assert not Suppression.objects.exists()
