"""How far those who follow the log are behind it."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils import timezone

from vincle.store.lease import positions

from . import log
from .models import Activity

FEW = 50_000


class Lag(NamedTuple):
    """`rows` of the log still to come; `seconds` since the oldest of them came in."""

    rows: int
    seconds: float


def behind(names: Iterable[str]) -> dict[str, Lag]:
    """The lag of each reader by name. Two queries, and two more for each place where readers stand."""
    newest, reached = log.last_seq(), positions()
    at = {name: min(reached.get(name, 0), newest) for name in names}
    found = {place: _behind(place, newest) if place < newest else Lag(0, 0.0) for place in set(at.values())}
    return {name: found[place] for name, place in at.items()}


def _behind(place: int, newest: int) -> Lag:
    """Rows are counted while they are few; of many, the numbers given out since the oldest tell (some of them were never used)."""
    rows = Activity.objects.filter(seq__gt=place, seq__lte=newest)
    seq, came = rows.order_by("seq").values_list("seq", "received_at").first() or (newest + 1, timezone.now())
    given = newest - seq + 1
    return Lag(given if given > FEW else rows.count(), max((timezone.now() - came).total_seconds(), 0.0))
