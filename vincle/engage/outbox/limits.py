"""The top rate that the team itself sets for a connection, an hour and a day: a new domain or mailbox is warmed up. Pure.

What left is counted by ten minutes, and a part of ten minutes that lies within the hour or day counts whole: no more leaves than was said.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

SLICE: Final = 600
HOUR, DAY = 3_600, 86_400
Gone = Sequence[Sequence[int]]
"""[(number of the ten minutes since 1970, how many left in them), ...]"""


def added(gone: Gone, count: int, now: datetime) -> list[list[int]]:
    """With `count` more that just left; what is older than a day is dropped.

    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> within(added(added([], 3, at), 4, at), HOUR, at)
    7
    """
    slices = {int(number): int(many) for number, many in gone if (int(number) + 1) * SLICE > now.timestamp() - DAY}
    current = int(now.timestamp()) // SLICE
    slices[current] = slices.get(current, 0) + count
    return [[number, many] for number, many in sorted(slices.items())]


def within(gone: Gone, seconds: int, now: datetime) -> int:
    """How many left in the last so many seconds."""
    return sum(many for number, many in gone if (number + 1) * SLICE > now.timestamp() - seconds)


def room(gone: Gone, per_hour: int | None, per_day: int | None, under_way: int, now: datetime) -> int | None:
    """How many more may leave now; None: there is no limit."""
    rooms = [most - within(gone, seconds, now) - under_way for most, seconds in _set(per_hour, per_day)]
    return max(0, min(rooms)) if rooms else None


def again(gone: Gone, per_hour: int | None, per_day: int | None, now: datetime) -> datetime:
    """The first moment at which one more may leave."""
    return max([now, *(_free(gone, most, seconds, now) for most, seconds in _set(per_hour, per_day))])


def _set(per_hour: int | None, per_day: int | None) -> list[tuple[int, int]]:
    return [(most, seconds) for most, seconds in ((per_hour, HOUR), (per_day, DAY)) if most]


def _free(gone: Gone, most: int, seconds: int, now: datetime) -> datetime:
    left = within(gone, seconds, now)
    for number, many in sorted((int(number), int(many)) for number, many in gone):
        ends = (number + 1) * SLICE + seconds
        if left < most:
            break
        if ends > now.timestamp():
            left -= many
            if left < most:
                return datetime.fromtimestamp(ends, UTC)
    return now
