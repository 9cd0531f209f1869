"""For how long someone of the team works at a conversation: while the page that shows it gives signs of life."""

from datetime import UTC, datetime

from django.db.models import F

from vincle.accounts.models import User, Workspace

from .models_service import Effort

LONGEST_GAP = 40
"""Seconds between two signs that still belong to one sitting: a page gives one every few."""


def add(workspace: Workspace, user: User, thread: int, since: datetime, now: datetime) -> None:
    """Count the time between two signs of one user at one conversation, on the day (UTC) of the later; a longer pause is none."""
    seconds = int(now.timestamp()) - int(since.timestamp())  # whole seconds of the clock: many short ones add up exactly
    if 0 < seconds <= LONGEST_GAP:
        put(workspace, user, thread, now, seconds)


def put(workspace: Workspace, user: User, thread: int, at: datetime, seconds: int) -> None:
    """Count time that was measured elsewhere."""
    day = at.astimezone(UTC).date()
    rows = Effort.objects.of(workspace).filter(thread=thread, user=user, day=day)
    if not rows.update(seconds=F("seconds") + seconds):
        row = Effort(workspace=workspace, thread=thread, user=user, day=day, seconds=0)
        Effort.objects.bulk_create([row], ignore_conflicts=True)
        rows.update(seconds=F("seconds") + seconds)


def moved(old: int, new: int) -> None:
    """Two conversations turn out to be one. Inside the caller's transaction."""
    for row in Effort.objects.filter(thread=old):
        theirs = Effort.objects.filter(thread=new, user=row.user_id, day=row.day)
        if theirs.update(seconds=F("seconds") + row.seconds):
            row.delete()
        else:
            Effort.objects.filter(pk=row.pk).update(thread=new)
