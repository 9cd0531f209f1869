"""Journeys of a workspace out of the open table, and what every way of counting makes of them. Held by the table's version."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vincle.accounts.models import Workspace
from vincle.analyse.measure import columns
from vincle.analyse.metrics._touch_kinds import LEADER
from vincle.analyse.metrics.base import Period
from vincle.organise import warehouse
from vincle.organise.models import Membership, Score
from vincle.science.attribution import Attribution, Intervals, affordable, attribute, intervals

from .channels import coded
from .journeys import Bools, Built, Ints, Sales, Touches, build
from .refunds import Orders, left
from .rules import Rules

ALL_TIME: Final = (date(1970, 1, 2), date(2199, 12, 31))
ANSWERING: Final = ("like", "share", "comment", "seen", "follow")
"""Kinds that are about somebody's words or account: with an opinion leader they are told apart."""
LEADING: Final = 3.0
"""Influence in times the average from which somebody is an opinion leader."""
MOST_LEADERS = 200
HELD = 6
PATIENCE, LEAST_DRAWS = 0.7, 40
"""Seconds that intervals may take, and draws of which they are made at least; else there are none."""
UNITS: Final = 10_000
"""In one of a currency: money is kept to four places."""
_ANSWERING: Final = pa.array(ANSWERING)


@dataclass(frozen=True, eq=False)
class Found:
    """`foreign`: purchases of the period in another currency, which count without their value; `returned`: those wholly refunded, which do
    not count. `sold`: purchases that count in all."""

    built: Built
    told: Attribution
    sure: Intervals | None
    foreign: int
    returned: int

    @property
    def sold(self) -> float:
        return self.told.conversions + self.told.untouched


@dataclass(frozen=True)
class Wanted:
    """`segment`: its id; `product`: "" all; `order` of the Markov chain; `level`: one of `channels.LEVELS`."""

    first: date
    last: date
    rules: Rules
    segment: int | None = None
    product: str = ""
    order: int = 1
    level: str = "kind"


class _Kept:
    def __init__(self, most: int) -> None:
        self._most, self._lock, self._found = most, Lock(), OrderedDict[Any, Any]()

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        made = make()
        with self._lock:
            self._found[key] = made
            while len(self._found) > self._most:
                self._found.popitem(last=False)
        return made


_kept = _Kept(HELD)


def read(workspace: Workspace, wanted: Wanted) -> Found:
    """Raises EngineError."""
    engine = warehouse.engine()
    people = None if wanted.segment is None else _members(workspace, wanted.segment)
    leaders = _leaders(workspace)
    rules = wanted.rules
    key = (
        workspace.pk, engine, engine.version(), workspace.timezone, workspace.currency, wanted.first, wanted.last, wanted.product,
        wanted.order, wanted.level, rules.counted, rules.window, rules.first_only, leaders.tobytes(),
        None if people is None else people.tobytes(),
    )  # fmt: skip
    found: Found = _kept.get(key, lambda: _read(workspace, wanted, people, leaders))
    return found


def _read(workspace: Workspace, wanted: Wanted, people: Ints | None, leaders: Ints) -> Found:
    period = Period(wanted.first, wanted.last, workspace.timezone)
    since, until = int(period.since.timestamp()), int(period.until.timestamp())
    touches = _touches(workspace, period.reaching(wanted.rules.window), wanted, leaders)
    sold = _sales(workspace, people)
    products = _of_product(workspace, period, wanted.product, sold.sales) if wanted.product else None
    built = build(
        touches, sold.sales, since, until, window=wanted.rules.window, first_only=wanted.rules.first_only, wanted=products, people=people
    )
    told = attribute(built.paths, order=wanted.order)
    draws = affordable(told.chain, PATIENCE)
    sure = intervals(built.paths, draws=draws, order=wanted.order) if told.conversions and draws >= LEAST_DRAWS else None
    return Found(built, told, sure, sold.foreign(since, until), sold.gone(since, until))


def _touches(workspace: Workspace, period: Period, wanted: Wanted, leaders: Ints) -> Touches:
    rows = columns(workspace, "touches", period)
    person, other = _numbers(rows["person"]), _numbers(rows["other"])
    names, codes = coded(rows["kind"], rows["source"], rows["campaign"], wanted.rules.counted, wanted.level)
    if LEADER in names and len(leaders) and len(codes):
        answering = pc.is_in(rows["kind"], value_set=_ANSWERING).to_numpy(zero_copy_only=False).astype(bool)
        codes = np.where(answering & np.isin(other, leaders) & (other != person), names.index(LEADER), codes)
    return Touches(names, person, _numbers(rows["at"]), codes)


def _numbers(column: Any) -> Ints:
    found: Ints = pc.fill_null(column, 0).to_numpy().astype(np.int64)
    return found


@dataclass(frozen=True, eq=False)
class _Sold:
    """Purchases of all time that stand, those in the workspace's own currency with what is left of their money; and when those in another
    were made, and those of which nothing is left."""

    sales: Sales
    foreign_at: Ints
    returned_at: Ints

    def foreign(self, since: int, until: int) -> int:
        return int(((self.foreign_at >= since) & (self.foreign_at < until)).sum())

    def gone(self, since: int, until: int) -> int:
        return int(((self.returned_at >= since) & (self.returned_at < until)).sum())


def _sales(workspace: Workspace, people: Ints | None) -> _Sold:
    rows = columns(workspace, "orders", Period(*ALL_TIME))
    currencies = pc.dictionary_encode(rows["currency"].combine_chunks())
    names = currencies.dictionary.to_pylist()
    order = pc.dictionary_encode(pc.binary_join_element_wise(rows["channel"], rows["order"], "\x1f").combine_chunks()).indices
    named = pc.not_equal(rows["order"], "").to_numpy(zero_copy_only=False).astype(bool)
    money = np.abs(np.rint(pc.cast(rows["amount"], "float64").to_numpy(zero_copy_only=False) * UNITS)).astype(np.int64)
    bought, rest = left(Orders(
        _numbers(rows["person"]), _numbers(rows["at"]), _numbers(currencies.indices), money, np.where(named, _numbers(order), -1),
        rows["is_purchase"].to_numpy(zero_copy_only=False).astype(bool),
    ))  # fmt: skip
    is_theirs = bought.person != 0 if people is None else np.isin(bought.person, people)
    stands = (rest > 0) | (bought.money == 0)
    is_ours = bought.currency == (names.index(workspace.currency) if workspace.currency in names else -1)
    kept = is_theirs & stands
    sales = Sales(bought.person[kept], bought.at[kept], np.where(is_ours, rest, 0)[kept] / UNITS)
    return _Sold(sales, bought.at[kept & ~is_ours], bought.at[is_theirs & ~stands])


def _of_product(workspace: Workspace, period: Period, product: str, sales: Sales) -> Bools:
    rows = columns(workspace, "wares", period)
    rows = rows.filter(pc.equal(rows["product"], product))
    bought = set(zip(_numbers(rows["person"]).tolist(), _numbers(rows["at"]).tolist(), strict=True))
    pairs = zip(sales.person.tolist(), sales.at.tolist(), strict=True)
    return np.fromiter((pair in bought for pair in pairs), bool, len(sales.at))


def products(workspace: Workspace, first: date, last: date, most: int = 30) -> list[str]:
    """Those bought most often in the period."""
    rows = columns(workspace, "wares", Period(first, last, workspace.timezone))
    counts = pc.value_counts(rows["product"].combine_chunks()).to_pylist() if rows.num_rows else []
    ordered = sorted((-each["counts"], each["values"]) for each in counts if each["values"])
    return [name for _count, name in ordered[:most]]


def _members(workspace: Workspace, segment: int) -> Ints:
    rows = Membership.objects.of(workspace).filter(segment=segment, left_at=None)
    return np.sort(np.fromiter(rows.values_list("person", flat=True), np.int64))


def _leaders(workspace: Workspace) -> Ints:
    rows = Score.objects.of(workspace).filter(name="influence", value__gte=LEADING).order_by("-value")
    return np.sort(np.fromiter(rows.values_list("person", flat=True)[:MOST_LEADERS], np.int64))


def usual(newest: datetime | None, zone: Any) -> tuple[date, date]:
    """The last 90 days of the data."""
    last = (newest or datetime.now(UTC)).astimezone(zone).date()
    return last - timedelta(days=89), last
