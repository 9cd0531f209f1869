"""One suite over every reader: it fills only what it names, takes any text, and says the same whatever else is read with it."""

from copy import copy
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vincle.language.base import NOTHING_KNOWN, Context, Reader
from vincle.language.page import LONGEST, Page
from vincle.language.reading import EMOTIONS, INTENTS, SENTIMENTS, Reading
from vincle.language.registry import readers, understand, version

READERS = readers()
FIELDS = frozenset(field.name for field in fields(Reading))
ODD = {
    "empty": "",
    "blank": " \t\n ",
    "very long": "la qualitat és molt bona " * 2000,
    "one long word": "a" * 20_000,
    "emoji only": "😍😍👎🏽👨‍👩‍👧‍👦🏳️‍🌈❤️‍🔥 :) :-(((",
    "right to left": "הקפה היה נהדר! القهوة رائعة جدا",
    "zero width": "go\u200bod\u200d \ufeffbad\u2060",
    "lone surrogates": "bad \ud83d coffee \udc00",
    "control characters": "\x00\x01good\x1b[31m\x7f\u202ebad",
    "combining marks": "e\u0301\u0301\u0301 cafe\u0301 " + "\u0300" * 200,
    "no words": "12/10 3.14 % ... ?!?! --- @ # $",
    "hashtags and accounts": "#LoveIt #NOT #a @someone @@ #123 #ñandú",
    "addresses": "https://example.org/a?b=c a@b.cat www.example.com +34 600 000 000",
    "not spaced": "咖啡很好喝服务太慢了",
    "one letter": "k",
    "fractions": "²/5 ٣/٥ 0/5 5/0 1/100 ½ stars 5 stars -3 stars",
}
TEXTS = [
    "I love this coffee but the service is so slow!",
    "No me ha gustado nada, peor imposible 😡",
    "Non vedo l'ora di tornare, personale gentilissimo",
    "M'encanta aquesta botiga, l'atenció és immillorable",
    "When do you open on Sunday?",
    "J'adore, mais la livraison est trop lente",
    "Oh great, another delay @airline #thanks",
    "Muito bom! Recomendo a todos ❤️",
]
KNOWN = Context(brands={"acme": "Acme"}, products={"turbo": "Turbo"}, aspects={"crema": "coffee"})
anything = st.text(alphabet=st.characters(), max_size=300) | st.lists(st.sampled_from([*TEXTS, *ODD.values()]), max_size=3).map(" ".join)


def read(texts: list[str], context: Context = NOTHING_KNOWN, **said: Any) -> list[Reading]:
    return understand([Page(text, **said) for text in texts], context)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.id)
class TestEach:
    def test_says_what_it_is(self, reader: Reader) -> None:
        assert reader.id
        assert reader.version > 0
        assert reader.fills
        assert reader.fills <= FIELDS
        assert reader.id not in reader.after

    def test_fills_only_what_it_names(self, reader: Reader) -> None:
        pages = [Page(text) for text in (*TEXTS, *ODD.values())]
        for earlier in READERS[: READERS.index(reader)]:
            earlier.read(pages, KNOWN)
        before = [copy(page.reading) for page in pages]
        reader.read(pages, KNOWN)
        for page, was in zip(pages, before, strict=True):
            changed = {name for name in FIELDS if getattr(page.reading, name) != getattr(was, name)}
            assert changed <= reader.fills, page.text[:80]

    def test_leaves_the_page_as_it_is(self, reader: Reader) -> None:
        page, untouched = Page(TEXTS[0]), Page(TEXTS[0])
        reader.read([page], KNOWN)
        assert (page.text, page.tokens, page.kinds, page.folded) == (
            untouched.text, untouched.tokens, untouched.kinds, untouched.folded,
        )  # fmt: skip

    def test_reads_no_pages(self, reader: Reader) -> None:
        reader.read([], NOTHING_KNOWN)


def test_no_field_is_filled_twice() -> None:
    filled = [name for reader in READERS for name in reader.fills]
    assert len(filled) == len(set(filled))


def test_readers_come_after_those_they_use() -> None:
    seen: set[str] = set()
    known = {reader.id for reader in READERS}
    for reader in READERS:
        assert set(reader.after) & known <= seen
        seen.add(reader.id)
    assert version() == sum(reader.version for reader in READERS)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_any_text_is_read(text: str) -> None:
    sound(read([text], KNOWN)[0], text)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(anything)
def test_whatever_is_written_is_read(text: str) -> None:
    sound(read([text], KNOWN)[0], text)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(anything, min_size=1, max_size=6), st.randoms())
def test_a_text_is_read_the_same_alone_and_among_others_in_any_order(texts: list[str], chance: Any) -> None:
    together = read(texts)
    assert [read([text])[0] for text in texts] == together
    order = list(range(len(texts)))
    chance.shuffle(order)
    assert read([texts[n] for n in order]) == [together[n] for n in order]


def test_what_the_source_says_may_be_anything() -> None:
    for said in (
        {"stated_language": "xx", "rating": 7.5, "reaction": "unheard of", "profile_place": "\x00 🇮🇹 somewhere", "is_reply": True},
        {"stated_language": "pt-BR", "rating": -1.0, "reaction": "", "profile_place": "a" * 5000},
    ):
        for text in ("", *TEXTS):
            sound(read([text], **said)[0], text)


def sound(found: Reading, text: str) -> None:
    """Every finding is of its kind, within its bounds, and within the text."""
    length = len(text[:LONGEST])
    assert found.sentiment in ("", *SENTIMENTS)
    assert -1 <= found.sentiment_score <= 1
    for share in (found.language_confidence, found.sentiment_confidence, found.irony, found.urgency):
        assert 0 <= share <= 1
    assert set(found.emotions) <= set(EMOTIONS)
    assert set(found.intents) <= set(INTENTS)
    for clue in found.clues:
        assert 0 <= clue.start < clue.end <= length
        assert -1 <= clue.weight <= 1
    for aspect in found.aspects:
        assert aspect.id
        assert 0 <= aspect.start <= aspect.end <= length
        assert -1 <= aspect.score <= 1
    for entity in found.entities:
        assert entity.text
        assert 0 <= entity.start < entity.end <= length
    assert len(found.terms) <= 8
