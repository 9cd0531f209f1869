"""Every piece of evidence has words: each code that any matcher can say, at any level, of people and of organisations."""

from collections.abc import Iterator

import pytest

from vincle.identify import waterfall, wording
from vincle.identify.linkage.records import Records
from vincle.identify.linkage.words import WORDS
from vincle.identify.matchers import registry
from vincle.identify.matchers.base import Said
from vincle.identify.matchers.plain import CODES, PLAIN, for_field

ROWS = [
    {
        "name": "Anna Puig i Serra",
        "gender": "female",
        "first_name": "Anna",
        "last_name": "Puig",
        "birthday": "1981-05-04",
        "email": "anna@example.org",
        "phone": "+34 93 555 01 42",
        "username": "mastodon:annapuig",
        "bio": "ceramics and coffee https://anna.example",
        "company": "Puig S.L.",
        "website": "https://anna.example",
        "avatar_hash": "0123456789abcdef",
        "together": ["a", "b"],
        "domain": "example.org",
        "city": "Vic",
        "postcode": "08012",
        "street": "Carrer Gran 1",
        "house_number": "1",
        "id_number": "123",
        "legal_name": "Puig S.L.",
    },
    {
        "name": "Ana Puch",
        "gender": "male",
        "first_name": "Ana",
        "last_name": "Puch",
        "birthday": "1981-04-05",
        "email": "ana@example.com",
        "phone": "+34 93 555 01 43",
        "username": "instagram:ana.puch",
        "bio": "coffee https://ana.example",
        "company": "Puch SA",
        "website": "https://ana.example",
        "avatar_hash": "fedcba9876543210",
        "together": ["b", "c"],
        "domain": "example.com",
        "city": "Olot",
        "postcode": "08013",
        "street": "Carrer Petit 2",
        "house_number": "2",
        "id_number": "124",
        "legal_name": "Puch SA",
    },
]


def everything_said() -> Iterator[tuple[str, Said]]:
    for kind in ("person", "organisation"):
        records = Records.of(ROWS, kind=kind)
        plain = [for_field(field) for field in (*PLAIN, *CODES) if field in records.columns]
        for matcher in [*registry.matchers().values(), *plain]:
            if kind in matcher.kinds and matcher.fields(records):
                for level in range(len(matcher.levels)):
                    yield f"{kind}, {matcher.id}, {matcher.levels[level].id}", matcher.say(records, 0, 1, level)


SAID = list(everything_said())


@pytest.mark.parametrize("said", [said for _where, said in SAID], ids=[where for where, _said in SAID])
def test_every_code_has_words(said: Said) -> None:
    assert said.code in WORDS, f"word '{said.code}' in vincle/identify/linkage/words.py"
    text = wording.words(said.code, said.values)
    assert "–" not in text, "the words name a value that the matcher does not give"
    assert "%(" not in text


def test_every_matcher_was_heard() -> None:
    heard = {where.split(", ")[1] for where, _said in SAID}
    assert set(registry.matchers()) <= heard, "give tests/identify/test_wording.py rows that this matcher has something to say of"


def test_words_as_they_are_read() -> None:
    assert wording.words("birthday_differs", {"left": "1981-05-04", "right": "unknown"}) == "Different birthday: 4 May 1981 / unknown"
    assert wording.words("username_stem", {"left": "mastodon:anna", "right": "anna92"}) == "User names with one stem: anna / anna92"
    assert wording.words("same_text", {"field": "Favourite beans", "left": "Huila", "right": "Huila"}) == "Same Favourite beans: Huila"
    assert wording.words("never_heard_of", {"left": "a", "right": "b"}) == "Other evidence, never heard of: a / b"
    assert wording.words("never_heard_of", {}) == "Other evidence: never heard of"
    assert len(wording.words("bio_same", {"left": "x" * 500})) < 120


def test_the_waterfall_adds_up() -> None:
    steps = [
        {"weight": -2.4, "code": "birthday_differs", "values": {"left": "a", "right": "b"}},
        {"weight": 9.1, "code": "phone_same", "values": {"left": "1", "right": "1"}},
        {"weight": "broken", "code": "phone_same", "values": {}},
    ]
    found = waterfall.waterfall([{"evidence": "same row"}, {"evidence": "probable", "prior": -7.6, "steps": steps}])
    assert found is not None
    assert [step.weight for step in found.steps] == [-7.6, 9.1, -2.4]
    assert [(step.start, round(step.end, 6)) for step in found.steps] == [(0.0, -7.6), (-7.6, 1.5), (1.5, -0.9)]
    assert found.total == pytest.approx(-0.9)
    assert found.probability == pytest.approx(1 / (1 + 2**0.9))
    assert found.low == -7.6
    assert found.high == pytest.approx(1.5)
    assert waterfall.waterfall([{"evidence": "same row"}]) is None
    assert waterfall.waterfall([{"evidence": "probable", "prior": None, "steps": []}]) is None


@pytest.mark.parametrize(
    ("probability", "shown"), [(0.99996, "> 99.9"), (0.999, "99.9"), (1.0, "100"), (0.5, "50"), (0.0001, "< 0.1"), (0.0, "0")]
)
def test_a_probability_is_never_shown_surer_than_it_is(probability: float, shown: str) -> None:
    assert waterfall.in_words(probability).startswith(shown)
