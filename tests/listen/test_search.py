"""Searching what is stored: the index finds what the plain evaluator says, on either database."""

from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.language.test_query import QUERY
from vincle.accounts.models import Workspace
from vincle.language._atoms import atom, fact, pieces
from vincle.language.page import Page
from vincle.language.query import Facts, Query, QueryError, fact_atoms, facts_of, matches, parse
from vincle.listen import fulltext, search
from vincle.listen.fulltext import Entry, point_of

THEN = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
"""Half past midnight of the next day in Madrid."""
SAID = [
    "Coffee was slow, l’envio too",
    "slow tea with cafè and coffee at a half-price",
    "coffee coffee",
    "flat white, big cup of coffee",
    "a big flat cup white",
    "organ and organisation, orgin",
    "😀 :) I love #Lligam 1,50",
    "@Ana x1 or caffè",
    "東京 https://shop.example.com/x",
    "京東 xD :)",
    "",
    "tea " * 40 + "coffee",
    "x1",
]
KNOWN = [
    {"language": "es", "sentiment": "negative"},
    {"language": "ca", "sentiment": "positive", "authors": ("ana", "Ana Serra")},
    {"language": "en", "reach": 1500, "place": "New York"},
    {"language": "en", "reach": 999, "stars": 0.5, "is_ours": True},
    {"stars": 1.0, "language": "es"},
]


def texts(workspace: Workspace, start: int = 1) -> dict[int, tuple[Page, Facts]]:
    """Every text with everything that may be known of it, stored."""
    found, entries = {}, []
    for seq, (said, known) in enumerate(product(SAID, KNOWN), start):
        given_ = dict(known)
        page = Page(said, rating=given_.pop("stars", None))  # type: ignore[arg-type]
        page.reading.language, page.reading.sentiment = str(given_.pop("language", "")), given_.pop("sentiment", "")  # type: ignore[assignment]
        moment = THEN - timedelta(hours=seq)
        facts = facts_of(page, moment.astimezone(ZoneInfo(workspace.timezone)).date(), **given_)  # type: ignore[arg-type]
        point = point_of(moment, seq)
        found[point] = (page, facts)
        words = [atom(piece) for piece in pieces(page)]
        entries.append(Entry(point, workspace.pk, words, [fact("ws", workspace.pk), *fact_atoms(facts), f"_au_{seq % 3}"]))
    fulltext.write(entries)
    return found


def found_by(workspace: Workspace, query: Query) -> list[int]:
    return search.points(search.prepare(workspace, query), size=10_000)


pytestmark = pytest.mark.django_db


@pytest.fixture
def stored(workspace: Workspace, other_workspace: Workspace) -> dict[int, tuple[Page, Facts]]:
    texts(other_workspace, 1_000)
    return texts(workspace)


@given(QUERY, st.sampled_from(["", "", " after:2026-11-21", " before:2026-11-20"]))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_index_finds_what_the_evaluator_says(workspace: Workspace, stored: dict[int, tuple[Page, Facts]], text: str, days: str) -> None:
    query = parse(text + days)
    assert found_by(workspace, query) == sorted((at for at, said in stored.items() if matches(query, *said)), reverse=True)


@pytest.mark.parametrize(
    "text",
    [
        "coffee", "-coffee", "coffee NEAR/0 coffee", "coffee NEAR/2 coff*", "(slow OR tea) NEAR/3 (cafe OR coffee)",
        '"big cup" NEAR/0 "of coffee"', '"flat cup" NEAR/5 "big flat"', "org?n*", '"caf* and"', '"or?an and"', "reach>999", "reach>=1500",
        "reach<1k is:ours", "reach=1500", "rating>=2.5", "rating<=5", "is:ours coffee", "coffee OR -tea", "(-coffee OR tea) lang:en",
        "link:example.com", "after:2026-11-21", "before:2026-11-22",
    ],
)  # fmt: skip
def test_plain_queries(workspace: Workspace, stored: dict[int, tuple[Page, Facts]], text: str) -> None:
    query = parse(text)
    expected = sorted((at for at, said in stored.items() if matches(query, *said)), reverse=True)
    assert found_by(workspace, query) == expected
    assert expected, "the example asks for something"


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE listen_fulltext --", '"\' OR 1=1"', "words:coffee", "coffee\x00", "a'':* | b", "\\' x", "%s %% {0}", "$1 coffee",
        "NEAR(a b)", "coffee*)", 'lang:"x y"', "from:\"' OR '1\"", "#'tag",
    ],
)  # fmt: skip
def test_hostile_text_is_inert(workspace: Workspace, stored: dict[int, tuple[Page, Facts]], text: str) -> None:
    try:
        query = parse(text)
    except QueryError:
        return
    expected = sorted((at for at, said in stored.items() if matches(query, *said)), reverse=True)
    assert found_by(workspace, query) == expected
    assert len(found_by(workspace, Query())) == len([1 for _, facts in stored.values() if not facts.is_ours])


def test_pages_run_forwards_and_back(workspace: Workspace, stored: dict[int, tuple[Page, Facts]]) -> None:
    asked = search.prepare(workspace, parse("coffee"))
    first = search.points(asked, size=5)
    second = search.points(asked, after=first[-1], size=5)
    assert first + second == search.points(asked, size=10)
    assert search.points(asked, before=second[0], size=5) == first
    assert [at for part in search.everything(asked, 3) for at in part] == search.points(asked, size=1000)


def test_counts(workspace: Workspace, stored: dict[int, tuple[Page, Facts]]) -> None:
    found = search.counts(search.prepare(workspace, parse("coffee")))
    expected = [facts for page, facts in stored.values() if matches(parse("coffee"), page, facts)]
    assert (found.total, found.is_more) == (len(expected), False)
    assert dict(found.by["sentiment"]) == {"negative": 5, "positive": 5}
    assert dict(found.by["lang"])["es"] == sum("es" in facts.values.get("lang", ()) for facts in expected)
    assert sum(number for _, number in found.by["author"]) == len(expected)
    few = search.counts(search.prepare(workspace, parse("coffee")), most=7)
    assert (few.total, few.is_more) == (7, True)


def test_widest_first(workspace: Workspace, stored: dict[int, tuple[Page, Facts]]) -> None:
    points = search.widest(search.prepare(workspace, parse("coffee")), size=7)
    assert [stored[at][1].numbers.get("reach") for at in points] == [1500.0] * 5 + [None] * 2


def test_a_wildcard_that_stands_for_too_much_is_told_at_its_place(workspace: Workspace) -> None:
    words = [f"ab{number:03d}x" for number in range(400)]
    fulltext.write([Entry(point_of(THEN, 1), workspace.pk, words, [fact("ws", workspace.pk)])])
    with pytest.raises(QueryError) as caught:
        search.prepare(workspace, parse("coffee ab???x"))
    assert (caught.value.code, caught.value.at, caught.value.length) == ("too_many_words", 7, 6)


def test_writing_again_replaces(workspace: Workspace) -> None:
    point = point_of(THEN, 1)
    for word in ("coffee", "tea"):
        fulltext.write([Entry(point, workspace.pk, [word], [fact("ws", workspace.pk)])])
    assert found_by(workspace, parse("coffee")) == []
    assert found_by(workspace, parse("tea")) == [point]
    fulltext.remove([point])
    assert found_by(workspace, parse("tea")) == []


def test_the_index_answers_in_its_own_order(workspace: Workspace) -> None:
    """Nothing is sorted: the first page of a query that asks for everything reads a page."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL chooses by the figures it has")
    asked = search.prepare(workspace, parse("coffee before:2026-11-20"))
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN QUERY PLAN SELECT rowid FROM listen_fulltext WHERE listen_fulltext MATCH %s ORDER BY rowid DESC LIMIT 5", [asked.match]
        )
        plan = " ".join(row[-1] for row in cursor.fetchall())
    assert "TEMP B-TREE" not in plan
