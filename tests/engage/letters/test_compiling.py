"""A letter becomes HTML and text, filled in for each reader."""

from typing import Any

import pytest

from vincle.engage.letters import blocks, compiling, look
from vincle.engage.letters.compiling import Broken, compile_letter, faults
from vincle.engage.letters.rendering import fill

LOOK = look.read(
    {"company": "Cafè Lligam", "address": "Carrer Major 1, Girona", "places": [["Mastodon", "https://social.example/@lligam"]]}
)
WAYS = {"unsubscribe_url": "https://v.example/u?a=1&b=2", "preferences_url": "https://v.example/p", "view_url": "https://v.example/v"}
ANA = {"person": {"first_name": "Ana", "purchases": 4}, "company": {"name": "Cafè"}, "segments": ["00000000000000ab"], "data": {}, **WAYS}


def letter(*made: dict[str, Any], **more: Any) -> dict[str, Any]:
    return blocks.content({"subject": "Hello {{ person.first_name }}", "blocks": list(made), **more})


def shown(content: dict[str, Any], values: dict[str, Any] = ANA, resolve: Any = lambda _n, url: url) -> Any:
    return fill(compile_letter(content, LOOK, "en"), values, resolve)


def test_says_what_it_was_told_and_who_wrote() -> None:
    made = shown(letter({"kind": "heading", "text": "News for {{ person.first_name }}"}, {"kind": "text", "html": "<p>A &amp; B</p>"}))
    assert made.subject == "Hello Ana"
    assert not made.problems
    assert "News for Ana</h1>" in made.html
    assert "A &amp; B" in made.html
    assert "Carrer Major 1, Girona" in made.html
    assert "https://v.example/u?a=1&amp;b=2" in made.html
    assert "Unsubscribe: https://v.example/u?a=1&b=2" in made.text
    assert "A & B" in made.text


def test_values_of_people_are_never_markup() -> None:
    evil = {**ANA, "person": {"first_name": "<script>x</script>\r\nBcc: all@example.org"}}
    made = shown(letter({"kind": "text", "html": "<p>{{ person.first_name }}</p>"}), evil)
    assert "<script>" not in made.html
    assert "&lt;script&gt;" in made.html
    assert "\n" not in made.subject
    assert "\r" not in made.subject


def test_links_are_resolved_with_what_people_are() -> None:
    seen = []

    def resolve(number: int, url: str) -> str:
        seen.append((number, url))
        return f"https://t.example/{number}"

    content = letter(
        {"kind": "button", "label": "Go", "url": "https://shop.example/?a=1&who={{ person.first_name }}"},
        {"kind": "text", "html": '<a href="https://a.example/">one</a> <a href="https://a.example/">again</a>'},
    )
    made = shown(content, ANA, resolve)
    assert (0, "https://shop.example/?a=1&who=Ana") in seen
    assert 'href="https://t.example/0"' in made.html
    assert [link.number for link in compile_letter(content, LOOK, "en").links] == [0, 1]
    assert "https://t.example/1" in made.text


@pytest.mark.parametrize("where", ["{{ person.evil }}", "{{person.evil}}#x"])
def test_an_address_from_a_person_that_leads_nowhere_good_is_dropped(where: str) -> None:
    from vincle.engage.letters import cleaning

    made = shown(
        letter({"kind": "button", "label": "Go", "url": where}),
        {**ANA, "person": {"evil": "javascript:alert(1)"}},
        lambda _n, url: url if cleaning.is_address(url) else "",
    )
    assert "javascript" not in made.html


def test_only_those_in_a_segment_see_its_blocks() -> None:
    inside = {"kind": "text", "html": "for members", "when": {"segment": "00000000000000ab"}}
    outside = {"kind": "text", "html": "for others", "when": {"segment": "00000000000000ab", "is_in": False}}
    often = {"kind": "columns", "columns": [[{"kind": "text", "html": "often"}], []], "when": {"expression": "person.purchases > 3"}}
    made = shown(letter(inside, outside, often))
    assert "for members" in made.html
    assert "for others" not in made.html
    assert "often" in made.html
    assert "for members" in made.text
    assert "for others" not in made.text
    assert "often" in made.text


@pytest.mark.parametrize(
    "bad",
    ["{{ person.name", "{% if %}", "{% if person.name %}never closed", "{{ a | nope }}", "{% link 3 %}x{% endlink %}", "{% include 'x' %}"],
)
def test_liquid_that_cannot_be_read_is_named_by_its_block(bad: str) -> None:
    content = letter({"kind": "heading", "id": "abcd", "text": bad})
    assert [(fault.block, fault.field) for fault in faults(content)] == [("abcd", "text")]
    with pytest.raises(Broken):
        compile_letter(content, LOOK, "en")


def test_unknown_variables_are_told() -> None:
    assert compile_letter(letter({"kind": "text", "html": "{{ persn.name }}"}), LOOK, "en").unknown == {"persn"}


def test_without_blocks_there_is_still_a_letter() -> None:
    assert "Carrer Major" in shown(blocks.content({})).html


def test_the_foot_leaves_the_ways_out_to_the_text_that_has_them() -> None:
    made = shown(letter({"kind": "text", "html": '<a href="{{ unsubscribe_url }}">stop</a>'}))
    assert made.html.count("https://v.example/u?a=1&amp;b=2") == 1


def test_everything_at_once() -> None:
    every = [blocks.blank(kind) for kind in blocks.FIELDS]
    made = shown({**blocks.content({"subject": "x"}), "blocks": every})
    assert not made.problems
    assert compiling.texts
