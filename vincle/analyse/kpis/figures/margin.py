"""Margin."""

from django.utils.translation import gettext_lazy as _

from ..base import MONEY, UP, Figure, Kpi, missing
from ..facts import Facts, Plain
from ..spans import Span
from . import revenue


def value(facts: Facts, span: Span) -> Figure:
    if not facts.sales.taken_on.size:
        return missing("no sales")
    if facts.margin is None:
        return missing("no margin")
    found = facts.sales.revenue(span.first, span.last)
    return Figure(found * facts.margin, of=found, parts={"margin": facts.margin})


def reference(plain: Plain, span: Span) -> float | None:
    found = revenue.reference(plain, span)
    return None if found is None or plain.margin is None else found * plain.margin


kpi = Kpi(
    "margin", _("Margin"), MONEY,
    _("What is left of revenue after the cost of what was sold: revenue times the margin that the team has set under Terms."),
    "revenue x margin", ("sales", "value terms"), UP, 120, value, reference, revenue.people,
)  # fmt: skip
