"""When an address whose mails come back softly is given up. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple


class Back(NamedTuple):
    """One mail to an address: when it came back, whether for good, and the last sign that it arrived (delivered, opened, answered)."""

    at: datetime | None
    is_hard: bool = False
    arrived: datetime | None = None


def is_enough(mails: Iterable[Back], most: int, within: timedelta) -> bool:
    """Whether `most` mails came back softly in a row within a time, the last of them among them; `most` 0: never.

    One mail that arrives meanwhile begins the count anew; an address that is barred already is not counted once more.

    >>> from datetime import UTC
    >>> day = lambda number: datetime(2026, 1, number, tzinfo=UTC)
    >>> twice = [Back(day(1)), Back(day(9))]
    >>> is_enough(twice, 2, timedelta(30)), is_enough(twice, 2, timedelta(5))
    (True, False)
    >>> is_enough([*twice, Back(None, arrived=day(5))], 2, timedelta(30))
    False
    """
    known = list(mails)
    if not most or any(each.is_hard for each in known):
        return False
    came = sorted(each.at for each in known if each.at)
    arrived = max((each.arrived for each in known if each.arrived), default=None)
    counted = [at for at in came if at > came[-1] - within and (arrived is None or at > arrived)]
    return len(counted) >= most
