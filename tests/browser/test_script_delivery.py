"""What vincle.js has to say arrives once: without a net, from a page that is left, from several tabs, in browsers that allow little."""

import json
import re
import time
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Route

from tests.browser.conftest import Open
from tests.browser.sites import SCRIPT, Collector, Shop, left_behind

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
HIDE = """() => { Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange')); delete document.visibilityState }"""
COUNT = """window.ways = []; const beacon = navigator.sendBeacon; Navigator.prototype.sendBeacon = function (...a) {
    const sent = beacon.apply(this, a); ways.push([sent, a[1].length]); return sent }"""


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event.get("event", event["type"]) for event in events]


def once(collector: Collector) -> None:
    ids = [event["messageId"] for event in collector.events]
    assert len(set(ids)) == len(ids)


def test_without_a_net_what_happened_waits_in_memory(visitor: Open, context: BrowserContext, collector: Collector) -> None:
    page = visitor("/")
    collector.until(page, "page")
    context.set_offline(True)
    page.evaluate("() => vincle.track('Offline')")
    page.wait_for_timeout(900)
    page.evaluate("() => vincle.track('Still')")
    page.evaluate(HIDE)
    assert not left_behind(page)
    context.set_offline(False)
    collector.until(page, "Still", seconds=4)
    assert names(collector.events) == ["page", "Offline", "Still"]
    once(collector)


def test_with_consent_it_outlives_the_page(visitor: Open, context: BrowserContext, collector: Collector) -> None:
    page = visitor("/")
    page.evaluate("() => vincle.consent(true)")
    collector.until(page, "Consent Given")
    context.set_offline(True)
    page.evaluate("() => { for (let n = 0; n < 30; n++) vincle.track('Offline', { n }) }")  # many in one millisecond
    page.evaluate(HIDE)
    assert page.evaluate("() => Object.keys(localStorage).filter((name) => name.startsWith('vincle_q:')).length") == 30
    page.close()
    context.set_offline(False)
    page = visitor("/back")
    assert [event["properties"]["n"] for event in collector.until(page, "Offline", 30)] == list(range(30))
    assert page.evaluate("() => Object.keys(localStorage)") == ["vincle"]
    once(collector)


def test_tabs_share_what_waits_and_send_it_once(visitor: Open, context: BrowserContext, collector: Collector) -> None:
    tabs = [visitor("/one"), visitor("/two"), visitor("/three")]
    tabs[0].evaluate("() => vincle.consent(true)")
    collector.until(tabs[0], "Consent Given")
    context.set_offline(True)
    for number, tab in enumerate(tabs):
        tab.evaluate("number => { for (let n = 0; n < 20; n++) vincle.track('Offline', { number, n }) }", number)
        tab.evaluate(HIDE)
    context.set_offline(False)
    found = collector.until(tabs[0], "Offline", 60)
    assert len({event["anonymousId"] for event in found}) == 1
    tabs[0].wait_for_timeout(1_500)
    assert len(collector.named("Offline")) == 60
    once(collector)


def test_a_busy_collector_is_given_the_time_it_asks_for(visitor: Open, collector: Collector) -> None:
    collector.answers = [(503, {}), (429, {"Retry-After": "3"})]
    page = visitor("/")
    collector.until(page, "page", seconds=12)
    failed, limited, done = [*collector.refused, *collector.requests]
    assert 0.5 <= limited["at"] - failed["at"] < 2.5
    assert done["at"] - limited["at"] >= 3
    assert failed["batch"] == limited["batch"] == done["batch"], "a retry is the same event"
    assert failed["sentAt"] < limited["sentAt"] < done["sentAt"]


def test_the_next_page_waits_too(visitor: Open, shop: Shop, collector: Collector) -> None:
    collector.answers = [(429, {"Retry-After": "3"})]
    shop.attributes = 'data-consent="granted"'
    page = visitor("/")
    collector.wait(page, lambda: collector.refused)
    page.wait_for_function("() => Object.keys(localStorage).length === 2")
    page.goto(shop.address + "/second")
    collector.until(page, "page", 2)
    assert collector.requests[0]["at"] - collector.refused[0]["at"] >= 3
    assert [event["properties"]["path"] for event in collector.events] == ["/", "/second"]


def test_what_is_refused_is_let_go(visitor: Open, collector: Collector) -> None:
    collector.answers = [(400, {})]
    page = visitor("/")
    collector.wait(page, lambda: collector.refused)
    page.evaluate("() => vincle.track('Next')")
    collector.until(page, "Next")
    page.wait_for_timeout(1_500)
    assert names(collector.events) == ["Next"]


def test_leaving_sends_the_rest(visitor: Open, context: BrowserContext, shop: Shop, collector: Collector) -> None:
    context.add_init_script(COUNT)
    page = visitor("/")
    page.evaluate("() => { for (let n = 0; n < 30; n++) vincle.track('Leaving', { n }); location.href = '/next' }")
    page.wait_for_url("**/next")
    collector.until(page, "page", 2)
    assert [event["properties"]["n"] for event in collector.named("Leaving")] == list(range(30))
    other = visitor("/closed")
    other.evaluate("() => vincle.track('Closing')")
    other.close()
    collector.until(page, "Closing")
    page.evaluate("() => vincle.track('Hidden')")
    page.evaluate(HIDE)
    assert page.evaluate("() => ways.map((way) => way[0])") == [True]
    collector.until(page, "Hidden")
    page.wait_for_timeout(800)
    assert {request["type"] for request in collector.requests} == {"text/plain;charset=UTF-8"}
    assert "OPTIONS" not in collector.methods
    once(collector)


def test_batches_and_events_have_limits(visitor: Open, collector: Collector) -> None:
    page = visitor("/")
    collector.until(page, "page")
    page.evaluate("""() => { vincle.track('Huge', { text: 'é'.repeat(16000) });
        for (let n = 0; n < 1200; n++) vincle.track('Much', { n, text: 'ñ'.repeat(400) }); 
        const loop = {}; loop.loop = loop; vincle.track('Loop', loop) }""")
    found = collector.until(page, "Much", 1_000, 30)
    assert [event["properties"]["n"] for event in found] == list(range(200, 1_200)), "the newest thousand, in order"
    assert not collector.named("Huge")
    assert 400_000 < max(request["size"] for request in collector.requests) <= 500_000
    once(collector)


def test_the_queue_in_storage_has_its_limit_too(visitor: Open, context: BrowserContext, collector: Collector) -> None:
    page = visitor("/")
    page.evaluate("() => vincle.consent(true)")
    collector.until(page, "Consent Given")
    context.set_offline(True)
    for part in range(3):
        page.evaluate("part => { for (let n = 0; n < 500; n++) vincle.track('Much', { n: part * 500 + n }) }", part)
        page.evaluate(HIDE)
        page.wait_for_function("many => Object.keys(localStorage).length === many", arg=1 + min(500 * (part + 1), 1_000))
    context.set_offline(False)
    found = collector.until(page, "Much", 1_000, 30)
    assert sorted(event["properties"]["n"] for event in found) == list(range(500, 1_500))


BLOCKED = {
    "storage": "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })",
    "full storage": "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }",
    "cookies": "Object.defineProperty(Document.prototype, 'cookie', { get() { throw new Error('no') }, set() { throw new Error('no') } })",
    "old": "delete Crypto.prototype.randomUUID; delete Navigator.prototype.locks; delete Navigator.prototype.sendBeacon",
}


@pytest.mark.parametrize("what", BLOCKED)
def test_a_browser_that_allows_little(visitor: Open, context: BrowserContext, collector: Collector, what: str) -> None:
    context.add_init_script(BLOCKED[what])
    page = visitor("/")
    page.evaluate("() => { vincle.consent(true); vincle.track('Worked') }")
    (worked,) = collector.until(page, "Worked")
    assert UUID.fullmatch(worked["anonymousId"])
    assert UUID.fullmatch(worked["messageId"])
    collector.answers = [(503, {})]
    page.evaluate("() => vincle.track('Again')")
    collector.until(page, "Again")
    page.evaluate("() => { vincle.consent(false); vincle.track('Done') }")
    assert "anonymousId" not in collector.until(page, "Done")[0]
    once(collector)


def test_inside_a_frame_without_any_rights(visitor: Open, shop: Shop, collector: Collector) -> None:
    shop.attributes = 'data-auto="false" data-consent="granted"'
    shop.late = ""
    page = visitor("/")
    html = shop.page("/framed").decode().replace('data-auto="false"', "")
    page.evaluate("""html => { const frame = document.createElement('iframe'); frame.sandbox = 'allow-scripts'; frame.srcdoc = html;
        document.body.append(frame) }""", html)  # fmt: skip
    (view,) = collector.until(page, "page")
    assert UUID.fullmatch(view["anonymousId"])


def test_a_strict_content_policy(visitor: Open, shop: Shop, collector: Collector) -> None:
    shop.headers = {"Content-Security-Policy": f"default-src 'none'; img-src data:; script-src {shop.host}; connect-src {shop.host}"}
    page = visitor("/")
    collector.until(page, "page")


def test_a_tag_manager_that_drops_attributes(context: BrowserContext, shop: Shop, collector: Collector) -> None:
    page = context.new_page()
    page.goto(shop.address + "/?plain")
    page.evaluate("() => { delete window.vincle }")
    page.evaluate(
        "src => { const s = document.createElement('script'); s.src = src; document.head.append(s) }",
        f"{shop.host}/vincle.js?key=by-hand&auto=false",
    )
    page.wait_for_function("() => window.vincle && window.vincle.track")
    page.evaluate("() => vincle.track('By hand')")
    collector.until(page, "By hand")
    assert next(request["writeKey"] for request in collector.requests if "By hand" in names(request["batch"])) == "by-hand"


def test_back_from_the_cache_of_pages_is_a_page_view(visitor: Open, collector: Collector) -> None:
    page = visitor("/")
    collector.until(page, "page")
    page.evaluate("() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    collector.until(page, "page", 2)


def test_it_does_not_hold_the_page_up(visitor: Open, collector: Collector) -> None:
    page = visitor("/")
    took = page.evaluate("""() => {
        const at = performance.now();
        for (let n = 0; n < 100; n++) vincle.track('Fast', { n });
        return performance.now() - at;
    }""")
    assert took < 300, f"{took} ms for 100 calls"
    collector.until(page, "Fast", 100)


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_on_a_domain_of_its_own(context: BrowserContext, shop: Shop, scheme: str) -> None:
    sent: list[dict[str, Any]] = []
    shop.host = f"{scheme}://crm.cafe.example"
    shop.attributes = 'data-consent="granted"'

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            sent.extend(json.loads(route.request.post_data or "")["batch"])
            route.fulfill(status=200, headers={"Access-Control-Allow-Origin": "*"}, body="{}")
        elif "crm." in route.request.url:
            route.fulfill(content_type="text/javascript", path=SCRIPT)
        else:
            route.fulfill(content_type="text/html", body=shop.page("/"))

    context.route(f"{scheme}://*.cafe.example/**", answer)
    page = context.new_page()
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.goto(f"{scheme}://www.shop.cafe.example/")
    assert page.evaluate("() => isSecureContext && 'locks' in navigator") == (scheme == "https")
    (cookie,) = context.cookies()
    assert (cookie["domain"], cookie["secure"], cookie["sameSite"]) == (".cafe.example", scheme == "https", "Lax")
    assert 364 < (cookie["expires"] - time.time()) / 86_400 <= 365
    assert [event["anonymousId"] for event in sent] == [cookie["value"]]
    page.evaluate("() => vincle.consent(false)")
    assert not left_behind(page)
