"""How much is said, by channel, kind and sentiment.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> said = Act(1, 7, datetime(2026, 3, 10, 23, 30, tzinfo=UTC), sentiment="negative", sentiment_score=-0.5)
>>> reference(World((said, said._replace(sentiment=""))), Period(date(2026, 3, 11), date(2026, 3, 11), "Europe/Madrid"))
[('x', 'Note', 'negative', 1, -0.5)]
"""

from collections import defaultdict

import ibis
import pyarrow as pa

from vincle.engines.base import Tables
from vincle.engines.mentions import Mentions

from . import _chosen
from ._chosen import Groups, Values, answer
from .base import Metric, Params, Period, Row, World, said

BY = ("channel", "object_type", "sentiment")


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = said(tables, p)
    return rows.group_by(*BY).agg(n=rows.count(), score=rows.sentiment_score.fill_null(0.0).sum()).select(*BY, "n", "score")


def quick(held: Mentions, p: Values) -> pa.Table:
    chosen = _chosen.said(held, p)
    found = Groups(*map(chosen.word, BY))
    words = {name: chosen.names(name, numbers) for name, numbers in zip(BY, found.keys, strict=True)}
    return answer({**words, "n": found.count(), "score": found.sum(chosen.score)})


def reference(world: World, period: Period) -> list[Row]:
    counts: dict[Row, list[float]] = defaultdict(lambda: [0, 0.0])
    for act in world.said(period):
        found = counts[(act.channel, act.object_type, act.sentiment)]
        found[0] += 1
        found[1] += act.sentiment_score or 0.0
    return [(*key, int(n), score) for key, (n, score) in counts.items()]


metric = Metric(
    "said",
    "Mentions",
    "mentions",
    "What others put into words: posts, comments, messages, reviews, mails and answers, by channel, kind and sentiment, with the "
    "sum of their sentiment scores (-1 to 1). Reactions, clicks and our own words are not counted.",
    expression,
    reference,
    quick,
)
