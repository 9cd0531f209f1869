"""Contacts as tables: the exports of CRMs, mailing tools, address books, and whatever a person keeps in a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterator
from typing import BinaryIO, ClassVar

from msgspec import Struct

from vincle.vocabulary import ConsentFact, Fact, HandleRef, Outcome, Permit, PersonKind, Reject

from . import _columns, _tables
from ._columns import Evidence, Guess, Seen
from ._contact_rows import DATED, FIELDS, Draft, Put, put_for
from ._contact_words import field_of, vendor_of
from ._identifiers import boolean, email, fold, looks_like_phone, profile
from ._rows import Table
from ._text import clean
from .base import Channel, Options, Preview, Sample, Spec

_PEOPLE = frozenset({"first_name", "last_name", "company", "job_title", "birthday", "city", "phone", "name", "postcode", "street"})
_MESSAGES = frozenset("text tweet body content message subject comment review invoice order amount total price quantity rating".split(" "))


class _Plan(Struct, frozen=True):
    """How the rows of one file are read."""

    puts: tuple[tuple[int, Put], ...]
    organisations: bool
    country: str
    options: Options


class Contacts(Channel):
    """People and organisations, one a row."""

    spec: ClassVar[Spec] = Spec(
        id="contacts", name="Contacts", icon="address-book", family="contacts", capabilities=frozenset({"file"}),
        handle_kinds=("email", "external", "phone", "linkedin", "x_username", "instagram_username", "facebook", "mastodon"),
        extensions=(".csv", ".tsv", ".txt", ".xlsx", ".json", ".jsonl"))

    def recognise(self, sample: Sample) -> float:
        seen = _tables.glance(sample)
        if seen is None:
            return 0.0
        if not seen.headings:
            return 0.3
        headings = list(seen.headings)
        guesses = guess_columns(headings, [list(row) for row in seen.rows], seen.has_headings)
        fields = {guess.field for guess in guesses if guess.confidence >= 0.5}
        words = {word for heading in headings for word in fold(heading).split()}
        if seen.kind == "json" and (not fields & {"email", "phone"} or len(seen.rows) < 2):
            return 0.0
        if vendor_of(headings):
            return 0.95
        handles = len(fields & {"email", "phone", "profile", "linkedin"})
        people = len(fields & _PEOPLE)
        score = 0.5 * bool(handles) + 0.08 * min(people, 5) if handles else 0.06 * min(people, 4)
        score = min(0.9, score - 0.2 * len(words & _MESSAGES)) * min(1.0, seen.consistency + 0.1)
        return score if score > 0.1 else 0.0

    def fields(self) -> tuple[str, ...]:
        return FIELDS

    def preview(self, file: BinaryIO, options: Options) -> Preview:
        with_vendor = vendor_of(_tables.open_table(file, options).headings)
        return _columns.preview(self.spec.id, with_vendor, file, options, _guess, DATED, custom_dates=True)

    def read(self, file: BinaryIO, options: Options) -> Iterator[Outcome]:
        plan = _plan(file, options)
        table = _tables.open_table(file, options)
        return _read(table, plan)


def _guess(table: Table, rows: list[list[str]]) -> list[Guess]:
    return guess_columns(table.headings, rows, table.has_headings)


def guess_columns(headings: list[str], rows: list[list[str]], has_headings: bool = True) -> list[Guess]:
    """The field of each column, told by its heading, else by its values, else a custom trait under its own heading."""
    vendor = vendor_of(headings)
    guesses = [_guess_one(heading, [row[index] for row in rows if row[index].strip()], vendor, has_headings)
               for index, heading in enumerate(headings)]
    fields = [guess.field for guess in guesses]
    for index, heading in enumerate(headings):
        if fields[index] == "name" and fold(heading) == "nom" and "first_name" in fields:
            guesses[index] = Guess("last_name", 0.9)
        elif fields[index] == "name" and "last_name" in fields and "first_name" not in fields:
            guesses[index] = Guess("first_name", 0.9)
        elif fields[index] == "external_id" and not vendor:
            guesses[index] = Guess(f"custom:{heading}", 0.5)
    return guesses


def _guess_one(heading: str, values: list[str], vendor: str, has_headings: bool) -> Guess:
    field = field_of(heading, vendor) if has_headings else None
    by_value = _by_values(values)
    if field is None:
        return Guess(by_value, 0.7) if by_value else Guess(f"custom:{heading}", 0.5)
    if field in ("email", "phone") and values and by_value != field and not _some(field, values):
        return Guess(by_value or f"custom:{heading}", 0.5)
    if field == "opt_in" and values and not all(_is_consent(value) for value in values):
        return Guess(f"custom:{heading}", 0.5)
    return Guess(field, 1.0 if vendor else 0.9)


def _some(field: str, values: list[str]) -> bool:
    if field == "email":
        return any("@" in value for value in values)
    return any(sum(sign.isdigit() for sign in value) >= 5 for value in values)


def _is_consent(value: str) -> bool:
    return boolean(value) is not None or bool(re.search(r"\d{4}", value)) or field_of(value, "") in ("opt_in", "opt_out") or len(value) < 20


def _by_values(values: list[str]) -> str:
    """email, phone or profile when at least four fifths of the values are such; phones only when written like phones."""
    values = values[:200]
    enough = len(values) * 0.8
    if not values:
        return ""
    if sum(1 for value in values if "@" in value and email(value)) >= enough:
        return "email"
    if sum(1 for value in values if "/" in value and profile(value)) >= enough:
        return "profile"
    if sum(1 for value in values if value.lstrip().startswith(("+", "00")) and looks_like_phone(value)) >= enough:
        return "phone"
    return ""


def _plan(file: BinaryIO, options: Options) -> _Plan:
    table = _tables.open_table(file, options)
    vendor = vendor_of(table.headings)
    fields = _columns.mapped(table.headings, _guess(table, _columns.first_rows(table)), options.mapping, FIELDS)
    organisations = _are_organisations(fields, table.headings)
    typed = [index for index, field in enumerate(fields) if field.startswith("custom:")]
    dated = [index for index, field in enumerate(fields) if field in DATED or field == "opt_in"]
    table = _tables.open_table(file, options)
    found = _columns.survey(table, typed, dated, options) if typed or dated else _columns.Survey(0, {})
    known = set(FIELDS)
    puts: list[tuple[int, Put]] = []
    prefix = _prefix(vendor, organisations, options)
    order = sorted(range(len(fields)), key=lambda index: fields[index] != "country")
    for index in order:
        field, heading = fields[index], table.headings[index]
        if field and (field in known or field.startswith("custom:")):
            seen = found.evidence.get(index) or Evidence(options.locale.zone, options.date_order, False)
            puts.append((index, put_for(field, heading, seen, vendor, prefix)))
    return _Plan(tuple(puts), organisations, options.locale.country, options)


def _are_organisations(fields: list[str], headings: list[str]) -> bool:
    """A table of organisations names companies and no one in them."""
    names = {fold(heading) for heading in headings}
    if {"account id", "account name"} <= names and not names & {"email", "contact id", "first name"}:
        return True
    return "company" in fields and not {"first_name", "last_name", "name", "email"} & set(fields)


def _prefix(vendor: str, organisations: bool, options: Options) -> str:
    """The name space of ids: numbers of contacts and of companies are not the same numbers."""
    space = vendor or re.sub(r"[^a-z0-9]+", "-", options.name.rpartition("/")[2].rpartition(".")[0].lower()).strip("-") or "import"
    return f"{space}:company" if organisations else space


def _read(table: Table, plan: _Plan) -> Iterator[Outcome]:
    seen = Seen()
    puts, country = plan.puts, plan.country
    for row in table.rows:
        if not isinstance(row, tuple):
            yield row
            continue
        line, cells = row
        draft = Draft(line, country)
        for index, put in puts:
            cell = cells[index]
            if cell:
                cell = cell.strip() if cell.isprintable() else clean(cell)
                if cell:
                    put(draft, cell)
        handles = _handles(draft)
        if not handles:
            yield _reject(draft, cells)
            continue
        strongest = handles[0]
        first = seen.first(hash((strongest.kind, strongest.value)), line)
        if first:
            draft.warn("duplicate_in_file", strongest.kind, f"line {first}")
        yield _fact(draft, handles, plan)
        if draft.warns:
            yield from draft.warns


def _handles(draft: Draft) -> tuple[HandleRef, ...]:
    handles = [HandleRef("email", address) for address in draft.emails]
    handles += draft.externals
    handles += draft.phones
    handles += draft.others
    if len(handles) < 2:
        return tuple(handles)
    return tuple({(handle.kind, handle.value): handle for handle in reversed(handles)}.values())[::-1]


def _reject(draft: Draft, cells: list[str]) -> Reject:
    raw = io.StringIO()
    csv.writer(raw, lineterminator="").writerow([clean(cell) for cell in cells])
    text = raw.getvalue()[:2000]
    if not any(cell.strip() for cell in cells):
        return Reject(line=draft.line, code="empty_row", raw=text)
    bad = next((warn for warn in draft.warns or () if warn.code in ("invalid_email", "invalid_phone", "invalid_profile")), None)
    if bad:
        return Reject(line=draft.line, code=bad.code, field=bad.field, detail=bad.detail, raw=text)
    return Reject(line=draft.line, code="no_handle", raw=text)


def _fact(draft: Draft, handles: tuple[HandleRef, ...], plan: _Plan) -> Fact:
    traits = draft.traits
    name = draft.name
    if not name:
        first, last = traits.get("first_name", ""), traits.get("last_name", "")
        name = f"{first} {last}" if first and last else first or last
    is_organisation = plan.organisations or draft.kind == "organisation"
    if is_organisation:
        name = name or traits.get("company", "")
    root = plan.options.reading_key or plan.options.file_key
    return Fact(
        native_id=f"{root}:{draft.line}", observed_at=draft.updated or plan.options.now, handles=handles, name=name,
        kind=PersonKind.ORGANISATION if is_organisation else PersonKind.PERSON, traits=traits, tags=draft.tags,
        consents=_consents(draft) if draft.consents or draft.evidence else ())


def _consents(draft: Draft) -> tuple[ConsentFact, ...]:
    """The row's consents in order of time, undated ones last; grants carry the wording, address and times as evidence."""
    evidence = "; ".join(draft.evidence)
    facts = [ConsentFact(one.permit, one.channel, one.purpose, one.at or (draft.optin if one.permit is Permit.GRANTED else None),
                         "; ".join(filter(None, (one.evidence, evidence)))[:1000]) if one.permit is Permit.GRANTED and evidence else one
             for one in draft.consents]
    if draft.optin and not any(one.permit is Permit.GRANTED for one in facts):
        facts.append(ConsentFact(Permit.GRANTED, "email", "marketing", draft.optin, evidence[:1000]))
    facts.sort(key=lambda one: (one.at is None, one.at.timestamp() if one.at else 0))
    return tuple(dict.fromkeys(facts))


channel = Contacts()

