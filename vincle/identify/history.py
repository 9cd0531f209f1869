"""The history of a person's identity, as a picture is drawn from it: handles and people over time, and what joined or parted them."""

from datetime import datetime
from typing import Literal, NamedTuple

from vincle.accounts.models import Workspace
from vincle.listen.models import Handle
from vincle.store import bulk
from vincle.vocabulary import public_id

from .models import Move, Person
from .moves import person_of
from .settling import region


class Node(NamedTuple):
    """A handle or a person. `home`: public id of the person a handle came to; `now`: of the one it belongs or leads to."""

    id: str
    kind: Literal["handle", "person"]
    label: str
    since: datetime
    home: str
    now: str
    channel: str = ""


class History(NamedTuple):
    """Nodes by the time they were first seen, moves in the order they were made (those undone with `undone_at`)."""

    nodes: list[Node]
    moves: list[Move]


def history(workspace: Workspace, person: int) -> History:
    """Everyone who was, or was part of, the same person at some time. Empty when there is no such person."""
    found = person_of(workspace, person)
    if found is None:
        return History([], [])
    around = region(workspace.pk, [found.pk])
    handles = Handle.objects.of(workspace).in_bulk(around.owner)
    people = Person.objects.of(workspace).filter(pk__in=around.ids)
    nodes = [
        Node(
            public_id(key), "handle", row.name or row.value, row.first_seen,
            public_id(around.homes[key]), public_id(around.owner[key]), row.kind,
        )
        for key, row in handles.items()
    ]  # fmt: skip
    for row in people:
        label = handles[row.pk].value if row.pk in handles else public_id(row.pk)
        nodes.append(Node(public_id(row.pk), "person", label, row.first_seen, "", public_id(row.merged_into or row.pk), str(row.kind)))
    moves = list(
        Move.objects.of(workspace)
        .filter(pk__in=_with_undos(workspace.pk, around.moves))
        .select_related("by", "undone_by")
        .order_by("at", "pk")
    )
    return History(sorted(nodes, key=lambda node: (node.since, node.kind, node.id)), moves)


def _with_undos(workspace: int, moves: list[Move]) -> set[int]:
    """The moves and every undo of them, and of those."""
    known = {move.pk for move in moves}
    fresh = set(known)
    while fresh:
        sql = f"SELECT id FROM identify_move WHERE workspace_id = {workspace:d} AND act = 'undo' AND undoes_id IN ({{}})"
        fresh = set(bulk.pluck(sql, fresh)) - known
        known |= fresh
    return known
