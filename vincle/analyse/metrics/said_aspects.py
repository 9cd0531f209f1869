"""What is judged, and how: the score of each aspect where it is named, which is not that of the whole text.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> said = Act(1, 7, datetime(2026, 3, 10, tzinfo=UTC), sentiment="neutral", aspects=("coffee", "waiting"), aspect_scores=(0.5, -0.5))
>>> sorted(reference(World((said, said)), Period(date(2026, 3, 10), date(2026, 3, 10))))
[('coffee', 2, 0, 2, 1.0), ('waiting', 2, 2, 0, -1.0)]
"""

from collections import defaultdict

import ibis
import numpy as np
import pyarrow as pa

from vincle.engines.base import Tables
from vincle.engines.mentions import SCORES, Mentions

from . import _chosen
from ._chosen import NEGATIVE, POSITIVE, Groups, Key, Values, answer
from .base import Metric, Params, Period, Row, World, said


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = said(tables, p)
    each = rows.select(pair=rows.aspects.zip(rows.aspect_scores).unnest())
    each = each.select(aspect=each.pair.f1, score=each.pair.f2)
    found = each.group_by("aspect").agg(
        n=each.count(), negative=(each.score < 0).sum(), positive=(each.score > 0).sum(), score=each.score.sum()
    )
    return found.select("aspect", "n", "negative", "positive", "score")


def quick(held: Mentions, p: Values) -> pa.Table:
    chosen = _chosen.said(held, p)
    scores = chosen.lists(SCORES).flat
    found = Groups(Key(chosen.lists("aspects").flat, len(held.names["aspects"])))
    moods = found.moods(np.where(scores < 0, NEGATIVE, np.where(scores > 0, POSITIVE, 0)))
    figures = zip(("n", "negative", "positive"), moods, strict=True)
    return answer({"aspect": chosen.names("aspects", found.keys[0]), **dict(figures), "score": found.sum(scores)})


def reference(world: World, period: Period) -> list[Row]:
    counts: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0, 0.0])
    for act in world.said(period):
        for aspect, score in zip(act.aspects, act.aspect_scores, strict=True):
            found = counts[aspect]
            found[0] += 1
            found[1] += score < 0
            found[2] += score > 0
            found[3] += score
    return [(aspect, int(n), int(negative), int(positive), score) for aspect, (n, negative, positive, score) in counts.items()]


metric = Metric(
    "said_aspects",
    "What is judged",
    "mentions",
    "How often each aspect (staff, price, delivery ...) is named, how often it is judged badly and well, and the sum of its scores "
    "(-1 to 1).",
    expression,
    reference,
    quick,
)
