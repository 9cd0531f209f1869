"""Moves and evidence as the API tells them."""

from collections.abc import Mapping, Sequence
from typing import Any

from vincle.accounts.models import Workspace
from vincle.identify import actions
from vincle.identify.models import Move
from vincle.identify.waterfall import PROBABLE
from vincle.identify.wording import words
from vincle.vocabulary import public_id

from . import shapes


def steps_of(entry: Mapping[str, Any] | None) -> list[shapes.Step]:
    """Pieces of probable evidence, as {"matcher", "level", "weight", "code", "values"}; none of an exact one."""
    return [
        shapes.Step(
            str(step.get("matcher", "")), str(step.get("level", "")), float(step["weight"]),
            words(str(step.get("code", "")), step.get("values") or {}),
        )
        for step in (entry or {}).get("steps") or ()
        if isinstance(step.get("weight"), int | float)
    ]  # fmt: skip


def probable(evidence: list[dict[str, Any]]) -> dict[str, Any]:
    """The latest probable entry of a case; {} when there is none."""
    return next((entry for entry in reversed(evidence) if entry.get("evidence") == PROBABLE), {})


def move(row: Move) -> shapes.Move:
    return shapes.Move(
        id=public_id(row.pk), at=row.at, act=row.act, via=row.via, by=row.by.email if row.by else "", person=public_id(row.person),
        other=public_id(row.other), handles=list(row.handles), undone_at=row.undone_at,
        undone_by=row.undone_by.email if row.undone_by else "", undoes=public_id(row.undoes_id) if row.undoes_id else None,
        probability=row.probability,
    )  # fmt: skip


def rows(workspace: Workspace) -> Any:
    return Move.objects.of(workspace).select_related("by", "undone_by")


def history_of(workspace: Workspace, person: int) -> list[shapes.Move]:
    """Every move of those who were, or were part of, the same person at some time, in the order they were made."""
    return [move(row) for row in actions.history(workspace, person).moves]


def of_merge(workspace: Workspace, person: int, joined: int) -> str | None:
    """Public id of the move by which the two are one."""
    found = Move.objects.of(workspace).filter(act=Move.Act.MERGE, person=person, other=joined, undone_at=None).order_by("-pk").first()
    return public_id(found.pk) if found else None


def of_split(workspace: Workspace, person: int, out: Sequence[int]) -> list[str]:
    """Public ids of the moves by which these came out of a person, in their order."""
    found = Move.objects.of(workspace).filter(act=Move.Act.SPLIT, person=person, other__in=out, undone_at=None).order_by("pk")
    latest = {row.other: row.pk for row in found}
    return [public_id(latest[other]) for other in out if other in latest]
