import io
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from vincle.channels.base import FileError, Locale, Options
from vincle.channels.vcard import channel
from vincle.vocabulary import Fact, HandleRef, Outcome, PersonKind, Reject, Warn

Read = Callable[[str, str | bytes], list[Outcome]]


def facts(outcomes: list[Outcome]) -> list[Fact]:
    return [item for item in outcomes if isinstance(item, Fact)]


def test_an_address_book(reading: Read) -> None:
    outcomes = reading("vcard", "address_book.vcf")
    merce, units, inigo = facts(outcomes)
    assert merce.name == "Dra. Mercè Vidal"
    assert [(handle.kind, handle.value) for handle in merce.handles] == [
        ("email", "merce.vidal@example.org"),
        ("email", "merce@casa.example"),
        ("phone", "+34600123456"),
        ("linkedin", "mercevidal"),
    ]
    assert merce.traits == {
        "last_name": "Vidal",
        "first_name": "Mercè",
        "title": "Dra.",
        "street": "Carrer Gran 1, Àtic",
        "city": "Girona",
        "postcode": "17001",
        "country": "ES",
        "birthday": "1980-05-04",
        "Spouse": "Ot",
        "note": "Una nota llarga que es plega aquí, i segueix\nen dues línies",
        "fax": "930 00 00 00",
    }
    assert merce.tags == ("VIP", "Club")
    assert (merce.native_id, merce.observed_at) == ("k:1", datetime(2024, 2, 1, 10, tzinfo=UTC))
    assert units.kind is PersonKind.ORGANISATION
    assert inigo.name == "Iñigo García"
    assert inigo.handles == (HandleRef("phone", "+34611222333"),)


def test_what_cannot_go_in_is_told_by_its_line(reading: Read) -> None:
    outcomes = reading("vcard", "address_book.vcf")
    assert [(item.line, item.code) for item in outcomes if isinstance(item, Reject)] == [(35, "card_not_closed")]
    assert [(item.line, item.code) for item in outcomes if isinstance(item, Warn)] == [(29, "group_skipped"), (38, "invalid_email")]


@pytest.mark.parametrize("name", ["card.json", "card.xml"])
def test_other_spellings_say_the_same(reading: Read, name: str) -> None:
    (fact,) = facts(reading("vcard", name))
    assert [handle.kind for handle in fact.handles] == ["email", "phone"]
    assert fact.traits["first_name"] in fact.name


def test_read_with_other_options_a_card_is_news() -> None:
    raw = b"BEGIN:VCARD\nFN:A\nEMAIL:a@x.org\nEND:VCARD"
    for key, native in (("", "k:1"), ("r", "r:1")):
        (fact,) = channel.read(io.BytesIO(raw), Options(file_key="k", reading_key=key, now=datetime(2026, 1, 1, tzinfo=UTC)))
        assert isinstance(fact, Fact)
        assert fact.native_id == native


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_encodings(reading: Read, encoding: str) -> None:
    (fact,) = facts(reading("vcard", "BEGIN:VCARD\r\nFN:José Ñoño\r\nEMAIL:a@x.org\r\nEND:VCARD\r\n".encode(encoding)))
    assert fact.name == "José Ñoño"


def test_a_property_may_have_a_charset_of_its_own(reading: Read) -> None:
    raw = b"BEGIN:VCARD\nFN;CHARSET=ISO-8859-1:Jos\xe9\nNOTE:caf\xc3\xa9\nEMAIL:a@x.org\nEND:VCARD"
    (fact,) = facts(reading("vcard", raw))
    assert (fact.name, fact.traits["note"]) == ("José", "café")


def test_the_countrys_numbers_are_read() -> None:
    raw = b"BEGIN:VCARD\nFN:A\nTEL:06 12 34 56 78\nEND:VCARD"
    options = Options(file_key="k", now=datetime(2026, 1, 1, tzinfo=UTC), locale=Locale(country="FR"))
    (fact,) = channel.read(io.BytesIO(raw), options)
    assert isinstance(fact, Fact)
    assert fact.handles == (HandleRef("phone", "+33612345678"),)


def test_pictures_cost_nothing(reading: Read) -> None:
    picture = "PHOTO;ENCODING=b;TYPE=JPEG:" + "\r\n ".join(["A" * 74] * 20_000)
    raw = f"BEGIN:VCARD\r\nFN:A\r\nEMAIL:a@x.org\r\n{picture}\r\nEND:VCARD\r\n".encode() * 10
    started = time.process_time()
    assert len(facts(reading("vcard", raw))) == 10
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'<?xml version="1.0"?><!DOCTYPE v [<!ENTITY a "b">]><vcards xmlns="urn:ietf:params:xml:ns:vcard-4.0"/>', "xml_entities_refused"),
        (b'<vcards xmlns="urn:ietf:params:xml:ns:vcard-4.0"><vcard>', "broken_xml"),
        (b'["vcard", [["fn"', "truncated_json"),
        (b"hello", "no_cards"),
    ],
)
def test_refused(reading: Read, raw: bytes, code: str) -> None:
    with pytest.raises(FileError) as refusal:
        reading("vcard", raw)
    assert refusal.value.code == code
