"""The emotions a text shows."""

from collections.abc import Callable

import pytest

from vincle.language._lexicons import lexicon
from vincle.language.emotions import MOST
from vincle.language.reading import EMOTIONS, Reading

Read = Callable[..., Reading]


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("I'm so happy today!", "joy"),
        ("love you so much ❤️", "love"),
        ("thank you for everything", "gratitude"),
        ("wow, I can't believe it", "surprise"),
        ("I cried all night, heartbroken", "sadness"),
        ("I'm furious, what a rip off", "anger"),
        ("I'm scared to go home", "fear"),
        ("there was a hair in my soup, disgusting 🤢", "disgust"),
        ("estoy muy triste", "sadness"),
        ("che paura", "fear"),
        ("moltes gràcies a tothom", "gratitude"),
    ],
)
def test_an_emotion_is_named(read: Read, text: str, emotion: str) -> None:
    assert emotion in read(text).emotions


def test_a_denied_emotion_is_not_shown(read: Read) -> None:
    assert "joy" not in read("I am not happy").emotions


def test_a_plain_text_shows_none(read: Read) -> None:
    assert read("The shop opens at nine").emotions == ()


def test_the_one_shown_most_comes_first(read: Read) -> None:
    found = read("sad sad day, crying in tears, wow, thanks, so happy, scared").emotions
    assert found[0] == "sadness"
    assert len(found) <= MOST


def test_a_reaction_shows_its_emotion(read: Read) -> None:
    assert read("", reaction="angry").emotions == ("anger",)


def test_every_emotion_has_its_words() -> None:
    for language in ("en", "es", "it", "ca"):
        held = [columns[0] for columns in lexicon(language, "emotions").values()]
        assert all(held.count(emotion) >= 30 for emotion in EMOTIONS), language
