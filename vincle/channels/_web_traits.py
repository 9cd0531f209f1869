"""Traits as web sites and servers send them, under the names every part of the product agrees on."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from vincle.vocabulary import Warn
from vincle.vocabulary.fields import TRAITS

from . import _json as js
from ._identifiers import country, url
from ._surroundings import language
from ._values import fold, part

MOST_TRAITS = 120
_LONGEST = 2000
_LONGEST_NAME = 100
_DEEPEST = 3
_FIELDS = {
    "first name": "first_name", "firstname": "first_name", "given name": "first_name", "middle name": "middle_name",
    "last name": "last_name", "lastname": "last_name", "family name": "last_name", "surname": "last_name", "username": "nickname",
    "nickname": "nickname", "gender": "gender", "birthday": "birthday", "birth date": "birthday", "date of birth": "birthday",
    "language": "language", "locale": "language", "timezone": "timezone", "company": "company", "company name": "company",
    "title": "job_title", "job title": "job_title", "position": "job_title", "department": "department", "company department": "department",
    "industry": "industry", "company industry": "industry", "address street": "street", "street": "street", "address city": "city",
    "city": "city", "address state": "region", "state": "region", "address region": "region", "region": "region",
    "address postal code": "postcode", "address postcode": "postcode", "address zip": "postcode", "postal code": "postcode",
    "postalcode": "postcode", "postcode": "postcode", "zip": "postcode", "address postalcode": "postcode",
    "address country": "country", "country": "country", "website": "website", "description": "bio", "bio": "bio", "avatar": "avatar",
}  # fmt: skip
_TAKEN = frozenset({"email", "e mail", "phone", "phone number", "name", "full name"})


def traits(found: Mapping[str, Any], line: int) -> tuple[dict[str, Any], list[Warn]]:
    """(traits by their field or, where none fits, their own name; values that had to be left out)."""
    kept: dict[str, Any] = {}
    warns: list[Warn] = []
    for name, value in _flat(found, ""):
        said = fold(part(name))
        if said in _TAKEN or len(kept) >= MOST_TRAITS:
            continue
        field = _FIELDS.get(said, "")
        if not field:
            kept.setdefault(name[:_LONGEST_NAME], value)
        elif read := _read(field, value):
            kept.setdefault(field, read)
        elif TRAITS[field] in _KIND:
            warns.append(Warn(line=line, code=f"invalid_{_KIND[TRAITS[field]]}", field=f"traits.{name}"[:120], detail=js.text(value)[:200]))
    return kept, warns


_KIND = {"date": "date", "url": "url", "country": "country", "language": "language"}


def _flat(found: Mapping[str, Any], before: str, depth: int = 1) -> Iterator[tuple[str, Any]]:
    """(dotted name, value) of everything that can be a trait; lists of objects have no name and are left out."""
    for key, value in found.items():
        name = f"{before}{key}"
        if isinstance(value, dict):
            if depth < _DEEPEST:
                yield from _flat(value, f"{name}.", depth + 1)
        elif isinstance(value, list):
            if words := [text[:_LONGEST] for text in js.texts(value)[:50]]:
                yield name, words
        elif isinstance(value, str):
            if text := value.strip()[:_LONGEST]:
                yield name, text
        elif isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 2**53):
            yield name, value
        elif value is not None:
            yield name, js.text(value)[:_LONGEST]


def _read(field: str, value: Any) -> str:
    """A value as its field needs it; '' when it is none."""
    text = ", ".join(value) if isinstance(value, list) else js.text(value)
    match TRAITS[field]:
        case "date":
            return _day(text)
        case "url":
            return url(text)
        case "country":
            return country(text)
        case "language":
            return language(text)
    return text


def _day(text: str) -> str:
    try:
        return (date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text).date()).isoformat()
    except ValueError:
        return ""


def name(found: Mapping[str, Any]) -> str:
    """How the person is called: `name`, else first and last name."""
    whole = js.first(found, "name", "fullName", "full_name").strip()
    if not whole:
        first, last = (js.first(found, *keys).strip() for keys in (("firstName", "first_name"), ("lastName", "last_name")))
        whole = " ".join(filter(None, (first, last)))
    return whole[:200]
