"""Who speaks most.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> world = World(tuple(Act(1, actor, datetime(2026, 3, 10, tzinfo=UTC)) for actor in (7, 8, 8)))
>>> reference(world, Period(date(2026, 3, 10), date(2026, 3, 10)))
[(8, 2), (7, 1)]
"""

from collections import Counter

import ibis

from vincle.engines.base import Tables

from .base import Metric, Params, Period, Row, World, acts, with_person

MOST = 8


def expression(tables: Tables, p: Params) -> ibis.Table:
    by_handle = acts(tables, p).group_by("actor").agg(acts=lambda rows: rows.count())
    rows = with_person(by_handle, tables)
    counts = rows.filter(rows.person.notnull()).group_by("person").agg(n=lambda table: table.acts.sum())
    return counts.order_by(counts.n.desc(), counts.person).limit(MOST).select("person", "n")


def reference(world: World, period: Period) -> list[Row]:
    counts = Counter(person for act in world.acts_by_others(period) if (person := world.whose(act)) is not None)
    return sorted(counts.items(), key=lambda row: (-row[1], row[0]))[:MOST]


metric = Metric(
    "top_authors",
    "Who speaks most",
    "activities",
    f"The {MOST} people who did most in a period, with how much.",
    expression,
    reference,
)
