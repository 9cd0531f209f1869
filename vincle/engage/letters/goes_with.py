"""What goes with what someone bought: the product that most others bought beside it, and that they have not bought yet."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from vincle.accounts.models import Workspace
from vincle.organise.segments import labels
from vincle.store import bulk

MOST_PAIRS: Final = 400
KEPT: Final = 600.0
"""Seconds for which what goes with what is not counted anew."""


class Goes(NamedTuple):
    """`name` goes with what they have (`beside`); a `share` of those who bought that bought both."""

    name: str
    beside: str
    share: float


Pairs = Mapping[str, Sequence[tuple[str, float]]]
"""Product -> those that go with it, the surest first, with the share who bought both."""
_counted: dict[tuple[int, bytes], tuple[float, Pairs]] = {}
_BOUGHT = (
    "SELECT b.person, a.props FROM listen_activity a JOIN identify_belonging b ON b.handle = a.actor "
    "WHERE a.workspace_id = %s AND a.verb = 'Purchase' AND a.direction = 'in' AND NOT a.superseded AND NOT a.is_machine "
    "AND a.op <> 'retract' AND b.person IN ({})"
)


def of(workspace: Workspace, people: Iterable[int]) -> dict[int, Goes]:
    """What to offer to each of these people; those of whom it is not known are not in it. One query beside the counted pairs."""
    known = pairs(workspace)
    if not known:
        return {}
    bought: dict[int, set[str]] = {}
    for person, props in bulk.select(_BOUGHT, people, [workspace.pk]):
        bought.setdefault(person, set()).update(labels.products(props))
    return {person: best for person, names in bought.items() if (best := choose(known, names))}


def choose(known: Pairs, names: set[str]) -> Goes | None:
    """The surest product that goes with one of these and is none of them; of equals the first by name.

    >>> choose({"latte": [("mug", 0.4), ("beans", 0.3)], "tea": [("pot", 0.9)]}, {"latte", "mug"})
    Goes(name='beans', beside='latte', share=0.3)
    """
    fitting = [Goes(second, first, share) for first in names for second, share in known.get(first, ()) if second not in names]
    return min(fitting, key=lambda each: (-each.share, each.name, each.beside), default=None)


def pairs(workspace: Workspace) -> Pairs:
    """Counted over the newest purchases of all, at most every ten minutes."""
    from vincle.organise import ready_made

    key, now = (workspace.pk, bytes(workspace.secret)), time.monotonic()
    kept = _counted.get(key)
    if kept is None or kept[0] < now:
        found: dict[str, list[tuple[str, float]]] = {}
        for pair in ready_made.complements(workspace, MOST_PAIRS):
            found.setdefault(pair.first, []).append((pair.second, pair.share))
        kept = _counted[key] = (now + KEPT, found)
    return kept[1]
