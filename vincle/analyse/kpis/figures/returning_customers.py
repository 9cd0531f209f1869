"""Returning customers."""

import numpy as np
from django.utils.translation import gettext_lazy as _

from ..base import PEOPLE, UP, Figure, Kpi, missing
from ..facts import NEVER_BEFORE, Facts, Ints, Plain
from ..spans import Span
from ._sums import days_of


def _who(facts: Facts, span: Span) -> Ints:
    cut = facts.sales.bought(span.first, span.last)
    before = facts.sales.before[cut]
    return facts.sales.who[cut][(before < span.first) & (before != NEVER_BEFORE)]


def value(facts: Facts, span: Span) -> Figure:
    return Figure(int(_who(facts, span).size)) if facts.sales.day.size else missing("no sales")


def reference(plain: Plain, span: Span) -> float | None:
    found = days_of(plain)
    here = [days for days in found.values() if any(span.first <= day <= span.last for day in days)]
    return sum(days[0] < span.first for days in here) if found else None


def people(facts: Facts, span: Span) -> Ints:
    return np.sort(facts.sales.people[_who(facts, span)])


kpi = Kpi(
    "returning_customers", _("Returning customers"), PEOPLE,
    _("People who bought in the period and had bought before it began."),
    "people with a purchase in the period and one before it", ("sales",), UP, 220, value, reference, people,
)  # fmt: skip
