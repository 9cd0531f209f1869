"""A journey built by keyboard alone: steps, ways, words, undo; kept, and followed on its page."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.tools import PHONE, Place, axe, overflow, prefer, settled

SAID = re.compile(r"wait 3 days \[wait1\]\nadd tag \"warm\" \[tag1\]\nif they have tag \"vip\": \[branch1\]\n  leave")


def titles(page: Page) -> list[str]:
    return page.locator("#canvas .node .step-words > b").all_inner_texts()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def add(page: Page, letter: str) -> None:
    """A step behind the one that has the focus, by the first letter of its kind."""
    press(page, "a")
    expect(page.locator("#kinds-dialog")).to_be_visible()
    press(page, letter, "Enter")
    expect(page.locator("#step-dialog")).to_be_visible()
    expect(page.locator("#step-form :focus")).to_have_count(1)


def test_build_a_journey_by_keyboard(visit: Visit, place: Place) -> None:
    with visit() as (page, _):
        page.goto(place.at("journeys/new/?from="))
        expect(page.locator("#journey-name")).to_be_focused()
        page.keyboard.type("By keyboard")
        head = page.locator("#n-_head")
        for _times in range(4):
            if head.evaluate("it => it === document.activeElement"):
                break
            press(page, "Tab")
        expect(head).to_be_focused()
        # How someone starts: comes into the first segment there is.
        press(page, "Enter")
        expect(page.locator("#f-t0-kind")).to_be_focused()
        press(page, "Tab", "ArrowDown", "Control+Enter")
        expect(page.locator("#step-dialog")).to_be_hidden()
        expect(head).to_contain_text("When they come into")
        expect(head).to_be_focused()
        # Wait three days, then a tag.
        add(page, "w")
        press(page, "Tab")
        expect(page.locator("#f-for")).to_be_focused()
        press(page, "Control+a")
        page.keyboard.type("3")
        press(page, "Enter")
        expect(page.locator("#n-wait1")).to_be_focused()
        add(page, "t")
        page.keyboard.type("warm")
        press(page, "Enter")
        expect(page.locator("#n-tag1")).to_contain_text("Tag as “warm”")
        assert titles(page) == ["Wait 3 days", "Tag as “warm”"]
        expect(page.locator("#n-tag1")).to_be_focused()
        # Moved, and moved back by undoing.
        press(page, "Alt+ArrowUp")
        expect(page.locator("#canvas .node .step-words > b").first).to_have_text("Tag as “warm”")
        expect(page.locator("#n-tag1")).to_be_focused()
        press(page, "Control+z")
        expect(page.locator("#canvas .node .step-words > b").first).to_have_text("Wait 3 days")
        # Two ways; those with the tag leave.
        expect(page.locator("#n-tag1")).to_be_focused()
        add(page, "g")
        press(page, "ArrowDown", "Tab")
        expect(page.locator("#f-p0-tag")).to_be_focused()
        page.keyboard.type("vip")
        press(page, "Enter")
        expect(page.locator("#n-branch1")).to_be_focused()
        expect(page.locator(".way-label").first).to_contain_text("vip")
        press(page, "ArrowDown")
        expect(page.locator(".slot[data-slot='branch1.0:0']")).to_be_focused()
        press(page, "Enter", "l", "Enter")
        expect(page.locator("#n-leave1")).to_be_focused()
        # Taken away by one key, back by another.
        press(page, "Delete")
        expect(page.locator("#n-leave1")).to_have_count(0)
        press(page, "Control+z")
        expect(page.locator("#n-leave1")).to_be_visible()
        # The words say the same, and change it; what they cannot mean is said at its line.
        words = page.locator("#journey-text")
        expect(words).to_have_value(SAID)
        words.focus()
        words.fill(words.input_value().replace("wait 3 days", "wait three days"))
        press(page, "Control+Enter")
        expect(page.locator("#text-wrong")).to_contain_text("Line ")
        expect(words).to_be_focused()
        words.fill(words.input_value().replace("wait three days", "wait 5 days"))
        press(page, "Control+Enter")
        expect(page.locator("#n-wait1")).to_contain_text("Wait 5 days")
        assert not axe(page)
        press(page, "Control+s")
        page.wait_for_url(re.compile(r"/journeys/[0-9a-z]{13}/$"))
        expect(page.locator("h1")).to_have_text("By keyboard")
        # Tried on the past before it starts.
        page.get_by_role("button", name="Try").click()
        expect(page.locator("#tried")).to_contain_text("It would have reached")
        for theme in ("light", "dark"):
            prefer(page, theme)
            assert not axe(page)
        page.set_viewport_size(PHONE)
        settled(page)
        assert not overflow(page)
