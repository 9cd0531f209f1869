"""The figures of the Pulse page: read once, turned into tiles, charts and sentences, each with the address behind it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.organise.scores.ladder import WINDOW

from . import wording
from .choice import Choice
from .expected import WEEKS, Band, Outlier, bands, outliers
from .measure import Rows, measure
from .metrics.base import EPOCH, Period
from .metrics.people_by_window import windowed

ALL_TIME = Period(date(1970, 1, 2), date(2199, 12, 31))
EARLIER = 4
DRAWN = 28


@dataclass(frozen=True)
class Revenue:
    """What one currency brought: purchases, money less refunds, and of it what known people brought, with the period before."""

    currency: str
    purchases: int
    amount: Decimal
    known: Decimal
    known_before: Decimal
    by_day: tuple[float, ...]


class Figures:
    """What the page says of one workspace and one choice of days and channel."""

    def __init__(self, workspace: Workspace, choice: Choice, oldest: datetime) -> None:
        self.workspace, self.choice, self.period = workspace, choice, choice.period
        self.began = oldest.astimezone(ZoneInfo(self.period.zone)).date()
        self.first, self.length = _number(self.period.first), self.period.days

    @cached_property
    def days(self) -> list[date]:
        return wording.days_of(self.period.first, self.length)

    @cached_property
    def _cube(self) -> Rows:
        return measure(self.workspace, "activities", self.period.reaching(max(7 * WEEKS + max(0, DRAWN - self.length), self.length)))

    @cached_property
    def by_day(self) -> Counter[int]:
        """Activities by day number, eight weeks and one period back."""
        counts: Counter[int] = Counter()
        for day, _channel, _verb, _kind, n in self._cube:
            counts[day] += n
        return counts

    @cached_property
    def drawn(self) -> list[date]:
        """Days of the chart: the period, and before a short one what makes up four weeks, as far as the data reach."""
        more = min(max(0, DRAWN - self.length), max(0, (self.period.first - self.began).days))
        return wording.days_of(self.period.first - timedelta(days=more), self.length + more)

    @cached_property
    def drawn_daily(self) -> list[int]:
        return [self.by_day[_number(day)] for day in self.drawn]

    @cached_property
    def drawn_bands(self) -> list[Band | None]:
        return bands(self.by_day, [_number(day) for day in self.drawn], _number(self.began))

    @cached_property
    def daily(self) -> list[int]:
        return [self.by_day[_number(day)] for day in self.days]

    @property
    def activities(self) -> int:
        return sum(self.daily)

    @property
    def activities_before(self) -> int | None:
        """Activities of the period before; None when the data do not reach so far."""
        return sum(self.by_day[day] for day in range(self.first - self.length, self.first)) if self.reaches(1) else None

    def reaches(self, periods: int) -> bool:
        """Whether the data reach so many whole periods further back."""
        return self.began <= self.period.first - timedelta(days=periods * self.length)

    @cached_property
    def outliers(self) -> list[Outlier]:
        """Days of the chart that stand out, most of all first; places among the days drawn."""
        return outliers(self.drawn_daily, self.drawn_bands, len(self.drawn) - (1 if self.choice.ends_today else 0))

    @property
    def outlier(self) -> Outlier | None:
        """The day that stands out most of the period; its place among the days of the period."""
        first = len(self.drawn) - self.length
        return next((replace(each, place=each.place - first) for each in self.outliers if each.place >= first), None)

    def _split(self, name_of: Any, back: bool = False) -> Counter[Any]:
        first = self.first - self.length if back else self.first
        counts: Counter[Any] = Counter()
        for day, channel, verb, kind, n in self._cube:
            if first <= day < first + self.length:
                counts[name_of(channel, verb, kind)] += n
        return counts

    @cached_property
    def by_channel(self) -> Counter[str]:
        return self._split(lambda channel, verb, kind: channel)

    @cached_property
    def by_kind(self) -> list[tuple[str, str, int]]:
        """(verb, kind, how many), most first."""
        counts = self._split(lambda channel, verb, kind: (verb, kind))
        return [(verb, kind, n) for (verb, kind), n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]

    @cached_property
    def change(self) -> wording.Change:
        """What differs from the period before, and the channel or kind that makes up most of it."""
        total, earlier = self.activities - (self.activities_before or 0), self.activities_before or 0
        found = [
            wording.explained(self._split(name_of), self._split(name_of, back=True))
            for name_of in (_channel_name, _kind_name)
            if not (self.period.channel and name_of is _channel_name)
        ]
        name, part = max(found, key=lambda each: abs(each[1]))
        return wording.Change(total, earlier, name, part) if total and part / total >= 0.5 else wording.Change(total, earlier)

    @property
    def _earlier(self) -> int:
        """How many periods before are looked at: four, of long ones one."""
        return EARLIER if self.length <= 31 else 1

    @cached_property
    def _windows(self) -> dict[int, int]:
        rows = measure(self.workspace, windowed(self.length), self.period.reaching(self._earlier * self.length))
        return {window: people for window, people, _ in rows}

    @property
    def people(self) -> int:
        return self._windows.get(0, 0)

    @property
    def people_before(self) -> int | None:
        return self._windows.get(1, 0) if self.reaches(1) else None

    @property
    def people_earlier(self) -> list[int]:
        """People of the earlier periods that lie wholly in the data; a week is usual only against two or more."""
        known = [self._windows.get(window, 0) for window in range(1, self._earlier + 1) if self.reaches(window)]
        return known if len(known) >= 2 else []

    @cached_property
    def people_by_day(self) -> list[int]:
        return self._daily(measure(self.workspace, "people_by_day", self.period))

    @cached_property
    def new_people(self) -> list[int]:
        return self._daily(measure(self.workspace, "new_people", self._everywhere))

    @property
    def _everywhere(self) -> Period:
        return Period(self.period.first, self.period.last, self.period.zone)

    def _daily(self, rows: Rows) -> list[int]:
        found = {row[0]: row[1] for row in rows}
        return [found.get(_number(day), 0) for day in self.days]

    @cached_property
    def rhythm(self) -> dict[tuple[int, int], int]:
        return {(weekday, hour): n for weekday, hour, n in measure(self.workspace, "rhythm", self.period)}

    @cached_property
    def top(self) -> Rows:
        return measure(self.workspace, "top_authors", self.period)

    @cached_property
    def ladder(self) -> dict[str, int]:
        return self._ladder(self.period.last)

    @cached_property
    def ladder_before(self) -> dict[str, int] | None:
        last = self.period.last - timedelta(days=self.length)
        return self._ladder(last) if self.began <= last - WINDOW else None

    def _ladder(self, last: date) -> dict[str, int]:
        """Rungs over the window that ends with this day. The one that ends now begins where the people's own stages do."""
        begins = None
        if last >= self.choice.today:
            begins = timezone.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0) - WINDOW
        window = Period(last - WINDOW + timedelta(days=0 if begins else 1), last, self.period.zone, begins=begins)
        return dict(measure(self.workspace, "ladder", window))

    @cached_property
    def revenue(self) -> list[Revenue]:
        """By currency, the workspace's own first, then the largest."""
        rows = measure(self.workspace, "purchases", self.period.reaching(self.length))
        found = [self._revenue(currency, [row for row in rows if row[1] == currency]) for currency in sorted({row[1] for row in rows})]
        return sorted(
            (each for each in found if each.purchases or each.amount),
            key=lambda each: (each.currency != self.workspace.currency, -each.purchases),
        )

    def _revenue(self, currency: str, rows: Rows) -> Revenue:
        now, then = [row for row in rows if row[0] >= self.first], [row for row in rows if row[0] < self.first]
        by_day = {row[0]: float(row[4]) for row in now}
        return Revenue(
            currency,
            sum(row[2] for row in now),
            _sum(row[3] for row in now),
            _sum(row[4] for row in now),
            _sum(row[4] for row in then),
            tuple(by_day.get(_number(day), 0.0) for day in self.days),
        )


def span(workspace: Workspace) -> tuple[datetime, datetime] | None:
    """When others first and last did something; None when they never did. Looks only into the months at both ends."""
    months = sorted(month for month, _n in measure(workspace, "months", ALL_TIME))
    first = next((found for month in months if (found := _span_of(workspace, month))), None)
    last = next((found for month in reversed(months) if (found := _span_of(workspace, month))), None)
    return (first[0], last[1]) if first and last else None


def _span_of(workspace: Workspace, month: str) -> tuple[datetime, datetime] | None:
    first = date.fromisoformat(f"{month}-01")
    whole = Period(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    ((oldest, newest),) = measure(workspace, "span", whole)
    return None if oldest is None else (datetime.fromtimestamp(oldest, UTC), datetime.fromtimestamp(newest, UTC))


def _number(day: date) -> int:
    return (day - EPOCH).days


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def _channel_name(channel: str, verb: str, kind: str) -> str:
    return wording.mark_of(channel)[1]


def _kind_name(channel: str, verb: str, kind: str) -> str:
    return wording.kind_name(verb, kind)
