"""What we ourselves said and answered, by day.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> theirs = Act(1, 7, datetime(2026, 3, 10, tzinfo=UTC), parent_key="p")
>>> world = World((theirs._replace(direction="out"), theirs))
>>> reference(world, Period(date(2026, 3, 10), date(2026, 3, 10)))
[(20522, 1, 1)]
"""

from collections import defaultdict

import ibis

from vincle.engines.base import Tables
from vincle.vocabulary import Direction, Verb

from .base import Metric, Params, Period, Row, World, acts, day_number, day_of


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = acts(tables, p, Direction.OUT)
    rows = rows.filter(rows.verb == Verb.CREATE.value)
    answers = (rows.parent_key != "").sum()
    return rows.group_by(day=day_of(rows.at, p)).agg(n=rows.count(), answers=answers).select("day", "n", "answers")


def reference(world: World, period: Period) -> list[Row]:
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for act in world.acts_by_others(period, every_way=True):
        if act.direction == Direction.OUT and act.verb == Verb.CREATE:
            found = counts[day_number(act.happened_at, period.zone)]
            found[0] += 1
            found[1] += act.parent_key != ""
    return [(day, *found) for day, found in counts.items()]


metric = Metric(
    "own_words",
    "Our own words",
    "activities",
    "Posts, messages and answers of ours by day, and how many of them answer someone.",
    expression,
    reference,
)
