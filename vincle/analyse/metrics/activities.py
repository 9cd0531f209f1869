"""How much is said and done, by day, channel and kind.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> world = World((Act(1, 7, datetime(2026, 3, 10, 23, 30, tzinfo=UTC)), Act(1, 7, datetime(2026, 3, 10, 9, tzinfo=UTC), direction="out")))
>>> reference(world, Period(date(2026, 3, 11), date(2026, 3, 11), "Europe/Madrid"))
[(20523, 'x', 'Create', 'Note', 1)]
"""

from collections import Counter

import ibis

from vincle.engines.base import Tables

from .base import Metric, Params, Period, Row, World, acts, day_number, day_of


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = acts(tables, p)
    return rows.group_by(rows.channel, rows.verb, rows.object_type, day=day_of(rows.at, p)).agg(n=rows.count()).select(*COLUMNS)


def reference(world: World, period: Period) -> list[Row]:
    found = world.acts_by_others(period)
    counts = Counter((day_number(act.happened_at, period.zone), act.channel, act.verb, act.object_type) for act in found)
    return [(*key, n) for key, n in counts.items()]


COLUMNS = ("day", "channel", "verb", "object_type", "n")
metric = Metric(
    "activities",
    "Activities",
    "activities",
    "What others did: posts, comments, reactions, reviews, visits, purchases. Machines and our own words are not counted. "
    "By day in the workspace's time zone, channel, verb and kind.",
    expression,
    reference,
)
