"""Where a text or its author is."""

import pytest

from vincle.language._gazetteer import of_profile
from vincle.language._lexicons import rows
from vincle.language.page import Page
from vincle.language.registry import understand


def where(text: str, profile: str = "") -> tuple[str, str, str]:
    reading = understand([Page(text, profile_place=profile)])[0]
    return reading.country, reading.place, reading.place_from


@pytest.mark.parametrize(
    ("profile", "country", "place"),
    [
        ("Barcelona, ES", "ES", "Barcelona"), ("NYC", "US", "New York"), ("🇮🇹 Milano", "IT", "Milan"), ("bcn", "ES", "Barcelona"),
        ("Austin, TX", "US", "Austin"), ("San Francisco, CA", "US", "San Francisco"), ("Toronto, CA", "CA", "Toronto"),
        ("Springfield, IL", "US", "Illinois"), ("Paris, Texas", "US", "Paris"), ("Córdoba, Argentina", "AR", "Córdoba"),
        ("Berlin, DE", "DE", "Berlin"), ("Roma, Italia", "IT", "Rome"), ("Catalunya", "ES", "Catalonia"), ("México", "MX", ""),
        ("Reading, UK", "GB", "Reading"), ("London / New York", "GB", "London"), ("🇪🇸", "ES", ""), ("Anglaterra", "GB", "England"),
    ],
)  # fmt: skip
def test_profiles(profile: str, country: str, place: str) -> None:
    assert of_profile(profile) == (country, place)


@pytest.mark.parametrize(
    "profile",
    ["", "somewhere over the rainbow", "earth", "in your heart", "she/her", "us", "the nice life", "everywhere", "🌍", "127.0.0.1"],
)
def test_profiles_that_name_no_place(profile: str) -> None:
    assert of_profile(profile) == ("", "")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Stuck at the airport in Nice again", ("FR", "Nice", "stated")),
        ("New York is cold, La Paz is high", ("US", "New York", "stated")),
        ("Saluti da Napoli", ("IT", "Naples", "stated")),
        ("Us escric des de Vilafranca del Penedès", ("ES", "Vilafranca del Penedès", "stated")),
        ("Estoy en Sevilla y no llega el pedido", ("ES", "Seville", "stated")),
        ("Nice place, I was reading in the bath", ("", "", "")),
        ("La porto domani", ("", "", "")),
        ("Me como una tarta en casa", ("", "", "")),
        ("los pantalones me quedan cortos", ("", "", "")),
    ],
)
def test_texts(text: str, found: tuple[str, str, str]) -> None:
    assert where(text) == found


def test_a_place_said_with_in_comes_before_the_profile_a_mention_after_it() -> None:
    assert where("I am in Rome this week", "London") == ("IT", "Rome", "stated")
    assert where("Flights to Rome are full", "London") == ("GB", "London", "profile")
    assert where("Flights to Rome are full") == ("IT", "Rome", "stated")


def test_every_place_of_the_gazetteer_is_found_by_its_own_name() -> None:
    for kind, name, country, *_ in rows("any", "places"):
        bare = name.lstrip("~")
        assert of_profile(bare)[0], (kind, bare)
        assert len(country) == 2
        assert country.isupper()
