"""How each service is connected, step by step. One file per family; each `GUIDES` in this package is found by itself."""

import pkgutil
from functools import cache
from importlib import import_module

from .base import DOES, GROUPS, READY, TODAY, Guide, Step

__all__ = ["DOES", "GROUPS", "READY", "TODAY", "Guide", "Step", "guide_of", "guides"]


@cache
def guides() -> dict[str, Guide]:
    """Every guide by its key, in the order of the groups."""
    found: list[Guide] = []
    for module in pkgutil.iter_modules(__path__):
        found += getattr(import_module(f"{__name__}.{module.name}"), "GUIDES", ())
    places = list(GROUPS)
    found.sort(key=lambda guide: places.index(guide.group))
    assert len({guide.key for guide in found}) == len(found), "two guides have one key"
    return {guide.key: guide for guide in found}


def guide_of(channel: str) -> Guide | None:
    """The guide that goes by the channel's own name, or the first one for it."""
    own = [guide for guide in guides().values() if guide.channel == channel]
    return next((guide for guide in own if guide.key == channel), own[0] if own else None)
