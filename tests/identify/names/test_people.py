"""People's names: parts, order, custom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.identify.names.people import LEVELS, compare, read


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("García López, Ana María", "ana maria", "garcia lopez"),
        ("Dra. Anna Puig i Ferrer", "anna", "puig ferrer"),
        ("J. R. Smith", "j r", "smith"),
        ("J.R. Smith", "j r", "smith"),
        ("Mª José Pérez de la Fuente", "maria jose", "perez fuente"),
        ("María del Carmen Ruiz", "maria carmen", "ruiz"),
        ("Maria de la Rosa", "maria", "rosa"),
        ("Ludwig van Beethoven", "ludwig", "beethoven"),
        ("Martin Luther King, Jr.", "martin luther", "king"),
        ("Anna Puig | coach", "anna", "puig"),
        ("🇪🇸 Pau 🌸 (he/him)", "pau", ""),
        ("Anna Puig Photography", "anna", "puig"),
        ("PUIG Anna", "anna", "puig"),
        ("Al Gore", "al", "gore"),
        ("Sig.ra Giulia Dell'Orto", "giulia", "dellorto"),
        ("Ahmed bin Ali al-Sayed", "ahmed", "ali sayed"),
        ("Don Johnson", "don", "johnson"),
        ("Josep Maria Vilà", "josep maria", "vila"),
        ("Anna Martí Vila", "anna", "marti vila"),
        ("Mary-Jane O’Brien, PhD", "mary jane", "obrien"),
        ("王小明", "wang", "xiao ming"),
        ("coffee", "coffee", ""),
        ("😀", "", ""),
        ("", "", ""),
    ],
)
def test_a_text_is_parted(text: str, first: str, last: str) -> None:
    name = read(text)
    assert (" ".join(name.given), " ".join(name.family)) == (first, last)
    assert name.all == set(f"{first} {last}".split())


def test_known_parts_win_over_the_text() -> None:
    assert read("x", given="Maria", family="de la Cruz Puig", middle="Teresa")[:2] == (("maria", "teresa"), ("cruz", "puig"))
    assert read(family="De La").family == ("de", "la")


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Ana García", "ana garcia", "same"),
        ("Anna Puig i Ferrer", "Anna Puig Ferrer", "same"),
        ("Annemarie Dupont", "Anne-Marie Dupont", "same"),
        ("Ana García", "Ana García López", "one_surname"),
        ("Ana María García", "Ana García", "one_surname"),
        ("John F Kennedy", "John Kennedy", "one_surname"),
        ("Montse Vilaró", "VILARÓ, Montserrat", "nickname"),
        ("Chema López", "José María López", "nickname"),
        ("Peggy Olson", "Margaret Olson", "nickname"),
        ("Wang Wei", "Wei Wang", "swapped"),
        ("王小明", "Xiaoming Wang", "swapped"),
        ("García López Ana", "Ana García", "swapped"),
        ("Ana García López", "Ana López García", "swapped"),
        ("A. Puig", "Anna Puig", "initial"),
        ("J. R. Smith", "John Robert Smith", "initial"),
        ("Anna", "Anna Puig", "initial"),
        ("Anna P.", "Anna Puig", "initial"),
        ("Anna Pugi", "Anna Puig", "similar"),
        ("Jon Smith", "John Smyth", "similar"),
        ("Maria Puig", "Mario Puig", "family"),
        ("Enric Mas", "Laia Mas", "family"),
        ("José María Gil", "María José Gil", "family"),
        ("Ana García López", "Ana García Pérez", "family"),
        ("John F Kennedy", "John B Kennedy", "family"),
        ("Ana García", "Pau Ferrer", "differs"),
        ("Anna", "Pau", "differs"),
        ("", "Pau", "differs"),
    ],
)
def test_two_names(one: str, other: str, level: str) -> None:
    assert compare(read(one), read(other)) == level
    assert compare(read(other), read(one)) == level


WORDS = st.sampled_from(
    "Anna Ana Maria José Josep Pepe Marc Puig García López Vila A. J. de la i van Martí Wei O'Neill Anne-Marie Dr. Montse".split()
)
NAMES = st.lists(WORDS, max_size=5).map(" ".join) | st.text(max_size=20)


@given(NAMES, NAMES)
def test_comparing_knows_no_sides(one: str, other: str) -> None:
    a, b = read(one), read(other)
    assert compare(a, b) == compare(b, a)
    assert compare(a, b) in LEVELS


@given(NAMES)
def test_a_name_with_a_full_given_name_is_itself(text: str) -> None:
    name = read(text)
    if name.given and len(name.given[0]) > 1 and not any(len(word) == 1 for word in name.family):
        assert compare(name, name) == "same"
