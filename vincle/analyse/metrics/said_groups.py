"""Mentions that name the same things, grouped: what the search for drivers reads instead of single texts.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> day = datetime(2026, 3, 10, tzinfo=UTC)
>>> said = Act(1, 7, day, sentiment="negative", sentiment_score=-0.5, aspects=("staff", "price"), aspect_scores=(0, 0))
>>> reference(World((said, said._replace(aspects=("price", "staff", "staff")))), Period(date(2026, 3, 10), date(2026, 3, 10)))
[('price|staff', 2, -1.0, 0.5)]
"""

from collections import defaultdict

import ibis
import pyarrow as pa

from vincle.engines.base import Tables
from vincle.engines.mentions import NAMED, Mentions

from . import _chosen
from ._chosen import Groups, Values, answer
from .base import Metric, Params, Period, Row, World, said


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = said(tables, p)
    each = rows.select(named=rows.aspects.unique().sort().join("|").fill_null(""), score=rows.sentiment_score.fill_null(0.0))
    found = each.group_by("named").agg(n=each.count(), score=each.score.sum(), square=(each.score * each.score).sum())
    return found.select("named", "n", "score", "square")


def quick(held: Mentions, p: Values) -> pa.Table:
    chosen = _chosen.said(held, p)
    found = Groups(chosen.word(NAMED))
    sums = {"n": found.count(), "score": found.sum(chosen.score), "square": found.sum(chosen.score * chosen.score)}
    return answer({"named": chosen.names(NAMED, found.keys[0]), **sums})


def reference(world: World, period: Period) -> list[Row]:
    counts: dict[str, list[float]] = defaultdict(lambda: [0, 0.0, 0.0])
    for act in world.said(period):
        found, score = counts["|".join(sorted(set(act.aspects)))], act.sentiment_score or 0.0
        found[0] += 1
        found[1] += score
        found[2] += score * score
    return [(named, int(n), score, square) for named, (n, score, square) in counts.items()]


metric = Metric(
    "said_groups",
    "Mentions by what they name",
    "mentions",
    "Mentions grouped by the set of aspects they name, with the sum and the sum of squares of their sentiment scores.",
    expression,
    reference,
    quick,
)
