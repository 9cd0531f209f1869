"""Names of organisations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.identify.names.organisations import LEVELS, compare, read


@pytest.mark.parametrize(
    ("name", "words", "forms"),
    [
        ("Cafè Lligam, S.C.C.L.", "cafe lligam", "sccl"),
        ("Forn Mas, S.L.U.", "forn mas", "slu"),
        ("Rossi & Figli S.p.A.", "rossi figli", "spa"),
        ("Bianchi S.n.c.", "bianchi", "snc"),
        ("The Coffee Company Ltd", "coffee", "company ltd"),
        ("Acme LLC", "acme", "llc"),
        ("Durand SARL", "durand", "sarl"),
        ("Jansen B.V.", "jansen", "bv"),
        ("Müller GmbH & Co. KG", "muller", "co gmbh kg"),
        ("Widgets Pty Ltd", "widgets", "ptyltd"),
        ("SA", "sa", ""),
        ("", "", ""),
    ],
)
def test_the_legal_form_is_parted(name: str, words: str, forms: str) -> None:
    found = read(name)
    assert (" ".join(found.words), " ".join(found.forms)) == (words, forms)


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Forn Mas SL", "FORN MAS, S.L.", "same"),
        ("Forn Mas SL", "Forn Mas", "without_form"),
        ("Rossi & Figli S.p.A.", "Rossi e Figli", "without_form"),
        ("Llibreria Calders", "Llibreria Caldes", "similar"),
        ("Cafè Lligam SCCL", "Lligam", "words"),
        ("International Business Machines Corp.", "IBM", "words"),
        ("Bar Pepe", "Bar Paco", "differs"),
        ("Bar", "Bar Paco", "differs"),
        ("", "", "differs"),
    ],
)
def test_two_organisations(one: str, other: str, level: str) -> None:
    assert compare(read(one), read(other)) == level
    assert compare(read(other), read(one)) == level


WORDS = st.sampled_from("Forn Mas SL S.L. Bar Pepe GmbH & Co. KG The Ltd s c l Fundació".split())


@given(st.lists(WORDS, max_size=5).map(" ".join), st.lists(WORDS, max_size=5).map(" ".join))
def test_comparing_knows_no_sides(one: str, other: str) -> None:
    a, b = read(one), read(other)
    assert compare(a, b) == compare(b, a)
    assert compare(a, b) in LEVELS
    assert compare(a, a) == ("same" if one.strip() else "differs")
