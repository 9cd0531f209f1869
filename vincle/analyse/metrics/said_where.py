"""Where people speak from, and in which language.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> said = Act(1, 7, datetime(2026, 3, 10, tzinfo=UTC), sentiment="negative", country="ES", place="Girona", language="ca")
>>> reference(World((said,)), Period(date(2026, 3, 10), date(2026, 3, 10)))
[('ES', 'Girona', 'ca', 1, 1, 0)]
"""

from collections import defaultdict

import ibis
import pyarrow as pa

from vincle.engines.base import Tables
from vincle.engines.mentions import Mentions

from . import _chosen
from ._chosen import Groups, Values, answer
from .base import Metric, Params, Period, Row, World, said

WHERE = ("country", "place", "language")
COUNTS = ("n", "negative", "positive")


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = said(tables, p)
    found = rows.group_by(*WHERE).agg(
        n=rows.count(), negative=(rows.sentiment == "negative").sum(), positive=(rows.sentiment == "positive").sum()
    )
    return found.select(*WHERE, *COUNTS)


def quick(held: Mentions, p: Values) -> pa.Table:
    chosen = _chosen.said(held, p)
    found = Groups(*(chosen.word(name) for name in WHERE))
    names = [chosen.names(name, numbers) for name, numbers in zip(WHERE, found.keys, strict=True)]
    return answer(dict(zip((*WHERE, *COUNTS), (*names, *found.moods(chosen.mood)), strict=True)))


def reference(world: World, period: Period) -> list[Row]:
    counts: dict[Row, list[int]] = defaultdict(lambda: [0, 0, 0])
    for act in world.said(period):
        found = counts[(act.country, act.place, act.language)]
        found[0] += 1
        found[1] += act.sentiment == "negative"
        found[2] += act.sentiment == "positive"
    return [(*key, *found) for key, found in counts.items()]


metric = Metric(
    "said_where",
    "Where people speak from",
    "mentions",
    "Mentions by country (ISO 3166), place and language, as far as the text or the profile says; how many are negative and positive.",
    expression,
    reference,
    quick,
)
