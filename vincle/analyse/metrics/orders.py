"""Every purchase and refund with the order it is of: what a refund is taken off.

>>> from datetime import UTC, date, datetime
>>> from .base import Act
>>> day = datetime(2026, 3, 10, tzinfo=UTC)
>>> back = Act(1, 7, day, channel="shop", verb="Refund", amount=Decimal("20"), currency="EUR", object_key="1001")
>>> reference(World((back,), (), {7: 70}), Period(date(2026, 3, 10), date(2026, 3, 10)))
[(70, 1773100800, 'shop', 'EUR', False, Decimal('20'), '1001')]
"""

from decimal import Decimal

import ibis

from vincle.engines.base import Tables
from vincle.vocabulary import Verb

from .base import Metric, Params, Period, Row, World, acts, with_person

_VERBS = (Verb.PURCHASE.value, Verb.REFUND.value)


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = acts(tables, p)
    rows = with_person(rows.filter(rows.verb.isin(_VERBS)), tables)
    return rows.select(
        person="person", at="at", channel="channel", currency="currency", is_purchase=rows.verb == Verb.PURCHASE.value,
        amount=rows.amount.fill_null(0), order=rows.object_key.fill_null(""),
    )  # fmt: skip


def reference(world: World, period: Period) -> list[Row]:
    return [
        (world.whose(act), int(act.happened_at.timestamp() // 1), act.channel, act.currency, act.verb == Verb.PURCHASE,
         act.amount or Decimal(0), act.object_key)
        for act in world.acts_by_others(period)
        if act.verb in _VERBS
    ]  # fmt: skip


metric = Metric(
    "orders",
    "Orders and what was given back",
    "orders",
    "Each purchase and each refund of the period: whose it is (the handle itself while nobody knows), the second it happened, its channel, "
    "its amount in its own currency, and the order it is of.",
    expression,
    reference,
)
