"""Share of voice: mentions of each thing that is listened for.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> said = Act(1, 7, datetime(2026, 3, 10, tzinfo=UTC), sentiment="negative", sentiment_score=-0.5, seq=1)
>>> reference(World((said,), matches=frozenset({(5, 1)})), Period(date(2026, 3, 10), date(2026, 3, 10)))
[(5, 20522, 'negative', 1)]
"""

from collections import Counter

import ibis
import numpy as np
import pyarrow as pa

from vincle.engines.base import Tables
from vincle.engines.mentions import Mentions

from . import _chosen
from ._chosen import Groups, Key, Values, answer, clock, days
from .base import Metric, Params, Period, Row, World, day_number, day_of, said


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = said(tables, p)
    match = tables.match.filter(tables.match.month.between(p["first_month"], p["last_month"])).select("listening", matched="seq")
    rows = rows.join(match, rows.seq == match.matched)
    found = rows.group_by(rows.listening, rows.sentiment, day=day_of(rows.at, p)).agg(n=rows.count())
    return found.select("listening", "day", "sentiment", "n")


def quick(held: Mentions, p: Values) -> pa.Table:
    queries, places = held.matched_said
    meant = _chosen.said(held, p).flags()[places]
    queries, places = queries[meant], places[meant]
    listened = np.unique(queries)
    number = np.searchsorted(listened, queries)
    day, first = days(clock(held.said["at"][places], p))
    names = held.names["sentiment"]
    found = Groups(Key(number, len(listened)), day, Key(held.said["sentiment"][places], len(names)))
    sentiment = [names.all[each] for each in found.keys[2].tolist()]
    return answer({"listening": listened[found.keys[0]], "day": found.keys[1] + first, "sentiment": sentiment, "n": found.count()})


def reference(world: World, period: Period) -> list[Row]:
    rows = [
        (listening, day_number(act.happened_at, period.zone), act.sentiment)
        for act in world.said(period)
        for listening, seq in world.matches
        if act.seq == seq
    ]
    return [(*key, n) for key, n in Counter(rows).items()]


metric = Metric(
    "voice",
    "Share of voice",
    "mentions",
    "Mentions of each brand, competitor and topic that is listened for, by day and sentiment; one that speaks of two counts for both.",
    expression,
    reference,
    quick,
)
