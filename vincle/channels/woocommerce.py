"""WooCommerce: orders, refunds and customers, as the webhooks of a shop deliver them and its REST API v3 tells them when asked.

THE purchase is the order: one act `order:<id>` whose latest state stands. Paid (processing, completed, refunded, or any state with a
date of payment) is a Purchase of `total`, which includes tax and shipping; not yet paid is an "order placed" without money; cancelled,
failed or binned is an Undo. A refund has no delivery of its own: the order lists its refunds, each becomes a Refund `refund:<id>`
dated by the first state of the order that shows it, for the list has no dates. Of an order that does not count (cancelled, failed)
only what was refunded of it is counted as bought, so that both sum to nothing, as in the shop's own reports. Deleting an order in the
shop says only its number: it becomes an Unknown and the money stays; cancel an order before deleting it to take it back.

The shop sends an unsigned `webhook_id=<n>` to try the address out; it is answered and not kept. Ids of customers are small numbers
that every shop gives anew, so they are kept with the shop's host: `external` "woocommerce:shop.example.org:26".
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlsplit

from vincle.vocabulary import Activity, ConsentFact, HandleRef, Item, Permit, Verb

from . import _json as js
from . import _shop as shop
from . import _woocommerce as asking
from ._deliveries import DeliveryChannel
from ._identifiers import boolean, country, currency, fold
from ._shop import Json
from ._woocommerce import SOURCE as _SOURCE
from ._woocommerce import TOPIC as _TOPIC
from .base import FileError, Reply, Request, Secret, Spec, Verdict
from .live import Line, Pulled, Standing

_SIGNATURE = "x-wc-webhook-signature"
_PING = re.compile(rb"webhook_id=\d{1,20}").fullmatch
_PAID = frozenset({"processing", "completed", "refunded"})
_GONE = frozenset({"cancelled", "failed", "trash"})
_STATES = ("pending", "on-hold", "processing", "completed", "failed", "cancelled", "refunded", "trash")
_RANKS = {name: rank for rank, name in enumerate(_STATES, 1)}
_OPT_IN = re.compile(r"(newsletter|marketing|mailchimp|mailpoet|klaviyo).*(opt ?in|subscribed|subscribe|consent|accept)")
_CUSTOMER = frozenset({"customer.created", "customer.updated"})


class WooCommerce(DeliveryChannel):
    spec: ClassVar[Spec] = Spec(
        id="woocommerce", name="WooCommerce", icon="shopping-bag", family="webhook", capabilities=frozenset({"file", "webhook", "pull"}),
        handle_kinds=("external", "email", "phone"), extensions=(".json", ".jsonl"), settings=asking.SETTINGS, streams=asking.STREAMS,
        secrets=(Secret(name="secret", label="Secret", help="The same words as in the field Secret of the webhook in WooCommerce."),),
    )  # fmt: skip

    def verify(self, request: Request, secrets: Mapping[str, str]) -> Verdict:
        if request.method != "POST":
            return Reply(b"ok")
        if _SIGNATURE not in request.headers and _PING(request.body.strip()):
            return Reply(b"ok")
        return shop.signed(request, _SIGNATURE, secrets.get("secret", ""))

    def envelope(self, request: Request) -> bytes:
        return shop.sealed(request, (_TOPIC, _SOURCE))

    def check(self, line: Line) -> Standing:
        return asking.check(line)

    def pull(self, line: Line, stream: str, cursor: str) -> Pulled:
        return asking.page(line, stream, cursor, past=False)

    def past(self, line: Line, stream: str, cursor: str) -> Pulled:
        return asking.page(line, stream, cursor, past=True)

    def claims(self, delivery: Any) -> float:
        value = js.obj(delivery)
        if _TOPIC in {name.lower() for name in js.obj(value.get("headers"))}:
            return 1.0
        return 0.98 if _is_order(value) or _is_customer(value) else 0.0

    def items(self, delivery: Any, received_at: datetime) -> Iterator[Item]:
        try:
            headers, body = shop.opened(delivery)
        except FileError:
            yield js.unknown("broken", delivery, received_at)
            return
        value = js.obj(body)
        topic = headers.get(_TOPIC, "")
        if _is_order(value) and (not topic or topic.startswith("order.")):
            yield from _order(value, _space(headers, value), received_at)
        elif _is_customer(value) and (not topic or topic in _CUSTOMER):
            yield from _customer(value, _space(headers, value), received_at)
        else:
            yield js.unknown(topic or "delivery", delivery, received_at)


def _is_order(value: Json) -> bool:
    return bool(shop.number_of(value.get("id"))) and "order_key" in value and "line_items" in value and "status" in value


def _is_customer(value: Json) -> bool:
    return bool(shop.number_of(value.get("id"))) and "is_paying_customer" in value and "billing" in value


def _space(headers: Mapping[str, str], value: Json) -> str:
    """Whose numbers the ids are: the shop's host."""
    link = next((js.text(each.get("href")) for each in js.objs(js.at(value, "_links", "self"))), "")
    for address in (headers.get(_SOURCE, ""), link):
        try:
            host = urlsplit(address).hostname
        except ValueError:
            continue
        if host:
            return f"woocommerce:{shop.clean(host.removeprefix('www.')).replace(' ', '')}"
    return "woocommerce"


def _time(value: Json, name: str, default: datetime) -> datetime:
    """A moment of the shop in UTC; without it the local one, which is a few hours off at most."""
    return js.when(value.get(f"{name}_gmt") or value.get(name), default)


def _order(order: Json, space: str, received_at: datetime) -> Iterator[Item]:
    number, status = shop.number_of(order.get("id")), shop.clean(order.get("status")).removeprefix("wc-")
    placed = _time(order, "date_created", received_at)
    changed = _time(order, "date_modified", placed)
    handles, name = _buyer(order, space)
    actor = handles[0] if handles else None
    code = currency(js.text(order.get("currency")))
    refunds = _refunds(order)
    yield _state(order, number, status, placed, changed, actor, code, sum(refunds.values(), Decimal(0)))
    for refund, amount in refunds.items():
        yield shop.act(
            Verb.REFUND, f"refund:{refund}", changed, actor, shop.earliest(changed), object_key=number, amount=amount, currency=code,
            body=_reason(order, refund),
        )  # fmt: skip
    where = js.obj(order.get("billing"))
    consents = _consents(order, placed, f"order {number}")
    yield from shop.buyer(placed, handles, _address(where), consents, name)


def _state(
    order: Json, number: str, status: str, placed: datetime, changed: datetime, actor: HandleRef | None, code: str, refunded: Decimal
) -> Activity:
    total, paid_at = shop.money(order.get("total")), _time(order, "date_paid", placed)
    is_paid = status in _PAID or bool(order.get("date_paid_gmt") or order.get("date_paid"))
    version = shop.version(changed, _RANKS.get(status, 0), status, str(total), code, str(refunded))
    told = {"object_key": number, "country": country(js.text(js.at(order, "billing", "country"))),
            "place": shop.clean(js.at(order, "billing", "city")), "props": _props(order, status)}  # fmt: skip
    native, stands = f"order:{number}", is_paid and status not in _GONE
    counted = total if stands and total is not None else refunded
    if stands or refunded:
        return shop.act(Verb.PURCHASE, native, paid_at, actor, version, amount=counted, currency=code, body=_bought(order), **told)
    if status in _GONE:
        return shop.act(Verb.UNDO, native, changed, actor, version, event_name=f"order {status}"[:120], **told)
    return shop.act(Verb.TRACK, native, placed, actor, version, event_name="order placed", body=_bought(order), **told)


def _refunds(order: Json) -> dict[str, Decimal]:
    """{id: sum} of the refunds an order lists; the shop writes them negative."""
    found: dict[str, Decimal] = {}
    for row in js.objs(order.get("refunds")):
        number, total = shop.number_of(row.get("id")), shop.money(row.get("total"))
        if number and total:
            found[number] = abs(total)
    return found


def _reason(order: Json, refund: str) -> Json:
    row = next((row for row in js.objs(order.get("refunds")) if shop.number_of(row.get("id")) == refund), {})
    reason = shop.clean(row.get("reason"), 300)
    return {"reason": reason} if reason else {}


def _buyer(order: Json, space: str) -> tuple[tuple[HandleRef, ...], str]:
    billing = js.obj(order.get("billing"))
    name = shop.full_name(billing)
    number = shop.number_of(order.get("customer_id"))
    land = country(js.text(billing.get("country")))
    return shop.people(space, number, name, [billing.get("email")], [billing.get("phone")], land), name


def _address(where: Json) -> Json:
    return shop.traits(
        first_name=where.get("first_name"), last_name=where.get("last_name"), company=where.get("company"),
        street=" ".join(filter(None, (shop.clean(where.get("address_1")), shop.clean(where.get("address_2"))))), city=where.get("city"),
        region=where.get("state"), postcode=where.get("postcode"), country=where.get("country"),
    )  # fmt: skip


def _props(order: Json, status: str) -> Json:
    coupons = [code for row in js.objs(order.get("coupon_lines")) if (code := shop.clean(row.get("code")))]
    said = {"status": status, "payment": shop.clean(order.get("payment_method_title")), "coupon": " ".join(coupons)[:200],
            "number": shop.clean(order.get("number"))}  # fmt: skip
    return {name: value for name, value in said.items() if value} | shop.codes(coupons) | shop.counted(js.objs(order.get("line_items")))


def _bought(order: Json) -> Json:
    rows = shop.articles(
        js.objs(order.get("line_items")),
        lambda row: {"item": row.get("name"), "sku": row.get("sku"), "quantity": row.get("quantity"), "unit_price": row.get("price"),
                     "item_total": row.get("total")},
    )  # fmt: skip
    note = shop.clean(order.get("customer_note"), 2000)
    return ({"items": rows} if rows else {}) | ({"note": note} if note else {})


def _customer(value: Json, space: str, received_at: datetime) -> Iterator[Item]:
    number = shop.number_of(value.get("id"))
    changed = _time(value, "date_modified", _time(value, "date_created", received_at))
    billing = js.obj(value.get("billing"))
    name = shop.full_name(value) or shop.full_name(billing)
    land = country(js.text(billing.get("country")))
    handles = shop.people(space, number, name, [value.get("email"), billing.get("email")], [billing.get("phone")], land)
    known = _address(billing) | shop.traits(first_name=value.get("first_name"), last_name=value.get("last_name"))
    consents = _consents(value, changed, f"customer {number}")
    yield from shop.customer(f"customer:{number}:{shop.stamp(changed)}", changed, handles, known, consents, name)


def _consents(value: Json, at: datetime, where: str) -> Iterator[ConsentFact]:
    """WooCommerce itself asks nobody; the newsletter plug-ins write their tick into the extra fields. A missing tick is no refusal."""
    for row in js.objs(value.get("meta_data")):
        key = js.text(row.get("key"))
        ticked = row.get("value")
        if _OPT_IN.search(fold(key[:200])) and (ticked is True or boolean(js.text(ticked)[:20])):
            yield shop.consent(Permit.GRANTED, "email", at, f"WooCommerce, {where}: {shop.clean(key)}")
            return


channel = WooCommerce()
