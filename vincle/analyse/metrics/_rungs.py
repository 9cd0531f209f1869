"""Rungs of the ladder as numbers, in expressions and by plain counting."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis

from vincle.engines.base import Query, Tables
from vincle.engines.mentions import NOT_ACTS
from vincle.engines.micros import micros
from vincle.organise.scores.ladder import LADDER, WINDOW, rung
from vincle.vocabulary import Direction, ObjectType, Stage, Verb

from .base import Act, Metric, Params, Period, World, values

HEIGHT = {stage: len(LADDER) - place for place, stage in enumerate(LADDER)}
NAMES = {0: Stage.INACTIVE.value, **{height: stage.value for stage, height in HEIGHT.items()}}
UNKNOWN = -1
"""The height of someone who was not known yet."""
_MICRO = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Reaching(Metric):
    """A metric that looks back from both ends of its period, by the ladder's window or further: microseconds, and the first month."""

    back: timedelta = WINDOW

    def query(self, period: Period) -> Query:
        first, last = (each.astimezone(UTC) for each in (period.since, period.until))
        found = {"first": _micros(first), "last": _micros(last), "window": WINDOW // _MICRO, "back": self.back // _MICRO}
        early = max(first - max(self.back, WINDOW) - timedelta(days=1), _EPOCH.replace(year=2)) if first.year > 2 else first
        return Query(self.id, self.expression, {**values(period), **found, "early_month": f"{early:%Y-%m}"})


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICRO


def past(tables: Tables, p: Params, direction: Direction = Direction.IN) -> ibis.Table:
    """Activities before the end of the period and not much before its beginning, with the microsecond `us` of each."""
    table = tables.activity
    kept = table.filter(
        table.month.between(p["early_month"], p["last_month"]), ~table.is_machine, table.object_type.notin(NOT_ACTS),
        table.direction == direction.value,
    )  # fmt: skip
    kept = kept.filter(kept.channel == p["channel"]) if "channel" in p else kept
    kept = kept.mutate(us=micros(kept.happened_at))
    return kept.filter(kept.us < p["last"])


def standing(tables: Tables, p: Params) -> ibis.Table:
    """(person, before, after): heights at the beginning and the end of the period, as the ladder's window has them then."""
    rows = past(tables, p)
    rows = rows.mutate(height=height_of(rows))
    then = (rows.us < p["first"]) & (rows.us > p["first"] - p["window"])
    now = rows.us > p["last"] - p["window"]
    by_handle = rows.group_by("actor").agg(
        before=ibis.ifelse(then, rows.height, 0).max(), after=ibis.ifelse(now, rows.height, 0).max(),
        acted=(rows.us < p["first"]).cast("int64").max()
    )  # fmt: skip
    owner = tables.handle.select(owned="key", person="person")
    owned = by_handle.inner_join(owner, by_handle.actor == owner.owned)
    each = owned.group_by(who="person").agg(before=owned.before.max(), after=owned.after.max(), acted=owned.acted.max())
    people = tables.person.left_join(each, tables.person.id == each.who)
    known = people.filter((people.at < p["until"]) | people.who.notnull())
    met = (known.at < p["since"]) | (known.acted.fill_null(0) == 1)
    return known.select(
        person="id", before=ibis.ifelse(met, known.before.fill_null(0), UNKNOWN).cast("int64"), after=known.after.fill_null(0).cast("int64")
    )  # fmt: skip


def height_at(acts: Iterable[Act], at: datetime) -> int:
    """The highest rung of acts within the window before a moment."""
    return max((height(act) for act in acts if at - WINDOW < act.happened_at < at), default=0)


def height(act: Act) -> int:
    return HEIGHT.get(rung(act.verb, act.object_type, bool(act.parent_key)), 0)


def past_acts(world: World, period: Period, back: timedelta, direction: Direction = Direction.IN) -> list[Act]:
    """What `past` selects, by plain comparison; months reach as far as the expression's."""
    early = period.since.astimezone(UTC) - max(back, WINDOW) - timedelta(days=1)
    begins = early.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return [
        act
        for act in world.acts
        if begins <= act.happened_at < period.until
        and act.object_type not in NOT_ACTS
        and not act.is_machine
        and (not period.channel or act.channel == period.channel)
        and act.direction == direction
    ]


def standing_slowly(world: World, period: Period) -> dict[int, tuple[int, int]]:
    """As `standing`, by plain counting: person -> (before, after)."""
    acts: dict[Any, list[Act]] = {}
    for act in past_acts(world, period, WINDOW):
        if act.actor in (world.owners or {}):
            acts.setdefault(world.whose(act), []).append(act)
    found = {}
    for human in world.people:
        theirs = acts.get(human.id, [])
        if human.known_since >= period.until and not theirs:
            continue
        met = human.known_since < period.since or any(act.happened_at < period.since for act in theirs)
        found[human.id] = (height_at(theirs, period.since) if met else UNKNOWN, height_at(theirs, period.until))
    return found


def height_of(rows: ibis.Table) -> ibis.Value:
    """The rung of an act as a number, read off `rung` for every verb, kind and reply. What most acts of a verb stand for comes last."""
    reply = rows.parent_key != ""
    cases = []
    usual: dict[int, list[str]] = {}
    for verb in Verb:
        heights = {(kind, answer): HEIGHT.get(rung(verb, kind, answer), 0) for kind in ObjectType for answer in (False, True)}
        most = Counter(heights.values()).most_common(1)[0][0]
        usual.setdefault(most, []).append(verb.value)
        for height in sorted({*heights.values()} - {most}):
            named = {answer: {kind for kind in ObjectType if heights[kind, answer] == height} for answer in (False, True)}
            for kinds, condition in (
                (named[True] & named[False], None),
                (named[True] - named[False], reply),
                (named[False] - named[True], ~reply),
            ):
                if kinds:
                    found = (rows.verb == verb.value) & rows.object_type.isin(sorted(kind.value for kind in kinds))
                    cases.append((found if condition is None else found & condition, height))
    cases += [(rows.verb.isin(verbs), height) for height, verbs in usual.items() if height]
    return ibis.cases(*cases, else_=0)
