"""What the writer of a text wants."""

from collections import Counter
from pathlib import Path

import pytest

from vincle.language.page import Page
from vincle.language.reading import INTENTS
from vincle.language.registry import understand

TEXTS = Path(__file__).parent / "intent_texts.tsv"


def intents(text: str, *, rating: float | None = None) -> tuple[str, ...]:
    return understand([Page(text, rating=rating)])[0].intents


def measured(part: int) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Right, wrongly named and missed, by intent."""
    lines = TEXTS.read_text(encoding="utf-8").split("# ----------\n")[part].splitlines()
    rows = [line.split("\t") for line in lines if line[0] != "#"]
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for (_, labels, _), reading in zip(rows, understand([Page(text) for _, _, text in rows]), strict=True):
        wanted, named = set(labels.split("|")) - {"-"}, set(reading.intents)
        right.update(wanted & named)
        wrong.update(named - wanted)
        missed.update(wanted - named)
    return right, wrong, missed


def test_intents_of_own_texts_in_four_languages() -> None:
    right, wrong, missed = measured(0)
    for intent in INTENTS:
        assert right[intent] >= 0.8 * (right[intent] + missed[intent]), intent
        assert right[intent] >= 0.8 * (right[intent] + wrong[intent]), intent


@pytest.mark.parametrize("part", [1, 2])
def test_intents_of_texts_written_afterwards(part: int) -> None:
    right, wrong, missed = measured(part)
    assert right.total() >= 0.75 * (right.total() + missed.total())
    assert right.total() >= 0.85 * (right.total() + wrong.total())


@pytest.mark.parametrize(
    "text",
    ["is it open on sunday?", "¿abrís el domingo?", "aprite la domenica?", "obriu diumenge?", "does anyone know if they open on sundays"],
)
def test_questions(text: str) -> None:
    assert "question" in intents(text)


def test_a_rhetorical_question_both_asks_and_complains() -> None:
    assert {"question", "complaint"} <= set(intents("Is it so hard to answer an email??? still waiting for my refund"))


def test_a_mark_without_words_asks_nothing() -> None:
    assert intents("???") == ()
    assert "question" not in intents("see https://cafe.example/?page=2")


def test_a_recommendation_denied_is_a_complaint() -> None:
    assert "recommendation" in intents("I would definitely recommend this place to all my friends")
    for text in ("I would never recommend this place", "no recomiendo este sitio", "non lo consiglio", "no ho recomano gens"):
        found = intents(text)
        assert "recommendation" not in found, text
        assert "complaint" in found, text


def test_a_price_with_a_question_mark_means_to_buy() -> None:
    for text in ("Price?", "¿Precio?", "Prezzo?", "Preu?"):
        assert "purchase_intent" in intents(text), text


def test_a_low_rating_turns_faint_words_into_a_complaint() -> None:
    text = "The room was cold and the shower dirty"
    assert "complaint" in intents(text, rating=0.0)
    assert "complaint" not in intents("The room was warm", rating=1.0)


def test_spam_is_nothing_else() -> None:
    found = intents("EARN $900 FROM HOME! I love it, thank you so much! Click here http://x.example #crypto")
    assert found == ("spam",)
    assert "spam" not in intents("Our bank now explains what bitcoin is: https://bank.example/bitcoin")


def test_news_want_nothing() -> None:
    assert intents("The museum opens its new wing on Tuesday") == ()
