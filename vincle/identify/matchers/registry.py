"""Finds the matchers: every file of this folder with a `matcher`."""

import pkgutil
from functools import cache
from importlib import import_module
from typing import cast

from vincle.identify.linkage.records import Records

from . import base
from .plain import for_field

OPAQUE = frozenset({"language", "timezone", "note", "owner", "lifecycle", "followers", "first_contact"})
"""Fields that say nothing of who someone is."""


@cache
def matchers() -> dict[str, base.Matcher]:
    """All matchers by id, in the order of their names."""
    found: dict[str, base.Matcher] = {}
    for info in sorted(pkgutil.iter_modules(_path()), key=lambda each: each.name):
        made = getattr(import_module(f"{__package__}.{info.name}"), "matcher", None)
        if made is not None:
            found[made.id] = cast(base.Matcher, made)
    return found


def _path() -> list[str]:
    import vincle.identify.matchers as package

    return list(package.__path__)


def chosen(records: Records) -> list[base.Matcher]:
    """The matchers that have something to go by in these records, and plain ones for the fields none of them reads."""
    known = [each for each in matchers().values() if records.kind in each.kinds]
    found = [each for each in known if each.fields(records)]
    claimed = {field for each in known for field in each.fields(records)} | OPAQUE
    return found + [for_field(field) for field in records.columns if field not in claimed]
