"""Where there is too little for a model: averages of customers alike, with wide intervals.

Customers are alike who bought again equally often (not, once, 2 or 3 times, more). Each cell's rate is drawn towards that of everybody, as
if a few more had been seen; its interval allows for how much customers differ and for how few it is learnt from.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc

from .histories import Floats, Histories
from .law import Rows, bounds

FROM: Final = np.array([0.0, 1.0, 2.0, 4.0])
"""Repeat purchases from which each cell begins."""
LEANS: Final = 5.0
"""As many customers of everybody's rate are added to each cell."""


@dataclass(frozen=True, eq=False)
class Cohorts:
    """By cell [4]: `rate` (purchases a unit of time), `shape` (of the gamma the rate is drawn from: small is wide), `back` (share that came
    back). `everybody`: the rate of all from their first purchase on. `customers`: how many it is learnt from."""

    rate: Floats
    shape: Floats
    back: Floats
    everybody: float
    customers: int
    model: str = "cohorts"

    @classmethod
    def of(cls, before: Histories, later: ArrayLike | None = None, span: float = 0.0) -> "Cohorts":
        """From what customers (`before`, up to some day) did in the `span` after it: `later` [k] purchases. Without, from what they did
        until that day, halved for those who did not come back in the second half of their time."""
        x, count = before.x, before.counts
        if later is None:
            quiet = before.t_x < before.T / 2
            bought, time = x * np.where(quiet, 0.5, 1.0), np.maximum(before.T, 1e-9)
            back = (x > 0) & ~quiet
        else:
            bought, time = np.asarray(later, np.float64), np.full(x.size, span)
            back = bought > 0
        cell = np.searchsorted(FROM, x, "right") - 1
        rate, shape, share = _cells(cell, bought, time, back, count)
        whole = float((count * before.x).sum() / max(float((count * before.T).sum()), 1e-9))
        return cls(rate, shape, share, whole, before.customers)

    def alive(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Floats:
        """The share [k] of those alike that came back."""
        return self.back[self._cell(x)]

    def expected(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, horizon: ArrayLike) -> Floats:
        found: Floats = self.rate[self._cell(x)] * np.asarray(horizon, np.float64)
        return found

    def at_least(self, y: ArrayLike, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, horizon: ArrayLike) -> Floats:
        cell, wanted = self._cell(x), np.asarray(y, np.float64)
        mean, shape = self.rate[cell] * np.asarray(horizon, np.float64), self.shape[cell]
        found: Floats = np.where(wanted > 0, betainc(np.maximum(wanted, 1.0), shape, mean / (shape + mean)), 1.0)
        return found

    def draws(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, horizon: ArrayLike, level: float = 0.9) -> tuple[Floats, Floats]:
        values = np.atleast_1d(np.asarray(x, np.float64))
        ahead = np.broadcast_to(np.asarray(horizon, np.float64), values.shape)

        def at_least(rows: Rows, y: Floats) -> Floats:
            return self.at_least(y, values[rows], 0.0, 0.0, ahead[rows])

        return bounds(at_least, np.atleast_1d(self.expected(values, 0.0, 0.0, ahead)), level)

    def wait(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Floats:
        """Median time [k] until the next purchase of those alike who come back."""
        cell = self._cell(x)
        found: Floats = np.log(2) * np.maximum(self.back[cell], 0.05) / self.rate[cell]
        return found

    def mean(self, t: ArrayLike) -> Floats:
        found: Floats = self.everybody * np.asarray(t, np.float64)
        return found

    def totals(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, horizon: ArrayLike, count: ArrayLike = 1.0) -> Floats:
        """Purchases expected of all together (`count`: how many each row stands for), for rates as they could be as well: [draws]."""
        each = np.random.default_rng(7).gamma(self.customers / 4 + 1, size=24) / (self.customers / 4 + 1)
        found: Floats = each * float((self.expected(x, t_x, T, horizon) * np.asarray(count, np.float64)).sum())
        return found

    def to_json(self) -> dict[str, Any]:
        kept = {name: getattr(self, name).tolist() for name in ("rate", "shape", "back")}
        return {"model": self.model, **kept, "everybody": self.everybody, "customers": self.customers}

    @classmethod
    def from_json(cls, kept: Any) -> "Cohorts":
        """ValueError when these are none."""
        try:
            rate, shape, back = (np.asarray(kept[name], np.float64) for name in ("rate", "shape", "back"))
            if not rate.shape == shape.shape == back.shape == FROM.shape:
                raise ValueError("not as many cells as there are")
            return cls(rate, shape, back, float(kept["everybody"]), int(kept["customers"]))
        except (KeyError, TypeError) as error:
            raise ValueError("not kept cohorts") from error

    def _cell(self, x: ArrayLike) -> Rows:
        found: Rows = np.searchsorted(FROM, np.atleast_1d(np.asarray(x, np.float64)), "right") - 1
        return found


def _cells(cell: Rows, bought: Floats, time: Floats, back: Any, count: Floats) -> tuple[Floats, Floats, Floats]:
    size = FROM.size
    people = np.bincount(cell, count, size)
    overall = float((count * bought).sum() / max(float((count * time).sum()), 1e-9)) or 0.5 / max(float((count * time).sum()), 1e-9)
    usual = float(np.average(time, weights=count)) if count.size else 1.0
    rate = (np.bincount(cell, count * bought, size) + LEANS * overall * usual) / (np.bincount(cell, count * time, size) + LEANS * usual)
    share = (np.bincount(cell, count * back, size) + LEANS * float((count * back).sum() + 0.5) / (count.sum() + 1)) / (people + LEANS)
    mean = rate[cell] * time
    above = np.bincount(cell, count * ((bought - mean) ** 2 - mean), size) + LEANS * float((overall * usual) ** 2)
    differ = above / np.maximum(np.bincount(cell, count * mean**2, size) + LEANS * float((overall * usual) ** 2), 1e-12)
    shape = 1 / (np.clip(differ, 0.3, 20.0) + 1 / (people + LEANS))
    return rate, shape, share
