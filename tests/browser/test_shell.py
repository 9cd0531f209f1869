"""What every screen shares: language, theme, keyboard, phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.tools import PHONE, Place, overflow, settled

PEOPLE = {"en": "People", "es": "Personas", "it": "Persone", "ca": "Persones"}


def test_language(visit: Visit, place: Place) -> None:
    """The choice is kept with the account: a second device speaks it too."""
    with visit() as (page, _), visit(locale="de-DE") as (other, _):
        page.goto(place.at("people/"))
        for language in ("es", "it", "ca", "en"):
            page.locator(".rail-foot details.user summary").click()
            page.locator(f"button[name=language][value={language}]").click()
            expect(page.locator("html")).to_have_attribute("lang", language)
            expect(page.locator("h1")).to_have_text(PEOPLE[language])
            expect(page).to_have_title(f"{PEOPLE[language]} · Vincle")
            other.goto(place.at("people/"))
            expect(other.locator("html")).to_have_attribute("lang", language)


def background(theme: str) -> str:
    return {"light": "rgb(250, 248, 245)", "dark": "rgb(20, 23, 28)"}[theme]


def test_theme(visit: Visit, place: Place) -> None:
    with visit() as (page, _):
        page.goto(place.at(""))
        for theme in ("dark", "light"):
            page.locator(".rail-foot details.user summary").click()
            with page.expect_response("**/theme/"):
                page.locator(f"button[name=theme][value={theme}]").click()
            expect(page.locator("body")).to_have_css("background-color", background(theme))
            page.keyboard.press("Escape")
            # No flash: the page arrives with the theme, before any script runs.
            answer = page.goto(place.at("people/"))
            assert answer
            assert f'data-theme="{theme}"' in answer.text()
        page.locator(".rail-foot details.user summary").click()
        with page.expect_response("**/theme/"):
            page.locator("button[name=theme][value=auto]").click()
        for theme in ("dark", "light"):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            expect(page.locator("body")).to_have_css("background-color", background(theme))


def test_keyboard_alone(visit: Visit, place: Place) -> None:
    with visit() as (page, _):
        page.goto(place.at(""))
        page.keyboard.press("Tab")
        skip = page.locator("a.skip")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("#main")).to_be_focused()
        page.keyboard.press("?")
        expect(page.locator("dialog#keys")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("dialog#keys")).to_be_hidden()
        page.keyboard.press("/")
        expect(page.locator("#search")).to_be_focused()
        page.keyboard.press("Escape")
        page.keyboard.press("g")
        page.keyboard.press("5")
        page.wait_for_url("**/people/")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        expect(page.locator("tr.at")).to_have_count(1)
        expect(page.locator("tbody tr").first).to_have_class(re.compile(r"\bat\b"))
        page.keyboard.press("x")
        expect(page.locator("[data-bulk]")).to_be_visible()
        page.keyboard.press("x")
        expect(page.locator("[data-bulk]")).to_be_hidden()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/people/[0-9a-z]{13}/"))


def test_tab_goes_in_the_order_of_the_page(visit: Visit, place: Place) -> None:
    """Rail, search, content; what has the focus can be seen; nothing holds it."""
    with visit() as (page, _):
        page.goto(place.at("people/"))
        seen = []
        for _step in range(24):
            page.keyboard.press("Tab")
            seen.append(
                page.evaluate("""() => {
                    const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
                    const part = e.closest('.skip, .rail, .top, main');
                    // The search draws its ring around the whole field.
                    const frame = getComputedStyle(e.closest('label') || e);
                    const drawn = e.matches(':focus-visible') && (style.outlineStyle !== 'none' || frame.boxShadow !== 'none');
                    return [part ? part.className.split(' ')[0] || 'main' : e.tagName, box.width > 0, drawn];
                }""")
            )
        parts = [part for part, _, _ in seen]
        assert [part for index, part in enumerate(parts) if part not in parts[:index]] == ["skip", "rail", "top", "page"], parts
        assert all(is_visible for _, is_visible, _ in seen)
        assert all(is_drawn for _, _, is_drawn in seen), seen


def test_phone(visit: Visit, place: Place) -> None:
    with visit(viewport=PHONE, has_touch=True, is_mobile=True) as (page, _):
        page.goto(place.at(""))
        settled(page)
        bar = page.locator(".rail nav")
        box = bar.bounding_box()
        assert box
        assert box["y"] + box["height"] == pytest.approx(PHONE["height"], abs=1)
        for link in bar.locator("a").all():
            size = link.bounding_box()
            assert size
            assert size["height"] >= 40
        bar.get_by_role("link", name="People").tap()
        page.wait_for_url("**/people/")
        assert not (wide := overflow(page)), wide
        page.locator("a.person").first.tap()
        page.wait_for_url(re.compile(r"/people/[0-9a-z]{13}/"))
        assert not (wide := overflow(page)), wide
        expect(page.locator("ol.timeline > li").first).to_be_visible()
