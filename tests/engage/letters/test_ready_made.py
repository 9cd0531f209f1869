"""Ready-made letters and checks: every one of them can leave as it is, in every language."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.engage.letters import blocks, check_words, checks, cleaning, look, ready_made
from vincle.engage.letters.compiling import compile_letter
from vincle.engage.letters.phrases import LANGUAGES
from vincle.engage.letters.rendering import fill

BRAND = look.read({"company": "Cafè Lligam", "address": "Carrer Major 1", "website": "https://lligam.cat"})
WAYS = {"unsubscribe_url": "https://v.example/u", "preferences_url": "https://v.example/p", "view_url": "https://v.example/v"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ready_made.KEYS)
def test_each_can_leave_as_it_is(key: str, language: str) -> None:
    content = ready_made.letter(key, language, "https://lligam.cat")
    found = [each.code for each in checks.check(content, BRAND, language)]
    assert found in ([], ["long_subject"])
    made = compile_letter(content, BRAND, language)
    for person in ({"first_name": "Ana", "last_bought": {"name": "Mug"}}, {}):
        shown = fill(made, {"person": person, "company": {"name": "Lligam"}, "data": {"code": "A1"}, **WAYS}, lambda _n, url: url)
        assert not shown.problems
        assert shown.subject == shown.subject.strip()
        for text in (shown.subject, shown.text):
            assert " ," not in text
            assert "{" not in text
    assert len(shown.html.encode()) < checks.CLIPPED


def test_languages_say_the_same_things() -> None:
    for key in ready_made.KEYS:
        shapes = {tuple(block["kind"] for block in ready_made.letter(key, language)["blocks"]) for language in LANGUAGES}
        assert len(shapes) == 1


@pytest.mark.parametrize(
    ("made", "code"),
    [
        ({"subject": ""}, "no_subject"),
        ({"subject": "x" * 80}, "long_subject"),
        ({"subject": "BUY THIS NOW"}, "loud"),
        ({"subject": "Hi {{ person.first_name }}"}, "no_default"),
        ({"blocks": [{"kind": "button", "label": "Go"}]}, "button_without_link"),
        ({"blocks": [{"kind": "image", "src": "https://a.cat/b.png"}]}, "no_alt"),
        ({"blocks": [{"kind": "image", "src": "https://a.cat/b.png", "alt": "b.png"}]}, "alt_is_a_file"),
        ({"blocks": [{"kind": "image", "src": "https://a.cat/b.png", "alt": "A cup"}]}, "all_pictures"),
        ({"blocks": [{"kind": "text", "html": '<a href="https://a.cat">click here</a>'}]}, "vague_link"),
        ({"blocks": [{"kind": "text", "html": '<a href="/a">words</a>'}]}, "broken_link"),
        ({"blocks": [{"kind": "button", "label": "Go", "url": "https://example.com/x"}]}, "placeholder_link"),
        ({"blocks": [{"kind": "text", "html": "{{ persn.name }}"}]}, "unknown_name"),
        ({"blocks": [{"kind": "text", "html": "Gana dinero fácil"}]}, "spam_words"),
        ({"blocks": [{"kind": "text", "html": "{{ a"}]}, "broken_liquid"),
        ({"blocks": [{"kind": "html", "html": "<p>" + "word " * 10_000 + "</p>"}] * 3}, "too_large"),
        ({"is_text_own": True}, "empty_plain"),
    ],
)
def test_each_check_finds_its_own(made: dict[str, Any], code: str) -> None:
    found = checks.check(blocks.content({"subject": "Hello", **made}), BRAND, "en")
    assert code in {each.code for each in found}
    assert all("%(" not in check_words.said(each) for each in found)


def test_a_weak_brand_is_told() -> None:
    found = checks.check(blocks.content({"subject": "x"}), look.read({"accent": "#ffee00"}), "en")
    assert {"low_contrast", "no_postal_address"} <= {each.code for each in found}


@given(st.text(max_size=60))
def test_no_words_break_a_letter(words: str) -> None:
    """Whatever is written either is shown, or is told to be unreadable Liquid; nothing else happens."""
    button = {"kind": "button", "label": words, "url": words}
    made = [{"kind": "heading", "text": words}, {"kind": "text", "html": words}, button]
    content = blocks.content({"subject": words, "blocks": made})
    if not any(each.code == "broken_liquid" for each in checks.check(content, BRAND, "en")):
        shown = fill(compile_letter(content, BRAND, "en"), {"person": {}, **WAYS}, lambda _n, url: url if cleaning.is_address(url) else "")
        assert not shown.problems
        assert "\n" not in shown.subject


NAMES = st.sampled_from(["kind", "id", "when", "columns", "html", "text", "src"]) | st.text(max_size=5)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(ANYTHING)
def test_whatever_is_sent_as_blocks_is_made_whole_once(raw: Any) -> None:
    once = blocks.read([raw, {"kind": "columns", "columns": raw}, {"kind": "text", "html": raw, "when": raw}])
    assert blocks.read(once) == once
