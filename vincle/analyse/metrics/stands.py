"""On which rung of the ladder each person stands at the end of a period.

>>> from datetime import UTC, date, datetime
>>> from .base import Act, Human
>>> day = datetime(2026, 3, 10, tzinfo=UTC)
>>> reference(World((Act(1, 7, day),), (Human(1, 7, day), Human(1, 8, day)), {7: 7}), Period(date(2026, 3, 10), date(2026, 3, 10)))
[(7, 'creator'), (8, 'inactive')]
"""

import ibis

from vincle.engines.base import Tables

from ._rungs import NAMES, Reaching, standing, standing_slowly
from .base import Params, Period, Row, World


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = standing(tables, p)
    stage = ibis.cases(*((rows.after == height, name) for height, name in NAMES.items() if height), else_=NAMES[0])
    return rows.select(person="person", stage=stage)


def reference(world: World, period: Period) -> list[Row]:
    return [(person, NAMES[after]) for person, (_before, after) in standing_slowly(world, period).items()]


metric = Reaching(
    "stands",
    "Rungs one by one",
    "people",
    "Everybody known by the end of the period, with the highest rung of the ladder they reached in the 90 days before it.",
    expression,
    reference,
)
