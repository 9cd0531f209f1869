"""What the shops and payment services share: signatures, envelopes, money, and orders as states that change.

An order is one act with one native id. Platforms send its whole state at every change, twice at times and in any order; so each
state is a `correct` whose version rises with the platform's own time of the change, and the last one stands however they came.
"""

import hmac
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

import msgspec

from vincle.vocabulary import Activity, ConsentFact, Fact, HandleRef, ObjectType, Op, Permit, Verb

from . import _json as js
from ._identifiers import country, email, phone
from .base import Accepted, Rejected, Request, Verdict

Json = dict[str, Any]
CENT = Decimal("0.0001")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST = Decimal(10) ** 13
_MOST_ITEMS = 500
# ISO 4217, as payment services count: https://docs.stripe.com/currencies
_WHOLE = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF".split())
_THOUSANDTHS = frozenset("BHD JOD KWD OMR TND".split())
_NO_WORD = re.compile(r"[\s\x00-\x1f\x7f]+")


def signed(request: Request, header: str, secret: str) -> Verdict:
    """Whether `header` holds the base64 HMAC-SHA256 of the body under `secret`."""
    given = request.headers.get(header, "").strip()
    if not secret:
        return Rejected("no_secret")
    if not given:
        return Rejected("no_signature")
    expected = b64encode(hmac.digest(secret.encode(), request.body, sha256))
    return Accepted() if hmac.compare_digest(expected, given.encode(errors="replace")) else Rejected("wrong_signature")


def sealed(request: Request, names: Iterable[str]) -> bytes:
    """The body as text, with these headers where they were sent."""
    headers = {name: request.headers[name] for name in names if name in request.headers}
    return msgspec.json.encode({"headers": headers, "body": request.body.decode("utf-8", "replace")})


def opened(delivery: Any) -> tuple[dict[str, str], Any]:
    """(headers, body) of what `sealed` made, or of a bare body. FileError when the body is not JSON."""
    value = js.obj(delivery)
    if set(value) < {"headers", "body"} or not isinstance(value.get("headers"), dict):
        return {}, delivery
    body = value.get("body")
    headers = {name.lower(): js.text(said) for name, said in value["headers"].items()}
    return headers, js.load_text(body) if isinstance(body, str) else body


def clean(value: Any, most: int = 120) -> str:
    """A text without blanks at its ends or controls within, cut to a length that can be stored."""
    return _NO_WORD.sub(" ", js.text(value)).strip()[:most].strip()


def number_of(value: Any) -> str:
    """An id of the platform; '' when it gives none (0 is none: a guest)."""
    found = clean(value).replace(" ", "")
    return "" if found == "0" else found


def money(value: Any) -> Decimal | None:
    """A sum as platforms write it, "29.35" or 29.35; None when it is none."""
    try:
        found = Decimal(js.text(value).strip() or "x")
    except InvalidOperation:
        return None
    return found.quantize(CENT).normalize() + 0 if found.is_finite() and abs(found) < _MOST else None


def minor(units: Any, code: str) -> Decimal | None:
    """A sum counted in the smallest unit of its currency: 1099 EUR is 10.99, 500 JPY is 500, 5125 KWD is 5.125.

    >>> minor(1099, "EUR"), minor(500, "JPY"), minor(5125, "KWD"), minor(None, "EUR")
    (Decimal('10.99'), Decimal('500'), Decimal('5.125'), None)
    """
    if isinstance(units, bool) or not isinstance(units, int) or abs(units) >= _MOST:
        return None
    return Decimal(units).scaleb(-decimals(code))


def decimals(code: str) -> int:
    """How many decimals a currency has."""
    return 0 if code in _WHOLE else 3 if code in _THOUSANDTHS else 2


def stamp(moment: datetime) -> int:
    """Microseconds since 1970."""
    return int((moment - EPOCH).total_seconds() * 1_000_000)


def version(moment: datetime, rank: int = 0, *content: Any) -> str:
    """Rises with time; of two states in one moment the one of higher rank (0..9) comes later, then any fixed order."""
    return f"{stamp(moment):017d}{rank}{int(js.digest(*content), 16) % 10**6:06d}"


def earliest(moment: datetime) -> str:
    """Falls with time: of what is seen again and again the first sight stands, however deliveries are ordered."""
    return f"{10**17 - stamp(moment):018d}"


def act(verb: Verb, native_id: str, moment: datetime, actor: HandleRef | None, version: str, **fields: Any) -> Activity:
    """One state of an order or of a payment."""
    return Activity(
        verb=verb,
        object_type=ObjectType.ORDER,
        native_id=native_id,
        happened_at=moment,
        actor=actor,
        op=Op.CORRECT,
        version=version,
        **fields,
    )


def people(space: str, number: str, name: str, mails: Iterable[Any], phones: Iterable[Any], land: str) -> tuple[HandleRef, ...]:
    """The handles of a customer, the platform's own id first, e-mail addresses, then phones; `space` is whose ids they are."""
    found = [HandleRef("external", f"{space}:{number}", name)] if number else []
    reached = (email(clean(each, 400)) for each in mails)
    # Shops that forget someone write deleted@site.invalid: an address that all whom they forgot would share.
    found += [HandleRef("email", address, name) for address in reached if address and not address.endswith(".invalid")]
    found += [HandleRef("phone", dialled, name) for each in phones if (dialled := phone(clean(each, 60), land))]
    return tuple(dict.fromkeys(found))


def full_name(value: Json) -> str:
    return " ".join(filter(None, (_told(value.get("first_name")), _told(value.get("last_name")))))


def _told(value: Any, most: int = 120) -> str:
    """A text, or '' where the shop wrote that it forgot it."""
    found = clean(value, most)
    return "" if found == "[deleted]" else found


def traits(**said: Any) -> Json:
    """Traits that say something; a country is its code."""
    found = {name: _told(value, 300) for name, value in said.items()}
    if "country" in found:
        found["country"] = country(found["country"])
    return {name: value for name, value in found.items() if value}


def customer(native_id: str, moment: datetime, handles: tuple[HandleRef, ...], known: Json, consents: Iterable[ConsentFact], name: str,
             tags: tuple[str, ...] = ()) -> Iterable[Fact]:  # fmt: skip
    """What an account, or the address of an order, says of its owner; nothing when it names nobody or says nothing."""
    allowed = tuple(consents)
    if handles and (len(handles) > 1 or known or allowed or name or tags):
        yield js.fact(native_id, observed_at=moment, handles=handles, name=name, traits=known, consents=allowed, tags=tags)


def buyer(moment: datetime, handles: tuple[HandleRef, ...], known: Json, consents: Iterable[ConsentFact], name: str) -> Iterable[Fact]:
    """As `customer`, of what stands on an order: who buys every day with the same address is told once a month."""
    if handles:
        yield from customer(f"buyer:{moment:%Y-%m}:{handles[0].value}", moment, handles, known, consents, name)


def consent(permit: Permit, channel: str, at: datetime | None, evidence: str) -> ConsentFact:
    return ConsentFact(permit=permit, channel=channel, at=at, evidence=evidence)


def articles(rows: list[Json], read: Callable[[Json], Mapping[str, Any]]) -> list[dict[str, str]]:
    """What was bought, in the words of the orders that come as files: item, sku, quantity, unit_price, item_total."""
    found = [{name: text for name, value in read(row).items() if (text := clean(value, 200))} for row in rows[:_MOST_ITEMS]]
    return [row for row in found if row]


def counted(rows: list[Json], key: str = "quantity") -> Json:
    """How many lines and pieces an order has, and of which products, by their SKU or else their name."""
    pieces = float(sum(js.number(row.get(key)) or 0 for row in rows))
    whole: int | float = int(pieces) if pieces.is_integer() else pieces
    products = wares(js.first(row, "sku", "title", "name") for row in rows)
    return {"items": len(rows), "quantity": whole} | ({"products": products} if products else {}) if rows else {}


def codes(given: Iterable[str]) -> Json:
    """The codes an order was bought with, each once; nothing where there are none, or what stands there could name a person.

    >>> codes(["SPRING-10", "", "SPRING-10"]), codes(["ana@x.example"])
    ({'codes': ['SPRING-10']}, {})
    """
    found = list(dict.fromkeys(code for each in given if (code := clean(each, 40)) and "@" not in code))[:20]
    return {"codes": found} if found else {}


def wares(labels: Iterable[str]) -> list[str]:
    """Products of an order as they may be counted: each once, nothing that could name a person.

    >>> wares(["MUG-1", "", "gift for ana@x.example", "MUG-1"])
    ['MUG-1']
    """
    return list(dict.fromkeys(label.strip()[:64] for label in labels if label.strip() and "@" not in label))[:50]
