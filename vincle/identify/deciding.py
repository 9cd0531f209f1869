"""What the team answers to the question whether two people are one, and taking an answer back."""

from django.db import transaction
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace

from .cases import DECIDED, WAITING
from .joining import Survivors, merge
from .models import Case, Move
from .settling import hold
from .undoing import undo


def keep_apart(workspace: Workspace, case: Case, user: User | None) -> None:
    """Remember that two people are never the same."""
    with transaction.atomic():
        hold([workspace.pk])
        Case.objects.filter(pk=case.pk).update(state=Case.State.DIFFERENT, decided_at=timezone.now(), decided_by=user)
        audit.record(workspace, user, "keep apart", "case", case.pk)


def put_off(workspace: Workspace, case: Case, user: User | None) -> None:
    """Ask again later."""
    with transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state=Case.State.LATER, decided_at=timezone.now(), decided_by=user)
        audit.record(workspace, user, "put off", "case", case.pk)


def take_back(workspace: Workspace, case: Case, user: User | None, *, via: str = "screen") -> None:
    """Undo a decision: two joined people are two again, two kept apart are a question again."""
    with transaction.atomic():
        hold([workspace.pk])
        if case.state == Case.State.SAME:
            move = Move.objects.of(workspace).filter(pk=case.undo.get("move", 0), undone_at=None).first()
            if move is not None:
                undo(workspace, move.pk, user, via=via)
        Case.objects.filter(pk=case.pk).update(state=Case.State.OPEN, decided_at=None, decided_by=None, undo={})
        audit.record(workspace, user, "take back", "case", case.pk)


def decide(
    workspace: Workspace, pk: int, answer: str, user: User | None, *, via: str = "screen", survivors: Survivors | None = None
) -> str:
    """Settle a case as "same", "different" or "later"; returns what it became, "" when someone else had settled it before.

    "moot": one of the two is no longer there. The row is held meanwhile, so of two agents the second one finds it settled.
    """
    with transaction.atomic():
        hold([workspace.pk])
        case = Case.objects.of(workspace).select_for_update().filter(pk=pk, state__in=WAITING).first()
        if case is None:
            return ""
        if answer == Case.State.SAME:
            return _decide_same(workspace, case, user, via, survivors)
        (keep_apart if answer == Case.State.DIFFERENT else put_off)(workspace, case, user)
    return answer


def _decide_same(workspace: Workspace, case: Case, user: User | None, via: str, survivors: Survivors | None) -> str:
    try:
        merge(workspace, case.left, case.right, user, via=via, survivors=survivors)
    except ValueError:
        Case.objects.filter(pk=case.pk).update(state=Case.State.MOOT)
        return str(Case.State.MOOT)
    Case.objects.filter(pk=case.pk, state__in=WAITING).update(state=Case.State.MOOT)
    return str(Case.State.SAME)


def reopen(workspace: Workspace, pk: int, user: User | None, *, via: str = "screen") -> bool:
    """Take a decision back. False when there is none (any more)."""
    with transaction.atomic():
        hold([workspace.pk])
        case = Case.objects.of(workspace).select_for_update().filter(pk=pk, state__in=DECIDED).first()
        if case is not None:
            take_back(workspace, case, user, via=via)
    return case is not None
