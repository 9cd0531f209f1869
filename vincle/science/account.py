"""What an account does and what comes back: when it posts, what a post brings, and how much of that is known.

Rates are means over posts, with the number of posts they rest on. Applause, conversation and amplification a post are the rates of
Kaushik (Web Analytics 2.0, 2010): reactions, answers and shares over posts. Engagement relates all three to those who could have
seen them: their sum over the sum of the followers at each post.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HALF_HOUR, HOUR, DAY = 1800, 3600, 86_400
_95: Final = 1.959964
FEWEST: Final = 10
"""Below so many posts no interval is given: their spread is not known."""


@dataclass(frozen=True)
class Mean:
    """`value` = `total` / `n` with its 95 % interval; None where there is nothing to divide by (or, for `low` and `high`, too little)."""

    total: float = 0.0
    n: float = 0.0
    value: float | None = None
    low: float | None = None
    high: float | None = None


def mean(counts: ArrayLike) -> Mean:
    """The mean of what is known; nan stands for not known. The interval is that of the normal law, never below nothing.

    >>> mean([2, 4, float("nan")]).value, mean([]).value
    (3.0, None)
    """
    known = np.asarray(counts, np.float64)
    known = known[~np.isnan(known)]
    if not known.size:
        return Mean()
    total, value = float(known.sum()), float(known.mean())
    if known.size < FEWEST:
        return Mean(total, known.size, value)
    half = _95 * float(known.std(ddof=1)) / float(np.sqrt(known.size))
    return Mean(total, known.size, value, max(0.0, value - half), value + half)


def ratio(over: float | None, under: float) -> Mean:
    """A plain quotient; without a value where either side is not known.

    >>> ratio(6, 4).value, ratio(None, 4).value, ratio(1, 0).value
    (1.5, None, None)
    """
    return Mean(over or 0.0, under, over / under if over is not None and under else None)


def engagement(responses: ArrayLike, followers: ArrayLike) -> Mean:
    """Responses to posts over the followers there were at each: the share of followers who respond to a post, if each responds once.

    Both 1-D, one entry a post; posts where either is nan, or nobody followed, are left out.

    >>> engagement([10, 30, 5], [1000, 1000, float("nan")]).value
    0.02
    """
    what, whom = np.asarray(responses, np.float64), np.asarray(followers, np.float64)
    known = ~np.isnan(what) & (whom > 0)
    if not known.any():
        return Mean()
    over, under = float(what[known].sum()), float(whom[known].sum())
    value = over / under
    if known.sum() < FEWEST:
        return Mean(over, under, value)
    # The ratio's standard error by linearisation (Cochran, Sampling Techniques, 1977, 6.4).
    rest = what[known] - value * whom[known]
    half = _95 * float(rest.std(ddof=1)) / (float(np.sqrt(known.sum())) * float(whom[known].mean()))
    return Mean(over, under, value, max(0.0, value - half), value + half)


def local(moments: ArrayLike, zone: str) -> Ints:
    """Seconds since 1970 (UTC) as seconds of the clock on the wall of `zone`, with its summer times.

    >>> local([0, 15_552_000], "Europe/Madrid").tolist()
    [3600, 15555600]
    """
    seconds = np.asarray(moments, np.int64)
    # Clocks are set on whole half hours: each half hour is looked up once.
    steps, place = np.unique(seconds // HALF_HOUR, return_inverse=True)
    wall = ZoneInfo(zone)
    offsets = [int((datetime.fromtimestamp(int(step) * HALF_HOUR, wall).utcoffset() or timedelta(0)).total_seconds()) for step in steps]
    return seconds + np.asarray(offsets, np.int64)[place] if seconds.size else seconds


def rhythm(at: Ints) -> Ints:
    """Counts by weekday (row 0 Monday) and hour (24 columns) of moments on the wall clock.

    >>> int(rhythm(np.array([9 * 3600]))[3, 9])  # 1 January 1970 was a Thursday
    1
    """
    weekday, hour = (at // DAY + 3) % 7, at % DAY // HOUR
    return np.bincount(weekday * 24 + hour, minlength=168).reshape(7, 24).astype(np.int64)


def by_day(at: Ints, first: date, last: date, weights: Floats | None = None) -> Floats:
    """How many (or how much: nan weighs nothing) on each day from `first` to `last`.

    >>> by_day(np.array([0, 5, 90_000]), date(1970, 1, 1), date(1970, 1, 3)).tolist()
    [2.0, 1.0, 0.0]
    """
    start, days = _day(first), (last - first).days + 1
    place = at // DAY - start
    inside = (place >= 0) & (place < days)
    heavy = None if weights is None else np.nan_to_num(weights[inside])
    return np.bincount(place[inside], heavy, minlength=days).astype(np.float64)


def by_month(daily: ArrayLike, first: date) -> list[tuple[date, float]]:
    """Days put together to months, as (first day of the month, sum); months without any are there with 0.

    >>> by_month([1, 2, 4], date(2026, 1, 30))
    [(datetime.date(2026, 1, 1), 3.0), (datetime.date(2026, 2, 1), 4.0)]
    """
    found: dict[date, float] = {}
    for place, count in enumerate(np.asarray(daily, np.float64)):
        month = (first + timedelta(days=place)).replace(day=1)
        found[month] = found.get(month, 0.0) + float(count)
    return list(found.items())


def followers_at(at: Ints, known_at: ArrayLike, known: ArrayLike) -> Floats:
    """Followers at each moment: a straight line between two numbers that were told, the nearest one outside them; nan where none is.

    >>> followers_at(np.array([0, 5, 20]), [0, 10], [100, 200]).tolist()
    [100.0, 150.0, 200.0]
    """
    when, count = np.asarray(known_at, np.float64), np.asarray(known, np.float64)
    if not when.size:
        return np.full(at.size, np.nan)
    order = np.argsort(when, kind="stable")
    return np.interp(at.astype(np.float64), when[order], count[order])


def best(score: ArrayLike, most: int) -> list[int]:
    """Places of the highest scores, highest first; of equal ones the earlier place; nan and nothing are never among them.

    >>> best([1, float("nan"), 3, 0, 3], 3)
    [2, 4, 0]
    """
    values = np.nan_to_num(np.asarray(score, np.float64))
    return [int(place) for place in np.argsort(-values, kind="stable")[:most] if values[place] > 0]


def _day(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) // DAY
