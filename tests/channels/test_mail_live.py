"""Mail as it is listened to and answered, without a server: what a delivery says, and what leaves."""

import imaplib
import json
import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest

from vincle.channels._mail_box import look
from vincle.channels._mail_problems import imap_problem, smtp_problem
from vincle.channels._mail_servers import servers
from vincle.channels._mail_threads import own_id
from vincle.channels.live import Answer, Command, Context, File, Problem
from vincle.channels.mail import attached, channel
from vincle.vocabulary import Activity, Direction, Fact, HandleRef, Permit, Reject, Verb

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
OWN = "hola@lligam.example"
SETTINGS = {"address": OWN, "aliases": "info@lligam.example", "sender": "Cafè Lligam", "sent_copy": "never"}


class Line:
    """A line that takes what is posted, and has no mailbox."""

    def __init__(self, refused: str = "", **settings: str) -> None:
        self.settings, self.secrets, self.now, self.stopping = {**SETTINGS, **settings}, {"password": "x"}, NOW, False
        self.posted: list[tuple[str, list[str], EmailMessage]] = []
        self.refused, self.raw = refused, b""

    def post(self, sender: str, recipients: list[str], message: bytes) -> None:
        self.raw = message
        parsed = BytesParser(policy=policy.default).parsebytes(message.replace(b"\r\n", b"\n"))
        self.posted.append((sender, recipients, parsed))  # type: ignore[arg-type]
        if self.refused:
            raise Problem("permanent", "some_refused", self.refused)

    @contextmanager
    def mailbox(self) -> Iterator[Any]:
        raise Problem("transient", "imap_unreachable")
        yield None

    def send(self, *given: Any, **more: Any) -> Answer:
        raise AssertionError

    events = socket = renew = send


def delivered(message: str | bytes, **told: Any) -> bytes:
    """A raw delivery as a mailbox of ours brings it."""
    envelope = {"source": "mail", "own": [OWN, "info@lligam.example"], "at": NOW.isoformat(), "sent": False, "folder": "INBOX", **told}
    return json.dumps(envelope).encode() + b"\n" + (message.encode() if isinstance(message, str) else message)


def said(message: str | bytes, **told: Any) -> Activity:
    found = next(iter(channel.parse(delivered(message, **told), NOW)))
    assert isinstance(found, Activity)
    return found


def asked(**more: Any) -> Context:
    given: dict[str, Any] = {
        "native_id": "two@roastery.example", "thread_key": "one@roastery.example", "parent_key": "between@lligam.example",
        "object_type": "Message", "verb": "Create", "author": HandleRef("email", "ana@roastery.example", "Ana"),
        "title": "Teniu cafè?", "text": "Hola,\nteniu cafè?", "body": {"to": [OWN]},
    }  # fmt: skip
    return Context(**{**given, **more})


def reply(line: Line, key: str = "k1", **more: Any) -> EmailMessage:
    channel.act(line, Command(**{"deed": "reply", "about": asked(), "text": "Sí!", **more}), key)
    return line.posted[-1][2]


# What a delivery says


def test_who_wrote_to_whom() -> None:
    found = said(f"From: Ana <ana@x.org>\nTo: {OWN}\nMessage-ID: <1@x>\nSubject: Hola\n\nBon dia\n")
    assert (found.direction, found.actor, found.target) == (Direction.IN, HandleRef("email", "ana@x.org", "Ana"), HandleRef("email", OWN))
    ours = said("From: info@lligam.example\nTo: ana@x.org\nMessage-ID: <2@x>\nIn-Reply-To: <1@x>\n\nBon dia\n")
    assert (ours.direction, ours.target, ours.thread_key) == (Direction.OUT, HandleRef("email", "ana@x.org"), "1@x")
    another = said("From: laia@elsewhere.example\nTo: ana@x.org\nMessage-ID: <3@x>\n\nx\n", sent=True)
    assert another.direction is Direction.OUT


def test_a_form_of_our_own_site_is_the_word_of_whoever_filled_it_in() -> None:
    form = f"From: Web <{OWN}>\nTo: {OWN}\nReply-To: Pau <pau@gmail.com>\nMessage-ID: <f@x>\nSubject: Web form\n\nTeniu lloc?\n"
    found = said(form)
    assert (found.direction, found.actor, found.is_machine) == (Direction.IN, HandleRef("email", "pau@gmail.com", "Pau"), False)
    colleague = said(form.replace("pau@gmail.com", "caixa@lligam.example"))
    assert colleague.direction is Direction.OUT
    assert said(form, sent=True).direction is Direction.OUT


def test_a_list_of_our_own_is_a_shared_mailbox() -> None:
    group = f"Precedence: list\nList-Id: <info.lligam.example>\nList-Unsubscribe: <mailto:x>\nTo: {OWN}\nMessage-ID: <g@x>\n"
    direct = said(f"{group}From: Ana <ana@x.org>\n\nHola\n")
    assert (direct.is_machine, direct.actor, "auto" in direct.props) == (False, HandleRef("email", "ana@x.org", "Ana"), False)
    rewritten = said(f"{group}From: 'Ana' via Info <info@lligam.example>\nReply-To: Ana <ana@x.org>\n\nHola\n")
    assert (rewritten.is_machine, rewritten.direction, rewritten.actor) == (False, Direction.IN, HandleRef("email", "ana@x.org", "Ana"))
    assert said(f"{group.replace('info.lligam', 'news.elsewhere')}From: Ana <ana@x.org>\n\nHola\n").is_machine
    wordpress = said(f"From: wordpress@lligam.example\nReply-To: pau@x.org\nTo: {OWN}\nMessage-ID: <w@x>\n\nHola\n")
    assert wordpress.actor == HandleRef("email", "pau@x.org")


@pytest.mark.parametrize(
    ("original", "believed"), [("spring@lligam.example", True), ("x@mail.lligam.example", True), ("x@elsewhere.example", False)]
)
def test_only_reports_of_what_we_sent_suppress_anybody(original: str, believed: bool) -> None:
    report = (
        "From: MAILER-DAEMON@x.org\nMessage-ID: <b@x>\nSubject: failed\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nfailed\n--b\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; ana@x.org\nAction: failed\n"
        f"Status: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{original}>\nReferences: <first@x>\n\n--b--\n"
    )
    bounce, *facts = channel.parse(delivered(report), NOW)
    assert isinstance(bounce, Activity)
    assert (bounce.verb, bounce.object_key, bounce.thread_key, bounce.is_machine) == (Verb.BOUNCE, original, "first@x", True)
    assert [type(fact) for fact in facts] == ([Fact] if believed else [])


def test_a_form_of_a_service_is_answered_where_it_says() -> None:
    found = said(f"From: no-reply@forms.example\nReply-To: pau@x.org\nTo: {OWN}\nMessage-ID: <f2@x>\n\nHola\n")
    assert found.body["reply_to"] == "pau@x.org"
    about = asked(author=found.actor, body=found.body)
    assert channel.ways(about, SETTINGS, frozenset(), NOW)[0].is_open
    assert reply(line := Line(), about=about)["To"] == "pau@x.org"
    assert line.posted[0][1] == ["pau@x.org"]


def test_our_own_ids_carry_the_conversation() -> None:
    own = own_id("send", "lligam.example", "one@roastery.example")
    found = said(f"From: ana@x.org\nTo: {OWN}\nMessage-ID: <9@x>\nIn-Reply-To: Your message <{own}>\nSubject: Re: x\n\nx\n")
    assert (found.thread_key, found.parent_key) == ("one@roastery.example", own)
    damaged = own_id("send", "lligam.example").replace("@", ".%%%@")
    assert said(f"From: ana@x.org\nMessage-ID: <9@x>\nIn-Reply-To: <{damaged}>\n\nx\n").thread_key == damaged


def test_an_answer_that_names_no_message_goes_by_its_subject_and_says_so() -> None:
    told = [("ana", "Re: Comanda 12"), ("ana", "RE: re: comanda 12"), ("bel", "Re: Comanda 12"), ("ana", "Comanda 12"), ("ana", "Re:")]
    mails = [f"From: {who}@x.org\nTo: {OWN}\nMessage-ID: <{n}@x>\nSubject: {subject}\n\nx\n" for n, (who, subject) in enumerate(told)]
    one, again, other, fresh, empty = map(said, mails)
    assert one.thread_key == again.thread_key != other.thread_key
    assert one.props["threaded_by"] == "subject"
    assert (fresh.thread_key, empty.thread_key) == ("3@x", "4@x")
    assert "threaded_by" not in fresh.props


@pytest.mark.parametrize(
    "header",
    ["Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated (rejected)", "X-Autoreply: yes", "Precedence: bulk",
     "Return-Path: <>", "List-Unsubscribe: <mailto:x@y.org>", "Subject: Fuera de la oficina"],
)  # fmt: skip
def test_machines_are_told_from_people(header: str) -> None:
    assert said(f"{header}\nFrom: ana@x.org\nTo: {OWN}\nMessage-ID: <m@x>\nIn-Reply-To: <1@x>\n\nx\n").is_machine
    assert not said(f"Auto-Submitted: no\nFrom: ana@x.org\nTo: {OWN}\nMessage-ID: <m@x>\n\nx\n").is_machine


def test_a_copy_keeps_the_id_we_gave_it_whatever_a_server_makes_of_it() -> None:
    own = own_id("send", "lligam.example")
    raw = f"From: {OWN}\nTo: ana@x.org\nMessage-ID: <rewritten@server>\nX-Vincle-Message-ID: <{own}>\n\nx\n"
    assert said(raw, sent=True).native_id == own
    assert said(raw).native_id == "rewritten@server"  # anybody may write such a header


def test_attached_files_are_named_measured_and_opened() -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"] = "ana@x.org", OWN, "<a@x>"
    message.set_content("Aquí el teniu")
    message.add_attachment(b"1,2\n" * 100, maintype="text", subtype="csv", filename="llista d'preus.csv")
    inner = EmailMessage()
    inner["Subject"] = "within"
    inner.set_content("x")
    message.add_attachment(inner)
    raw = delivered(message.as_bytes())
    found = next(iter(channel.parse(raw, NOW)))
    assert isinstance(found, Activity)
    table, letter = found.body["files"]
    assert (table["name"], table["type"], table["size"]) == ("llista d'preus.csv", "text/csv", 400)
    opened = attached(raw, table["part"])
    assert opened is not None
    assert opened.content == b"1,2\n" * 100
    assert b"within" in attached(raw, letter["part"]).content  # type: ignore[union-attr]
    assert attached(raw, 99) is None


def test_what_is_wrong_in_a_message_costs_only_that() -> None:
    assert said(b"From: ana@x.org\nMessage-ID: <c@x>\nSubject: Any\nContent-Type: text/plain; charset=nowhere-1\n\nA\xf1o\n").text == "Año"
    lying = b"From: ana@x.org\nMessage-ID: <c@x>\nSubject: x\nContent-Type: text/plain; charset=us-ascii\n\ncaf\xc3\xa8\n"
    assert said(lying).text == "cafè"
    cut = b"From: ana@x.org\nMessage-ID: <c@x>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHola\n--b\nContent-Type: a/b\n\niVB"
    assert said(cut).text == "Hola"
    assert said(f"From: ana@x.org\nMessage-ID: <c@x>\nDate: Mon, 1 Jan 2035 00:00:00 +0000\nTo: {OWN}\n\nx\n").happened_at == NOW
    assert said("From: ana@x.org\nMessage-ID: <c@x>\nSubject: =?utf-8?q?a=0D=0ABcc:_x=40y.org?=\n\nx\n").title == "a Bcc: x@y.org"
    assert [type(item) for item in channel.parse(delivered(b"\x00\xff nothing of the kind"), NOW)] == [Reject]
    assert said(b"\xef\xbb\xbf".join([b"", b"From: ana@x.org\nTo: b@x.org\nSubject: x\n\nx\n"])[3:]).native_id.startswith("message:")


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 300_000, "<template>" * 100_000, "<div class=" * 150_000, "<blockquote" * 150_000, "<" * 1_000_000, "<svg><g>" * 15_000,
        "<p>" + " \n" * 300_000,
    ],
)  # fmt: skip
def test_hostile_markup_is_inert_and_costs_little(body: str) -> None:
    began = time.monotonic()
    said(f"From: ana@x.org\nMessage-ID: <h@x>\nContent-Type: text/html\n\n{body}")
    assert time.monotonic() - began < 5
    page = "<script>alert(1)</script><img src=x onerror=alert(2)><a href='javascript:x'>Bon dia</a><style>p{}</style>"
    assert said(f"From: ana@x.org\nMessage-ID: <h@x>\nContent-Type: text/html\n\n{page}").text == "Bon dia"


def test_hostile_headers_and_nesting_cost_little() -> None:
    began = time.monotonic()
    assert said("From: " + "(" * 90_000 + "\nMessage-ID: <n@x>\nSubject: x\n\nx\n").actor is None
    nested = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(1500))
    assert said(f"From: ana@x.org\nMessage-ID: <n@x>\n{nested}").native_id == "n@x"
    assert time.monotonic() - began < 8


class Restored:
    """A mailbox of two messages that says it is numbered as ever."""

    def select_folder(self, name: str, readonly: bool) -> dict[bytes, int]:
        return {b"UIDVALIDITY": 7, b"UIDNEXT": 3, b"EXISTS": 2}

    def search(self, wanted: list[Any]) -> list[int]:
        return [1, 2] if wanted[0] == "SINCE" else [2]

    def fetch(self, uids: list[int], wanted: list[str]) -> dict[int, dict[bytes, Any]]:
        raw = {uid: f"From: ana@x.org\r\nMessage-ID: <{uid}@x>\r\n\r\nx\r\n".encode() for uid in uids}
        size, head = b"RFC822.SIZE", b"BODY[HEADER.FIELDS (MESSAGE-ID)]"
        return {uid: {b"BODY[]": raw[uid], size: 60, b"INTERNALDATE": NOW, head: b"Message-ID: <%d@x>" % uid} for uid in uids}


def test_a_folder_that_ends_before_the_place_we_know_is_looked_through_again() -> None:
    line = Line()
    before = json.dumps({"INBOX": {"v": 7, "u": 40, "at": NOW.isoformat()}})
    page = look(Restored(), line, "mail", before)
    assert [item.native_id for raw in page.items for item in channel.parse(raw, NOW) if isinstance(item, Activity)] == ["1@x", "2@x"]
    assert look(Restored(), line, "mail", page.cursor).items == ()


# What leaves


def test_an_answer() -> None:
    line = Line()
    receipt = channel.act(line, Command(deed="reply", about=asked(), text="Sí!\nUn cafè."), "k1")
    ((sender, recipients, message),) = line.posted
    assert (sender, recipients) == (OWN, ["ana@roastery.example"])
    assert (message["From"], message["To"]) == ("Cafè Lligam <hola@lligam.example>", "ana@roastery.example")
    assert message["Subject"] == "Re: Teniu cafè?"
    assert message["In-Reply-To"] == "<two@roastery.example>"
    assert message["References"] == "<one@roastery.example> <between@lligam.example> <two@roastery.example>"
    assert message["Auto-Submitted"] is None
    assert message.get_content() == "Sí!\nUn cafè.\n"
    assert message["Message-ID"] == f"<{receipt.native_id}>"
    assert receipt.native_id == channel.act(line, Command(deed="reply", about=asked(), text="x"), "k1").native_id
    assert receipt.native_id != channel.act(line, Command(deed="reply", about=asked(), text="x"), "k2").native_id
    (own,) = channel.parse(receipt.raw, NOW)
    assert isinstance(own, Activity)
    assert (own.native_id, own.direction, own.thread_key) == (receipt.native_id, Direction.OUT, "one@roastery.example")


def test_long_ids_are_not_folded_to_pieces() -> None:
    long = "x" * 140 + "@mail.gmail.com"
    line = Line()
    channel.act(line, Command(deed="reply", about=asked(native_id=long, thread_key=long, parent_key=""), text="x"), "k")
    assert line.posted[0][2]["References"] == f"<{long}>"
    assert f"References: <{long}>\r\n".encode() in line.raw


def test_words_markup_and_what_is_quoted() -> None:
    page = "<p>Sí <b>i tant</b><script>x()</script><img src=http://t.example/p></p>"
    files = (File(name="a/b.pdf", content_type="x y", content=b"%"),)
    found = reply(Line(), text="", html=page, extra={"quote": "El dilluns, Ana va escriure:"}, files=files)
    text, markup, file = [part for part in found.walk() if not part.is_multipart()]
    assert text.get_content() == "Sí i tant\n\nEl dilluns, Ana va escriure:\n> Hola,\n> teniu cafè?\n"
    assert "<script" not in markup.get_content()
    assert "<img" not in markup.get_content()
    assert "<blockquote>Hola,<br>teniu cafè?</blockquote>" in markup.get_content()
    assert (file.get_filename(), file.get_content_type()) == ("a_b.pdf", "application/octet-stream")


def test_hidden_recipients_stand_only_in_our_copy() -> None:
    line = Line()
    extra = {"cc": "bel@x.org", "bcc": "cap@x.org"}
    receipt = channel.act(line, Command(deed="message", to=("Ana@X.org",), subject="Hola", text="x", extra=extra), "k")
    assert line.posted[0][1] == ["ana@x.org", "bel@x.org", "cap@x.org"]
    assert (line.posted[0][2]["Cc"], line.posted[0][2]["Bcc"]) == ("bel@x.org", None)
    assert b"Bcc: cap@x.org" in receipt.raw
    assert line.posted[0][2]["In-Reply-To"] is None


def test_only_a_machine_says_it_is_one() -> None:
    assert reply(Line(), extra={"machine": "1"})["Auto-Submitted"] == "auto-replied"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"subject": "Hola\r\nBcc: all@x.org"}, "header_injection"),
        ({"to": ("ana@x.org\nBcc: all@x.org",)}, "header_injection"),
        ({"to": ("ana@x.org, bel@x.org",)}, "bad_address"),
        ({"to": ("nobody",)}, "bad_address"),
        ({"extra": {"cc": "a b@x.org"}}, "bad_address"),
        ({"files": (File(name="a\r\nX: y", content_type="text/plain", content=b"x"),)}, "header_injection"),
        ({"files": (File(name="big", content_type="text/plain", content=bytes(21 * 1024**2)),)}, "files_too_large"),
        ({"text": " \n"}, "nothing_to_say"),
        ({"about": asked(author=None, body={})}, "no_recipients"),
        ({"deed": "like"}, "cannot_act"),
    ],
)
def test_what_cannot_leave_is_refused_before_anything_does(given: dict[str, Any], code: str) -> None:
    line = Line()
    with pytest.raises(Problem) as problem:
        reply(line, **given)
    assert (problem.value.kind, problem.value.code, line.posted) == ("permanent", code, [])
    with pytest.raises(Problem, match="header_injection"):
        reply(Line(sender="Cafè\nBcc: x@y.org"))


def test_what_customers_write_is_never_a_header() -> None:
    found = reply(Line(), about=asked(title="a\r\nBcc: all@x.org", native_id="x>\r\nBcc: y", parent_key="a b", thread_key="subject:1"))
    assert (found["Subject"], found["Bcc"], found["In-Reply-To"], found["References"]) == ("Re: a Bcc: all@x.org", None, None, None)


def test_an_answer_to_our_own_words_goes_to_whom_they_went() -> None:
    about = asked(author=HandleRef("email", OWN), body={"to": [OWN, "ana@x.org"]})
    assert reply(Line(), about=about)["To"] == "ana@x.org"


def test_whom_it_did_not_reach_is_told_as_a_bounce() -> None:
    receipt = channel.act(Line("gone@x.org"), Command(deed="message", to=("ana@x.org", "gone@x.org"), text="x"), "k")
    sent, bounce, fact = channel.parse(receipt.raw, NOW)
    assert isinstance(sent, Activity)
    assert isinstance(bounce, Activity)
    assert isinstance(fact, Fact)
    assert (sent.direction, bounce.verb, bounce.target, bounce.thread_key) == (
        Direction.OUT, Verb.BOUNCE, HandleRef("email", "gone@x.org"), receipt.native_id
    )  # fmt: skip
    assert fact.consents[0].permit is Permit.BOUNCED


def test_ways() -> None:
    (way,) = channel.ways(asked(), SETTINGS, frozenset(), NOW)
    assert (way.deed, way.is_open, way.until, way.longest) == ("reply", True, None, None)
    (closed,) = channel.ways(asked(author=HandleRef("email", "no-reply@x.org")), SETTINGS, frozenset(), NOW)
    assert (closed.is_open, closed.code) == (False, "nobody_reads_there")
    assert channel.ways(asked(props={"auto": "auto-replied"}), SETTINGS, frozenset(), NOW)[0].code == "automatic"
    assert channel.ways(asked(verb="Bounce"), SETTINGS, frozenset(), NOW) == ()


# Servers


def test_the_servers_of_an_address() -> None:
    google = servers({"address": "Ana@Gmail.com"})
    assert (google.incoming.host, google.outgoing.host, google.user, google.keeps_sent) == (
        "imap.gmail.com", "smtp.gmail.com", "ana@gmail.com", True
    )  # fmt: skip
    own = servers({"address": OWN, "provider": "microsoft", "user": "hola", "imap_port": "143"})
    assert (own.incoming.host, own.incoming.port, own.incoming.security, own.user) == ("outlook.office365.com", 143, "starttls", "hola")
    unknown = servers({"address": OWN, "smtp_port": "465", "imap_port": "no number"})
    assert (unknown.incoming.host, unknown.incoming.port, unknown.outgoing.security) == ("imap.lligam.example", 993, "ssl")
    assert not servers({"address": "ana@gmail.com", "smtp_host": "relay.example"}).keeps_sent


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (imaplib.IMAP4.error("[AUTHENTICATIONFAILED] no"), "auth", "imap_sign_in"),
        (imaplib.IMAP4.error("[UNAVAILABLE] Temporary authentication failure"), "transient", "imap_refused"),
        (imaplib.IMAP4.error("[NONEXISTENT] Mailbox doesn't exist"), "permanent", "no_such_folder"),
        (imaplib.IMAP4.abort("socket error: EOF"), "transient", "imap_dropped"),
        (TimeoutError("timed out"), "transient", "imap_unreachable"),
        (ssl.SSLCertVerificationError("self-signed"), "permanent", "imap_certificate"),
        (smtplib.SMTPAuthenticationError(535, b"no"), "auth", "smtp_sign_in"),
        (smtplib.SMTPAuthenticationError(454, b"later"), "transient", "smtp_later"),
        (smtplib.SMTPRecipientsRefused({"a": (550, b"who")}), "permanent", "recipient_refused"),
        (smtplib.SMTPRecipientsRefused({"a": (450, b"greylisted")}), "transient", "smtp_later"),
        (smtplib.SMTPDataError(552, b"5.3.4 too large"), "permanent", "message_refused"),
        (smtplib.SMTPDataError(550, b"5.4.5 Daily sending limit exceeded"), "quota", "mail_over_quota"),
        (smtplib.SMTPSenderRefused(553, b"not yours", "x"), "permanent", "sender_refused"),
        (smtplib.SMTPServerDisconnected("gone"), "transient", "smtp_dropped"),
    ],
)
def test_what_servers_refuse_is_sorted(error: Exception, kind: str, code: str) -> None:
    sort = smtp_problem if isinstance(error, smtplib.SMTPException) else imap_problem
    found = sort(error)
    assert (found.kind, found.code) == (kind, code)
