"""One installation with a small demo for all browser tests, which run in one worker of the test runner, on the database being tested."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.sites import Collector, Shop, recording
from tests.browser.tools import PATIENCE, Place, Watch, launch
from tests.project.installation import installation

HERE = Path(__file__).parent
expect.set_options(timeout=PATIENCE)
Visit = Callable[..., AbstractContextManager[tuple[Page, Watch]]]
Open = Callable[..., Page]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The demo of 150 people, running."""
    with installation(tmp_path_factory.mktemp("demo")) as made:
        made.environment["VINCLE_WEBHOOKS_PRIVATE"] = "1"
        made.run("demo", "--people", "150", "--months", "4", "--seed", "3")
        yield Place(made, made.up())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ends with its module: while Playwright runs, its event loop keeps Django's database away from this thread."""
    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()


@pytest.fixture
def visit(place: Place, browser: Browser) -> Visit:
    """`with visit(role, viewport=...) as (page, watch)`: a page of someone signed in."""

    def open_page(role: str = "owner", **options: Any) -> AbstractContextManager[tuple[Page, Watch]]:
        return place.visit(browser, role, **options)

    return open_page


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A shop with the snippet, on an origin of its own."""
    with recording() as made:
        yield made


@pytest.fixture
def collector(shop: Shop) -> Collector:
    """What the shop's pages sent."""
    return shop.collector


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that has never been anywhere."""
    made = browser.new_context(locale="en-GB")
    made.set_default_timeout(PATIENCE)
    yield made
    made.close()


@pytest.fixture
def visitor(context: BrowserContext, shop: Shop) -> Iterator[Open]:
    """`visitor(path)`: a new tab on the shop; at the end nothing may have gone wrong in any of them."""
    watch = Watch(expected={400, 429, 503})

    def open_tab(path: str = "/", host: str = "127.0.0.1") -> Page:
        page = context.new_page()
        watch.follow(page)
        page.goto(shop.at(host) + path)
        page.wait_for_function("() => window.vincle && window.vincle.track")
        return page

    yield open_tab
    watch.trouble = [one for one in watch.trouble if "ERR_INTERNET_DISCONNECTED" not in one]
    watch.check()
