"""Predicates in words: what is said means what is asked, reads as one sentence, and nothing is left without words."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given

from tests.organise.segments.plain import Done, Someone, frame_of
from tests.organise.segments.strategies import NOON, SEGMENTS, TOPS, nows, people, with_segments
from vincle.accounts.models import Workspace
from vincle.organise.models import CustomField, Segment
from vincle.organise.segment_words import Names, because, clause, sentence, told, wrong
from vincle.organise.segments import checking
from vincle.organise.segments.evaluate import truth
from vincle.organise.segments.frame import Now
from vincle.organise.segments.predicate import Act, All, Did, Not, Predicate
from vincle.organise.segments.predicate import Any as AnyOf
from vincle.organise.segments.reading import BadPredicate, read
from vincle.organise.segments.sentence import Phrase, phrase
from vincle.organise.segments.why import explain
from vincle.vocabulary import ObjectType, Verb

SENTENCES: list[tuple[Any, str]] = [
    (
        {"all": [{"did": {"verb": "Purchase"}, "count": {"at_least": 2}, "within": {"days": 90}}, {"trait": "city", "is": "Girona"}]},
        "People who bought at least twice in the last 90 days and live in Girona",
    ),
    (
        {"all": [{"tag": "vip"}, {"any": [{"trait": "city", "is": "Vic"}, {"not": {"did": {"verb": "View"}}}]}]},
        "People who carry the tag “vip” and (live in Vic or looked at nothing)",
    ),
    (
        {"not": {"any": [{"did": {"verb": "Purchase"}, "count": {"at_least": 3}}, {"trait": "birthday", "known": True}]}},
        "People who bought at most 2 times and do not have their birthday on record",
    ),
    (
        {
            "did": {"verb": "Purchase", "product": ["tea", "cake"], "amount": {"at_least": 20}, "currency": "EUR"},
            "within": {"since": "month"},
        },
        "People who bought “tea” or “cake” for at least €\u00a020 this month",
    ),
    ({"did_not": {"verb": ["Purchase", "Create"]}}, "People who did not buy and did not write"),
    ({"did": {"verb": "Purchase"}, "sum": {"at_least": 10, "at_most": 99.5}}, "People who bought for between 10 and 99.5 altogether"),
    ({"did": {"verb": "Purchase"}, "last": {"at_least": 30}}, "People who bought for the last time at least 30 days ago"),
    (
        {"did": {"verb": "Purchase"}, "kinds": {"at_least": 1, "at_most": 1}, "of": "product"},
        "People who bought (different products: exactly 1)",
    ),
    (
        {"sequence": [{"verb": "View", "object_type": "Page"}, {"verb": "Purchase"}], "within_days": 7, "missing_last": True},
        "People who looked at a page, but then did not buy within 7 days",
    ),
    ({"not": {"score": "churn", "at_least": 0.7}}, "People who do not have a churn risk of at least 0.7"),
    ({"consent": "withdrawn"}, "People who unsubscribed from “E-mail: news and offers”"),
    ({"not": {"random": 0.1}}, "People who do not fall into a random 10 per cent"),
    ({"top": 100, "by": "influence"}, "People who are among the 100 with the highest influence"),
    ({"trait": "country", "one_of": ["ES", "IT"]}, "People who live in Spain or Italy"),
    ({"trait": "owner", "is_not": "none"}, "People who are looked after by someone"),
    ({"trait": "is_identified", "is": False}, "People who are not known by name"),
    ({"not": {"trait": "last_at", "in_last": 30}}, "People who were not active in the last 30 days"),
    ({"stage": ["critic", "creator"]}, "People who are at the stage critic or creator"),
    ({"all": []}, "Everybody"),
    ({"not": {"all": []}}, "Nobody"),
]


@pytest.mark.parametrize(("asked", "words"), SENTENCES, ids=[words for _asked, words in SENTENCES])
def test_a_predicate_reads_as_one_sentence(asked: Any, words: str) -> None:
    assert sentence(read(asked)) == words


@pytest.mark.parametrize("language", ["en", "es", "it", "ca"])
@given(predicate=with_segments)
def test_every_predicate_can_be_said(language: str, predicate: Predicate) -> None:
    with translation.override(language):
        words = sentence(predicate)
    assert words == words.strip()
    assert not re.search(r"%\(|None|  ", words)
    assert words.count("(") == words.count(")")


@given(with_segments, people, nows)
def test_what_is_said_is_what_is_asked(predicate: Predicate, crowd: list[Someone], now: Now) -> None:
    frame = frame_of(crowd, TOPS)
    meant = truth(_meant(phrase(predicate)), frame, now, SEGMENTS)
    assert meant.tolist() == truth(predicate, frame, now, SEGMENTS).tolist()


def _meant(said: Phrase) -> Predicate:
    if said.clause is not None:
        return Not(said.clause) if said.is_denied else said.clause
    parts = tuple(_meant(part) for part in said.parts)
    return All(parts) if said.code in ("all", "everybody") else AnyOf(parts)


@pytest.mark.parametrize("by", ["them", "us"])
def test_every_verb_and_thing_has_words(by: Any) -> None:
    for verb in Verb:
        for kind in ("", *ObjectType):
            asked = Did(Act(verb=(verb.value,), object_type=(kind,) if kind else (), by=by))
            assert clause(asked) != clause(replace(asked, least=None, most=0))


def test_every_problem_has_words() -> None:
    folder = Path(checking.__file__).parent
    codes = {
        code
        for file in folder.glob("*.py")
        for code in re.findall(r'(?:bad\(|BadPredicate\([^)"]*"", |BadPredicate\([^)"]*)"(\w+)"', file.read_text())
    }
    assert codes >= {"unknown_word", "cycle", "too_deep", "not_a_date", "unknown_clause"}
    for code in codes:
        assert wrong(BadPredicate("a", code, "b")) != wrong(BadPredicate("a", "no such code", "b")), code


def test_what_is_wrong_names_its_place() -> None:
    with pytest.raises(BadPredicate) as caught:
        read({"all": [{"did": {"verb": "Buy"}}]})
    assert wrong(caught.value) == "all/0/did/verb: there is no “Buy”"
    assert (
        wrong(BadPredicate("", "cycle", "abc"), Names(segments={"abc": "Regulars"})) == "The segment “Regulars” would lead back to itself"
    )


def test_the_workspace_s_own_names_are_used(workspace: Workspace, other_workspace: Workspace) -> None:
    for where, label in ((workspace, "Favourite tea"), (other_workspace, "Something else")):
        CustomField.objects.create(workspace=where, name="tea_kind", label=label)
        Segment.objects.create(workspace=where, public="abc", name=f"{label} people", predicate={})
    names = Names.of(workspace)
    assert sentence(read({"trait": "tea_kind", "is": "green"}), names) == "People who have “green” as their Favourite tea"
    assert sentence(read({"segment": "abc"}), names) == "People who belong to “Favourite tea people”"


NURIA = Someone(
    7, traits={"city": ("Vic", None)}, acts=(Done(NOON - timedelta(days=40), "Purchase"), Done(NOON - timedelta(days=3), "Purchase"))
)
TWICE = {"did": {"verb": "Purchase"}, "count": {"at_least": 2}, "within": {"days": 90}}


def test_why_someone_is_in_or_out() -> None:
    asked = read({"all": [TWICE, {"trait": "city", "is": "Girona"}]})
    out = explain(asked, frame_of([NURIA]), Now(NOON))
    assert because(out) == "Out: they do not live in Girona"
    words = told(out)
    assert [(part.words, part.holds, part.found) for part in words.parts] == [
        ("bought at least twice in the last 90 days", True, "2 times"),
        ("live in Girona", False, "Vic"),
    ]
    assert (words.parts[0].seqs, words.parts[0].until) == ((2, 1), datetime(2026, 5, 20, 12, tzinfo=UTC))
    assert because(explain(read(TWICE), frame_of([NURIA]), Now(NOON))) == "In: they bought at least twice in the last 90 days"


@given(with_segments, people, nows)
def test_every_reason_can_be_told(predicate: Predicate, crowd: list[Someone], now: Now) -> None:
    for person in crowd:
        reason = explain(predicate, frame_of([person], TOPS), now, SEGMENTS)
        pending = [told(reason)]
        assert because(reason).startswith("In: " if reason.holds else "Out: ")
        while pending:
            each = pending.pop()
            pending += each.parts
            assert each.words
            assert "None" not in each.found
            assert each.until is None or each.until > now.at
