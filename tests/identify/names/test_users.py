"""User names: what is left of them, and how they are made from names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.identify.names import users
from vincle.identify.names.people import read


@pytest.mark.parametrize(
    ("username", "bare"),
    [
        ("AnnaPuig", "annapuig"),
        ("anna_puig", "annapuig"),
        ("@anna_puig@social.example.com", "annapuig"),
        ("anna.puig+shop@example.org", "annapuig"),
        ("the_real.AnnaPuig87", "annapuig"),
        ("annapuig.bcn", "annapuig"),
        ("annapuigphoto", "annapuig"),
        ("iamannapuig", "annapuig"),
        ("4nnapu1g", "annapuig"),
        ("m4rc_v1la", "marcvila"),
        ("ANNA_PUIG", "annapuig"),
        ("núria.solé", "nuriasole"),
        ("coffee", "coffee"),
        ("theodore", "theodore"),
        ("12345", "12345"),
        ("", ""),
    ],
)
def test_what_is_left_of_a_user_name(username: str, bare: str) -> None:
    assert users.skeleton(username) == bare


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("AnnaPuig", "anna_puig", "same"),
        ("anna87", "anna87", "same"),
        ("annapuig.photo", "puig_anna", "stem"),
        ("annapuig87", "annapuig", "stem"),
        ("m4rc_v1la", "marcvila", "stem"),
        ("coffeewolf", "thecoffeewolf", "stem"),
        ("marcvila", "marcvilla", "similar"),
        ("annapuig87", "annapuig91", "similar"),
        ("anna", "anna", "similar"),
        ("info", "info", "similar"),
        ("anna87", "anna91", "differs"),
        ("annapuig", "pauferrer", "differs"),
        ("", "", "differs"),
    ],
)
def test_two_user_names(one: str, other: str, level: str) -> None:
    assert users.compare(one, other) == level
    assert users.compare(other, one) == level


MADE = [
    ("annapuig", "Anna Puig i Ferrer", "full"),
    ("puig_anna", "Anna Puig i Ferrer", "full"),
    ("4nnapu1g", "Anna Puig i Ferrer", "full"),
    ("annapuigferrer", "Anna Puig i Ferrer", "full"),
    ("anitapuig", "Anna Puig i Ferrer", "full"),
    ("annapuig.bcn", "Anna Puig i Ferrer", "full"),
    ("montse.vilaro", "Montserrat Vilaró", "full"),
    ("chemalopez", "José María López", "full"),
    ("pepgarcia", "Josep Garcia", "full"),
    ("apuig", "Anna Puig i Ferrer", "initial"),
    ("anna.p", "Anna Puig i Ferrer", "initial"),
    ("mjperez", "María José Pérez", "initial"),
    ("jrsmith", "J. R. Smith", "initial"),
]


@pytest.mark.parametrize(
    ("username", "name", "fit"),
    [
        *MADE,
        ("anadelatorre", "Ana de la Torre", "full"),
        ("anna87", "Anna Puig i Ferrer", "part"),
        ("puig", "Anna Puig i Ferrer", "part"),
        ("aniol", "Anna Puig i Ferrer", "no"),
        ("annapuigdomenech", "Anna Puig", "no"),
        ("coffee", "Anna Puig", "no"),
        ("ap", "Anna Puig", "no"),
        ("annapuig", "", "no"),
        ("", "Anna Puig", "no"),
    ],
)
def test_how_a_user_name_is_made(username: str, name: str, fit: str) -> None:
    assert users.fits(username, read(name)) == fit


@pytest.mark.parametrize(("username", "name", "fit"), MADE)
def test_a_user_name_meets_the_name_it_is_made_of(username: str, name: str, fit: str) -> None:
    assert fit in {"full", "initial"}
    assert set(users.keys_of_user(username)) & set(users.keys_of_name(read(name)))


TEXTS = st.text("annapuig_.0134 XÀ@-", max_size=16) | st.text(max_size=12)


@given(TEXTS, TEXTS)
def test_any_two_user_names(one: str, other: str) -> None:
    assert users.compare(one, other) == users.compare(other, one)
    assert users.compare(one, other) in users.LEVELS
    assert users.fits(one, read(other)) in users.FITS
    assert all("|" in key for key in users.keys_of_user(one))


def test_addresses_of_a_role() -> None:
    assert all(users.is_role(text) for text in ("info@example.org", "sales-bcn", "Info2"))
    assert not any(users.is_role(text) for text in ("anna.puig@example.org", "annainfo", ""))
