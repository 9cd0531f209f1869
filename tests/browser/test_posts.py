"""Posts in a real browser: written with a look at how they will be, moved by keys and by hand, and brought back."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.tools import PHONE, Place, axe, settled


def day_of(page: Page, post: str) -> str:
    return page.locator(f"#{post}").locator("xpath=ancestor::td").get_attribute("data-day") or ""


def test_a_post_is_written_and_moved(visit: Visit, place: Place) -> None:
    with visit("owner") as (page, _watch):
        page.goto(place.at("posts/new/"))
        page.fill("#text", "Bon dia https://example.org/a-rather-long-address")
        page.locator(".place", has_text="Mastodon").locator("input[name=place]").first.check()
        expect(page.locator("#previews .count").first).to_contain_text("31 / 500")
        assert not axe(page)
        year = page.evaluate("new Date().getFullYear() + 1")
        page.fill("#at", f"{year}-03-10T10:00")
        page.locator("button[value=plan]").click()
        page.wait_for_url("**/posts/?day=*")
        settled(page)
        assert not axe(page)
        post = page.locator("[data-post]", has_text="Bon dia").first
        name = post.get_attribute("id") or ""
        post.focus()
        page.keyboard.press("Alt+ArrowRight")
        expect(page.locator(f"td[data-day='{year}-03-11'] #{name}")).to_be_focused()
        page.locator("#toasts .undo").last.click()
        page.wait_for_load_state("load")
        page.goto(place.at(f"posts/?day={year}-03-10"))
        assert day_of(page, name) == f"{year}-03-10"
        page.locator(f"#{name}").drag_to(page.locator(f"td[data-day='{year}-03-12']"))
        expect(page.locator(f"td[data-day='{year}-03-12'] #{name}")).to_be_visible()
        page.locator(f"#{name}").focus()
        page.keyboard.press("Delete")
        expect(page.locator(f"#{name}")).to_have_count(0)


def test_the_calendar_and_links_on_a_phone(visit: Visit, place: Place) -> None:
    with visit("owner", viewport=PHONE) as (page, _watch):
        for where in ("posts/", "posts/list/", "posts/queue/", "posts/times/", "posts/links/"):
            page.goto(place.at(where))
            settled(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), where
            assert not axe(page), where
