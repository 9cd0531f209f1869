"""Codes that are typed or scanned."""

from hypothesis import given
from hypothesis import strategies as st

from vincle.engage.surveys import codes

numbers = st.integers(0, 10**6)


def test_they_hold_more_than_fifty_bits_and_no_look_alikes() -> None:
    assert codes.BITS > 50
    assert not set(codes.ALPHABET) & set("01OILBSZU")
    assert len({codes.made(b"a", number) for number in range(5000)}) == 5000


@given(st.binary(min_size=8, max_size=40), numbers)
def test_one_is_read_however_it_is_written(secret: bytes, number: int) -> None:
    code = codes.made(secret, number)
    assert code == codes.made(secret, number)
    assert codes.normal(f"  {codes.shown(code).lower()} ") == code
    assert codes.normal(code.replace("2", "Z").replace("5", "S").replace("8", "B").replace("V", "u")) == code
    assert len(codes.hashed(code)) == 64


@given(numbers, st.integers(0, codes.LENGTH - 1), st.sampled_from(codes.ALPHABET))
def test_a_wrong_letter_is_always_seen(number: int, place: int, letter: str) -> None:
    code = codes.made(b"secret", number)
    wrong = code[:place] + letter + code[place + 1 :]
    assert wrong == code or codes.normal(wrong) == ""


@given(numbers, st.integers(0, codes.LENGTH - 2))
def test_two_swapped_letters_are_always_seen(number: int, place: int) -> None:
    code = codes.made(b"secret", number)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert swapped == code or codes.normal(swapped) == ""


@given(st.text(max_size=200))
def test_whatever_is_typed_is_a_code_or_nothing(text: str) -> None:
    found = codes.normal(text)
    assert found == "" or (len(found) == codes.LENGTH and codes.normal(found) == found)
