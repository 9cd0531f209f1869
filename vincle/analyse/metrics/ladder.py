"""Where people stand on the engagement ladder: the highest rung each reached within the period.

The rungs are those of `organise.scores.ladder`; the period is its window of 90 days.

>>> from datetime import UTC, date, datetime
>>> from .base import Act, Human
>>> day = datetime(2026, 3, 10, tzinfo=UTC)
>>> world = World((Act(1, 7, day), Act(1, 7, day, verb="Like")), (Human(1, 7, day), Human(1, 8, day)))
>>> reference(world, Period(date(2026, 3, 10), date(2026, 3, 10)))
[('creator', 1), ('inactive', 1)]
"""

from collections import Counter

import ibis

from vincle.engines.base import Tables
from vincle.organise.scores.ladder import LADDER, rung
from vincle.vocabulary import ObjectType, Stage, Verb

from .base import Metric, Params, Period, Row, World, acts, with_person

HEIGHT = {stage: len(LADDER) - place for place, stage in enumerate(LADDER)}


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = acts(tables, p)
    by_handle = rows.group_by("actor").agg(height=_height(rows).max())
    reached = with_person(by_handle, tables).group_by("person").agg(height=lambda table: table.height.max())
    people = tables.person.left_join(reached, tables.person.id == reached.person)
    known = people.filter((people.at < p["until"]) | people.height.notnull())
    stage = ibis.cases(*((known.height == height, stage.value) for stage, height in HEIGHT.items()), else_=Stage.INACTIVE.value)
    return known.group_by(stage=stage).agg(people=known.count()).select("stage", "people")


def reference(world: World, period: Period) -> list[Row]:
    highest: dict[int | None, int] = {}
    for act in world.acts_by_others(period):
        height = HEIGHT.get(rung(act.verb, act.object_type, bool(act.parent_key)), 0)
        highest[world.whose(act)] = max(height, highest.get(world.whose(act), 0))
    names = {height: stage.value for stage, height in HEIGHT.items()}
    known = [human.id for human in world.people if human.known_since < period.until or human.id in highest]
    return list(Counter(names.get(highest.get(person, 0), Stage.INACTIVE.value) for person in known).items())


def _height(rows: ibis.Table) -> ibis.Value:
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


metric = Metric(
    "ladder",
    "The engagement ladder",
    "people",
    "People known by the end of the period, by the highest rung they reached within it: creators post about you, "
    "critics comment and review, semi-active people react and buy, spectators watch; the others did nothing.",
    expression,
    reference,
)
