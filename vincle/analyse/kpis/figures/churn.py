"""Churn."""

import numpy as np
from django.utils.translation import gettext_lazy as _

from ..base import DOWN, SHARE, Figure, Kpi, missing, share
from ..facts import Facts, Ints, Plain
from ..spans import Span
from ._sums import active_on, days_of


def _both(facts: Facts, span: Span) -> tuple[Ints, Ints]:
    """Customers as the period began, and those of them who are none at its end."""
    then = facts.sales.active(span.first - 1, facts.lost_after)
    still = np.zeros(facts.sales.people.size, bool)
    still[facts.sales.active(span.last, facts.lost_after)] = True
    return then, then[~still[then]]


def value(facts: Facts, span: Span) -> Figure:
    if not facts.sales.day.size:
        return missing("no sales")
    if span.first - facts.lost_after < facts.began:
        return missing("too young", days=facts.lost_after)
    then, gone = _both(facts, span)
    return share(int(gone.size), int(then.size), days=facts.lost_after)


def reference(plain: Plain, span: Span) -> float | None:
    then = active_on(plain, span.first - 1)
    if not days_of(plain) or span.first - plain.lost_after < plain.began or not then:
        return None
    return len(then - active_on(plain, span.last)) / len(then)


def people(facts: Facts, span: Span) -> Ints:
    return np.sort(facts.sales.people[_both(facts, span)[1]])


kpi = Kpi(
    "churn", _("Churn"), SHARE,
    _("Of those who were customers as the period began (a purchase within the days after which one counts as lost), the share that was "
      "none any more as it ended."),
    "customers at the beginning who are none at the end / customers at the beginning", ("sales",), DOWN, 250, value, reference, people,
)  # fmt: skip
