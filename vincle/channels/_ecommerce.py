"""Events with a known meaning: orders, goods, reviews, forms, links and consents (Segment e-commerce v2 names)."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from msgspec import Struct

from vincle.vocabulary import ObjectType, Verb

from . import _json as js
from . import _values

MOST_MONEY = Decimal(10) ** 14
_CENT = Decimal("0.0001")
_PRODUCT = ("product_id", "productId", "sku", "variant", "id")
_ORDER = ("order_id", "orderId", "order_number", "checkout_id")


class Meaning(Struct, frozen=True):
    """What a named event is in the words of the log. `keys` are the properties that may name its object."""

    verb: Verb = Verb.TRACK
    kind: ObjectType = ObjectType.EVENT
    keys: tuple[str, ...] = ()
    wares: bool = False


PLAIN = Meaning()
_VIEWED = Meaning(Verb.VIEW, ObjectType.EVENT, _PRODUCT, wares=True)
_GOODS = Meaning(keys=_PRODUCT, wares=True)
_BOUGHT = Meaning(Verb.PURCHASE, ObjectType.ORDER, _ORDER, wares=True)
_REFUNDED = Meaning(Verb.REFUND, ObjectType.ORDER, _ORDER, wares=True)
_LIST = ("list_id", "category")
_CART, _PROMOTION = ("cart_id",), ("promotion_id",)
_CHECKOUT, _COUPON = ("checkout_id", *_ORDER), ("coupon_id", *_ORDER)
_MEANINGS = {
    "ordercompleted": _BOUGHT, "orderplaced": _BOUGHT,
    "orderrefunded": _REFUNDED, "ordercancelled": _REFUNDED, "ordercanceled": _REFUNDED,
    "orderupdated": Meaning(keys=_ORDER, wares=True),
    "productviewed": _VIEWED, "productclicked": _VIEWED, "productadded": _GOODS, "productremoved": _GOODS,
    "productaddedtowishlist": _GOODS, "productremovedfromwishlist": _GOODS, "wishlistproductaddedtocart": _GOODS, "productshared": _GOODS,
    "productlistviewed": Meaning(Verb.VIEW, keys=_LIST, wares=True), "productlistfiltered": Meaning(Verb.VIEW, keys=_LIST, wares=True),
    "productssearched": Meaning(wares=True),
    "promotionviewed": Meaning(Verb.VIEW, keys=_PROMOTION, wares=True), "promotionclicked": Meaning(keys=_PROMOTION, wares=True),
    "cartviewed": Meaning(Verb.VIEW, keys=_CART, wares=True), "cartshared": Meaning(keys=_CART, wares=True),
    "checkoutstarted": Meaning(keys=_ORDER, wares=True), "checkoutstepviewed": Meaning(Verb.VIEW, keys=_CHECKOUT, wares=True),
    "checkoutstepcompleted": Meaning(keys=_CHECKOUT, wares=True), "paymentinfoentered": Meaning(keys=_CHECKOUT, wares=True),
    "couponentered": Meaning(keys=_COUPON, wares=True), "couponapplied": Meaning(keys=_COUPON, wares=True),
    "coupondenied": Meaning(keys=_COUPON, wares=True), "couponremoved": Meaning(keys=_COUPON, wares=True),
    "productreviewed": Meaning(Verb.CREATE, ObjectType.REVIEW, _PRODUCT, wares=True),
    "formsubmitted": Meaning(Verb.SUBMIT, ObjectType.FORM, ("form", "form_id", "formId", "form_name", "id")),
    "linkclicked": Meaning(Verb.VIEW, ObjectType.LINK),
    "consentgiven": Meaning(Verb.GRANT, ObjectType.PURPOSE, ("purpose", "category")),
    "consentwithdrawn": Meaning(Verb.REVOKE, ObjectType.PURPOSE, ("purpose", "category")),
}  # fmt: skip
MONEY = frozenset({"total", "revenue", "value", "currency", "products"})
_NOT_LETTERS = str.maketrans("", "", " _-")


@lru_cache(maxsize=4096)
def meaning(name: str) -> Meaning:
    """What an event of this name means; case, spaces and underscores do not matter.

    >>> meaning("order_completed").verb, meaning("Signed Up").verb
    (<Verb.PURCHASE: 'Purchase'>, <Verb.TRACK: 'Track'>)
    """
    return _MEANINGS.get(name.lower().translate(_NOT_LETTERS), PLAIN)


def object_key(properties: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    """The first of these properties that says something; a single product in a list counts as the product."""
    for key in keys:
        if (value := properties.get(key)) is not None and (text := js.text(value).strip()):
            return text[:300]
    products = properties.get("products")
    if keys is _PRODUCT and isinstance(products, list) and len(products) == 1 and isinstance(products[0], dict):
        return js.first(products[0], *keys)[:300]
    return ""


def total(properties: Mapping[str, Any], *, refund: bool = False) -> tuple[Decimal | None, str]:
    """(what an order is worth, the property that is to blame when it cannot be told): total, revenue, value, or the sum of the goods.

    A refund may be told as a negative sum, an order may not.
    """
    for key in ("total", "revenue", "value"):
        if properties.get(key) not in (None, ""):
            found = money(properties[key])
            if found is None or (found < 0 and not refund):
                return None, key
            return abs(found), ""
    sums = [worth for item in js.objs(properties.get("products")) if (worth := _worth(item)) is not None]
    return (_bounded(sum(sums, Decimal(0))), "") if sums else (None, "total")


def _worth(item: Mapping[str, Any]) -> Decimal | None:
    price = money(item.get("price"))
    quantity = money(item.get("quantity")) if item.get("quantity") is not None else Decimal(1)
    return None if price is None or quantity is None else price * quantity


def money(value: Any) -> Decimal | None:
    """A sum of money from a number or a text, to four places; None when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str):
        found = _values.amount(value)
        return _bounded(found[0]) if found else None
    try:
        return _bounded(Decimal(repr(value)))
    except (InvalidOperation, ValueError):
        return None


def _bounded(value: Decimal) -> Decimal | None:
    """A sum the log can hold, without needless places: 12.5 and not 12.5000."""
    if not value.is_finite() or abs(value) >= MOST_MONEY:
        return None
    exponent = value.as_tuple().exponent
    return value.quantize(_CENT) if isinstance(exponent, int) and exponent < -4 else value


@lru_cache(maxsize=1024)
def currency(text: str) -> str:
    """Three capital letters of a currency, or ''.

    >>> currency("eur"), currency("€"), currency("euros please")
    ('EUR', 'EUR', '')
    """
    code = _values.currency(text)
    return code or (text.strip().upper() if len(text.strip()) == 3 and text.strip().isascii() and text.strip().isalpha() else "")


def goods(properties: Mapping[str, Any]) -> dict[str, Any]:
    """What may be counted of the products of an order: how many lines, how many pieces, which."""
    products = js.objs(properties.get("products"))[:500]
    if not products:
        return {}
    pieces = sum((money(item.get("quantity")) or Decimal(1) for item in products), Decimal(0))
    names = [label[:64] for item in products[:50] if (label := js.first(item, *_PRODUCT)) and "@" not in label]
    found: dict[str, Any] = {"items": len(products), "quantity": int(pieces) if pieces == pieces.to_integral_value() else float(pieces)}
    return found | ({"products": names} if names else {})


def codes(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The codes an order was bought with (`coupon`: a text or several), each once.

    >>> codes({"coupon": "SPRING-10"}), codes({"coupons": ["A1", "A1", "B2"]}), codes({"coupon": 7}), codes({})
    ({'codes': ['SPRING-10']}, {'codes': ['A1', 'B2']}, {'codes': ['7']}, {})
    """
    given: list[str] = []
    for key in ("coupon", "coupons", "coupon_code", "discount_code", "discount_codes"):
        value = properties.get(key)
        given += [_code(each) for each in (value[:20] if isinstance(value, list) else [value])]
    found = list(dict.fromkeys(code for code in given if code and "@" not in code))[:20]
    return {"codes": found} if found else {}


def _code(value: Any) -> str:
    return " ".join(js.text(value.get("code") if isinstance(value, dict) else value).split())[:40]
