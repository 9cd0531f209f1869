"""What of an event's properties is a label that may be counted, and what is personal or free text."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from . import _json as js
from ._values import fold, part

MOST_PROPS = 60
_LONGEST_LABEL = 64
_LONGEST_TEXT = 8000
_MOST_WORDS = 5
_DEEPEST = 12
_PERSONAL = frozenset(
    "email mail phone mobile telephone tel telefono whatsapp firstname lastname surname fullname username nickname displayname contact "
    "address street street1 street2 birthday birthdate dob age gender ip password passwd secret token iban dni nif nie vat ssn card "
    "cardnumber message comment comments note notes query search text body description question answer subject feedback latitude "
    "longitude lat lng lon".split()
)
_PERSONAL_NAMES = frozenset({"name", "first name", "last name", "full name", "user name", "customer name", "user id", "user", "customer"})
_NUMBERED = frozenset("id ids sku upc ean isbn code version date day month at time timestamp number".split())
_PHONE_LIKE = re.compile(r"\+?[\d\s().\-/\u00a0]{7,24}").fullmatch
_MAIL_LIKE = re.compile(r"@|%40")


@lru_cache(maxsize=4096)
def _rule(key: str) -> int:
    """What a property's name says of it: 0 personal, 1 a label, 2 a label that may be a long number."""
    if len(key) > 60 or "@" in key or not key.isprintable():
        return 0
    said = fold(part(key))
    words = set(said.split())
    if said in _PERSONAL_NAMES or words & _PERSONAL:
        return 0
    return 2 if words & _NUMBERED else 1


@lru_cache(maxsize=16384)
def _is_label(value: str) -> bool:
    return not _MAIL_LIKE.search(value) and value.count(" ") < _MOST_WORDS and value.isprintable()


@lru_cache(maxsize=16384)
def _is_number(value: str) -> bool:
    return _PHONE_LIKE(value) is not None


def is_label(value: str, *, numbered: bool = False) -> bool:
    """Whether a text is a short label: few words, no e-mail address, no phone number.

    >>> is_label("Running shoes"), is_label("ana@example.org"), is_label("+34 600 000 001"), is_label("I would like to know when")
    (True, False, False, False)
    """
    return len(value) <= _LONGEST_LABEL and _is_label(value) and (numbered or not _is_number(value))


def divide(properties: Mapping[str, Any], taken: frozenset[str], props: dict[str, Any], *, wares: bool = False) -> dict[str, Any]:
    """Put what may be counted into `props`; what is personal, free or nested is returned. `taken` is told elsewhere.

    `wares`: the properties speak of goods, so that a name is the name of a thing.
    """
    body: dict[str, Any] = {}
    for key, value in properties.items():
        if key in taken or value is None or value == "":
            continue
        kept = _countable(key, value, wares)
        if kept is not None and len(props) < MOST_PROPS:
            props[key] = kept
        else:
            body[key] = personal(value)
    return body


def _countable(key: str, value: Any, wares: bool) -> Any:
    rule = _rule(key)
    if not rule and not (wares and key == "name"):
        return None
    kind = type(value)
    if kind is str:
        return value if is_label(value, numbered=rule == 2) else None
    if kind is bool or kind is float or (kind is int and -(2**53) <= value <= 2**53):
        return value
    if kind is list and len(value) <= 50 and all(type(item) is str and is_label(item, numbered=rule == 2) for item in value):
        return value
    return None


def personal(value: Any, depth: int = 0) -> Any:
    """A value as it is kept in the personal part: any JSON that can be written again, nested no deeper than anyone reads."""
    if isinstance(value, str):
        return value[:_LONGEST_TEXT]
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else js.text(value)
    if depth >= _DEEPEST:
        return None
    if isinstance(value, list):
        return [personal(item, depth + 1) for item in value]
    return {key: personal(item, depth + 1) for key, item in value.items()} if isinstance(value, dict) else str(value)
