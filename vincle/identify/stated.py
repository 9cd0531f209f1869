"""How people are called, as a source last stated it."""

from collections.abc import Iterable

import msgspec

from vincle.listen import log
from vincle.store import bulk
from vincle.store.folding import fold

_FACTS = (
    "SELECT actor, event_id, happened_at, seq FROM listen_activity WHERE actor IN ({}) AND object_type = 'Profile' "
    "AND NOT superseded AND op <> 'retract'"
)


class Stated(msgspec.Struct):
    """What of a stored fact says who it is about."""

    handles: list[int]
    kind: str = "person"
    name: str = ""


def handles_of(body: str) -> Stated:
    """The handles, the kind of person and the name of a stored fact."""
    return msgspec.json.decode(body, type=Stated)


def names_of(people: Iterable[int]) -> dict[int, str]:
    """The latest name that a source gave to each of these people."""
    owners = dict(bulk.select("SELECT handle, person FROM identify_belonging WHERE person IN ({})", people))
    facts = sorted(bulk.select(_FACTS, owners), key=lambda fact: fact[2:])
    bodies = log.contents(bytes(fact[1]) for fact in facts)
    said = ((owners[actor], handles_of(bodies[bytes(event)][2]).name) for actor, event, *_rest in facts if bytes(event) in bodies)
    return {person: name for person, name in said if name}


def differ(one: str, other: str) -> bool:
    """Whether two names are surely of two people: neither says less of the same, and the first names are not one's initial.

    >>> differ("Maria Puig", "Joan Puig"), differ("Maria Puig", "M. Puig"), differ("Maria", "Maria Puig Soler"), differ("", "Joan")
    (True, False, False, False)
    """
    left, right = ([word.strip(".,") for word in fold(name).split()] for name in (one, other))
    if not left or not right or set(left) <= set(right) or set(right) <= set(left):
        return False
    first, second = left[0], right[0]
    return not (first.startswith(second) or second.startswith(first))
