"""Where people say they are, for what reads their words: the town and country of a profile, or what a network has as its location."""

from collections.abc import Mapping

import msgspec

from vincle.store import bulk

_SQL = (
    "SELECT b.handle, p.city, p.country, p.traits FROM identify_belonging b JOIN organise_profile p ON p.person = b.person "
    "WHERE b.handle IN ({})"
)
_decode = msgspec.json.Decoder().decode


def of(handles: set[int]) -> Mapping[int, str]:
    """Words of the place of whoever has each handle; those of whom none is known are left out."""
    found: dict[int, str] = {}
    for handle, city, country, traits in bulk.select(_SQL, handles):
        if said := ", ".join(filter(None, (city, country))) or _location(traits):
            found[handle] = said[:120]
    return found


def _location(traits: str | bytes | dict[str, object]) -> str:
    """The value of the trait `location`, which stands first in what is kept of it."""
    values = _decode(traits) if isinstance(traits, str | bytes) else traits
    kept = values.get("location")
    said = kept[0] if isinstance(kept, list) and kept else ""
    return said if isinstance(said, str) else ""
