"""What campaigns brought that would not have come without them."""

from math import sqrt

from django.utils.translation import gettext_lazy as _

from ..base import MONEY, UP, Figure, Kpi, missing
from ..facts import Facts, Plain, Shown
from ..spans import Span


def value(facts: Facts, span: Span) -> Figure:
    """Campaigns are drawn apart, so the squares of what is unsure add up."""
    found = [each for each in facts.campaigns if span.first <= each.day <= span.last]
    shown = [each for each in found if each.held]
    if not shown:
        return missing("no hold-out" if found else "no campaign", campaigns=found)
    factor = 1.0 if facts.margin is None else facts.margin
    total = factor * sum(each.value for each in shown)
    low, high = (_reach(shown, side) for side in ("low", "high"))
    parts = {"campaigns": found, "is_revenue": facts.margin is None}
    if low is None or high is None:
        return Figure(total, of=len(shown), parts={**parts, "is_unsure": True})
    return Figure(total, total - factor * low, total + factor * high, of=len(shown), parts=parts)


def _reach(shown: list[Shown], side: str) -> float | None:
    ends = [getattr(each, side) for each in shown]
    if any(end is None for end in ends):
        return None
    return sqrt(sum((end - each.value) ** 2 for each, end in zip(shown, ends, strict=True)))


def reference(plain: Plain, span: Span) -> float | None:
    values = [each.value for each in plain.campaigns if span.first <= each.day <= span.last and each.held]
    return sum(values) * (1.0 if plain.margin is None else plain.margin) if values else None


kpi = Kpi(
    "crm", _("Profit from campaigns"), MONEY,
    _("What people who were written to by the campaigns begun in the period spent beyond what people left out by lot spent, times the "
      "margin. Campaigns without anyone left out show nothing, whatever was bought after them."),
    "sum over campaigns of (spend per person written to - spend per person held out) x people written to x margin",
    ("campaigns",), UP, 130, value, reference, can_narrow=False, part="kpis/part_campaigns.html",
)  # fmt: skip
