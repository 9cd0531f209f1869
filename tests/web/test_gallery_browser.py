"""The gallery in a real browser: accessible in both themes, at both widths, without a word of complaint; keys, charts, bulk bar, tags."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

AXE = Path(__file__).resolve().parents[1] / "browser/vendor/axe-core-4.14.1/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
CHROMIUM = "/usr/bin/chromium"
QUIET = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update
--disable-sync""".split()
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Playwright keeps an event loop in this thread, which Django would refuse to work beside."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with pytest.MonkeyPatch.context() as patch, sync_api.sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM if Path(CHROMIUM).exists() else None, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def gallery(chromium: Any, live_server: Any, settings: Any) -> Iterator[Any]:
    """`gallery(theme, width)`: the page, drawn; at the end the browser must not have complained."""
    settings.DEBUG = True
    complaints: list[str] = []
    contexts = []

    def show(theme: str = "light", width: int = 1440) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": 1000}, reduced_motion="reduce", locale="en-GB")
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{live_server.url}/gallery/?theme={theme}")
        page.wait_for_selector("#dots.drawn svg")
        return page

    yield show
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible(gallery: Any, theme: str, width: int) -> None:
    page = gallery(theme, width)
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules}).then(result => result.violations)", RULES)
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_runs_out_of_the_page(gallery: Any) -> None:
    page = gallery()
    for width in (320, 701, 768, 961, 1024, 1180, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_keys_open_search_and_help(gallery: Any) -> None:
    page = gallery()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("#keys").get_attribute("open") is not None
    page.keyboard.press("Escape")
    assert page.locator("#keys").get_attribute("open") is None
    page.keyboard.press("Tab")
    page.locator(".filters summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".filters details[open] a").first.is_visible()
    page.keyboard.press("Escape")
    assert page.locator(".filters details[open]").count() == 0
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_first_tick_shows_the_bulk_bar_and_danger_is_asked(gallery: Any) -> None:
    page = gallery()
    assert not page.locator("[data-bulk]").is_visible()
    page.locator("[data-row]").nth(0).check()
    page.locator("[data-row]").nth(2).click(modifiers=["Shift"])
    assert page.locator("[data-count]").inner_text() == "3"
    page.locator("[data-bulk] [data-confirm]").click()
    assert page.locator("dialog[open] h2").inner_text() == "Forget these people for good?"
    page.locator("dialog[open] .btn").first.click()
    page.locator("[data-unpick]").click()
    assert not page.locator("[data-bulk]").is_visible()


def test_chart_has_words_table_downloads_and_links(gallery: Any) -> None:
    page = gallery()
    assert "Twice the usual talk" in page.locator("#talk .plot").get_attribute("aria-label")
    assert not page.locator("#talk table").is_visible()
    page.locator("#talk [data-table]").click()
    assert page.locator("#talk table").is_visible()
    page.locator("#talk [data-table]").click()
    for kind, start in (("csv", b"\xef\xbb\xbfDay,Mentions"), ("svg", b"<svg"), ("png", b"\x89PNG")):
        page.locator("#talk details summary").click()
        with page.expect_download() as download:
            page.locator(f'#talk [data-save="{kind}"]').click()
        assert Path(download.value.path()).read_bytes().startswith(start)
    page.locator("#talk .plot").click(position={"x": 400, "y": 120})
    page.wait_for_url("**/gallery/?day=*")


def test_chart_is_drawn_again_in_the_other_theme(gallery: Any) -> None:
    page = gallery("light")
    colour = "document.querySelector('#bars .plot svg path[fill^=rgb]').getAttribute('fill')"
    light = page.evaluate(colour)
    page.evaluate("document.documentElement.dataset.theme = 'dark'; document.dispatchEvent(new Event('vincle:theme'))")
    page.wait_for_function(f"{colour} !== {light!r}")


def test_tags_end_with_comma_and_enter(gallery: Any) -> None:
    page = gallery()
    field = page.locator("#tags-a")
    field.press_sequentially("loyal,vip")
    field.press("Enter")
    assert page.locator(".tags-input input[type=hidden]").input_value() == "barista, subscriber, loyal, vip"
    field.press("Backspace")
    assert page.locator(".tags-input input[type=hidden]").input_value() == "barista, subscriber, loyal"


def test_person_card_on_hover_and_focus(gallery: Any) -> None:
    page = gallery()
    name = page.locator("[data-card]").first
    name.hover()
    page.wait_for_selector(".person-card .words")
    assert "Núria Serra Vidal" in page.locator(".person-card").inner_text()
    page.mouse.move(5, 5)
    page.wait_for_selector(".person-card", state="detached")
    page.locator("[data-row]").first.focus()
    page.keyboard.press("Tab")
    page.wait_for_selector(".person-card")
    page.keyboard.press("Escape")
    assert page.locator(".person-card").count() == 0


def test_search_as_you_type_by_keyboard(gallery: Any) -> None:
    page = gallery()
    page.keyboard.press("/")
    page.keyboard.type("bian")
    page.wait_for_selector("#search-results a")
    assert "Luca Bianchi" in page.locator("#search-results a").inner_text()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "?person"
    page.keyboard.press("Escape")
    assert page.locator("#search-results a").count() == 0
    page.locator("#search").fill("nobody")
    page.wait_for_selector("#search-results p")
    assert "nobody" in page.locator("#search-results p").inner_text()


def test_list_search_keeps_the_words_in_the_address(gallery: Any) -> None:
    page = gallery()
    page.locator(".filter-search [type=search]").fill("ana")
    page.wait_for_url("**/gallery/?*q=ana*")
    assert page.locator("#list").count() == 1
    page.wait_for_function("document.querySelector('.filters .choice').getAttribute('href').includes('q=ana')")
    page.locator("[data-row]").first.check()
    assert page.locator("[data-bulk]").is_visible()


def test_theme_is_chosen_without_leaving_the_page(chromium: Any, live_server: Any) -> None:
    from vincle.accounts.models import Membership, Role, User, Workspace

    user = User.objects.create_user("marta@example.org", "correct horse battery", name="Marta Puig")
    cafe = Workspace.objects.create(slug="cafe", name="Cafè Lligam")
    Membership.objects.create(workspace=cafe, user=user, role=Role.OWNER)
    # Halfway between two themes colours may be too alike.
    context = chromium.new_context(viewport={"width": 1440, "height": 1000}, locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{live_server.url}/accounts/login/?next=/w/cafe/settings/team/")
    page.fill("[name=login]", user.email)
    page.fill("[name=password]", "correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_url("**/w/cafe/settings/team/")
    page.locator(".rail-foot summary").click()
    with page.expect_response("**/theme/") as answer:
        page.locator("[data-theme-form] [value=dark]").click()
    assert answer.value.status == 204
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    user.refresh_from_db()
    assert user.theme == "dark"
    page.keyboard.press("Escape")
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules}).then(result => result.violations)", RULES)
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found] == []
    context.close()


def test_charts_of_parts_that_are_put_in_later_are_drawn(gallery: Any) -> None:
    page = gallery()
    for _time in range(2):
        page.eval_on_selector("#dots", "figure => figure.dataset.before = ''")
        page.evaluate("htmx.ajax('GET', location.href, {target: '#dots', select: '#dots', swap: 'outerHTML'})")
        page.wait_for_selector("#dots.drawn:not([data-before]) svg")
        page.wait_for_function("() => document.querySelectorAll('#dots svg path').length > 3")
