"""What a new customer costs."""

from django.utils.translation import gettext_lazy as _

from ..base import DOWN, MONEY, Figure, Kpi, missing
from ..facts import Facts, Ints, Plain
from ..spans import Span
from . import new_customers


def value(facts: Facts, span: Span) -> Figure:
    months = [(year, month, part, facts.spent(year, month)) for year, month, part in span.months]
    parts = {"months": months}
    if any(spent is None for *_month, spent in months):
        return missing("no spend", **parts)
    total = sum(spent * part for _year, _month, part, spent in months if spent is not None)
    new = new_customers.value(facts, span)
    if not new.value:
        return missing("no sales" if new.why else "nobody new", total=total, **parts)
    return Figure(total / new.value, of=int(new.value), parts={"total": total, **parts})


def reference(plain: Plain, span: Span) -> float | None:
    new = new_customers.reference(plain, span)
    spent = [(plain.spending.get((year, month)), part) for year, month, part in span.months]
    if not new or any(each is None for each, _part in spent):
        return None
    return sum((each or 0) * part for each, part in spent) / new


def people(facts: Facts, span: Span) -> Ints:
    return new_customers.people(facts, span)


kpi = Kpi(
    "cost_to_acquire", _("Cost of a new customer"), MONEY,
    _("What the team says it spent in the months of the period to win customers (of a month that lies in it in part, that part of it), "
      "divided by the new customers of the period."),
    "spend of the period / new customers", ("sales", "spend typed in by the team"), DOWN, 310, value, reference, people, can_narrow=False,
    part="kpis/part_spend.html",
)  # fmt: skip
