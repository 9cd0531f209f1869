"""What serving a customer costs."""

from collections import defaultdict
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from ..base import DOWN, MONEY, NONE, Figure, Kpi, missing
from ..facts import Facts, Ints, Plain
from ..spans import Span
from ._sums import active_on

HOUR = 3600


def value(facts: Facts, span: Span) -> Figure:
    """Time and messages that have no price are counted and told, not priced at nothing: without any price there is no value."""
    channels = by_channel(facts, span)
    if facts.hourly is None and facts.per_send is None:
        return missing("no price", channels=channels)
    customers = int(facts.sales.active(span.last, facts.lost_after).size)
    if not customers:
        return missing("nobody", channels=channels)
    total = sum(row["cost"] for row in channels)
    parts = {"channels": channels, "total": total, "hourly": facts.hourly, "per_send": facts.per_send}
    return Figure(total / customers, of=customers, parts=parts)


def by_channel(facts: Facts, span: Span) -> list[dict[str, Any]]:
    """Time, messages, people served and cost of each channel; the dearest first."""
    found: dict[str, dict[str, Any]] = defaultdict(lambda: {"seconds": 0, "sends": 0, "served": set()})
    for row in facts.work:
        if span.first <= row.day <= span.last:
            here = found[row.channel]
            here["seconds"] += row.seconds
            here["served"] |= {row.person} - {None}
    for day, channel, n in facts.sends:
        if span.first <= day <= span.last:
            found[channel]["sends"] += n
    rows = []
    for channel, here in found.items():
        cost = here["seconds"] * (facts.hourly or 0) / HOUR + here["sends"] * (facts.per_send or 0)
        rows.append({"channel": channel, **here, "served": len(here["served"]), "cost": cost})
    return sorted(rows, key=lambda row: (-row["cost"], -row["seconds"], -row["sends"], row["channel"]))


def reference(plain: Plain, span: Span) -> float | None:
    customers = len(active_on(plain, span.last))
    if (plain.hourly is None and plain.per_send is None) or not customers:
        return None
    seconds = sum(row.seconds for row in plain.work if span.first <= row.day <= span.last)
    sends = sum(n for day, _channel, n in plain.sends if span.first <= day <= span.last)
    return (seconds * (plain.hourly or 0) / HOUR + sends * (plain.per_send or 0)) / customers


def people(facts: Facts, span: Span) -> Ints:
    """Those whose conversations took time."""
    found = {row.person for row in facts.work if span.first <= row.day <= span.last and row.person is not None}
    return np.array(sorted(found), np.int64) if found else NONE


kpi = Kpi(
    "cost_to_serve", _("Cost to serve a customer"), MONEY,
    _("The time the team had conversations before it, at what an hour costs, and what was sent, at what a message costs, divided by those "
      "who were customers at the end of the period."),
    "(hours x cost of an hour + messages x cost of a message) / customers at the end", ("sales", "inbox effort", "outbox"), DOWN, 320,
    value, reference, people, can_narrow=False, part="kpis/part_serve.html",
)  # fmt: skip
