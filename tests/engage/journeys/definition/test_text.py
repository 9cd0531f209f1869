"""The text form: read back to the same, whatever is said; and errors at their line."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engage.journeys.definition.strategies import definitions
from vincle.engage.journeys.definition.naming import Names
from vincle.engage.journeys.definition.reading import read, write
from vincle.engage.journeys.definition.text.parsing import BadText, parse
from vincle.engage.journeys.definition.text.printing import show

NAMES = Names({
    "segment": {"k3f": "New", "12": "Twice", "77": "Twice"}, "letter": {"12": "Welcome", "77": 'The "big" offer'},
    "connection": {"k3f": "Shop mail"}, "form": {"12": "Newsletter"}, "promotion": {"12": "Spring"}, "survey": {},
})  # fmt: skip
WRITTEN = """Journey "Welcome"

When someone enters segment "New"
They may start again once it has ended, 30 days after they began
The goal is that someone does Purchase of Order, channel "shop" or "till", amount at least 50
They leave when someone leaves segment #77
What is more than 48 hours late is left out

send letter "Welcome" by email about "news" as marketing [hello]
wait until the person opened it, 3 days at most: [w1]
  add tag "keen" [t1]
otherwise:
  wait until 09:00 on mon, tue [w2]
  if not (they clicked it or they are in segment "New") and their "city" is "Girona": [b1]
    ask a colleague "Call them" for "ana@example.org" within 2 days [c1]
  otherwise if they did View of Page in the last 30 days at least 2 times:
    add 5 to score "points" [p1]
  otherwise:
    leave [l1]
split: note "half" [x1]
  50% "A":
    tell "https://example.org/hook" [h1]
  50% "B":
"""


@given(definitions())
def test_what_is_printed_is_read_back_to_the_same(made: Any) -> None:
    definition = read(made)
    assert read(write(definition)) == definition
    assert parse(show(definition)).definition == definition
    printed = show(definition, NAMES, 'A "title"')
    assert parse(printed, NAMES) == (definition, 'A "title"')
    assert show(parse(printed, NAMES).definition, NAMES, 'A "title"') == printed


def test_a_journey_as_someone_would_write_it() -> None:
    found = parse(WRITTEN, NAMES)
    assert show(found.definition, NAMES, found.title) == WRITTEN
    steps = write(found.definition)["steps"]
    assert [step["id"] for step in steps] == ["hello", "w1", "x1"]
    assert steps[1]["until"] == {"got": "opened", "step": "hello"}
    assert steps[1]["missed"][1]["paths"][0]["if"]["all"][0] == {"not": {"any": [{"got": "clicked", "step": "hello"}, {"segment": "k3f"}]}}


def test_little_is_enough() -> None:
    found = parse(
        'When someone enters segment "new"\nwait 2 days\nsend letter "Welcome"\nif they opened it:\n    leave\n', NAMES
    ).definition
    assert [step.id for step in found.steps] == ["wait1", "send1", "branch1"]
    assert write(found)["steps"][1]["medium"] == "email"


BAD = [
    ('When someone enters segment "Twice"\nleave', 1, "unknown_segment"),
    ('When someone enters segment "New"\nwait 2', 2, "expected"),
    ('When someone enters segment "New"\n\nfly away', 3, "unknown_step"),
    ('When someone enters segment "New"\nif they opened it:\n  leave', 2, "no_message_before"),
    ('When someone enters segment "New"\nleave [a]\n\nleave [a]', 4, "same_id"),
    ('When someone enters segment "New"\nleave\n    leave', 3, "bad_indent"),
    ('When someone enters segment "New"\nadd tag "x', 2, "not_closed"),
    ('When someone enters segment "New"\nsplit:\n  40% "A":\n  40% "B":', 2, "shares_not_100"),
    ('When someone enters segment "New"\nif they have tag "a" and they have tag "b" or they have tag "c":', 2, "and_or"),
    ('When someone enters segment "New"\nleave now', 2, "too_much"),
    ("leave", 1, "no_start"),
    ("", 1, "no_start"),
    ('When someone enters segment "New"\notherwise:', 2, "otherwise_alone"),
    ('When someone enters segment "New"\nif it holds that {"tag": 3}:', 2, "not_a_text"),
    ("When someone does\nleave", 1, "expected"),
    ('When someone enters segment "New"\nwait 0 days', 2, "out_of_range"),
]


@pytest.mark.parametrize(("text", "line", "code"), BAD)
def test_what_is_wrong_is_said_with_its_line(text: str, line: int, code: str) -> None:
    with pytest.raises(BadText) as caught:
        parse(text, NAMES)
    assert (caught.value.line, caught.value.code) == (line, code)


@given(st.text() | st.lists(st.sampled_from([*WRITTEN.split("\n"), "  leave", "if (((", "wait until", "{"]), max_size=12).map("\n".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(BadText):
        assert parse(text, NAMES).definition.start


def test_the_journey_of_the_guide_is_one() -> None:
    page = (Path(__file__).parents[4] / "docs/guides/journeys.md").read_text("utf-8")
    text = page.split("```text\n")[1].split("```")[0]
    names = Names({"segment": {"k": "New customers"}, "letter": {"1": "Welcome", "2": "Once more"}})
    found = parse(text, names)
    assert found.title == "Welcome"
    assert show(found.definition, names, "Welcome").startswith(text[:300])
