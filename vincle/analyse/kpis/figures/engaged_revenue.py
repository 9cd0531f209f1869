"""What the engaged bring."""

from collections import defaultdict

import numpy as np
from django.utils.translation import gettext_lazy as _

from vincle.vocabulary import Stage

from ..base import SHARE, UP, Figure, Kpi, missing
from ..facts import Facts, Ints, Plain
from ..spans import Span

SPEAKS = (Stage.CRITIC.value, Stage.CREATOR.value)


def value(facts: Facts, span: Span) -> Figure:
    """Sums of refunds can make a share more than one or less than none: then there is none to tell."""
    sales = facts.sales
    if not sales.day.size:
        return missing("no sales")
    rungs, money = facts.stages(span.last), sales.by_person(span.first, span.last)
    buyers = np.zeros(sales.people.size, bool)
    buyers[sales.buyers(span.first, span.last)] = True
    sums: dict[str, list[int]] = {stage.value: [0, 0, 0] for stage in Stage}
    for stage in rungs.values():
        sums[stage][0] += 1
    for place in np.flatnonzero(buyers | (money != 0)).tolist():
        row = sums[rungs.get(int(sales.people[place]), Stage.INACTIVE.value)]
        row[1] += int(buyers[place])
        row[2] += int(money[place])
    total, theirs = sum(row[2] for row in sums.values()), sum(sums[stage][2] for stage in SPEAKS)
    parts = {"stages": sums}
    if total <= 0 or not 0 <= theirs <= total:
        return missing("no revenue", **parts)
    return Figure(theirs / total, of=int(buyers.sum()), parts=parts)


def reference(plain: Plain, span: Span) -> float | None:
    money: dict[int, int] = defaultdict(int)
    for row in plain.rows:
        if row.person is not None and span.first <= row.day <= span.last and row.currency == plain.currency:
            money[row.person] += row.money if row.is_purchase else -row.money
    total = sum(money.values())
    theirs = sum(worth for who, worth in money.items() if plain.rungs.get(who) in SPEAKS)
    bought = any(row.person is not None and row.is_purchase for row in plain.rows)
    return theirs / total if bought and total > 0 and 0 <= theirs <= total else None


def people(facts: Facts, span: Span) -> Ints:
    rungs, ids = facts.stages(span.last), facts.sales.people[facts.sales.buyers(span.first, span.last)]
    return np.array([who for who in ids.tolist() if rungs.get(who) in SPEAKS], np.int64)


kpi = Kpi(
    "engaged_revenue", _("Revenue from people who speak up"), SHARE,
    _("Of what known people spent in the period, the share of those who in the 90 days up to its end commented, reviewed or posted. "
      "Who speaks may buy more for other reasons: it goes together, it is no proof of a cause."),
    "money of critics and creators / money of known people", ("sales", "stands"), UP, 340, value, reference, people, has_series=False,
    part="kpis/part_stages.html",
)  # fmt: skip
