"""What a figure will probably be next: exponential smoothing with a level, a trend that dies away and a season, each only where it helps.

Which parts are kept is chosen by the corrected Akaike criterion. Source: R. J. Hyndman, A. B. Koehler, J. K. Ord, R. D. Snyder,
Forecasting with Exponential Smoothing: The State Space Approach, Springer 2008: models ANN, AAdN, ANA, AAdA (chapter 2), the variance of
their forecasts (chapter 6). States at the beginning are found by least squares, in which the errors are linear. Intervals are those of
Student's t with what freedom is left, since there are few points.
"""

from collections.abc import Sequence
from itertools import product
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.stats import t as student

Floats = NDArray[np.float64]
FEWEST: Final = 8
"""With fewer points nothing is foretold."""
_ALPHAS, _DAMPED, _SEASONS = (0.05, 0.3, 0.7), ((0.05, 0.9), (0.3, 0.9)), (0.05, 0.3)
_LEAST, _MOST = 1e-4, 0.9999
_PHI = (0.8, 0.98)


class Forecast(NamedTuple):
    """`mean`, `low`, `high` of the next points [h]; `level`: the share of cases in which a point lies between. `model`: ANN and so on."""

    model: str
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    level: float
    points: int


class _Fit(NamedTuple):
    name: str
    criterion: float
    freedom: int
    variance: float
    state: Floats
    step: Floats
    read: Floats
    gain: Floats


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
    fits = [_fit(y, trend, periods) for trend, periods in dict.fromkeys(shapes)]
    best = min((each for each in fits if each is not None), key=lambda each: each.criterion)
    mean, spread = _ahead(best, horizon)
    reach = student.ppf((1 + level) / 2, best.freedom) * spread
    middle, low, high = (tuple(np.maximum(each, least).tolist()) for each in (mean, mean - reach, mean + reach))
    return Forecast(best.name, middle, low, high, level, y.size)


def _fit(y: Floats, trend: bool, season: int) -> _Fit | None:
    """The best smoothing of one shape; None where there are too few points for it."""
    states = 1 + trend + max(0, season - 1)
    parameters = 1 + 2 * trend + bool(season)
    freedom = y.size - states - parameters
    if freedom < 2:
        return None
    slopes: tuple[tuple[float, ...], ...] = _DAMPED if trend else ((),)
    seasons: tuple[tuple[float, ...], ...] = tuple((each,) for each in _SEASONS) if season else ((),)
    starts = [(alpha, *slope, *gamma) for alpha in _ALPHAS for slope in slopes for gamma in seasons]
    first = min(starts, key=lambda each: _errors(y, each, trend, season)[0])
    low, high = _bounds(trend, season)

    def missed(each: Floats) -> float:
        return _errors(y, np.clip(each, low, high), trend, season)[0]

    limits: Any = {"maxfev": 60 * parameters, "xatol": 1e-3, "fatol": 1e-6 * (float(y.var()) * y.size + 1e-9)}
    found = minimize(missed, np.array(first), method="Nelder-Mead", options=limits)
    sum_of_squares, state, (step, read, gain) = _errors(y, np.clip(found.x, low, high), trend, season)
    k = parameters + states + 1
    if y.size - k - 1 <= 0:
        return None
    least = max(sum_of_squares, 1e-12 * max(1.0, float(np.square(y).sum())))
    criterion = y.size * np.log(least / y.size) + 2 * k + 2 * k * (k + 1) / (y.size - k - 1)
    name = f"A{'Ad' if trend else 'N'}{'A' if season else 'N'}"
    return _Fit(name, float(criterion), freedom, least / freedom, state, step, read, gain)


def _bounds(trend: bool, season: int) -> tuple[Floats, Floats]:
    low = [_LEAST, *([_LEAST, _PHI[0]] if trend else []), *([_LEAST] if season else [])]
    high = [_MOST, *([_MOST, _PHI[1]] if trend else []), *([_MOST] if season else [])]
    return np.array(low), np.array(high)


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


def _errors(
    y: Floats, parameters: Sequence[float] | Floats, trend: bool, season: int
) -> tuple[float, Floats, tuple[Floats, Floats, Floats]]:
    """(sum of squared errors, states at the end, matrices), with the beginning that makes the errors smallest."""
    step, read, gain = _matrices(parameters, trend, season)
    size = read.size
    states = np.zeros((size, size + 1))
    states[:, 1:] = np.eye(size)
    errors = np.empty((y.size, size + 1))
    for place, value in enumerate(y):
        error = -(read @ states)
        error[0] += value
        errors[place] = error
        states = step @ states + np.outer(gain, error)
    # Of the season's points one follows from the others: they sum to nothing.
    free = np.eye(size) if not season else _centred(size, season)
    beginning, *_rest = np.linalg.lstsq(-errors[:, 1:] @ free, errors[:, 0], rcond=None)
    whole = free @ beginning
    left = errors[:, 0] + errors[:, 1:] @ whole
    return float(left @ left), states[:, 0] + states[:, 1:] @ whole, (step, read, gain)


def _centred(size: int, season: int) -> Floats:
    free = np.eye(size)[:, : size - 1].copy()
    free[size - 1, size - season : size - 1] = -1.0
    return free


def _ahead(fit: _Fit, horizon: int) -> tuple[Floats, Floats]:
    """(means, standard deviations) of the next points."""
    state, weights, mean, spread = fit.state.copy(), fit.gain.copy(), [], []
    total = 1.0
    for _place in range(horizon):
        mean.append(float(fit.read @ state))
        spread.append(float(np.sqrt(fit.variance * total)))
        total += float(fit.read @ weights) ** 2
        weights, state = fit.step @ weights, fit.step @ state
    return np.array(mean), np.array(spread)
