"""What happens to the brand in the time told: a crisis week, a Christmas campaign, newsletters, and the hours people keep."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from .kinds import CHRISTMAS, DAY, DELIVERY, EMAIL, FACEBOOK, HOUR, INSTAGRAM, MASTODON, REVIEWS, SHOP, SURVEY, TOPICS, WEB, micros

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ZONE = ZoneInfo("Europe/Madrid")

# Shares of the week, Monday first, and of the day, by the hour of local time.
_WEEK = {
    SHOP: (15, 14, 13, 13, 13, 14, 18), EMAIL: (19, 18, 17, 17, 15, 7, 7), WEB: (14, 14, 14, 14, 13, 14, 17),
    INSTAGRAM: (12, 12, 13, 13, 14, 18, 18), FACEBOOK: (13, 13, 14, 14, 14, 15, 17),
    MASTODON: (16, 16, 16, 16, 15, 11, 10), REVIEWS: (12, 10, 10, 11, 13, 22, 22),
    SURVEY: (18, 18, 17, 16, 14, 8, 9),
}  # fmt: skip
_DAY = {
    SHOP: (1, 1, 0, 0, 0, 0, 1, 2, 4, 5, 6, 6, 5, 5, 4, 4, 4, 5, 6, 8, 10, 11, 8, 4),
    EMAIL: (0, 0, 0, 0, 0, 1, 2, 5, 9, 11, 10, 9, 7, 5, 5, 7, 7, 6, 4, 3, 3, 3, 2, 1),
    WEB: (1, 1, 0, 0, 0, 0, 1, 3, 5, 6, 6, 6, 5, 5, 5, 5, 5, 5, 6, 7, 8, 9, 7, 4),
    INSTAGRAM: (2, 1, 0, 0, 0, 0, 1, 4, 6, 5, 4, 4, 5, 6, 6, 4, 4, 5, 6, 8, 10, 11, 9, 5),
    FACEBOOK: (1, 0, 0, 0, 0, 1, 2, 5, 7, 7, 6, 5, 5, 6, 6, 5, 4, 4, 5, 6, 8, 8, 6, 3),
    MASTODON: (3, 2, 1, 0, 0, 0, 1, 3, 6, 7, 6, 5, 5, 6, 5, 4, 4, 5, 5, 6, 7, 8, 7, 4),
    REVIEWS: (1, 0, 0, 0, 0, 0, 0, 1, 3, 6, 8, 9, 7, 6, 7, 7, 8, 9, 8, 6, 5, 4, 3, 2),
    SURVEY: (0, 0, 0, 0, 0, 0, 1, 4, 9, 11, 10, 8, 6, 5, 5, 6, 6, 5, 4, 4, 5, 5, 4, 2),
}
_TOPICS = {  # in the order of TOPICS; what is spoken of in ordinary weeks
    INSTAGRAM: (24, 4, 8, 7, 9, 12, 5, 6, 0, 7, 6, 12), FACEBOOK: (16, 8, 10, 12, 7, 10, 6, 11, 0, 8, 4, 8),
    MASTODON: (22, 6, 6, 9, 13, 8, 7, 5, 0, 5, 9, 10), EMAIL: (10, 20, 4, 6, 2, 15, 22, 6, 0, 1, 1, 13),
    REVIEWS: (18, 4, 22, 10, 8, 8, 1, 6, 0, 14, 8, 1), SURVEY: (20, 14, 14, 12, 5, 8, 12, 3, 0, 4, 2, 6),
}  # fmt: skip


@dataclass(frozen=True)
class Calendar:
    """The time told, in microseconds since 1970 (UTC): its bounds, the stories in it, and the local clock of each of its hours."""

    start: int
    until: int
    crisis: tuple[int, int]
    recovered: int
    campaign: tuple[int, int]
    season: tuple[tuple[int, int], ...]
    weekday: Ints
    hour: Ints

    def in_crisis(self, at: Ints) -> NDArray[np.bool_]:
        return (at >= self.crisis[0]) & (at < self.crisis[1])

    def in_recovery(self, at: Ints) -> NDArray[np.bool_]:
        return (at >= self.crisis[1]) & (at < self.recovered)

    def in_season(self, at: Ints) -> NDArray[np.bool_]:
        """Weeks in which people speak of the Christmas blend."""
        found = np.zeros(len(at), bool)
        for begin, end in self.season:
            found |= (at >= begin) & (at < end)
        return found


def calendar(months: int, until: datetime) -> Calendar:
    """Lay the stories into the `months` that end at `until`."""
    end = until.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    begin = end - timedelta(days=round(30.4375 * months))
    span = end - begin
    monday = (end - span * 0.22).replace(hour=0)
    crisis = monday - timedelta(days=monday.weekday())
    return Calendar(
        start=micros(begin), until=micros(end), crisis=(micros(crisis), micros(crisis + timedelta(days=7))),
        recovered=micros(crisis + timedelta(days=21)), campaign=_campaign(begin, end),
        season=tuple(_season(year) for year in range(begin.year - 1, end.year + 1)), **_clock(begin, end),
    )  # fmt: skip


def _campaign(begin: datetime, end: datetime) -> tuple[int, int]:
    """From a Thursday at the end of November when there is one to tell of, else in the middle: three weeks or a sixth of the time told."""
    length = min(timedelta(days=21), (end - begin) / 6)
    for year in range(end.year, begin.year - 1, -1):
        first = datetime(year, 11, 22, 9, tzinfo=UTC)
        first += timedelta(days=(3 - first.weekday()) % 7)
        if begin + timedelta(days=3) <= first <= end - length:
            return micros(first), micros(first + length)
    middle = begin + (end - begin) * 0.45
    return micros(middle), micros(middle + length)


def _season(year: int) -> tuple[int, int]:
    return micros(datetime(year, 11, 14, tzinfo=UTC)), micros(datetime(year + 1, 1, 7, tzinfo=UTC))


def _clock(begin: datetime, end: datetime) -> dict[str, Ints]:
    hours = int((end - begin) / timedelta(hours=1))
    local = [(begin + timedelta(hours=passed)).astimezone(ZONE) for passed in range(hours)]
    return {"weekday": np.array([moment.weekday() for moment in local]), "hour": np.array([moment.hour for moment in local])}


def rhythm(told: Calendar, channel: int, *, spoken: bool = False) -> Floats:
    """How much happens in each hour told on a channel, relative to the others: hour, weekday, month; the crisis where people speak."""
    level: Floats = np.array(_WEEK[channel], float)[told.weekday] * np.array(_DAY[channel], float)[told.hour]
    at = told.start + np.arange(len(level)) * HOUR
    level *= np.interp(at, [told.start, told.until], [0.85, 1.15])
    level[told.in_season(at)] *= 1.35
    month = (at // DAY / 365.2425 + 1970) % 1 * 12
    level[(month >= 7) & (month < 8)] *= 0.6
    if spoken:
        level[told.in_crisis(at)] *= 2.6
        level[told.in_recovery(at)] *= 1.3
    return level


def topics(told: Calendar, at: Ints, channel: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """What each text is about."""
    chosen = np.zeros(len(at), np.uint8)
    for place, shares in _TOPICS.items():
        here = channel == place
        weight = np.array(shares, float)
        chosen[here] = random.choice(len(TOPICS), int(here.sum()), p=weight / weight.sum())
    dice = random.random(len(at))
    chosen[told.in_season(at) & (dice < 0.22)] = CHRISTMAS
    chosen[told.in_crisis(at) & (dice < 0.68)] = DELIVERY
    chosen[told.in_recovery(at) & (dice < 0.25)] = DELIVERY
    return chosen


def business_hours(told: Calendar, at: Ints) -> Ints:
    """Moments moved to when the team is at work: from eight to eight by the clock of the café. What waited is done by noon."""
    waited = at
    for _ in range(2):  # the second look mends what the end of summer time shifted
        hour = told.hour[np.clip((at - told.start) // HOUR, 0, len(told.hour) - 1)]
        at = at + np.where(hour < 8, 8 - hour, np.where(hour >= 20, 32 - hour, 0)) * HOUR
    return at + np.where(at > waited, at % 9973 * (3 * HOUR // 9973), 0)
