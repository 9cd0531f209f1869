"""Journeys of a workspace out of the open table, and what every way of counting makes of them. Held by the table's version."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Any, Final

import numpy as np
import pyarrow.compute as pc

from vincle.accounts.models import Workspace
from vincle.analyse.measure import columns
from vincle.analyse.metrics._touch_kinds import LEADER
from vincle.analyse.metrics.base import Period
from vincle.organise import warehouse
from vincle.organise.models import Membership, Score
from vincle.science.attribution import Attribution, Intervals, attribute, intervals

from .journeys import Bools, Built, Ints, Sales, Touches, build
from .rules import Rules

ALL_TIME: Final = (date(1970, 1, 2), date(2199, 12, 31))
ANSWERING: Final = ("like", "share", "comment", "seen", "follow")
"""Kinds that are about somebody's words or account: with an opinion leader they are told apart."""
LEADING: Final = 3.0
"""Influence in times the average from which somebody is an opinion leader."""
MOST_LEADERS = 200
HELD = 6
DRAWS = 200


@dataclass(frozen=True, eq=False)
class Found:
    """`foreign`: purchases of the period in another currency, which count without their value. `sold`: purchases that count in all."""

    built: Built
    told: Attribution
    sure: Intervals | None
    foreign: int

    @property
    def sold(self) -> float:
        return self.told.conversions + self.told.untouched


@dataclass(frozen=True)
class Wanted:
    """`segment`: its id; `product`: "" all; `order` of the Markov chain."""

    first: date
    last: date
    rules: Rules
    segment: int | None = None
    product: str = ""
    order: int = 1


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
        wanted.order, rules.counted, rules.window, rules.first_only, leaders.tobytes(), None if people is None else people.tobytes(),
    )  # fmt: skip
    found: Found = _kept.get(key, lambda: _read(workspace, wanted, people, leaders))
    return found


def _read(workspace: Workspace, wanted: Wanted, people: Ints | None, leaders: Ints) -> Found:
    period = Period(wanted.first, wanted.last, workspace.timezone)
    since, until = int(period.since.timestamp()), int(period.until.timestamp())
    touches = _touches(workspace, period.reaching(wanted.rules.window), wanted.rules.counted, leaders)
    sales, is_ours = _sales(workspace)
    products = _of_product(workspace, period, wanted.product, sales) if wanted.product else None
    built = build(
        touches, sales, since, until, window=wanted.rules.window, first_only=wanted.rules.first_only, wanted=products, people=people
    )
    within = (sales.at >= since) & (sales.at < until) & ~is_ours
    foreign = int((within & (np.isin(sales.person, people) if people is not None else True)).sum())
    told = attribute(built.paths, order=wanted.order)
    sure = intervals(built.paths, draws=DRAWS, order=1) if told.conversions and wanted.order == 1 else None
    return Found(built, told, sure, foreign)


def _touches(workspace: Workspace, period: Period, counted: tuple[str, ...], leaders: Ints) -> Touches:
    rows = columns(workspace, "touches", period)
    names = pc.unique(rows["kind"].combine_chunks()).to_pylist()
    kind = pc.index_in(rows["kind"].combine_chunks(), pc.unique(rows["kind"].combine_chunks())).to_numpy(zero_copy_only=False)
    person, other = _numbers(rows["person"]), _numbers(rows["other"])
    place = {name: at for at, name in enumerate(counted)}
    by_name = np.array([*(place.get(name, -1) for name in names), -1], np.int64)
    codes = by_name[kind.astype(np.int64)]
    if LEADER in place and len(leaders) and len(kind):
        answering = np.array([name in ANSWERING for name in names])[kind.astype(np.int64)]
        codes = np.where(answering & np.isin(other, leaders) & (other != person), place[LEADER], codes)
    return Touches(counted, person, _numbers(rows["at"]), codes)


def _numbers(column: Any) -> Ints:
    found: Ints = pc.fill_null(column, 0).to_numpy().astype(np.int64)
    return found


def _sales(workspace: Workspace) -> tuple[Sales, Bools]:
    """Purchases of all time; those in the workspace's own currency have a value."""
    rows = columns(workspace, "sales", Period(*ALL_TIME))
    rows = rows.filter(pc.and_(rows["is_purchase"], pc.is_valid(rows["person"])))
    is_ours: Bools = pc.equal(rows["currency"], workspace.currency).to_numpy(zero_copy_only=False).astype(bool)
    amount = pc.cast(rows["amount"], "float64").to_numpy(zero_copy_only=False)
    return Sales(_numbers(rows["person"]), _numbers(rows["at"]), np.where(is_ours, amount, 0.0)), is_ours


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
