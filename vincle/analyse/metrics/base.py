"""What a metric is: a number about the community, with its definition, its expression, and a slow twin that proves it."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import ibis

from vincle.engines.base import Query, Quick, Tables, Value
from vincle.engines.mentions import NOT_ACTS
from vincle.vocabulary import Direction

DAY = 86_400
TURNS_A_YEAR = 3
EPOCH = date(1970, 1, 1)
FILTERS = ("sentiment", "topic", "language", "country")
Params = Mapping[str, Any]
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both counted, as `zone` has them; on one channel, or on all ("").

    `begins` is a moment to begin at instead of the first midnight; `listening` keeps what one query of the team asks for (0: everything).
    What is said can be narrowed by `FILTERS` (`said`): empty ones keep all.
    """

    first: date
    last: date
    zone: str = "UTC"
    channel: str = ""
    begins: datetime | None = None
    listening: int = 0
    sentiment: str = ""
    topic: str = ""
    language: str = ""
    country: str = ""

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
    thread_key: str = ""
    reaction: str = ""
    language: str = ""
    sentiment: str = ""
    sentiment_score: float | None = None
    intents: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()
    aspect_scores: tuple[float, ...] = ()
    emotions: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    country: str = ""
    place: str = ""
    seq: int = 0
    target: int | None = None
    sites: tuple[str, ...] = ()
    rating: float | None = None
    rating_max: float | None = None
    products: tuple[str, ...] = ()
    props: str = ""
    object_key: str = ""
    campaign_key: str = ""


class Human(NamedTuple):
    """A row of the person table."""

    workspace: int
    id: int
    known_since: datetime
    is_identified: bool = False


@dataclass(frozen=True)
class World:
    """A small log and its people: what a metric is checked against. `owners`: handle -> person; `matches`: (listening, seq)."""

    acts: tuple[Act, ...] = ()
    people: tuple[Human, ...] = ()
    owners: Mapping[int, int] | None = None
    matches: frozenset[tuple[int, int]] = frozenset()

    def whose(self, act: Act) -> int | None:
        return (self.owners or {}).get(act.actor, act.actor) if act.actor is not None else None

    def said(self, period: Period) -> list[Act]:
        """What `said` selects, by plain comparison."""
        wanted = {name: value for name in FILTERS if name != "topic" and (value := getattr(period, name))}
        return [
            act
            for act in self.acts_by_others(period)
            if act.sentiment
            and all(getattr(act, name) == value for name, value in wanted.items())
            and (not period.topic or period.topic in act.topics)
        ]

    def acts_by_others(self, period: Period, every_way: bool = False) -> list[Act]:
        """What `acts` selects, by plain comparison."""
        return [
            act
            for act in self.acts
            if period.since <= act.happened_at < period.until
            and act.object_type not in NOT_ACTS
            and not act.is_machine
            and (not period.channel or act.channel == period.channel)
            and (not period.listening or (period.listening, act.seq) in self.matches)
            and (every_way or act.direction == Direction.IN)
        ]


@dataclass(frozen=True)
class Metric:
    """`definition` says in a sentence what is counted and what is not. `expression` and `reference` yield the same rows in any order.

    `reference` is handed a world of one workspace. `quick`: the same table from mentions in memory (`_chosen`).
    """

    id: str
    name: str
    unit: str
    definition: str
    expression: Callable[[Tables, Params], ibis.Table]
    reference: Callable[[World, Period], list[Row]]
    quick: Quick | None = None

    def query(self, period: Period) -> Query:
        return Query(self.id, self.expression, values(period), self.quick)


def values(period: Period) -> dict[str, Value]:
    """A period as an expression's parameters: seconds, months, the shifts of the zone's clock, channel and query if one is chosen."""
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
    chosen: dict[str, Value] = {name: getattr(period, name) for name in ("channel", "listening", *FILTERS)}
    return found | {name: value for name, value in chosen.items() if value}


def acts(tables: Tables, p: Params, direction: Direction | None = Direction.IN) -> ibis.Table:
    """Activities of the period (and the query), machines and mere facts left out; by others unless a direction is given."""
    table = tables.activity
    kept = table.filter(
        table.month.between(p["first_month"], p["last_month"]),
        table.at >= p["since"],
        table.at < p["until"],
        ~table.is_machine,
        table.object_type.notin(NOT_ACTS),
    )
    kept = kept.filter(kept.channel == p["channel"]) if "channel" in p else kept
    kept = kept.filter(kept.seq.isin(matches(tables, p).seq)) if "listening" in p else kept
    return kept.filter(kept.direction == direction.value) if direction else kept


def said(tables: Tables, p: Params) -> ibis.Table:
    """What others put into words in the period, as far as its texts were read, narrowed by the period's filters."""
    rows = acts(tables, p)
    rows = rows.filter(rows.sentiment != "")
    for name in FILTERS:
        if name in p:
            rows = rows.filter(rows.topics.contains(p[name]) if name == "topic" else rows[name] == p[name])
    return rows


def by_label(rows: ibis.Table, kinds: Sequence[str], most: int) -> ibis.Table:
    """(kind, label, n, negative, positive, score) of each label in the lists `kinds` of what is said, the `most` frequent of each."""
    return ibis.union(*(_labels(rows, kind, most) for kind in kinds), distinct=False)


def _labels(rows: ibis.Table, kind: str, most: int) -> ibis.Table:
    each = rows.select("sentiment", score=rows.sentiment_score.fill_null(0.0), label=rows[kind].unnest())
    found = each.group_by("label").agg(
        n=each.count(), negative=(each.sentiment == "negative").sum(), positive=(each.sentiment == "positive").sum(), score=each.score.sum()
    )
    frequent = found.order_by(found.n.desc(), found.label).limit(most)
    return frequent.select(kind=ibis.literal(kind), label="label", n="n", negative="negative", positive="positive", score="score")


def by_label_slowly(said: Sequence[Act], kinds: Sequence[str], most: int) -> list[Row]:
    """As `by_label`, by plain counting."""
    rows: list[Row] = []
    for kind in kinds:
        counts: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0, 0.0])
        for act in said:
            for label in getattr(act, kind):
                found = counts[label]
                found[0] += 1
                found[1] += act.sentiment == "negative"
                found[2] += act.sentiment == "positive"
                found[3] += act.sentiment_score or 0.0
        ordered = sorted(counts.items(), key=lambda item: (-item[1][0], item[0]))[:most]
        rows += [(kind, label, int(n), int(negative), int(positive), score) for label, (n, negative, positive, score) in ordered]
    return rows


def matches(tables: Tables, p: Params) -> ibis.Table:
    """What the chosen query asks for, in the months of the period."""
    table = tables.match
    return table.filter(table.listening == p["listening"], table.month.between(p["first_month"], p["last_month"]))


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
