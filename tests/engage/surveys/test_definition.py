"""The pure parts: expressions printed back without loss and never raising, flows without loops, no hidden question required."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.engage.surveys.definition import checks, expressions, flow, model
from vincle.engage.surveys.definition.expressions import Call, Compared, Fault, Joined, Known, Minus, Name, Node, Not, Series

NAMES = ("q1", "q2", "q3", "m.x", "person.stage")
_leaf = (
    st.sampled_from(NAMES).map(Name)
    | st.text(max_size=6).map(Known)
    | st.integers(0, 10**6).map(lambda n: Known(float(n)))
    | st.sampled_from([0.5, 2.25]).map(Known)
    | st.booleans().map(Known)
)


def _many(nodes: Any) -> Any:
    rest = lambda ops: st.lists(st.tuples(st.sampled_from(ops), nodes), min_size=1, max_size=3).map(tuple)  # noqa: E731
    return st.one_of(
        nodes.map(Not), nodes.map(Minus), st.builds(Compared, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), nodes, nodes),
        st.builds(Joined, st.sampled_from(["and", "or"]), st.lists(nodes, min_size=2, max_size=3).map(tuple)),
        st.builds(Series, nodes, rest(["+", "-"])), st.builds(Series, nodes, rest(["*", "/"])),
        st.builds(lambda each: Call("answered", (each,)), nodes), st.builds(lambda a, b: Call("contains", (a, b)), nodes, nodes),
        st.builds(lambda all_: Call("sum", tuple(all_)), st.lists(nodes, min_size=1, max_size=3)),
    )  # fmt: skip


NODES = st.recursive(_leaf, _many, max_leaves=12)
VALUES = st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=5) | st.lists(st.text(max_size=3), max_size=3)


@given(NODES)
def test_what_is_written_is_parsed_to_the_same(node: Node) -> None:
    assert expressions.parse(expressions.write(node)) == node


@given(NODES, st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_working_out_never_raises(node: Node, values: dict[str, Any]) -> None:
    expressions.evaluate(node, values.get)


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_faulted_at_a_place(text: str) -> None:
    place = -1
    try:
        expressions.parse(text)
    except Fault as fault:
        place = fault.place
    assert -1 <= place <= max(len(text), 1)


@pytest.mark.parametrize(
    "text", ["(" * 5000, "(" * 100 + "1" + ")" * 100, "not " * 500 + "1", "1" + "+1" * 1999, "-" * 999 + "1", "{q1", "a b", "len(1"]
)
def test_what_is_too_much_or_broken_is_said(text: str) -> None:
    with pytest.raises(Fault):
        expressions.parse(text)


@pytest.mark.parametrize(
    ("text", "values", "wanted"),
    [
        ('{q} = "yes" and not answered({x})', {"q": "yes"}, True), ("{q} >= 9", {"q": None}, False), ("{q} != 1", {}, True),
        ('contains({m}, "a")', {"m": ["a", "b"]}, True), ("count({m}) = 2", {"m": ["a", "b"]}, True), ("1 / 0 = 1", {}, False),
        ('{day} > "2026-01-01"', {"day": "2026-11-22"}, True), ("sum({c}) = 100", {"c": {"a": 30, "b": 70}}, True),
        ("2 + 3 * 4 = 14", {}, True), ("10 - 3 - 2 = 5", {}, True), ("{n} = 1", {"n": "1"}, True), ("mean(1, 2, 3) = 2", {}, True),
    ],
)  # fmt: skip
def test_what_expressions_come_to(text: str, values: dict[str, Any], wanted: bool) -> None:
    assert expressions.is_true(expressions.parse(text), values.get) is wanted


_CONDITIONS = st.sampled_from(
    ["", '{a} = "x"', "answered({b})", '{c} = "x" or {a} = "y"', "not answered({d})", "{unknown} = 1", "broken ("]
)
_ITEM = st.tuples(st.sampled_from("abcdef"), _CONDITIONS, st.sampled_from(["no", "soft", "yes"]))
_PAGES = st.lists(st.tuples(_CONDITIONS, st.lists(_ITEM, max_size=4), st.booleans(), st.sampled_from(["", "a", "*"])), max_size=5)


@given(_PAGES, st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["x", "y", "z", ""])), st.integers(0, 99), st.booleans())
def test_a_flow_ends_and_asks_nothing_that_is_hidden(pages: Any, answers: dict[str, Any], seed: int, is_mixed: bool) -> None:
    survey = model.load({
        "pages": [
            {"id": f"p{n}", "show_if": when, "randomise": mixed, "by_subject": by, "items": [
                {"type": "text", "id": id, "show_if": shown, "required": must, "text": {"en": id}} for id, shown, must in items]}
            for n, (when, items, mixed, by) in enumerate(pages)
        ],
        "subjects": [{"id": "x"}, {"id": "y"}], "settings": {"randomise_pages": is_mixed},
    })  # fmt: skip
    walked = flow.trace(survey, answers, seed=seed)
    assert len(walked.pages) <= len(pages) * 2
    assert len({each.key for each in walked.pages}) == len(walked.pages)
    for shown in walked.pages:
        visible = {shown.name(item) for item in shown.asked}
        assert set(flow.check(survey, walked.answers, shown)) <= visible
        assert {item.id for item in shown.items} == {item.id for item in shown.page.items}
    assert flow.trace(survey, walked.answers, seed=seed).answers == walked.answers, "settled stays settled"
    assert flow.walk(survey, answers, seed=seed) == walked.pages, "the same seed, the same order"
    checks.troubles(survey)


def test_pages_by_subject_are_asked_for_each_that_was_chosen() -> None:
    survey = model.load({
        "pages": [
            {"id": "have", "items": [{"type": "multiple", "id": "own", "text": {"en": "?"},
                "choices": [{"id": "a"}, {"id": "b"}, {"id": "no"}]}]},
            {"id": "each", "by_subject": "own", "items": [{"type": "stars", "id": "good", "text": {"en": "?"}},
                {"type": "text", "id": "why", "show_if": "{good} < 3", "text": {"en": "?"}}]},
        ],
        "subjects": [{"id": "a"}, {"id": "b"}],
    })  # fmt: skip
    walked = flow.trace(survey, {"own": ["a", "b", "no"], "good@a": 5, "good@b": 1, "why@a": "gone", "why@b": "slow"})
    assert [each.key for each in walked.pages] == ["have", "each@a", "each@b"]
    assert walked.answers == {"own": ["a", "b", "no"], "good@a": 5, "good@b": 1, "why@b": "slow"}


def test_what_stands_in_the_way_is_named_by_its_place() -> None:
    survey = model.load({
        "languages": ["en", "ca"], "pages": [{"id": "p", "items": [
            {"type": "single", "id": "q", "text": {"en": "?"}, "show_if": "{later} = 1", "choices": [{"id": "a"}]},
            {"type": "text", "id": "later", "text": {"en": "?", "ca": "?"}, "show_if": '{q} = "zz" and {none} = 1'},
            {"type": "computed", "id": "q", "formula": "1 +"}]}],
    })  # fmt: skip
    found = {(each.place, each.code) for each in checks.troubles(survey)}
    assert {("p/q", "looks_ahead"), ("p/q", "few_choices"), ("p/later", "unknown_name"), ("p/later", "unknown_choice"), ("p/q", "id_twice"),
            ("p/q", "expression"), ("p/q", "untranslated")} <= found  # fmt: skip
    assert not checks.is_ready(survey)


def test_a_survey_turns_into_json_and_back() -> None:
    survey = model.load({"title": {"en": "x"}, "pages": [{"id": "a", "items": [{"type": "matrix", "id": "q", "rows": [{"id": "1"}]}]}]})
    assert model.load(model.dump(survey)) == survey
    assert model.schema()["$schema"].endswith("2020-12/schema")


_Q = [{"type": "single", "id": "q", "text": {"en": "?"}, "choices": [{"id": "a", "text": {}}, {"id": "b", "text": {}}]}]
_TEXT = {"type": "text", "id": "t", "text": {"en": "Why?"}}


@pytest.mark.parametrize(
    ("behind", "answers", "follows"),
    [
        ([], {}, False),
        ([{"id": "p2", "items": [_TEXT]}], {}, True),
        ([{"id": "p2", "show_if": '{q} = "b"', "items": [_TEXT]}], {}, True),
        ([{"id": "p2", "show_if": '{q} = "b"', "items": [_TEXT]}], {"q": "a"}, True),
        ([{"id": "p2", "show_if": '{other} = "b"', "items": [_TEXT]}], {}, False),
        ([{"id": "p2", "items": [{**_TEXT, "show_if": '{q} = "b"'}]}], {}, True),
        ([{"id": "p2", "show_if": "{other} = 1", "items": [{**_TEXT, "show_if": '{q} = "b"'}]}], {}, False),
        ([{"id": "p2", "items": [{"type": "computed", "id": "c", "formula": "len({q})"}, {**_TEXT, "show_if": "{c} > 0"}]}], {}, True),
        ([{"id": "p2", "show_if": '{q} = "', "items": []}], {}, False),
    ],
)
def test_a_page_that_may_be_followed_is_known(behind: list[dict[str, Any]], answers: dict[str, Any], follows: bool) -> None:
    survey = model.load({"title": {"en": "S"}, "pages": [{"id": "p1", "items": _Q}, *behind]})
    first = flow.walk(survey, answers)[0]
    assert flow.may_follow(survey, answers, first) is follows
    if len(shown := flow.walk(survey, {"q": "b", "t": "x"})) > 1:
        assert not flow.may_follow(survey, {"q": "b"}, shown[-1])
