"""When conversations were closed and opened again: a row each time. All run inside the caller's transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Max

from vincle.accounts.models import User

from .models import Closing, Thread

State = Thread.State


def closed(rows: Iterable[Thread], at: datetime, by: User | None) -> None:
    """These, as they stood before, are closed now; those that were already are left alone."""
    fresh = [row for row in rows if row.state != State.CLOSED]
    last = opened([row.key for row in fresh])
    Closing.objects.bulk_create(
        Closing(
            workspace_id=row.workspace_id, thread=row.key, closed_at=at, opened_at=last.get(row.key, row.first_at), by=by, team=row.team_id
        )
        for row in fresh
    )


def opened(keys: Sequence[int]) -> dict[int, datetime]:
    """When those that were ever closed were last opened again."""
    rows = Closing.objects.filter(thread__in=keys, reopened_at__isnull=False).values("thread").annotate(at=Max("reopened_at"))
    return dict(rows.values_list("thread", "at"))


def reopened(keys: Sequence[int], at: datetime) -> None:
    """These are not closed any more."""
    Closing.objects.filter(thread__in=keys, reopened_at=None).update(reopened_at=at)


def taken_back(row: Thread, state: str) -> None:
    """A change of this one is undone, and its state is `state` again: it was not closed, or not opened again."""
    theirs = Closing.objects.filter(thread=row.key)
    if row.state == State.CLOSED != state:
        theirs.filter(reopened_at=None).delete()
    elif state == State.CLOSED != row.state and (last := theirs.order_by("-closed_at", "-pk").first()) is not None:
        theirs.filter(pk=last.pk).update(reopened_at=None)


def moved(old: int, new: int) -> None:
    """Two conversations turn out to be one."""
    Closing.objects.filter(thread=old).update(thread=new)
