"""The first minutes with an installation nobody has used: set-up, an empty Pulse that says what to do, the first file."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.tools import DESK, Place, axe, watched
from tests.project.installation import installation

CONTACTS = "Email,First name,Last name\nmireia@bell.example,Mireia,Bell\njoan@roca.example,Joan,Roca\n"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with installation(tmp_path_factory.mktemp("fresh"), is_new=True) as made:
        yield Place(made, made.up())


def test_first_run(fresh: Place, browser: Browser) -> None:
    assert "the first page makes you its owner" in fresh.installation.output("up")
    context = browser.new_context(viewport=DESK, locale="ca-ES", reduced_motion="reduce")
    page, watch = watched(context)
    page.goto(fresh.address)
    page.wait_for_url("**/setup/")
    expect(page.locator("html")).to_have_attribute("lang", "ca")
    expect(page.locator("[name=country]")).to_have_value("ES")
    page.locator("#language").select_option("en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert axe(page) == []
    page.get_by_label("Your name").fill("Ada Roig")
    page.get_by_label("Your e-mail").fill("ada@bell.example")
    page.get_by_label("Password").fill("short")
    page.get_by_label("Your brand").fill("Bell & Roca")
    page.get_by_role("button", name="Create the workspace").click()
    expect(page.get_by_text("at least 10 characters").first).to_be_visible()
    expect(page.get_by_label("Your brand")).to_have_value("Bell & Roca")
    page.get_by_label("Password").fill("three plain words more")
    page.get_by_role("button", name="Create the workspace").click()
    page.wait_for_url("**/w/bell-roca/")
    expect(page.get_by_text("Nothing has been heard yet")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("link", name="Import a file").click()
    page.set_input_files("#files", {"name": "mine.csv", "mimeType": "text/csv", "buffer": CONTACTS.encode()})
    page.get_by_role("button", name="Import 2 rows").click()
    expect(page.get_by_text("2 new people")).to_be_visible(timeout=30_000)
    page.get_by_role("link", name="Its people").click()
    expect(page.get_by_role("link", name="Mireia Bell")).to_be_visible()
    page.goto(f"{fresh.address}/setup/")
    page.wait_for_url("**/w/bell-roca/")
    watch.check()
    context.close()
