"""Shopify: orders, refunds and customers, as the webhooks of a shop deliver them and its Admin API tells them (REST-shaped JSON).

THE purchase is the order: one act `order:<id>` whose latest state stands, whichever topic brought it (orders/create, paid, updated,
cancelled, edited states all carry the whole order). Paid, partially_refunded and refunded are a Purchase of `total_price`, which
includes tax and shipping and is not lessened by refunds; partially_paid is a Purchase of what has come in; pending and authorized
are an "order placed" without money; voided and expired are an Undo. A cancelled order that was paid stays a Purchase: what went back
is told by its refunds. THE refund is the refund object, `refund:<id>`, told by refunds/create and again within its order: the sum of
its successful transactions; one without money (a line taken off) is none. Both are counted in the currency the customer paid in, for
only there do they match to the cent.

Test orders and test notifications are left out as Unknown "test ...": nobody bought anything. The privacy topics (customers/redact,
customers/data_request, shop/redact) become acts of the customer, "asks to be forgotten", which stand in the stream and on the
person's timeline for someone to act on; they are marked as passed on by a machine, so that asking does not count as taking part.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from vincle.vocabulary import Activity, ConsentFact, HandleRef, Item, ObjectType, Permit, Verb

from . import _json as js
from . import _shop as shop
from . import _shopify as asking
from ._deliveries import DeliveryChannel
from ._identifiers import country, currency
from ._shop import Json
from .base import Accepted, FileError, Reply, Request, Secret, Spec, Verdict
from .live import Line, Pulled, Standing

_TOPIC, _DOMAIN, _TEST, _EVENT = "x-shopify-topic", "x-shopify-shop-domain", "x-shopify-test", "x-shopify-event-id"
_TRIGGERED = "x-shopify-triggered-at"
_SIGNATURE = "x-shopify-hmac-sha256"
PRIVACY = {
    "customers/redact": "asks to be forgotten", "customers/data_request": "asks what is held on them",
    "shop/redact": "asks that all of the shop be forgotten",
}  # fmt: skip
_PAID = frozenset({"paid", "partially_refunded", "refunded", "partially_paid"})
_GONE = frozenset({"voided", "expired"})
_RANKS = {name: rank for rank, name in enumerate(
    ("pending", "authorized", "partially_paid", "paid", "partially_refunded", "refunded", "voided", "expired"), 1)}  # fmt: skip
_STATES = {"subscribed": Permit.GRANTED, "unsubscribed": Permit.WITHDRAWN}


class Shopify(DeliveryChannel):
    spec: ClassVar[Spec] = Spec(
        id="shopify", name="Shopify", icon="shopping-bag", family="webhook", capabilities=frozenset({"file", "webhook", "pull"}),
        handle_kinds=("external", "email", "phone"), extensions=(".json", ".jsonl"), settings=asking.SETTINGS, streams=asking.STREAMS,
        secrets=(Secret(name="secret", label="Signing secret",
                        help="Shopify shows it below the list of webhooks: “Your webhooks will be signed with …”."),),
    )  # fmt: skip

    def verify(self, request: Request, secrets: Mapping[str, str]) -> Verdict:
        if request.method != "POST":
            return Reply(b"ok")
        verdict = shop.signed(request, _SIGNATURE, secrets.get("secret", ""))
        return Accepted(request.headers.get(_EVENT, "")) if isinstance(verdict, Accepted) else verdict

    def envelope(self, request: Request) -> bytes:
        topic = request.headers.get(_TOPIC, "")
        return shop.sealed(request, (_TOPIC, _DOMAIN, _TEST, _TRIGGERED) if topic in PRIVACY else (_TOPIC, _DOMAIN, _TEST))

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
        return 0.98 if _kind(value) else 0.0

    def items(self, delivery: Any, received_at: datetime) -> Iterator[Item]:
        try:
            headers, body = shop.opened(delivery)
        except FileError:
            yield js.unknown("broken", delivery, received_at)
            return
        value, topic = js.obj(body), headers.get(_TOPIC, "")
        reader = _READERS.get(_kind(value))
        if topic in PRIVACY and isinstance(body, dict):
            yield _privacy(topic, value, js.when(headers.get(_TRIGGERED), received_at))
        elif not reader or topic.endswith("/delete") or (topic and not topic.startswith(_OURS)):
            yield js.unknown(topic or "delivery", delivery, received_at)
        elif headers.get(_TEST, "").lower() == "true" or _is_test(value):
            yield js.unknown(f"test {topic or 'delivery'}", delivery, received_at)
        else:
            yield from reader(value, received_at)


def _privacy(topic: str, value: Json, moment: datetime) -> Activity:
    """What someone has a right to; all that was said is kept beside it."""
    who = js.obj(value.get("customer"))
    handles = shop.people("shopify", shop.number_of(who.get("id")), "", [who.get("email")], [who.get("phone")], "")
    return Activity(
        verb=Verb.TRACK, object_type=ObjectType.PERSON, native_id=f"privacy:{js.digest(topic, value)}", happened_at=moment,
        event_name=PRIVACY[topic], actor=handles[0] if handles else None, is_machine=True, props={"topic": topic}, body=value,
    )  # fmt: skip


def _kind(value: Json) -> str:
    """What an object is, by its global id ("gid://shopify/Order/1"), else by its shape."""
    if "customer_id" in value and ("email_marketing_consent" in value or "sms_marketing_consent" in value):
        return "Consent"
    if not shop.number_of(value.get("id")):
        return ""
    parts = js.text(value.get("admin_graphql_api_id")).split("/")
    if len(parts) == 5 and parts[0] == "gid:" and parts[2] == "shopify":
        return parts[3]
    if "financial_status" in value and "line_items" in value:
        return "Order"
    return "Refund" if "refund_line_items" in value and "order_id" in value else ""


def _is_test(value: Json) -> bool:
    rows = js.objs(value.get("transactions"))
    return value.get("test") is True or (bool(rows) and all(row.get("test") is True for row in rows))


def _order(order: Json, received_at: datetime) -> Iterator[Item]:
    number = shop.number_of(order.get("id"))
    placed = js.when(order.get("processed_at") or order.get("created_at"), received_at)
    changed = js.when(order.get("updated_at"), placed)
    handles, name = _buyer(order)
    actor = handles[0] if handles else None
    yield _state(order, number, placed, changed, actor)
    for refund in js.objs(order.get("refunds")):
        yield from _refund(refund | {"order_id": order.get("id")}, received_at, actor)
    where = js.obj(order.get("billing_address")) or js.obj(order.get("shipping_address"))
    allowed = [shop.consent(Permit.GRANTED, "email", placed, f"Shopify, order {number}: buyer_accepts_marketing")]
    consents = allowed if order.get("buyer_accepts_marketing") is True else []
    yield from shop.buyer(placed, handles, _address(where), consents, name)


def _state(order: Json, number: str, placed: datetime, changed: datetime, actor: HandleRef | None) -> Activity:
    status = shop.clean(order.get("financial_status")).lower()
    total, code = _total(order)
    paid = _received(order, total, code) if status == "partially_paid" else total
    version = shop.version(changed, _RANKS.get(status, 0), status, str(paid), code, js.text(order.get("cancelled_at")))
    where = js.obj(order.get("billing_address")) or js.obj(order.get("shipping_address"))
    told = {"object_key": number, "country": country(js.text(where.get("country_code"))), "place": shop.clean(where.get("city")),
            "props": _props(order, status), "body": _bought(order)}  # fmt: skip
    native = f"order:{number}"
    if status in _GONE:
        return shop.act(Verb.UNDO, native, changed, actor, version, event_name=f"order {status}", **told)
    if status not in _PAID or paid is None:
        return shop.act(Verb.TRACK, native, placed, actor, version, event_name="order placed", **told)
    return shop.act(Verb.PURCHASE, native, placed, actor, version, amount=paid, currency=code, **told)


def _total(order: Json) -> tuple[Decimal | None, str]:
    """What the order costs in the currency its customer pays in, else in the shop's."""
    shown = js.obj(js.at(order, "total_price_set", "presentment_money"))
    amount, code = shop.money(shown.get("amount")), currency(js.text(shown.get("currency_code")))
    if amount is not None and code:
        return amount, code
    return shop.money(order.get("total_price")), currency(js.text(order.get("currency")))


def _received(order: Json, total: Decimal | None, code: str) -> Decimal | None:
    """What has come in of an order that is paid in part; the shop tells what is open in its own currency."""
    price, is_open = shop.money(order.get("total_price")), shop.money(order.get("total_outstanding"))
    if total is None or not price or is_open is None:
        return None
    return max(Decimal(0), total - is_open if total == price else (total * (price - is_open) / price).quantize(
        Decimal(1).scaleb(-shop.decimals(code))))  # fmt: skip


def _refund(refund: Json, received_at: datetime, actor: HandleRef | None = None) -> Iterator[Item]:
    """The later of two sights is that in which more has succeeded; the one within an order knows whose it is."""
    number, order = shop.number_of(refund.get("id")), shop.number_of(refund.get("order_id"))
    done = [row for row in js.objs(refund.get("transactions"))
            if row.get("kind") == "refund" and row.get("status") == "success" and row.get("test") is not True]  # fmt: skip
    amount = sum((abs(shop.money(row.get("amount")) or Decimal(0)) for row in done), Decimal(0))
    if not number or not amount:
        return
    moment = js.when(refund.get("processed_at") or refund.get("created_at"), received_at)
    code = next((found for row in done if (found := currency(js.text(row.get("currency"))))), "")
    note = shop.clean(refund.get("note"), 300)
    yield shop.act(
        Verb.REFUND, f"refund:{number}", moment, actor, f"{int(amount * 10_000)}{int(actor is not None)}", object_key=order, amount=amount,
        currency=code, props=shop.counted(js.objs(refund.get("refund_line_items"))), body={"reason": note} if note else {},
    )  # fmt: skip


def _lone_refund(refund: Json, received_at: datetime) -> Iterator[Item]:
    found = list(_refund(refund, received_at))
    yield from found or [js.unknown("refund without money", refund, received_at)]


def _buyer(order: Json) -> tuple[tuple[HandleRef, ...], str]:
    who, billing = js.obj(order.get("customer")), js.obj(order.get("billing_address"))
    name = shop.full_name(who) or shop.full_name(billing)
    land = country(js.text(billing.get("country_code")))
    mails = (who.get("email"), order.get("email"), order.get("contact_email"))
    phones = (who.get("phone"), order.get("phone"), billing.get("phone"))
    return shop.people("shopify", shop.number_of(who.get("id")), name, mails, phones, land), name


def _address(where: Json) -> Json:
    return shop.traits(
        first_name=where.get("first_name"), last_name=where.get("last_name"), company=where.get("company"),
        street=" ".join(filter(None, (shop.clean(where.get("address1")), shop.clean(where.get("address2"))))), city=where.get("city"),
        region=where.get("province"), postcode=where.get("zip"), country=where.get("country_code") or where.get("country"),
    )  # fmt: skip


def _props(order: Json, status: str) -> Json:
    coupons = [code for row in js.objs(order.get("discount_codes")) if (code := shop.clean(row.get("code")))]
    shown, own = js.obj(js.at(order, "total_price_set", "presentment_money")), currency(js.text(order.get("currency")))
    elsewhere = own and shown.get("currency_code") != own and shop.money(order.get("total_price"))
    said = {"status": "cancelled" if order.get("cancelled_at") else status,
            "payment": " ".join(js.texts(order.get("payment_gateway_names")))[:200], "coupon": " ".join(coupons)[:200],
            "number": shop.clean(order.get("name")), "shop_amount": f"{elsewhere} {own}" if shown and elsewhere else ""}  # fmt: skip
    return {name: value for name, value in said.items() if value} | shop.codes(coupons) | shop.counted(js.objs(order.get("line_items")))


def _bought(order: Json) -> Json:
    rows = shop.articles(
        js.objs(order.get("line_items")),
        lambda row: {"item": row.get("name") or row.get("title"), "sku": row.get("sku"), "quantity": row.get("quantity"),
                     "unit_price": row.get("price")},
    )  # fmt: skip
    note = shop.clean(order.get("note"), 2000)
    return ({"items": rows} if rows else {}) | ({"note": note} if note else {})


def _customer(value: Json, received_at: datetime) -> Iterator[Item]:
    number = shop.number_of(value.get("id"))
    changed = js.when(value.get("updated_at") or value.get("created_at"), received_at)
    home = js.obj(value.get("default_address"))
    name = shop.full_name(value) or shop.full_name(home)
    land = country(js.text(home.get("country_code")))
    handles = shop.people("shopify", number, name, [value.get("email")], [value.get("phone"), home.get("phone")], land)
    known = _address(home) | shop.traits(first_name=value.get("first_name"), last_name=value.get("last_name"),
                                         note=value.get("note"))  # fmt: skip
    tags = tuple(tag for each in js.text(value.get("tags"))[:2000].split(",") if (tag := shop.clean(each, 60)))
    native = f"customer:{number}:{shop.stamp(changed)}"
    yield from shop.customer(native, changed, handles, known, _consents(value, changed), name, tags)


def _consents(value: Json, changed: datetime) -> Iterator[ConsentFact]:
    """What the customer said to e-mail and to text messages; who was never asked said nothing."""
    for field, medium in (("email_marketing_consent", "email"), ("sms_marketing_consent", "phone")):
        said = js.obj(value.get(field))
        permit = _STATES.get(js.text(said.get("state")).lower())
        if permit:
            level = shop.clean(said.get("opt_in_level")) or "unknown"
            yield shop.consent(permit, medium, js.when(said.get("consent_updated_at"), changed), f"Shopify: {field}, {level}")
        elif field == "email_marketing_consent" and field not in value and value.get("accepts_marketing") is True:
            at = js.when(value.get("accepts_marketing_updated_at"), changed)
            yield shop.consent(Permit.GRANTED, medium, at, "Shopify: accepts_marketing")


def _consent(value: Json, received_at: datetime) -> Iterator[Item]:
    """customers_email_marketing_consent/update and its sister for text messages: only who, and what they said."""
    number = shop.number_of(value.get("customer_id"))
    handles = shop.people("shopify", number, "", [value.get("email_address")], [value.get("phone_number"), value.get("phone")], "")
    consents = list(_consents(value, received_at))
    latest = max((each.at for each in consents if each.at), default=received_at)
    found: list[Item] = list(shop.customer(f"customer:{number}:consent:{shop.stamp(latest)}", latest, handles, {}, consents, ""))
    yield from found or [js.unknown("consent", value, received_at)]


_OURS = ("orders/", "refunds/", "customers/", "customers_")
_READERS = {"Order": _order, "Refund": _lone_refund, "Customer": _customer, "Consent": _consent}
channel = Shopify()
