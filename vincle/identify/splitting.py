"""One person becomes several again: one handle, some, all that exact evidence does not hold together, or as it was at a moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.vocabulary import public_id

from .graph import Step, replay
from .models import Case, Move, Person
from .moves import carry_out, person_of, remember
from .settling import Region, hold, region, spare_id, steps


def split(
    workspace: Workspace,
    person: int,
    handles: Sequence[int],
    user: User | None,
    *,
    via: str = "screen",
    never_again: bool = True,
    reason: dict[str, Any] | None = None,
    undoes: Move | None = None,
    batch: UUID | None = None,
) -> int:
    """These handles become a person of their own; returns its id. With `never_again` the two are not joined by evidence any more.

    Raises ValueError when one of the handles is not this person's, or none would be left.
    """
    with transaction.atomic():
        hold([workspace.pk])
        found = person_of(workspace, person)
        if found is None:
            raise ValueError("there is no such person in this workspace")
        around = region(workspace.pk, [found.pk])
        mine = {key for key, owner in around.owner.items() if owner == found.pk}
        leaving = sorted(set(handles))
        if not leaving or not set(leaving) <= mine:
            raise ValueError("a split needs handles of this person")
        if set(leaving) == mine:
            raise ValueError("a split has to leave the person a handle")
        other = spare_id(workspace.pk, leaving, found.pk, around)
        noted = dict(reason or {}) | {"stayed": [public_id(key) for key in sorted(around.owner.keys() - set(leaving))]}
        if never_again:
            noted |= remember(workspace, found.pk, other, Case.State.DIFFERENT, user)
        carry_out(workspace, Move.Act.SPLIT, found.pk, other, leaving, by=user, via=via, reason=noted, undoes=undoes, batch=batch)
        audit.record(workspace, user, "split", "person", found.pk, "", came_out=str(other))
    return other


def split_whole(workspace: Workspace, person: int, user: User | None, *, via: str = "screen") -> list[int]:
    """Back to what exact evidence alone says; returns everyone the person is now, the one that keeps the id first."""
    with transaction.atomic():
        hold([workspace.pk])
        found, around = _around(workspace, person)
        return _break(
            workspace, found, around, steps(around.moves, lambda move: move.act == Move.Act.EXACT and move.undone_at is None), user, via
        )


def back_to(workspace: Workspace, person: int, at: datetime, user: User | None, *, via: str = "screen") -> list[int]:
    """The people this one was at that moment; handles that came since stay with whom evidence brought them to."""

    def stood(move: Move) -> bool:
        return bool(move.at <= at and (move.undone_at is None or move.undone_at > at))

    with transaction.atomic():
        hold([workspace.pk])
        found, around = _around(workspace, person)
        return _break(workspace, found, around, steps(around.moves, stood), user, via)


def _around(workspace: Workspace, person: int) -> tuple[Person, Region]:
    found = person_of(workspace, person)
    if found is None:
        raise ValueError("there is no such person in this workspace")
    return found, region(workspace.pk, [found.pk])


def _break(workspace: Workspace, person: Person, around: Region, done: Sequence[Step], user: User | None, via: str) -> list[int]:
    groups = replay(around.homes, done)
    mine = {key for key, owner in around.owner.items() if owner == person.pk}
    parts = [(person.pk in group.ids, len(group.handles & mine), sorted(group.handles & mine)) for group in groups if group.handles & mine]
    parts.sort(key=lambda part: (not part[0], -part[1], part[2]))
    batch = uuid4()
    return [person.pk, *(split(workspace, person.pk, keys, user, via=via, batch=batch) for _own, _count, keys in parts[1:])]
