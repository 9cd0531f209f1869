"""What several figures of sales share."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from vincle.science.bridge import Bridge, bridge

from ..facts import Facts, Plain
from ..spans import Span


def bridged(facts: Facts, span: Span) -> Mapping[str, Any]:
    """Why revenue differs from the stretch before: by customers who are new, came back, spent more, less, or bought nothing."""
    sales, before = facts.sales, span.before
    if before.first < facts.began:
        return {}
    was, here = np.zeros(sales.people.size, bool), np.zeros(sales.people.size, bool)
    was[sales.buyers(before.first, before.last)] = True
    here[sales.buyers(span.first, span.last)] = True
    then, now = sales.by_person(before.first, before.last), sales.by_person(span.first, span.last)
    found: Bridge = bridge(then, now, was, here, sales.first >= span.first)
    unknown = sales.revenue(span.first, span.last) - found.end
    return {"bridge": found, "unknown": unknown, "unknown_before": sales.revenue(before.first, before.last) - found.start}


def money_in(plain: Plain, first: int, last: int) -> int:
    rows = [row for row in plain.rows if first <= row.day <= last and row.currency == plain.currency]
    return sum(row.money if row.is_purchase else -row.money for row in rows)


def days_of(plain: Plain) -> dict[int, list[int]]:
    """Person -> the days on which they bought, by plain counting."""
    found: dict[int, set[int]] = defaultdict(set)
    for row in plain.rows:
        if row.person is not None and row.is_purchase:
            found[row.person].add(row.day)
    return {person: sorted(days) for person, days in found.items()}


def active_on(plain: Plain, day: int) -> set[int]:
    """Customers at the end of a day, by plain counting."""
    return {who for who, days in days_of(plain).items() if any(day - plain.lost_after < each <= day for each in days)}
