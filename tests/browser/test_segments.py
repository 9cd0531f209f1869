"""A segment built by keyboard and mouse: the count follows, it is kept, and says why someone is in."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.tools import Place


def count(page: Page) -> int:
    return int(re.sub(r"\D", "", page.locator("#beside .big-count b").inner_text()))


def test_build_a_segment_and_ask_why(visit: Visit, place: Place) -> None:
    with visit() as (page, _):
        page.goto(place.at("people/segments/new/"))
        beside = page.locator("#beside")
        expect(beside.locator(".says")).to_have_text("Everybody")
        expect(beside.locator(".big-count b")).not_to_have_text("…")
        everybody = count(page)
        page.locator("#segment-name").fill("Bought lately")
        # By keyboard: a clause of what they did, bought being offered.
        page.locator("#adds-top").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("#said-now")).to_have_text("Bought in the last 90 days")
        expect(page.locator("#c-a0-by")).to_be_focused()
        expect(beside.locator(".says")).to_have_text("People who bought in the last 90 days")
        buyers = count(page)
        assert 0 < buyers < everybody
        page.locator("#c-least").fill("2")
        expect(page.locator("#said-now")).to_have_text("Bought at least twice in the last 90 days")
        expect(beside.locator(".says")).to_have_text("People who bought at least twice in the last 90 days")
        again = count(page)
        assert 0 < again < buyers
        page.keyboard.press("Escape")
        line = page.locator("#c-0")
        expect(line).to_be_focused()
        # Taken away by one key, back by another.
        page.keyboard.press("Delete")
        expect(page.locator("[data-clause]")).to_have_count(0)
        expect(beside.locator(".says")).to_have_text("Everybody")
        page.keyboard.press("Control+z")
        expect(line).to_have_text("Bought at least twice in the last 90 days")
        # By mouse: a group of its own; a clause in it that is not complete is marked and does not count.
        page.locator("#adds-top").click()
        page.get_by_role("button", name="A group").click()
        page.locator("#adds-1").click()
        page.locator("#add-1").get_by_role("button", name="What is known of them").click()
        page.locator("#c-name").select_option("city")
        expect(beside).to_contain_text("One clause is not complete")
        page.locator("#c-op").select_option("known")
        expect(page.locator("#said-now")).to_contain_text("city")
        page.get_by_role("button", name="Done").click()
        expect(beside).not_to_contain_text("not complete")
        found = count(page)
        page.get_by_role("button", name="Keep").click()
        page.wait_for_url(re.compile(r"/segments/[0-9a-z]{13}/$"))
        expect(page.locator("h1")).to_have_text("Bought lately")
        expect(page.locator("#live-count b")).to_have_text(str(found))
        expect(page.locator("#overlap h2")).not_to_have_text("Who is in other segments as well")
        page.reload()
        page.locator(".few a.person").first.click()
        page.locator("#segments .tag", has_text="Bought lately").get_by_role("link", name="why").click()
        expect(page.locator(".verdict-line")).to_contain_text("In: they bought at least twice")
        expect(page.locator(".acts-that li").first).to_contain_text("bought")
