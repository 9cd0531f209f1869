"""How fast work goes: a few numbers for each step every ten seconds, kept for an hour."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from django.utils import timezone

from . import bulk
from .models import Pace

EVERY = 10
"""Seconds between two moments."""

KEPT = timedelta(hours=1)
LATELY = 60


class Stand(NamedTuple):
    """Where a step stands: rows done since the beginning, rows still to come."""

    done: int
    behind: int


def note(stands: Mapping[str, Stand]) -> None:
    """Write down where each step stands now; of several workers the last one of a moment wins."""
    now = timezone.now()
    moment = datetime.fromtimestamp(now.timestamp() // EVERY * EVERY, UTC)
    rows = [Pace(name=name, at=moment, done=stand.done, behind=stand.behind) for name, stand in sorted(stands.items())]
    Pace.objects.bulk_create(rows, update_conflicts=True, unique_fields=["name", "at"], update_fields=["done", "behind"])
    bulk.execute("DELETE FROM store_pace WHERE at < %s", [bulk.writer()(now - KEPT)])


class History(NamedTuple):
    """Of one step, oldest first: rows a second within each stretch, rows behind at its end; and rows a second over the last minute."""

    rates: list[float]
    behind: list[int]
    lately: float


def history(names: Sequence[str], points: int = 60) -> dict[str, History]:
    """The last hour of each step in at most `points` stretches; one query."""
    noted: dict[str, list[tuple[datetime, int, int]]] = {name: [] for name in names}
    since = timezone.now() - KEPT
    for name, at, done, behind in (
        Pace.objects.filter(name__in=names, at__gte=since).order_by("at").values_list("name", "at", "done", "behind")
    ):
        noted[name].append((at, done, behind))
    return {name: _history(rows, points) for name, rows in noted.items()}


def _history(rows: Sequence[tuple[datetime, int, int]], points: int) -> History:
    if len(rows) < 2:
        return History([], [behind for *_, behind in rows], 0.0)
    last = rows[-1]
    first = next(row for row in rows if (last[0] - row[0]).total_seconds() <= LATELY)
    is_fresh = (timezone.now() - last[0]).total_seconds() <= LATELY
    lately = _rate(first, last) if first is not last and is_fresh else 0.0
    stride = -(-(len(rows) - 1) // points)
    marks = [*rows[:-1:stride], last]
    pairs = list(pairwise(marks))
    return History([_rate(*pair) for pair in pairs], [behind for _, (_, _, behind) in pairs], lately)


def _rate(start: tuple[datetime, int, int], end: tuple[datetime, int, int]) -> float:
    """Rows a second; after a rebuild, which counts from the beginning again, none."""
    seconds = (end[0] - start[0]).total_seconds()
    return max(0.0, (end[1] - start[1]) / seconds) if seconds else 0.0
