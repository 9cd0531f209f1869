"""Every rung that people reached within the period, not the highest alone: how many did which of them.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> day = datetime(2026, 3, 10, tzinfo=UTC)
>>> world = World((Act(1, 7, day), Act(1, 7, day, verb="Like"), Act(1, 8, day, verb="Like")))
>>> reference(world, Period(date(2026, 3, 10), date(2026, 3, 10)))
[(0, 1, 0, 1, 1), (0, 1, 0, 0, 1)]
"""

from collections import Counter

import ibis

from vincle.engines.base import Tables

from ._rungs import HEIGHT, height, height_of
from .base import Metric, Params, Period, Row, World, acts, with_person

FLAGS = {name: HEIGHT[stage] for stage, name in zip(reversed(HEIGHT), ("spectator", "semi_active", "critic", "creator"), strict=True)}


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = acts(tables, p)
    rows = rows.mutate(height=height_of(rows))
    reached = {name: ibis.ifelse(rows.height == each, 1, 0).cast("int64").max() for name, each in FLAGS.items()}
    known = with_person(rows.group_by("actor").agg(**reached), tables)
    known = known.filter(known.person.notnull())
    people = known.group_by("person").agg(**{name: known[name].max() for name in FLAGS})
    return people.group_by(*FLAGS).agg(people=people.count()).select(*FLAGS, "people")


def reference(world: World, period: Period) -> list[Row]:
    reached: dict[int, set[int]] = {}
    for act in world.acts_by_others(period):
        person = world.whose(act)
        if person is not None:
            reached.setdefault(person, set()).add(height(act))
    counts = Counter(tuple(int(each in found) for each in FLAGS.values()) for found in reached.values())
    return [(*flags, n) for flags, n in counts.items()]


metric = Metric(
    "ladder_flags",
    "All rungs reached",
    "people",
    "People who did something within the period, by each rung they reached in it: spectator, semi-active, critic, creator (1: reached).",
    expression,
    reference,
)
