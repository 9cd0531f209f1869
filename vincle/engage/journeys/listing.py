"""What the list of journeys shows of many at once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, F

from .models import Journey, JourneyVersion, Walk


def ends_of(journeys: Sequence[Journey]) -> dict[int, dict[str, int]]:
    """By journey: how many are on the way ("waiting"), and how the others ended. One query."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = Walk.objects.filter(journey__in=[row.pk for row in journeys]).values_list("journey", "state").annotate(n=Count("pk"))
    for journey, state, people in rows:
        found[journey][state] = people
    return found


def newest_of(journeys: Sequence[Journey]) -> Iterator[tuple[Journey, dict[str, Any]]]:
    """Each journey with its newest wording. One query."""
    rows = JourneyVersion.objects.filter(journey__in=[row.pk for row in journeys], number=F("journey__version"))
    wordings = dict(rows.values_list("journey", "definition"))
    for row in journeys:
        if row.pk in wordings:
            yield row, wordings[row.pk]
