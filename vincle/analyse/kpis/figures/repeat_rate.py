"""Repeat rate."""

import numpy as np
from django.utils.translation import gettext_lazy as _

from ..base import SHARE, UP, Figure, Kpi, missing, share
from ..facts import NEVER_BEFORE, Facts, Ints, Plain
from ..spans import Span
from ._sums import days_of


def _both(facts: Facts, span: Span) -> tuple[Ints, Ints]:
    """Everybody who has bought by the end, and those of them who did so on two days or more: each has one second day."""
    cut = facts.sales.bought(NEVER_BEFORE, span.last)
    who, before = facts.sales.who[cut], facts.sales.before[cut]
    return who[before == NEVER_BEFORE], who[facts.sales.is_second[cut]]


def value(facts: Facts, span: Span) -> Figure:
    if not facts.sales.day.size:
        return missing("no sales")
    every, again = _both(facts, span)
    return share(int(again.size), int(every.size))


def reference(plain: Plain, span: Span) -> float | None:
    found = [[day for day in days if day <= span.last] for days in days_of(plain).values()]
    bought = [days for days in found if days]
    return sum(len(days) > 1 for days in bought) / len(bought) if bought else None


def people(facts: Facts, span: Span) -> Ints:
    return np.sort(facts.sales.people[_both(facts, span)[1]])


kpi = Kpi(
    "repeat_rate", _("Repeat rate"), SHARE,
    _("Of all who have bought by the end of the period, the share that has bought on two days or more."),
    "people with purchases on two days or more / people with a purchase", ("sales",), UP, 260, value, reference, people,
)  # fmt: skip
