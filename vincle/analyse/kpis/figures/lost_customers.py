"""Lost customers."""

import numpy as np
from django.utils.translation import gettext_lazy as _

from ..base import DOWN, PEOPLE, Figure, Kpi, missing
from ..facts import Facts, Ints, Plain
from ..spans import Span
from ._sums import days_of


def _who(facts: Facts, span: Span) -> Ints:
    silence = facts.lost_after
    cut = facts.sales.bought(span.first - silence, span.last - silence)
    gone = facts.sales.after[cut] - facts.sales.day[cut] > silence
    return np.unique(facts.sales.who[cut][gone])


def value(facts: Facts, span: Span) -> Figure:
    if not facts.sales.day.size:
        return missing("no sales")
    if span.last - facts.lost_after < facts.began:
        return missing("too young", days=facts.lost_after)
    return Figure(int(_who(facts, span).size), parts={"days": facts.lost_after})


def reference(plain: Plain, span: Span) -> float | None:
    found = days_of(plain)
    if not found or span.last - plain.lost_after < plain.began:
        return None
    silent = plain.lost_after

    def is_lost(days: list[int]) -> bool:
        return any(span.first <= day + silent <= span.last and not any(day < other <= day + silent for other in days) for day in days)

    return sum(map(is_lost, found.values()))


def people(facts: Facts, span: Span) -> Ints:
    return np.sort(facts.sales.people[_who(facts, span)])


kpi = Kpi(
    "lost_customers", _("Lost customers"), PEOPLE,
    _("People who had bought and for whom, in the period, the number of days without a purchase was reached after which a customer counts "
      "as lost (180 unless the team has set another). Whoever buys again later comes back."),
    "people with a purchase d + lost_after in the period and none in the lost_after days behind d", ("sales",), DOWN, 230, value, reference,
    people,
)  # fmt: skip
