"""Bringing a file in: one that is partly wrong, one that cannot be read at all."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.tools import Place

ORDERS = """Order ID,Email,Date,Total,Who
T-1,mireia@bell.example,03/04/2026,12.50,Mireia Bell
T-2,joan@roca.example,05/06/2026,a lot,Joan Roca
T-3,nuria@bell.example,,8.00,Núria Bell
T-4,pol@roca.example,07/08/2026,31.20,Pol Roca
"""
MENDED = ORDERS.replace("a lot", "9.90").replace("nuria@bell.example,,", "nuria@bell.example,02/03/2026,")


EVIL = b'Email,First name,Last name\nx@bell.example,<script>alert(1)</script>,"<img src=x onerror=alert(2)>"\n'


def send(page: Page, place: Place, name: str, content: bytes) -> None:
    page.goto(place.at("listen/imports/"))
    page.set_input_files("#files", {"name": name, "mimeType": "text/csv", "buffer": content})
    page.wait_for_url("**/imports/new/**")


def answer_and_import(page: Page) -> None:
    page.get_by_label("Day, month, year").check()
    page.get_by_label("Who").select_option(label="Name")
    expect(page.locator("#trial-result .tiles")).to_be_visible()
    page.locator("button[form=mapping]").click()
    page.wait_for_url(lambda url: "/imports/new/" not in url)
    expect(page.get_by_text("Done", exact=True)).to_be_visible(timeout=30_000)


def test_a_file_with_bad_rows(visit: Visit, place: Place, tmp_path: Path) -> None:
    with visit() as (page, _):
        send(page, place, "orders.csv", ORDERS.encode())
        expect(page.get_by_text("03/04/2026").first).to_be_visible()
        expect(page.get_by_text("Say first how dates are written")).to_be_visible()
        answer_and_import(page)
        page.wait_for_url("**/imports/*/")
        expect(page.get_by_text("2 rows were rejected")).to_be_visible()
        expect(page.get_by_text("2 new people")).to_be_visible()
        problems = page.get_by_role("region", name="Problems")
        expect(problems.get_by_role("row").nth(1)).to_contain_text("The order has no amount: “a lot”")
        expect(problems.get_by_role("row").nth(2)).to_contain_text("The row does not say when it happened")
        with page.expect_download() as download:
            page.get_by_role("link", name="Rejected rows", exact=True).click()
        rejected = Path(download.value.path()).read_text("utf-8-sig").splitlines()
        assert len(rejected) == 3
        assert "T-2" in rejected[1]
        assert "T-3" in rejected[2]
        mended(page, place)
        undone(page, place)


def mended(page: Page, place: Place) -> None:
    """What was in already is recognised; only the mended rows are new."""
    send(page, place, "orders.csv", MENDED.encode())
    answer_and_import(page)
    expect(page.get_by_text("were known before")).to_be_visible()
    expect(page.get_by_text("were rejected")).to_have_count(0)
    page.get_by_role("link", name="Its activities").click()
    expect(page.locator("article.say")).to_have_count(2)
    page.go_back()


def undone(page: Page, place: Place) -> None:
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_text("What this import brought is taken back")).to_be_visible(timeout=30_000)
    page.goto(place.at("people/?q=nuria@bell.example"))
    expect(page.locator("a.person")).to_have_count(0)
    page.goto(place.at("people/?q=mireia@bell.example"))
    expect(page.locator("a.person")).to_have_count(1)


@pytest.mark.parametrize(("name", "content"), [("broken.xlsx", b"PK\x03\x04 this is no workbook"), ("empty.csv", b"")])
def test_a_file_that_cannot_be_read(name: str, content: bytes, visit: Visit, place: Place) -> None:
    with visit() as (page, _):
        send(page, place, name, content)
        expect(page.get_by_text("This file cannot be read", exact=True)).to_be_visible()
        expect(page.get_by_text("Nothing was stored.")).to_be_visible()
        expect(page.locator("button[form=mapping]")).to_have_count(0)
        page.get_by_role("button", name="Leave out").click()
        page.wait_for_url("**/listen/imports/")
        expect(page.locator("main").get_by_text(name)).to_have_count(0)


def test_a_program_in_a_cell_stays_text(visit: Visit, place: Place) -> None:
    with visit() as (page, _):
        send(page, place, "evil.csv", EVIL)
        page.on("dialog", lambda dialog: pytest.fail("a program of the file ran"))
        expect(page.locator("#trial-result .tiles")).to_be_visible()
        expect(page.get_by_text("<script>alert(1)</script>").first).to_be_visible()
