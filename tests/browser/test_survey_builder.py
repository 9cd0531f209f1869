"""A survey is built and translated by the keyboard alone, checked and opened; nothing of it is wider than a phone."""

from playwright.sync_api import expect

from .conftest import Visit
from .tools import DESK, PHONE, Place, axe, overflow


def test_built_and_translated_by_keyboard(visit: Visit, place: Place) -> None:
    with visit("owner", viewport=DESK) as (page, _watch):
        page.goto(place.at("surveys/new/"))
        assert not axe(page)
        page.locator("input[name=key][value=nps]").focus()
        page.keyboard.press("Space")
        page.get_by_label("Name", exact=False).last.fill("By keyboard")
        page.keyboard.press("Enter")
        page.wait_for_selector("#survey-builder")
        assert not axe(page)
        page.locator("[data-line=reason]").focus()
        page.keyboard.press("Enter")
        field = page.locator("[data-properties] [name=text]")
        expect(field).to_be_focused()
        expect(field).to_have_value("What is the main reason for your score?")
        page.locator("[data-line=reason]").focus()
        page.keyboard.press("a")
        expect(page.locator("#survey-kinds button[name=kind]").first).to_be_focused()
        page.locator("#survey-kinds button[value=stars]").focus()
        page.keyboard.press("Enter")
        expect(page.locator("[data-line=q1][aria-current]")).to_be_visible()
        expect(field).to_be_focused()
        page.keyboard.type("How was the coffee?")
        page.keyboard.press("Tab")
        expect(page.locator("[data-line=q1]")).to_contain_text("How was the coffee?")
        expect(page.frame_locator("iframe[data-preview]").get_by_text("How was the coffee?")).to_be_visible()
        page.locator("[data-line=q1]").focus()
        page.keyboard.press("Alt+ArrowUp")
        expect(page.locator("[data-line]").nth(3)).to_have_attribute("data-line", "q1")
        expect(page.locator("[data-line=q1]")).to_be_focused()
        page.keyboard.press("Control+d")
        expect(page.locator("[data-line=q2]")).to_be_focused()
        page.keyboard.press("Delete")
        expect(page.locator("[data-line=q2]")).to_have_count(0)
        page.goto(page.url.split("?")[0] + "translate/?lang=ca&only=missing")
        assert not axe(page)
        page.locator("textarea.missing").first.focus()
        page.keyboard.type("Com era el cafè?")
        page.keyboard.press("Tab")
        expect(page.locator("#survey-kept")).to_contain_text("Every text is there")
        page.goto(page.url.split("translate/")[0] + "checks/")
        page.get_by_role("button", name="Open the survey").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("It is open. Now ask people.")).to_be_visible()
        page.set_viewport_size(PHONE)
        for path in ("", "checks/", "translate/?lang=ca", "versions/", "export/"):
            page.goto(page.url.split("?")[0].split("surveys/")[0] + "surveys/" + page.url.split("surveys/")[1].split("/")[0] + "/" + path)
            assert not overflow(page), path
