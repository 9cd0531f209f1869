"""Which months hold something, by the calendar of UTC: where to look, without reading it.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> reference(World((Act(1, 7, datetime(2026, 3, 10, tzinfo=UTC)),)), Period(date(2026, 3, 10), date(2026, 3, 10)))
[('2026-03', 1)]
"""

from collections import Counter
from datetime import UTC

import ibis

from vincle.engines.base import Tables

from .base import Metric, Params, Period, Row, World


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = tables.activity
    rows = rows.filter(rows.month.between(p["first_month"], p["last_month"]))
    return rows.group_by("month").agg(n=rows.count()).select("month", "n")


def reference(world: World, period: Period) -> list[Row]:
    months = Counter(f"{act.happened_at.astimezone(UTC):%Y-%m}" for act in world.acts)
    return [(month, n) for month, n in months.items() if f"{period.since:%Y-%m}" <= month <= f"{period.until:%Y-%m}"]


metric = Metric(
    "months",
    "Months",
    "activities",
    "Rows of the table by month, of every kind and direction; of the months the period touches, whole.",
    expression,
    reference,
)
