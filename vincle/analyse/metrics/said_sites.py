"""Sites that what is said stands on, or leads to.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> said = Act(1, 7, datetime(2026, 3, 10, tzinfo=UTC), sentiment="negative", sentiment_score=-0.5, sites=("roast.example",))
>>> reference(World((said,)), Period(date(2026, 3, 10), date(2026, 3, 10)))
[('sites', 'roast.example', 1, 1, 0, -0.5)]
"""

import ibis
import pyarrow as pa

from vincle.engines.base import Tables
from vincle.engines.mentions import Mentions

from . import _chosen
from ._chosen import Values
from .base import Metric, Params, Period, Row, World, by_label, by_label_slowly, said

KINDS = ("sites",)
MOST = 200


def expression(tables: Tables, p: Params) -> ibis.Table:
    return by_label(said(tables, p), KINDS, MOST)


def quick(held: Mentions, p: Values) -> pa.Table:
    return _chosen.said(held, p).by_label(KINDS, MOST)


def reference(world: World, period: Period) -> list[Row]:
    return by_label_slowly(world.said(period), KINDS, MOST)


metric = Metric(
    "said_sites",
    "Sites",
    "mentions",
    f"Mentions by site (the {MOST} most frequent): where a text stands on the web, and where its links lead, without shorteners; how many "
    "of them are negative and positive, and the sum of their sentiment scores.",
    expression,
    reference,
    quick,
)
