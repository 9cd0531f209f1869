"""When people were last compared, what came of it, and whether it is due again. Light: screens and workers ask all the time."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.store.models import Cursor
from vincle.vocabulary import PersonKind

from . import news
from .models import Trained

SOON, EVERY, LOOK = timedelta(seconds=30), timedelta(minutes=5), 10.0
"""Once `ENOUGH` is new after SOON, for anything new after EVERY; looked for every LOOK seconds."""
IDLE = 10.0
"""Between two runs at least so many times what the last one took."""
ENOUGH = 200
CURSOR = "linking "


class Run(NamedTuple):
    """What one run did, all kinds of people together."""

    at: str
    people: int = 0
    compared: int = 0
    linked: int = 0
    asked: int = 0
    closed: int = 0
    seconds: float = 0.0
    trained: bool = False


class State(NamedTuple):
    """When linking last ran and what it did; whether it is at it, is due, or stands still (`trouble`)."""

    last: Run | None
    last_at: datetime | None
    is_running: bool
    is_due: bool
    trouble: str


def any_due() -> bool:
    """Whether some workspace waits for a run that nobody is at."""
    return any(is_due(workspace) and not state(workspace).is_running for workspace in Workspace.objects.order_by("pk"))


def is_due(workspace: Workspace) -> bool:
    """Whether enough is new, or something for long enough. What is only looked at and found to be nothing is not looked at again."""
    cursor, _ = Cursor.objects.get_or_create(name=name_of(workspace))
    age = timezone.now() - cursor.updated_at
    last = next(reversed(runs(workspace)), None) if age >= SOON else None
    if age < max(SOON, timedelta(seconds=IDLE * last.seconds if last else 0)):
        return False
    upto = news.ends()
    fresh = news.count(workspace.pk, ENOUGH, upto)
    if not fresh and upto.log > cursor.position + news.FAR:
        Cursor.objects.filter(name=cursor.name, owner="").update(position=upto.log)
    return fresh >= ENOUGH or (bool(fresh) and age >= EVERY)


def name_of(workspace: Workspace) -> str:
    return f"{CURSOR}{workspace.pk}"


def runs(workspace: Workspace) -> list[Run]:
    """What was done lately, oldest first."""
    row = Trained.objects.of(workspace).filter(kind=PersonKind.PERSON, is_current=True).values_list("quality", flat=True).first() or {}
    return [Run(**{key: value for key, value in each.items() if key in Run._fields}) for each in row.get("runs", [])]


def state(workspace: Workspace) -> State:
    """For screens: when people were last compared, and how that stands."""
    cursor = Cursor.objects.filter(name=name_of(workspace)).first()
    if cursor is None:
        return State(None, None, False, False, "")
    last = next(reversed(runs(workspace)), None)
    is_running = bool(cursor.owner) and cursor.lease_until > timezone.now()
    return State(
        last, datetime.fromisoformat(last.at) if last else None, is_running, bool(news.count(workspace.pk, 1, news.ends())), cursor.trouble
    )
