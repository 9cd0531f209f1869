"""What has had its time: surveys deleted for good, gifts that nobody fetched."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from vincle.accounts import audit

from .models import Raffle, RaffleEntry, Response, Survey
from .raffles import LASTS

FEW: Final = 20
DELETED_FOR: Final = timedelta(days=30)
"""So long a deleted survey can be brought back."""
FETCHED_WITHIN: Final = timedelta(seconds=2 * LASTS)
"""A ticket is handed out where the answer is thanked for, and holds as long again."""


def turn(now: datetime | None = None) -> int:
    """How much was tidied; 0: nothing was left lying."""
    moment = now or timezone.now()
    return _gone(moment) + _given_back(moment)


def _gone(now: datetime) -> int:
    """Surveys deleted so long ago that nobody can bring them back, with their answers. What the log has of them stays its days."""
    rows = list(Survey.objects.filter(deleted_at__lt=now - DELETED_FOR).order_by("deleted_at")[:FEW])
    for row in rows:
        with transaction.atomic():
            answers = Response.objects.filter(survey=row).count()
            audit.record(row.workspace_id, None, "removed", "survey", row.pk, row.name, answers=answers)
            Survey.objects.filter(pk=row.pk).update(version=None)
            row.delete()
    return len(rows)


def _given_back(now: datetime) -> int:
    """Of gifts for the first, those kept for tickets that no longer hold: never fewer than were taken and may still be taken."""
    moved = 0
    for raffle in Raffle.objects.filter(kind=Raffle.Kind.FIRST, state=Raffle.State.OPEN, given__gt=0):
        rows = Response.objects.filter(survey=raffle.survey_id, flags__ticket=True, submitted_at__gte=now - FETCHED_WITHIN)
        kept = RaffleEntry.objects.filter(raffle=raffle).count() + rows.count()
        moved += Raffle.objects.filter(pk=raffle.pk, given__gt=kept, given=raffle.given).update(given=kept)
    return moved
