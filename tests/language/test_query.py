"""The language of listening queries: what is understood, where what is not stands, and what is found."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vincle.language.page import Page
from vincle.language.query import FIELDS, NUMBERS, Facts, QueryError, asks_for_ours, facts_of, matches, parse, spans

DAY = date(2026, 11, 21)
ROOT = Path(__file__).resolve().parents[2]


def found(query: str, text: str, **known: object) -> bool:
    page = Page(text, rating=known.pop("stars", None), is_reply=bool(known.pop("reply", False)))  # type: ignore[arg-type]
    for name in ("sentiment", "language", "intents", "topics", "place", "country"):
        if name in known:
            setattr(page.reading, name, known.pop(name))
    return matches(parse(query), page, facts_of(page, known.pop("day", DAY), **known))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "text", "holds"),
    [
        ("coffee", "The COFFEE was cold", True),
        ("cafe", "Un CAFÈ, si us plau", True),
        ("cafè", "un cafe", True),
        ("coffee slow", "slow service, good coffee", True),
        ("coffee AND slow", "good coffee", False),
        ("coffee OR tea", "green tea", True),
        ("coffee tea OR milk", "only milk", True),
        ("coffee NOT sugar", "coffee with sugar", False),
        ("coffee -sugar", "coffee", True),
        ("-sugar", "coffee", True),
        ("--sugar", "sugar", True),
        ('"flat white"', "a flat, white cup", True),
        ('"flat white"', "a white flat", False),
        ('-"flat white" coffee', "coffee, flat white", False),
        ("half-price", "everything half price", True),
        ("l'envio", "l’envio no arriba", True),
        ("laboratori", "col·laboratori", False),
        ("collaboració", "la col·laboració", True),
        ("waiting NEAR/2 coffee", "waiting for my coffee", True),
        ("coffee NEAR/2 waiting", "waiting for my coffee", True),
        ("waiting NEAR/1 coffee", "waiting for my coffee", False),
        ('(slow OR late) NEAR/3 "flat white"', "my flat white came so late", True),
        ("queu*", "the queues are endless", True),
        ("queu*", "que?", False),
        ("organi?ation", "an organization of organisers", True),
        ("organi?ation*", "organisational", True),
        ('"flat whi*"', "two flat whites", True),
        ("why?", "why not", True),
        ("#lligam", "I love #Lligam", True),
        ("#lligam", "I love lligam", False),
        ("lligam", "I love #Lligam", True),
        ("#lli*", "at #lligam", True),
        ("@nike", "thanks @Nike!", True),
        ("to:@nike", "thanks nike", False),
        ("😀", "nice 😀", True),
        ("👍", "ok 👍🏽", True),
        (":)", "ok :)", True),
        ("example.com", "see https://www.example.com/a?b", True),
        ("link:example.com", "see https://shop.example.com/a?b", True),
        ("link:example.com", "see https://notexample.com/", False),
        ("has:link", "see https://example.com", True),
        ("has:hashtag,emoji", "fine 😀", True),
        ("東京", "昨日東京に行った", True),
        ("京東", "昨日東京に行った", False),
        ("Москва", "Я люблю МОСКВА", True),
        ("(a OR (b c)) d", "b c d", True),
        ("or", "this or that", True),
    ],
)  # fmt: skip
def test_words(query: str, text: str, holds: bool) -> None:
    assert found(query, text) is holds


def test_fields() -> None:
    said = "La cua és lenta"
    assert found("lang:ca,es", said, language="es")
    assert not found("lang:ca", said, language="es")
    assert found("from:@Núria", said, authors=("nuria", "Núria Serra"))
    assert found('from:"nuria serra"', said, authors=("nuria", "Núria Serra"))
    assert not found("from:nuri", said, authors=("nuria",))
    assert found("channel:mastodon kind:post", said, channel="mastodon", kind="Note")
    assert found("sentiment:neg -sentiment:pos", said, sentiment="negative")
    assert found("intent:complaint topic:waiting", said, intents=("complaint",), topics=("waiting",))
    assert found('place:"Sant Cugat" country:es', said, place="Sant Cugat", country="ES")
    assert found('place:"new york"', said, place="New York")
    assert found("reach>1k reach<=1500", said, reach=1500)
    assert not found("reach>1000", said, reach=1000)
    assert not found("reach<1000", said), "what is not known is neither more nor less"
    assert found("rating<3 has:rating", said, stars=0.5)
    assert found("rating=2.5", said, stars=0.5)
    assert found("is:reply", said, reply=True)
    assert found("after:2026-11-21 before:2026-11-22", said)
    assert not found("before:2026-11-21", said)
    assert not found("after:2026-11-22", said)


def test_our_own_words_are_asked_for_by_name() -> None:
    assert not found("cua", "La cua", is_ours=True)
    assert found("cua is:ours", "La cua", is_ours=True)
    assert not found("cua is:ours", "La cua")
    assert asks_for_ours(parse("a OR is:ours"))


@pytest.mark.parametrize(
    ("text", "code", "where", "values"),
    [
        ("", "empty", "", {}),
        ('coffee "flat', "quote_not_closed", '"flat', {}),
        ("a (b OR c", "parenthesis_not_closed", "(", {}),
        ("a b) c", "parenthesis_not_opened", ")", {}),
        ("a ()", "nothing_in_parentheses", "()", {}),
        ("coffee OR", "operator_needs_two", "OR", {}),
        ("AND coffee", "operator_needs_two", "AND", {}),
        ("a AND OR b", "operator_needs_two", "AND", {}),
        ("coffee NOT", "not_alone", "NOT", {}),
        ("coffee NEAR/2", "operator_needs_two", "NEAR/2", {}),
        ("lang:es NEAR/2 x", "near_needs_words", "NEAR/2", {}),
        ("x NEAR/99 y", "near_too_far", "NEAR/99", {"most": "30"}),
        ("coffee sentimnt:negative", "unknown_field", "sentimnt", {"near": "sentiment"}),
        ("langauge:es", "unknown_field", "langauge", {"near": "lang"}),
        ("sentiment:negativ", "unknown_value", "negativ", {"near": "negative", "field": "sentiment"}),
        ("intent:complain,praise", "unknown_value", "complain", {"near": "complaint"}),
        ("lang:spanish", "not_a_lang", "spanish", {}),
        ("country:Spain", "not_a_country", "Spain", {}),
        ("from:", "value_missing", "from:", {"field": "from"}),
        ('from:"" x', "value_missing", "from:", {"field": "from"}),
        ("lang>es", "not_a_number_field", "lang>", {}),
        ("reach>many", "not_a_number", "many", {}),
        ("rating>9", "number_too_large", "9", {"most": "5"}),
        ("rating:1,2", "one_value", "2", {}),
        ("after:yesterday", "not_a_date", "yesterday", {}),
        ("a OR after:2026-01-01", "date_inside", "after:2026-01-01", {}),
        ("-after:2026-01-01", "date_inside", "after:2026-01-01", {}),
        ("after:2026-01-01 after:2026-01-02", "date_twice", "after:2026-01-01", {}),
        ("co*ee", "wildcard_inside", "co*ee", {}),
        ("c*", "wildcard_too_early", "c*", {}),
        ("*offee", "wildcard_too_early", "*offee", {}),
        ("tea ...", "nothing_to_search", "...", {}),
        ('tea ""', "nothing_to_search", '""', {}),
        ("(" * 21 + "a" + ")" * 21, "too_deep", "(", {}),
        ("word " * 151, "too_many", "word", {}),
    ],
)  # fmt: skip
def test_errors_point_at_the_place(text: str, code: str, where: str, values: dict[str, str]) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    error = caught.value
    assert error.code == code
    assert text[error.at : error.at + error.length] == where
    assert values.items() <= error.values.items()


def test_channels_that_are_known() -> None:
    assert str(parse("channel:mastodon", {"mastodon", "facebook"})) == "channel:mastodon"
    with pytest.raises(QueryError) as caught:
        parse("channel:mastodn", {"mastodon", "facebook"})
    assert caught.value.values["near"] == "mastodon"


def test_a_long_query_is_refused_where_it_is_too_long() -> None:
    with pytest.raises(QueryError) as caught:
        parse("a" * 2001)
    assert (caught.value.code, caught.value.at, caught.value.length) == ("too_long", 2000, 1)


WORD = st.sampled_from(
    [
        "coffee",
        "Café",
        "tea",
        "l'envio",
        "half-price",
        "slow",
        "x1",
        "😀",
        "@ana",
        "#lligam",
        "caf*",
        "org?n",
        "or",
        "1,50",
        "東京",
        "xD",
    ]
)
LEAF = st.one_of(
    WORD,
    st.lists(WORD, min_size=1, max_size=3).map(lambda words: f'"{" ".join(words)}"'),
    st.sampled_from(
        [
            "lang:es,ca",
            'place:"New York"',
            "reach>1k",
            "rating<=2.5",
            "sentiment:neg",
            "has:link",
            "from:@ana",
            "is:ours",
            '":)"',
            'from:"a, b"',
        ]
    ),
    st.tuples(st.sampled_from(["slow", "tea*", '"flat white"']), st.integers(0, 30), st.sampled_from(["coffee", '"big cup"'])).map(
        "{0[0]} NEAR/{0[1]} {0[2]}".format
    ),
)
QUERY = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' OR '.join(parts)})"),
        inner.map(lambda part: f"-({part})"),
    ),
    max_leaves=8,
)


@given(QUERY, st.sampled_from(["", " after:2026-11-01", " before:2026-12-01 after:2025-01-01"]))
@settings(max_examples=300, deadline=None)
def test_a_query_written_out_is_the_same_query(text: str, days: str) -> None:
    query = parse(text + days)
    assert parse(str(query)) == query


@example("0၀")
@example("00?ဿ")
@example("00??")
@example("0ำ")
@example("@//")
@example("00??x* a?*")
@given(st.text(max_size=60) | st.text(alphabet='ab*?:<>=()"- ORANDNEAR/5#@.,', max_size=40))
@settings(max_examples=500, deadline=None)
def test_whatever_is_typed_is_a_query_or_an_error_at_its_place(text: str) -> None:
    try:
        query = parse(text)
    except QueryError as error:
        place, length = error.at, error.length
    else:
        place, length = 0, 1
        assert parse(str(query)) == query
        matches(query, Page(text), Facts())
    assert 0 <= place <= len(text)
    assert length >= 1


def test_marks() -> None:
    text = "Un CAFÈ lent a #Lligam, sense sucre"
    marked = [text[start:end] for start, end in spans(parse('"cafe lent" OR #lligam -sucre'), Page(text))]
    assert marked == ["CAFÈ", "lent", "#Lligam"]


def guide() -> tuple[list[tuple[str, str, str]], list[str]]:
    """The tables of the guide: (query, what it finds, what it does not), and the conditions it names."""
    rows = [line for line in (ROOT / "docs/guides/listen-for-words.md").read_text().splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]
    words = [(cell[0].strip("`"), cell[1], cell[2]) for cell in cells if len(cell) == 3]
    return words, [condition for cell in cells if len(cell) == 2 for condition in re.findall("`([^`]+)`", cell[0])]


@pytest.mark.parametrize(("query", "finds", "not_finds"), guide()[0])
def test_the_examples_of_the_guide(query: str, finds: str, not_finds: str) -> None:
    assert found(query, finds)
    assert not found(query, not_finds)


@pytest.mark.parametrize("condition", guide()[1])
def test_the_conditions_of_the_guide(condition: str) -> None:
    assert parse(condition)


def test_the_guide_names_every_field() -> None:
    said = {re.split("[:<>=]", condition)[0] for condition in guide()[1]}
    assert said == {*FIELDS, *NUMBERS, "after", "before"}
