import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from hmac import new
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.channels.shop_tools import NOW, balance, parsed, request, standing
from vincle.channels.base import Accepted, Rejected
from vincle.channels.stripe import channel
from vincle.vocabulary import Activity, Fact, HandleRef, Outcome, Permit, Unknown, Verb

Read = Callable[[str, str | bytes], list[Outcome]]
PAYLOADS = Path(__file__).parent / "stripe"
NURIA = HandleRef("external", "stripe:cus_NffrFeUfNV2Hib", "Núria Serra")
SECRET = {"secret": "whsec_test"}


def payload(name: str) -> Any:
    return json.loads((PAYLOADS / name).read_text())


def only(items: list[Outcome]) -> Activity:
    (found,) = [item for item in items if isinstance(item, Activity)]
    return found


def sign(body: bytes, secret: str, at: datetime = NOW) -> str:
    return new(secret.encode(), f"{int(at.timestamp())}.".encode() + body, sha256).hexdigest()


def header(*signatures: str, at: datetime = NOW) -> str:
    return ",".join([f"t={int(at.timestamp())}", *(f"v1={each}" for each in signatures)])


def test_the_charge_is_the_purchase(reading: Read) -> None:
    items = reading("stripe", "charge_succeeded.json")
    bought = only(items)
    assert (bought.verb, bought.native_id, bought.amount, bought.currency) == (Verb.PURCHASE, "charge:ch_3SLg1A", Decimal("29.35"), "EUR")
    assert (bought.actor, bought.country, bought.body) == (NURIA, "ES", {"items": [{"item": "Subscripció de cafè"}]})
    assert bought.happened_at == datetime.fromtimestamp(1793699990, UTC)
    (fact,) = [item for item in items if isinstance(item, Fact)]
    assert [handle.value for handle in fact.handles] == ["stripe:cus_NffrFeUfNV2Hib", "nuria.serra@example.org"]


def test_the_same_money_is_counted_once(reading: Read) -> None:
    names = ("charge_succeeded.json", "invoice_paid.json", "checkout_completed.json", "subscription_created.json")
    assert balance(item for name in names for item in reading("stripe", name)) == {"EUR": Decimal("29.35")}
    assert balance(reading("stripe", "invoice_paid_outside.json")) == {"EUR": Decimal("29.35")}


@pytest.mark.parametrize(("name", "said"), [("charge_reserved.json", "payment begun"), ("charge_failed.json", "payment failed")])
def test_what_is_not_taken_is_not_paid(name: str, said: str, reading: Read) -> None:
    act = only(reading("stripe", name))
    assert (act.verb, act.event_name, act.amount) == (Verb.TRACK, said, None)


@pytest.mark.parametrize(("name", "amount", "currency"), [("charge_yen.json", "500", "JPY"), ("charge_dinar.json", "5.125", "KWD")])
def test_not_every_currency_has_cents(name: str, amount: str, currency: str, reading: Read) -> None:
    bought = only(reading("stripe", name))
    assert (bought.amount, bought.currency) == (Decimal(amount), currency)
    assert bought.actor == HandleRef("email", "nuria.serra@example.org", "Núria Serra")


def test_partial_refunds_are_slices(reading: Read) -> None:
    first, second = (reading("stripe", f"charge_refunded_{name}.json") for name in ("in_part", "again"))
    refunds = [(act.native_id, act.amount) for act in standing([*first, *second]).values() if act.verb == Verb.REFUND]
    assert refunds == [("charge:ch_3SLg1A:refund:0", Decimal(10)), ("charge:ch_3SLg1A:refund:1000", Decimal("19.35"))]
    assert {act.actor for act in standing([*first, *second]).values()} == {NURIA}
    assert balance([*first, *second]) == {"EUR": Decimal(0)}


def test_a_refund_told_only_by_itself_counts(reading: Read) -> None:
    assert balance([*reading("stripe", "charge_succeeded.json"), *reading("stripe", "refund_created.json")]) == {"EUR": Decimal("19.35")}
    failed = only(reading("stripe", "refund_failed.json"))
    assert (failed.verb, failed.event_name, failed.amount) == (Verb.TRACK, "refund failed", None)


def test_a_refund_without_its_sum_before_is_the_whole_sum() -> None:
    event = payload("charge_refunded_again.json")
    del event["data"]["previous_attributes"]
    assert balance(parsed(channel, event)) == {"EUR": Decimal(0)}


def test_what_was_reserved_and_let_go_is_no_refund() -> None:
    event = payload("charge_refunded_in_part.json")
    event["data"]["object"] |= {"amount_captured": 1935}
    event["data"]["previous_attributes"] |= {"captured": False}
    assert balance(parsed(channel, event)) == {"EUR": Decimal("19.35")}


def test_a_chargeback_takes_the_money_until_it_is_won() -> None:
    paid, lost = payload("charge_succeeded.json"), payload("dispute_withdrawn.json")
    won = lost | {"id": "evt_won", "type": "charge.dispute.funds_reinstated", "created": lost["created"] + 100}
    assert balance(item for event in (lost, paid) for item in parsed(channel, event)) == {"EUR": Decimal(0)}
    for events in ((paid, lost, won), (won, lost, paid)):
        assert balance(item for event in events for item in parsed(channel, event)) == {"EUR": Decimal("29.35")}


def test_who_they_are(reading: Read) -> None:
    (fact,) = reading("stripe", "customer_updated.json")
    assert isinstance(fact, Fact)
    assert (fact.handles[0], fact.traits["language"], fact.traits["city"]) == (NURIA, "ca", "Girona")
    (bought,) = reading("stripe", "checkout_completed.json")
    assert isinstance(bought, Fact)
    assert (bought.consents[0].permit, [handle.kind for handle in bought.handles]) == (Permit.GRANTED, ["external", "email", "phone"])


def test_subscriptions_begin_and_end(reading: Read) -> None:
    began, ended = (only(reading("stripe", f"subscription_{name}.json")) for name in ("created", "deleted"))
    assert (began.event_name, began.props["price"], ended.event_name) == ("subscription started", "29.35 EUR", "subscription ended")
    assert began.actor == HandleRef("external", "stripe:cus_NffrFeUfNV2Hib")


@pytest.mark.parametrize(("name", "kind"), [("charge_test_mode.json", "test charge.succeeded"), ("payout_paid.json", "payout.paid")])
def test_what_is_no_purchase_is_kept(name: str, kind: str, reading: Read) -> None:
    (item,) = reading("stripe", name)
    assert isinstance(item, Unknown)
    assert item.kind == kind


NAMES = ("charge_succeeded", "charge_refunded_in_part", "charge_refunded_again", "refund_created", "invoice_paid", "checkout_completed")
EVENTS = [payload(f"{name}.json") for name in NAMES]


@given(events=st.permutations(EVENTS), again=st.lists(st.sampled_from(EVENTS), max_size=4))
def test_any_order_of_events_gives_the_same_sum(events: list[Any], again: list[Any]) -> None:
    items = [item for event in [*events, *again] for item in parsed(channel, event)]
    assert balance(items) == {"EUR": Decimal(0)}
    assert sum(act.verb == Verb.PURCHASE for act in standing(items).values()) == 1


def test_a_reserved_charge_is_paid_once_it_is_captured() -> None:
    reserved = payload("charge_reserved.json")
    captured = payload("charge_reserved.json") | {"id": "evt_later", "type": "charge.captured"}
    captured["data"] = {"object": captured["data"]["object"] | {"captured": True, "amount_captured": 2000}}
    for events in ((reserved, captured), (captured, reserved)):
        assert balance(item for event in events for item in parsed(channel, event)) == {"EUR": Decimal(20)}


def test_only_stripe_is_believed() -> None:
    body = b'{"id": "evt_1", "object": "event"}'
    good = sign(body, "whsec_test")
    assert channel.verify(request(body, stripe_signature=header(good)), SECRET) == Accepted("evt_1")
    assert channel.verify(request(body, stripe_signature=header(sign(body, "whsec_old"), good)), SECRET) == Accepted("evt_1")
    assert channel.verify(request(body, stripe_signature=header(sign(body, "whsec_old"))), SECRET) == Rejected("wrong_signature")
    assert channel.verify(request(body + b" ", stripe_signature=header(good)), SECRET) == Rejected("wrong_signature")
    assert channel.verify(request(body, stripe_signature=f"t={int(NOW.timestamp())},v0={good}"), SECRET) == Rejected("no_signature")
    assert channel.verify(request(body, stripe_signature="t=x,v1=é"), SECRET) == Rejected("no_signature")
    assert channel.verify(request(body), SECRET) == Rejected("no_signature")
    assert channel.verify(request(body, stripe_signature=header(good)), {}) == Rejected("no_secret")


@pytest.mark.parametrize(("seconds", "fresh"), [(299, True), (301, False), (-299, True), (-301, False)])
def test_an_old_delivery_cannot_be_played_again(seconds: int, fresh: bool) -> None:
    body = b'{"id": "evt_1"}'
    sent = NOW - timedelta(seconds=seconds)
    verdict = channel.verify(request(body, stripe_signature=header(sign(body, "whsec_test", sent), at=sent)), SECRET)
    assert verdict == (Accepted("evt_1") if fresh else Rejected("too_old"))
