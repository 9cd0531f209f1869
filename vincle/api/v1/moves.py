"""Merging, splitting, and taking it back."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.utils.timezone import now

from vincle.accounts.access import May
from vincle.identify import actions
from vincle.identify.models import Belonging, Move
from vincle.vocabulary import public_id

from . import cursors, decisions, evidence, reach
from .endpoint import VIA, Call, Nothing, endpoint
from .faults import conflict, invalid, missing
from .preview import preview_of

Done = TypeVar("Done")


def _attempt(do: Callable[[], Done]) -> Done:
    """Do it; what the people as they stand do not allow is a conflict."""
    try:
        return do()
    except ValueError as error:
        raise conflict(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error


@endpoint("GET", "people/<pid>/merge-preview", May.SEE, asks=decisions.PreviewAsked, answers=decisions.Preview)
def preview_merge(call: Call[decisions.PreviewAsked], pid: str) -> decisions.Preview:
    """What joining two people would change. Nothing is changed."""
    left = reach.person(call.workspace, pid)
    right = reach.person(call.workspace, call.asked.with_, "with")
    return _attempt(lambda: preview_of(call.workspace, left.person, right.person))


@endpoint("POST", "people/<pid>/merge", May.DECIDE_IDENTITY, asks=decisions.MergeAsked, answers=decisions.Merged)
def merge_people(call: Call[decisions.MergeAsked], pid: str) -> decisions.Merged:
    """Join two people. Both ids stay good; no activity is rewritten; the strictest consent holds."""
    left = reach.person(call.workspace, pid).person.pk
    right = reach.person(call.workspace, call.asked.with_, "with").person.pk
    survivors = call.asked.survivors or None
    kept = _attempt(lambda: actions.merge(call.workspace, left, right, call.user, via=VIA, survivors=survivors))
    joined = right if kept == left else left
    return decisions.Merged(public_id(kept), public_id(joined), evidence.of_merge(call.workspace, kept, joined))


@endpoint("POST", "people/<pid>/split", May.DECIDE_IDENTITY, asks=decisions.SplitAsked, answers=decisions.Split)
def split_person(call: Call[decisions.SplitAsked], pid: str) -> decisions.Split:
    """Take a person apart: some handles, all that is not exact, or back to a moment."""
    found = reach.person(call.workspace, pid)
    out = [each for each in _attempt(_how(call, found.person.pk)) if each != found.person.pk]
    return decisions.Split(found.id, [public_id(each) for each in out], evidence.of_split(call.workspace, found.person.pk, out))


def _how(call: Call[decisions.SplitAsked], person: int) -> Callable[[], list[int]]:
    asked = call.asked
    if sum((asked.handles is not None, asked.whole is not None, asked.at is not None)) != 1:
        raise invalid("handles", 'Say exactly one of "handles", "whole" and "at".')
    if asked.at is not None:
        at = _past(asked.at)
        return lambda: actions.back_to(call.workspace, person, at, call.user, via=VIA)
    if asked.handles is None:
        if not asked.whole:
            raise invalid("whole", "This can only be true.")
        return lambda: actions.split_whole(call.workspace, person, call.user, via=VIA)
    handles = _handles(call, person)
    return lambda: [actions.split(call.workspace, person, handles, call.user, via=VIA)]


def _past(at: datetime) -> datetime:
    if at > now():
        raise invalid("at", "This moment has not come yet.")
    return at


def _handles(call: Call[decisions.SplitAsked], person: int) -> list[int]:
    """The keys of handles that are this person's."""
    if not call.asked.handles:
        raise invalid("handles", "Name at least one handle.")
    keys = [reach.key_of(text, "handle", "handles") for text in call.asked.handles]
    own = set(Belonging.objects.of(call.workspace).filter(person=person).values_list("handle", flat=True))
    if not set(keys) <= own:
        raise missing("handle of this person", "handles")
    return keys


@endpoint("GET", "identity/moves", May.SEE, asks=decisions.MovesAsked, answers=decisions.Moves)
def list_moves(call: Call[decisions.MovesAsked]) -> decisions.Moves:
    """Every change of who is who, newest first."""
    rows = evidence.rows(call.workspace).order_by("-pk")
    if call.asked.person:
        key = reach.key_of(call.asked.person, "person", "person")
        reach.person(call.workspace, call.asked.person, "person")
        rows = rows.filter(person=key) | rows.filter(other=key)
    if call.asked.cursor:
        rows = rows.filter(pk__lt=cursors.number(call.asked.cursor))
    found = list(rows[: call.asked.limit + 1])
    shown, more = found[: call.asked.limit], len(found) > call.asked.limit
    return decisions.Moves([evidence.move(row) for row in shown], cursors.seal(str(shown[-1].pk)) if more else None)


@endpoint("POST", "identity/moves/<move>/undo", May.DECIDE_IDENTITY, asks=Nothing, answers=decisions.Undone)
def undo_move(call: Call[Nothing], move: str) -> decisions.Undone:
    """Take a move back, also when others came after it."""
    key = reach.key_of(move, "move")
    if not Move.objects.of(call.workspace).filter(pk=key).exists():
        raise missing("move")
    try:
        actions.undo(call.workspace, key, call.user, via=VIA)
    except actions.NotUndoable as error:
        raise conflict(str(error), "not_undoable") from error
    return decisions.Undone(public_id(key))
