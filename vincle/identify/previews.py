"""Who would be what: people after a split, before it is made. Reads only; works it out as the moves themselves do."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from vincle.accounts.models import Workspace
from vincle.listen.models import Handle

from . import settling
from .graph import Step, replay
from .models import Move
from .review import name_of, stated_names

MOST = 60


class Part(NamedTuple):
    """One of the people there would be, with their handles; `more` is how many handles are not listed."""

    name: str
    is_same: bool
    handles: list[Handle]
    more: int


def of_handles(workspace: Workspace, person: int, handles: Collection[int]) -> list[Part]:
    """After these handles became a person of their own."""
    around = settling.region(workspace.pk, [person])
    keys = tuple(sorted(handles))
    steps = [*settling.steps(around.moves), Step("split", person, keys[0], keys)]
    return _parts(workspace, person, around, steps)


def of_whole(workspace: Workspace, person: int) -> list[Part]:
    """After the person went back to what exact evidence alone says."""
    return _after(workspace, person, lambda move: move.undone_at is None and move.act == Move.Act.EXACT)


def at(workspace: Workspace, person: int, moment: datetime) -> list[Part]:
    """The people this one was at that moment; handles that came later stay where exact evidence puts them."""
    return _after(workspace, person, lambda move: move.at <= moment and (move.undone_at is None or move.undone_at > moment))


def _after(workspace: Workspace, person: int, stands: Callable[[Move], bool]) -> list[Part]:
    around = settling.region(workspace.pk, [person])
    return _parts(workspace, person, around, settling.steps(around.moves, stands))


def _parts(workspace: Workspace, person: int, around: settling.Region, steps: Sequence[Step]) -> list[Part]:
    own = {key for key, owner in around.owner.items() if owner == person}
    groups = [group for group in replay(around.homes, steps) if group.handles & own]
    groups.sort(key=lambda group: (person not in group.ids, -len(group.handles & own)))
    theirs = [sorted(group.handles & own) for group in groups]
    known = Handle.objects.of(workspace).in_bulk({key for keys in theirs for key in keys[:MOST]})
    stated = stated_names(known)
    parts = []
    for place, keys in enumerate(theirs):
        listed = sorted((known[key] for key in keys if key in known), key=lambda handle: (handle.kind, handle.value))
        parts.append(Part(name_of(listed, stated), place == 0, listed, len(keys) - len(listed)))
    return parts
