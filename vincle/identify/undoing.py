"""Taking back: any move, at any time, in any order, wholly or in part; and taking that back."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.vocabulary import from_public_id

from .models import Case, Move
from .moves import are_apart, carry_out, handles_of_person, person_of, remember
from .settling import hold
from .splitting import split


class NotUndoable(ValueError):
    """Why a move cannot be taken back, as a sentence for people."""


def undo(
    workspace: Workspace,
    move_id: int,
    user: User | None,
    *,
    via: str = "screen",
    handles: Collection[int] | None = None,
    batch: UUID | None = None,
) -> None:
    """Take a move back, as if it had never been; moves made after it stay. Also an undo can be taken back.

    `handles`: only these of what a join brought come out again. Raises NotUndoable.
    """
    with transaction.atomic():
        hold([workspace.pk])
        move = Move.objects.of(workspace).filter(pk=move_id).first()
        if move is None:
            raise NotUndoable(_("There is no such change."))
        if move.undone_at is not None:
            raise NotUndoable(_("This was taken back already."))
        if move.act == Move.Act.UNDO:
            _do_again(workspace, move, user, via)
        elif move.act == Move.Act.EXACT or handles is not None:
            _take_out(workspace, move, user, via, handles, batch)
        else:
            _take_back(workspace, move, user, via, batch)
        audit.record(workspace, user, "take back", "move", move.pk, act=str(move.act), person=str(move.person), other=str(move.other))


def undo_batch(workspace: Workspace, batch: UUID, user: User | None, *, via: str = "screen") -> int:
    """Take back what was done at one word, last first; returns how many moves."""
    with transaction.atomic():
        hold([workspace.pk])
        rows = Move.objects.of(workspace).filter(batch=batch, undone_at=None).exclude(act=Move.Act.UNDO)
        found = list(rows.order_by("-pk").values_list("pk", flat=True))
        for pk in found:
            undo(workspace, pk, user, via=via)
    return len(found)


def _take_back(workspace: Workspace, move: Move, user: User | None, via: str, batch: UUID | None) -> None:
    Move.objects.filter(pk=move.pk).update(undone_at=timezone.now(), undone_by=user)
    _put_back_cases(workspace, move, user)
    keys = [from_public_id(text) for text in move.handles]
    carry_out(workspace, Move.Act.UNDO, move.person, move.other, keys, by=user, via=via, undoes=move, batch=batch)


def _put_back_cases(workspace: Workspace, move: Move, user: User | None) -> None:
    """Decisions that the move had changed hold again. A probable link that someone takes back is not made again."""
    if move.act == Move.Act.LINK:
        remember(workspace, move.person, move.other, Case.State.DIFFERENT, user)
        return
    if "case" in move.reason:
        was = move.reason.get("was") or Case.State.MOOT
        decided = {"decided_at": None, "decided_by": None} if was in (Case.State.OPEN, Case.State.MOOT) else {}
        Case.objects.of(workspace).filter(pk=move.reason["case"]).update(state=was, undo={}, **decided)


def _take_out(workspace: Workspace, move: Move, user: User | None, via: str, handles: Collection[int] | None, batch: UUID | None) -> None:
    """What exact evidence joined, or a part of what was joined, comes out by a split."""
    moved = {from_public_id(text) for text in move.handles}
    wanted = moved if handles is None else moved & set(handles)
    now = person_of(workspace, move.person)
    mine = set(handles_of_person(workspace, now.pk)) if now else set()
    if not now or not wanted & mine:
        raise NotUndoable(_("Nothing of what was joined is there any more."))
    if move.act == Move.Act.SPLIT:
        raise NotUndoable(_("A separation is taken back as a whole."))
    if wanted & mine == mine:
        raise NotUndoable(_("Nothing else is left of this person."))
    split(workspace, now.pk, sorted(wanted & mine), user, via=via, undoes=move, batch=batch)


def _do_again(workspace: Workspace, taken: Move, user: User | None, via: str) -> None:
    """Undo an undo: the move stands again."""
    move = taken.undoes
    if move is None or move.undone_at is None:
        raise NotUndoable(_("What this took back is not there any more."))
    left, right = person_of(workspace, move.person), person_of(workspace, move.other)
    if left and right and left.pk != right.pk and move.act == Move.Act.MERGE and are_apart(workspace, left.pk, right.pk):
        raise NotUndoable(_("The two were kept apart since."))
    Move.objects.filter(pk=move.pk).update(undone_at=None, undone_by=None)
    Move.objects.filter(pk=taken.pk).update(undone_at=timezone.now(), undone_by=user)
    state = Case.State.DIFFERENT if move.act == Move.Act.SPLIT else Case.State.SAME
    if move.act != Move.Act.SPLIT or "case" in move.reason:
        more = {
            "kept": str(move.person),
            "joined": str(move.other),
            "handles": [str(from_public_id(t)) for t in move.handles],
            "move": move.pk,
        }
        remember(workspace, move.person, move.other, state, user, **({} if state == Case.State.DIFFERENT else more))
    keys = [from_public_id(text) for text in move.handles]
    carry_out(workspace, Move.Act.UNDO, move.person, move.other, keys, by=user, via=via, undoes=taken)
