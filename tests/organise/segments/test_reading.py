"""Predicates out of JSON and back. Whatever is sent: a predicate, or BadPredicate with its place."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.organise.segments.strategies import with_segments
from vincle.organise.segments.predicate import Act, All, Did, Not, Predicate, Sequence, Tagged, Trait, Window
from vincle.organise.segments.predicate import Any as AnyOf
from vincle.organise.segments.reading import SCHEMA, BadPredicate, read, write

GOOD: list[Any] = [
    {"all": []}, {"any": [{"tag": "vip"}]}, {"not": {"tag": "vip"}}, {"trait": "city", "is": "Girona"}, {"trait": "age", "at_least": 18},
    {"trait": "city", "one_of": ["Girona", 12, True]}, {"trait": "due", "before": "2026-03-31"}, {"trait": "city", "known": True},
    {"trait": "birthday", "birthday_in_next": 7}, {"stage": ["critic", "creator"]}, {"stage": "critic"}, {"consent": "none"},
    {"consent": "granted", "channel": "phone", "purpose": "service"}, {"score": "churn"}, {"score": "churn", "at_least": 0.7, "at_most": 1},
    {"segment": "abc"}, {"random": 0.1, "seed": 7}, {"random": 1}, {"top": 100, "by": "influence"}, {"did": {}},
    {"did": {"verb": "Purchase", "channel": ["shop"], "amount": {"at_least": 20}, "by": "them"}, "count": 
    {"at_least": 2}, "within": {"days": 9}},
    {"did": {"rating": {"at_most": 0.5}, "sentiment": "negative", "is_reply": False}, "mean": 
    {"at_most": -2.5}, "within": {"since": "month"}},
    {"did": {"object_type": "Order"}, "kinds": {"at_most": 1}, "of": "product", "within": {"from": "2026-01-01", "to": "2026-01-31"}},
    {"did_not": {"verb": ["View", "Read"]}, "within": {"from": "2026-01-01"}},
    {"did": {"thread": "t"}, "last": {"at_most": 30}, "within": {}},
    {"sequence": [{"verb": "View"}, {"verb": "Purchase"}], "within_days": 7, "missing_last": True, "within": {"to": "2026-01-01"}},
]  # fmt: skip
BAD: list[tuple[Any, str, str]] = [
    (None, "", "not_an_object"), ([], "", "not_an_object"), ("vip", "", "not_an_object"), ({}, "", "unknown_clause"),
    ({"foo": 1}, "", "unknown_clause"), ({"all": {}}, "all", "not_a_list"), ({"all": [], "tag": "x"}, "", "unknown_key"),
    ({"all": [{"tag": "a"}, {"any": [{"tag": 3}]}]}, "all/1/any/0/tag", "not_a_text"), ({"not": []}, "not", "not_an_object"),
    ({"tag": ""}, "tag", "bad_text"), ({"tag": " "}, "tag", "bad_text"), ({"tag": "a\x00"}, "tag", "bad_text"),
    ({"tag": "\ud800"}, "tag", "bad_text"), ({"tag": "x" * 301}, "tag", "bad_text"), ({"tag": "vip", "x": 1}, "", "unknown_key"),
    ({"trait": "city"}, "", "one_comparison"), ({"trait": "city", "is": "a", "is_not": "b"}, "", "one_comparison"),
    ({"trait": "city", "is": None}, "is", "not_a_text"), ({"trait": "city", "is": []}, "is", "not_a_text"),
    ({"trait": "city", "one_of": []}, "one_of", "empty_list"), ({"trait": "city", "one_of": ["a", {}]}, "one_of/1", "not_a_text"),
    ({"trait": "age", "more": "18"}, "more", "not_a_number"), ({"trait": "age", "more": True}, "more", "not_a_number"),
    ({"trait": "age", "more": float("nan")}, "more", "not_a_number"), ({"trait": "age", "more": float("inf")}, "more", "not_a_number"),
    ({"trait": "age", "more": 10**5000}, "more", "out_of_range"), ({"trait": "due", "before": "2026-02-30"}, "before", "not_a_date"),
    ({"trait": "due", "before": "20260201"}, "before", "not_a_date"), ({"trait": "due", "before": "0001-01-01"}, "before", "not_a_date"),
    ({"trait": "due", "in_last": -1}, "in_last", "out_of_range"), ({"trait": "due", "in_next": 1e9}, "in_next", "out_of_range"),
    ({"trait": "city", "known": False}, "known", "only_true"), ({"trait": "city", "known": 1}, "known", "not_yes_or_no"),
    ({"stage": []}, "stage", "empty_list"), ({"stage": "king"}, "stage", "unknown_word"), ({"consent": "maybe"}, "consent", "unknown_word"),
    ({"score": "churn", "at_least": 2, "at_most": 1}, "", "turned_range"), ({"score": 3}, "score", "not_a_text"),
    ({"random": 2}, "random", "out_of_range"), ({"random": 0.5, "seed": 0.5}, "seed", "not_a_whole_number"),
    ({"top": 0, "by": "reach"}, "top", "out_of_range"), ({"top": 3}, "", "missing_key"),
    ({"all": [{"did": {"verb": "Buy"}}]}, "all/0/did/verb", "unknown_word"), ({"did": {"verb": ["View", 1]}}, "did/verb/1", "not_a_text"),
    ({"did": []}, "did", "not_an_object"), ({"did": {"where": "x"}}, "did", "unknown_key"),
    ({"did": {"by": "me"}}, "did/by", "unknown_word"),
    ({"did": {"amount": {}}}, "did/amount", "empty_range"), ({"did": {"rating": {"at_least": 5}}}, "did/rating/at_least", "out_of_range"),
    ({"did": {"is_reply": "yes"}}, "did/is_reply", "not_yes_or_no"),
    ({"did": {}, "count": {"at_least": 1.5}}, "count/at_least", "not_a_whole_number"),
    ({"did": {}, "count": {}}, "count", "empty_range"), ({"did": {}, "count": 2}, "count", "not_an_object"),
    ({"did": {}, "count": {"at_least": 1}, "sum": {"at_least": 1}}, "", "one_measure"),
    ({"did": {}, "kinds": {"at_least": 1}}, "", "missing_key"),
    ({"did": {}, "of": "product"}, "", "unknown_key"), ({"did": {}, "kinds": {"at_least": 1}, "of": "verb"}, "of", "unknown_word"),
    ({"did": {}, "within": {"days": 1, "since": "day"}}, "within", "one_window"),
    ({"did": {}, "within": {"since": "ever"}}, "within/since", "unknown_word"),
    ({"did": {}, "within": {"from": "2026-02-01", "to": "2026-01-01"}}, "within", "turned_range"),
    ({"did": {}, "within": {"from": None}}, "within/from", "not_a_text"), ({"did_not": {}, "count": {"at_least": 1}}, "", "unknown_key"),
    ({"sequence": [{}], "within_days": 1}, "sequence", "too_few_steps"), ({"sequence": [{}, {}]}, "", "missing_key"),
    ({"sequence": [{}] * 11, "within_days": 1}, "sequence", "too_many_values"),
    ({"sequence": [{}, {"verb": ""}], "within_days": 1}, "sequence/1/verb", "bad_text"),
    ({1: 2}, "", "unknown_key"), ({"tag": {"a": object()}}, "tag", "not_a_text"),
]  # fmt: skip
BEYOND_SCHEMA = {"turned_range", "not_a_date"}
"""What JSON Schema cannot say: that one value has to be above another, that February has no 30th."""


def test_what_stands_in_the_json() -> None:
    asked = read({"all": [
        {"trait": "city", "is": "Girona"}, {"any": [{"tag": "vip"}, {"not": {"did_not": {"verb": "View"}}}]},
        {"sequence": [{"verb": "View"}, {"product": "tea"}], "within_days": 7, "missing_last": True},
        {"did": {"amount": {"at_least": 20}}, "sum": {"at_most": 90}, "within": {"days": 30}},
    ]})  # fmt: skip
    assert asked == All((
        Trait("city", "is", "Girona"), AnyOf((Tagged("vip"), Not(Did(Act(verb=("View",)), "count", None, 0)))),
        Sequence((Act(verb=("View",)), Act(product=("tea",))), 7, missing=True),
        Did(Act(amount=(20, None)), "sum", None, 90, Window(days=30)),
    ))  # fmt: skip


@pytest.mark.parametrize("value", GOOD, ids=json.dumps)
def test_what_is_good_goes_both_ways(value: Any) -> None:
    asked = read(value)
    assert read(json.loads(json.dumps(write(asked)))) == asked


@pytest.mark.parametrize(("value", "path", "code"), BAD, ids=[f"{code} at /{path}" for _value, path, code in BAD])
def test_what_is_wrong_is_named_with_its_place(value: Any, path: str, code: str) -> None:
    with pytest.raises(BadPredicate) as caught:
        read(value)
    assert (caught.value.path, caught.value.code) == (path, code)


def test_neither_too_deep_nor_too_many() -> None:
    deep: Any = {"tag": "vip"}
    for _ in range(11):
        deep = {"not": deep}
    read(deep)
    with pytest.raises(BadPredicate, match="too_deep"):
        read({"not": deep})
    for _ in range(100_000):
        deep = {"not": deep}
    with pytest.raises(BadPredicate, match="too_deep"):
        read(deep)
    hundred = {"any": [{"tag": "vip"}] * 100}
    read({"all": [hundred, hundred]})
    with pytest.raises(BadPredicate, match="too_many_clauses"):
        read({"all": [hundred, hundred, {"all": []}]})


@given(with_segments)
def test_what_is_written_is_read_back(predicate: Predicate) -> None:
    assert read(json.loads(json.dumps(write(predicate)))) == predicate


_leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["Girona", "View", "2026-01-01", "day"])
)
_KEYS = """
    all any not trait tag stage consent channel purpose score segment random seed top by did did_not count sum mean largest kinds of first
    last within days from to since sequence within_days missing_last verb amount rating at_least at_most is one_of before in_last known
"""
_keys = st.sampled_from(_KEYS.split())
_json = st.recursive(
    _leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys | st.text(max_size=3), inner, max_size=4), max_leaves=12
)


@given(_json | st.dictionaries(_keys, _json, min_size=1, max_size=4))
@example({"did": {"verb": ["View"] * 2000}})
@example({"all": ({"tag": "vip"},)})
def test_whatever_is_sent_is_read_or_refused(value: Any) -> None:
    try:
        asked = read(value)
    except BadPredicate as wrong:
        str(wrong).encode()
    else:
        assert read(json.loads(json.dumps(write(asked)))) == asked


@st.composite
def _damaged(draw: st.DrawFn) -> Any:
    """The JSON of a predicate with one thing in it put wrong."""
    value = json.loads(json.dumps(write(draw(with_segments))))
    place = value
    while isinstance(place, dict | list) and place:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw(st.sampled_from(keys))
        if draw(st.booleans()) or not isinstance(place[key], dict | list) or not place[key]:
            place[key] = draw(_json)
            break
        place = place[key]
    return value


@given(_damaged())
def test_a_damaged_predicate_is_read_or_refused(value: Any) -> None:
    test_whatever_is_sent_is_read_or_refused.hypothesis.inner_test(value)  # type: ignore[attr-defined]


_JUDGE = """
import json, sys
import jsonschema
schema, values = json.load(sys.stdin)
jsonschema.Draft202012Validator.check_schema(schema)
judge = jsonschema.Draft202012Validator(schema)
json.dump([judge.is_valid(value) for value in values], sys.stdout)
"""


def test_the_schema_allows_what_is_read_and_nothing_else() -> None:
    python = os.environ.get("VINCLE_OUTSIDE_PYTHON") or str(Path(__file__).resolve().parents[3] / ".venv-outside" / "bin" / "python")
    if not os.access(python, os.X_OK):
        pytest.skip(f"NOT RUN: no Python with jsonschema at {python}; scripts/test.py makes one")
    values: list[tuple[Any, bool]] = [(value, True) for value in GOOD]
    values += [(value, False) for value, _path, code in BAD if code not in BEYOND_SCHEMA and _is_json(value)]
    _collect(values)
    judged = subprocess.run(
        [python, "-c", _JUDGE], input=json.dumps([SCHEMA, [value for value, _good in values]]), capture_output=True, text=True, check=True
    )
    wrong = [value for (value, good), valid in zip(values, json.loads(judged.stdout), strict=True) if good != valid]
    assert len(values) > 250
    assert wrong == []


def _is_json(value: Any) -> bool:
    """What other programs can be sent: no numbers beyond all bounds, no half letters, no keys that are none."""
    try:
        return (
            "\\ud8" not in json.dumps(value, allow_nan=False) and len(json.dumps(value)) < 4000 and json.loads(json.dumps(value)) == value
        )
    except (TypeError, ValueError):
        return False


def _collect(values: list[tuple[Any, bool]]) -> None:
    @given(with_segments, _damaged())
    def run(predicate: Predicate, damaged: Any) -> None:
        values.append((json.loads(json.dumps(write(predicate))), True))
        if _is_json(damaged):
            try:
                read(damaged)
            except BadPredicate as error:
                if error.code in BEYOND_SCHEMA:
                    return
                values.append((damaged, False))
            else:
                values.append((damaged, True))

    run()
