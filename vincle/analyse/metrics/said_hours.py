"""When people speak, in words: by weekday (1 is Monday) and hour of the workspace's clock.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> said = Act(1, 7, datetime(2026, 3, 10, 9, 59, tzinfo=UTC), sentiment="positive")
>>> reference(World((said, said._replace(sentiment=""))), Period(date(2026, 3, 10), date(2026, 3, 10), "Europe/Madrid"))
[(2, 10, 1)]
"""

from collections import Counter
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa

from vincle.engines.base import Tables
from vincle.engines.mentions import Mentions

from . import _chosen
from ._chosen import Groups, Key, Values, answer
from .base import DAY, Metric, Params, Period, Row, World, local, said

HOUR = 3_600
# 1 January 1970 was a Thursday.
THURSDAY = 3


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = said(tables, p)
    rows = rows.select(clock=local(rows.at, p))
    keys = {"weekday": (rows.clock // DAY + THURSDAY) % 7 + 1, "hour": rows.clock % DAY // HOUR}
    return rows.group_by(**keys).agg(n=rows.count()).select("weekday", "hour", "n")


def quick(held: Mentions, p: Values) -> pa.Table:
    clock = _chosen.said(held, p).clock()
    found = Groups(Key((clock // DAY + THURSDAY) % 7, 7), Key(clock % DAY // HOUR, 24))
    return answer({"weekday": found.keys[0] + 1, "hour": found.keys[1], "n": found.count()})


def reference(world: World, period: Period) -> list[Row]:
    moments = [act.happened_at.astimezone(ZoneInfo(period.zone)) for act in world.said(period)]
    return [(*key, n) for key, n in Counter((moment.isoweekday(), moment.hour) for moment in moments).items()]


metric = Metric(
    "said_hours",
    "When people speak",
    "mentions",
    "Mentions (what others put into words), by weekday and hour in the workspace's time zone.",
    expression,
    reference,
    quick,
)
