"""Corrections that hold only while two people are one: what someone chose when joining them goes when they are parted, and comes back.

The condition stands in the fact's own id: `joined:<handle of one>:<handle of the other>:<anything>`.
"""

from collections.abc import Collection
from uuid import uuid4

from vincle.store import bulk
from vincle.vocabulary import from_public_id, public_id

PREFIX = "joined:"
_IDS = f"SELECT event_id, native_id FROM listen_activity WHERE event_id IN ({{}}) AND native_id LIKE '{PREFIX}%%'"
_OWNERS = "SELECT handle, person FROM identify_belonging WHERE handle IN ({})"


def native_id(left: int, right: int) -> str:
    """The id of a fact that holds while the owners of these two handles are one person."""
    return f"{PREFIX}{public_id(left)}:{public_id(right)}:{uuid4().hex}"


def void(events: Collection[bytes]) -> set[bytes]:
    """Of these facts by the team: those whose condition does not hold now."""
    pairs = {bytes(event): _handles(text) for event, text in bulk.select(_IDS, events)} if events else {}
    owners = dict(bulk.select(_OWNERS, {key for pair in pairs.values() for key in pair})) if pairs else {}
    return {event for event, pair in pairs.items() if len({owners.get(key, key) for key in pair}) > 1}


def _handles(text: str) -> tuple[int, ...]:
    return tuple(from_public_id(part) for part in text.removeprefix(PREFIX).split(":")[:2])
