"""Who speaks, in words, and how.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> said = Act(1, 7, datetime(2026, 3, 10, tzinfo=UTC), sentiment="negative", sentiment_score=-0.5)
>>> reference(World((said, said)), Period(date(2026, 3, 10), date(2026, 3, 10)))
[(7, 2, 2, 0, -1.0)]
"""

from collections import defaultdict

import ibis
import pyarrow as pa

from vincle.engines.base import Tables
from vincle.engines.mentions import Mentions

from . import _chosen
from ._chosen import Groups, Key, Values, answer, most_frequent
from .base import Metric, Params, Period, Row, World, said, with_person

MOST = 200


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = said(tables, p)
    by_handle = rows.group_by("actor").agg(
        said=rows.count(),
        bad=(rows.sentiment == "negative").sum(),
        good=(rows.sentiment == "positive").sum(),
        felt=rows.sentiment_score.fill_null(0.0).sum(),
    )
    known = with_person(by_handle, tables)
    known = known.filter(known.person.notnull())
    found = known.group_by("person").agg(n=known.said.sum(), negative=known.bad.sum(), positive=known.good.sum(), score=known.felt.sum())
    return found.order_by(found.n.desc(), found.person).limit(MOST).select("person", "n", "negative", "positive", "score")


def quick(held: Mentions, p: Values) -> pa.Table:
    chosen = _chosen.said(held, p)
    people, ids = chosen.of(held.people[0]), held.people[1]
    known = people >= 0
    found = Groups(Key(people[known], len(ids)))
    counts, score = found.moods(chosen.mood[known]), found.sum(chosen.score[known])
    names = ids[found.keys[0]]
    best = most_frequent(counts[0], names, MOST)
    columns = zip(("person", "n", "negative", "positive", "score"), (names, *counts, score), strict=True)
    return answer({name: column[best] for name, column in columns})


def reference(world: World, period: Period) -> list[Row]:
    counts: dict[int, list[float]] = defaultdict(lambda: [0, 0, 0, 0.0])
    for act in world.said(period):
        person = world.whose(act)
        if person is None:
            continue
        found = counts[person]
        found[0] += 1
        found[1] += act.sentiment == "negative"
        found[2] += act.sentiment == "positive"
        found[3] += act.sentiment_score or 0.0
    rows = [(person, int(n), int(negative), int(positive), score) for person, (n, negative, positive, score) in counts.items()]
    return sorted(rows, key=lambda row: (-row[1], row[0]))[:MOST]


metric = Metric(
    "said_by",
    "Who speaks",
    "mentions",
    f"The {MOST} people with most mentions, how many are negative and positive, and the sum of their sentiment scores.",
    expression,
    reference,
    quick,
)
