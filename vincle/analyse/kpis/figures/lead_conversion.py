"""How many leads become customers."""

import numpy as np
from django.utils.translation import gettext_lazy as _

from ..base import SHARE, UP, Figure, Kpi, missing, share
from ..facts import Facts, Ints, Plain
from ..spans import Span
from ._sums import days_of


def _both(facts: Facts, span: Span) -> tuple[Ints, Ints]:
    """Ids of those whose first form fell into the period and who had not bought before it, and of them those who have bought since."""
    leads, sales = facts.leads, facts.sales
    person, place = np.unique(leads.person, return_index=True)
    first = leads.day[place]  # in the order of days, so the first place of each is their first form
    inside = (first >= span.first) & (first <= span.last)
    person, first = person[inside], first[inside]
    places = np.searchsorted(sales.people, person)
    is_buyer = np.zeros(person.size, bool)
    is_buyer[places < sales.people.size] = sales.people[places[places < sales.people.size]] == person[places < sales.people.size]
    bought = np.full(person.size, np.iinfo(np.int64).max)
    bought[is_buyer] = sales.first[places[is_buyer]]
    new = bought >= first
    return person[new], person[new & is_buyer & (bought <= facts.today)]


def value(facts: Facts, span: Span) -> Figure:
    if not facts.leads.person.size:
        return missing("no leads")
    leads, won = _both(facts, span)
    return share(int(won.size), int(leads.size))


def reference(plain: Plain, span: Span) -> float | None:
    bought = {who: days[0] for who, days in days_of(plain).items()}
    first: dict[int, int] = {}
    for who, day in plain.forms:
        if who is not None:
            first[who] = min(day, first.get(who, day))
    leads = [who for who, day in first.items() if span.first <= day <= span.last and bought.get(who, day) >= day]
    won = [who for who in leads if who in bought and bought[who] <= plain.today]
    return len(won) / len(leads) if leads else None


def people(facts: Facts, span: Span) -> Ints:
    return _both(facts, span)[1]


kpi = Kpi(
    "lead_conversion", _("Leads that became customers"), SHARE,
    _("Of those who sent their first form in the period and had not bought before it, the share that has bought since, up to today. "
      "Later periods have had less time."),
    "people with first form in the period and a purchase since / people with first form in the period who had not bought before",
    ("leads", "sales"), UP, 330, value, reference, people,
)  # fmt: skip
