"""A survey from the first click to its report: made from a ready one, translated, asked by mail and QR, answered on a phone, raffled."""

import json
import re
from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_campaign import until
from tests.browser.tools import DESK, PATIENCE, PHONE, SLUG, Place, axe, overflow, watched
from tests.engage.outbox.smtp import Place as Server
from tests.engage.outbox.smtp import smtp
from vincle.engage.surveys import lots

ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36"
"""A browser without a person in front is noted as a machine, and machines take part in no raffle."""

READY = """
from vincle.accounts.models import Workspace
from vincle.identify.models import ContactPolicy
from vincle.listen import connections
from vincle.organise import segmenting
from vincle.organise.models import Profile
where = Workspace.objects.get(slug={slug!r})
ContactPolicy.objects.of(where).delete()
given = dict(address="ask@lligam.example", sender="Cafè", smtp_host="127.0.0.1", smtp_port="{port}", smtp_security="none")
connections.connect(where, None, "mail", "Asking {port}", given, {{"password": "secret"}})
people = list(Profile.objects.of(where).exclude(email="").order_by("person")[20:26])
segmenting.create(where, None, "Asked {port}", {{"any": [{{"trait": "email", "is": row.email}} for row in people]}})
"""


@pytest.fixture
def server() -> Iterator[Server]:
    with smtp() as made:
        yield made


def answer(page: Page, score: int) -> Locator:
    """Choose a score on the public page; the button that goes on."""
    page.locator(f"input[type=radio][value='{score}']").first.check(force=True)
    expect(page.locator("textarea").first).to_be_visible()
    return page.locator("button.send")


def test_from_the_first_click_to_the_report(visit: Visit, place: Place, browser: Browser, server: Server) -> None:
    place.installation.python(READY.format(slug=SLUG, port=server.port))
    with visit("owner", viewport=DESK) as (page, _):
        survey = made(page, place)
        link = way(page, survey, "qr")
        sold(page, survey)
        asked(page, survey, server)
    mailed(browser, server, place)
    for times in range(3):  # with the one who came by mail, the third is one too many
        on_a_phone(browser, place, link, is_full=times == 2)
    with visit("owner", viewport=DESK) as (page, _):
        drawn(page, survey)
        reported(page, survey, place, browser)


def made(page: Page, place: Place) -> str:
    """From a ready one, with a language more, opened; its address."""
    page.goto(place.at("surveys/new/"))
    page.locator("input[name=key][value=nps]").check()
    page.get_by_label("Name", exact=False).last.fill("The whole story")
    page.keyboard.press("Enter")
    page.wait_for_selector("#survey-builder")
    survey = page.url.split("?")[0]
    page.goto(f"{survey}translate/")
    page.locator("#survey-code").select_option("fr")
    page.get_by_role("button", name="Add a language").click()
    expect(page.locator(".survey-languages [lang=fr]")).to_contain_text("missing")
    page.goto(f"{survey}translate/?lang=fr&only=missing")
    title = page.locator("textarea.missing").first
    title.fill("Nous recommanderiez-vous ?")
    title.press("Tab")
    expect(page.locator("#survey-kept")).to_contain_text("Kept.")
    page.goto(f"{survey}checks/")
    page.get_by_role("button", name="Open the survey").click()
    expect(page.get_by_text("It is open. Now ask people.")).to_be_visible()
    return survey


def way(page: Page, survey: str, kind: str) -> str:
    """One more way to ask; the address the QR code holds."""
    page.goto(f"{survey}ask/")
    page.get_by_role("button", name="Another way to ask").click()
    page.locator(f"dialog input[value={kind}]").check(force=True)
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url(re.compile(r"/surveys/ways/[^/]+/"))
    assert axe(page) == []
    if kind != "qr":
        return page.url
    expect(page.locator(".asking-qr")).to_be_visible()
    return page.locator(".asking-code").first.inner_text().strip()


def sold(page: Page, survey: str) -> None:
    """A quota of three who would recommend us, and a raffle."""
    page.goto(f"{survey}ask/quotas/")
    page.get_by_text("Or a condition").click()
    page.locator("#f-condition").fill("{recommend} >= 9")
    page.locator("#f-name").fill("Friends")
    page.locator("#f-limit").fill("3")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Friends")).to_be_visible()
    page.goto(f"{survey}ask/raffle/")
    page.locator("#f-prize-en").fill("A kilo of coffee")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("Fixed beforehand")).to_be_visible()


def asked(page: Page, survey: str, server: Server) -> None:
    """A round by mail, looked at and approved."""
    page.goto(way(page, survey, "mail").split("?")[0] + "rounds/new/")
    page.locator("#f-segment").select_option(page.locator("#f-segment option", has_text=f"Asked {server.port}").get_attribute("value"))
    expect(page.locator("#reach")).to_contain_text("6")
    page.locator("#f-connection").select_option(label=f"Asking {server.port}")
    page.get_by_role("button", name="Go on to the preview").click()
    expect(page.frame_locator(".asking-mail").get_by_text("10", exact=True)).to_be_visible()
    page.get_by_role("button", name="Ask them").click()
    page.get_by_role("dialog").get_by_role("button", name="Ask them").click()
    until(lambda: len(server.taken) >= 6, 3 * PATIENCE / 1000)  # worker and sender, on a machine that does much else
    assert len({recipient for _, recipient, _ in server.taken}) == len(server.taken) == 6


def mailed(browser: Browser, server: Server, place: Place) -> None:
    """A nine is clicked in the mail: it is chosen on the page that opens, counts only once it is sent, and then asks for the rest."""
    message = message_from_bytes(server.taken[0][2], policy=policy.default)
    body = message.get_body(("html",))
    assert body is not None
    address = next(each for each in re.findall(r'href="([^"]+)"', body.get_content()) if each.endswith("?a=9"))
    context = browser.new_context(viewport=PHONE, locale="en-GB")
    page, watch = watched(context)
    page.goto(place.address + "/s/" + address.partition("/s/")[2])
    expect(page.locator("input[value='9']")).to_be_checked()
    assert axe(page) == []
    assert overflow(page) == ""
    page.locator("form button").first.click()
    page.wait_for_url(re.compile(r"/s/(?!i/)"))
    if page.locator("input[type=radio][value='9']").count():
        expect(page.locator("input[type=radio][value='9']").first).to_be_checked()
    while page.locator("button.send").count():
        page.locator("button.send").first.click()
    expect(page.locator(".end")).to_be_visible()
    watch.check()
    context.close()


def on_a_phone(browser: Browser, place: Place, link: str, is_full: bool) -> None:
    """Begun, left in the middle, and gone on with from the same phone; the last comes when there are friends enough."""
    context = browser.new_context(viewport=PHONE, locale="en-GB", has_touch=True, is_mobile=True, user_agent=ANDROID)
    page, watch = watched(context)
    page.goto(place.address + "/s/" + link.partition("/s/")[2])
    assert axe(page) == []
    assert overflow(page) == ""
    answer(page, 10).click()
    expect(page.get_by_text("What is the main reason")).to_have_count(0)
    if is_full:
        expect(page.locator(".end")).to_be_visible()
        expect(page.get_by_role("link", name="Take part in the raffle")).to_have_count(0)
    else:
        page.locator("textarea").first.fill("The coffee")
        page.close()
        page, watch = watched(context)
        page.goto(place.address + "/s/" + link.partition("/s/")[2])
        expect(page.locator(".progress")).to_contain_text("Page 2")
        page.locator("textarea").first.fill("The coffee")
        page.locator("button.send").click()
        page.get_by_role("link", name="Take part in the raffle").click()
        page.locator("#contact").fill("ana@example.org")
        page.get_by_role("button", name="Take part").click()
        expect(page.get_by_role("heading", name="You take part")).to_be_visible()
        assert axe(page) == []
    watch.check()
    context.close()


def drawn(page: Page, survey: str) -> None:
    """Closed, drawn, and drawn again from the proof to the same."""
    page.goto(f"{survey}ask/quotas/")
    expect(page.locator("h1")).to_have_text("1 quota is full")
    page.goto(survey)
    page.locator("button[name=do][value=close]").evaluate("button => button.click()")
    expect(page.locator(".tag", has_text="Closed").first).to_be_visible()
    page.goto(f"{survey}ask/raffle/")
    page.get_by_role("button", name="Draw", exact=True).click()
    expect(page.get_by_text("Drawn again from what is shown here, it comes to the same.")).to_be_visible()
    told = json.loads(page.request.get(f"{survey}ask/raffle/proof.json").body())
    proof = told["draws"][0] if "draws" in told else told
    again = lots.draw(proof["entries"], proof["seed"], len(proof["result"]), beacon=proof["beacon"])
    assert [each.entry for each in again] == proof["result"]


def reported(page: Page, survey: str, place: Place, browser: Browser) -> None:
    """The report, its PDF, and what somebody without an account reads of it."""
    page.goto(f"{survey}report/")
    expect(page.locator("h1")).to_contain_text("NPS: +100")
    pdf = page.request.get(f"{survey}report/file/pdf/").body()
    assert pdf.startswith(b"%PDF-")
    page.get_by_role("button", name="Share").click()
    page.get_by_label("For whom").fill("The board")
    page.get_by_role("button", name="Make an address").click()
    page.get_by_role("button", name="Share").click()
    address = page.get_by_label("Address").input_value()
    context = browser.new_context(viewport=PHONE, locale="en-GB")
    shared, watch = watched(context)
    shared.goto(place.address + "/s/r/" + address.partition("/s/r/")[2])
    expect(shared.locator("h1")).to_contain_text("NPS: +100")
    watch.check()
    context.close()
