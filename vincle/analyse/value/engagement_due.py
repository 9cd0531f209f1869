"""When everybody's engagement value was last worked out, and whether it is due again. Light: screens and workers ask all the time."""

from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.organise.models import Network, Profile, ScoreRun
from vincle.store.models import Cursor

from . import engagement_terms
from .models import EngagementRun

EVERY: Final = timedelta(days=1)
SOONEST: Final = timedelta(minutes=2)
IDLE: Final = 20.0
"""Between two rounds at least that, and so many times what the last one took; a day at most."""
AFTER_TROUBLE: Final = timedelta(minutes=10)
ASKED: Final = -1
_CURSOR: Final = "engagement "


def name_of(workspace: Workspace) -> str:
    return f"{_CURSOR}{workspace.pk}"


def any_due() -> bool:
    """Whether some workspace waits for a round that nobody is at."""
    return any(is_due(workspace) for workspace in Workspace.objects.order_by("pk"))


def is_asked(workspace: Workspace) -> bool:
    return Cursor.objects.filter(name=name_of(workspace), done=ASKED).exists()


def is_due(workspace: Workspace, now: datetime | None = None) -> bool:
    """A day after the last round; sooner when the terms, the expected values or the network are others than it knew, or someone asks."""
    now = now or timezone.now()
    cursor = Cursor.objects.filter(name=name_of(workspace)).first()
    if cursor is not None and cursor.owner and cursor.lease_until > now:
        return False
    if cursor is not None and cursor.done == ASKED:
        return True
    run = EngagementRun.objects.of(workspace).first()
    if run is not None and run.problem and cursor is not None and now - cursor.updated_at < AFTER_TROUBLE:
        return False
    if run is None or run.at is None:
        return Profile.objects.of(workspace).exists()
    if now - run.at < max(SOONEST, timedelta(seconds=IDLE * run.seconds)):
        return False
    return now - run.at >= EVERY or run.terms != engagement_terms.prices_of(workspace).kept() or _moved_on(workspace, run.at)


def _moved_on(workspace: Workspace, at: datetime) -> bool:
    """Whether values or the network were worked out for everybody since."""
    scored = ScoreRun.objects.of(workspace).filter(name="value", at__gt=at).exists()
    return scored or Network.objects.of(workspace).filter(at__gt=at).exists()
