"""What a figure will probably be next: exponential smoothing with a level, a trend that dies away and a season, each only where it helps.

Nothing is settled before it is known: smoothing parameters are weighed on a grid by how well the past is told with them, shapes by the
corrected Akaike criterion, and what they foretell is mixed; so intervals hold what they promise with few points too.
Sources: R. J. Hyndman, A. B. Koehler, J. K. Ord, R. D. Snyder, Forecasting with Exponential Smoothing: The State Space Approach,
Springer 2008: models ANN, AAdN, ANA, AAdA (chapter 2), the variance of their forecasts (chapter 6); C. S. Forbes, R. D. Snyder,
R. G. Shami, Bayesian exponential smoothing, Monash 2000: errors are linear in the states at the beginning, which are integrated out.
"""

from collections.abc import Sequence
from itertools import product
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

Floats = NDArray[np.float64]
FEWEST: Final = 8
"""With fewer points nothing is foretold."""
_ALPHAS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99)
_SLOPES = tuple(product((0.02, 0.1, 0.3, 0.6, 0.95), (0.8, 0.9, 0.98)))
"""(beta as a share of alpha, damping)"""
_SEASONS = (0.02, 0.1, 0.3, 0.6)


class Forecast(NamedTuple):
    """`mean`, `low`, `high` of the next points [h]; `level`: the share of cases in which a point lies between. `model`: ANN and so on."""

    model: str
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    level: float
    points: int


class _Fit(NamedTuple):
    """One shape: the means and variances [h] of what it foretells, and how well it tells the past."""

    name: str
    criterion: float
    freedom: int
    mean: Floats
    variance: Floats


def forecast(values: ArrayLike, horizon: int = 3, *, season: int = 0, level: float = 0.8, least: float = -np.inf) -> Forecast | None:
    """The next `horizon` points after `values` [n], oldest first, evenly spaced; None with fewer than FEWEST, or where one is not finite.

    `season`: how many points a year (or week) has, looked at once there are two whole ones and three more. `least`: below this the figure
    cannot fall (0 for counts). ValueError for a level that is no share.

    >>> found = forecast([10, 12, 11, 13, 12, 11, 12, 11, 12, 12], 2)
    >>> found.model, [round(each) for each in found.mean], found.low[0] < 11.7 < found.high[0]
    ('ANN', [12, 12], True)
    """
    if not 0 < level < 1:
        raise ValueError(f"a level of {level}")
    y = np.asarray(values, np.float64)
    if y.size < FEWEST or not np.isfinite(y).all():
        return None
    shapes = [(trend, periods) for trend, periods in product((False, True), (0, season)) if not periods or y.size >= 2 * periods + 3]
    found = (_fit(y, trend, periods, horizon) for trend, periods in dict.fromkeys(shapes))
    fits = [each for each in found if each is not None]
    best = min(fits, key=lambda each: each.criterion)
    weights = np.exp([(best.criterion - each.criterion) / 2 for each in fits])
    mean, variance = _mixed(weights / weights.sum(), np.array([each.mean for each in fits]), np.array([each.variance for each in fits]))
    reach = student.ppf((1 + level) / 2, best.freedom) * np.sqrt(variance)
    middle, low, high = (tuple(np.maximum(each, least).tolist()) for each in (mean, mean - reach, mean + reach))
    return Forecast(best.name, middle, low, high, level, y.size)


def _mixed(weights: Floats, means: Floats, variances: Floats) -> tuple[Floats, Floats]:
    """Mean and variance [h] of a mixture of `means`, `variances` [each, h]."""
    mean = weights @ means
    return mean, weights @ (variances + np.square(means - mean))


def _fit(y: Floats, trend: bool, season: int, horizon: int) -> _Fit | None:
    """What one shape foretells, its parameters weighed by their likelihood; None where there are too few points for it."""
    states = 1 + trend + max(0, season - 1)
    parameters = 1 + 2 * trend + bool(season)
    freedom = y.size - states - parameters
    k = parameters + states + 1
    if freedom < 2 or y.size - k - 1 <= 0:
        return None
    slopes: tuple[tuple[float, ...], ...] = _SLOPES if trend else ((),)
    seasons: tuple[tuple[float, ...], ...] = tuple((each,) for each in _SEASONS) if season else ((),)
    grid = [_matrices((alpha, *slope, *gamma), trend, season) for alpha in _ALPHAS for slope in slopes for gamma in seasons]
    step, read, gain = (np.stack(each) for each in zip(*grid, strict=True))
    missed, spread, state, reached = _smoothed(y, step, read, gain, season)
    missed = np.maximum(missed, 1e-12 * max(1.0, float(np.square(y).sum())))
    likely = -(y.size - states) / 2 * np.log(missed) + spread
    weights = np.exp(likely - likely.max())
    means, variances = _ahead(step, read, gain, state, reached, horizon)
    mean, variance = _mixed(weights / weights.sum(), means, variances * (missed / freedom)[:, None])
    criterion = y.size * np.log(missed.min() / y.size) + 2 * k + 2 * k * (k + 1) / (y.size - k - 1)
    return _Fit(f"A{'Ad' if trend else 'N'}{'A' if season else 'N'}", float(criterion), freedom, mean, variance)


def _matrices(parameters: Sequence[float] | Floats, trend: bool, season: int) -> tuple[Floats, Floats, Floats]:
    """Step, reading and gain of the states: level, slope, and the season's points, the oldest of them last."""
    alpha, rest = float(parameters[0]), [float(each) for each in parameters[1:]]
    size = 1 + trend + season
    step, read, gain = np.zeros((size, size)), np.zeros(size), np.zeros(size)
    step[0, 0] = read[0] = 1.0
    gain[0] = alpha
    if trend:
        beta, phi = rest.pop(0) * alpha, rest.pop(0)
        step[0, 1] = step[1, 1] = read[1] = phi
        gain[1] = beta
    if season:
        gamma = rest.pop(0) * (1 - alpha)
        begins = 1 + trend
        step[begins, size - 1] = read[size - 1] = 1.0
        for place in range(begins + 1, size):
            step[place, place - 1] = 1.0
        gain[begins] = gamma
    return step, read, gain


def _smoothed(y: Floats, step: Floats, read: Floats, gain: Floats, season: int) -> tuple[Floats, Floats, Floats, Floats]:
    """For each of the grid: the sum of squared errors with the beginning that makes it smallest, the logarithm of how freely that beginning
    could be another (up to a constant), the states at the end [grid, states], and their root of covariance in units of the errors' variance
    [grid, states, free]."""
    count, size = read.shape
    states = np.zeros((count, size, size + 1))
    states[:, :, 1:] = np.eye(size)
    errors = np.empty((count, y.size, size + 1))
    for place, value in enumerate(y):
        error = -np.einsum("gs,gsc->gc", read, states)
        error[:, 0] += value
        errors[:, place] = error
        states = step @ states + gain[:, :, None] * error[:, None, :]
    # Of the season's points one follows from the others: they sum to nothing.
    free = np.eye(size) if not season else _centred(size, season)
    left, scale, right = np.linalg.svd(errors[:, :, 1:] @ free, full_matrices=False)
    scale = np.maximum(scale, 1e-9 * scale[:, :1])
    root = right.transpose(0, 2, 1) / scale[:, None, :]
    beginning = -np.einsum("gfk,gnk,gn->gf", root, left, errors[:, :, 0])
    missed = errors[:, :, 0] + np.einsum("gns,gs->gn", errors[:, :, 1:], beginning @ free.T)
    reach = states[:, :, 1:] @ free
    end = states[:, :, 0] + np.einsum("gsf,gf->gs", reach, beginning)
    return np.square(missed).sum(axis=1), -np.log(scale).sum(axis=1), end, reach @ root


def _centred(size: int, season: int) -> Floats:
    free = np.eye(size)[:, : size - 1].copy()
    free[size - 1, size - season : size - 1] = -1.0
    return free


def _ahead(step: Floats, read: Floats, gain: Floats, state: Floats, root: Floats, horizon: int) -> tuple[Floats, Floats]:
    """(means, variances in units of the errors' variance) of the next points [grid, h]."""
    means, variances = np.empty((len(read), horizon)), np.empty((len(read), horizon))
    total, later = np.ones(len(read)), gain
    for place in range(horizon):
        means[:, place] = np.einsum("gs,gs->g", read, state)
        variances[:, place] = total + np.square(np.einsum("gs,gsk->gk", read, root)).sum(axis=1)
        total = total + np.square(np.einsum("gs,gs->g", read, later))
        later, state = np.einsum("gst,gt->gs", step, later), np.einsum("gst,gt->gs", step, state)
        root = step @ root
    return means, variances
