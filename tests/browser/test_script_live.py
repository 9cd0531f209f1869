"""vincle.js on a shop, sending to the real collector: what a visitor does is in the log, under whom they agreed to be."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.sites import Shop, shop_of
from tests.browser.test_script import GPC
from tests.browser.test_script_delivery import HIDE
from tests.browser.tools import watched
from tests.project.installation import Installation, installation

LOG = """
import json
from vincle.listen.models import Activity, Handle
from vincle.identify.models import Belonging
kinds, persons = dict(Handle.objects.values_list("key", "kind")), dict(Belonging.objects.values_list("handle", "person"))
columns = ("native_id", "verb", "object_type", "event_name", "url", "campaign_key", "amount", "currency", "props", "actor")
rows = list(Activity.objects.filter(channel="web", url__contains={path!r}).order_by("happened_at", "seq").values(*columns))
print(json.dumps([{{**row, "kind": kinds.get(row["actor"]), "person": persons.get(row["actor"])}} for row in rows], default=str))
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("script")) as made:
        made.workspace()
        yield made


@pytest.fixture(scope="module")
def real(place: Installation) -> Iterator[Shop]:
    key = place.json("source", "add", "shop")["write_key"]
    with shop_of(place.up(), key) as shop:
        yield shop


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB")
    page, watch = watched(context)
    yield page
    context.close()
    watch.trouble = [one for one in watch.trouble if "ERR_INTERNET_DISCONNECTED" not in one]
    watch.check()


def visit(page: Page, shop: Shop, path: str) -> None:
    page.goto(shop.address + path)
    page.wait_for_function("() => window.vincle && window.vincle.track")


def logged(place: Installation, path: str, *names: str, of_someone: str = "") -> dict[str, Any]:
    """Acts on pages under `path` by name, once all of these are in the log; what has no name goes by its verb.

    `of_someone`: the one of them for which it is known whose it is; that is found out a moment later.
    """
    found: dict[str, Any] = {}

    def there() -> bool:
        rows = json.loads(place.python(LOG.format(path=path)))
        names_of = [row["event_name"] or row["verb"] for row in rows]
        found.clear()
        found.update({name: {**row, "times": names_of.count(name)} for name, row in zip(names_of, rows, strict=True)})
        assert len({row["native_id"] for row in rows}) == len(rows)
        return set(names) <= set(found) and (not of_someone or found[of_someone]["person"] is not None)

    place.wait(there)
    return found


def test_from_the_first_page_to_the_order(place: Installation, real: Shop, tab: Page) -> None:
    visit(tab, real, "/order?utm_source=letter&utm_campaign=spring&email=ona@bell.example")
    logged(place, "/order", "View")  # the page was looked at before anyone agreed to anything
    tab.evaluate("""() => { vincle.consent(true); vincle.identify("u-17", { email: "ona@bell.example", name: "Ona Bell" });
        vincle.track("Order Completed", { order_id: "A-1", total: 12.5, currency: "EUR" });
        vincle.track("Order Completed", { order_id: "A-1", total: 12.5, currency: "EUR" }); vincle.reset() }""")
    found = logged(place, "/order", "View", "Consent Given", "Order Completed", of_someone="Order Completed")
    view, given, order = found["View"], found["Consent Given"], found["Order Completed"]
    assert (view["kind"], view["url"], view["campaign_key"]) == ("visit", f"{real.address}/order", "spring")
    assert (given["verb"], given["object_type"], given["kind"]) == ("Grant", "Purpose", "cookie")
    assert (order["verb"], order["object_type"], float(order["amount"]), order["currency"]) == ("Purchase", "Order", 12.5, "EUR")
    assert order["kind"] == "login"
    assert order["times"] == 1, "told again when its page is loaded again"
    assert order["person"] == given["person"], "log-in and consented visits are one person"
    assert order["person"]
    assert view["person"] is None, "what was before consent stays nobody's"
    place.wait(lambda: "Ona Bell" in place.run("people", "ona"))


def test_what_happened_without_a_net_comes_later(place: Installation, real: Shop, tab: Page) -> None:
    visit(tab, real, "/offline")
    tab.evaluate("() => vincle.consent(true)")
    logged(place, "/offline", "Consent Given")
    tab.context.set_offline(True)
    tab.evaluate("() => vincle.track('Tasted')")
    tab.evaluate(HIDE)
    tab.context.set_offline(False)
    visit(tab, real, "/offline")
    assert logged(place, "/offline", "Tasted")["Tasted"]["kind"] == "cookie"


def test_what_happens_on_leaving(place: Installation, real: Shop, tab: Page) -> None:
    visit(tab, real, "/leaving")
    tab.evaluate("() => { vincle.track('Left'); location.href = 'about:blank' }")
    assert logged(place, "/leaving", "Left", "View")["Left"]["kind"] == "visit"


def test_opted_out_by_the_browser(place: Installation, real: Shop, tab: Page) -> None:
    tab.context.set_extra_http_headers({"Sec-GPC": "1"})
    tab.add_init_script(GPC)
    visit(tab, real, "/private")
    tab.evaluate("() => { vincle.consent(true); vincle.track('Looked') }")
    assert logged(place, "/private", "Looked")["Looked"]["kind"] == "visit"
    assert not tab.context.cookies()
