"""Stripe: payments, refunds and customers, as events, delivered to a webhook endpoint or asked for.

Every payment that goes through Stripe makes a charge, whatever asked for it, so THE purchase is the charge: `charge:<ch_>`, told by
charge.succeeded (or charge.captured, where money was only reserved at first), of what was captured. An invoice or a checkout that was
paid by a charge says only who paid: invoice.paid and checkout.session.completed become facts about the customer. The one exception is
an invoice marked as paid outside of Stripe, for which there is no charge: `invoice:<in_>`.

THE refund is charge.refunded, for it knows whose charge it was. It tells the sum of all refunds of the charge; with the sum before it
(`previous_attributes`) each refund is one slice, `charge:<ch_>:refund:<sum before>`, and several partial refunds add up however they
arrive. refund.created and refund.updated speak of the same money under the first slice with a lower version: they count only where
charge.refunded is never sent, and are overruled by it. A refund that fails stays counted, for the customer is still owed it; it
stands in the stream as "refund failed". A chargeback is a refund while its money is away. Sums are in the smallest unit of the
currency: 500 JPY is 500 yen, 5125 KWD is 5.125 dinars.

Events of test mode (`livemode` false) are left out as Unknown "test ...": nobody paid anything.
"""

import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, ClassVar

from vincle.vocabulary import Activity, ConsentFact, HandleRef, Item, ObjectType, Permit, Verb

from . import _json as js
from . import _shop as shop
from . import _stripe as asking
from ._deliveries import DeliveryChannel
from ._identifiers import country, currency, url
from ._shop import Json
from .base import Accepted, Rejected, Reply, Request, Secret, Spec, Verdict
from .live import Line, Pulled, Standing

_SIGNATURE = "stripe-signature"
TOLERANCE = 300
_MOST_SIGNATURES = 20
_EVENT_ID = re.compile(rb'"id"\s*:\s*"(evt_[A-Za-z0-9_]{1,100})"')


class Stripe(DeliveryChannel):
    spec: ClassVar[Spec] = Spec(
        id="stripe", name="Stripe", icon="credit-card", family="webhook", capabilities=frozenset({"file", "webhook", "pull"}),
        handle_kinds=("external", "email", "phone"), extensions=(".json", ".jsonl"), settings=asking.SETTINGS, streams=asking.STREAMS,
        secrets=(Secret(name="secret", label="Signing secret",
                        help="Stripe shows it on the page of the webhook endpoint. It begins with whsec_."),),
    )  # fmt: skip

    def verify(self, request: Request, secrets: Mapping[str, str]) -> Verdict:
        """The scheme of Stripe: HMAC-SHA256 of `<time>.<body>`; while a secret rotates there is one signature for each of both."""
        secret = secrets.get("secret", "")
        if request.method != "POST":
            return Reply(b"ok")
        if not secret:
            return Rejected("no_secret")
        parts = [part.strip().partition("=") for part in request.headers.get(_SIGNATURE, "").split(",")]
        stamps = [value for name, _, value in parts if name == "t" and value.isascii() and value.isdigit() and len(value) < 13]
        given = [value for name, _, value in parts if name == "v1"][:_MOST_SIGNATURES]
        if not stamps or not given:
            return Rejected("no_signature")
        expected = hmac.new(secret.encode(), stamps[0].encode() + b"." + request.body, sha256).hexdigest().encode()
        matches = [hmac.compare_digest(expected, each.encode(errors="replace")) for each in given]
        if not any(matches):
            return Rejected("wrong_signature")
        if abs(request.received_at.timestamp() - int(stamps[0])) > TOLERANCE:
            return Rejected("too_old")
        found = _EVENT_ID.search(request.body[:500])
        return Accepted(found[1].decode() if found else "")

    def check(self, line: Line) -> Standing:
        return asking.check(line)

    def pull(self, line: Line, stream: str, cursor: str) -> Pulled:
        return asking.page(line, stream, cursor, past=False)

    def past(self, line: Line, stream: str, cursor: str) -> Pulled:
        return asking.page(line, stream, cursor, past=True)

    def claims(self, delivery: Any) -> float:
        value = js.obj(delivery)
        return 1.0 if value.get("object") == "event" and "type" in value and isinstance(js.at(value, "data", "object"), dict) else 0.0

    def items(self, delivery: Any, received_at: datetime) -> Iterator[Item]:
        event = js.obj(delivery)
        kind = shop.clean(event.get("type"))
        reader = _READERS.get(kind)
        moment = js.when(event.get("created"), received_at)
        if self.claims(delivery) == 0 or reader is None:
            yield js.unknown(kind or "delivery", delivery, moment)
        elif event.get("livemode") is not True:
            yield js.unknown(f"test {kind}", delivery, moment)
        else:
            found = list(reader(event, js.obj(js.at(event, "data", "object")), moment))
            yield from found or [js.unknown(kind, delivery, moment)]


def _version(event: Json, moment: datetime, rank: int = 0, weight: int = 1) -> str:
    """Events carry whole seconds: of two in one second the one of higher rank comes later."""
    return f"{weight}{shop.version(moment, rank, event.get('id'))}"


def _id(value: Any) -> str:
    """An id, also where the object itself stands in its place."""
    return shop.number_of(value.get("id") if isinstance(value, dict) else value)


def _who(value: Json, details: Json) -> tuple[tuple[HandleRef, ...], str]:
    """Who paid: the customer of the account, and what they wrote at the till."""
    name = shop.clean(details.get("name")) or shop.clean(value.get("customer_name"))
    land = country(js.text(js.at(details, "address", "country")) or js.text(js.at(value, "customer_address", "country")))
    mails = [details.get("email"), value.get("customer_email"), value.get("receipt_email")]
    phones = [details.get("phone"), value.get("customer_phone")]
    return shop.people("stripe", _id(value.get("customer")), name, mails, phones, land), name


def _address(where: Json) -> Json:
    return shop.traits(
        street=" ".join(filter(None, (shop.clean(where.get("line1")), shop.clean(where.get("line2"))))), city=where.get("city"),
        region=where.get("state"), postcode=where.get("postal_code"), country=where.get("country"),
    )  # fmt: skip


def _charge(event: Json, charge: Json, moment: datetime) -> Iterator[Item]:
    """charge.succeeded, captured, updated, pending, failed, expired: what a charge is now. Not captured is not yet paid."""
    number, code = _id(charge), currency(js.text(charge.get("currency")))
    if not number:
        return
    details = js.obj(charge.get("billing_details"))
    handles, name = _who(charge, details)
    actor = handles[0] if handles else None
    yield _paid(event, charge, number, code, actor, moment)
    at = js.when(charge.get("created"), moment)
    yield from shop.buyer(at, handles, _address(js.obj(details.get("address"))), (), name)


def _paid(event: Json, charge: Json, number: str, code: str, actor: HandleRef | None, moment: datetime) -> Activity:
    status, at = shop.clean(charge.get("status")), js.when(charge.get("created"), moment)
    is_captured = charge.get("captured") is not False and (status or "succeeded") == "succeeded"
    taken = charge.get("amount_captured")
    amount = shop.minor(taken if isinstance(taken, int) and taken else charge.get("amount"), code)
    version = _version(event, moment, {"failed": 1, "succeeded": 2}.get(status, 0) + is_captured)
    where, item = js.obj(js.at(charge, "billing_details", "address")), shop.clean(charge.get("description"), 300)
    said = {"status": status if is_captured or status != "succeeded" else "authorised", "invoice": _id(charge.get("invoice")),
            "payment": shop.clean(js.at(charge, "payment_method_details", "type"))}  # fmt: skip
    told = {"object_key": number, "country": country(js.text(where.get("country"))), "place": shop.clean(where.get("city")),
            "props": {key: value for key, value in said.items() if value}, "body": {"items": [{"item": item}]} if item else {}}  # fmt: skip
    native = f"charge:{number}"
    if is_captured and amount is not None:
        return shop.act(Verb.PURCHASE, native, at, actor, version, amount=amount, currency=code, **told)
    name = "payment failed" if status == "failed" else "payment begun"
    return shop.act(Verb.TRACK, native, at, actor, version, event_name=name, **told)


def _refunded(event: Json, charge: Json, moment: datetime) -> Iterator[Item]:
    """The slice of the charge that this refund sent back, beside the charge itself, of which this may be the first word."""
    number, code = _id(charge), currency(js.text(charge.get("currency")))
    after = charge.get("amount_refunded")
    before = js.at(event, "data", "previous_attributes", "amount_refunded")
    before = before if isinstance(before, int) and not isinstance(before, bool) else 0
    if not number or isinstance(after, bool) or not isinstance(after, int) or max(after, before) >= 10**13:
        return
    handles, _name = _who(charge, js.obj(charge.get("billing_details")))
    actor = handles[0] if handles else None
    version = _version(event, moment)
    native = f"charge:{number}:refund:{min(before, after)}"
    if js.at(event, "data", "previous_attributes", "captured") is False:
        pass  # what was reserved and not captured is let go in the same breath: it had never been taken
    elif after > before:
        amount = shop.minor(after - before, code)
        yield shop.act(Verb.REFUND, native, moment, actor, version, object_key=number, amount=amount, currency=code)
    elif after < before:
        yield shop.act(Verb.UNDO, native, moment, actor, version, object_key=number, event_name="refund taken back")
    yield from _charge(event, charge, moment)


def _refund(event: Json, refund: Json, moment: datetime) -> Iterator[Item]:
    """refund.created, refund.updated, refund.failed, charge.refund.updated: see the head of this file."""
    number, charge, code = _id(refund), _id(refund.get("charge")), currency(js.text(refund.get("currency")))
    amount, status = shop.minor(refund.get("amount"), code), shop.clean(refund.get("status"))
    if not number or not amount:
        return
    reason = shop.clean(refund.get("failure_reason") or refund.get("reason"), 200)
    props = {key: value for key, value in (("status", status), ("reason", reason)) if value}
    if status in ("failed", "canceled"):
        yield shop.act(
            Verb.TRACK, f"refund:{number}:failed", moment, None, _version(event, moment), event_name=f"refund {status}", object_key=charge,
            props=props | {"amount": str(amount), "currency": code},
        )  # fmt: skip
        return
    native = f"charge:{charge}:refund:0" if charge else f"refund:{number}"
    at = js.when(refund.get("created"), moment)
    version = _version(event, moment, weight=0)
    yield shop.act(Verb.REFUND, native, at, None, version, amount=amount, currency=code, object_key=charge, props=props)


def _dispute(event: Json, dispute: Json, moment: datetime) -> Iterator[Item]:
    """A chargeback takes the money of a payment back through its bank; won, it returns."""
    number, charge, code = _id(dispute), _id(dispute.get("charge")), currency(js.text(dispute.get("currency")))
    amount, reason = shop.minor(dispute.get("amount"), code), shop.clean(dispute.get("reason"), 200)
    if not number or not amount:
        return
    native, props = f"dispute:{number}", {"reason": reason} if reason else {}
    if event.get("type") == "charge.dispute.funds_reinstated":
        version = _version(event, moment, 1)
        yield shop.act(Verb.UNDO, native, moment, None, version, event_name="chargeback won", object_key=charge, props=props)
        return
    yield shop.act(
        Verb.REFUND, native, moment, None, _version(event, moment), event_name="chargeback", object_key=charge, amount=amount,
        currency=code, props=props,
    )  # fmt: skip


def _invoice(event: Json, invoice: Json, moment: datetime) -> Iterator[Item]:
    number, code = _id(invoice), currency(js.text(invoice.get("currency")))
    handles, name = _who(invoice, {})
    amount = shop.minor(invoice.get("amount_paid"), code)
    if number and amount and invoice.get("paid_out_of_band") is True:
        at = js.when(js.at(invoice, "status_transitions", "paid_at"), moment)
        yield shop.act(
            Verb.PURCHASE, f"invoice:{number}", at, handles[0] if handles else None, _version(event, moment), amount=amount, currency=code,
            object_key=number, url=url(js.text(invoice.get("hosted_invoice_url"))), props={"payment": "outside of Stripe"},
        )  # fmt: skip
    yield from shop.buyer(moment, handles, _address(js.obj(invoice.get("customer_address"))), (), name)


def _checkout(event: Json, session: Json, moment: datetime) -> Iterator[Item]:
    details, number = js.obj(session.get("customer_details")), _id(session)
    handles, name = _who(session, details)
    consents = _promotions(session, moment, number)
    yield from shop.buyer(moment, handles, _address(js.obj(details.get("address"))), consents, name)


def _promotions(session: Json, moment: datetime, number: str) -> Iterator[ConsentFact]:
    """The tick "keep me up to date" of a checkout that asks for it."""
    permit = {"opt_in": Permit.GRANTED, "opt_out": Permit.DENIED}.get(js.text(js.at(session, "consent", "promotions")))
    if permit:
        yield shop.consent(permit, "email", moment, f"Stripe Checkout {number}: promotions")


def _customer(event: Json, value: Json, moment: datetime) -> Iterator[Item]:
    number, name = _id(value), shop.clean(value.get("name"))
    where = js.obj(value.get("address"))
    handles = shop.people("stripe", number, name, [value.get("email")], [value.get("phone")], country(js.text(where.get("country"))))
    languages = js.texts(value.get("preferred_locales"))
    known = _address(where) | shop.traits(language=languages[0][:2].lower() if languages else "")
    yield from shop.customer(f"customer:{number}:{shop.stamp(moment)}", moment, handles, known, (), name)


def _subscription(event: Json, value: Json, moment: datetime) -> Iterator[Item]:
    """A subscription begins, changes its state, ends. Its money comes as charges."""
    number, status = _id(value), shop.clean(value.get("status"))
    ended = event.get("type") == "customer.subscription.deleted"
    began = event.get("type") == "customer.subscription.created"
    if not number or not (began or ended or js.at(event, "data", "previous_attributes", "status")):
        return
    price = js.obj(next((row.get("price") or row.get("plan") for row in js.objs(js.at(value, "items", "data"))), None))
    code = currency(js.text(price.get("currency")))
    said = {"status": status, "plan": shop.clean(price.get("nickname")) or _id(price), "price": _price(price, code),
            "every": shop.clean(js.at(price, "recurring", "interval") or price.get("interval"))}  # fmt: skip
    name = "subscription started" if began else "subscription ended" if ended else f"subscription {status}"
    customer = _id(value.get("customer"))
    yield Activity(
        verb=Verb.TRACK, object_type=ObjectType.ORDER, native_id=f"subscription:{number}:{_id(event) or shop.stamp(moment)}",
        happened_at=moment, actor=HandleRef("external", f"stripe:{customer}") if customer else None, event_name=name, object_key=number,
        props={key: text for key, text in said.items() if text},
    )  # fmt: skip


def _price(price: Json, code: str) -> str:
    amount: Decimal | None = shop.minor(price.get("unit_amount", price.get("amount")), code)
    return f"{amount} {code}" if amount is not None and code else ""


_Reader = Callable[[Json, Json, datetime], Iterator[Item]]
_READERS: dict[str, _Reader] = {
    **dict.fromkeys(tuple(f"charge.{each}" for each in ("succeeded", "captured", "updated", "pending", "failed", "expired")), _charge),
    "charge.refunded": _refunded,
    **dict.fromkeys(("charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated"), _dispute),
    **dict.fromkeys(("refund.created", "refund.updated", "refund.failed", "charge.refund.updated"), _refund),
    "invoice.paid": _invoice,
    **dict.fromkeys(("checkout.session.completed", "checkout.session.async_payment_succeeded"), _checkout),
    **dict.fromkeys(("customer.created", "customer.updated"), _customer),
    **dict.fromkeys(tuple(f"customer.subscription.{each}" for each in ("created", "updated", "deleted")), _subscription),
}
channel = Stripe()
