"""Codes: how they are drawn, and how lists of them are read."""

from hypothesis import given
from hypothesis import strategies as st

from vincle.engage.campaigns import promo_codes


@given(st.text(max_size=10))
def test_a_drawn_code_is_read_as_itself_however_it_is_written(prefix: str) -> None:
    code = promo_codes.draw(promo_codes.fold(prefix)[:10])
    folded = promo_codes.fold(code)
    assert promo_codes.fold(code.lower()) == promo_codes.fold(code.replace("-", " ")) == folded
    assert promo_codes.read(code).codes == {folded: code}
    assert not set(promo_codes.draw()) & set("0O1IL2Z5S8BUAE")


@given(st.text(max_size=300))
def test_no_list_of_codes_is_too_odd(text: str) -> None:
    found = promo_codes.read(text)
    assert all(len(folded) >= 3 and len(code) <= promo_codes.LONGEST and code.isprintable() for folded, code in found.codes.items())


def test_a_list_is_one_a_line_or_apart_by_commas_and_tells_its_doubles() -> None:
    found = promo_codes.read("SPRING-1\nspring1, SPRING-2;x\n\n")
    assert (list(found.codes.values()), found.doubles, found.bad) == (["SPRING-1", "SPRING-2"], 1, ["x"])


def test_of_a_file_with_a_heading_the_first_column_counts() -> None:
    found = promo_codes.read('\ufeffCode,Times used\nAB-1,3\n"AB-2","0"\n')
    assert list(found.codes.values()) == ["AB-1", "AB-2"]
