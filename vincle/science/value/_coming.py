"""Purchases to come of one who may leave after each of them, without the corners in which the textbook's formula breaks."""

from typing import Final

import numpy as np
from scipy.special import betainc, betaln, expit

from .histories import Floats

CLOSE: Final = 1e-14
ROUNDS: Final = 4000
SLOW, STEEP, OPPOSED = 0.98, 50.0, -30.0
"""Beyond these (of z, of a, and below this of k - s) the series is long, large, or of changing signs: the mean is taken point by point."""
PIECE: Final = 2_000
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(10)
PANELS: Final = 60
NOTHING: Final = 1e-9


def coming(a: Floats, b: Floats, s: Floats, z: Floats) -> Floats:
    """Mean over p ~ Beta(a, b) of (1 - (1 + p c)^-s) / p, where c = z / (1 - z) is the time ahead over the scale of the rate.

    With k = a + b - 1 and e = a - 1 this is k (1 - (1 - z)^e F(e, k - s; k; z)) / e (Euler's transformation of the formula as published,
    whose F has parameters as large as x). F is 1 + e S / k, S a series in z: so nothing is divided by e, and a = 1 and k = 0 are as good
    as any other.
    """
    a, b, s, z = (np.asarray(each, np.float64) for each in np.broadcast_arrays(a, b, s, z))
    found = np.zeros(z.size)
    odd = (z > SLOW) | (a > STEEP) | (a + b - 1 - s < OPPOSED)
    if odd.any():
        rows = np.flatnonzero(odd)
        for start in range(0, rows.size, PIECE):
            some = rows[start : start + PIECE]
            found[some] = _point_by_point(a[some], b[some], s[some], z[some] / (1 - z[some]))
        even = np.flatnonzero(~odd)
        found[even] = _by_series(a[even], b[even], s[even], z[even])
        return found
    return _by_series(a, b, s, z)


def _by_series(a: Floats, b: Floats, s: Floats, z: Floats) -> Floats:
    e, k = a - 1, a + b - 1
    log = np.log1p(-z)
    whole = -log * _growth(e * log)
    return np.asarray(np.maximum(k * whole - np.exp(e * log) * _series(a, k - s, k, z), 0.0))


def _growth(y: Floats) -> Floats:
    """(exp(y) - 1) / y."""
    small = np.abs(y) < 1e-8
    safe = np.where(small, 1.0, y)
    return np.where(small, 1 + y / 2, np.expm1(safe) / safe)


def _series(a: Floats, d: Floats, k: Floats, z: Floats) -> Floats:
    """k (F(a - 1, d; k; z) - 1) / (a - 1): the sum over n >= 1 of (a)_{n-1} (d)_n / (k + 1)_{n-1} z^n / n!."""
    total, rows = np.zeros(z.size), np.arange(z.size)
    term = d * z
    part = term.copy()
    for n in range(1, ROUNDS):
        term = term * ((a + (n - 1)) * (d + n) / ((k + n) * (n + 1)) * z)
        part += term
        if n % 8 == 0:
            going = np.abs(term) > CLOSE * (1 - z) * np.abs(part)
            if not going.any():
                break
            if 2 * np.count_nonzero(going) < going.size:
                total[rows[~going]] = part[~going]
                rows = rows[going]
                a, d, k, z, term, part = (np.asarray(each[going], np.float64) for each in (a, d, k, z, term, part))
    total[rows] = part
    return total


def _point_by_point(a: Floats, b: Floats, s: Floats, c: Floats) -> Floats:
    """The same mean by Gauss and Legendre in u = log(p / (1 - p)). Near p = 0 and p = 1 what is averaged is constant."""
    low, high = np.log(NOTHING / (1 + c * s)), np.full(a.size, -np.log(NOTHING))
    middle, wide = np.log(a / b), 9 * np.sqrt(1 / a + 1 / b)
    begin = np.clip(middle - wide - 40 / a, low, high - 1e-3)
    end = np.clip(middle + wide + 40 / b, begin + 1e-3, high)
    edges = (np.arange(PANELS)[:, None] + (1 + _NODES) / 2).reshape(-1) / PANELS
    u = begin[:, None] + (end - begin)[:, None] * edges
    density = np.exp(-a[:, None] * np.logaddexp(0, -u) - b[:, None] * np.logaddexp(0, u) - betaln(a, b)[:, None])
    inner = (density * _each(expit(u), s[:, None], c[:, None])) @ np.tile(_WEIGHTS / 2, PANELS) * (end - begin) / PANELS
    first, last = expit(begin), expit(end)
    return np.asarray(inner + betainc(a, b, first) * _each(first, s, c) + betainc(b, a, expit(-end)) * _each(last, s, c))


def _each(p: Floats, s: Floats, c: Floats) -> Floats:
    return np.asarray(-np.expm1(-s * np.log1p(p * c)) / p)
