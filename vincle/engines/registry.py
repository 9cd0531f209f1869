"""Finds engines: every module here that has a class named `Engine`."""

import importlib
import pkgutil
from pathlib import Path

from . import base
from .table import Where

_NOT_ENGINES = {"base", "mentions", "micros", "registry", "table"}


def names() -> list[str]:
    """Engines that are installed, by the name of their file."""
    return sorted(
        found.name
        for found in pkgutil.iter_modules([str(Path(__file__).parent)])
        if found.name[0] != "_" and found.name not in _NOT_ENGINES
    )


def open_engine(name: str, lake: Where, options: base.Options) -> base.Engine:
    """The engine of this name over the lake; EngineError, naming those there are, when there is none."""
    if name not in names():
        raise base.EngineError(f"There is no engine '{name}' (VINCLE_ENGINE); there are: {', '.join(names())}.")
    module = importlib.import_module(f"{__package__}.{name}")
    engine: base.Engine = module.Engine(lake, options)
    return engine
