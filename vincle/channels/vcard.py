"""vCard: address books of telephones, mail programs and web mailers, in every version and spelling."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, BinaryIO, ClassVar

from vincle.vocabulary import Fact, HandleRef, Outcome, PersonKind, Reject, Warn

from . import _json as js
from ._deliveries import summary
from ._identifiers import account, country, email, phone, profile, url
from ._text import decode
from ._vcard import XCARD, Card, Property, cards
from .base import Channel, Options, Preview, Sample, Spec

_BEGIN = re.compile(r"^\s*BEGIN:VCARD\s*$", re.IGNORECASE | re.MULTILINE)
_NOT_A_PERSONS = {"fax", "pager", "x-fax"}
_NETWORKS = {"X-TWITTER": "x", "X-FACEBOOK": "facebook", "X-INSTAGRAM": "instagram", "X-LINKEDIN": "linkedin",
             "X-MASTODON": "mastodon", "X-TELEGRAM": "telegram"}
_SILENT = {"VERSION", "PRODID", "REV", "UID", "N", "FN", "PHOTO", "LOGO", "SOUND", "KEY", "LABEL", "SORT-STRING", "CLASS", "PROFILE",
           "MAILER", "SOURCE", "NAME", "KIND", "X-ABLABEL", "X-ABADR", "X-ABUID", "AGENT", "X-MS-OL-DESIGN", "X-ETAG", "X-ABSHOWAS",
           "X-ADDRESSBOOKSERVER-KIND", "X-MS-OL-DEFAULT-POSTAL-ADDRESS", "FBURL", "CALURI", "XML", "CLIENTPIDMAP",
           "X-COUCHDB-APPLICATION-ANNOTATIONS", "MEMBER", "X-ADDRESSBOOKSERVER-MEMBER", "CATEGORIES", "EMAIL", "TEL", "ADR", "ORG"}
_PLAIN = {"NICKNAME": "nickname", "TITLE": "job_title", "NOTE": "note", "TZ": "timezone", "LANG": "language", "ROLE": "role",
          "X-ANNIVERSARY": "anniversary", "ANNIVERSARY": "anniversary", "X-MS-ANNIVERSARY": "anniversary"}
_NAME_PARTS = ("last_name", "first_name", "middle_name", "title", "suffix")
_ADDRESS = ((3, "city"), (4, "region"), (5, "postcode"))
_GENDERS = {"M": "male", "F": "female", "O": "other", "N": "none", "U": "unknown"}


class VCard(Channel):
    spec: ClassVar[Spec] = Spec(
        id="vcard", name="vCard", icon="address-book", family="contacts", capabilities=frozenset({"file"}),
        handle_kinds=("email", "phone", "external"), extensions=(".vcf", ".vcard"),
    )

    def recognise(self, sample: Sample) -> float:
        head = decode(sample.head[:8192]).lstrip("\ufeff \t\r\n")
        if head[:11].upper() == "BEGIN:VCARD" or re.match(r'\[\s*(?:\[\s*)?"vcard"\s*,', head):
            return 1.0
        if head.startswith("<") and XCARD in head:
            return 1.0
        return 0.6 if _BEGIN.search(head) else 0.0

    def preview(self, file: BinaryIO, options: Options) -> Preview:
        found = [outcome for outcome in self.read(file, options) if isinstance(outcome, Fact)]
        return Preview(channel=self.spec.id, vendor=self.spec.name, rows=len(found), sample=tuple(summary(fact) for fact in found[:20]))

    def read(self, file: BinaryIO, options: Options) -> Iterator[Outcome]:
        for place, card in enumerate(cards(file), 1):
            if card.fault:
                yield Reject(line=card.line, code=card.fault, detail=card.detail)
            else:
                yield from _person(card, place, options)


def _first(card: Card, name: str) -> str:
    return next((found.text for found in card.properties if found.name == name and found.text), "")


def _person(card: Card, place: int, options: Options) -> Iterator[Outcome]:
    kind = (_first(card, "KIND") or _first(card, "X-ADDRESSBOOKSERVER-KIND")).lower()
    if kind == "group":
        yield Warn(line=card.line, code="group_skipped", field="KIND", detail=_first(card, "FN"))
        return
    traits: dict[str, Any] = {}
    handles: list[HandleRef] = []
    warnings: list[Warn] = []
    for found in (*_emails(card), *_phones(card, options), *_accounts(card)):
        if isinstance(found, Warn):
            warnings.append(found)
        elif found not in handles:
            handles.append(found)
    yield from warnings
    _fill(card, traits)
    _put(traits, _odd_phones(warnings))
    name, uid = _name(card, traits), _first(card, "UID").removeprefix("urn:uuid:")
    if not handles and uid:
        handles.append(HandleRef("external", f"vcard:{uid}", name))
    if not handles:
        yield Reject(line=card.line, code="no_handle", detail=name, raw=name)
        return
    organisation = kind in ("org", "organization") or _first(card, "X-ABSHOWAS").upper() == "COMPANY"
    yield Fact(
        native_id=f"{options.reading_key or options.file_key}:{place}", observed_at=_revised(card, options.now), handles=tuple(handles),
        name=name, kind=PersonKind.ORGANISATION if organisation else PersonKind.PERSON, traits=traits, tags=_tags(card),
    )


def _emails(card: Card) -> Iterator[HandleRef | Warn]:
    found = [each for each in card.properties if each.name == "EMAIL" and each.text]
    for each in sorted(found, key=lambda address: not address.preferred):
        written = each.text.replace("\n", "")
        if address := email(written):
            yield HandleRef("email", address)
        else:
            yield Warn(line=card.line, code="invalid_email", field="EMAIL", detail=written[:200])


def _phones(card: Card, options: Options) -> Iterator[HandleRef | Warn]:
    """Numbers of a person: a fax or pager identifies nobody. The card's own country reads them before the workspace's."""
    own = next((code for each in card.properties if each.name == "ADR" and (code := country(each.part(6)))), "")
    found = [each for each in card.properties if each.name == "TEL" and each.text and not each.types & _NOT_A_PERSONS]
    for each in sorted(found, key=lambda number: not number.preferred):
        written = each.text.removeprefix("tel:").partition(";")[0]
        if number := phone(written, own) or phone(written, options.locale.country):
            yield HandleRef("phone", number)
        else:
            yield Warn(line=card.line, code="invalid_phone", field="TEL", detail=written[:100])


def _accounts(card: Card) -> Iterator[HandleRef]:
    for each in card.properties:
        found = None
        if each.name in _NETWORKS:
            found = account(_NETWORKS[each.name], each.text)
        elif each.name in ("URL", "X-SOCIALPROFILE", "SOCIALPROFILE", "IMPP"):
            found = profile(each.text.removeprefix("x-apple:"))
        if found:
            yield found


def _name(card: Card, traits: dict[str, Any]) -> str:
    """The name as shown, else put together, else the organisation's."""
    shown = _first(card, "FN").replace("\n", " ")
    return shown or " ".join(traits[key] for key in ("first_name", "last_name") if key in traits) or traits.get("company", "")


def _fill(card: Card, traits: dict[str, Any]) -> None:
    """Everything a card says of its person that is no handle. The preferred of several stands first."""
    labels = {each.group: each.text.strip("_$!<>") for each in card.properties if each.name == "X-ABLABEL" and each.group}
    for each in sorted(card.properties, key=lambda found: not found.preferred):
        if each.name == "N":
            _put(traits, {key: each.part(place) for place, key in enumerate(_NAME_PARTS)})
        elif each.name == "ORG":
            _put(traits, {"company": each.part(0), "department": each.part(1)})
        elif each.name == "ADR" and "street" not in traits and "city" not in traits:
            _put(traits, _address(each))
        elif each.name == "BDAY":
            _put(traits, _birthday(each.text))
        elif each.name in ("GENDER", "X-GENDER"):
            _put(traits, {"gender": _GENDERS.get(each.part(0).upper(), each.part(0).lower())})
        elif each.name == "URL":
            address = url(each.text)
            _put(traits, {"website": address if address and not profile(address) else ""})
        elif each.name == "PHOTO":
            _put(traits, {"avatar": url(each.text)})
        elif each.name in _PLAIN:
            _put(traits, {_PLAIN[each.name]: each.text})
        elif each.name not in _SILENT and each.name not in _NETWORKS and 0 < len(each.text) <= 500:
            _put(traits, {labels.get(each.group) or each.name.lower(): each.text})
    faxes = [each.text for each in card.properties if each.name == "TEL" and "fax" in each.types and each.text]
    _put(traits, {"fax": faxes[0] if faxes else ""})


def _odd_phones(warnings: list[Warn]) -> dict[str, str]:
    """A number that cannot be dialled from everywhere is kept as it is written."""
    return {"phone": "; ".join(warning.detail for warning in warnings if warning.field == "TEL")[:200]}


def _put(traits: dict[str, Any], found: dict[str, str]) -> None:
    for key, value in found.items():
        if value and key not in traits:
            traits[key] = value


def _address(each: Property) -> dict[str, str]:
    found = {key: each.part(place) for place, key in _ADDRESS}
    found["street"] = ", ".join(part for part in (each.part(2), each.part(1), each.part(0)) if part)
    written = each.part(6)
    return found | {"country": country(written) or written}


def _birthday(written: str) -> dict[str, str]:
    digits = re.sub(r"[^\d]", "", written.partition("T")[0])
    if written.startswith("--") and len(digits) == 4:
        return {"birthday_without_year": f"{digits[:2]}-{digits[2:]}"}
    if len(digits) != 8:
        return {}
    try:
        return {"birthday": date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()}
    except ValueError:
        return {}


def _tags(card: Card) -> tuple[str, ...]:
    found = (tag.strip() for each in card.properties if each.name == "CATEGORIES" for values in each.parts for value in values
             for tag in value.split(","))
    return tuple(dict.fromkeys(tag for tag in found if tag))


def _revised(card: Card, default: datetime) -> datetime:
    """When the card was last changed, by its own account."""
    written = _first(card, "REV")
    moment = js.when(written, default) if not written.isdigit() else default
    return moment.astimezone(UTC) if moment <= default else default


channel = VCard()
