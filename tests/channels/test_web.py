"""Web sites, apps and servers: what the collector kept of their requests, as acts and facts."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vincle.channels.web import channel, fault
from vincle.vocabulary import Activity, Fact, HandleRef, ObjectType, Outcome, PersonKind, Reject, Verb, Warn

PAYLOADS = Path(__file__).parent / "web"
AT = datetime(2026, 11, 1, 11, 59, 0, 250_000, UTC)
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ANA = HandleRef("login", "ana@example.org")
CALLS = ("identify", "track", "page", "screen", "group", "alias")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["\x00", "\ud83d", "undefined", "1e999", "ana@x.org"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
)
MEMBERS = ("type", "messageId", "userId", "anonymousId", "previousId", "groupId", "event", "name", "timestamp", "originalTimestamp",
           "sentAt", "properties", "traits", "context", "category")  # fmt: skip
PROPERTIES = ("total", "revenue", "value", "currency", "products", "order_id", "rating", "url", "path", "title", "email", "referrer")
NAMES = ("Order Completed", "Order Refunded", "Product Reviewed", "Form Submitted", "Link Clicked", "Consent Given", "Signed Up")


def parse(envelopes: Any) -> list[Outcome]:
    raw = envelopes if isinstance(envelopes, bytes) else json.dumps(envelopes).encode()
    return list(channel.parse(raw, NOW))


def payload(name: str) -> list[Outcome]:
    return parse((PAYLOADS / name).read_bytes())


def envelope(call: str, body: Any, **more: Any) -> dict[str, Any]:
    return {"at": AT.isoformat(), "call": call, "gpc": False, "agent": "", "visit": "", "body": body, **more}


def act(call: str = "track", /, envelope_of: dict[str, Any] | None = None, **event: Any) -> Activity:
    """The one act of a single call."""
    found = [item for item in parse([envelope(call, event, **(envelope_of or {}))]) if isinstance(item, Activity)]
    assert len(found) == 1
    return found[0]


def fact(call: str, /, **event: Any) -> Fact:
    found = [item for item in parse([envelope(call, event)]) if isinstance(item, Fact)]
    assert len(found) == 1
    return found[0]


def by_id(outcomes: list[Outcome]) -> dict[str, Any]:
    return {item.native_id: item for item in outcomes if isinstance(item, Activity | Fact)}


class TestServers:
    """As the official server clients send them."""

    def test_identify_is_a_fact_of_all_handles(self) -> None:
        ana = by_id(payload("servers.json"))["m-1"]
        assert [(handle.kind, handle.value) for handle in ana.handles] == [
            ("login", "user-1"),
            ("email", "ana.gil@example.org"),
            ("phone", "+34600000001"),
        ]
        assert (ana.name, ana.kind, ana.handles[0].name) == ("Ana Gil", PersonKind.PERSON, "Ana Gil")

    def test_traits_get_the_names_of_the_house(self) -> None:
        traits = by_id(payload("servers.json"))["m-1"].traits
        assert traits == {
            "first_name": "Ana", "last_name": "Gil", "birthday": "1990-04-03", "job_title": "Baker", "plan": "pro", "age": 36,
            "city": "Girona", "postcode": "17001", "country": "ES", "street": "Carrer Nou 1", "region": "Catalunya", "company": "Forn Gil",
            "company.employees": 4, "website": "https://forn.example", "tags": ["vip", "bread"], "createdAt": "2026-01-02T03:04:05+00:00",
        }  # fmt: skip

    def test_a_trait_that_cannot_be_is_told(self) -> None:
        warns = [(item.line, item.code, item.field) for item in payload("servers.json") if isinstance(item, Warn)]
        assert warns == [(1, "invalid_url", "traits.avatar")]

    def test_traits_of_the_context_count(self) -> None:
        assert by_id(payload("servers.json"))["m-7"].handles[:2] == (HandleRef("login", "7"), HandleRef("email", "luz@example.org"))

    def test_a_batch_shares_its_context(self) -> None:
        signed = by_id(payload("servers.json"))["m-8"]
        assert (signed.language, signed.props) == ("ca", {"library": "shared", "locale": "ca-ES", "plan": "free"})

    def test_the_senders_clock_is_put_right(self) -> None:
        found = by_id(payload("servers.json"))
        assert found["m-2"].happened_at == datetime(2026, 11, 1, 11, 58, 59, tzinfo=UTC)
        assert found["m-8"].happened_at == datetime(2026, 11, 1, 11, 58, 2, tzinfo=UTC)

    def test_a_track_is_what_may_be_counted_and_what_is_personal(self) -> None:
        given = by_id(payload("servers.json"))["m-2"]
        assert (given.verb, given.event_name, given.campaign_key) == (Verb.TRACK, "Donation Completed", "Autumn")
        assert given.props == {
            "utm_source": "mastodon", "utm_medium": "social", "library": "analytics-python", "amount": 12.5, "currency": "EUR",
            "tags": ["a", "ñ"],
        }  # fmt: skip
        assert given.body == {"note": "for the roof", "by": "ana@example.org"}

    def test_a_page_without_what_follows_it(self) -> None:
        page = by_id(payload("servers.json"))["m-3"]
        assert (page.verb, page.object_type, page.object_key) == (Verb.VIEW, ObjectType.PAGE, "https://example.org/start")
        assert (page.url, page.event_name, page.campaign_key) == ("https://example.org/start", "Home", "May")
        assert page.props == {"utm_source": "x", "library": "analytics-python", "path": "/start", "category": "Docs"}

    def test_a_screen_is_a_page_of_an_app(self) -> None:
        screen = by_id(payload("servers.json"))["m-4"]
        assert (screen.verb, screen.object_type, screen.event_name, screen.object_key) == (Verb.VIEW, ObjectType.PAGE, "Main", "Main")

    def test_a_group_is_an_organisation_someone_joined(self) -> None:
        found = [item for item in payload("servers.json") if isinstance(item, Activity | Fact) and item.native_id.startswith("m-5")]
        organisation, joined = found  # in this order: a handle first seen as the target of an act would count as one of ours
        assert isinstance(organisation, Fact)
        assert isinstance(joined, Activity)
        assert (organisation.kind, organisation.name, organisation.traits) == (PersonKind.ORGANISATION, "Coop", {"industry": "Food"})
        assert organisation.handles == (HandleRef("external", "group:org-9", "Coop"),)
        assert (joined.native_id, joined.verb, joined.target) == ("m-5", Verb.JOIN, HandleRef("external", "group:org-9"))

    def test_an_alias_joins_two_ids(self) -> None:
        alias = by_id(payload("servers.json"))["m-6"]
        assert alias.handles == (HandleRef("login", "user-1"), HandleRef("login", "anon-7"), HandleRef("cookie", "anon-7"))

    def test_an_alias_of_a_browser(self) -> None:
        old = "6f0c4b9e-1c8e-4a7e-8a51-0d3c9e0f0a01"
        assert fact("alias", userId="u", previousId=old, messageId="a").handles == (HandleRef("login", "u"), HandleRef("cookie", old))

    def test_order_within_a_batch_is_kept(self) -> None:
        ids = [item.native_id for item in payload("servers.json") if isinstance(item, Activity | Fact)]
        assert ids == ["m-1", "m-2", "m-3", "m-4", "m-5:group", "m-5", "m-6", "m-7", "m-8"]


class TestShops:
    def test_orders_have_an_amount(self) -> None:
        found = by_id(payload("orders.json"))
        told = {
            name: (item.verb, item.object_type, item.object_key, item.amount, item.currency)
            for name, item in found.items()
            if name[:2] == "o-"
        }
        order = ObjectType.ORDER
        assert told["o-5"] == (Verb.PURCHASE, order, "A-100", Decimal("8.25"), "EUR")
        assert told["o-6"] == (Verb.PURCHASE, order, "A-101", Decimal("19.90"), "EUR")
        assert told["o-7"] == (Verb.PURCHASE, order, "A-102", Decimal("8.25"), "")
        assert told["o-8"] == (Verb.REFUND, order, "A-100", Decimal("3.5"), "EUR")
        assert told["o-9"] == (Verb.REFUND, order, "A-101", Decimal("19.9"), "EUR")
        assert told["o-10"] == (Verb.PURCHASE, order, "A-103", None, "")
        assert found["o-5"].props["products"] == ["p9", "p4"]
        assert (found["o-5"].props["items"], found["o-5"].props["quantity"]) == (2, 3)

    def test_what_cannot_be_money_is_told(self) -> None:
        warns = [(item.line, item.code, item.field, item.detail) for item in payload("orders.json") if isinstance(item, Warn)]
        assert warns == [(7, "invalid_currency", "currency", "euros please"), (10, "invalid_amount", "total", "a lot")]

    @pytest.mark.parametrize(
        ("properties", "amount"),
        [
            ({"total": 0}, Decimal(0)),
            ({"total": 0.1 + 0.2}, Decimal("0.3000")),
            ({"total": "1.234,56 €"}, Decimal("1234.56")),
            ({"total": None, "revenue": "", "value": 5}, Decimal(5)),
            ({"products": [{"price": 1.1, "quantity": 3}, {"price": "2"}, {"name": "free"}]}, Decimal("5.3")),
            ({"total": -3}, None),
            ({"total": 10**15}, None),
            ({"total": [3]}, None),
        ],
    )
    def test_what_an_order_is_worth(self, properties: dict[str, Any], amount: Decimal | None) -> None:
        assert act(event="order_COMPLETED", userId="u", properties=properties).amount == amount

    def test_goods_that_were_looked_at(self) -> None:
        found = by_id(payload("orders.json"))
        told = {
            name: (item.verb, item.object_key, item.event_name)
            for name, item in found.items()
            if name in ("o-1", "o-2", "o-3", "o-4", "o-17")
        }
        assert told == {
            "o-1": (Verb.VIEW, "p9", "Product Viewed"), "o-2": (Verb.TRACK, "p9", "product_added"), "o-3": (Verb.VIEW, "c1", "Cart Viewed"),
            "o-4": (Verb.TRACK, "A-100", "Checkout Started"), "o-17": (Verb.TRACK, "x1", "Promotion Clicked"),
        }  # fmt: skip

    def test_a_review_has_stars_and_words(self) -> None:
        review = by_id(payload("orders.json"))["o-11"]
        assert (review.verb, review.object_type, review.object_key) == (Verb.CREATE, ObjectType.REVIEW, "p9")
        assert (review.rating, review.rating_max, review.text, review.language) == (4.0, 5.0, "Molt bo, gràcies", "")

    def test_words_searched_for_are_personal(self) -> None:
        searched = by_id(payload("orders.json"))["o-12"]
        assert searched.body == {"query": "pa de sègol"}
        assert "query" not in searched.props

    def test_what_a_form_says_is_personal(self) -> None:
        form = by_id(payload("orders.json"))["o-13"]
        assert (form.verb, form.object_type, form.object_key) == (Verb.SUBMIT, ObjectType.FORM, "contact")
        assert form.body == {"name": "Ana Gil", "email": "ana@example.org", "message": "When do you open on Sundays, please?"}

    def test_a_link_without_what_follows_it(self) -> None:
        link = by_id(payload("orders.json"))["o-14"]
        assert (link.verb, link.object_type, link.object_key) == (Verb.VIEW, ObjectType.LINK, "https://other.example/a")

    def test_consents_are_given_and_withdrawn(self) -> None:
        found = by_id(payload("orders.json"))
        assert [(found[name].verb, found[name].object_type) for name in ("o-15", "o-16")] == [
            (Verb.GRANT, ObjectType.PURPOSE),
            (Verb.REVOKE, ObjectType.PURPOSE),
        ]

    def test_a_log_in_and_a_cookie_are_linked_once(self) -> None:
        facts = [item for item in payload("orders.json") if isinstance(item, Fact)]
        assert [fact.handles for fact in facts] == [
            (ANA, HandleRef("email", "ana@example.org"), HandleRef("cookie", "6f0c4b9e-1c8e-4a7e-8a51-0d3c9e0f0a01"))
        ]
        again = parse([envelope("page", {"userId": ANA.value, "anonymousId": facts[0].handles[2].value, "messageId": "later"})])
        assert [item.native_id for item in again if isinstance(item, Fact)] == [facts[0].native_id]


class TestBrowsers:
    def test_without_a_cookie_the_visitor_of_the_day_acts(self) -> None:
        page = by_id(payload("browser.json"))["b-1"]
        assert (page.actor, page.object_key, page.title, page.language) == (HandleRef("visit", "9a1f"), "/p/9", "Rye bread", "es")
        assert page.props == {
            "utm_source": "y", "library": "vincle.js", "locale": "es-ES", "screen": "small", "path": "/p/9", "referrer": "www.google.com",
        }  # fmt: skip
        assert page.happened_at == datetime(2026, 11, 1, 11, 59, 0, 100_000, UTC)

    def test_who_opted_out_has_no_cookie(self) -> None:
        found = by_id(payload("browser.json"))
        assert (found["b-2"].actor, found["b-3"].actor) == (HandleRef("visit", "9a1f"), HandleRef("login", "user-9"))
        assert not [
            handle for item in payload("browser.json") if isinstance(item, Fact) for handle in item.handles if handle.kind == "cookie"
        ]
        nobody = act(anonymousId="c", event="E", envelope_of={"gpc": True})
        assert nobody.actor is None

    def test_who_opted_out_and_says_a_name_is_kept_as_nobody(self) -> None:
        named = act("identify", anonymousId="c", traits={"plan": "pro"}, messageId="i", envelope_of={"gpc": True})
        assert (named.native_id, named.actor, named.props, named.body) == ("i", None, {}, {})

    def test_an_address_is_a_handle_with_or_without_cookies(self) -> None:
        assert by_id(payload("browser.json"))["b-5"].handles == (HandleRef("email", "mar@example.org"), HandleRef("phone", "+34600000002"))

    def test_robots_are_told(self) -> None:
        found = [item for item in payload("browser.json") if isinstance(item, Activity) and item.is_machine]
        assert [item.native_id for item in found] == ["b-4"]

    @pytest.mark.parametrize(
        ("stamp", "sent", "happened"),
        [
            ("2026-11-01T11:58:59Z", None, "2026-11-01T11:58:59+00:00"),
            ("2026-11-01T12:58:59+01:00", None, "2026-11-01T11:58:59+00:00"),
            (1793534339, None, "2026-11-01T11:58:59+00:00"),
            (1793534339000, None, "2026-11-01T11:58:59+00:00"),
            ("2026-11-01T10:00:00Z", "2026-11-01T10:00:01Z", "2026-11-01T11:58:59.250000+00:00"),
            ("2031-11-01T10:00:00Z", "2031-11-01T10:00:01Z", "2026-11-01T11:58:59.250000+00:00"),
            ("2026-11-01T11:00:00Z", "1970-01-01T00:00:00Z", "2026-11-01T11:00:00+00:00"),
            ("2026-11-01T11:00:00Z", "soon", "2026-11-01T11:00:00+00:00"),
            ("2027-01-01T00:00:00Z", None, AT.isoformat()),
        ],
    )
    def test_when_it_happened(self, stamp: Any, sent: Any, happened: str) -> None:
        assert act(userId="u", event="E", timestamp=stamp, sentAt=sent).happened_at.isoformat() == happened
        assert act(userId="u", event="E", originalTimestamp=stamp, sentAt=sent).happened_at.isoformat() == happened

    @pytest.mark.parametrize(
        "stamp", ["1999-12-31T23:59:59Z", "yesterday", "", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00x", -5]
    )
    def test_times_that_cannot_be(self, stamp: Any) -> None:
        warned, item = parse([envelope("track", {"userId": "u", "event": "E", "timestamp": stamp})])
        assert isinstance(warned, Warn)
        assert isinstance(item, Activity)
        assert (warned.line, warned.code, warned.field, item.happened_at) == (1, "invalid_timestamp", "timestamp", AT)

    def test_events_without_an_id_get_one_that_stays(self) -> None:
        first, second = [item.native_id for item in payload("browser.json") if isinstance(item, Activity) and item.event_name == "No id"]
        assert first != second
        assert [item.native_id for item in payload("browser.json")[-3:-1] if isinstance(item, Activity)] == [first, second]
        alone = parse(json.dumps(json.loads((PAYLOADS / "browser.json").read_bytes())[8:9]).encode())
        assert [item.native_id for item in alone if isinstance(item, Activity)] == [first]  # whatever was read beside it

    def test_a_long_id_is_one_of_its_own(self) -> None:
        long, other = act(userId="u", event="E", messageId="x" * 400), act(userId="u", event="E", messageId="x" * 401)
        assert long.native_id != other.native_id
        assert max(len(long.native_id), len(other.native_id)) <= 300

    def test_addresses_hide_who_they_speak_of(self) -> None:
        page = act(
            "page", userId="u", properties={"url": "https://me:secret@a.example/u/ana@x.org?token=1#top", "path": "/u/ana@x.org?token=1"}
        )
        assert (page.url, page.object_key, page.props["path"]) == ("https://a.example/u/*", "/u/*", "/u/*")
        assert act("page", userId="u", properties={"path": "/#/cart?me=1"}).object_key == "/#/cart"

    def test_our_scripts_links_and_forms(self) -> None:
        link = act(anonymousId="c", event="Link Clicked", properties={"href": "other.example/a.pdf", "kind": "download"})
        assert (link.url, link.object_key, link.props) == (
            "https://other.example/a.pdf",
            "https://other.example/a.pdf",
            {"kind": "download"},
        )
        form = act(anonymousId="c", event="Form Submitted", properties={"name": "newsletter", "action": "a.example/join"})
        assert form.object_key == "newsletter"
        typed = act(
            anonymousId="c", event="Form Submitted", properties={"name": "Ana"}, context={"page": {"url": "https://a.example/join?x"}}
        )
        assert (typed.object_key, typed.body) == ("/join", {"name": "Ana"})

    def test_what_first_led_here_is_kept(self) -> None:
        first = {"source": "mastodon", "name": "May", "referrer": "a.example", "at": "2026-10-01T10:00:00Z"}
        assert act(anonymousId="c", event="E", context={"first": first}).props == {
            "first_source": "mastodon", "first_campaign": "May", "first_referrer": "a.example", "first_at": "2026-10-01T10:00:00Z",
        }  # fmt: skip

    def test_what_kind_of_click_led_here(self) -> None:
        assert act(anonymousId="c", event="E", context={"campaign": {"click": "gclid"}}).props == {"click": "gclid"}

    @pytest.mark.parametrize(("agent", "machine"), [("curl/8.5.0", False), ("Mozilla/5.0 HeadlessChrome/141.0", True), ("", False)])
    def test_programs_of_servers_speak_for_people(self, agent: str, machine: bool) -> None:
        assert act(userId="u", event="E", envelope_of={"agent": agent}).is_machine is machine
        assert act(userId="u", event="E", context={"userAgent": "Firefox"}, envelope_of={"agent": agent}).is_machine is False

    def test_where_someone_is(self) -> None:
        found = act(anonymousId="c", event="E", context={"location": {"country": "Spain", "city": "Girona"}, "locale": "ca"})
        assert (found.country, found.place, found.language) == ("ES", "Girona", "ca")


class TestRefusals:
    def test_each_is_told_with_its_place(self) -> None:
        found = [(item.line, item.code, item.field) for item in payload("refused.json") if isinstance(item, Reject)]
        assert found == [
            (1, "no_identity", "userId"), (2, "no_event_name", "event"), (3, "no_group", "groupId"), (4, "no_previous", "previousId"),
            (5, "unknown_type", "type"), (6, "not_an_object", ""), (7, "event_too_large", ""), (8, "no_identity", "userId"),
            (10, "not_an_object", "batch"),
        ]  # fmt: skip

    def test_the_good_rest_goes_in(self) -> None:
        assert [item.event_name for item in payload("refused.json") if isinstance(item, Activity)] == ["Good", "Also good"]

    def test_a_refusal_shows_the_event(self) -> None:
        first = payload("refused.json")[0]
        assert isinstance(first, Reject)
        assert json.loads(first.raw) == {"type": "track", "event": "E", "messageId": "r-1"}

    @pytest.mark.parametrize(
        ("call", "event", "told"),
        [
            ("track", {"userId": 7, "event": "E"}, None),
            ("track", {"anonymousId": "c", "event": "E", "type": "dance"}, None),
            ("track", {"context": {"cookieless": True}, "event": "E"}, None),
            ("track", {"userId": " ", "anonymousId": None, "event": "E"}, ("no_identity", "userId")),
            ("track", {"userId": "u", "event": {"x": 1}}, ("no_event_name", "event")),
            ("page", {"userId": "u"}, None),
            ("screen", {}, ("no_identity", "userId")),
            ("identify", {"traits": {}}, ("no_identity", "userId")),
            ("group", {"userId": "u", "groupId": ""}, ("no_group", "groupId")),
            ("alias", {"userId": "u", "previousId": 3}, None),
            ("alias", {"userId": "u", "anonymousId": "c"}, None),
            ("alias", {"previousId": "p"}, ("no_identity", "userId")),
            ("alias", {"userId": "u"}, ("no_previous", "previousId")),
            ("batch", {"userId": "u", "type": "page"}, None),
            ("import", {"userId": "u", "type": "Page"}, None),
            ("batch", {"userId": "u"}, ("unknown_type", "type")),
            ("dance", {"userId": "u"}, ("unknown_type", "type")),
        ],
    )
    def test_the_rule_of_the_door_is_the_rule_of_the_channel(self, call: str, event: dict[str, Any], told: tuple[str, str] | None) -> None:
        assert fault(call, event) == told
        raw = envelope(call, {"batch": [event]} if call in ("batch", "import") else event)
        refused = [(item.code, item.field) for item in parse([raw]) if isinstance(item, Reject)]
        assert refused == ([told] if told else [])


@given(call=st.sampled_from((*CALLS, "batch", "import", "")), event=st.dictionaries(st.sampled_from(MEMBERS), JSON), gpc=st.booleans())
@settings(max_examples=300, deadline=None)
def test_any_event_is_taken_or_refused_by_one_rule(call: str, event: dict[str, Any], gpc: bool) -> None:
    event = {name: value for name, value in event.items() if not isinstance(value, float)}
    body = {"batch": [event]} if call in ("batch", "import") else event
    outcomes = parse([envelope(call, body, gpc=gpc, visit="v")])
    assert outcomes == parse([envelope(call, body, gpc=gpc, visit="v")])
    refused = [(item.code, item.field) for item in outcomes if isinstance(item, Reject)]
    told = fault(call, json.loads(json.dumps(event)))
    assert refused == ([told] if told else [])
    assert told or any(isinstance(item, Activity | Fact) for item in outcomes)
    assert msgspec.json.encode(msgspec.to_builtins(outcomes))


@given(name=st.sampled_from(NAMES), properties=st.dictionaries(st.sampled_from(PROPERTIES), JSON), context=JSON)
@settings(max_examples=300, deadline=None)
def test_any_property_leaves_a_storable_act(name: str, properties: dict[str, Any], context: Any) -> None:
    found = act(event=name, userId="u", properties=properties, context=context, messageId="m")
    assert found.native_id == "m"
    assert len(found.object_key) <= 300
    assert len(found.campaign_key) <= 120
    assert len(found.currency) in (0, 3)
    assert found.amount is None or 0 <= found.amount < 10**14
    assert "@" not in json.dumps(found.props)
    assert msgspec.json.encode(msgspec.to_builtins(found))


class TestDamage:
    """What spoils one request spoils no other."""

    GOOD = json.dumps(envelope("track", {"userId": "u", "event": 'Good [,] "{', "messageId": "good"})).encode()

    @pytest.mark.parametrize(
        ("bad", "told"),
        [
            (b'{"at":"","call":"track","body":{"userId":"u","event":"E","properties":' + b"[" * 990 + b"]" * 990 + b"}}", "broken_json"),
            (b'{"at":"","call":"batch","body":{"batch":[{"type":"track",' + b'"properties":{"a":' * 990 + b"1" + b"}" * 991 + b"]}}", ""),
            (b'{"at":"","call":"track","body":{"userId":"u" "event"}}', "broken_json"),
            (b'{"at":"","call":"track","body":[1]}', "not_an_object"),
            (b'{"at":"","call":"batch","body":{"batch":[3]}}', "not_an_object"),
        ],
    )
    def test_the_others_go_in(self, bad: bytes, told: str) -> None:
        outcomes = parse(b"[" + self.GOOD + b"," + bad + b" ,\n" + self.GOOD.replace(b'"good"', b'"after"') + b"]")
        first, refused, last = outcomes
        assert isinstance(refused, Reject)
        assert (refused.line, refused.code) == (2, told or refused.code)
        assert [item.native_id for item in (first, last) if isinstance(item, Activity)] == ["good", "after"]
        assert [item.event_name for item in (first, last) if isinstance(item, Activity)] == ['Good [,] "{'] * 2

    def test_what_is_nested_deeply_can_be_stored(self) -> None:
        deep: Any = 1
        for _ in range(200):
            deep = {"a": deep}
        kept = act(userId="u", event="Order Completed", properties={"x": deep, "total": 1, "products": [{"price": 1, "deep": deep}]})
        assert msgspec.json.encode(kept.body)
        assert kept.amount == 1

    def test_letters_no_database_takes(self) -> None:
        raw = json.dumps([envelope("track", {"userId": "u\x00v", "event": "E", "properties": {"a\x00": "b\x00", "c": "\ud83d"}})]).encode()
        (found,) = parse(raw)
        assert isinstance(found, Activity)
        assert (found.actor, found.props) == (HandleRef("login", "uv"), {"a": "b", "c": "\ufffd"})
        assert act(userId="u", event="Smile \U0001f600").event_name == "Smile \U0001f600"


@given(st.lists(st.sampled_from(["track", "page", "identify"]), max_size=8), st.integers(0, 8))
def test_what_stands_beside_an_event_changes_nothing(calls: list[str], cut: int) -> None:
    events = [{"type": call, "userId": "u", "event": "E", "messageId": f"m{n}"} for n, call in enumerate(calls)]
    whole = parse([envelope("batch", {"batch": events})])
    parts = [item for part in (events[:cut], events[cut:]) for item in parse([envelope("batch", {"batch": part})])]
    assert [getattr(item, "native_id", "") for item in whole] == [getattr(item, "native_id", "") for item in parts]


@pytest.mark.parametrize("name", ["servers.json", "orders.json", "browser.json", "refused.json"])
def test_read_again_it_says_the_same(name: str) -> None:
    later = list(channel.parse((PAYLOADS / name).read_bytes(), NOW + timedelta(days=3)))
    assert later == payload(name)


@pytest.mark.parametrize("file", ["captures_python.json", "captures_node.json"])
def test_official_clients(shared_data: Path, file: str) -> None:
    """Every event that an official client sent once is an act or a fact, under its own id, with its own kind."""
    runs = json.loads((shared_data / "segment_clients" / file).read_text())
    kinds: Counter[str] = Counter()
    for run in runs.values():
        for request in run["requests"]:
            moment = request["t"] / (1000 if request["t"] > 1e11 else 1)
            at = datetime.fromtimestamp(moment, UTC).isoformat()
            agent = next((value for name, value in request["headers"].items() if name.lower() == "user-agent"), "")
            outcomes = parse([envelope("batch", request["body"], at=at, agent=agent)])
            sent = {event["messageId"]: event for event in request["body"]["batch"]}
            found = by_id(outcomes)
            assert not [item for item in outcomes if isinstance(item, Reject | Warn)]
            assert sent.keys() <= found.keys()
            for name, event in sent.items():
                kinds[event["type"]] += 1
                item = found[name]
                assert isinstance(item, Fact) == (event["type"] in ("identify", "alias"))
                happened = item.observed_at if isinstance(item, Fact) else item.happened_at
                assert abs((happened - datetime.fromisoformat(at)).total_seconds()) < 30
                if event["type"] == "identify":
                    assert HandleRef("email", "ana@example.org") in item.handles
                if isinstance(item, Activity):
                    assert not item.is_machine
    assert set(kinds) == set(CALLS)
    assert kinds["track"] > 20
