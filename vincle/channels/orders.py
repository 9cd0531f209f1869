"""Orders as tables: what shops and payment services export, one row an order or one row an item."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from typing import BinaryIO, ClassVar

from msgspec import Struct

from vincle.vocabulary import Activity, Fact, HandleRef, ObjectType, Outcome, Reject, Verb, Warn

from . import _columns, _tables
from ._columns import Evidence, Guess, Seen
from ._dates import DateError
from ._identifiers import amount, country, currency, email, fold, phone
from ._order_words import COMPLETED_NOT, FIELDS, REFUNDED, currency_of, field_of, vendor_of
from ._rows import Row, Table
from ._shop import codes, wares
from ._text import clean
from .base import Channel, FileError, Options, Preview, Sample, Spec

_DATED = frozenset({"time"})
_MONEY = frozenset({"amount", "refund", "unit_price", "item_total", "quantity"})
_FLOAT_ID = re.compile(r"^(\d+)\.0+$")
_MOST_ITEMS = 500


class _Plan(Struct, frozen=True):
    """How the rows of one file are read: (index, field, heading) of each column, and what the columns proved."""

    columns: tuple[tuple[int, str, str], ...]
    evidence: dict[int, Evidence]
    marks: dict[int, str]
    options: Options
    space: str
    currency: str
    has_items: bool


class _Line(Struct):
    """One row: its texts by field, its sums, and what had to be left out of it."""

    line: int
    cells: list[str]
    texts: dict[str, str]
    sums: dict[str, Decimal]
    currency: str
    warns: list[Warn]
    extras: dict[str, str]


class Orders(Channel):
    """Purchases and refunds. The sum of a refund is positive; the verb says which way the money went."""

    spec: ClassVar[Spec] = Spec(
        id="orders", name="Orders", icon="shopping-bag", family="orders", capabilities=frozenset({"file"}),
        handle_kinds=("email", "external", "phone"), extensions=(".csv", ".tsv", ".txt", ".xlsx", ".json", ".jsonl"))

    def recognise(self, sample: Sample) -> float:
        seen = _tables.glance(sample)
        if seen is None:
            return 0.0
        if not seen.headings:
            return 0.2
        fields = {guess.field for guess in guess_columns(list(seen.headings))} if seen.has_headings else set()
        priced = "amount" in fields or {"quantity", "unit_price"} <= fields or "item_total" in fields
        words = {word for heading in seen.headings for word in fold(heading).split()}
        is_payload = seen.kind == "json" and (len(seen.rows) < 2 or "time" not in fields)
        if not priced or is_payload or words & {"text", "tweet", "review", "comment"}:
            return 0.0
        if vendor_of(list(seen.headings)):
            return 0.97
        score = 0.2 + 0.25 * ("id" in fields) + 0.2 * ("time" in fields) + 0.15 * bool(fields & {"customer_id", "email", "phone"})
        score += 0.1 * bool(words & {"order", "invoice", "quantity", "invoiceno", "pedido", "ordine", "commande", "comanda", "unitprice"})
        return min(score, 0.45) if seen.kind == "json" else score

    def fields(self) -> tuple[str, ...]:
        return FIELDS

    def preview(self, file: BinaryIO, options: Options) -> Preview:
        vendor = vendor_of(_tables.open_table(file, options).headings)
        return _columns.preview(self.spec.id, vendor, file, options, _guess, _DATED)

    def read(self, file: BinaryIO, options: Options) -> Iterator[Outcome]:
        plan = _plan(file, options)
        return _read(_tables.open_table(file, options), plan)


def _guess(table: Table, rows: list[list[str]]) -> list[Guess]:
    return guess_columns(table.headings) if table.has_headings else [Guess(f"custom:{heading}", 0.0) for heading in table.headings]


def guess_columns(headings: list[str]) -> list[Guess]:
    """The field of each column by its heading; a field is taken once, by the first heading that names it best."""
    vendor = vendor_of(headings)
    names = [field_of(heading, vendor) for heading in headings]
    better = {fold(heading) for heading, field in zip(headings, names, strict=True) if field == "id"} - {"id", "order", "reference"}
    guesses: list[Guess] = []
    taken: set[str] = set()
    for heading, field in zip(headings, names, strict=True):
        late = field == "id" and better and fold(heading) in ("id", "order", "reference")
        if not field or field in taken or late:
            guesses.append(Guess(f"custom:{heading}", 0.5))
            continue
        taken.add(field)
        guesses.append(Guess(field, 1.0 if vendor else 0.9))
    return guesses


def _plan(file: BinaryIO, options: Options) -> _Plan:
    table = _tables.open_table(file, options)
    fields = _columns.mapped(table.headings, _guess(table, []), options.mapping, FIELDS)
    typed = [index for index, field in enumerate(fields) if field in _MONEY]
    dated = [index for index, field in enumerate(fields) if field in _DATED]
    evidence = _columns.survey(_tables.open_table(file, options), typed, dated, options).evidence
    known = {*FIELDS}
    columns = tuple((index, field, table.headings[index]) for index, field in enumerate(fields)
                    if field in known or field.startswith("custom:"))
    if "time" not in fields:
        raise FileError("missing_field", "time")
    marks = {index: evidence[index].decimal_mark for index in typed}
    named = next((code for _, field, heading in columns if field in _MONEY and (code := currency_of(heading))), "")
    has_items = bool({"unit_price", "item_total", "item", "sku"} & set(fields))
    space = vendor_of(table.headings) or "customer"
    return _Plan(columns, evidence, marks, options, space, named or options.locale.currency, has_items)


def _read(table: Table, plan: _Plan) -> Iterator[Outcome]:
    seen, known = Seen(), Seen()
    group: list[_Line] = []
    for row in table.rows:
        if not isinstance(row, tuple):
            yield row
            continue
        line = _line(row, plan)
        if group and not (plan.has_items and line.texts.get("id") and line.texts.get("id") == group[0].texts.get("id")):
            yield from _order(group, plan, seen, known)
            group = []
        group.append(line)
    if group:
        yield from _order(group, plan, seen, known)


def _line(row: Row, plan: _Plan) -> _Line:
    number, cells = row
    line = _Line(number, cells, {}, {}, "", [], {})
    for index, field, heading in plan.columns:
        cell = cells[index]
        cell = cell.strip() if cell.isprintable() else clean(cell)
        if not cell:
            continue
        if field in _MONEY:
            _sum(line, field, heading, cell, plan.marks[index])
        elif field.startswith("custom:"):
            line.extras[field.removeprefix("custom:") or heading] = cell
        else:
            line.texts.setdefault(field, found[1] if field in ("id", "customer_id") and (found := _FLOAT_ID.match(cell)) else cell)
    return line


def _sum(line: _Line, field: str, heading: str, cell: str, mark: str) -> None:
    found = amount(cell, mark)
    if found is None:
        line.warns.append(Warn(line=line.line, code="invalid_amount", field=heading, detail=cell[:200]))
        return
    line.sums.setdefault(field, found[0])
    line.currency = line.currency or found[1]


def _order(group: list[_Line], plan: _Plan, seen: Seen, known: Seen) -> Iterator[Outcome]:
    """One order: its purchase or refund, what it tells of its customer, and the warnings of its rows."""
    head = group[0]
    when = _moment(group, plan)
    total = _total(group)
    status = fold(head.texts.get("status", ""))
    code = when if isinstance(when, str) else _refuse(total, status, plan)
    if isinstance(when, str) or code:
        for line in group:
            yield Reject(line=line.line, code=code, detail=_culprit(code, group), raw=_raw(line.cells))
        return
    actor, handles = _customer(group, plan)
    native = _native(head, plan, seen)
    activity = _activity(group, plan, native, total, actor, when)
    yield activity
    refunded = _refunded(group, total, status)
    if activity.verb is Verb.PURCHASE and refunded:
        yield _activity(group, plan, f"{native}:refund", -refunded, actor, when)
    if actor and (len(handles) > 1 or actor.name) and not known.first(hash((actor.kind, actor.value, len(handles))), head.line):
        native = f"{plan.options.reading_key or plan.options.file_key}:{head.line}:customer"
        yield Fact(native_id=native, observed_at=plan.options.now, handles=handles, name=actor.name)
    for line in group:
        yield from line.warns


def _culprit(code: str, group: list[_Line]) -> str:
    """The cell that is to blame for a refusal."""
    if code == "no_amount":
        return next((warn.detail for line in group for warn in line.warns), "")
    return group[0].texts.get("status" if code == "not_completed" else "time", "")


def _refuse(total: Decimal | None, status: str, plan: _Plan) -> str:
    """Why an order cannot go in, or ''."""
    if status in COMPLETED_NOT:
        return "not_completed"
    return "no_amount" if total is None and any(field in _MONEY for _, field, _ in plan.columns) else ""


def _moment(group: list[_Line], plan: _Plan) -> str | datetime:
    """When it was ordered, or the code of why that cannot be told."""
    column = next((index for index, field, _ in plan.columns if field == "time"), -1)
    text = next((line.texts["time"] for line in group if "time" in line.texts), "")
    if column < 0 or not text:
        return "no_time" if any(line.texts or line.sums for line in group) else "empty_row"
    try:
        return plan.evidence[column].dates.moment(text)
    except DateError as fault:
        return fault.code


def _total(group: list[_Line]) -> Decimal | None:
    """The order's total where a row states it, else the sum of its items."""
    stated = next((line.sums["amount"] for line in group if "amount" in line.sums), None)
    if stated is not None:
        return stated
    items = [value for line in group if (value := _item_total(line)) is not None]
    return sum(items, Decimal(0)) if items else None


def _item_total(line: _Line) -> Decimal | None:
    if "item_total" in line.sums:
        return line.sums["item_total"]
    price = line.sums.get("unit_price")
    return None if price is None else price * line.sums.get("quantity", Decimal(1))


def _refunded(group: list[_Line], total: Decimal | None, status: str) -> Decimal:
    stated = next((abs(line.sums["refund"]) for line in group if line.sums.get("refund")), Decimal(0))
    return stated or (abs(total) if total and status in REFUNDED else Decimal(0))


def _customer(group: list[_Line], plan: _Plan) -> tuple[HandleRef | None, tuple[HandleRef, ...]]:
    """Who ordered: by address, else by the shop's number, else by phone; and all of these."""
    texts: dict[str, str] = {}
    for line in reversed(group):
        texts |= line.texts
    name = texts.get("name") or " ".join(filter(None, (texts.get("first_name"), texts.get("last_name"))))
    handles: list[HandleRef] = []
    if address := email(texts.get("email", "")):
        handles.append(HandleRef("email", address, name))
    elif texts.get("email"):
        group[0].warns.append(Warn(line=group[0].line, code="invalid_email", field="email", detail=texts["email"][:200]))
    if number := texts.get("customer_id"):
        by_mail = email(number) if "@" in number else ""
        handles.append(HandleRef("email", by_mail, name) if by_mail else HandleRef("external", f"{plan.space}:{number[:200]}", name))
    if tel := phone(texts.get("phone", ""), country(texts.get("country", "")) or plan.options.locale.country):
        handles.append(HandleRef("phone", tel, name))
    return (handles[0] if handles else None), tuple(dict.fromkeys(handles))


def _native(head: _Line, plan: _Plan, seen: Seen) -> str:
    """The order number; rows without one are known by their place in the file, later returns of a number by that of both."""
    number = head.texts.get("id")
    if not number:
        return f"{plan.options.file_key}:{head.line}"
    first = seen.first(hash(number), head.line)
    if not first:
        return number
    code = "order_not_together" if plan.has_items else "duplicate_in_file"
    head.warns.append(Warn(line=head.line, code=code, field="id", detail=f"{number}: line {first}"))
    if not plan.has_items:
        return number
    mark = blake2b(repr((head.cells, head.line - first)).encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{number}:{mark}"


def _activity(group: list[_Line], plan: _Plan, native: str, total: Decimal | None, actor: HandleRef | None, when: datetime) -> Activity:
    head = group[0]
    texts = head.texts
    code = currency(texts.get("currency", "")) or next((line.currency for line in group if line.currency), "") or plan.currency
    props: dict[str, object] = {name: texts[name] for name in ("status", "payment", "coupon", "category") if name in texts}
    props |= codes(re.split(r"[\s,;|]+", texts.get("coupon", "")))
    items = [_item(line) for line in group[:_MOST_ITEMS] if line.texts.keys() & {"item", "sku"}]
    if plan.has_items or "quantity" in head.sums:
        props["items"] = len(group)
        quantity = sum((line.sums.get("quantity", Decimal(1)) for line in group), Decimal(0))
        props["quantity"] = int(quantity) if quantity == quantity.to_integral_value() else float(quantity)
    body: dict[str, object] = dict(head.extras)
    if items:
        body["items"] = items
        if products := wares(item.get("sku") or item.get("item", "") for item in items):
            props["products"] = products
    if actor is None and "name" in texts:
        body["customer"] = texts["name"]
    return Activity(
        verb=Verb.REFUND if total is not None and total < 0 else Verb.PURCHASE, object_type=ObjectType.ORDER, native_id=native,
        happened_at=when, actor=actor, object_key=texts.get("id", native), amount=None if total is None else abs(total),
        currency=code if total is not None else "",
        country=country(texts.get("country", "")), place=texts.get("place", ""), props=props, body=body)


def _item(line: _Line) -> dict[str, str]:
    item = {name: line.texts[name] for name in ("item", "sku") if name in line.texts}
    return item | {name: str(line.sums[name]) for name in ("quantity", "unit_price", "item_total") if name in line.sums}


def _raw(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([clean(cell) for cell in cells])
    return line.getvalue()[:2000]


channel = Orders()
