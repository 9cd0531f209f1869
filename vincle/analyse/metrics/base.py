"""What a metric is: a number about the community, with its definition, its expression, and a slow twin that proves it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import ibis

from vincle.engines.base import Query, Tables, Value
from vincle.vocabulary import Direction, ObjectType

DAY = 86_400
TURNS_A_YEAR = 3
EPOCH = date(1970, 1, 1)
NOT_ACTS = (ObjectType.PROFILE.value, ObjectType.UNKNOWN.value)
Params = Mapping[str, Any]
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both counted, as `zone` has them; on one channel, or on all ("").

    `begins` is a moment to begin at instead of the first midnight.
    """

    first: date
    last: date
    zone: str = "UTC"
    channel: str = ""
    begins: datetime | None = None

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def since(self) -> datetime:
        return self.begins or _midnight(self.first, self.zone)

    @property
    def until(self) -> datetime:
        """The first moment after the period."""
        return _midnight(self.last + timedelta(days=1), self.zone)

    def back(self, days: int) -> "Period":
        """The same length, so many days earlier."""
        return replace(self, first=self.first - timedelta(days=days), last=self.last - timedelta(days=days))

    def reaching(self, days: int) -> "Period":
        """This period with so many days before it."""
        return replace(self, first=self.first - timedelta(days=days))


class Act(NamedTuple):
    """A row of the activity table, as the slow twins read it."""

    workspace: int
    actor: int | None
    happened_at: datetime
    channel: str = "x"
    verb: str = "Create"
    object_type: str = "Note"
    parent_key: str = ""
    direction: str = "in"
    is_machine: bool = False
    amount: Decimal | None = None
    currency: str = ""


class Human(NamedTuple):
    """A row of the person table."""

    workspace: int
    id: int
    known_since: datetime
    is_identified: bool = False


@dataclass(frozen=True)
class World:
    """A small log and its people: what a metric is checked against. `owners`: handle -> person."""

    acts: tuple[Act, ...] = ()
    people: tuple[Human, ...] = ()
    owners: Mapping[int, int] | None = None

    def whose(self, act: Act) -> int | None:
        return (self.owners or {}).get(act.actor, act.actor) if act.actor is not None else None

    def acts_by_others(self, period: Period, every_way: bool = False) -> list[Act]:
        """What `acts` selects, by plain comparison."""
        return [
            act
            for act in self.acts
            if period.since <= act.happened_at < period.until
            and act.object_type not in NOT_ACTS
            and not act.is_machine
            and (not period.channel or act.channel == period.channel)
            and (every_way or act.direction == Direction.IN)
        ]


@dataclass(frozen=True)
class Metric:
    """`definition` says in a sentence what is counted and what is not. `expression` and `reference` yield the same rows in any order.

    `reference` is handed a world of one workspace.
    """

    id: str
    name: str
    unit: str
    definition: str
    expression: Callable[[Tables, Params], ibis.Table]
    reference: Callable[[World, Period], list[Row]]

    def query(self, period: Period) -> Query:
        return Query(self.id, self.expression, values(period))


def values(period: Period) -> dict[str, Value]:
    """A period as an expression's parameters: seconds, months, the shifts of the zone's clock, the channel if one is chosen."""
    since, until = int(period.since.timestamp()), int(period.until.timestamp())
    found: dict[str, Value] = {
        "since": since,
        "until": until,
        "first_month": f"{period.since:%Y-%m}",
        "last_month": f"{period.until:%Y-%m}",
        "last_day": (period.last - EPOCH).days,
    }
    turns = list(shifts(period.zone, since, until))
    # Filled up, so that a year has the same shape wherever it begins and its expression is compiled once.
    turns += [turns[-1]] * (TURNS_A_YEAR - len(turns))
    for place, (turn, shift) in enumerate(turns):
        found[f"turn{place}"], found[f"shift{place}"] = turn, shift
    return {**found, "channel": period.channel} if period.channel else found


def acts(tables: Tables, p: Params, direction: Direction | None = Direction.IN) -> ibis.Table:
    """Activities of the period, machines and mere facts left out; by others unless a direction is given."""
    table = tables.activity
    kept = table.filter(
        table.month.between(p["first_month"], p["last_month"]),
        table.at >= p["since"],
        table.at < p["until"],
        ~table.is_machine,
        table.object_type.notin(NOT_ACTS),
    )
    kept = kept.filter(kept.channel == p["channel"]) if "channel" in p else kept
    return kept.filter(kept.direction == direction.value) if direction else kept


def with_person(rows: ibis.Table, tables: Tables) -> ibis.Table:
    """A column `person`: who the actor is known to be; the handle itself while nobody knows."""
    owner = tables.handle.select(owner_key="key", owner="person")
    joined = rows.left_join(owner, rows.actor == owner.owner_key)
    return joined.mutate(person=joined.owner.fill_null(joined.actor))


def local(at: ibis.Value, p: Params) -> ibis.Value:
    """Seconds since 1970 as the clocks of the zone show them."""
    shift = p["shift0"]
    place = 1
    while f"turn{place}" in p:
        shift = ibis.ifelse(at >= p[f"turn{place}"], p[f"shift{place}"], shift)
        place += 1
    return at + shift


def day_of(at: ibis.Value, p: Params) -> ibis.Value:
    """Days since 1970 in the zone."""
    return local(at, p) // DAY


def day_number(moment: datetime, zone: str) -> int:
    """`day_of`, by the calendar.

    >>> day_number(datetime(1970, 1, 1, 23, 30, tzinfo=UTC), "Europe/Madrid")
    1
    """
    return (moment.astimezone(ZoneInfo(zone)).date() - EPOCH).days


def date_of(number: int) -> date:
    """The inverse: a date from days since 1970."""
    return EPOCH + timedelta(days=number)


@lru_cache(maxsize=512)
def shifts(zone: str, since: int, until: int) -> tuple[tuple[int, int], ...]:
    """(from when, seconds ahead of UTC) of a zone's clocks within a period; the first stands at its beginning.

    >>> shifts("Europe/Madrid", 1774569600, 1774828800)
    ((1774569600, 3600), (1774746000, 7200))
    """
    found = [(since, _shift(zone, since))]
    if zone == "UTC":
        return tuple(found)
    for start in range(since, until, DAY):
        low, high = start, min(start + DAY, until)
        if _shift(zone, low) == _shift(zone, high):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if _shift(zone, middle) == _shift(zone, low) else (low, middle)
        found.append((high, _shift(zone, high)))
    return tuple(found)


def _shift(zone: str, second: int) -> int:
    offset = datetime.fromtimestamp(second, UTC).astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
