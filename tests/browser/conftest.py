"""One installation with a small demo for all browser tests, which run in one worker of the test runner, on the database being tested."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.tools import Place, Watch, launch
from tests.project.installation import installation

HERE = Path(__file__).parent
Visit = Callable[..., AbstractContextManager[tuple[Page, Watch]]]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The demo of 150 people, running."""
    with installation(tmp_path_factory.mktemp("demo")) as made:
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
