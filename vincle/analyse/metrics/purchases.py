"""What people bought, by day and currency. Money of different currencies is never added.

>>> from datetime import UTC, date, datetime
>>> from .base import Act, Human
>>> day = datetime(2026, 3, 10, tzinfo=UTC)
>>> bought = Act(1, 7, day, verb="Purchase", amount=Decimal("20"), currency="EUR")
>>> world = World((bought, bought._replace(verb="Refund", amount=Decimal("5"))), (Human(1, 7, day, True),))
>>> reference(world, Period(date(2026, 3, 10), date(2026, 3, 10)))
[(20522, 'EUR', 1, Decimal('15'), Decimal('15'))]
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import ibis

from vincle.engines.base import Tables
from vincle.vocabulary import Verb

from .base import Metric, Params, Period, Row, World, acts, day_number, day_of, with_person


def expression(tables: Tables, p: Params) -> ibis.Table:
    rows = acts(tables, p)
    rows = with_person(rows.filter(rows.verb.isin([Verb.PURCHASE.value, Verb.REFUND.value])), tables)
    known = tables.person.filter(tables.person.is_identified).select(known_person="id")
    rows = rows.left_join(known, rows.person == known.known_person)
    is_purchase = rows.verb == Verb.PURCHASE.value
    amount = rows.amount.fill_null(0)
    rows = rows.mutate(is_purchase=is_purchase, worth=ibis.ifelse(is_purchase, amount, -amount), day=day_of(rows.at, p))
    sums: dict[str, Any] = {
        "purchases": rows.is_purchase.sum(),
        "amount": rows.worth.sum(),
        "known_amount": ibis.ifelse(rows.known_person.notnull(), rows.worth, 0).sum(),
    }
    return rows.group_by("day", "currency").agg(**sums).select("day", "currency", *sums)


def reference(world: World, period: Period) -> list[Row]:
    known = {human.id for human in world.people if human.is_identified}
    sums: dict[tuple[int, str], list[Any]] = defaultdict(lambda: [0, Decimal(0), Decimal(0)])
    for act in world.acts_by_others(period):
        if act.verb in (Verb.PURCHASE, Verb.REFUND):
            found = sums[day_number(act.happened_at, period.zone), act.currency]
            worth = (act.amount or Decimal(0)) * (1 if act.verb == Verb.PURCHASE else -1)
            found[0] += act.verb == Verb.PURCHASE
            found[1] += worth
            found[2] += worth if world.whose(act) in known else 0
    return [(*key, *found) for key, found in sums.items()]


metric = Metric(
    "purchases",
    "Purchases and revenue",
    "purchases",
    "Purchases, and what they brought less refunds, by day and currency; of it what known people brought: "
    "those with an e-mail address, a phone number, a log-in or a customer number.",
    expression,
    reference,
)
