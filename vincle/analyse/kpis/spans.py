"""Stretches of time that key figures are told of: calendar months, quarters, years, the last 30 or 90 days. Days are numbers since 1970."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

EPOCH: Final = date(1970, 1, 1)
KINDS: Final = ("month", "quarter", "year", "30", "90")
USUAL: Final = "30"
SHOWN: Final = {"month": 13, "quarter": 9, "year": 5, "30": 13, "90": 9}
"""How many stretches a series shows, this one included."""
A_YEAR: Final = {"month": 12, "quarter": 4}
"""How many stretches make up a season's round."""
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}


def number(day: date) -> int:
    """Days since 1970."""
    return (day - EPOCH).days


def day_of(days: int) -> date:
    return EPOCH + timedelta(days=days)


@dataclass(frozen=True)
class Span:
    """Days from `first` to `last`, both counted. `end`: the last day it will have when it is over; `last` is earlier while it goes on."""

    kind: str
    first: int
    last: int
    end: int

    @property
    def days(self) -> int:
        return self.last - self.first + 1

    @property
    def is_whole(self) -> bool:
        return self.last == self.end

    @property
    def begins(self) -> date:
        return day_of(self.first)

    @property
    def ends(self) -> date:
        return day_of(self.last)

    def earlier(self, steps: int) -> "Span":
        """The whole stretch so many steps before.

        >>> span("month", date(2026, 3, 10), date(2026, 3, 15)).earlier(1).ends
        datetime.date(2026, 2, 28)
        """
        if self.kind not in _MONTHS:
            length = int(self.kind)
            return Span(self.kind, self.first - steps * length, self.end - steps * length, self.end - steps * length)
        return _calendar(self.kind, _months(self.begins) - steps * _MONTHS[self.kind])

    @property
    def before(self) -> "Span":
        """What it is compared with: the stretch before, and of it no more days than this one has had.

        >>> found = span("month", date(2026, 3, 10), date(2026, 3, 15)).before
        >>> found.begins.isoformat(), found.ends.isoformat()
        ('2026-02-01', '2026-02-15')
        """
        whole = self.earlier(1)
        last = whole.last if self.is_whole else min(whole.last, whole.first + self.days - 1)
        return Span(whole.kind, whole.first, last, whole.end)

    @property
    def months(self) -> list[tuple[int, int, float]]:
        """(year, month, share of the month's days that lie within) of each month it touches."""
        found = []
        at = self.begins.replace(day=1)
        while at <= self.ends:
            length = monthrange(at.year, at.month)[1]
            inside = min(self.last, number(at) + length - 1) - max(self.first, number(at)) + 1
            found.append((at.year, at.month, inside / length))
            at = (at + timedelta(days=32)).replace(day=1)
        return found


def span(kind: str, at: date, today: date) -> Span:
    """The stretch that holds `at`, as far as it has gone by today; 30 and 90 days end with it. ValueError for another kind.

    >>> span("quarter", date(2026, 2, 3), date(2026, 11, 21)).ends
    datetime.date(2026, 3, 31)
    """
    if kind not in KINDS:
        raise ValueError(f"a stretch of '{kind}'")
    if kind not in _MONTHS:
        last = number(at)
        return Span(kind, last - int(kind) + 1, last, last)
    found = _calendar(kind, _months(at) // _MONTHS[kind] * _MONTHS[kind])
    return Span(kind, found.first, min(found.last, max(number(today), found.first)), found.end)


def _months(day: date) -> int:
    return day.year * 12 + day.month - 1


def _calendar(kind: str, months: int) -> Span:
    first = date(months // 12, months % 12 + 1, 1)
    after = months + _MONTHS[kind]
    last = number(date(after // 12, after % 12 + 1, 1)) - 1
    return Span(kind, number(first), last, last)
