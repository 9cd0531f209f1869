"""Journeys out of JSON and back. Whatever is sent: a definition, or BadDefinition with its place; and the schema says the same."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engage.journeys.definition.strategies import definitions
from vincle.engage.journeys.definition.flow import END, flow
from vincle.engage.journeys.definition.reading import BadDefinition, read, write
from vincle.engage.journeys.definition.schema import SCHEMA

START: Any = [{"enters": "k3"}]
SEND: Any = {"id": "m", "do": "send", "letter": "1"}


def journey(*steps: Any, **more: Any) -> Any:
    return {"start": START, "steps": list(steps), **more}


def deep(levels: int) -> Any:
    steps: list[Any] = []
    for level in range(levels):
        steps = [{"id": f"b{level}", "do": "branch", "paths": [{"if": {"tag": "x"}, "steps": steps}]}]
    return journey(*steps)


BAD: list[tuple[Any, str, str]] = [
    ([], "", "not_an_object"),
    ({}, "", "missing_key"),
    ({"start": [], "steps": []}, "start", "empty_list"),
    (journey(colour="red"), "", "unknown_key"),
    ({"start": [{"event": {}}], "steps": []}, "start/0/event", "empty_event"),
    ({"start": [{"event": {"verb": "Fly"}}], "steps": []}, "start/0/event/verb", "unknown_word"),
    ({"start": [{"enters": "a", "leaves": "b"}], "steps": []}, "start/0", "one_kind"),
    ({"start": [{"date": "birthday", "time": "9:00"}], "steps": []}, "start/0/time", "not_a_time"),
    (journey(goal=[{"date": "birthday"}]), "goal/0", "unknown_kind"),
    (journey(again={"may": "never", "days": 3}), "again/days", "days_only_after_end"),
    (journey(late={"hours": 0}), "late/hours", "out_of_range"),
    (journey(only={"all": [{"tag": 3}]}), "only/all/0/tag", "not_a_text"),
    (journey({"do": "leave"}), "steps/0", "missing_key"),
    (journey({"id": "Ä", "do": "leave"}), "steps/0/id", "bad_id"),
    (journey({"id": "a", "do": "fly"}), "steps/0/do", "unknown_word"),
    (journey({"id": "a", "do": "leave"}, {"id": "a", "do": "leave"}), "steps/1/id", "same_id"),
    (journey({"id": "a", "do": "send"}), "steps/0", "letter_or_text"),
    (journey({"id": "a", "do": "send", "letter": "1", "text": "x"}), "steps/0", "letter_or_text"),
    (journey({**SEND, "purpose": "fun"}), "steps/0/purpose", "unknown_word"),
    (journey({"id": "a", "do": "wait", "for": {"days": 0}}), "steps/0/for/days", "out_of_range"),
    (journey({"id": "a", "do": "wait", "for": {"days": 1, "hours": 1}}), "steps/0/for", "one_kind"),
    (journey({"id": "a", "do": "wait", "until": {"enters": "k"}}), "steps/0", "missing_key"),
    (journey({"id": "a", "do": "wait", "for": {"days": 1}, "most": {"days": 1}}), "steps/0", "unknown_key"),
    (journey({"id": "a", "do": "split", "arms": [{"name": "A", "share": 90}]}), "steps/0/arms", "shares_not_100"),
    (journey({"id": "a", "do": "branch", "paths": [{"if": {"got": "opened", "step": "m"}}]}), "steps", "no_such_message"),
    (journey({"id": "a", "do": "branch", "paths": [{"if": {"got": "opened", "step": "m"}}]}, SEND), "steps", "message_comes_later"),
    (journey(SEND, {"id": "a", "do": "branch", "paths": [{"if": {"all": [{"got": "read", "step": "m"}]}}]}),
     "steps/1/paths/0/if/all/0/got", "unknown_word"),
    (journey({"id": "a", "do": "webhook", "url": "javascript:alert(1)"}), "steps/0/url", "not_an_address"),
    (journey({"id": "a", "do": "webhook", "url": "https://a b"}), "steps/0/url", "not_an_address"),
    (journey({"id": "a", "do": "score", "field": "x", "add": float("nan")}), "steps/0/add", "not_a_number"),
    (journey({"id": "a", "do": "field", "field": "x", "to": []}), "steps/0/to", "not_a_text"),
    (deep(9), "steps/0" + "/paths/0/steps/0" * 7 + "/paths/0/steps", "too_deep"),
    (journey(*({"id": f"s{n}", "do": "leave"} for n in range(201))), "steps", "too_many_values"),
]  # fmt: skip
BEYOND_SCHEMA = {"same_id", "shares_not_100", "no_such_message", "message_comes_later", "too_deep", "days_only_after_end", "letter_or_text"}


@pytest.mark.parametrize(("value", "path", "code"), BAD)
def test_what_is_wrong_is_said_with_its_place(value: Any, path: str, code: str) -> None:
    with pytest.raises(BadDefinition) as caught:
        read(value)
    assert (caught.value.path, caught.value.code) == (path, code)


_KEYS = ("start", "steps", "id", "do", "if", "until", "for", "days", "got", "all", "event", "enters", "paths", "arms", "only")
_json: Any = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8) | st.sampled_from(("send", "wait", "1", "a", "opened")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=5),
    max_leaves=12,
)


@given(_json | st.fixed_dictionaries({"start": st.just(START), "steps": _json}))
def test_any_json_is_read_or_refused(value: Any) -> None:
    try:
        found = read(value)
    except BadDefinition:
        return
    assert read(write(found)) == found


@given(definitions())
def test_every_way_leads_on_and_none_in_circles(made: Any) -> None:
    found = flow(read(made))
    order = {node: place for place, node in enumerate(found.steps)}
    for node, ways in found.ways.items():
        assert ways
        assert all(way == END or order[way] > order[node] for way in ways)


_JUDGE = """
import json, sys, jsonschema
schema, values = json.load(sys.stdin)
judge = jsonschema.Draft202012Validator(schema)
print(json.dumps([judge.is_valid(value) for value in values]))
"""


def test_the_schema_allows_what_is_read_and_nothing_else() -> None:
    python = os.environ.get("VINCLE_OUTSIDE_PYTHON") or str(Path(__file__).resolve().parents[4] / ".venv-outside" / "bin" / "python")
    if not os.access(python, os.X_OK):
        pytest.skip(f"NOT RUN: no Python with jsonschema at {python}; scripts/test.py makes one")
    values: list[tuple[Any, bool]] = [(value, False) for value, _path, code in BAD if code not in BEYOND_SCHEMA and code != "not_a_number"]
    _collect(values)
    told = json.dumps([SCHEMA, [value for value, _good in values]])
    judged = subprocess.run([python, "-c", _JUDGE], input=told, capture_output=True, text=True, check=True)
    wrong = [value for (value, good), valid in zip(values, json.loads(judged.stdout), strict=True) if good != valid]
    assert wrong == []


def _collect(values: list[tuple[Any, bool]]) -> None:
    @given(definitions())
    def collect(made: Any) -> None:
        values.extend([(made, True), (write(read(made)), True)])

    collect()
