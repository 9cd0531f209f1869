"""Purchases, or what they come to for each customer, out of a table: what cannot be read is named by its line, and the rest is kept."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vincle.channels._dates import DateError, Dates
from vincle.channels._values import amount, decimal_mark
from vincle.identify.linkage.files import Series, Table
from vincle.project.commands.survey_columns import Faulty, column, number

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NAMED: Final = 100
"""Faulty lines that are named; the rest are counted."""
SUMMARY: Final = {
    "x": ("x", "frequency", "repeat_purchases"), "t_x": ("t_x", "t.x", "recency"), "T": ("t", "t.cal", "t_cal", "periods", "n.cal", "n"),
    "count": ("weights", "weight", "count", "custs", "customers"), "id": ("id", "customer_id", "customer", "cust"),
    "spend": ("mean_spend", "zbar", "monetary_value", "m.x", "m_x"),
}  # fmt: skip


@dataclass
class Told:
    """What was not taken as it stands: by reason how often, and the first lines."""

    counts: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)

    def add(self, table: Table, rows: Ints, reason: str, cells: Callable[[int], str]) -> None:
        self.counts[reason] += int(rows.size)
        for row in rows[: max(NAMED - len(self.lines), 0)]:
            self.lines.append(f"line {line_of(table, int(row))}: {cells(int(row))}{reason}")


@dataclass(frozen=True)
class Purchases:
    """Rows that hold a purchase or a refund: place of the customer in `ids` [n], day (ordinal) [n], money [n] (nan: not known), place of
    the row in its table [n]."""

    ids: list[str]
    who: Ints
    days: Ints
    money: Floats | None
    currency: str
    refunds: int
    told: Told
    rows: Ints


@dataclass(frozen=True)
class Summary:
    ids: list[str]
    x: Floats
    t_x: Floats
    T: Floats
    count: Floats | None
    spend: Floats | None
    told: Told
    rows: Ints


def line_of(table: Table, row: int) -> int:
    return int(table.rows[row]) + table.has_headings


def found(table: Table, name: str) -> Series:
    """The column of this heading, or of this place, counted from 1."""
    try:
        return column(table, name)
    except Faulty:
        if name.isdecimal() and 1 <= int(name) <= len(table.series):
            return table.series[int(name) - 1]
        raise


def purchases(table: Table, id_: str, date: str, amount_: str, quantity: str, order: str, date_order: str) -> Purchases:
    """Faulty, for a column there is not and for dates that can be read in two ways."""
    told = Told()
    for fault in table.faults:
        told.counts["cannot be read"] += 1
        told.lines += [f"line {fault.line}: cannot be read ({fault.code})"][: NAMED - len(told.lines)]
    owner, when = found(table, id_), found(table, date)
    days = _days(when, date_order)[when.codes]
    good = (owner.codes >= 0) & (days > 0)
    _tell(told, table, owner.codes < 0, "no customer", None)
    _tell(told, table, (owner.codes >= 0) & (when.codes < 0), "no date", None)
    _tell(told, table, (owner.codes >= 0) & (when.codes >= 0) & (days <= 0), "is no date", when)
    money, code = None, ""
    if amount_ or quantity:
        money, code, bad = _money(table, amount_, quantity, told, good)
        good &= ~bad
    if order:
        invoice = found(table, order)
        is_back = np.array([*(text[:1] in "Cc" and text[1:2].isdigit() for text in invoice.values), False])[invoice.codes]
        money = np.where(is_back, -1.0, np.nan) if money is None else np.where(is_back, -np.abs(money), money)
        money = np.where(is_back & np.isnan(money), -1e-9, money)
    refunds = 0 if money is None else int((money[good] < 0).sum())
    if money is not None and not amount_:
        money = np.where(money < 0, -1e-9, np.nan)
    rows = np.flatnonzero(good)
    return Purchases(
        owner.values, owner.codes[rows].astype(np.int64), days[rows], None if money is None else money[rows], code, refunds, told, rows
    )


def _days(when: Series, date_order: str) -> Ints:
    """The ordinal of each distinct text, 0 for none; one more for what is blank."""
    dates = Dates(UTC, date_order)
    dates.see(when.values)
    question = dates.question()
    if question is not None:
        raise Faulty(
            f"Column '{when.heading}' can be read in two ways, such as '{question.example}': say --date-order dmy or --date-order mdy.",
            True,
        )

    def day(text: str) -> int:
        try:
            return dates.day(text).toordinal()
        except DateError:
            return 0

    return np.array([*(day(text) for text in when.values), 0], np.int64)


def _money(table: Table, amount_: str, quantity: str, told: Told, good: Any) -> tuple[Floats, str, Any]:
    """(money of each row, its currency, rows that hold none). What is in another currency than most counts as a purchase, not as money."""
    money, bad, code = np.ones(table.size), np.zeros(table.size, bool), ""
    if amount_:
        series = found(table, amount_)
        mark = decimal_mark(series.values)
        read = [amount(text, mark) or amount(text) for text in series.values]
        rows = Counter(series.codes[good].tolist())
        money, faulty = _spread(series, [None if each is None else float(each[0]) for each in read])
        codes = np.array([*("" if each is None else each[1] for each in read), ""])
        weigh: Counter[str] = Counter()
        for place, rows_of in rows.items():
            if place >= 0 and codes[place]:
                weigh[str(codes[place])] += rows_of
        code = weigh.most_common(1)[0][0] if weigh else ""
        other = good & (codes[series.codes] != "") & (codes[series.codes] != code)
        _tell(told, table, other, f"is not in {code}: counted as a purchase, its money is not", series)
        money = np.where(other, np.where(money < 0, -1e-9, np.nan), money)
        _tell(told, table, good & faulty, "is no amount", series)
        bad |= faulty
    if quantity:
        series = found(table, quantity)
        many, faulty = _spread(series, [number(text) for text in series.values])
        _tell(told, table, good & faulty & ~bad, "is no quantity", series)
        bad |= faulty
        money = money * np.where(np.isnan(many), 1.0, many)
    return money, code, bad


def _spread(series: Series, values: list[float | None]) -> tuple[Floats, Any]:
    """(the number of each row, nan where blank; rows that hold something else)."""
    known = np.array([*(np.nan if value is None else value for value in values), np.nan], np.float64)[series.codes]
    return known, (series.codes >= 0) & np.isnan(known)


def _tell(told: Told, table: Table, which: Any, reason: str, series: Series | None) -> None:
    rows = np.flatnonzero(which)
    if rows.size:
        told.add(table, rows, reason, lambda row: "" if series is None else f"'{series.values[series.codes[row]][:60]}' ")


def is_summary(table: Table) -> bool:
    return all(_named(table, name) is not None for name in ("x", "t_x", "T"))


def _named(table: Table, name: str) -> Series | None:
    for heading in SUMMARY[name]:
        for series in table.series:
            if series.heading.strip().casefold() == heading:
                return series
    return None


def summary(table: Table, id_: str) -> Summary:
    """Faulty where a column is missing. Rows whose numbers cannot be are named and left out."""
    told = Told()
    columns: dict[str, Floats] = {}
    for name in ("x", "t_x", "T", "count", "spend"):
        series = _named(table, name)
        if series is None:
            if name in ("x", "t_x", "T"):
                raise Faulty(f"{table.name} has no column of {name}: it may be called {', '.join(SUMMARY[name])}.", True)
            continue
        columns[name], faulty = _spread(series, [number(text) for text in series.values])
        _tell(told, table, faulty, "is no number", series)
    x, t_x, watched = columns["x"], columns["t_x"], columns["T"]
    with np.errstate(invalid="ignore"):
        good = np.isfinite(x) & np.isfinite(t_x) & np.isfinite(watched) & (x >= 0) & (np.floor(x) == x) & (t_x >= 0) & (t_x <= watched)
        good &= (t_x > 0) == (x > 0)
        if "count" in columns:
            good &= columns["count"] > 0
    _tell(told, table, ~good & np.isfinite(x + t_x + watched), "x, t_x and T do not fit together", None)
    named = found(table, id_) if id_ else _named(table, "id")
    rows = np.flatnonzero(good)
    ids = [str(line_of(table, int(row))) if named is None or named.codes[row] < 0 else named.values[named.codes[row]] for row in rows]
    count, spend = (columns[name][good] if name in columns else None for name in ("count", "spend"))
    return Summary(ids, x[good], t_x[good], watched[good], count, spend, told, rows)


class Supplied(NamedTuple):
    """Columns to read (amount, quantity, order), and what is said of those nobody named."""

    columns: tuple[str, str, str]
    notes: list[str]


def supplied(table: Table, amount_: str, quantity: str, order: str) -> Supplied:
    """In a list of what was sold, quantities and order numbers say what came back: they are used where they stand, and it is said so."""
    notes = []
    known = {series.heading.strip().casefold().replace(" ", "").replace("_", ""): series for series in table.series}
    many = known.get("quantity")
    if not quantity and many is not None and any(text.startswith("-") for text in many.values):
        price = not amount_ or "price" in found(table, amount_).heading.casefold()
        if price:
            quantity = many.heading
            notes.append(
                f"column '{quantity}' is used as quantities: those below 0 are returns" + (", and amounts are per piece" if amount_ else "")
            )
    invoice = known.get("invoiceno") or known.get("invoice") or known.get("orderno")
    if not order and invoice is not None and any(text[:1] in "Cc" and text[1:2].isdigit() for text in invoice.values):
        order = invoice.heading
        notes.append(f"column '{order}' is used as order numbers: those that begin with C are cancellations")
    return Supplied((amount_, quantity, order), notes)
