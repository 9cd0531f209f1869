"""How soon an answer is needed."""

import pytest

from vincle.language.page import Page
from vincle.language.registry import understand


def urgency(text: str) -> float:
    return understand([Page(text)])[0].urgency


@pytest.mark.parametrize(
    "text",
    [
        "URGENT: I'm locked out of my account and my flight leaves in two hours, please call me",
        "My son had an allergic reaction to your cake, why was it not on the label?",
        "Es la tercera vez que escribo, me han cobrado dos veces y nadie responde. Voy a denunciar",
        "Sono bloccata fuori dall'appartamento, rispondete subito per favore!!",
        "És la tercera vegada que us escric i ningú contesta, truqueu-me ara mateix",
    ],
)
def test_haste_harm_and_repetition_are_urgent(text: str) -> None:
    assert urgency(text) >= 0.5


@pytest.mark.parametrize("text", ["Lovely evening, thank you all!", "Quin cafè més bo", "Che bella giornata", "Qué buen rato pasamos", ""])
def test_praise_and_small_talk_are_not(text: str) -> None:
    assert urgency(text) <= 0.15


def test_each_reason_adds_and_none_passes_one() -> None:
    calm = urgency("Could you send me the invoice?")
    soon = urgency("Could you send me the invoice today?")
    urgent = urgency("Could you send me the invoice today? It's urgent")
    assert calm < soon < urgent <= 1
    assert urgency("urgent emergency fire accident lawyer police hacked asap stuck " * 20) <= 1


def test_news_of_an_accident_wait_longer_than_a_customer_who_had_one() -> None:
    news = urgency("Accident on the A7 near Tarragona, police report")
    assert news < urgency("Your ladder broke and I had an accident, who do I contact?")


def test_spam_is_never_urgent() -> None:
    assert urgency("URGENT! ACT NOW! click here to claim your prize, double your bitcoin http://x.example") == 0
