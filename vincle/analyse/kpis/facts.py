"""What key figures are counted from, by column. Pure: `stored.py` reads it out of the store, `Plain` out of lists that tests make up.

Money is whole numbers, ten-thousandths of the workspace's currency, so that sums are exact; `amount` makes them Decimal again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
PLACES: Final = 4
NEVER_BEFORE: Final = -(2**40)
NEVER_AGAIN: Final = 2**40
NOBODY: Final = -1


def amount(money: float) -> Decimal:
    """Money as Decimal in whole units of its currency.

    >>> amount(123456)
    Decimal('12.3456')
    """
    return Decimal(round(money)).scaleb(-PLACES)


class Sale(NamedTuple):
    """A purchase or refund; `money` is never negative."""

    person: int | None
    day: int
    channel: str = "shop"
    currency: str = "EUR"
    is_purchase: bool = True
    money: int = 0


class Columns(NamedTuple):
    """Sales by column: person (meaningless where not `known`), day, channel and currency as places in `channels` and `currencies`."""

    person: Ints
    known: Mask
    day: Ints
    channel: Ints
    currency: Ints
    is_purchase: Mask
    money: Ints
    channels: tuple[str, ...]
    currencies: tuple[str, ...]

    def only(self, which: Mask) -> "Columns":
        return Columns(
            self.person[which], self.known[which], self.day[which], self.channel[which], self.currency[which], self.is_purchase[which],
            self.money[which], self.channels, self.currencies,
        )  # fmt: skip


class Sales:
    """Purchases in the order of their days, so that a stretch of time is a slice.

    A customer's purchases of one day are one: `day`, `who` (place in `people`), `before` and `after` (their purchase days beside it),
    `is_second` (of their days); `first`, by person.
    Money of the workspace's currency stands in `takings`: refunds are negative; `whose` is NOBODY where nobody is known.
    """

    def __init__(self, rows: Columns, currency: str) -> None:
        own = rows.currencies.index(currency) if currency in rows.currencies else NOBODY
        self._rows, self._own = rows, own
        bought = rows.is_purchase & rows.known
        self.people: Ints = np.unique(rows.person[rows.known])
        places = np.searchsorted(self.people, rows.person)
        self._count(places[bought], rows.day[bought])
        mine = np.flatnonzero(rows.currency == own)
        mine = mine[np.argsort(rows.day[mine], kind="stable")]
        self.taken_on: Ints = rows.day[mine]
        self.takings: Ints = np.where(rows.is_purchase[mine], rows.money[mine], -rows.money[mine])
        self.whose: Ints = np.where(rows.known[mine], places[mine], NOBODY)
        self._sums = np.concatenate([[0], np.cumsum(self.takings)])

    def _count(self, who: Ints, day: Ints) -> None:
        order = np.lexsort((day, who))
        who, day = who[order], day[order]
        new = np.ones(who.size, bool)
        new[1:] = (who[1:] != who[:-1]) | (day[1:] != day[:-1])
        who, day = who[new], day[new]
        same = who[1:] == who[:-1]
        before, after = np.full(who.size, NEVER_BEFORE), np.full(who.size, NEVER_AGAIN)
        before[1:][same], after[:-1][same] = day[:-1][same], day[1:][same]
        order = np.argsort(day, kind="stable")
        self.day, self.who, self.before, self.after = day[order], who[order], before[order], after[order]
        self.first = np.full(self.people.size, NEVER_AGAIN)
        self.first[self.who[self.before == NEVER_BEFORE]] = self.day[self.before == NEVER_BEFORE]
        self.is_second: Mask = self.before == self.first[self.who]

    def bought(self, first: int, last: int) -> slice:
        """Purchases of these days."""
        return slice(*np.searchsorted(self.day, [first, last + 1]).tolist())

    def taken(self, first: int, last: int) -> slice:
        """Money of these days."""
        return slice(*np.searchsorted(self.taken_on, [first, last + 1]).tolist())

    def revenue(self, first: int, last: int) -> int:
        cut = self.taken(first, last)
        return int(self._sums[cut.stop] - self._sums[cut.start])

    def by_person(self, first: int, last: int) -> Ints:
        """Money of these days by place in `people`."""
        cut = self.taken(first, last)
        known = self.whose[cut] != NOBODY
        found = np.zeros(self.people.size, np.int64)
        np.add.at(found, self.whose[cut][known], self.takings[cut][known])
        return found

    def buyers(self, first: int, last: int) -> Ints:
        """Places of those who bought in these days, each once."""
        cut = self.bought(first, last)
        return self.who[cut][self.before[cut] < first]

    def active(self, day: int, within: int) -> Ints:
        """Places of customers at the end of a day: who bought in the `within` days up to it, each once."""
        cut = self.bought(day - within + 1, day)
        return self.who[cut][self.after[cut] > day]

    def others(self, first: int, last: int) -> list[tuple[str, int, int]]:
        """(currency, purchases, money less refunds) of other currencies in these days, which are added to nothing."""
        rows = self._rows
        inside = (rows.day >= first) & (rows.day <= last) & (rows.currency != self._own)
        found = []
        for code in np.unique(rows.currency[inside]).tolist():
            which = inside & (rows.currency == code)
            signed = np.where(rows.is_purchase[which], rows.money[which], -rows.money[which])
            if count := int(rows.is_purchase[which].sum()):
                found.append((rows.currencies[code], count, int(signed.sum())))
        return found

    def by_channel(self, first: int, last: int) -> list[tuple[str, int, int]]:
        """(channel, purchases, money of the own currency) of these days, most money first."""
        rows = self._rows
        inside = (rows.day >= first) & (rows.day <= last)
        found = []
        for code in np.unique(rows.channel[inside]).tolist():
            which = inside & (rows.channel == code)
            mine = which & (rows.currency == self._own)
            signed = np.where(rows.is_purchase[mine], rows.money[mine], -rows.money[mine])
            found.append((rows.channels[code], int(rows.is_purchase[which].sum()), int(signed.sum())))
        return sorted(found, key=lambda each: (-each[2], -each[1], each[0]))


class Acts(NamedTuple):
    """What people did, in the order of days; `value` is what the act says of itself (an answer: its share of the scale)."""

    person: Ints
    day: Ints
    value: NDArray[np.float64]

    def of(self, first: int, last: int) -> "Acts":
        cut = slice(*np.searchsorted(self.day, [first, last + 1]).tolist())
        return Acts(self.person[cut], self.day[cut], self.value[cut])


def acts(rows: Sequence[tuple[int | None, int, float]]) -> Acts:
    """Rows of nobody are left out."""
    known = sorted(((who, day, value) for who, day, value in rows if who is not None), key=lambda row: row[1])
    person, day, value = (list(column) for column in zip(*known, strict=True)) if known else ([], [], [])
    return Acts(np.array(person, np.int64), np.array(day, np.int64), np.array(value, np.float64))


class Work(NamedTuple):
    """Time the team gave to someone on a day; nobody is known of some conversations."""

    day: int
    channel: str
    person: int | None
    seconds: int


class Shown(NamedTuple):
    """What a campaign brought against those held out by lot, in money; the ends of the interval are None while nothing can be said."""

    name: str
    day: int
    held: int
    value: float
    low: float | None
    high: float | None
    url: str = ""


class Base(NamedTuple):
    """What all customers together are expected to bring, as it was worked out on a day, and what changed it since the day before it."""

    day: int
    customers: int
    value: int
    new: int = 0
    back: int = 0
    more: int = 0
    less: int = 0
    lost: int = 0


class Facts:
    """Everything that key figures stand on. `lost_after`: days without a purchase after which a customer counts as lost.

    `margin` is a share of revenue, `hourly` and `per_send` are money; None: the team has not said. `is_narrowed`: only people of a segment,
    or one channel; figures that are known of the whole alone then say so.
    """

    currency: str = "EUR"
    lost_after: int = 180
    today: int = 0
    began: int = 0
    is_narrowed: bool = False
    margin: float | None = None
    hourly: int | None = None
    per_send: int | None = None

    sales: Sales
    leads: Acts
    answers: Acts
    work: Sequence[Work]
    sends: Sequence[tuple[int, str, int]]
    campaigns: Sequence[Shown]
    base: Sequence[Base]

    def spent(self, year: int, month: int) -> int | None:
        """Money spent in a month to win customers; None: nobody has said."""
        raise NotImplementedError

    def stages(self, day: int) -> Mapping[int, str]:
        """Person -> rung of the ladder at the end of a day."""
        raise NotImplementedError


@dataclass
class Plain(Facts):
    """Facts made of lists."""

    rows: list[Sale] = field(default_factory=list)
    forms: list[tuple[int | None, int]] = field(default_factory=list)
    said: list[tuple[int | None, int, float]] = field(default_factory=list)
    rungs: dict[int, str] = field(default_factory=dict)
    work: list[Work] = field(default_factory=list)
    sends: list[tuple[int, str, int]] = field(default_factory=list)
    campaigns: list[Shown] = field(default_factory=list)
    base: list[Base] = field(default_factory=list)
    spending: dict[tuple[int, int], int] = field(default_factory=dict)
    currency: str = "EUR"
    lost_after: int = 180
    today: int = 0
    began: int = 0
    margin: float | None = None
    hourly: int | None = None
    per_send: int | None = None

    @cached_property
    def sales(self) -> Sales:  # type: ignore[override]
        return Sales(columns(self.rows), self.currency)

    @cached_property
    def leads(self) -> Acts:  # type: ignore[override]
        return acts([(who, day, 0.0) for who, day in self.forms])

    @cached_property
    def answers(self) -> Acts:  # type: ignore[override]
        return acts(self.said)

    def spent(self, year: int, month: int) -> int | None:
        return self.spending.get((year, month))

    def stages(self, day: int) -> Mapping[int, str]:
        return self.rungs


def columns(rows: Sequence[Sale]) -> Columns:
    channels, currencies = (tuple(sorted({getattr(row, name) for row in rows})) for name in ("channel", "currency"))

    def ints(of: Callable[[Sale], Any]) -> Ints:
        return np.array([of(row) for row in rows], np.int64)

    return Columns(
        ints(lambda row: row.person or 0), np.array([row.person is not None for row in rows], bool), ints(lambda row: row.day),
        ints(lambda row: channels.index(row.channel)), ints(lambda row: currencies.index(row.currency)),
        np.array([row.is_purchase for row in rows], bool), ints(lambda row: row.money), channels, currencies,
    )  # fmt: skip
