"""Asking Stripe: its events of the last 30 days, which are the very deliveries of its webhooks, and what was there before them.

https://docs.stripe.com/api. The past is told as the events it would have come by: a charge, each of its refunds as its own slice of the
charge, what a chargeback took, invoices paid outside, customers. So a payment heard twice, by event and as past, is one.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from . import _json as js
from . import _shop as shop
from ._answers import judged, quota
from ._shop import Json
from ._walk import Asked, Walk, rows, several, walk
from .live import Line, Problem, Pulled, Setting, Standing, Stream

API = "https://api.stripe.com/v1"
VERSION = "2024-06-20"
STREAMS = tuple(Stream(name=name, every=300, has_past=True) for name in ("charges", "customers", "invoices"))
SETTINGS = (
    Setting(name="api_key", label="Restricted key", is_secret=True, is_required=False, help="One that may only read; it begins with rk_."),
)
NEEDED = {"events": "Events", "charges": "Charges and Refunds", "customers": "Customers", "invoices": "Invoices", "disputes": "Disputes"}
"""What a key must be able to read -> what Stripe calls it."""
_PAGE = 50
_TYPES = {
    "charges": (
        *(f"charge.{each}" for each in ("succeeded", "captured", "updated", "pending", "failed", "expired", "refunded", "refund.updated")),
        *("charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated", "refund.failed"),
    ),
    "customers": (
        *(f"customer.{each}" for each in ("created", "updated", "subscription.created", "subscription.updated", "subscription.deleted")),
        *("checkout.session.completed", "checkout.session.async_payment_succeeded"),
    ),
    "invoices": ("invoice.paid",),
}
_NO_REFUND = ("failed", "canceled")


def check(line: Line) -> Standing:
    if not (key := line.secrets.get("api_key", "")):
        return Standing(account="", notes=("only_delivered",))
    missing = []
    for path, name in NEEDED.items():
        try:
            _list(line, path, {"limit": "1"})
        except Problem as problem:
            if problem.code != "not_allowed":
                raise
            missing.append(name)
    return Standing(account=_account(line), scopes_missing=tuple(missing), notes=("test_mode",) if "_test_" in key else ())


def _account(line: Line) -> str:
    """What the account is called, where the key may know."""
    try:
        said = js.obj(_ask(line, "account").value)
    except Problem as problem:
        if problem.kind in ("quota", "transient"):
            raise
        return ""
    names = (js.at(said, "business_profile", "name"), js.at(said, "settings", "dashboard", "display_name"), said.get("id"))
    return next((name for each in names if (name := shop.clean(each))), "")


def page(line: Line, stream: str, cursor: str, *, past: bool) -> Pulled:
    """Events newest first down to where they are known, or what is listed there, newest first."""
    if stream not in _TYPES:
        raise Problem("permanent", "no_such_stream", stream)
    if not line.secrets.get("api_key"):
        return Pulled(cursor=cursor)
    place = walk(cursor, line.now, past=past)
    path = stream if past else "events"
    try:
        asked = _list(line, path, _query(stream, place))
    except Problem as problem:
        if problem.code not in ("http_400", "not_there") or not place.page.get("after"):
            raise
        place.page.pop("after")  # what it went on from was deleted there: on from the moment of that
        asked = _list(line, path, _query(stream, place))
    found = rows(js.obj(asked.value).get("data"))
    things: list[Any] = [row for row in found if place.takes(row.get("created"), shop.number_of(row.get("id")))]
    last = found[-1] if found and js.obj(asked.value).get("has_more") is True else {}
    after = shop.number_of(last.get("id"))
    place.page = {"after": after, "last": js.text(last.get("created"))} if after else {}
    return several(asked, place, [told for row in things if (told := list(_PASTS[stream](line, row)))] if past else things)


def _query(stream: str, place: Walk) -> dict[str, str]:
    query = {"limit": str(_PAGE)}
    if place.is_past:
        query |= {"charges": {"expand[0]": "data.refunds"}, "invoices": {"status": "paid"}}.get(stream, {})
    else:
        query |= {f"types[{number}]": name for number, name in enumerate(_TYPES[stream])}
        query |= {"created[gte]": since} if (since := _seconds(place.since)) else {}
    if place.page.get("after"):
        return query | {"starting_after": place.page["after"]}
    return query | ({"created[lte]": place.page["last"]} if place.page.get("last") else {})


def _seconds(moment: str) -> str:
    if not moment:
        return ""
    return str(shop.stamp(js.when(moment, shop.EPOCH)) // 1_000_000)


def _event(kind: str, thing: Json, at: Any, mark: str, before: Json | None = None) -> Json:
    """What Stripe would have sent: its name tells that it was read afterwards, and is the same each time."""
    data = {"object": thing} | ({"previous_attributes": before} if before else {})
    name = f"past:{shop.number_of(thing.get('id'))}:{mark}"
    return {"object": "event", "id": name, "type": kind, "created": at, "livemode": thing.get("livemode") is True, "data": data}


def _charge(line: Line, charge: Json) -> Iterator[Json]:
    """A charge as it stands, its refunds from the first on, and its chargebacks."""
    bare = {name: value for name, value in charge.items() if name != "refunds"}
    created = charge.get("created")
    yield _event("charge.updated", bare, created, "charge")
    before = 0
    for refund in _refunds(line, charge):
        after = before + refund["amount"]
        stood, at = bare | {"amount_refunded": after}, refund.get("created") or created
        yield _event("charge.refunded", stood, at, f"refunded:{before}", {"amount_refunded": before})
        before = after
    if charge.get("disputed") is True:
        yield from _disputes(line, charge)


def _refunds(line: Line, charge: Json) -> list[Json]:
    """What went back, the first refund first; those that failed went nowhere."""
    listed, total = js.obj(charge.get("refunds")), charge.get("amount_refunded")
    if isinstance(total, bool) or not isinstance(total, int) or total <= 0:
        return []
    found = js.objs(listed.get("data"))
    if listed.get("has_more") is True or not found:
        found = rows(js.obj(_list(line, "refunds", {"charge": shop.number_of(charge.get("id")), "limit": "100"}).value).get("data"))
    good = [row for row in found if _units(row.get("amount")) > 0 and row.get("status") not in _NO_REFUND]
    good.sort(key=lambda row: (js.number(row.get("created")) or 0, shop.number_of(row.get("id"))))
    if (rest := total - sum(row["amount"] for row in good)) > 0:
        good.insert(0, {"amount": rest, "created": good[0].get("created") if good else charge.get("created")})
    return good


def _units(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _disputes(line: Line, charge: Json) -> Iterator[Json]:
    """What chargebacks took and gave back, by the movements of money they made."""
    try:
        found = rows(js.obj(_list(line, "disputes", {"charge": shop.number_of(charge.get("id")), "limit": "100"}).value).get("data"))
    except Problem as problem:
        if problem.code != "not_allowed":
            raise
        return  # the check says that this right is missing
    for dispute in found:
        bare = {name: value for name, value in dispute.items() if name != "balance_transactions"}
        for move in js.objs(dispute.get("balance_transactions")):
            kind = "funds_withdrawn" if _units(move.get("amount")) < 0 else "funds_reinstated"
            yield _event(f"charge.dispute.{kind}", bare, move.get("created") or dispute.get("created"), kind)


def _customer(_line: Line, customer: Json) -> Iterator[Json]:
    yield _event("customer.updated", customer, customer.get("created"), "customer")


def _invoice(_line: Line, invoice: Json) -> Iterator[Json]:
    """Only what was paid outside of Stripe: all others were paid by a charge."""
    if invoice.get("paid_out_of_band") is True:
        yield _event("invoice.paid", invoice, js.at(invoice, "status_transitions", "paid_at") or invoice.get("created"), "invoice")


_PASTS: dict[str, Callable[[Line, Json], Iterator[Json]]] = {"charges": _charge, "customers": _customer, "invoices": _invoice}


def _list(line: Line, path: str, query: Mapping[str, str]) -> Asked:
    asked = _ask(line, path, query)
    rows(js.obj(asked.value).get("data"))
    return asked


def _ask(line: Line, path: str, query: Mapping[str, str] | None = None) -> Asked:
    headers = {"authorization": f"Bearer {line.secrets.get('api_key', '')}", "stripe-version": VERSION}
    answer = line.send("GET", f"{API}/{path}", query=query, headers=headers)
    return Asked(judged(answer, line.now), answer.headers, quota(answer))
