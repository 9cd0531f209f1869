"""A metric's rows for a workspace."""

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.organise import warehouse

from .choice import LENGTHS
from .metrics.base import Metric, Period
from .metrics.people_by_window import windowed
from .metrics.registry import metrics

Rows = list[tuple[Any, ...]]
WARMED = 8
HELD = ("said_by", "heard")
"""Metrics that need all that an engine may hold in memory of a workspace."""


def measure(workspace: Workspace, metric: str | Metric, period: Period) -> Rows:
    """Rows as the metric defines them, in no order."""
    answer = columns(workspace, metric, period)
    return list(zip(*(column.to_pylist() for column in answer.columns), strict=True))


def columns(workspace: Workspace, metric: str | Metric, period: Period) -> Any:
    """The same rows by column, as an Arrow table."""
    found = metrics()[metric] if isinstance(metric, str) else metric
    return warehouse.engine().run(found.query(period), workspace.pk)


def warm() -> None:
    """Ask every metric once of nobody, so that the first page need not wait for expressions to be compiled; and a few of the largest
    workspaces, so that it need not wait for what an engine holds in memory."""
    today = timezone.now().date()
    week = Period(today - timedelta(days=6), today)
    for period in (week, replace(week, channel="x")):
        for metric in (*metrics().values(), *map(windowed, LENGTHS)):
            warehouse.engine().run(metric.query(period), 0)
    for workspace in _largest():
        for name in HELD:
            warehouse.engine().run(metrics()[name].query(week), workspace)


def _largest() -> list[int]:
    """The workspaces with most in the open table, the smallest of them first."""
    sizes: Counter[int] = Counter()
    for path in warehouse.tables()["activity"].files()[1]:
        if found := re.search(r"/workspace=(\d+)/", path):
            sizes[int(found[1])] += Path(path).stat().st_size if Path(path).exists() else 0
    return [workspace for workspace, _size in reversed(sizes.most_common(WARMED))]
