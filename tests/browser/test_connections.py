"""Connecting a shop, from the empty list to the first order on its customer's timeline."""

import json
from base64 import b64encode
from hashlib import sha256
from hmac import digest
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.tools import DESK, PHONE, Place, axe, overflow, prefer, settled
from tests.servers.mastodon_sign_in import small_server

PAYLOAD = Path(__file__).resolve().parents[1] / "channels" / "woocommerce" / "order_created_paid.json"
SECRET = "a long shared secret"


def deliver(address: str, secret: str) -> int:
    body = json.loads(PAYLOAD.read_text())["body"]
    body["billing"] |= {"first_name": "Blanca", "last_name": "Comella", "email": "blanca@comella.example"}
    raw = json.dumps(body).encode()
    headers = {
        "Content-Type": "application/json", "X-WC-Webhook-Topic": "order.created", "X-WC-Webhook-Source": "https://shop.example/",
        "X-WC-Webhook-Signature": b64encode(digest(secret.encode(), raw, sha256)).decode(),
    }  # fmt: skip
    try:
        with urlopen(Request(address, raw, headers), timeout=20) as answer:
            return int(answer.status)
    except HTTPError as refusal:
        return refusal.code


def without_barriers(page: Page) -> None:
    settled(page)
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        prefer(page, "light")
        assert not axe(page)
        assert not (too_wide := overflow(page)), too_wide
        prefer(page, "dark")
        assert not axe(page, ["color-contrast", "link-in-text-block"])
    assert page.locator(".btn.primary:visible").count() <= 1
    page.set_viewport_size(DESK)


def test_connecting_a_shop(visit: Visit, place: Place) -> None:
    with visit() as (page, _):
        page.goto(place.at("listen/connections/"))
        without_barriers(page)
        page.locator(".btn.primary").click()
        without_barriers(page)
        page.get_by_role("link", name="WooCommerce").click()
        without_barriers(page)
        page.locator("#id_name").fill("Botiga de Gràcia")
        page.get_by_role("button", name="Connect and test").click()
        page.wait_for_url("**/connections/*/")
        expect(page.get_by_text("Waits for its secret")).to_be_visible()
        without_barriers(page)
        shown = page.locator("#address").input_value()
        address = place.address + urlsplit(shown).path
        page.locator("#secret").fill(SECRET)
        page.get_by_role("button", name="Keep the secret").click()
        expect(page.get_by_text("Nothing has come yet")).to_be_visible()
        assert (deliver(address, "another secret"), deliver(address, SECRET), deliver(address, SECRET)) == (401, 200, 200)
        page.reload()
        expect(page.get_by_text("Its signature does not fit")).to_be_visible()
        without_barriers(page)
        page.goto(place.at("listen/connections/"))
        row = page.get_by_role("row").filter(has_text="Botiga de Gràcia")
        expect(row).to_contain_text("On")
        buyer = page.get_by_role("link", name="Blanca Comella").first
        for _try in range(40):
            page.goto(place.at("people/?q=Comella"))
            if buyer.is_visible():
                break
            page.wait_for_timeout(500)
        expect(buyer).to_be_visible()


def test_disconnecting_can_be_undone(visit: Visit, place: Place) -> None:
    with visit() as (page, _):
        page.goto(place.at("listen/connections/new/?service=stripe"))
        page.locator("#id_name").fill("Subscriptions")
        page.get_by_role("button", name="Connect and test").click()
        page.get_by_role("button", name="Disconnect").click()
        expect(page.get_by_text("Everything it brought stays")).to_be_visible()
        expect(page.locator("table").get_by_text("Subscriptions")).to_have_count(0)
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("Subscriptions is connected again")).to_be_visible()
        expect(page.get_by_role("heading", name="Subscriptions")).to_be_visible()


def test_connecting_an_account_by_saying_yes_there(visit: Visit, place: Place) -> None:
    """From the choice of the service over the platform's own page to the last mention of the past, on a server of this machine."""
    with small_server(mentions=45) as casa, visit() as (page, _):
        casa.most = 10
        page.goto(place.at("listen/connections/new/"))
        page.get_by_role("searchbox", name="Search services").fill("fediverse")
        expect(page.get_by_role("link", name="Stripe")).to_have_count(0)
        page.get_by_role("link", name="Mastodon").click()
        without_barriers(page)
        page.get_by_label("Server").fill(casa.url)
        page.get_by_role("button", name="Continue at Mastodon").click()
        page.get_by_role("link", name="Deny").click()
        expect(page.get_by_text("You, or the service, said no")).to_be_visible()
        without_barriers(page)
        page.get_by_role("button", name="Say yes at Mastodon").click()
        page.get_by_role("link", name="Authorise").click()
        expect(page.get_by_text("Mastodon knows you as @lligam")).to_be_visible()
        without_barriers(page)
        casa.faults.extend(["slow"] * 12)
        page.get_by_label("As far back as there is").check()
        page.get_by_role("button", name="Bring it in").click()
        expect(page.get_by_text("Being brought in, newest first")).to_be_visible()
        expect(page.get_by_text("things were brought in")).to_be_visible(timeout=60_000)
        without_barriers(page)
        casa.mention(casa.account("late@elsewhere.example"), "@lligam are you open on Sunday?")
        page.get_by_role("button", name="Hear again").click()
        expect(page.get_by_text("is fetched again: Mentions and reactions")).to_be_visible()
        found = page.get_by_text("are you open on Sunday?").first
        for _try in range(60):
            page.goto(place.at("listen/?channel=mastodon"))
            if found.is_visible():
                break
            page.wait_for_timeout(500)
        expect(found).to_be_visible()
        page.goto(place.at("listen/connections/"))
        expect(page.get_by_role("row").filter(has_text="@lligam@")).to_contain_text("On")
        without_barriers(page)
