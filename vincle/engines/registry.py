"""Finds engines: every module here that has a class named `Engine`."""

import importlib
import pkgutil
from pathlib import Path

from . import base

_NOT_ENGINES = {"base", "registry", "table"}


def names() -> list[str]:
    """Engines that are installed, by the name of their file."""
    return sorted(found.name for found in pkgutil.iter_modules([str(Path(__file__).parent)]) if found.name not in _NOT_ENGINES)


def open_engine(name: str, lake: Path, options: base.Options) -> base.Engine:
    """The engine of this name over the lake; LookupError, naming those there are, when there is none."""
    if name not in names():
        raise LookupError(f"there is no engine '{name}'; there are: {', '.join(names())}")
    module = importlib.import_module(f"{__package__}.{name}")
    engine: base.Engine = module.Engine(lake, options)
    return engine
