"""Whether a figure is where it should be. The rule is one for all, and is said beside the light; pure."""

from typing import Final, NamedTuple

from .base import UP, Figure, Kpi
from .spans import Span

GOOD, NEAR, OFF, NONE = "good", "near", "off", ""
NEAR_BY: Final = 0.1
"""A figure that misses its target by no more than this share of it is near."""
SUMS: Final = frozenset({"revenue", "margin", "crm", "new_customers", "returning_customers", "lost_customers"})
"""Figures that grow as a period goes on: of one that is not over, its days so far are asked for their part of the target."""


class Light(NamedTuple):
    """`state`: good, near, off, or nothing without a target. `due`: what would have to be reached by now, of the `target` of the whole."""

    state: str
    target: float | None = None
    due: float | None = None


def light(kpi: Kpi, figure: Figure, target: float | None, span: Span) -> Light:
    """`target` in the figure's own unit (`Figure.value`).

    >>> from .registry import kpis
    >>> from .spans import Span
    >>> light(kpis()["revenue"], Figure(500.0), 1000.0, Span("month", 0, 14, 29)).state
    'good'
    >>> light(kpis()["churn"], Figure(0.25), 0.2, Span("month", 0, 29, 29)).state
    'off'
    """
    if target is None:
        return Light(NONE)
    whole = span.end - span.first + 1
    due = target * span.days / whole if kpi.id in SUMS and not span.is_whole else target
    if figure.value is None:
        return Light(NONE, target, due)
    missed = due - figure.value if kpi.good == UP else figure.value - due
    state = GOOD if missed <= 0 else NEAR if missed <= NEAR_BY * abs(due) else OFF
    return Light(state, target, due)
