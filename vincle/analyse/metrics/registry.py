"""Finds metrics: every module here that has a `metric`."""

import importlib
import pkgutil
from functools import cache
from pathlib import Path

from .base import Metric

_NOT_METRICS = {"base", "registry"}


@cache
def metrics() -> dict[str, Metric]:
    """Every metric by its id, which is the name of its file."""
    found = {}
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name not in _NOT_METRICS and module.name[0] != "_":
            metric: Metric = importlib.import_module(f"{__package__}.{module.name}").metric
            found[metric.id] = metric
    return found
