"""Finding someone, writing down what colleagues should know, following a number to the people and words behind it, deciding who is who."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.tools import Place, settled


def known(page: Page, place: Place) -> tuple[str, str]:
    """Name and address of someone with an e-mail and orders."""
    page.goto(place.at("people/?channel=shop&identified=yes&sort=-activities"))
    line = page.locator("td.who").first
    return line.locator("b").inner_text(), line.locator("small").inner_text()


def test_find_a_person_and_keep_a_note(visit: Visit, place: Place) -> None:
    with visit() as (page, _):
        name, address = known(page, place)
        page.goto(place.at(""))
        page.locator("#search").press_sequentially(address[:8], delay=20)
        found = page.locator("#search-results a", has_text=name).first
        expect(found).to_be_visible()
        found.click()
        page.wait_for_url(re.compile(r"/people/[0-9a-z]{13}/"))
        expect(page.locator("h1")).to_have_text(name)
        handles = page.locator("ul.handles").first
        expect(handles).to_contain_text(address)
        expect(handles.locator("li").first.locator("small")).not_to_be_empty()
        expect(page.locator("ol.timeline > li").first).to_be_visible()
        page.get_by_label("Add a tag").fill("regular")
        page.keyboard.press("Enter")
        expect(page.locator(".tags-list")).to_contain_text("regular")
        page.get_by_role("button", name="Take off regular").click()
        expect(page.locator(".tags-list")).not_to_contain_text("regular")
        page.get_by_role("button", name="Undo").first.click()
        expect(page.locator(".tags-list")).to_contain_text("regular")
        page.get_by_label("A new note").fill("Asks for oat milk. <b>Always</b>")
        page.get_by_role("button", name="Keep the note").click()
        note = page.locator(".note-item", has_text="<b>Always</b>")
        expect(note).to_contain_text("Marta Puig")
        note.get_by_role("button", name="Delete the note").click()
        expect(note).to_have_count(0)
        page.get_by_role("button", name="Undo").first.click()
        expect(note).to_have_count(1)


def test_the_list_narrows_while_typing(visit: Visit, place: Place) -> None:
    with visit() as (page, _):
        name, address = known(page, place)
        page.goto(place.at("people/"))
        page.keyboard.press("/")
        page.keyboard.type(address, delay=5)
        expect(page.locator("a.person")).to_have_count(1)
        expect(page.locator("a.person")).to_contain_text(name)
        expect(page).to_have_url(re.compile(r"[?&]q="))
        page.reload()
        expect(page.locator("a.person")).to_have_count(1)


def test_a_number_leads_to_its_words_and_people(visit: Visit, place: Place) -> None:
    with visit() as (page, _):
        page.goto(place.at(""))
        tile = page.locator("a.tile").first
        shown = tile.locator(".figure b").inner_text()
        tile.click()
        page.wait_for_url("**/listen/**")
        expect(page.locator("#total")).to_have_text(re.compile(rf"^{shown} activit"))
        # A browser has no name of its own, though its person may have one.
        author = page.locator("article.say header a.quiet").filter(has_not_text="Someone unknown").first
        name = author.inner_text()
        author.click()
        page.wait_for_url(re.compile(r"/people/[0-9a-z]{13}/"))
        expect(page.locator("main")).to_contain_text(name.lstrip("@"))
        page.goto(place.at(""))
        rung = page.locator(".ladder a").first
        rung.click()
        page.wait_for_url("**/people/?**")
        expect(page.locator("a.person").first).to_be_visible()


def test_a_chart_is_a_table_too(visit: Visit, place: Place) -> None:
    with visit() as (page, _):
        page.goto(place.at(""))
        settled(page)
        chart = page.locator("figure#talk")
        expect(chart.locator("table")).to_be_hidden()
        chart.get_by_role("button", name="As a table").click()
        expect(chart.locator("table")).to_be_visible()
        line = chart.locator("tbody tr").last
        figure = line.locator("td").first.inner_text()
        link = line.locator("a").first
        link.click()
        page.wait_for_url("**/listen/**")
        expect(page.locator("#total")).to_have_text(re.compile(rf"^{figure} activit"))


PAIRS = """Email,E-mail 2,First name
ona@one.example,,Ona
ona@two.example,,Ona
pep@one.example,,Pep
pep@two.example,,Pep
ona@one.example,ona@two.example,Ona
pep@one.example,pep@two.example,Pep
"""


def test_review_decides_and_takes_back(visit: Visit, place: Place, tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text(PAIRS)
    place.installation.run("import", str(tmp_path / "pairs.csv"))
    with visit() as (page, _):
        page.goto(place.at("identity/"))
        settled(page)
        case = page.locator("#case")
        before = int(case.get_attribute("data-open") or "0")
        assert before >= 2
        expect(case.locator("[data-party]")).to_have_count(2)
        page.keyboard.press("n")
        expect(case).to_have_attribute("data-open", str(before - 1))
        expect(page.locator(".rail [aria-current] .badge")).to_have_text(str(before - 1))
        page.keyboard.press("y")
        expect(case).to_have_attribute("data-open", str(before - 2))
        page.goto(place.at("identity/decisions/"))
        for left in (before - 1, before):
            page.get_by_role("button", name="Take back").first.click()
            page.wait_for_url("**/decisions/")
            expect(page.locator(".rail [aria-current] .badge")).to_have_text(str(left))


def test_a_viewer_looks_and_changes_nothing(visit: Visit, place: Place) -> None:
    with visit("viewer") as (page, watch):
        page.goto(place.at("listen/imports/"))
        expect(page.locator("input[type=file]")).to_have_count(0)
        expect(page.get_by_role("link", name="Team")).to_have_count(0)
        page.goto(place.at("people/?sort=-activities"))
        page.locator("a.person").first.click()
        expect(page.get_by_label("Add a tag")).to_have_count(0)
        page.goto(place.at("identity/"))
        expect(page.get_by_text("Your role may look, not decide.")).to_be_visible()
        watch.expected = {403, 404}
        for path, status in (("settings/audit/", 403), ("people/people.csv", 403), ("../elsewhere/", 404)):
            answer = page.goto(place.at(path))
            assert answer
            assert answer.status == status
            expect(page.locator("h1")).to_be_visible()
            expect(page.locator("main a.btn").first).to_be_visible()
