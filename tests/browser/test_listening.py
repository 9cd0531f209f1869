"""Typing a query: results while typing, an error under its place, keeping it; by keyboard, wide and narrow."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.tools import DESK, PHONE, Place, axe, overflow, prefer, settled


def test_type_mend_and_keep(visit: Visit, place: Place) -> None:
    with visit() as (page, _):
        page.goto(place.at("listen/search/"))
        query = page.get_by_label("What do you listen for?")
        expect(query).to_be_focused()
        query.press_sequentially("coffee sentimnt:negative")
        wrong = page.get_by_role("alert")
        expect(wrong).to_contain_text("There is no field “sentimnt”. Do you mean “sentiment”?")
        expect(wrong.locator("mark")).to_have_text("sentimnt")
        query.fill("coffee OR café")
        expect(page.locator("#found mark").first).to_have_text(re.compile("coffee|caf[eéè]", re.IGNORECASE))
        page.wait_for_url(re.compile(r"q=coffee(\+|%20)OR"))
        expect(page.locator(".counted")).to_contain_text(re.compile(r"\d+\+? texts?"))
        page.get_by_role("button", name="Keep this query").click()
        dialog = page.get_by_role("dialog", name="Keep this query")
        expect(dialog).to_contain_text("coffee OR café")
        dialog.get_by_label("Name", exact=True).fill("Coffee talk")
        dialog.get_by_label("Topic").check()
        dialog.get_by_role("button", name="Keep", exact=True).click()
        expect(page.locator("h1")).to_have_text("Coffee talk")
        expect(page.locator("#preview mark").first).to_be_visible()
        page.get_by_role("button", name="Put away").click()
        page.get_by_role("button", name="Undo").click()
        expect(page.locator("h1")).to_have_text("Coffee talk")
        page.get_by_role("button", name="Put away").click()


def test_by_keyboard_and_by_examples(visit: Visit, place: Place) -> None:
    with visit() as (page, _):
        page.goto(place.at("listen/search/?q=coffee"))
        page.keyboard.press("/")
        query = page.get_by_label("What do you listen for?")
        expect(query).to_be_focused()
        page.get_by_role("button", name="How to write it").click()
        page.get_by_role("dialog", name="How to write a query").get_by_text("deliver*").click()
        expect(query).to_have_value("deliver*")
        page.wait_for_url(re.compile("q=deliver"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["wide", "narrow"])
@pytest.mark.parametrize("where", ["search/", "search/?q=coffee", "search/?q=a+OR", "queries/", "words/", "readers/?reader=endpoint"])
def test_for_everyone(visit: Visit, place: Place, size: dict[str, int], theme: str, where: str) -> None:
    with visit(viewport=size) as (page, _):
        prefer(page, theme)
        page.goto(place.at(f"listen/{where}"))
        if where.endswith("coffee"):
            expect(page.locator(".counted")).to_be_visible()
        settled(page)
        assert axe(page) == []
        assert not overflow(page)
