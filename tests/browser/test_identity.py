"""Joining two people by the keyboard, parting a handle in a dialog, and the history by the keyboard."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.tools import Place, settled

ROWS = "Name,Email,Phone,City\nMontserrat Vilaró,montse.keys@example.cat,,Vic\nM. Vilaro,vilaro.keys@example.cat,+34 600 123 001,Olot\n"


def test_joined_by_keys_parted_in_a_dialog_and_taken_back(visit: Visit, place: Place, tmp_path: Path) -> None:
    (tmp_path / "keys.csv").write_text(ROWS, encoding="utf-8")
    place.installation.run("import", str(tmp_path / "keys.csv"))
    with visit() as (page, _):
        page.goto(place.at("people/?q=vilaro.keys"))
        page.locator("td.who a.person").first.click()
        page.locator("summary[aria-label=More]").click()
        page.get_by_role("link", name="Join with someone").click()
        page.keyboard.type("montse.keys", delay=10)
        page.locator("#found a").first.click()
        expect(page.locator("[data-field=city] .diff")).to_have_count(2)
        expect(page.locator("[data-field=city] .diff").first).to_contain_text("differs")
        choice = page.get_by_role("radio", name="Vic")
        choice.check()
        choice.press("y")
        page.wait_for_url(re.compile(r"/people/[0-9a-z]{13}/$"))
        expect(page.locator(".toast")).to_contain_text("one person now")
        handle = page.get_by_role("link", name="vilaro.keys@example.cat is not theirs")
        handle.focus()
        page.keyboard.press("Enter")
        dialog = page.locator("dialog[open]")
        expect(dialog).to_contain_text("2 people would be there")
        dialog.get_by_role("button", name="Part them").click()
        expect(page.locator(".toast")).to_contain_text("They are 2 people now")
        page.locator("svg.graph a.turn").last.focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"#move-\d+$"))
        page.locator(".toast .undo").click()
        settled(page)
        expect(page.locator(".toast").last).to_contain_text("Taken back")
