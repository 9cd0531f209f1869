"""What the canvas does to a definition: no step is lost or doubled, names stay unique, and what is complete can be read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.engage.journeys.canvas import comparing, shaping, step_form, taking
from vincle.engage.journeys.canvas.fields import Around, NotSaid
from vincle.engage.journeys.canvas.shaping import KINDS, Json
from vincle.engage.journeys.definition.reading import read

WHAT = st.sampled_from(["add", "remove", "up", "down", "copy", "place"])
PRESSES = st.lists(st.tuples(WHAT, st.sampled_from(KINDS), st.integers(0, 30), st.integers(0, 30)), max_size=25)


def places(definition: Json) -> list[str]:
    """Everywhere something can be put in."""
    found = [f"root:{at}" for at in range(len(definition["steps"]) + 1)]
    for _way, _at, step in shaping.walk(definition):
        for place, below in enumerate(shaping.ways(step)):
            found += [f"{step['id']}.{place}:{at}" for at in range(len(below) + 1)]
    return found


def press(definition: Json, what: str, kind: str, one: int, two: int) -> Json:
    ids, slots = shaping.ids(definition), places(definition)
    if what == "add":
        return shaping.added(definition, slots[one % len(slots)], kind)[0]
    if not ids:
        return definition
    key = ids[one % len(ids)]
    match what:
        case "remove":
            return shaping.removed(definition, key)[0]
        case "copy":
            return shaping.copied(definition, key)[0]
        case "place":
            return shaping.placed(definition, key, slots[two % len(slots)])
    return shaping.moved(definition, key, -1 if what == "up" else 1)


@given(PRESSES)
def test_whatever_is_pressed_names_stay_unique_and_moving_loses_nothing(presses: list[tuple[str, str, int, int]]) -> None:
    definition: Json = {"start": [{"enters": "abc"}], "steps": []}
    for what, kind, one, two in presses:
        before = json.dumps(definition)
        made = press(definition, what, kind, one, two)
        assert json.dumps(definition) == before
        ids = shaping.ids(made)
        assert len(ids) == len(set(ids))
        if what in ("up", "down", "place"):
            assert sorted(ids) == sorted(shaping.ids(definition))
        definition = made
    assert taking.taken(json.dumps(definition)) == definition


ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 300) | st.text(max_size=8) | st.sampled_from(["branch", "split", "wait", "send"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["steps", "do", "id", "paths", "arms", "else", "until", "most", "came", "missed", "start", "if"]), inner, max_size=6
    ),
    max_leaves=30,
)  # fmt: skip


@given(ODD)
def test_no_definition_of_a_browser_is_too_odd(value: Any) -> None:
    found = taking.taken(json.dumps(value))
    assert taking.taken(json.dumps(found)) == found
    assert all(shaping.kind(step) for _way, _at, step in shaping.walk(found))


def test_what_is_no_json_is_an_empty_journey() -> None:
    assert taking.taken("{") == taking.taken("[" * 100_000) == {"start": [], "steps": []}


def journey(*steps: Json) -> Json:
    return {"start": [{"enters": "abc"}], "steps": list(steps)}


def leave(key: str) -> Json:
    return {"id": key, "do": "leave"}


def test_a_step_leaves_its_path_beyond_its_end_and_never_goes_below_itself() -> None:
    branch: Json = {"id": "b", "do": "branch", "paths": [{"if": {"tag": "x"}, "steps": [leave("in")]}], "else": []}
    made = shaping.moved(journey(branch, leave("last")), "in", 1)
    assert shaping.ids(made) == ["b", "in", "last"]
    assert made["steps"][0]["paths"][0]["steps"] == []
    assert shaping.placed(journey(branch), "b", "b.0:0") == journey(branch)
    assert shaping.ids(shaping.placed(journey(branch, leave("last")), "last", "b.1:0")) == ["b", "in", "last"]


def test_a_copy_asks_about_its_own_message() -> None:
    inner = {"id": "p", "do": "branch", "paths": [{"if": {"got": "opened", "step": "m"}, "steps": []}], "else": []}
    split: Json = {"id": "s", "do": "split", "arms": [{"name": "A", "share": 100, "steps": [
        {"id": "m", "do": "send", "letter": "1"}, inner]}]}  # fmt: skip
    made, key = shaping.copied(journey(split), "s")
    copy = shaping.find(made, key)
    assert copy
    message, asking = copy[2]["arms"][0]["steps"]
    assert asking["paths"][0]["if"]["step"] == message["id"] != "m"
    read(made)


def test_a_new_step_asks_about_the_message_before_it() -> None:
    made, key = shaping.added(journey({"id": "hello", "do": "send", "letter": "1"}), "root:1", "branch")
    found = shaping.find(made, key)
    assert found
    assert found[2]["paths"][0]["if"] == {"got": "opened", "step": "hello"}


SAID: dict[str, dict[str, str]] = {
    "send": {"what": "letter", "letter": "7", "medium": "email"}, "wait": {"how": "for", "for": "2", "for-unit": "days"},
    "until": {"e-kind": "enters", "e-enters": "abc", "most": "3", "most-unit": "weeks"},
    "branch": {"p0-kind": "segment", "p0-segment": "abc", "p0-not": "not"},
    "split": {"p0-name": "A", "p0-share": "30", "p1-name": "B", "p1-share": "70"}, "tag": {"tag": "vip", "how": "remove"},
    "field": {"field": "city", "to": ""}, "score": {"field": "heat", "add": "-2,5"}, "stage": {"field": "stage", "to": "lead"},
    "task": {"text": "Call", "due": "1", "due-unit": "days"}, "webhook": {"url": "https://example.org/in"},
    "survey": {"survey": "nps", "letter": "7"}, "leave": {"note": "enough"},
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_dialog_says_can_be_read_and_stands_in_the_dialog_again(kind: str) -> None:
    step = shaping.begun(kind, "x1")
    said = step_form.read(step, SAID[kind], Around())
    definition = journey({"id": "x1", **said})
    read(definition)
    shown = {field.name: field.value for field in step_form.fields({"id": "x1", **said}, Around())}
    for name, value in SAID[kind].items():
        if not name.endswith(("-unit", "add")):
            assert str(shown[name]) == value, name


@pytest.mark.parametrize(("kind", "said"), [
    ("wait", {"how": "for", "for": "0"}), ("wait", {"how": "for", "for": "x"}), ("split", {"p0-share": "30", "p1-share": "30"}),
    ("score", {"field": "heat", "add": "nan"}), ("branch", {"p0-kind": "words", "p0-words": "they frobnicate"}),
])  # fmt: skip
def test_what_cannot_be_meant_is_said_at_its_field(kind: str, said: dict[str, str]) -> None:
    with pytest.raises(NotSaid) as not_said:
        step_form.read(shaping.begun(kind, "x1"), said, Around())
    assert not_said.value.field in {field.name for field in step_form.fields(shaping.begun(kind, "x1"), Around())}


def test_words_say_what_the_plain_fields_cannot() -> None:
    words = 'they did Purchase in the last 90 days and their "city" is "Vic"'
    said = step_form.read(shaping.begun("branch", "b"), {"p0-kind": "words", "p0-words": words}, Around())
    shown = {field.name: field.value for field in step_form.fields({"id": "b", **said}, Around())}
    assert (shown["p0-kind"], shown["p0-words"]) == ("words", words)


def test_two_wordings_are_compared_step_by_step() -> None:
    before = journey(leave("a"), {"id": "w", "do": "wait", "for": {"days": 1}})
    after = journey({"id": "w", "do": "wait", "for": {"days": 2}}, leave("z"))
    assert comparing.signs(before, after) == {"w": "changed", "z": "new", "a": "gone"}
