"""Names in a text."""

import pytest

from vincle.language.base import Context
from vincle.language.entities import canonical
from vincle.language.page import Page
from vincle.language.registry import understand


def entities(text: str, context: Context | None = None) -> set[tuple[str, str]]:
    return {(found.kind, found.text) for found in understand([Page(text)], context or Context())[0].entities}


def test_what_its_signs_give_away() -> None:
    text = "Gràcies @Cafe_Lligam! #BonDia https://www.Lligam.example/Menu/?utm_source=x Escriviu a Info@Lligam.example"
    assert entities(text) >= {
        ("account", "cafe_lligam"),
        ("hashtag", "bondia"),
        ("link", "lligam.example/Menu"),
        ("email", "info@lligam.example"),
    }


@pytest.mark.parametrize(
    ("text", "number"),
    [("call me: +44 20 7946 0958", "+442079460958"), ("Truqueu al 612 34 56 78", "612345678"), ("tel. (020) 7946-0958", "02079460958")],
)
def test_phones(text: str, number: str) -> None:
    assert ("phone", number) in entities(text)


@pytest.mark.parametrize(
    "text", ["on 12-05-2024 at 10", "it cost 1.234.567,89", "order 123456", "1234567890123456789012", "12:30 - 14:45 h"]
)
def test_numbers_that_are_no_phones(text: str) -> None:
    assert not {kind for kind, _ in entities(text)} & {"phone"}


def test_brands_and_products_of_the_workspace() -> None:
    context = Context(brands={"cafe lligam": "Cafè Lligam"}, products={"super latte": "Super Latte"})
    assert entities("At CAFÉ LLIGAM I had a super latte", context) >= {("brand", "Cafè Lligam"), ("product", "Super Latte")}
    assert not entities("A cafe and a latte", context)


def test_people_are_named_only_where_it_is_sure() -> None:
    assert ("person", "Jordi Puig") in entities("Ens va atendre en Jordi Puig molt bé")
    assert ("person", "Marta") in entities("Thanks Marta for your help")
    assert not {kind for kind, _ in entities("rosa is a colour and i will mark it")} & {"person"}


def test_places_are_found_with_their_canonical_name() -> None:
    text = "Volem anar a Milà i després a Londres"
    assert {("place", "Milan"), ("place", "London")} <= entities(text)


def test_the_text_of_an_entity_stands_where_it_says() -> None:
    text = "Hola @ana, des de Girona #pont"
    for found in understand([Page(text)])[0].entities:
        assert text[found.start : found.end].lstrip("@#").lower() == found.text.lower()


def test_links_lose_what_varies() -> None:
    assert canonical("HTTP://user@CAFE.example:8080/a/b/?q=1#top") == "cafe.example/a/b"
