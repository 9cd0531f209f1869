"""A metric's rows for a workspace."""

from typing import Any

from vincle.accounts.models import Workspace

from . import warehouse
from .metrics.base import Metric, Period
from .metrics.registry import metrics

Rows = list[tuple[Any, ...]]


def measure(workspace: Workspace, metric: str | Metric, period: Period) -> Rows:
    """Rows as the metric defines them, in no order."""
    found = metrics()[metric] if isinstance(metric, str) else metric
    answer = warehouse.engine().run(found.query(period), workspace.pk)
    return list(zip(*(column.to_pylist() for column in answer.columns), strict=True))
