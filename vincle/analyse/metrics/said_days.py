"""How much is said on each day, and in which mood.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> said = Act(1, 7, datetime(2026, 3, 10, 23, 30, tzinfo=UTC), sentiment="negative", sentiment_score=-0.5)
>>> reference(World((said, said._replace(sentiment=""))), Period(date(2026, 3, 11), date(2026, 3, 11), "Europe/Madrid"))
[(20523, 'negative', 1)]
"""

from collections import Counter

import ibis
import pyarrow as pa

from vincle.engines.base import Tables
from vincle.engines.mentions import Mentions

from . import _chosen
from ._chosen import Groups, Values, answer, days
from .base import Metric, Params, Period, Row, World, day_number, day_of, said


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = said(tables, p)
    return rows.group_by(rows.sentiment, day=day_of(rows.at, p)).agg(n=rows.count()).select("day", "sentiment", "n")


def quick(held: Mentions, p: Values) -> pa.Table:
    chosen = _chosen.said(held, p)
    day, first = days(chosen.clock())
    found = Groups(day, chosen.word("sentiment"))
    return answer({"day": found.keys[0] + first, "sentiment": chosen.names("sentiment", found.keys[1]), "n": found.count()})


def reference(world: World, period: Period) -> list[Row]:
    found = [(day_number(act.happened_at, period.zone), act.sentiment) for act in world.said(period)]
    return [(*key, n) for key, n in Counter(found).items()]


metric = Metric(
    "said_days",
    "Mentions by day",
    "mentions",
    "Mentions (what others put into words) by day in the workspace's time zone and by sentiment.",
    expression,
    reference,
    quick,
)
