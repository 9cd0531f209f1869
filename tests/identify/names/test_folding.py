"""Spelling: any script to plain words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.identify.names.folding import consonants, fold, joined


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Núria Puig i Ferrer", "nuria puig i ferrer"),
        ("D'Angelo", "dangelo"),
        ("O’Neill", "oneill"),
        ("Camil·la", "camilla"),
        ("Gal•la", "galla"),
        ("Straße Ørsted Łukasz Þór", "strasse orsted lukasz thor"),
        ("Γιώργος Παπαδόπουλος", "giorgos papadopoulos"),
        ("Владимир Иванов", "vladimir ivanov"),
        ("王小明", "wang xiao ming"),
        ("محمد", "mhmd"),
        ("Anne-Marie_Dupont.87", "anne marie dupont 87"),
        ("  \t ", ""),
        ("Anna 😀☕ Puig", "anna puig"),
    ],
)
def test_any_script_becomes_plain_words(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=40))
def test_folded_text_is_plain_and_folds_to_itself(text: str) -> None:
    folded = fold(text)
    assert folded.isascii()
    assert folded == folded.lower()
    assert folded == " ".join(folded.split())
    assert fold(folded) == folded
    assert joined(text) == folded.replace(" ", "")


def test_consonants_are_what_a_script_without_vowels_keeps() -> None:
    assert consonants("mohammed") == consonants(fold("محمد"))
