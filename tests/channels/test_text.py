"""Encodings, mojibake, control characters and HTML."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.channels._text import clean, decode, find_encoding, open_text, plain, repair_mojibake, strip_controls

TEXT = "Zoë Østergaard, Fundació Sol, 🚀 ñandú"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_unicode_of_every_width_is_read(encoding: str) -> None:
    text = "name,email\n" + f"{TEXT},ana@example.org\n" * 20
    assert decode(text.encode(encoding)).removeprefix("\ufeff") == text


def test_single_byte_text_is_read_as_cp1252_with_its_undefined_bytes_tolerated() -> None:
    assert decode("Iñaki €".encode("cp1252")) == "Iñaki €"
    assert decode(b"J\xf6hn \x81\x9d D\xf6e") == "Jöhn \x81\x9d Döe"


def test_utf8_with_cut_sequences_stays_utf8() -> None:
    data = "“ear worm”".encode()[:-1] + b"?won\xe2\x80\x99t"
    assert find_encoding(io.BytesIO(data)) == ("utf-8", True)
    assert decode(data) == "“ear worm\ufffd?won’t"


def test_a_lone_accent_at_the_end_is_latin() -> None:
    assert decode(b"nom\nJos\xe9") == "nom\nJosé"
    assert find_encoding(io.BytesIO("aé".encode() * 900_000 + b"\xe9" * 100)) == ("utf-8", True)


def test_a_late_latin_byte_decides_the_whole_file() -> None:
    data = b"a" * (3 << 20) + b"\xf1andu"
    assert find_encoding(io.BytesIO(data)) == ("cp1252", False)


def test_a_sequence_across_the_reading_block_is_whole() -> None:
    data = b"a" * ((1 << 20) - 1) + "é".encode() + b"b" * 10
    assert find_encoding(io.BytesIO(data)) == ("utf-8", False)


def test_the_file_stays_open_after_reading() -> None:
    file = io.BytesIO(b"a\nb\n")
    text = open_text(file, "utf-8")
    assert list(text) == ["a\n", "b\n"]
    text.detach()
    assert not file.closed


@pytest.mark.parametrize(("broken", "whole"), [
    ("L\u00c3\u00b8ye", "Løye"), ("Itâ€™s", "It’s"), ("Løye", "Løye"), ("plain", "plain"), ("Ã", "Ã"), ("São Âmbar", "São Âmbar"),
    ("\u00f0\u009f\u0098\u008a", "😊"),
])
def test_mojibake_is_repaired_and_nothing_else(broken: str, whole: str) -> None:
    assert repair_mojibake(broken) == whole


@given(st.text())
def test_repairing_what_was_misread_gives_the_text_back(text: str) -> None:
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return
    misread = data.decode("latin-1")
    if misread != text:
        assert repair_mojibake(misread) == text or any(0x80 <= ord(sign) < 0xC0 for sign in text[:0]) or repair_mojibake(misread) == misread


def test_controls_go_and_newlines_stay() -> None:
    assert strip_controls("a\x00b\x1bc\td\ne\ud800") == "abc\td\ne"
    assert clean("  a\x00\r\nb\x07 ") == "a\nb"


@pytest.mark.parametrize(("markup", "text"), [
    ("<p>Caf&eacute; <b>Rio</b></p><p>Hola</p>", "Café Rio\nHola"),
    ("a<script>alert(1)</script>b", "ab"),
    ("<style>p{}</style>x &lt;b&gt;", "x <b>"),
    ("I <3 coffee & tea", "I <3 coffee & tea"),
    ("one<br/>two", "one\ntwo"),
])
def test_markup_becomes_plain_text(markup: str, text: str) -> None:
    assert plain(markup) == text


@given(st.binary(max_size=400))
def test_any_bytes_decode(data: bytes) -> None:
    assert isinstance(decode(data), str)
