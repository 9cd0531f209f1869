"""When people speak: by weekday (1 is Monday) and hour of the workspace's clock.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> reference(World((Act(1, 7, datetime(2026, 3, 10, 9, 59, tzinfo=UTC)),)), Period(date(2026, 3, 10), date(2026, 3, 10), "Europe/Madrid"))
[(2, 10, 1)]
"""

from collections import Counter
from zoneinfo import ZoneInfo

import ibis

from vincle.engines.base import Tables

from .base import DAY, Metric, Params, Period, Row, World, acts, local

HOUR = 3_600
# 1 January 1970 was a Thursday.
THURSDAY = 3


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = acts(tables, p)
    rows = rows.select(clock=local(rows.at, p))
    keys = {"weekday": (rows.clock // DAY + THURSDAY) % 7 + 1, "hour": rows.clock % DAY // HOUR}
    return rows.group_by(**keys).agg(n=rows.count()).select("weekday", "hour", "n")


def reference(world: World, period: Period) -> list[Row]:
    moments = [act.happened_at.astimezone(ZoneInfo(period.zone)) for act in world.acts_by_others(period)]
    return [(*key, n) for key, n in Counter((moment.isoweekday(), moment.hour) for moment in moments).items()]


metric = Metric(
    "rhythm",
    "Rhythm of the week",
    "activities",
    "What others did, by weekday and hour in the workspace's time zone.",
    expression,
    reference,
)
