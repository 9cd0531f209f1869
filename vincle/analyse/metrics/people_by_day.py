"""How many people were active on each day.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> world = World((Act(1, 7, datetime(2026, 3, 10, tzinfo=UTC)), Act(1, 8, datetime(2026, 3, 10, tzinfo=UTC))), owners={8: 7})
>>> reference(world, Period(date(2026, 3, 10), date(2026, 3, 10)))
[(20522, 1)]
"""

from collections import defaultdict

import ibis

from vincle.engines.base import Tables

from .base import Metric, Params, Period, Row, World, acts, day_number, day_of, with_person


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = acts(tables, p)
    by_handle = rows.group_by("actor", day=day_of(rows.at, p)).agg(acts=rows.count())
    known = with_person(by_handle, tables)
    return known.group_by("day").agg(people=known.person.nunique()).select("day", "people")


def reference(world: World, period: Period) -> list[Row]:
    people: dict[int, set[int | None]] = defaultdict(set)
    for act in world.acts_by_others(period):
        people[day_number(act.happened_at, period.zone)].add(world.whose(act))
    return [(day, len(found - {None})) for day, found in people.items()]


metric = Metric(
    "people_by_day",
    "People active a day",
    "people",
    "People who did something on a day, each counted once a day. A handle that is nobody's yet counts as a person.",
    expression,
    reference,
)
