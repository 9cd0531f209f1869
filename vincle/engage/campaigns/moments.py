"""When each person gets it: at one moment, at the same time of day where they are, or at the hour at which they usually read. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAY: Final = timedelta(days=1)
TRUST: Final = 4.0
"""What one person did weighs as much as what everybody did once they did so many things."""

WAKING: Final = range(8, 22)


def local(moment: datetime, own: ZoneInfo, theirs: ZoneInfo, now: datetime) -> datetime:
    """The same time of day where they are; a day later where that is past by more than an hour already.

    >>> at = datetime(2026, 5, 4, 8, tzinfo=UTC)   # ten in Madrid
    >>> local(at, ZoneInfo("Europe/Madrid"), ZoneInfo("America/New_York"), at).isoformat()
    '2026-05-04T14:00:00+00:00'
    """
    wall = moment.astimezone(own).replace(tzinfo=None)
    found = wall.replace(tzinfo=theirs).astimezone(UTC)
    while found < now - timedelta(hours=1):
        wall += DAY
        found = wall.replace(tzinfo=theirs).astimezone(UTC)
    return max(found, now)


def at_hour(moment: datetime, own: ZoneInfo, theirs: ZoneInfo, hour: int, now: datetime) -> datetime:
    """On the day of `moment` in our zone, at a full hour where they are; a day later where that is past."""
    day = moment.astimezone(own).replace(tzinfo=None, hour=hour, minute=0, second=0, microsecond=0)
    return local(day.replace(tzinfo=own), own, theirs, now)


def best_hour(theirs: Sequence[int], everybody: Mapping[int, int]) -> int:
    """The hour of the day at which someone most likely reads: their own acts by hour, drawn towards everybody's.

    >>> best_hour([], {9: 5, 18: 9}), best_hour([7, 7], {}), best_hour([20] * 6, {9: 500, 20: 100}), best_hour([], {})
    (18, 8, 20, 10)
    """
    whole = sum(everybody.get(hour, 0) for hour in WAKING)
    if not whole and not any(hour in WAKING for hour in theirs):
        return min(WAKING, key=lambda hour: abs(hour - theirs[0])) if theirs else 10
    usual = {hour: everybody.get(hour, 0) / whole if whole else 1 / len(WAKING) for hour in WAKING}
    return max(WAKING, key=lambda hour: (theirs.count(hour) + TRUST * usual[hour], -hour))
