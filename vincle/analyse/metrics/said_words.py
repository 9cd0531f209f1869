"""Words that are used: hashtags and key words, and how.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> day = datetime(2026, 3, 10, tzinfo=UTC)
>>> said = Act(1, 7, day, sentiment="negative", sentiment_score=-0.5, hashtags=("bcn",), terms=("queue",))
>>> sorted(reference(World((said,)), Period(date(2026, 3, 10), date(2026, 3, 10))))
[('hashtags', 'bcn', 1, 1, 0, -0.5), ('terms', 'queue', 1, 1, 0, -0.5)]
"""

import ibis
import pyarrow as pa

from vincle.engines.base import Tables
from vincle.engines.mentions import Mentions

from . import _chosen
from ._chosen import Values
from .base import Metric, Params, Period, Row, World, by_label, by_label_slowly, said

KINDS = ("hashtags", "terms")
MOST = 400


def expression(tables: Tables, p: Params) -> ibis.Table:
    return by_label(said(tables, p), KINDS, MOST)


def quick(held: Mentions, p: Values) -> pa.Table:
    return _chosen.said(held, p).by_label(KINDS, MOST)


def reference(world: World, period: Period) -> list[Row]:
    return by_label_slowly(world.said(period), KINDS, MOST)


metric = Metric(
    "said_words",
    "Words that are used",
    "mentions",
    f"Mentions by hashtag and key word (the {MOST} most frequent of each), how many of them are negative and positive, and the sum of "
    "their sentiment scores.",
    expression,
    reference,
    quick,
)
