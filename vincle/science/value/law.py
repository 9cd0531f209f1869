"""What a model of repeat buying has to say for itself; `fitted` does with it all that models have in common."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from .histories import Floats, Histories

Rows = NDArray[np.int64]


class Law(Protocol):
    """A model's mathematics. `p`: its parameters in the order of `names`, each a number [1] or one a row [k] (with covariates)."""

    name: str
    names: tuple[str, ...]
    moved: dict[str, float]
    """Parameters that covariates move, and the sign with which (-1: a scale of a rate, so that a positive coefficient means more often)."""
    is_discrete: bool

    def start(self, histories: Histories) -> Floats:
        """Parameters to begin with, and to lean towards where there is little to learn from."""
        ...

    def score(self, p: Floats, histories: Histories) -> tuple[Floats, Floats]:
        """Log-likelihood of each row [k], and its slopes [names, k] by the logs of the parameters."""
        ...

    def alive(self, p: Floats, h: Histories) -> Floats: ...

    def expected(self, p: Floats, h: Histories, horizon: Floats) -> Floats:
        """Purchases in the `horizon` [k] after T."""
        ...

    def mean(self, p: Floats, t: Floats) -> Floats:
        """Repeat purchases expected of a new customer until t."""
        ...

    def at_least(self, p: Floats, h: Histories, horizon: Floats, y: Floats) -> Floats:
        """The chance of y purchases or more in the horizon, y >= 1."""
        ...

    def wait(self, p: Floats, h: Histories) -> Floats:
        """Median time until the next purchase of those who still are customers."""
        ...


def by_count(function: Callable[[Floats], Floats], x: Floats, shift: Floats) -> Floats:
    """function(x + shift): worked out once for each x where all share one shift."""
    if shift.size == 1 and x.size > 512 and x.max() < x.size:
        return function(np.arange(x.max() + 1) + shift)[x.astype(np.intp)]
    return function(x + shift)


def counted(shape: Floats, odds: Floats, y: Floats) -> Floats:
    """The chance of y or more purchases, when a customer's rate is gamma and share `odds` of the rate's time lies ahead (negative
    binomial)."""
    return np.asarray(betainc(y, shape, odds), np.float64)


def share(y: Floats) -> Floats:
    """exp(y) / (1 + exp(y))."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * y)), np.float64)


def bounds(at_least: Callable[[Rows, Floats], Floats], guess: Floats, level: float) -> tuple[Floats, Floats]:
    """Lowest and highest count of an interval of this level, [k] each.

    `at_least(rows, y)`: the chance of y or more. A count belongs to it when its mid-point of probability does (mid-P): over many
    customers such intervals hold what they say, where those that must never hold less hold too much. Where none at all is within it,
    nothing can lie below, and what may lie outside lies above.
    """

    def middle(rows: Rows, y: Floats) -> Floats:
        reached = np.where(y > 0, at_least(rows, np.maximum(y, 1.0)), 1.0)
        found: Floats = (reached + at_least(rows, y + 1)) / 2
        return found

    tail = (1 - level) / 2
    low = _last(lambda rows, y: middle(rows, y) > 1 - tail, guess) + 1
    tails = np.where(low > 0, tail, 2 * tail)
    high = np.maximum(_last(lambda rows, y: middle(rows, y) >= tails[rows], guess), 0.0)
    return np.minimum(low, high), high


def _last(holds: Callable[[Rows, Floats], NDArray[np.bool_]], guess: Floats) -> Floats:
    """The greatest whole number for which it holds, -1 where for none; it holds up to somewhere and never after."""
    low, step = np.full(guess.size, -1.0), np.maximum(np.floor(guess / 4), 1.0)
    high = np.full(guess.size, np.inf)
    rows = np.arange(guess.size)
    while rows.size:
        y = np.minimum(low[rows] + step[rows], 1e15)
        yes = holds(rows, y)
        low[rows[yes]], high[rows[~yes]] = y[yes], y[~yes]
        rows = rows[yes & (y < 1e15)]
        step[rows] *= 2
    rows = np.flatnonzero(high - low > 1.5)
    while rows.size:
        y = np.floor((low[rows] + high[rows]) / 2)
        yes = holds(rows, y)
        low[rows[yes]], high[rows[~yes]] = y[yes], y[~yes]
        rows = rows[(high[rows] - low[rows] > 1.5) & (y < 1e15)]
    return low
