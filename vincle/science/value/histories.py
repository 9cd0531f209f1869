"""Purchases as what the models need of them: how often each customer bought again, when last, and for how long we have watched.

Times run from a customer's own first purchase, in a unit of one's choice (a week is usual). Purchases of one day count once.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MIXERS: Final = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
FEW: Final = 50_000
ROOM: Final = 1 << 24
STEPS: Final = (1.0, 7.0, 30.4375, 365.25, 100.0)
"""How finely times may be cut: into days of a week, a month, a year, or hundredths."""


@dataclass(frozen=True, eq=False)
class Histories:
    """`x`: purchases after the first; `t_x`: time of the last, 0 where x = 0; `T`: time watched; all [k], float64. `count`: how many
    customers each row stands for, one by default.

    ValueError unless x is whole and 0 <= t_x <= T, with t_x = 0 just where x = 0.
    """

    x: Floats
    t_x: Floats
    T: Floats
    count: Floats | None = None

    def __post_init__(self) -> None:
        for name in ("x", "t_x", "T", "count"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), np.float64))
        x, t_x, watched, count = self.x, self.t_x, self.T, self.count
        if x.ndim != 1 or not x.shape == t_x.shape == watched.shape or (count is not None and count.shape != x.shape):
            raise ValueError("x, t_x and T are of one length")
        if x.size and not (np.isfinite(x).all() and np.isfinite(watched).all() and (x >= 0).all() and (x == np.floor(x)).all()):
            raise ValueError("x is a whole number of purchases, T a finite time")
        if not ((t_x >= 0) & (t_x <= watched)).all() or not ((t_x > 0) == (x > 0)).all():
            raise ValueError("t_x lies between 0 and T, and is 0 just where nothing was bought again")
        if count is not None and not ((count > 0) & np.isfinite(count)).all():
            raise ValueError("each row stands for some customers")

    def __len__(self) -> int:
        return int(self.x.size)

    @property
    def counts(self) -> Floats:
        """How many customers each row stands for: [k]."""
        return np.ones(self.x.size) if self.count is None else self.count

    @property
    def customers(self) -> int:
        return round(float(self.counts.sum()))

    def grouped(self) -> "Histories":
        """Equal rows as one, which changes no likelihood."""
        return self.groups()[0]

    def groups(self) -> tuple["Histories", Ints]:
        """(equal rows as one, the place of each row [k] among them)."""
        if (found := _on_days(self)) is not None:
            return found
        first, place = same_rows(self.x, self.t_x, self.T)
        count = np.bincount(place, self.counts, first.size).astype(np.float64)
        return Histories(self.x[first], self.t_x[first], self.T[first], count), place


def _on_days(h: Histories) -> tuple[Histories, Ints] | None:
    """`groups` by counting instead of sorting, where times are whole days (or the like) and few enough; else None."""
    if h.x.size < FEW:
        return None
    wholes = [_whole(h.t_x), _whole(h.T)]
    if wholes[0] is None or wholes[1] is None:
        return None
    (last, by), (watched, per) = wholes[0], wholes[1]
    low, size = int(watched.min()), (int(h.x.max()) + 1, int(last.max()) + 1, int(np.ptp(watched)) + 1)
    if size[0] * size[1] * size[2] > ROOM:
        return None
    code = (h.x.astype(np.int64) * size[1] + last) * size[2] + (watched - low)
    counts = np.bincount(code, h.count)
    kinds = np.flatnonzero(counts)
    place = np.empty(counts.size, np.int64)
    place[kinds] = np.arange(kinds.size)
    x, rest = np.divmod(kinds, size[1] * size[2])
    found = Histories(x.astype(np.float64), rest // size[2] / by, (rest % size[2] + low) / per, counts[kinds].astype(np.float64))
    return found, place[code]


def _whole(times: Floats) -> tuple[Ints, float] | None:
    """(times as whole numbers, of which so many make a unit)."""
    for per in STEPS:
        whole = np.rint(times * per)
        if whole[-1] / per == times[-1] and (whole / per == times).all():
            return whole.astype(np.int64), per
    return None


def same_rows(*columns: Floats) -> tuple[Ints, Ints]:
    """(a row of each kind [g], the kind of each row [k]): by a hash of its numbers, and by sorting them should two kinds share one."""
    mixed = np.zeros(columns[0].size, np.uint64)
    for column, mixer in zip(columns, np.resize(MIXERS, len(columns)), strict=True):
        mixed = (mixed ^ (column + 0.0).view(np.uint64)) * mixer
        mixed ^= mixed >> np.uint64(29)
    _, first, place = np.unique(mixed, return_index=True, return_inverse=True)
    if not all((column[first][place] == column).all() for column in columns):
        _, first, place = np.unique(np.column_stack(columns), axis=0, return_index=True, return_inverse=True)
    return first.astype(np.int64), place.reshape(-1).astype(np.int64)


class Observed(NamedTuple):
    """One row a customer, in the order of `ids` (sorted).

    `mean_spend`: average of the days on which was bought again, refunds taken off, in the money of the amounts; nan where there is none.
    `spends`: how many days it is the average of. `first_day`: of the first purchase, in days as they came; `first_spend`: what was spent
    on it, nan where that is not known.
    """

    ids: NDArray[np.generic]
    histories: Histories
    mean_spend: Floats
    spends: Floats
    first_day: Floats
    first_spend: Floats


def of_purchases(
    who: ArrayLike, at_days: ArrayLike, amounts: ArrayLike | None = None, *, unit_days: float = 7.0, end_days: float | None = None
) -> Observed:
    """Purchases as they were made, in any order: `who` [n] numbers or texts, `at_days` [n] in days since any day, `amounts` [n] money.

    Days are cut to whole ones; those after `end_days` (the last of all by default) are not looked at. An amount below 0 is a refund: no
    purchase, but less spent, on the day last bought before it. A day on which no more is left than was given back stays a purchase
    whose spend does not count. nan: a purchase of which no amount is known.
    """
    day = np.floor(np.asarray(at_days, np.float64))
    end = float(np.floor(day.max() if end_days is None and day.size else end_days or 0.0))
    money = np.full(day.size, np.nan) if amounts is None else np.asarray(amounts, np.float64)
    inside = day <= end
    ids, place = np.unique(np.asarray(who)[inside], return_inverse=True)
    day, money, place = day[inside], money[inside], place.reshape(-1)
    bought = ~(money < 0)
    owner, when, spent = _days(place[bought], day[bought], money[bought])
    spent = _less(spent, owner, when, place[~bought], day[~bought], money[~bought])
    return _told(ids, owner, when, spent, unit_days, end)


def _days(place: Ints, day: Floats, money: Floats) -> tuple[Ints, Floats, Floats]:
    """Purchases of one customer and day as one, in the order of customers and days."""
    order = np.lexsort((day, place))
    place, day, money = place[order], day[order], money[order]
    starts = np.flatnonzero(np.r_[True, (np.diff(place) != 0) | (np.diff(day) != 0)]) if place.size else np.zeros(0, np.int64)
    known = np.add.reduceat(np.where(np.isnan(money), 0.0, money), starts) if place.size else np.zeros(0)
    told = np.add.reduceat((~np.isnan(money)).astype(np.float64), starts) if place.size else np.zeros(0)
    return place[starts], day[starts], np.where(told > 0, known, np.nan)


def _less(spent: Floats, owner: Ints, when: Floats, place: Ints, day: Floats, money: Floats) -> Floats:
    """Refunds taken off the day bought last before them; those of what was bought before we looked touch nothing."""
    if not place.size or not owner.size:
        return spent
    low = float(min(when.min(), day.min()))
    span = float(max(when.max(), day.max())) - low + 1
    at = np.searchsorted(owner * span + (when - low), place * span + (day - low), "right") - 1
    fits = (at >= 0) & (owner[at] == place)
    return spent + np.bincount(at[fits], money[fits], spent.size)


def _told(ids: NDArray[np.generic], owner: Ints, when: Floats, spent: Floats, unit_days: float, end: float) -> Observed:
    starts = np.flatnonzero(np.r_[True, np.diff(owner) != 0]) if owner.size else np.zeros(0, np.int64)
    days = np.diff(np.r_[starts, owner.size])
    again = np.ones(owner.size, bool)
    again[starts] = False
    kind = np.cumsum(~again) - 1
    counts = again & (spent > 0)
    spends = np.bincount(kind[counts], minlength=starts.size).astype(np.float64)
    total = np.bincount(kind[counts], spent[counts], starts.size)
    mean = np.divide(total, spends, out=np.full(starts.size, np.nan), where=spends > 0)
    first, last = when[starts], when[starts + days - 1] if starts.size else when[:0]
    histories = Histories((days - 1).astype(np.float64), (last - first) / unit_days, (end - first) / unit_days)
    return Observed(ids[owner[starts]], histories, mean, spends, first, spent[starts])
