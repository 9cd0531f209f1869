"""All scores, found by looking at this folder."""

from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from . import __path__ as folder
from .base import Learner, Score


@lru_cache(maxsize=1)
def scores() -> dict[str, Score]:
    """By name, in the order of their files."""
    modules = (import_module(f"{__package__}.{each.name}") for each in iter_modules(folder) if not each.name.startswith("_"))
    return {module.SCORE.name: cast(Score, module) for module in modules if hasattr(module, "SCORE")}


def learner(name: str) -> Learner | None:
    """The score as one that learns from everybody; None where it does not."""
    found = scores()[name]
    return cast(Learner, found) if found.SCORE.is_global else None


def teacher(name: str) -> str:
    """The score whose model this one reads: mostly its own."""
    return scores()[name].SCORE.reads or name
