"""When the first and the newest activity happened, in seconds since 1970.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> reference(World((Act(1, 7, datetime(1970, 1, 2, tzinfo=UTC)),)), Period(date(1970, 1, 1), date(1971, 1, 1)))
[(86400, 86400)]
"""

import ibis

from vincle.engines.base import Tables

from .base import Metric, Params, Period, Row, World, acts


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = acts(tables, p)
    return rows.aggregate(oldest=rows.at.min(), newest=rows.at.max())


def reference(world: World, period: Period) -> list[Row]:
    moments = [int(act.happened_at.timestamp()) for act in world.acts_by_others(period)]
    return [(min(moments, default=None), max(moments, default=None))]


metric = Metric(
    "span",
    "Oldest and newest",
    "seconds",
    "When others first and last did something.",
    expression,
    reference,
)
