"""What is judged, and how."""

import pytest

from vincle.language._lexicons import lexicon
from vincle.language.base import Context
from vincle.language.page import Page
from vincle.language.reading import LANGUAGES, Reading
from vincle.language.registry import understand

IDS = frozenset(
    """price quality taste coffee food drink staff service waiting delivery packaging returns payment website app opening_hours location
    cleanliness atmosphere noise size comfort design reliability safety support refund booking cancellation delay baggage luggage flight
    room breakfast availability range offers loyalty subscription privacy environment warranty installation health event
    communication""".split()
)


def read(text: str, context: Context | None = None) -> Reading:
    return understand([Page(text)], context or Context())[0]


def scores(text: str, context: Context | None = None) -> dict[str, float]:
    return {aspect.id: aspect.score for aspect in read(text, context).aspects}


@pytest.mark.parametrize(
    ("text", "liked", "disliked"),
    [
        ("great coffee but slow service", "coffee", "service"),
        ("the service was terrible but the food was delicious", "food", "service"),
        ("Loved the food, hated the noise", "food", "noise"),
        ("El personal muy amable pero la comida fatal", "staff", "food"),
        ("Ottimo cibo ma servizio pessimo", "food", "service"),
        ("El menjar boníssim però el servei fatal", "food", "service"),
        ("Breakfast was excellent. The room was filthy.", "breakfast", "room"),
        ("The coffee was great and the room was awful", "coffee", "room"),
    ],
)
def test_each_aspect_is_judged_by_its_own_clause(text: str, liked: str, disliked: str) -> None:
    found = scores(text)
    assert found[liked] > 0 > found[disliked], found


def test_an_aspect_only_named_has_no_score() -> None:
    assert scores("what time is breakfast")["breakfast"] == 0


def test_the_words_that_named_it_are_pointed_at() -> None:
    text = "Sadly the flat white was cold"
    aspect = next(aspect for aspect in read(text).aspects if aspect.id == "coffee")
    assert text[aspect.start : aspect.end] == "flat white"


def test_each_aspect_once_within_bounds() -> None:
    found = read("Great coffee, amazing coffee, the best coffee ever, I love this coffee!!!").aspects
    assert [aspect.id for aspect in found].count("coffee") == 1
    assert all(-1 <= aspect.score <= 1 for aspect in found)


def test_a_team_adds_words_and_products() -> None:
    context = Context(aspects={"xurros": "food", "sala gran": "room"}, products={"latte grande": "Latte Grande", "a|b:c": "A|B:C"})
    assert scores("Els xurros són boníssims", context)["food"] > 0
    assert "room" in scores("Hem llogat la Sala Gran", context)
    assert scores("I love the latte grande", context)["Latte Grande"] > 0


def test_topics_are_the_aspects_and_the_wider_subjects() -> None:
    topics = read("The referee ruined the match and the beer was warm").topics
    assert {"sport", "drink"} <= set(topics)
    assert read("M'agrada").topics == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_words_for_each_aspect(language: str) -> None:
    named = [columns[0] for columns in lexicon(language, "aspects").values()]
    assert set(named) == IDS
    assert all(named.count(one) >= 20 for one in IDS), sorted((named.count(one), one) for one in IDS)[:3]


@pytest.mark.parametrize("language", ["pt", "fr"])
def test_other_languages_name_the_same_aspects(language: str) -> None:
    assert {columns[0] for columns in lexicon(language, "aspects").values()} == IDS
