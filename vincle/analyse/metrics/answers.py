"""Every answer to how satisfied someone is, with who gave it, and its place on the scale that was asked with.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> day = datetime(2026, 3, 10, tzinfo=UTC)
>>> said = Act(1, 7, day, channel="surveys", verb="Submit", object_type="Answer", rating=9.0, rating_max=10.0)
>>> reference(World((said, said._replace(rating=None))), Period(date(2026, 3, 10), date(2026, 3, 10)))
[(7, 1773100800, 9.0, 10.0)]
"""

import ibis

from vincle.engines.base import Tables
from vincle.vocabulary import ObjectType, Verb

from .base import Metric, Params, Period, Row, World, acts, with_person


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = acts(tables, p)
    rows = rows.filter(
        rows.verb == Verb.SUBMIT.value,
        rows.object_type == ObjectType.ANSWER.value,
        rows.rating.notnull(),
        rows.rating_max.fill_null(0.0) > 0,
    )
    return with_person(rows, tables).select("person", "at", "rating", "rating_max")


def reference(world: World, period: Period) -> list[Row]:
    return [
        (world.whose(act), int(act.happened_at.timestamp() // 1), act.rating, act.rating_max)
        for act in world.acts_by_others(period)
        if act.verb == Verb.SUBMIT and act.object_type == ObjectType.ANSWER and act.rating is not None and (act.rating_max or 0) > 0
    ]


metric = Metric(
    "answers",
    "Answers about satisfaction",
    "answers",
    "Each answer of the period that carries a rating: of surveys, of the question after a conversation, of the question whether someone "
    "would recommend us; with who gave it, its value and the most that could be given.",
    expression,
    reference,
)
