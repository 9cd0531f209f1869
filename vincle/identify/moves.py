"""Moves: each change of who is whom as a row, carried out; and what was decided about a pair."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from vincle.accounts.models import User, Workspace
from vincle.vocabulary import public_id

from . import cases
from .models import Belonging, Case, Move, Person
from .settling import settle

VIAS = frozenset({"screen", "command", "api", "job", "data"})


def person_of(workspace: Workspace | int, person: int) -> Person | None:
    """The living person behind an id, following where it was joined to; None when there is none in this workspace."""
    found: Person | None = Person.objects.of(workspace).filter(pk=person).first()
    while found and found.merged_into:
        found = Person.objects.of(workspace).filter(pk=found.merged_into).first()
    return found


def handles_of_person(workspace: Workspace | int, person: int) -> list[int]:
    """Every handle of a person, also when the id is that of someone who was joined to them."""
    found = person_of(workspace, person)
    return list(Belonging.objects.of(workspace).filter(person=found.pk).values_list("handle", flat=True)) if found else []


def carry_out(workspace: Workspace | int, act: str, person: int, other: int, handles: Sequence[int], **more: Any) -> Move:
    """Write a move down and let it be so. Inside the caller's transaction, which holds the graph.

    `more`: by, via, reason, weight, probability, batch, undoes.
    """
    if more["via"] not in VIAS:
        raise ValueError(f"via is one of {', '.join(sorted(VIAS))}")
    texts = [public_id(key) for key in sorted(handles)]
    scope = workspace if isinstance(workspace, int) else workspace.pk
    move: Move = Move.objects.create(workspace_id=scope, act=act, person=person, other=other, handles=texts, **more)
    settle(scope, (person, other))
    return move


def remember(workspace: Workspace, left: int, right: int, state: str, user: User | None, **undo: Any) -> dict[str, Any]:
    """Set what was decided about a pair; returns what an undo has to put back: {"case": id, "was": earlier state or None}.

    The caller holds the graph.
    """
    left, right = min(left, right), max(left, right)
    values = {"state": state, "decided_at": timezone.now(), "decided_by": user, "undo": undo}
    stood = Case.objects.filter(left=left, right=right).values_list("pk", "state").first()
    if stood is None:
        return {"case": Case.objects.create(workspace=workspace, left=left, right=right, **values).pk, "was": None}
    Case.objects.filter(pk=stood[0]).update(**values)
    return {"case": stood[0], "was": str(stood[1])}


def ids_of(workspace: Workspace | int, person: int) -> set[int]:
    """A living person's id and every id that leads to it."""
    return {person, *Person.objects.of(workspace).filter(merged_into=person).values_list("pk", flat=True)}


def are_apart(workspace: Workspace | int, left: int, right: int) -> list[int]:
    """The decisions that keep two living people apart: ids of cases."""
    one, other = ids_of(workspace, left), ids_of(workspace, right)
    rows = Case.objects.of(workspace).filter(state=Case.State.DIFFERENT, left__in=one | other, right__in=one | other)
    return [case.pk for case in rows if (case.left in one) != (case.right in one)]


def drop(workspace: Workspace, case: Case) -> None:
    """A case whose two people are no longer two is no question any more."""
    Case.objects.of(workspace).filter(pk=case.pk, state__in=cases.WAITING).update(state=Case.State.MOOT)
