"""A letter is written by keyboard alone, looked at as three people, and is there when one comes back; its pages on a phone."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.tools import PHONE, Place, axe, overflow, prefer, settled


def test_a_letter_by_keyboard(place: Place, visit: Visit) -> None:
    with visit() as (page, _watch):
        page.goto(place.at("letters/new/"))
        page.get_by_role("button", name="Begin with “Welcome”").focus()
        page.keyboard.press("Enter")
        lines = page.locator(".letter-line")
        expect(lines.first).to_be_visible()
        before = lines.count()
        lines.first.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Alt+ArrowUp")
        expect(lines.first).to_contain_text("Text")
        page.keyboard.press("a")
        expect(page.locator("#letter-palette [data-kind]:focus")).to_have_count(1)
        page.keyboard.press("Enter")
        expect(page.locator("[data-field=text]")).to_be_focused()
        page.keyboard.type("Bon dia {{ person.city }}")
        expect(page.locator("#letter-saved")).to_contain_text("Saved")
        expect(lines).to_have_count(before + 1)
        page.locator(".letter-line[aria-current]").focus()
        page.keyboard.press("Delete")
        expect(lines).to_have_count(before)
        page.keyboard.press("Control+z")
        expect(lines).to_have_count(before + 1)
        page.get_by_role("button", name="Three people beside each other").click()
        expect(page.locator(".letter-show")).to_have_count(3)
        expect(page.frame_locator(".letter-show iframe").nth(2).locator("body")).to_contain_text("Bon dia")
        page.get_by_role("button", name="On a phone").click()
        expect(page.locator("#letter-saved")).to_contain_text("Saved")
        page.reload()
        expect(lines).to_have_count(before + 1)
        for theme in ("light", "dark"):
            prefer(page, theme)
            settled(page)
            assert axe(page) == []


def test_on_a_phone_it_can_be_read(place: Place, visit: Visit) -> None:
    with visit(viewport=PHONE) as (page, _watch):
        for path in ("letters/", "letters/new/", "letters/brand/"):
            page.goto(place.at(path))
            settled(page)
            assert overflow(page) == "", path
