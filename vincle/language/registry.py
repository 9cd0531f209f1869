"""Finds the readers of this folder by themselves and lets them read, each after those whose findings it uses."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from graphlib import TopologicalSorter
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from .base import NOTHING_KNOWN, Context, OptionalReader, Reader
from .page import Page
from .reading import Reading


def _modules() -> Iterator[ModuleType]:
    package = __package__ or ""
    return (import_module(f"{package}.{module.name}") for module in iter_modules(import_module(package).__path__) if module.name[0] != "_")


@cache
def readers() -> tuple[Reader, ...]:
    """All readers but the optional ones, in the order they read. ValueError when two bear one id."""
    found: dict[str, Reader] = {}
    for reader in (module.reader for module in _modules() if isinstance(getattr(module, "reader", None), Reader)):
        if reader.id in found:
            raise ValueError(f"two readers are called {reader.id}")
        found[reader.id] = reader
    order = TopologicalSorter({name: [other for other in reader.after if other in found] for name, reader in sorted(found.items())})
    return tuple(found[name] for name in order.static_order())


@cache
def optional() -> Mapping[str, OptionalReader]:
    """The readers that read only where a workspace has switched them on, by id. ValueError when an id is another reader's."""
    found: dict[str, OptionalReader] = {}
    taken = {reader.id for reader in readers()}
    for reader in (module.optional for module in _modules() if isinstance(getattr(module, "optional", None), OptionalReader)):
        if reader.id in found or reader.id in taken:
            raise ValueError(f"two readers are called {reader.id}")
        found[reader.id] = reader
    return found


@lru_cache(maxsize=64)
def _in_order(chosen: tuple[str, ...]) -> tuple[Reader, ...]:
    """With the optional ones that are chosen, each directly behind the last of those whose findings it uses or refines."""
    order = list(readers())
    for reader in (optional()[name] for name in chosen if name in optional()):
        before = {*reader.after, *reader.refines}
        order.insert(max((place for place, each in enumerate(order, 1) if each.id in before), default=0), reader)
    return tuple(order)


@cache
def version() -> int:
    """Grows when any reader's findings change; what optional ones say is kept by their own."""
    return sum(reader.version for reader in readers())


def understand(pages: Sequence[Page], context: Context = NOTHING_KNOWN) -> list[Reading]:
    """What the texts say, one reading a page. Fastest by some hundred pages at a time."""
    for reader in _in_order(tuple(sorted(context.judges))) if context.judges else readers():
        reader.read(pages, context)
    return [page.reading for page in pages]
