import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from hmac import digest
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.channels.shop_tools import balance, parsed, request, standing
from vincle.channels.base import Accepted, Rejected
from vincle.channels.shopify import channel
from vincle.vocabulary import Activity, Fact, HandleRef, Outcome, Permit, Unknown, Verb

Read = Callable[[str, str | bytes], list[Outcome]]
PAYLOADS = Path(__file__).parent / "shopify"
BOB = HandleRef("external", "shopify:706405506930370084", "Bob Norman")


def payload(name: str) -> Any:
    return json.loads((PAYLOADS / name).read_text())


def order(status: str, minute: int, topic: str = "orders/updated", refunds: tuple[Any, ...] = (), **more: Any) -> Any:
    delivery = payload("orders_paid.json")
    delivery["headers"]["x-shopify-topic"] = topic
    delivery["body"] |= {"financial_status": status, "updated_at": f"2026-11-03T10:{minute:02d}:00+01:00", "refunds": list(refunds), **more}
    return delivery


def refund(number: int, amount: str, status: str = "success") -> Any:
    found = payload("refunds_create.json")["body"] | {"id": number, "admin_graphql_api_id": f"gid://shopify/Refund/{number}"}
    found["transactions"] = [found["transactions"][0] | {"amount": amount, "status": status}]
    return found


def alone(body: Any) -> Any:
    return {"headers": {"x-shopify-topic": "refunds/create"}, "body": body}


def test_a_paid_order_is_a_purchase(reading: Read) -> None:
    bought, fact = reading("shopify", "orders_paid.json")
    assert isinstance(bought, Activity)
    assert (bought.verb, bought.native_id) == (Verb.PURCHASE, "order:820982911946154508")
    assert (bought.amount, bought.currency) == (Decimal(54), "EUR")
    assert (bought.actor, bought.country, bought.place) == (BOB, "IT", "Torino")
    assert bought.happened_at == datetime(2026, 11, 3, 9, 30, 43, tzinfo=UTC)
    assert bought.props["number"] == "#1001"
    assert isinstance(fact, Fact)
    assert [handle.value for handle in fact.handles] == [BOB.value, "bob.norman@mail.example", "+34600000002", "+39021234567"]
    assert fact.consents[0].permit == Permit.GRANTED


def test_not_yet_paid_and_never_paid(reading: Read) -> None:
    placed, _fact = reading("shopify", "orders_create_pending.json")
    gone, _fact = reading("shopify", "orders_cancelled_voided.json")
    assert isinstance(placed, Activity)
    assert isinstance(gone, Activity)
    assert (placed.verb, placed.event_name, placed.amount, gone.verb) == (Verb.TRACK, "order placed", None, Verb.UNDO)


def test_paid_in_part_counts_what_came_in() -> None:
    items = parsed(channel, order("partially_paid", 31, total_outstanding="14.00"))
    assert balance(items) == {"EUR": Decimal(40)}
    shown = {"shop_money": {"amount": "54.00", "currency_code": "EUR"}, "presentment_money": {"amount": "8500", "currency_code": "JPY"}}
    assert balance(parsed(channel, order("partially_paid", 31, total_outstanding="27.00", total_price_set=shown))) == {"JPY": Decimal(4250)}


def test_the_currency_is_the_one_the_customer_paid_in(reading: Read) -> None:
    bought = reading("shopify", "orders_paid_dollars.json")[0]
    assert isinstance(bought, Activity)
    assert (bought.amount, bought.currency, bought.props["shop_amount"]) == (Decimal("58.32"), "USD", "54 EUR")


def test_a_guest_is_known_by_mail(reading: Read) -> None:
    bought = reading("shopify", "orders_create_guest.json")[0]
    assert isinstance(bought, Activity)
    assert bought.actor == HandleRef("email", "guest@mail.example", "Bob Norman")


def test_a_refund_is_told_twice_and_counted_once(reading: Read) -> None:
    (lone,) = reading("shopify", "refunds_create.json")
    assert isinstance(lone, Activity)
    assert (lone.verb, lone.amount, lone.currency, lone.actor) == (Verb.REFUND, Decimal("41.94"), "EUR", None)
    within = parsed(channel, order("partially_refunded", 50, refunds=(payload("refunds_create.json")["body"],)))
    for items in ([lone, *within], [*within, lone]):
        assert balance(items) == {"EUR": Decimal("12.06")}
        assert standing(items)[lone.native_id].actor == BOB


def test_a_refund_without_money_is_none(reading: Read) -> None:
    (item,) = reading("shopify", "refunds_create_empty.json")
    assert isinstance(item, Unknown)
    assert item.kind == "refund without money"
    assert balance(parsed(channel, alone(refund(5, "10.00", "pending")))) == {}


def test_customers_say_what_they_want(reading: Read) -> None:
    (fact,) = reading("shopify", "customers_update.json")
    assert isinstance(fact, Fact)
    assert (fact.handles[0], fact.tags, fact.traits["company"]) == (BOB, ("majorista", "VIP"), "Bar Norman")
    assert [(consent.channel, consent.permit) for consent in fact.consents] == [("email", Permit.GRANTED)]
    (changed,) = reading("shopify", "consent_update.json")
    assert isinstance(changed, Fact)
    assert (changed.consents[0].permit, changed.handles[1].value) == (Permit.WITHDRAWN, "bob.norman@mail.example")


@pytest.mark.parametrize(("name", "said", "who"), [
    ("customers_redact", "asks to be forgotten", "shopify:191167"), ("shop_redact", "asks that all of the shop be forgotten", ""),
    ("customers_data_request", "asks what is held on them", "shopify:191167"),
])  # fmt: skip
def test_a_request_for_privacy_is_an_act_someone_sees(name: str, said: str, who: str, reading: Read) -> None:
    (item,) = reading("shopify", f"{name}.json")
    assert isinstance(item, Activity)
    assert (item.event_name, item.actor.value if item.actor else "", item.is_machine) == (said, who, True)
    assert item.body == payload(f"{name}.json")["body"]


def test_a_topic_it_does_not_know_is_kept_whole(reading: Read) -> None:
    (item,) = reading("shopify", "app_uninstalled.json")
    assert isinstance(item, Unknown)
    assert (item.kind, item.raw) == ("app/uninstalled", payload("app_uninstalled.json"))


def test_test_orders_buy_nothing(reading: Read) -> None:
    (item,) = reading("shopify", "orders_test.json")
    assert isinstance(item, Unknown)
    assert item.kind == "test orders/paid"
    tried = order("paid", 31)
    tried["headers"]["x-shopify-test"] = "true"
    assert [type(item) for item in parsed(channel, tried)] == [Unknown]


ONE, TWO = refund(1, "10.00"), refund(2, "4.50")
LIFE = [
    order("pending", 30, "orders/create"), order("paid", 31, "orders/paid"), order("paid", 32), order("authorized", 30),
    alone(refund(1, "10.00", "pending")), alone(ONE), order("partially_refunded", 40, refunds=(ONE,)), alone(TWO),
    order("partially_refunded", 45, refunds=(ONE, TWO)),
    order("partially_refunded", 46, "orders/cancelled", (ONE, TWO), cancelled_at="2026-11-03T10:46:00+01:00"),
]  # fmt: skip


@given(deliveries=st.permutations(LIFE), again=st.lists(st.sampled_from(LIFE), max_size=4))
def test_any_order_of_deliveries_gives_the_same_sum(deliveries: list[Any], again: list[Any]) -> None:
    items = [item for delivery in [*deliveries, *again] for item in parsed(channel, delivery)]
    assert balance(items) == {"EUR": Decimal("39.50")}
    assert {act.actor for act in standing(items).values()} == {BOB}


def test_only_the_shop_is_believed() -> None:
    body, secret = b'{"id":1}', "0f0e"
    given_ = b64encode(digest(secret.encode(), body, sha256)).decode()
    sent = request(body, x_shopify_hmac_sha256=given_, x_shopify_event_id="98880550")
    assert channel.verify(sent, {"secret": secret}) == Accepted("98880550")
    assert channel.verify(request(b"{}", x_shopify_hmac_sha256=given_), {"secret": secret}) == Rejected("wrong_signature")
    assert channel.verify(request(body), {"secret": secret}) == Rejected("no_signature")
