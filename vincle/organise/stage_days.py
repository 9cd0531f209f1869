"""Days of the ladder, kept: how many people moved from which rung to which during each."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from vincle.accounts.models import Workspace

from .models import StageDay


def keep(workspace: Workspace, day: date, moves: Iterable[tuple[str, str, int]]) -> None:
    """Put a day's (before, after, people) in place of what was kept of it. Empty before: they were not known yet."""
    rows = [StageDay(workspace=workspace, day=day, before=before, after=after, people=people) for before, after, people in moves]
    with transaction.atomic():
        StageDay.objects.of(workspace).filter(day=day).delete()
        StageDay.objects.bulk_create(rows)


def known(workspace: Workspace, first: date, last: date) -> set[date]:
    """Days that are kept."""
    return set(StageDay.objects.of(workspace).filter(day__range=(first, last)).values_list("day", flat=True).distinct())
