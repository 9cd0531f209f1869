"""What was bought, product by product: who, when, which.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> day = datetime(2026, 3, 10, tzinfo=UTC)
>>> bought = Act(1, 7, day, channel="shop", verb="Purchase", products=("TIN", "BEANS"))
>>> reference(World((bought,), (), {7: 70}), Period(date(2026, 3, 10), date(2026, 3, 10)))
[(70, 1773100800, 'TIN'), (70, 1773100800, 'BEANS')]
"""

import ibis

from vincle.engines.base import Tables
from vincle.vocabulary import Verb

from .base import Metric, Params, Period, Row, World, acts, with_person


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = acts(tables, p)
    rows = with_person(rows.filter(rows.verb == Verb.PURCHASE.value), tables)
    return rows.select("person", "at", product=rows.products.unnest())


def reference(world: World, period: Period) -> list[Row]:
    return [
        (world.whose(act), int(act.happened_at.timestamp() // 1), product)
        for act in world.acts_by_others(period)
        if act.verb == Verb.PURCHASE
        for product in act.products
    ]


metric = Metric(
    "wares",
    "Products bought one by one",
    "products",
    "Each product of each purchase of the period, with whose it is and the second it happened.",
    expression,
    reference,
)
