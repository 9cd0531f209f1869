"""Every page of the shell, light and dark, wide and narrow: no barrier, nothing wider than the screen, no error."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.tools import DESK, PHONE, SLUG, Place, Watch, axe, overflow, prefer, settled, watched

PAGES = {
    "pulse": f"/w/{SLUG}/",
    "listen": f"/w/{SLUG}/listen/",
    "listen, nothing found": f"/w/{SLUG}/listen/?channel=nowhere",
    "imports": f"/w/{SLUG}/listen/imports/",
    "an import": "import",
    "a preview": "preview",
    "people": f"/w/{SLUG}/people/",
    "people, nothing found": f"/w/{SLUG}/people/?q=zzzzzzzz",
    "a person": "person",
    "segments": f"/w/{SLUG}/people/segments/",
    "ready-made segments": f"/w/{SLUG}/people/segments/ready/",
    "a new segment": f"/w/{SLUG}/people/segments/new/?template=at_risk",
    "tags": f"/w/{SLUG}/people/tags/",
    "fields": f"/w/{SLUG}/people/fields/",
    "review": f"/w/{SLUG}/identity/",
    "decisions": f"/w/{SLUG}/identity/decisions/",
    "workspace": f"/w/{SLUG}/settings/",
    "preferences": f"/w/{SLUG}/settings/preferences/",
    "team": f"/w/{SLUG}/settings/team/",
    "audit": f"/w/{SLUG}/settings/audit/",
    "profile": "/profile/",
    "new workspace": "/workspaces/new/",
    "not found": "/nowhere/",
    "sign in": "/accounts/login/",
    "forgotten password": "/accounts/password/reset/",
    "used link": "/in/used/",
}
FEW = {"name": "few.csv", "mimeType": "text/csv", "buffer": b"Email,First name\nmar@bell.example,Mar\nno address,Pol\n"}
OUTSIDE = {"sign in", "forgotten password", "used link"}


@pytest.fixture(scope="module")
def sheets(place: Place, browser: Browser) -> Iterator[dict[bool, tuple[Page, Watch]]]:
    """One page of someone signed in and one of someone who is not, for all tests of this module."""
    known = browser.new_context(viewport=DESK, locale="en-GB", reduced_motion="reduce", storage_state=place.state(browser, "owner"))
    stranger = browser.new_context(viewport=DESK, locale="en-GB", reduced_motion="reduce")
    yield {True: watched(known), False: watched(stranger)}
    known.close()
    stranger.close()


@pytest.fixture(scope="module")
def addresses(place: Place, sheets: dict[bool, tuple[Page, Watch]]) -> dict[str, str]:
    """Where the pages are that have no fixed address."""
    page, _ = sheets[True]
    page.goto(place.at("people/?sort=-activities"))
    person = page.locator("a.person").first.get_attribute("href") or ""
    found = {}
    for name in ("import", "preview"):
        page.goto(place.at("listen/imports/"))
        page.set_input_files("#files", FEW)  # type: ignore[arg-type]
        page.wait_for_url("**/imports/new/**")
        if name == "import":
            page.get_by_role("button", name="Import").first.click()
            page.wait_for_url("**/imports/*/")
            page.get_by_text("row was rejected").wait_for()
        found[name] = page.url.removeprefix(place.address)
    return {**PAGES, "person": person, **found}


@pytest.mark.parametrize("name", PAGES)
def test_page(name: str, place: Place, sheets: dict[bool, tuple[Page, Watch]], addresses: dict[str, str]) -> None:
    page, watch = sheets[name not in OUTSIDE]
    watch.trouble.clear()
    watch.expected = {404} if name == "not found" else {410} if name == "used link" else set()
    page.set_viewport_size(DESK)
    path = PAGES[name] if PAGES[name].startswith("/") else addresses[PAGES[name]]
    page.goto(place.address + path)
    settled(page)
    found: dict[str, list[str]] = {}
    for width, size in (("wide", DESK), ("narrow", PHONE)):
        page.set_viewport_size(size)
        prefer(page, "light")
        found[f"light, {width}"] = axe(page)
        assert not (too_wide := overflow(page)), too_wide
        prefer(page, "dark")
        # Nothing but colours differs in the dark.
        found[f"dark, {width}"] = axe(page, ["color-contrast", "link-in-text-block"])
    watch.check()
    assert not any(found.values()), "\n".join(f"{where}: {said}" for where, all_said in found.items() for said in all_said)
    assert page.locator("h1").count() == 1
    assert page.locator(".btn.primary:visible").count() <= 1
