"""vincle.js in a real browser: what it sends, what it keeps, and that neither is more than the visitor agreed to."""

import gzip
import json
import re
from typing import Any

from playwright.sync_api import BrowserContext

from tests.browser.conftest import Open
from tests.browser.sites import SCRIPT, Collector, Shop, left_behind

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"


def test_is_small_and_for_old_browsers_too() -> None:
    content = SCRIPT.read_bytes()
    assert len(gzip.compress(content, 9)) < 5_000
    assert not re.search(rb"\?\.[a-z(\[]|\?\?|\*\*=|^\s*#|static |import |matchAll|\.at\(|\.flat\(", content, re.M)


def test_a_page_view_before_consent_leaves_nothing_behind(visitor: Open, shop: Shop, collector: Collector) -> None:
    page = visitor("/coffee?utm_source=letter&email=ona@bell.example#part")
    (event,) = collector.until(page, "page")
    url = f"{shop.address}/coffee?utm_source=letter"
    assert event["properties"] == {"path": "/coffee", "url": url, "title": "Page /coffee", "referrer": ""}
    assert event["context"]["page"] == event["properties"]
    assert event["context"]["cookieless"] is True
    assert event["context"]["locale"] == "en-GB"
    assert not {"anonymousId", "userId"} & set(event)
    assert UUID.fullmatch(event["messageId"])
    (request,) = collector.requests
    assert (request["writeKey"], request["path"], request["type"]) == ("test-key", "/v1/batch", "text/plain;charset=UTF-8")
    assert event["timestamp"] <= request["sentAt"]
    assert collector.methods == ["POST"], "a request of its own before each event"
    page.click("#basket")
    collector.until(page, "Basket Opened")
    assert not left_behind(page)


def test_pages_of_an_application_are_told_by_their_address(visitor: Open, shop: Shop, collector: Collector) -> None:
    page = visitor("/")
    page.evaluate("""() => {
        history.pushState({}, '', '/one'); document.title = 'One';
        history.replaceState({}, '', '/one'); history.replaceState({ scroll: 3 }, '', '/one#below');
        history.pushState({}, '', '/two');
    }""")
    page.wait_for_timeout(200)
    page.evaluate("() => history.back()")
    page.evaluate("() => { location.hash = '#!/three?secret=1' }")
    views = [event["properties"] for event in collector.until(page, "page", 5)]
    page.wait_for_timeout(600)
    assert len(collector.named("page")) == 5
    assert [view["path"] for view in views] == ["/", "/one", "/two", "/one", "/one#!/three"]
    assert [view["referrer"].removeprefix(shop.address) for view in views] == ["", "/", "/one", "/two", "/one"]


def test_the_title_that_follows_the_address(visitor: Open, collector: Collector) -> None:
    page = visitor("/")
    page.evaluate("() => { history.pushState({}, '', '/late'); setTimeout(() => { document.title = 'Late' }, 60) }")
    assert collector.until(page, "page", 2)[1]["properties"]["title"] == "Late"


def test_calls_before_the_script_are_done_in_order_and_twice_is_once(visitor: Open, shop: Shop, collector: Collector) -> None:
    shop.early = """window.vincle = window.vincle || []; vincle.push(["track", "First", { n: 1 }]); vincle.push(["consent", true]);
        vincle.push(["nonsense"], 7);
        vincle.push(["identify", 17, { email: "ona@bell.example" }]); (function () { vincle.push(arguments) })("track", "Last")"""
    shop.late = f'<script async src="{shop.host}/vincle.js?again" data-key="other"></script>'
    page = visitor("/")
    page.evaluate("() => vincle.push(['track', 'Later'])")
    collector.until(page, "Later")
    assert [event.get("event", event["type"]) for event in collector.events] == [
        "First",
        "Consent Given",
        "identify",
        "Last",
        "page",
        "Later",
    ]
    assert len({request["writeKey"] for request in collector.requests}) == 1, "whichever came first"
    first, _, identify, last, *_ = collector.events
    assert first["properties"] == {"n": 1}
    assert "anonymousId" not in first
    assert (identify["userId"], identify["traits"]) == ("17", {"email": "ona@bell.example"})
    assert (last["userId"], last["anonymousId"]) == ("17", identify["anonymousId"])


def test_links_downloads_forms_and_named_clicks(visitor: Open, shop: Shop, collector: Collector) -> None:
    page = visitor("/")
    page.evaluate("() => { for (const kind of ['click', 'submit']) document.addEventListener(kind, (event) => event.preventDefault()) }")
    for selector in ("#basket span", "#inside", "#outside", "#menu", "#letter button"):
        page.click(selector)
    page.click("#outside", button="right")
    page.evaluate("() => document.getElementById('letter').requestSubmit()")
    (form,) = collector.until(page, "Form Submitted")
    host = shop.address.removeprefix("http://")
    assert form["properties"] == {"id": "letter", "name": "newsletter", "action": f"{host}/subscribe"}
    assert [event["properties"] for event in collector.named("Link Clicked")] == [
        {"href": "localhost:9/roaster/story", "kind": "outbound"}, {"href": f"{host}/files/menu.pdf", "kind": "download"}
    ]  # fmt: skip
    assert len(collector.named("Basket Opened")) == 1
    assert not re.search("bell.example|clobbered|size=2|list=7|from=us", json.dumps(collector.requests))


def test_what_is_switched_off_is_not_sent(visitor: Open, shop: Shop, collector: Collector) -> None:
    shop.attributes = 'data-auto="false" data-forms="false" data-links="false" data-query="size"'
    page = visitor("/")
    page.evaluate("""() => {
        for (const kind of ['click', 'submit']) document.addEventListener(kind, (event) => event.preventDefault());
        history.pushState({}, '', '/x?size=2&q=3') }""")
    page.click("#outside")
    page.evaluate("() => document.getElementById('letter').requestSubmit()")
    page.evaluate("() => vincle.page('Menu', { section: 'drinks' })")
    (view,) = collector.until(page, "page")
    assert view["name"] == "Menu"
    assert view["properties"]["section"] == "drinks"
    assert view["properties"]["url"] == f"{shop.address}/x?size=2"
    page.wait_for_timeout(600)
    assert len(collector.events) == 1


def test_consent_makes_an_identity_that_withdrawal_takes_away(visitor: Open, context: BrowserContext, collector: Collector) -> None:
    page = visitor("/")
    assert page.evaluate("() => [vincle.consent('true'), vincle.consent(true), vincle.consent(true)]") == [False, True, True]
    (given,) = collector.until(page, "Consent Given")
    assert UUID.fullmatch(given["anonymousId"])
    assert "cookieless" not in given["context"]
    (cookie,) = context.cookies()
    assert (cookie["name"], cookie["value"], cookie["sameSite"], cookie["secure"]) == ("vincle_id", given["anonymousId"], "Lax", False)
    page.goto(page.url + "next")
    view = collector.until(page, "page", 2)[1]
    assert view["anonymousId"] == given["anonymousId"]
    page.evaluate("() => { vincle.track('Before'); vincle.consent(false); vincle.consent(false); vincle.track('After') }")
    (after,) = collector.until(page, "After")
    (withdrawn,) = collector.named("Consent Withdrawn")
    assert withdrawn["anonymousId"] == collector.named("Before")[0]["anonymousId"] == given["anonymousId"]
    assert "anonymousId" not in after
    assert after["context"]["cookieless"] is True
    assert not left_behind(page)
    page.reload()
    assert "anonymousId" not in collector.until(page, "page", 3)[2]
    assert not left_behind(page)


def test_the_attribute_is_consent_without_an_event(visitor: Open, shop: Shop, collector: Collector) -> None:
    shop.attributes = 'data-consent="granted"'
    page = visitor("/")
    (view,) = collector.until(page, "page")
    assert UUID.fullmatch(view["anonymousId"])
    assert len(collector.events) == 1
    page.evaluate("() => { vincle.consent(false); vincle.track('After') }")
    assert "anonymousId" not in collector.until(page, "After")[0]
    assert not left_behind(page)


def test_storage_may_be_lost_a_deleted_cookie_is_a_wish(visitor: Open, context: BrowserContext, collector: Collector) -> None:
    page = visitor("/")
    page.evaluate("() => { vincle.consent(true); localStorage.clear() }")
    page.reload()
    first, second = (event["anonymousId"] for event in collector.until(page, "page", 2)[1:] + collector.named("Consent Given"))
    assert first == second
    context.clear_cookies()
    page.reload()
    assert "anonymousId" not in collector.until(page, "page", 3)[2]
    assert not left_behind(page)


def test_one_visitor_on_all_subdomains(visitor: Open, collector: Collector) -> None:
    shop, www = visitor("/", "shop.cafe.localhost"), visitor("/", "www.cafe.localhost")
    shop.evaluate("() => vincle.consent(true)")
    www.reload()
    (given,) = collector.until(www, "Consent Given")
    assert collector.until(www, "page", 3)[2]["anonymousId"] == given["anonymousId"]
    www.evaluate("() => vincle.consent(false)")
    shop.reload()
    assert "anonymousId" not in collector.until(shop, "page", 4)[3]
    assert not left_behind(shop)


def test_global_privacy_control_is_no_consent(visitor: Open, context: BrowserContext, shop: Shop, collector: Collector) -> None:
    visitor("/").evaluate("() => vincle.consent(true)")
    context.add_init_script(GPC)
    shop.attributes = 'data-consent="granted"'
    page = visitor("/private")
    assert page.evaluate("() => vincle.consent(true)") is False
    page.evaluate("() => vincle.track('Tasted')")
    (event,) = collector.until(page, "Tasted")
    assert event["context"]["cookieless"] is True
    assert "anonymousId" not in event
    assert len(collector.named("Consent Given")) == 1
    assert not left_behind(page)


def test_campaigns_first_and_last(visitor: Open, shop: Shop, collector: Collector) -> None:
    page = visitor("/spring?utm_source=letter&utm_medium=email&utm_campaign=spring&gclid=A1b2")
    context = collector.until(page, "page")[0]["context"]
    assert {**context["campaign"], "at": ""} == {"source": "letter", "medium": "email", "name": "spring", "click": "gclid", "at": ""}
    assert {**context["first"], "at": ""} == {**context["campaign"], "at": "", "landing": "/spring", "referrer": ""}
    page.goto(shop.address + "/plain")
    plain = collector.until(page, "page", 2)[1]["context"]
    assert "campaign" not in plain
    assert (plain["first"]["landing"], plain["first"]["referrer"]) == ("/plain", "")
    page.goto(shop.address + "/spring?utm_source=letter")
    page.evaluate("() => vincle.consent(true)")
    page.goto(shop.address + "/autumn?utm_source=feed&fbclid=x", referer="https://feed.example/post?id=1")
    both = collector.until(page, "page", 4)[3]["context"]
    assert (both["campaign"]["source"], both["campaign"]["click"]) == ("feed", "fbclid")
    assert (both["first"]["source"], both["first"]["landing"]) == ("letter", "/spring")
    page.goto(shop.address + "/direct")
    direct = collector.until(page, "page", 5)[4]["context"]
    assert (direct["campaign"], direct["first"]) == (both["campaign"], both["first"])
    assert "A1b2" not in json.dumps(collector.requests)


def test_log_in_log_out_and_somebody_else(visitor: Open, collector: Collector) -> None:
    page = visitor("/")
    page.evaluate("""() => {
        vincle.identify("u0"); vincle.consent(true); vincle.identify("u1", { plan: "pro" });
        vincle.track("As one"); vincle.group("g1", { name: "Bell" });
        vincle.alias("u1", "old"); vincle.reset(); vincle.track("As nobody"); vincle.identify({ email: "pol@roca.example" });
        vincle.identify("u2"); vincle.identify("u3"); vincle.track("As three"); vincle.track(); vincle.group(); vincle.alias();
    }""")
    collector.until(page, "As three")
    one, nobody, three = (collector.named(name)[0] for name in ("As one", "As nobody", "As three"))
    assert (one["userId"], three["userId"]) == ("u1", "u3")
    assert "userId" not in nobody
    assert len({one["anonymousId"], nobody["anonymousId"], three["anonymousId"]}) == 3
    assert {name: collector.named("group")[0][name] for name in ("groupId", "traits")} == {"groupId": "g1", "traits": {"name": "Bell"}}
    assert [(event["userId"], event["previousId"]) for event in collector.named("alias")] == [("u1", "old")]
    zero = next(event for event in collector.named("identify") if event.get("userId") == "u0")
    assert "anonymousId" not in zero
    traits: list[Any] = [event.get("traits") for event in collector.named("identify")]
    assert {"email": "pol@roca.example"} in traits


def test_tabs_agree_on_consent(visitor: Open, collector: Collector) -> None:
    one, two = visitor("/one"), visitor("/two")
    one.evaluate("() => { vincle.consent(true); vincle.identify('u1') }")
    (given,) = collector.until(one, "Consent Given")
    two.evaluate("() => vincle.track('With')")
    assert [collector.until(two, "With")[0][name] for name in ("anonymousId", "userId")] == [given["anonymousId"], "u1"]
    two.evaluate("() => vincle.consent(false)")
    collector.until(two, "Consent Withdrawn")
    one.evaluate("() => vincle.track('Without')")
    assert not {"anonymousId", "userId"} & set(collector.until(one, "Without")[0])
    assert not left_behind(one)


def test_an_order_is_one_however_often_its_page_is_loaded(visitor: Open, shop: Shop, collector: Collector) -> None:
    shop.early = "window.vincle = []; vincle.push(['track', 'Order Completed', { order_id: 'A-1', total: 12.5, currency: 'EUR' }])"
    page = visitor("/thanks")
    page.reload()
    first, second = collector.until(page, "Order Completed", 2)
    assert first["messageId"] == second["messageId"] == "Order Completed A-1"
    page.evaluate("() => { vincle.track('Order Completed'); vincle.track('Order Completed', { order_id: 'A-2' }) }")
    assert len({event["messageId"] for event in collector.until(page, "Order Completed", 4)}) == 3
