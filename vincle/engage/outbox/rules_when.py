"""Quiet hours where someone lives, and how long until the next message. Pure."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

DAY: Final = timedelta(days=1)
_STEPS: Final = 200
_FALLBACK: Final = 4


class Quiet(NamedTuple):
    """No messages from `start` to `end` (over midnight, where `end` is earlier), and none on these weekdays (Monday is 0)."""

    start: time | None = None
    end: time | None = None
    days: frozenset[int] = frozenset()

    @property
    def is_set(self) -> bool:
        return bool(self.days) or (self.start is not None and self.end is not None and self.start != self.end)


@cache
def zone(name: str) -> ZoneInfo | None:
    """None for a name there is no such zone of.

    >>> zone("Europe/Madrid"), zone("Mars/Olympus"), zone("../etc/passwd")
    (zoneinfo.ZoneInfo(key='Europe/Madrid'), None, None)
    """
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


@cache
def _countries() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    text = (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            country, _place, name = line.split("\t")[:3]
            found.setdefault(country, []).append(name)
    return {country: tuple(names) for country, names in found.items()}


@cache
def zones(name: str, country: str, otherwise: str) -> tuple[ZoneInfo, ...]:
    """Where someone may be: their own zone, else all those of their country, else the workspace's.

    >>> [each.key for each in zones("", "PT", "UTC")], [each.key for each in zones("Asia/Tokyo", "PT", "UTC")]
    (['Europe/Lisbon', 'Atlantic/Madeira', 'Atlantic/Azores'], ['Asia/Tokyo'])
    """
    own = zone(name)
    if own:
        return (own,)
    there = tuple(found for each in _countries().get(country.upper(), ()) if (found := zone(each)))
    return there or (zone(otherwise) or ZoneInfo("UTC"),)


def quiet_until(now: datetime, quiet: Quiet, places: Sequence[ZoneInfo]) -> datetime | None:
    """When it is nowhere quiet any more; None when it is not now. In countries so wide that this never comes, the first zone's hours hold.

    >>> night, madrid = Quiet(time(21), time(9)), (ZoneInfo("Europe/Madrid"),)
    >>> quiet_until(datetime(2026, 1, 5, 23, tzinfo=UTC), night, madrid)
    datetime.datetime(2026, 1, 6, 8, 0, tzinfo=datetime.timezone.utc)
    >>> quiet_until(datetime(2026, 1, 5, 12, tzinfo=UTC), night, madrid) is None
    True
    """
    if not quiet.is_set:
        return None
    if len(places) == 1:
        return _next(now, quiet, places)
    return _next(now, quiet, places, now + DAY * _FALLBACK) or _next(now, quiet, places[:1])


def _next(now: datetime, quiet: Quiet, places: Sequence[ZoneInfo], at_most: datetime | None = None) -> datetime | None:
    moment = now
    for _step in range(_STEPS):
        ends = [end for place in places if (end := _ends(moment, quiet, place)) is not None]
        if not ends:
            return moment if moment > now else None
        moment = max(ends)
        if at_most is not None and moment > at_most:
            return None
    return moment


def _ends(now: datetime, quiet: Quiet, place: ZoneInfo) -> datetime | None:
    """The end of the quiet time that this moment lies in, there; None when it lies in none. A day without any ends at midnight."""
    local = now.astimezone(place)
    if local.weekday() in quiet.days:
        return _at(local, time(0), place, 1)
    if quiet.start is None or quiet.end is None or quiet.start == quiet.end:
        return None
    clock = local.time()
    if quiet.start < quiet.end:
        return _at(local, quiet.end, place, 0) if quiet.start <= clock < quiet.end else None
    if clock >= quiet.start:
        return _at(local, quiet.end, place, 1)
    return _at(local, quiet.end, place, 0) if clock < quiet.end else None


def _at(local: datetime, clock: time, place: ZoneInfo, days: int) -> datetime:
    """A time of day there, as a moment; in an hour that is skipped in spring, the moment that hour would have begun."""
    wanted = datetime.combine(local.date() + timedelta(days=days), clock, place)
    found = wanted.astimezone(UTC)
    return found if found > local.astimezone(UTC) else wanted.replace(fold=1).astimezone(UTC)


def free_after(sent: Iterable[datetime], most: int, days: int, now: datetime) -> datetime | None:
    """When one more is within `most` in `days` days; None when it is now.

    >>> at = datetime(2026, 1, 5, tzinfo=UTC)
    >>> free_after([at, at - timedelta(days=2)], 2, 7, at) == at + timedelta(days=5), free_after([at], 2, 7, at) is None
    (True, True)
    """
    if most < 1:
        return now + timedelta(days=days)
    recent = sorted((each for each in sent if each > now - timedelta(days=days)), reverse=True)
    return recent[most - 1] + timedelta(days=days) if len(recent) >= most else None
