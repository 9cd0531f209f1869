"""One row of contacts on its way to a Fact: what each column does to it."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from vincle.vocabulary import ConsentFact, HandleRef, Permit, Warn
from vincle.vocabulary.fields import TRAITS

from ._columns import Evidence, date_value, number, typed_value
from ._contact_words import STATUS
from ._dates import DateError
from ._identifiers import NETWORKS, account, boolean, country, display_name, emails, fold, multi, phones, profile, url

ACCOUNTS = tuple(sorted(NETWORKS | {"telegram"}))
CONSENTS = (
    "status", "opt_in", "opt_in_at", "opt_in_ip", "consent_text", "opt_out", "opt_out_at", "bounced", "bounced_at", "complained",
    "complained_at", "phone_opt_in", "phone_opt_out",
)
FIELDS = ("email", "phone", "name", *TRAITS, "external_id", "profile", *ACCOUNTS, "tags", *CONSENTS, "attributes", "kind", "updated_at")
DATED = frozenset({"birthday", "first_contact", "opt_in_at", "opt_out_at", "bounced_at", "complained_at", "updated_at"})
_ORGANISATIONS = frozenset("company organisation organization empresa azienda organizacion organizzazione organitzacio entreprise firma "
                           "account business".split(" "))
_LANGUAGES = {
    "english": "en", "ingles": "en", "inglese": "en", "angles": "en", "anglais": "en", "englisch": "en", "spanish": "es", "espanol": "es",
    "castellano": "es", "spagnolo": "es", "espanyol": "es", "castella": "es", "espagnol": "es", "spanisch": "es", "italian": "it",
    "italiano": "it", "italia": "it", "italien": "it", "italienisch": "it", "catalan": "ca", "catala": "ca", "catalano": "ca",
    "katalanisch": "ca", "french": "fr", "frances": "fr", "francese": "fr", "francais": "fr", "franzosisch": "fr", "german": "de",
    "aleman": "de", "tedesco": "de", "alemany": "de", "allemand": "de", "deutsch": "de", "portuguese": "pt", "portugues": "pt",
    "portoghese": "pt", "portugais": "pt", "galician": "gl", "gallego": "gl", "galego": "gl", "basque": "eu", "euskera": "eu",
    "dutch": "nl", "neerlandes": "nl", "olandese": "nl",
}

Put = Callable[["Draft", str], None]


class Draft:
    """A row as far as it has been read."""

    __slots__ = ("attributes", "bad_emails", "consents", "country", "emails", "evidence", "externals", "kind", "line", "name", "optin",
                 "others", "phones", "tags", "traits", "updated", "warns")

    def __init__(self, line: int, country_code: str) -> None:
        self.line, self.country = line, country_code
        self.emails: list[str] = []
        self.bad_emails: list[str] = []
        self.phones: list[HandleRef] = []
        self.externals: list[HandleRef] = []
        self.others: list[HandleRef] = []
        self.traits: dict[str, Any] = {}
        self.tags: tuple[str, ...] = ()
        self.consents: list[ConsentFact] = []
        self.evidence: list[str] = []
        self.optin: datetime | None = None
        self.warns: list[Warn] | None = None
        self.name = self.kind = ""
        self.updated: datetime | None = None

    def warn(self, code: str, field: str, detail: str) -> None:
        """Notes a value that is left out."""
        if self.warns is None:
            self.warns = []
        self.warns.append(Warn(line=self.line, code=code, field=field, detail=detail[:200]))

    def keep(self, name: str, value: Any, heading: str) -> None:
        """A trait; a second column's differing value of the same trait is kept under its own heading."""
        if name not in self.traits:
            self.traits[name] = value
        elif self.traits[name] != value and heading not in self.traits:
            self.traits[heading] = value

    def permit(self, permit: Permit, channel: str, at: datetime | None, evidence: str) -> None:
        """A row of the consent ledger."""
        self.consents.append(ConsentFact(permit, channel, "marketing", at, evidence[:500]))


def put_for(field: str, heading: str, seen: Evidence, vendor: str, prefix: str) -> Put:
    """What a column mapped to `field` does to a draft. `prefix` is the name space of the file's ids."""
    if field.startswith("custom:"):
        return _custom(field.removeprefix("custom:") or heading, heading, seen)
    if field in ACCOUNTS:
        return _account(field, heading)
    if field in TRAITS:
        return _trait(field, heading, seen)
    if field in CONSENTS or field == "updated_at":
        return _consent(field, heading, seen, vendor)
    if field == "external_id":
        return lambda draft, cell: draft.externals.append(HandleRef("external", f"{prefix}:{cell[:200]}"))
    return {"email": _email(heading), "phone": _phone(heading), "name": _name, "tags": _tags, "profile": _profile(heading),
            "attributes": _attributes(heading), "kind": _kind(heading)}[field]


def _email(heading: str) -> Put:
    def put(draft: Draft, cell: str) -> None:
        good, bad = emails(cell)
        draft.emails += good
        if bad:
            draft.bad_emails += bad
            for piece in bad:
                draft.warn("invalid_email", heading, piece)
        if "<" in cell and not draft.name:
            draft.name = display_name(cell)
    return put


def _phone(heading: str) -> Put:
    def put(draft: Draft, cell: str) -> None:
        good, bad = phones(cell, draft.country)
        draft.phones += [HandleRef("phone", number, cell if len(good) == 1 and len(cell) <= 40 else "") for number in good]
        for piece in bad:
            draft.warn("invalid_phone", heading, piece)
    return put


def _name(draft: Draft, cell: str) -> None:
    draft.name = draft.name or cell


def _tags(draft: Draft, cell: str) -> None:
    values = multi(cell)
    draft.tags = tuple(dict.fromkeys(draft.tags + values)) if draft.tags else values


def _profile(heading: str) -> Put:
    def put(draft: Draft, cell: str) -> None:
        found = profile(cell)
        if found:
            draft.others.append(found)
        elif address := url(cell):
            draft.keep("website", address, heading)
        else:
            draft.warn("invalid_profile", heading, cell)
    return put


def _account(network: str, heading: str) -> Put:
    def put(draft: Draft, cell: str) -> None:
        found = account(network, cell)
        if found:
            draft.others.append(found)
        else:
            draft.warn("invalid_profile", heading, cell)
    return put


def _attributes(heading: str) -> Put:
    def put(draft: Draft, cell: str) -> None:
        try:
            values = json.loads(cell, parse_constant=lambda _: None)
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict):
            draft.warn("invalid_attributes", heading, cell)
            return
        for key, value in values.items():
            if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
                value = [str(one) for one in value]
            if isinstance(value, str | int | float | bool | list) and value not in ("", float("inf"), float("-inf")):
                draft.keep(str(key), value if not isinstance(value, list) or all(isinstance(one, str) for one in value)
                           else json.dumps(value, ensure_ascii=False), f"{heading}.{key}")
            elif isinstance(value, dict):
                draft.keep(str(key), json.dumps(value, ensure_ascii=False), f"{heading}.{key}")
    return put


def _kind(heading: str) -> Put:
    def put(draft: Draft, cell: str) -> None:
        if fold(cell) in _ORGANISATIONS:
            draft.kind = "organisation"
        else:
            draft.keep(heading, cell, heading)
    return put


def _custom(name: str, heading: str, seen: Evidence) -> Put:
    kind, mark, dates = seen.type, seen.decimal_mark, seen.dates
    if kind == "text":
        return lambda draft, cell: draft.keep(name, cell, heading)

    def put(draft: Draft, cell: str) -> None:
        try:
            draft.keep(name, typed_value(cell, kind, dates, mark), heading)
        except ValueError as fault:
            draft.warn(fault.code if isinstance(fault, DateError) else str(fault), heading, cell)
    return put


def _trait(field: str, heading: str, seen: Evidence) -> Put:
    kind = TRAITS[field]
    if kind == "text":
        return lambda draft, cell: draft.keep(field, cell, heading)

    def put(draft: Draft, cell: str) -> None:
        try:
            value = _typed_trait(kind, cell, seen)
        except ValueError as fault:
            draft.warn(fault.code if isinstance(fault, DateError) else str(fault), heading, cell)
            return
        draft.keep(field, value, heading)
        if field == "country":
            draft.country = str(value)
    return put


def _typed_trait(kind: str, cell: str, seen: Evidence) -> Any:
    if kind == "date":
        return date_value(cell, seen.dates)
    if kind == "number":
        return number(cell)
    if kind == "country":
        value = country(cell)
    elif kind == "language":
        word = fold(cell)
        value = _LANGUAGES.get(word) or (word.split()[0] if word and 2 <= len(word.split()[0]) <= 3 and word.isascii() else "")
    else:
        value = url(cell)
    if not value:
        raise ValueError(f"invalid_{kind}")
    return value


def _moment(draft: Draft, cell: str, heading: str, seen: Evidence) -> datetime | None:
    try:
        return seen.dates.moment(cell)
    except DateError as fault:
        draft.warn(fault.code, heading, cell)
        return None


def _is_never(cell: str) -> bool:
    """A column of times says 'it never happened' by no, 0, null or 0000-00-00."""
    return boolean(cell) is False or cell.lower() in ("null", "none", "never", "n/a", "-") or not cell.strip("0-/:. T")


_AT = {"opt_out_at": Permit.WITHDRAWN, "bounced_at": Permit.BOUNCED, "complained_at": Permit.COMPLAINED}
_FLAGS = {"opt_out": (Permit.WITHDRAWN, "email"), "phone_opt_out": (Permit.WITHDRAWN, "phone"), "bounced": (Permit.BOUNCED, "email"),
          "complained": (Permit.COMPLAINED, "email")}


def _consent(field: str, heading: str, seen: Evidence, vendor: str) -> Put:
    if field in _AT:
        def put_at(draft: Draft, cell: str) -> None:
            if not _is_never(cell):
                draft.permit(_AT[field], "email", _moment(draft, cell, heading, seen), f"{heading}: {cell}")
        return put_at
    if field in _FLAGS:
        return _flag(field, heading)
    if field in ("opt_in", "phone_opt_in"):
        return _opt_in(heading, "phone" if field == "phone_opt_in" else "email", seen)
    if field == "status":
        return _status(heading, vendor)
    if field == "updated_at":
        def put_updated(draft: Draft, cell: str) -> None:
            draft.updated = _moment(draft, cell, heading, seen)
        return put_updated

    def put_evidence(draft: Draft, cell: str) -> None:
        if _is_never(cell):
            return
        draft.evidence.append(f"{heading}: {cell}")
        if field == "opt_in_at":
            at = _moment(draft, cell, heading, seen)
            draft.optin = max(at, draft.optin) if at and draft.optin else at or draft.optin
    return put_evidence


def _flag(field: str, heading: str) -> Put:
    permit, channel = _FLAGS[field]

    def put(draft: Draft, cell: str) -> None:
        truth = boolean(cell)
        if truth is None and cell.isdecimal():
            truth = bool(cell.strip("0"))
        word = fold(cell)
        if word in STATUS:
            draft.permit(STATUS[word], channel, None, f"{heading}: {cell}")
        elif truth or truth is None:
            draft.permit(permit, channel, None, f"{heading}: {cell}")
    return put


def _opt_in(heading: str, channel: str, seen: Evidence) -> Put:
    def put(draft: Draft, cell: str) -> None:
        truth = boolean(cell)
        if truth is not None:
            draft.permit(Permit.GRANTED if truth else Permit.DENIED, channel, None, f"{heading}: {cell}")
        elif fold(cell) in STATUS:
            draft.permit(STATUS[fold(cell)], channel, None, f"{heading}: {cell}")
        else:
            try:
                draft.permit(Permit.GRANTED, channel, seen.dates.moment(cell), f"{heading}: {cell}")
            except DateError:
                draft.keep(heading, cell, heading)
    return put


def _status(heading: str, vendor: str) -> Put:
    def put(draft: Draft, cell: str) -> None:
        word = fold(cell)
        permit = STATUS.get(word)
        if permit is None and word == "active" and vendor == "activecampaign":
            permit = Permit.GRANTED
        if permit is None:
            draft.keep(heading, cell, heading)
        else:
            draft.permit(permit, "email", None, f"{heading}: {cell}")
    return put
