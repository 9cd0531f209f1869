"""What was noticed, for the one who reads it: the list, what is new, and what has been read."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db.models import QuerySet
from django.utils import timezone

from vincle.accounts.models import User, Workspace

from .models import Handle, Notice, NoticeFor

KEPT_DAYS = 400
Place = Callable[[Workspace, Mapping[str, Any]], str]
_places: dict[str, Place] = {}
UNDO_SALT, UNDO_SECONDS = "notices", 3600


def mine(workspace: Workspace, user: User) -> "QuerySet[NoticeFor]":
    """What someone was told by the bell, newest first, with the notices and their rules."""
    found = NoticeFor.objects.of(workspace).filter(user=user, bell=True)
    return found.select_related("notice__alert__listening").order_by("-notice__at", "-notice__pk")


def unseen(request: Any) -> int:
    """How much is new, for the bell."""
    return NoticeFor.objects.of(request.workspace).filter(user=request.user, bell=True, seen_at=None).count()


def see(workspace: Workspace, user: User, notices: Iterable[int] | None = None) -> tuple[int, str]:
    """Note as read: these notices, or all. Returns how many were new, and a token with which `unsee` takes it back."""
    now = timezone.now()
    rows = NoticeFor.objects.of(workspace).filter(user=user, seen_at=None)
    if notices is not None:
        rows = rows.filter(notice__in=list(notices))
    return rows.update(seen_at=now), signing.dumps(now.isoformat(), salt=_salt(workspace, user))


def unsee(workspace: Workspace, user: User, token: str) -> int | None:
    """Take a reading back; how many are new again. None when it is too long ago."""
    try:
        at = datetime.fromisoformat(signing.loads(token, salt=_salt(workspace, user), max_age=UNDO_SECONDS))
    except signing.BadSignature:
        return None
    return NoticeFor.objects.of(workspace).filter(user=user, seen_at=at).update(seen_at=None)


def unread(workspace: Workspace, user: User, notice: int) -> int:
    """Have one notice new again."""
    return NoticeFor.objects.of(workspace).filter(user=user, notice=notice).update(seen_at=None)


def _salt(workspace: Workspace, user: User) -> str:
    return f"{UNDO_SALT}:{workspace.pk}:{user.pk}"


def names(found: Iterable[Any]) -> dict[int, str]:
    """How those are called whom notices are about, as long as they are known: handle -> name. `found` have an `actor`."""
    handles = Handle.objects.in_bulk({notice.actor for notice in found if notice.actor})
    return {key: handle.name or handle.value for key, handle in handles.items()}


def sweep() -> int:
    """Take away what is long past."""
    return Notice.objects.filter(at__lt=timezone.now() - timedelta(days=KEPT_DAYS)).delete()[0]


def register_place(code: str, place: Place) -> None:
    """Where a later stage's own notices lead to, of a notice's values."""
    _places[code] = place


def place_of(workspace: Workspace, notice: Notice) -> str:
    """Where a notice leads to other than to the texts behind it; "" when nowhere else."""
    found = _places.get(notice.code)
    return found(workspace, notice.values) if found else ""
