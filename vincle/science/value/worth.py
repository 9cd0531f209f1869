"""(being written) what each customer will bring: expected purchases times expected spend, discounted, with its interval."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .choosing import Learnt

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Predicted:
    """Arrays [k], by customer. `purchases`: expected over the horizon, `purchases_low` to `purchases_high` the interval (whole numbers);
    `value`: expected money, discounted, times margin, `low` to `high` its interval; `next_days`: days from now within which half of such
    customers buy again if they still are customers (nan: not to be said). `spend`: expected money of one purchase (1 where no amounts)."""

    p_alive: Floats
    purchases: Floats
    purchases_low: Floats
    purchases_high: Floats
    value: Floats
    low: Floats
    high: Floats
    next_days: Floats
    spend: Floats


@dataclass(frozen=True, eq=False)
class Total:
    """Of all customers together; its interval is that of the sum, with what the model is not sure of."""

    purchases: float
    purchases_low: float
    purchases_high: float
    value: float
    low: float
    high: float


def predict(
    learnt: Learnt, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, mean_spend: ArrayLike | None = None, spends: ArrayLike | None = None, *,
    horizon_days: float, yearly_discount: float = 0.0, margin: float = 1.0, level: float = 0.9,
) -> Predicted:  # fmt: skip
    """x, t_x, T in units of learnt.unit_days, as `of_purchases` gives them; `spends`: how many purchases mean_spend is of (x by default).
    `yearly_discount` .1 is 10 % a year; `margin` .3: 30 % of the money stays."""
    raise NotImplementedError


def total(
    learnt: Learnt, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, mean_spend: ArrayLike | None = None, spends: ArrayLike | None = None, *,
    horizon_days: float, yearly_discount: float = 0.0, margin: float = 1.0, level: float = 0.9, seed: int = 0,
) -> Total:  # fmt: skip
    raise NotImplementedError
