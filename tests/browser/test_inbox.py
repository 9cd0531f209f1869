"""The inbox in real browsers: answering by the keyboard alone, and two agents at one conversation."""

import re

from playwright.sync_api import Error, Page, expect

from tests.browser.conftest import Visit
from tests.browser.tools import PHONE, Place, axe, settled

INBOX = "inbox/?channel=facebook&channel=instagram"
"""Where answers arrive: other tests leave conversations of connections whose servers are gone."""
WORDS = "Thank you, we look into it at once."


def open_first(page: Page, place: Place) -> str:
    """Go to the inbox; the first conversation opens by itself. Returns its address."""
    page.goto(place.at(INBOX))
    page.wait_for_selector(".conv[data-thread]")
    settled(page)
    return page.url


def answer(page: Page) -> None:
    page.keyboard.press("r")
    page.keyboard.type(WORDS)
    expect(page.locator("#count")).to_contain_text("35 of")
    expect(page.locator("#count")).to_contain_text("draft kept")
    page.keyboard.press("Control+Enter")


def is_taken_back(page: Page) -> bool:
    """Whether the answer was still there to be taken back: on a very busy machine ten seconds are soon over."""
    try:
        page.locator("[data-undo-send]").click(timeout=10_000)
        expect(page.locator("#answer")).to_have_value(WORDS, timeout=20_000)
    except (AssertionError, Error):
        return False
    return True


def test_an_answer_by_the_keyboard_alone(visit: Visit, place: Place) -> None:
    with visit("agent") as (page, _watch):
        open_first(page, place)
        here = page.locator(".th.on").get_attribute("data-pid") or ""
        page.keyboard.press("j")
        expect(page.locator(".th.on")).not_to_have_attribute("data-pid", here)
        page.keyboard.press("k")
        expect(page.locator(".th.on")).to_have_attribute("data-pid", here)
        settled(page)
        answer(page)
        expect(page.locator(".m.ours", has_text=WORDS)).to_have_count(1)
        for _ in range(4):
            if is_taken_back(page):
                break
            expect(page.locator(".m.ours:not(.going)", has_text=WORDS)).to_be_visible()
            page.keyboard.press("j")
            settled(page)
            answer(page)
        assert page.locator("#answer").input_value() == WORDS
        expect(page.locator(".m.going")).to_have_count(0)
        before = int(re.findall(r"\d+", page.locator(".head h1").inner_text())[0])
        page.locator("#answer").press("Control+Enter")
        expect(page.locator(".m.ours:not(.going)", has_text=WORDS)).to_be_visible()
        expect(page.locator(".head h1")).to_contain_text(str(before - 1))
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_contain_text("Send and close")
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        expect(page.locator(".list-top input[type=search]")).to_be_focused()


def test_two_agents_and_one_conversation(visit: Visit, place: Place) -> None:
    with visit("agent") as (one, _a), visit("owner") as (other, _b):
        address = open_first(one, place)
        other.goto(address)
        settled(other)
        one.locator("#answer").fill("I take care of this.")
        expect(other.locator("#presence")).to_contain_text("is writing an answer")
        other.locator("#answer").fill("Me too.")
        one.locator("[data-send]").click()
        expect(one.locator(".m.ours", has_text="I take care of this.")).to_be_visible()
        other.locator("[data-send]").click()
        expect(other.locator(".panel.caution")).to_contain_text("Someone answered meanwhile")
        expect(other.locator(".panel.caution")).to_contain_text("I take care of this.")
        expect(other.locator("#answer")).to_have_value("Me too.")
        expect(other.locator(".m.ours", has_text="I take care of this.")).to_have_count(1)
        expect(other.locator(".m.ours", has_text="Me too.")).to_have_count(0)


def test_the_inbox_is_usable_by_everyone_and_on_a_phone(visit: Visit, place: Place) -> None:
    with visit("agent") as (page, _watch):
        open_first(page, place)
        assert axe(page) == []
    with visit("agent", viewport=PHONE) as (page, _watch):
        page.goto(place.at(INBOX))
        page.locator("#threads a.open").first.click()
        expect(page.locator("#said")).to_be_visible()
        expect(page.locator("#threads")).to_be_hidden()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert axe(page) == []
        page.locator(".ctx .back").click()
        expect(page.locator("#threads")).to_be_visible()
