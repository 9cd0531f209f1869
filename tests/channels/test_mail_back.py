"""What comes back, as the servers of the world write it: who did not get it, whether they ever will, and who complained."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.channels import _mail_bounces as bounces
from vincle.channels._mail import parse
from vincle.channels.mail import channel
from vincle.vocabulary import Activity, Fact, Permit, Verb

FILES = Path(__file__).parent / "mail" / "back"
OURS = "vincle.00000000070123456789abcd@lligam.example"
GONE = "gone@roastery.example"
HARD = (
    "postfix_unknown", "postfix_no_domain", "exim_unknown", "sendmail_unknown", "qmail_unknown", "yahoo_no_account", "gmail_unknown",
    "microsoft_unknown", "microsoft_denied", "ses_unknown", "italian", "german", "forwarded",
)  # fmt: skip
SOFT = ("exim_words", "gmail_full", "microsoft_blocked", "catalan_full")
DELAYED = ("postfix_delayed", "exim_delayed")
AWAY = ("away", "away_daemon", "challenge")
LIVE = b'{"source": "mail", "own": ["news@lligam.example"], "at": "2026-11-22T10:00:00+00:00", "sent": false}\n'


def raw(name: str) -> bytes:
    return (FILES / f"{name}.eml").read_bytes()


@pytest.mark.parametrize("name", [*HARD, *SOFT])
def test_a_bounce(name: str) -> None:
    (found,) = parse(raw(name)).reports
    assert (found.kind, found.recipient, found.original_id, found.hard) == ("bounce", GONE, OURS, name in HARD)


def test_a_bounce_that_names_no_message() -> None:
    (found,) = parse(raw("exchange_words")).reports
    assert (found.kind, found.recipient, found.hard, found.original_id, found.status) == ("bounce", GONE, True, "", "5.1.1")


@pytest.mark.parametrize("name", DELAYED)
def test_what_is_still_tried_has_not_come_back(name: str) -> None:
    (found,) = parse(raw(name)).reports
    assert (found.kind, found.recipient, found.hard) == ("delayed", GONE, False)


@pytest.mark.parametrize("name", AWAY)
def test_whoever_is_away_gets_mail(name: str) -> None:
    found = parse(raw(name))
    assert not found.reports
    assert found.is_machine


@pytest.mark.parametrize("name", [*HARD, *SOFT, *DELAYED])
def test_line_ends_change_nothing(name: str) -> None:
    assert parse(raw(name).replace(b"\n", b"\r\n")).reports == parse(raw(name)).reports


def test_complaints() -> None:
    told = [parse(raw(name)).reports[0] for name in ("arf", "arf_redacted", "arf_without")]
    assert [(each.kind, each.recipient, each.original_id) for each in told] == [
        ("complaint", GONE, OURS), ("complaint", "", OURS), ("complaint", "", OURS),
    ]  # fmt: skip


def test_what_a_bounce_means_for_writing_again() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    for name, permits in (("qmail_unknown", [Permit.BOUNCED]), ("gmail_full", []), ("arf", [Permit.COMPLAINED]), ("arf_redacted", [])):
        items = list(channel.parse(LIVE + raw(name), now))
        acts = [item for item in items if isinstance(item, Activity)]
        assert [fact.consents[0].permit for fact in items if isinstance(fact, Fact)] == permits
        assert acts[0].verb in (Verb.BOUNCE, Verb.UNDO)
        assert acts[0].object_key == OURS


@pytest.mark.parametrize(
    ("status", "words", "hard"),
    [
        ("5.1.1", "", True), ("5.1.10", "", True), ("5.1.8", "bad sender", False), ("5.2.1", "disabled", True), ("5.2.2", "", False),
        ("5.2.0", "user unknown", True), ("5.3.4", "message too big", False), ("5.4.7", "expired", False), ("4.4.7", "user unknown", False),
        ("5.7.1", "blocked by policy", False), ("5.7.1", "550 5.7.1 no such user", True), ("5.0.0", "", True), ("", "", False),
        ("5.0.0", "smtp; 550 5.2.2 mailbox full", False), ("5.5.0", "550 mailbox unavailable", True), ("5.6.0", "bad content", False),
        ("", "la boîte est pleine", False), ("", "usuario desconocido", True), ("5.4.310", "DNS domain does not exist", True),
    ],
)  # fmt: skip
def test_hard_or_soft(status: str, words: str, hard: bool) -> None:
    assert bounces.is_hard(status, words) is hard


@given(st.sampled_from(sorted(HARD + SOFT + DELAYED + ("arf", "arf_redacted"))), st.data())
def test_a_report_that_is_cut_off_or_garbled_harms_nothing(name: str, data: st.DataObject) -> None:
    whole = raw(name)
    cut = data.draw(st.integers(0, len(whole)))
    noise = data.draw(st.binary(max_size=30))
    for report in parse(whole[:cut] + noise + whole[cut + len(noise) :]).reports:
        assert report.recipient == "" or "@" in report.recipient


@given(st.text(max_size=400))
def test_any_words(words: str) -> None:
    for each in bounces.told(words, "", frozenset()):
        assert "@" in each.recipient
    assert isinstance(bounces.is_hard("", words), bool)


def test_words_that_go_on_for_ever_take_no_time() -> None:
    for evil in ("host " * 20_000, "-" * 50_000, "no ha " * 20_000, "a@" * 30_000, ("x" * 60 + "@") * 2_000, "delivery " * 20_000):
        list(bounces.told(f"undeliverable {evil}", "", frozenset()))
        bounces.is_hard("", evil[:2_000])


def test_one_of_several_recipients() -> None:
    body = re.sub(rb"(?m)^<gone@roastery.example>:$", b"<full@roastery.example>:\n552 quota exceeded\n\n<gone@roastery.example>:",
                  raw("qmail_unknown"))  # fmt: skip
    found = {each.recipient: each.hard for each in parse(body).reports}
    assert found == {GONE: True, "full@roastery.example": False}
