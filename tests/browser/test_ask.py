"""Asking in SQL: by keyboard, from a shared address, from a question to begin with."""

import csv
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.tools import DESK, PHONE, Place, axe, overflow, prefer, settled


def test_ask_mend_and_share(visit: Visit, place: Place) -> None:
    with visit() as (page, _):
        page.goto(place.at("ask/"))
        page.get_by_label("Question").fill("SELECT chanel FROM activity")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#answer")).to_contain_text("There is no column “chanel”. Near it: channel.")
        page.get_by_label("Question").fill("SELECT channel, count(*) AS n FROM activity GROUP BY channel ORDER BY n DESC")
        page.get_by_role("button", name="Run").click()
        first = page.locator("#answer tbody tr").first
        expect(first).to_be_visible()
        said = first.inner_text()
        page.wait_for_url(re.compile(r"/ask/\?q=SELECT\+channel"))
        with page.expect_download() as download:
            page.locator("#answer").get_by_role("button", name="CSV").click()
        with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
            assert next(iter(csv.DictReader(file))) == dict(zip(("channel", "n"), said.split(), strict=True))
        shared = page.url
        page.goto(place.at(""))
        page.goto(shared)
        expect(page.locator("#answer tbody tr").first).to_have_text(re.compile(r"\s*".join(said.split())))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["wide", "narrow"])
def test_an_answer_is_for_everyone(visit: Visit, place: Place, size: dict[str, int], theme: str) -> None:
    with visit(viewport=size) as (page, _):
        prefer(page, theme)
        page.goto(place.at("ask/"))
        page.get_by_role("link", name="Who bought most").click()
        link = page.locator("#answer tbody a").first
        expect(link).to_be_visible()
        settled(page)
        assert axe(page) == []
        assert not overflow(page)
        link.click()
        page.wait_for_url(re.compile(r"/people/[0-9a-z]{13}/"))
        expect(page.locator("h1")).to_be_visible()
