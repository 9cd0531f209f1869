"""Which days a report is about, and when it is due. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def days_of(days: str, end: date) -> tuple[date, date]:
    """First and last day. `days`: a number of days that end with `end`, or "month": the last one that is over at `end`.

    >>> days_of("7", date(2026, 11, 21))
    (datetime.date(2026, 11, 15), datetime.date(2026, 11, 21))
    >>> days_of("month", date(2026, 11, 21)), days_of("month", date(2026, 11, 30))[0]
    ((datetime.date(2026, 10, 1), datetime.date(2026, 10, 31)), datetime.date(2026, 11, 1))
    """
    if days == "month":
        last = (end + timedelta(days=1)).replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last
    return end - timedelta(days=int(days) - 1), end


@dataclass(frozen=True)
class Rhythm:
    """`schedule`: daily, weekly (on `weekday`, 1 Monday … 7 Sunday) or monthly (on the first); at `hour` as clocks in `zone` show it."""

    schedule: str
    weekday: int
    hour: int
    zone: str

    def _is_on(self, day: date) -> bool:
        return {"daily": True, "weekly": day.isoweekday() == self.weekday, "monthly": day.day == 1}[self.schedule]

    def _moment(self, day: date) -> datetime:
        """An hour that the clocks leave out is the one after; of an hour that comes twice, the first."""
        return datetime.combine(day, time(self.hour), ZoneInfo(self.zone)).astimezone(UTC)

    def after(self, moment: datetime) -> datetime:
        """The first time that it is due after `moment`, in UTC.

        >>> Rhythm("daily", 1, 2, "Europe/Madrid").after(datetime(2026, 3, 28, 12, tzinfo=UTC))
        datetime.datetime(2026, 3, 29, 1, 0, tzinfo=datetime.timezone.utc)
        """
        day = moment.astimezone(ZoneInfo(self.zone)).date()
        while not (self._is_on(day) and self._moment(day) > moment):
            day += timedelta(days=1)
        return self._moment(day)

    def latest(self, due: datetime, now: datetime) -> datetime:
        """Of all the times it was due from `due` to `now`, the last: what was missed while nobody worked is told once."""
        found = due
        while (following := self.after(found)) <= now:
            found = following
        return found
