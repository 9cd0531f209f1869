"""Finds key figures: every module of `figures` that has a `kpi`."""

import importlib
import pkgutil
from functools import cache
from pathlib import Path

from .base import Kpi


@cache
def kpis() -> dict[str, Kpi]:
    """Every key figure by its id, which is the name of its file, in the order of the board."""
    found: list[Kpi] = []
    for module in pkgutil.iter_modules([str(Path(__file__).parent / "figures")]):
        if module.name[0] != "_":
            found.append(importlib.import_module(f"{__package__}.figures.{module.name}").kpi)
    return {kpi.id: kpi for kpi in sorted(found, key=lambda each: each.order)}
