"""Retention, and the cohorts behind it."""

from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from vincle.science.cohorts import Cohorts, curve, triangle

from ..base import SHARE, UP, Figure, Kpi, missing, share
from ..facts import Facts, Ints, Plain
from ..spans import Span, number
from ._sums import days_of

STRETCHES = 12


def _both(facts: Facts, span: Span) -> tuple[Ints, Ints]:
    """Those who bought in the stretch before, and of them those who bought again."""
    before = span.earlier(1)
    then = facts.sales.buyers(before.first, before.last)
    now = np.zeros(facts.sales.people.size, bool)
    now[facts.sales.buyers(span.first, span.last)] = True
    return then, then[now[then]]


def value(facts: Facts, span: Span) -> Figure:
    if not facts.sales.day.size:
        return missing("no sales")
    if span.earlier(1).first < facts.began:
        return missing("too young", days=span.days)
    then, again = _both(facts, span)
    return share(int(again.size), int(then.size))


def cohorts(facts: Facts, span: Span) -> dict[str, Any]:
    """By calendar month of the first purchase: the triangle, its months, and the curve of all cohorts together."""
    months = _months(span)
    edges = np.array([number(each) for each in months])
    sales = facts.sales

    def month_of(days: Ints) -> Ints:
        return np.where(days > span.last, -1, np.searchsorted(edges, days, side="right") - 1)

    began = month_of(sales.first)
    seen = sales.day <= span.last
    found: Cohorts = triangle(began, sales.who[seen], month_of(sales.day[seen]), len(months))
    return {"months": months, "cohorts": found, "curve": curve(found)}


def _months(span: Span) -> list[date]:
    """First days of the last months up to the one the span ends in."""
    last = span.ends.year * 12 + span.ends.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(last - STRETCHES + 1, last + 1)]


def reference(plain: Plain, span: Span) -> float | None:
    found, before = days_of(plain), span.earlier(1)
    if not found or before.first < plain.began:
        return None
    then = [days for days in found.values() if any(before.first <= day <= before.last for day in days)]
    again = [days for days in then if any(span.first <= day <= span.last for day in days)]
    return len(again) / len(then) if then else None


def people(facts: Facts, span: Span) -> Ints:
    return np.sort(facts.sales.people[_both(facts, span)[1]])


kpi = Kpi(
    "retention", _("Retention"), SHARE,
    _("Of those who bought in the whole period before, the share that bought again in this one."),
    "people who bought in both periods / people who bought in the period before", ("sales",), UP, 240, value, reference, people,
    part="kpis/part_cohorts.html",
)  # fmt: skip
