"""A metric's rows for a workspace."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from vincle.accounts.models import Workspace

from . import warehouse
from .choice import LENGTHS
from .metrics.base import Metric, Period
from .metrics.people_by_window import windowed
from .metrics.registry import metrics

Rows = list[tuple[Any, ...]]


def measure(workspace: Workspace, metric: str | Metric, period: Period) -> Rows:
    """Rows as the metric defines them, in no order."""
    found = metrics()[metric] if isinstance(metric, str) else metric
    answer = warehouse.engine().run(found.query(period), workspace.pk)
    return list(zip(*(column.to_pylist() for column in answer.columns), strict=True))


def warm() -> None:
    """Ask every metric once of nobody, so that the first page need not wait for expressions to be compiled."""
    today = timezone.now().date()
    for channel in ("", "x"):
        period = Period(today - timedelta(days=6), today, "UTC", channel)
        for metric in (*metrics().values(), *map(windowed, LENGTHS)):
            warehouse.engine().run(metric.query(period), 0)
