"""What people of the team do with sends of jobs that did not end well: try again, take back, say what became of the doubtful ones."""

from collections.abc import Sequence
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace

from .models import Job, Send

State = Send.State
PIECE: Final = 500


def decide(workspace: Workspace, user: User | None, sends: Sequence[int], *, has_left: bool) -> int:
    """Of doubtful sends: they have left, or are sent again; returns how many were decided."""
    values: dict[str, Any] = {"state": State.SENT, "sent_at": timezone.now()} if has_left else _again()
    return _turn(workspace, user, sends, (State.DOUBTFUL,), "said to have left" if has_left else "sent again", values)


def retry(workspace: Workspace, user: User | None, sends: Sequence[int]) -> int:
    """Try failed and dead sends once more; returns how many."""
    return _turn(workspace, user, sends, (State.FAILED, State.DEAD), "tried again", _again())


def cancel(workspace: Workspace, user: User | None, sends: Sequence[int]) -> int:
    """Take sends back that wait or failed; returns how many."""
    values = {"state": State.CANCELLED, "problem_code": "by_hand"}
    return _turn(workspace, user, sends, (State.HELD, State.WAITING, State.FAILED, State.DEAD), "took back", values)


def _again() -> dict[str, Any]:
    return {"state": State.WAITING, "not_before": timezone.now(), "tries": 0, "problem_kind": "", "problem_code": "", "problem_detail": ""}


def _turn(workspace: Workspace, user: User | None, sends: Sequence[int], before: tuple[str, ...], verb: str, values: dict[str, Any]) -> int:
    done = 0
    for start in range(0, len(sends), PIECE):
        with transaction.atomic():
            rows = Send.objects.of(workspace).filter(pk__in=sends[start : start + PIECE], state__in=before, job__isnull=False)
            touched = list(rows.values_list("job", flat=True).distinct())
            count = rows.update(**values, owner="")
            if not count:
                continue
            if values["state"] == State.WAITING:
                Job.objects.filter(pk__in=touched, state=Job.State.DONE).update(state=Job.State.RUNNING, done_at=None)
            audit.record(workspace, user, verb, "sends", "", "", count=count)
            done += count
    return done
