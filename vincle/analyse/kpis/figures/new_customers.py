"""New customers."""

import numpy as np
from django.utils.translation import gettext_lazy as _

from ..base import PEOPLE, UP, Figure, Kpi, missing
from ..facts import NEVER_BEFORE, Facts, Ints, Plain
from ..spans import Span
from ._sums import days_of


def _who(facts: Facts, span: Span) -> Ints:
    cut = facts.sales.bought(span.first, span.last)
    return facts.sales.who[cut][facts.sales.before[cut] == NEVER_BEFORE]


def value(facts: Facts, span: Span) -> Figure:
    return Figure(int(_who(facts, span).size)) if facts.sales.day.size else missing("no sales")


def reference(plain: Plain, span: Span) -> float | None:
    found = days_of(plain)
    return sum(span.first <= days[0] <= span.last for days in found.values()) if found else None


def people(facts: Facts, span: Span) -> Ints:
    return np.sort(facts.sales.people[_who(facts, span)])


kpi = Kpi(
    "new_customers", _("New customers"), PEOPLE,
    _("People whose first purchase ever, as far as the data reach, fell into the period."),
    "people with first purchase in the period", ("sales",), UP, 210, value, reference, people,
)  # fmt: skip
