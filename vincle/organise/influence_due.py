"""When a workspace's network was last looked at, and whether it is due again. Light: screens and workers ask all the time."""

from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.store.models import Cursor

from .models import Network

SOON: Final = timedelta(minutes=1)
EVERY: Final = timedelta(hours=6)
IDLE: Final = 20.0
"""Between two looks: a minute while there are no ties yet, else six hours, and never less than so many times what the last one took."""
CURSOR: Final = "network "
_ASKED: Final = -1


def name_of(workspace: Workspace) -> str:
    return f"{CURSOR}{workspace.pk}"


def loaded() -> int:
    """How much of the log the lake has."""
    return Cursor.objects.filter(name="analyse").values_list("position", flat=True).first() or 0


def any_due() -> bool:
    """Whether some workspace waits for a look that nobody is at."""
    return any(is_due(workspace) for workspace in Workspace.objects.order_by("pk"))


def is_due(workspace: Workspace, now: datetime | None = None) -> bool:
    """Whether the lake has more than at the last look, which lies far enough back; or the team asked for one."""
    now = now or timezone.now()
    cursor = Cursor.objects.filter(name=name_of(workspace)).first()
    if cursor is None:
        return loaded() > 0
    if cursor.owner and cursor.lease_until > now:
        return False
    if cursor.done == _ASKED:
        return True
    last = Network.objects.of(workspace).values_list("at", "seconds", "people").first()
    if loaded() == cursor.position:
        return False
    if last is None:
        return now - cursor.updated_at >= SOON
    at, seconds, people = last
    return bool(now - at >= max(EVERY if people else SOON, timedelta(seconds=IDLE * seconds)))


def ask(workspace: Workspace) -> None:
    """Have the worker look as soon as it can."""
    Cursor.objects.get_or_create(name=name_of(workspace))
    Cursor.objects.filter(name=name_of(workspace)).update(done=_ASKED)


def is_asked(workspace: Workspace) -> bool:
    return Cursor.objects.filter(name=name_of(workspace), done=_ASKED).exists()
