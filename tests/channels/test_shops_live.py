"""Shops and payments that are asked: nothing is missed and nothing counted twice, however pages, tokens and deliveries fall."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.channels.shop_tools import balance, standing
from tests.servers.lines import ScriptedLine
from vincle.channels import shopify, stripe, woocommerce
from vincle.channels._shopify import host
from vincle.channels.base import Channel
from vincle.channels.live import Answer, Problem, Pulled
from vincle.vocabulary import Activity, Outcome, Verb

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAYLOADS = Path(__file__).parent
Answers = Callable[[str, str, dict[str, str], Any], Any]


def payload(channel: str, name: str) -> Any:
    found = json.loads((PAYLOADS / channel / f"{name}.json").read_text())
    return found if channel == "stripe" else found["body"]


def at(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def read(channel: Channel, *pages: Pulled) -> list[Outcome]:
    return [item for page in pages for raw in page.items for item in channel.parse(raw, NOW)]


def orders(channel: Channel, *pages: Pulled) -> list[str]:
    return [item.object_key for item in read(channel, *pages) if isinstance(item, Activity) and item.native_id.startswith("order:")]


def walked(ask: Callable[[Any, str, str], Pulled], line: Any, stream: str, cursor: str = "") -> list[Pulled]:
    found = [ask(line, stream, cursor)]
    while found[-1].more:
        assert len(found) < 50
        found.append(ask(line, stream, found[-1].cursor))
    return found


class Woo:
    """A shop with its orders: (number, minutes ago created, minutes ago changed)."""

    def __init__(self, *rows: tuple[int, float, float], knows_filter: bool = True) -> None:
        self.rows, self.knows_filter, self.drops_header = list(rows), knows_filter, False

    def __call__(self, method: str, url: str, query: dict[str, str], body: Any) -> Any:
        if self.drops_header and "consumer_key" not in query:
            return 401, {"code": "woocommerce_rest_cannot_view", "message": "Sorry, you cannot list resources."}
        assert url.startswith("https://cafe.example/wp-json/wc/v3/")
        if url.endswith("/customers"):
            return []
        found = self.rows
        if self.knows_filter and "modified_after" in query:
            found = [row for row in found if f"{at(row[2]):%Y-%m-%dT%H:%M:%S}" > query["modified_after"]]
        if "before" in query:
            found = [row for row in found if f"{at(row[1]):%Y-%m-%dT%H:%M:%S}" < query["before"]]
        found = sorted(found, key=lambda row: row[0] if query.get("orderby") == "id" else row[1])
        size = int(query["per_page"])
        start = (int(query.get("page", "1")) - 1) * size
        shown = [self.order(*row) for row in found[start : start + size]]
        return Answer(status=200, url=url, headers={"x-wp-total": str(len(found))}, body=json.dumps(shown).encode())

    def order(self, number: int, created: float, changed: float) -> Any:
        times = {"date_created_gmt": f"{at(created):%Y-%m-%dT%H:%M:%S}", "date_modified_gmt": f"{at(changed):%Y-%m-%dT%H:%M:%S}"}
        return payload("woocommerce", "order_created_paid") | {"id": number, "_links": {}} | times

    def line(self, now: datetime = NOW, **settings: str) -> ScriptedLine:
        given = {"url": "https://cafe.example"} | settings
        return ScriptedLine(self, given, {"consumer_key": "ck_1", "consumer_secret": "cs_1"}, now)


def test_every_changed_order_comes_once() -> None:
    woo = Woo(*((number, 5000, 30 - number / 10) for number in range(1, 121)), (500, 9000, 600))
    pages = walked(woocommerce.channel.pull, woo.line(), "orders")
    assert [len(page.items) for page in pages] == [50, 50, 20]
    assert sorted(map(int, orders(woocommerce.channel, *pages))) == list(range(1, 121))
    assert not woocommerce.channel.pull(woo.line(), "orders", pages[-1].cursor).items
    woo.rows += [(7000, 18, 18), (500, 9000, 18)]  # in the very second that was seen last, and an old one that changed
    later = woocommerce.channel.pull(woo.line(), "orders", pages[-1].cursor)
    assert sorted(orders(woocommerce.channel, later)) == ["500", "7000"]


def test_a_shop_of_long_ago_is_not_read_from_end_to_end() -> None:
    woo = Woo(*((number, 900_000 - number, 900_000 - number) for number in range(1, 400)), knows_filter=False)
    assert [len(page.items) for page in walked(woocommerce.channel.pull, woo.line(), "orders")] == [0]


def test_the_past_newest_first_also_while_orders_are_taken_off() -> None:
    woo = Woo(*((number, 10 * number, 10 * number) for number in range(1, 131)))
    line, channel = woo.line(), woocommerce.channel
    first = channel.past(line, "orders", "")
    assert (first.total, first.done, first.more, orders(channel, first)[0]) == (130, 50, True, "1")
    woo.rows = [row for row in woo.rows if row[0] not in (3, 4)]
    pages = [first, *walked(channel.past, line, "orders", first.cursor)]
    assert {str(row[0]) for row in woo.rows} <= set(orders(channel, *pages))


def test_what_is_asked_is_what_a_webhook_brings() -> None:
    """The same state by both ways is one act, of one customer."""
    delivered = json.loads((PAYLOADS / "woocommerce" / "order_created_paid.json").read_text())
    keys = {"consumer_key": "a", "consumer_secret": "b"}
    line = ScriptedLine(lambda *_: [delivered["body"]], {"url": "https://admin.example"}, keys, NOW)
    (asked, *_), (brought, *_) = (
        read(woocommerce.channel, woocommerce.channel.past(line, "orders", "")),
        list(woocommerce.channel.parse(json.dumps(delivered).encode(), NOW)),
    )
    assert asked == brought


def test_keys_of_a_shop_behind_a_server_that_drops_headers() -> None:
    woo = Woo((1, 5, 5))
    woo.drops_header = True
    line = woo.line()
    assert woocommerce.channel.check(line).account == "cafe.example"
    assert line.secrets["keys_in_query"] == "1"
    line.asked.clear()
    woocommerce.channel.pull(line, "orders", "")
    assert len(line.asked) == 1


@pytest.mark.parametrize(
    ("settings", "code"), [({"url": "http://cafe.example"}, "needs_https"), ({"url": ""}, "setting_missing")], ids=["plain", "nowhere"]
)
def test_keys_are_not_sent_just_anywhere(settings: dict[str, str], code: str) -> None:
    line = Woo().line(**settings)
    with pytest.raises(Problem) as raised:
        woocommerce.channel.check(line)
    assert (raised.value.code, line.asked) == (code, [])


@pytest.mark.parametrize("channel", [woocommerce.channel, shopify.channel, stripe.channel], ids=lambda channel: channel.spec.id)
def test_who_only_has_it_delivered_is_not_asked(channel: Channel) -> None:
    line = ScriptedLine(lambda *_: (500, None), {}, {"secret": "of the webhooks"}, NOW)
    assert channel.check(line).notes == ("only_delivered",)
    for stream in channel.spec.streams:
        assert channel.pull(line, stream.name, "c") == channel.past(line, stream.name, "c") == Pulled(cursor="c")
    assert line.asked == []


class Shop:
    """A shop at Shopify: numbers of orders with the minutes since their change, and tokens that may be taken back."""

    def __init__(self, *rows: tuple[int, float], scopes: tuple[str, ...] = ("read_orders", "read_customers")) -> None:
        self.rows, self.scopes, self.tokens, self.good = list(rows), scopes, 0, ""
        self.forgets_pages = False

    def __call__(self, method: str, url: str, query: dict[str, str], body: Any) -> Any:
        assert url.startswith("https://cafe.myshopify.com/admin/")
        if url.endswith("access_token"):
            self.tokens += 1
            self.good = f"shpat_{self.tokens}"
            return {"access_token": self.good, "expires_in": 86399} if body["client_secret"] == "s" else (400, {"error": "invalid_request"})
        if url.endswith("access_scopes.json"):
            return {"access_scopes": [{"handle": scope} for scope in self.scopes]}
        if url.endswith("shop.json"):
            return {"shop": {"name": "Cafè Lligam"}}
        if url.endswith("count.json"):
            return {"count": len(self.rows)}
        if self.forgets_pages and "page_info" in query:
            self.forgets_pages = False
            return 400, {"errors": {"page_info": "Invalid value."}}
        return self.page(url, query)

    def page(self, url: str, query: dict[str, str]) -> Answer:
        told = json.loads(query["page_info"]) if "page_info" in query else {"query": query, "start": 0}
        asked, start, size = told["query"], told["start"], int(query["limit"])
        since, until = asked.get("updated_at_min", ""), asked.get("created_at_max", "Z")
        found = [row for row in self.rows if since <= f"{at(row[1]):%Y-%m-%dT%H:%M:%SZ}" <= until]
        found.sort(key=lambda row: row[1], reverse="asc" in asked["order"])
        rows = [self.order(*row) for row in found[start : start + size]]
        headers = {"x-shopify-shop-api-call-limit": "32/40"}
        if len(found) > start + size:
            told = {"limit": size, "page_info": json.dumps({"query": asked, "start": start + size})}
            headers["link"] = f'<https://elsewhere.example/x?{urlencode(told)}>; rel="next"'
        return Answer(status=200, url=url, headers=headers, body=json.dumps({"orders": rows}).encode())

    def order(self, number: int, changed: float) -> Any:
        when = f"{at(changed):%Y-%m-%dT%H:%M:%SZ}"
        return payload("shopify", "orders_paid") | {"id": number, "updated_at": when, "created_at": when}

    def line(self, now: datetime = NOW, secret: str = "s") -> ScriptedLine:
        return ScriptedLine(self, {"shop": "cafe.myshopify.com", "client_id": "c"}, {"client_secret": secret}, now)


def test_a_shop_lets_its_own_app_in_for_a_day_at_a_time() -> None:
    shop = Shop()
    line = shop.line()
    standing_ = shopify.channel.check(line)
    assert (standing_.account, standing_.scopes_missing, standing_.notes) == ("Cafè Lligam", (), ("orders_of_60_days",))
    shopify.channel.pull(line, "orders", "")
    assert shop.tokens == 1
    line.clock = NOW + timedelta(hours=23, minutes=30)
    shopify.channel.pull(line, "orders", "")
    assert shop.tokens == 2
    assert shopify.channel.check(Shop(scopes=("write_orders",)).line()).scopes_missing == ("read_customers",)
    with pytest.raises(Problem) as raised:
        shopify.channel.check(shop.line(secret="wrong"))
    assert (raised.value.kind, raised.value.code) == ("auth", "invalid_client")


@pytest.mark.parametrize("forgets", [False, True], ids=["", "pages forgotten"])
def test_every_order_of_a_shop_comes_once(forgets: bool) -> None:
    shop = Shop(*((number, 20 - number / 100) for number in range(1, 231)), (900, 5000))
    line, channel = shop.line(), shopify.channel
    first = channel.pull(line, "orders", "")
    assert (first.quota, first.pause) == (pytest.approx(0.2), 4.0)
    shop.forgets_pages = forgets
    pages = [first, *walked(channel.pull, line, "orders", first.cursor)]
    assert {int(each) for each in orders(channel, *pages)} == set(range(1, 231))
    assert forgets or len(orders(channel, *pages)) == 230
    assert all(url.startswith("https://cafe.myshopify.com/") for _method, url, _query, _body in line.asked)
    assert not channel.pull(line, "orders", pages[-1].cursor).items
    past = channel.past(line, "orders", "")
    assert past.total == 231
    shop.forgets_pages = forgets
    back = [past, *walked(channel.past, line, "orders", past.cursor)]
    assert {int(each) for each in orders(channel, *back)} == {*range(1, 231), 900}


@pytest.mark.parametrize(
    ("given", "found"),
    [("Cafe", "cafe"), ("https://cafe.myshopify.com/admin", "cafe"), ("admin.shopify.com/store/cafe", "cafe"), ("cafe.example", ""),
     ("cafe.myshopify.com.evil.example", ""), ("evil.example/cafe.myshopify.com", ""), ("cafe@evil.example", ""), ("", "")],
)  # fmt: skip
def test_a_token_goes_to_shopify_and_nowhere_else(given: str, found: str) -> None:
    line = ScriptedLine(lambda *_: None, {"shop": given}, {}, NOW)
    if found:
        assert host(line) == f"{found}.myshopify.com"
        return
    with pytest.raises(Problem, match="not_an_address"):
        host(line)


def listed(*rows: Any, more: bool = False) -> Any:
    return {"object": "list", "has_more": more, "data": list(rows)}


def refund(number: int, amount: int, status: str = "succeeded") -> Any:
    return {"id": f"re_{number}", "amount": amount, "currency": "eur", "status": status, "created": 1793800000 + number}


def paying(answers: Answers) -> ScriptedLine:
    return ScriptedLine(answers, {}, {"api_key": "rk_live_1"}, NOW)


@pytest.mark.parametrize("is_listed", [True, False])
def test_a_charge_of_the_past_is_what_its_events_would_have_told(is_listed: bool) -> None:
    """Two partial refunds, one that failed: heard as events, read as past, or both in any order, the money is the same."""
    told = [payload("stripe", name) for name in ("charge_succeeded", "charge_refunded_in_part", "charge_refunded_again")]
    told = [event for event in told if event["data"]["object"]["id"] == "ch_3SLg1A"]
    charge = told[-1]["data"]["object"]
    refunds = listed(refund(3, 1935), refund(2, 700, "failed"), refund(1, 1000))
    row = charge | {"refunds": refunds if is_listed else listed(refund(3, 1935), more=True)}
    line = paying(lambda _m, url, *_: refunds if url.endswith("/refunds") else listed(row))
    page = stripe.channel.past(line, "charges", "")
    past = read(stripe.channel, page)
    found = standing(past)
    assert {native: (act.verb, act.amount) for native, act in found.items()} == {
        "charge:ch_3SLg1A": (Verb.PURCHASE, Decimal("29.35")),
        "charge:ch_3SLg1A:refund:0": (Verb.REFUND, Decimal("10")),
        "charge:ch_3SLg1A:refund:1000": (Verb.REFUND, Decimal("19.35")),
    }
    events = [list(stripe.channel.parse(json.dumps(event).encode(), NOW)) for event in told]
    for order in permutations([past, *events]):
        assert balance([item for part in order for item in part]) == {"EUR": Decimal(0)}


def test_chargebacks_of_the_past() -> None:
    charge = payload("stripe", "charge_succeeded")["data"]["object"] | {"disputed": True, "amount_refunded": 0}
    moves = [{"amount": -2935, "created": 1793900000}]
    dispute = {"id": "dp_1", "charge": charge["id"], "amount": 2935, "currency": "eur", "livemode": True, "balance_transactions": moves}
    line = paying(lambda _m, url, *_: listed(dispute) if url.endswith("/disputes") else listed(charge))
    assert balance(read(stripe.channel, stripe.channel.past(line, "charges", ""))) == {"EUR": Decimal(0)}
    moves.append({"amount": 2935, "created": 1794000000})
    assert balance(read(stripe.channel, stripe.channel.past(line, "charges", ""))) == {"EUR": Decimal("29.35")}
    blind = paying(lambda _m, url, *_: (403, {"error": {"message": "no"}}) if url.endswith("/disputes") else listed(charge))
    assert balance(read(stripe.channel, stripe.channel.past(blind, "charges", ""))) == {"EUR": Decimal("29.35")}


def test_events_down_to_where_they_are_known() -> None:
    model = payload("stripe", "charge_succeeded")
    rows = [model | {"id": f"evt_{number}", "created": int(at(number / 2).timestamp())} for number in range(1, 121)]
    asked: list[dict[str, str]] = []
    gone = [True]

    def answers(_method: str, url: str, query: dict[str, str], _body: Any) -> Any:
        asked.append(query)
        if query.get("starting_after") == "evt_50" and gone.pop():
            return 404, {"error": {"message": "No such event"}}
        first, last = int(query["created[gte]"]), int(query.get("created[lte]", "9" * 12))
        found = [row for row in rows if first <= row["created"] <= last]
        start = next((place + 1 for place, row in enumerate(found) if row["id"] == query.get("starting_after")), 0)
        return listed(*found[start : start + 50], more=len(found) > start + 50)

    line = paying(answers)
    pages = walked(stripe.channel.pull, line, "charges")
    came = [json.loads(raw)["id"] for page in pages for raw in page.items]
    assert set(came) == {f"evt_{number}" for number in range(1, 121)}, "the hour before the first question"
    assert len(came) <= 121, "only what stands at the border may come again"
    assert asked[0]["types[0]"].startswith("charge.")
    rows.insert(0, model | {"id": "evt_0", "created": rows[0]["created"]})
    later = stripe.channel.pull(line, "charges", pages[-1].cursor)
    assert [json.loads(raw)["id"] for raw in later.items] == ["evt_0"]


def test_what_a_key_may_not_read_is_said() -> None:
    def answers(_method: str, url: str, *_: Any) -> Any:
        if url.endswith(("/disputes", "/account")):
            return 403, {"error": {"message": "The provided key does not have the required permissions"}}
        return listed()

    found = stripe.channel.check(paying(answers))
    assert (found.account, found.scopes_missing) == ("", ("Disputes",))
    named = stripe.channel.check(paying(lambda *_: listed() | {"id": "acct_1", "business_profile": {"name": "Cafè Lligam"}}))
    assert (named.account, named.scopes_missing) == ("Cafè Lligam", ())
