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
from vincle.channels.base import Accepted, Rejected, Reply
from vincle.channels.woocommerce import channel
from vincle.vocabulary import Activity, Fact, HandleRef, Op, Outcome, Permit, Unknown, Verb

Read = Callable[[str, str | bytes], list[Outcome]]
PAYLOADS = Path(__file__).parent / "woocommerce"
SECRET = {"secret": "correct horse"}
NURIA = HandleRef("external", "woocommerce:cafe-lligam.example:26", "Núria Serra Vidal")


def signature(body: bytes, secret: str = "correct horse") -> str:
    return b64encode(digest(secret.encode(), body, sha256)).decode()


def order(status: str, minute: int, *, paid: bool = True, total: str = "29.35", refunds: tuple[tuple[int, str], ...] = ()) -> Any:
    """The order of the payloads in another state."""
    delivery = json.loads((PAYLOADS / "order_created_paid.json").read_text())
    delivery["body"] |= {
        "status": status, "total": total, "date_modified_gmt": f"2026-11-03T09:{minute:02d}:00",
        "date_paid_gmt": "2026-11-03T09:31:02" if paid else None, "date_paid": None,
        "refunds": [{"id": number, "reason": "", "total": f"-{sum_}"} for number, sum_ in refunds],
    }  # fmt: skip
    return delivery


def test_a_paid_order_is_a_purchase(reading: Read) -> None:
    bought, fact = reading("woocommerce", "order_created_paid.json")
    assert isinstance(bought, Activity)
    assert (bought.verb, bought.native_id, bought.object_key, bought.op) == (Verb.PURCHASE, "order:727", "727", Op.CORRECT)
    assert (bought.amount, bought.currency, bought.actor) == (Decimal("29.35"), "EUR", NURIA)
    assert bought.happened_at == datetime(2026, 11, 3, 9, 31, 2, tzinfo=UTC)
    assert bought.props == {
        "status": "processing", "payment": "Targeta", "coupon": "benvinguda", "codes": ["benvinguda"],
        "number": "727", "items": 1, "quantity": 2,
        "products": ["HUI-250"]}  # fmt: skip
    assert bought.body["items"][0] == {"item": "Huila 250 g", "sku": "HUI-250", "quantity": "2", "unit_price": "10", "item_total": "20.00"}
    assert isinstance(fact, Fact)
    assert [(handle.kind, handle.value) for handle in fact.handles] == [
        ("external", "woocommerce:cafe-lligam.example:26"), ("email", "nuria.serra@example.org"), ("phone", "+34600000001")]  # fmt: skip
    assert fact.traits["street"] == "Carrer Major 12 2n 1a"


def test_an_unpaid_guest_is_known_by_mail_and_has_bought_nothing(reading: Read) -> None:
    placed, fact = reading("woocommerce", "order_pending.json")
    assert isinstance(placed, Activity)
    assert (placed.verb, placed.event_name, placed.amount) == (Verb.TRACK, "order placed", None)
    assert placed.actor == HandleRef("email", "guest@example.org", "Núria Serra Vidal")
    assert isinstance(fact, Fact)
    assert [handle.kind for handle in fact.handles] == ["email"]


def test_refunds_are_acts_of_their_own(reading: Read) -> None:
    items = reading("woocommerce", "order_partly_refunded.json")
    refunds = [(item.native_id, item.amount, item.currency) for item in items if isinstance(item, Activity) and item.verb == Verb.REFUND]
    assert refunds == [("refund:741", Decimal(10), "EUR"), ("refund:742", Decimal("4.35"), "EUR")]
    assert balance(items) == {"EUR": Decimal(15)}
    assert balance(reading("woocommerce", "order_refunded.json")) == {"EUR": Decimal(0)}


def test_a_yen_has_no_cents_and_a_bare_body_still_says_whose_shop_it_is(reading: Read) -> None:
    bought = reading("woocommerce", "order_yen.json")[0]
    assert isinstance(bought, Activity)
    assert (bought.amount, bought.currency, bought.actor and bought.actor.value) == (
        Decimal(3500), "JPY", "woocommerce:cafe-lligam.example:26")  # fmt: skip


def test_who_buys_every_day_is_told_once_a_month() -> None:
    deliveries = [order("processing", 31) for _ in range(3)]
    for number, (delivery, day) in enumerate(zip(deliveries, ("2026-11-03", "2026-11-28", "2026-12-01"), strict=True)):
        delivery["body"] |= {"id": 900 + number, "date_created_gmt": f"{day}T09:30:44"}
    facts = [item.native_id for delivery in deliveries for item in parsed(channel, delivery) if isinstance(item, Fact)]
    assert len(set(facts)) == 2


def test_whom_the_shop_forgot_is_nobody() -> None:
    delivery = order("completed", 50)
    delivery["body"] |= {"customer_id": 0, "billing": {"first_name": "[deleted]", "last_name": "[deleted]", "address_1": "[deleted]",
                                                       "phone": "[deleted]", "email": "deleted@site.invalid"}}  # fmt: skip
    (bought,) = parsed(channel, delivery)
    assert isinstance(bought, Activity)
    assert (bought.actor, bought.amount) == (None, Decimal("29.35"))


def test_two_shops_do_not_share_their_customers() -> None:
    delivery = order("processing", 31)
    delivery["headers"]["x-wc-webhook-source"] = "https://www.altra-botiga.example/"
    actor = next(item.actor for item in parsed(channel, delivery) if isinstance(item, Activity))
    assert actor is not None
    assert actor.value == "woocommerce:altra-botiga.example:26"


def test_customers_and_their_newsletter(reading: Read) -> None:
    (fact,) = reading("woocommerce", "customer_updated.json")
    assert isinstance(fact, Fact)
    assert (fact.handles[0], fact.traits["city"], fact.consents[0].permit) == (NURIA, "Girona", Permit.GRANTED)


@pytest.mark.parametrize("name", ["order_deleted.json", "product_updated.json"])
def test_what_it_has_no_word_for_is_kept(name: str, reading: Read) -> None:
    (item,) = reading("woocommerce", name)
    assert isinstance(item, Unknown)
    assert item.kind == json.loads((PAYLOADS / name).read_text())["headers"]["x-wc-webhook-topic"]


def test_a_cancelled_order_counts_for_nothing() -> None:
    paid, gone = order("processing", 31), order("cancelled", 40)
    for deliveries in ((paid, gone), (gone, paid)):
        items = [item for delivery in deliveries for item in parsed(channel, delivery)]
        assert standing(items)["order:727"].verb == Verb.UNDO
        assert balance(items) == {}
    part = [item for each in (order("completed", 41, refunds=((9, "5.00"),)), order("cancelled", 50, refunds=((9, "5.00"),)))
            for item in parsed(channel, each)]  # fmt: skip
    assert balance(part) == {"EUR": Decimal(0)}


LIFE = [
    order("pending", 30, paid=False), order("processing", 31), order("processing", 33, total="34.35"), order("on-hold", 34),
    order("cancelled", 35), order("processing", 36), order("completed", 40), order("completed", 44, refunds=((1, "10.00"),)),
    order("completed", 44, refunds=((1, "10.00"),)), order("completed", 50, refunds=((1, "10.00"), (2, "4.35"))),
]  # fmt: skip


@given(deliveries=st.permutations(LIFE), again=st.lists(st.sampled_from(LIFE), max_size=4))
def test_any_order_of_deliveries_gives_the_same_sum(deliveries: list[Any], again: list[Any]) -> None:
    items = [item for delivery in [*deliveries, *again] for item in parsed(channel, delivery)]
    assert balance(items) == {"EUR": Decimal("15.00")}
    first = standing(items)["refund:1"]
    assert first.happened_at == datetime(2026, 11, 3, 9, 44, tzinfo=UTC)


def test_only_the_shop_is_believed() -> None:
    body = b'{"id":1}'
    assert channel.verify(request(body, x_wc_webhook_signature=signature(body)), SECRET) == Accepted()
    assert channel.verify(request(body + b" ", x_wc_webhook_signature=signature(body)), SECRET) == Rejected("wrong_signature")
    assert channel.verify(request(body, x_wc_webhook_signature=signature(body, "other")), SECRET) == Rejected("wrong_signature")
    assert channel.verify(request(body, x_wc_webhook_signature="é\ud83d"), SECRET) == Rejected("wrong_signature")
    assert channel.verify(request(body), SECRET) == Rejected("no_signature")
    assert channel.verify(request(body, x_wc_webhook_signature=signature(body, "")), {}) == Rejected("no_secret")


def test_the_ping_is_answered_and_nothing_else_unsigned_is() -> None:
    assert isinstance(channel.verify(request(b"webhook_id=12"), SECRET), Reply)
    assert channel.verify(request(b"webhook_id=12&x=1"), SECRET) == Rejected("no_signature")
    assert channel.verify(request(b"webhook_id=12", x_wc_webhook_signature="x"), SECRET) == Rejected("wrong_signature")


def test_the_topic_travels_with_the_body() -> None:
    delivery = json.loads((PAYLOADS / "order_created_paid.json").read_text())
    sent = request(json.dumps(delivery["body"]).encode(), x_wc_webhook_topic="order.created",
                   x_wc_webhook_source="https://cafe-lligam.example/", cookie="secret")  # fmt: skip
    raw = channel.envelope(sent)
    assert b"cookie" not in raw
    assert list(channel.parse(raw, sent.received_at)) == parsed(channel, delivery)
    broken = channel.envelope(request(b"{broken", x_wc_webhook_topic="order.created"))
    assert [type(item) for item in channel.parse(broken, sent.received_at)] == [Unknown]
