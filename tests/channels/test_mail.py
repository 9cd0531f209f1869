import io
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from vincle.channels._mail import divide
from vincle.channels.base import FileError, Options
from vincle.channels.mail import channel
from vincle.vocabulary import Activity, Direction, Fact, HandleRef, Outcome, Permit, Reject, Verb

Read = Callable[[str, str | bytes], list[Outcome]]


def activities(outcomes: list[Outcome]) -> list[Activity]:
    return [item for item in outcomes if isinstance(item, Activity)]


def test_a_thread(reading: Read) -> None:
    first, second, third = activities(reading("mail", "newsletter_thread.mbox"))
    assert first.actor == HandleRef("email", "laia@roastery.example", "Laía Ferrer")
    assert first.target == HandleRef("email", "hola@lligam.example", "Cafè Lligam")
    assert first.title == "¿Tenéis café de Etiopía?"
    assert first.text == "Hola, ¿os queda café de Etiopía?\n\nFrom Barcelona con cariño"
    assert first.happened_at == datetime(2025, 3, 3, 8, 12, tzinfo=UTC)
    assert {item.thread_key for item in (first, second, third)} == {"one@roastery.example"}
    assert (second.text, third.parent_key) == ("Sí, queda — 12 €.", "two@lligam.example")
    assert third.text == "Perfecto, gracias!"
    assert third.body["attachments"] == ["pedido café.pdf"]
    assert third.body["quoted"].endswith("> Sí, queda")
    assert not any(item.is_machine for item in (first, second, third))


def test_machines_are_told_from_people(reading: Read) -> None:
    outcomes = reading("mail", "machines.mbox")
    hard, soft, complaint, away = activities(outcomes)
    assert all(item.is_machine for item in (hard, soft, complaint, away))
    assert (hard.verb, hard.target, hard.props["status"]) == (Verb.BOUNCE, HandleRef("email", "gone@nowhere.example"), "5.1.1")
    assert hard.object_key == "spring@lligam.example"
    assert (soft.event_name, complaint.event_name, away.verb) == ("soft bounce", "complaint", Verb.CREATE)
    consents = [(fact.handles[0].value, fact.consents[0].permit) for fact in outcomes if isinstance(fact, Fact)]
    assert consents == [("gone@nowhere.example", Permit.BOUNCED), ("angry@isp.example", Permit.COMPLAINED)]


def test_the_same_message_twice_is_one(reading: Read) -> None:
    raw = b"From a@x.org Mon Mar  3 09:12:00 2025\nFrom: a@x.org\nTo: b@x.org\nMessage-ID: <m@x>\nSubject: Hola\n\nHi\n\n"
    assert len(activities(reading("mail", raw * 3))) == 1


def test_line_ends_change_nothing(reading: Read) -> None:
    raw = b"From: a@x.org\nTo: b@x.org\nSubject: Hola\nDate: Mon, 3 Mar 2025 09:00:00 +0000\n\nBon dia\n"
    (unix,), (dos,) = (activities(reading("mail", text)) for text in (raw, raw.replace(b"\n", b"\r\n")))
    assert unix == dos
    assert unix.native_id.startswith("message:")


def test_a_message_without_headers_is_rejected_and_the_rest_read(reading: Read) -> None:
    raw = (
        b"From a@x.org Mon Mar  3 09:12:00 2025\n\x00\x01 nothing\n\nFrom a@x.org Mon Mar  3 09:12:00 2025\nFrom: a@x.org\nTo: b@x.org\n"
        b"Subject: x\n\nHi\n"
    )
    outcomes = reading("mail", raw)
    assert [(item.line, item.code) for item in outcomes if isinstance(item, Reject)] == [(1, "no_headers")]
    assert len(activities(outcomes)) == 1


def test_raw_bytes_in_headers(reading: Read) -> None:
    raw = "From: José <jose@x.org>\nTo: b@x.org\nSubject: Año\nMessage-ID: <1@x>\n\nx\n"
    for encoding in ("utf-8", "latin-1"):
        (found,) = activities(reading("mail", raw.encode(encoding)))
        assert found.actor == HandleRef("email", "jose@x.org", "José")
        assert found.title == "Año"


def test_a_large_mailbox_is_streamed() -> None:
    """However many messages there are, one at a time is held."""
    body = b"x" * 200_000
    raw = b"".join(
        b"From a@x.org Mon Mar  3 09:12:00 2025\nFrom: a@x.org\nTo: b@x.org\nMessage-ID: <%d@x>\n\n%s\n\n" % (n, body) for n in range(60)
    )
    file = io.BytesIO(raw)
    tracemalloc.start()
    try:
        count = sum(1 for _ in channel.read(file, Options(file_key="k", now=datetime(2026, 1, 1, tzinfo=UTC))))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 60
    assert peak < len(raw) / 2


def test_whose_mailbox_it_is_decides_the_direction(reading: Read) -> None:
    message = "From {0} Mon Mar  3 09:12:00 2025\nFrom: {0}\nTo: {1}\nMessage-ID: <{2}@x>\n\nHi\n\n"
    talk = [("us@x.org", "ana@x.org"), ("ana@x.org", "us@x.org"), ("us@x.org", "bel@x.org"), ("bel@x.org", "us@x.org")]
    raw = "".join(message.format(*sides, place) for place, sides in enumerate(talk))
    found = activities(reading("mail", raw.encode()))
    assert [item.direction for item in found] == [Direction.OUT, Direction.IN, Direction.OUT, Direction.IN]
    assert [item.target.value for item in found if item.target] == ["ana@x.org", "us@x.org", "bel@x.org", "us@x.org"]
    delivered = b"Delivered-To: us@x.org\nFrom: ana@x.org\nTo: list@x.org, us@x.org\nSubject: x\n\nHi\n"
    (alone,) = activities(reading("mail", delivered))
    assert (alone.direction, alone.target) == (Direction.IN, HandleRef("email", "us@x.org"))


def test_nothing_at_all() -> None:
    with pytest.raises(FileError) as refusal:
        list(channel.read(io.BytesIO(b""), Options(file_key="k", now=datetime(2026, 1, 1, tzinfo=UTC))))
    assert refusal.value.code == "no_messages"


@pytest.mark.parametrize(
    "introduction",
    [
        "On Mon, 3 Mar 2025 at 10:00, Ana <a@x.org> wrote:",
        "El lun, 3 mar 2025 a las 10:00, Ana (<a@x.org>) escribió:",
        "Il giorno lun 3 mar 2025 alle ore 10:00 Ana <a@x.org> ha scritto:",
        "El dl., 3 de març 2025, Ana <a@x.org> va escriure:",
        "-----Mensaje original-----",
        "________________________________",
    ],
)
def test_history_is_cut_off(introduction: str) -> None:
    assert divide(f"Moltes gràcies!\n\n{introduction}\n> abans\n> més abans") == (
        "Moltes gràcies!",
        f"{introduction}\n> abans\n> més abans",
    )


def test_answers_between_quotations_are_kept() -> None:
    assert divide("> A què obriu?\nA les 9\n> I diumenge?\nTancat") == ("A les 9\nTancat", "> A què obriu?\n> I diumenge?")
