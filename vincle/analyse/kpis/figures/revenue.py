"""Revenue."""

from django.utils.translation import gettext_lazy as _

from ..base import MONEY, UP, Figure, Kpi, missing
from ..facts import Facts, Ints, Plain
from ..spans import Span
from ._sums import bridged, money_in


def value(facts: Facts, span: Span) -> Figure:
    sales = facts.sales
    if not sales.taken_on.size:
        return missing("no sales")
    return Figure(sales.revenue(span.first, span.last), of=int(sales.buyers(span.first, span.last).size), parts=bridged(facts, span))


def reference(plain: Plain, span: Span) -> float | None:
    return money_in(plain, span.first, span.last) if any(row.currency == plain.currency for row in plain.rows) else None


def people(facts: Facts, span: Span) -> Ints:
    return facts.sales.people[facts.sales.buyers(span.first, span.last)]


kpi = Kpi(
    "revenue", _("Revenue"), MONEY,
    _("What was bought in the period less what was refunded in it, in the currency of the workspace. Other currencies are told apart."),
    "sum of purchases - sum of refunds", ("sales",), UP, 110, value, reference, people, part="kpis/part_bridge.html",
)  # fmt: skip
