"""Purchases to come of one who may leave after each of them, without the corners in which the textbook's formula breaks."""

from typing import Final

import numpy as np
from scipy.special import hyp2f1

from .histories import Floats

CLOSE: Final = 1e-14
ROUNDS: Final = 4000
SLOW: Final = 0.99
"""Beyond this the series is left to the general function, which knows how to turn it around."""


def coming(a: Floats, b: Floats, s: Floats, z: Floats) -> Floats:
    """Mean over p ~ Beta(a, b) of (1 - (1 + p c)^-s) / p, where c = z / (1 - z) is the time ahead over the scale of the rate.

    With k = a + b - 1 and e = a - 1 this is k (1 - (1 - z)^e F(e, k - s; k; z)) / e (Euler's transformation of the formula as published,
    whose F has parameters as large as x). F is 1 + e S / k, S a series in z: so nothing is divided by e, and a = 1 and k = 0 are as good
    as any other.
    """
    a, b, s, z = (np.asarray(each, np.float64) for each in np.broadcast_arrays(a, b, s, z))
    e, k = a - 1, a + b - 1
    log = np.log1p(-z)
    whole = -log * _growth(e * log)
    found: Floats = np.maximum(k * whole - np.exp(e * log) * _series(a, k - s, k, z), 0.0)
    return found


def _growth(y: Floats) -> Floats:
    """(exp(y) - 1) / y."""
    small = np.abs(y) < 1e-8
    safe = np.where(small, 1.0, y)
    return np.where(small, 1 + y / 2, np.expm1(safe) / safe)


def _series(a: Floats, d: Floats, k: Floats, z: Floats) -> Floats:
    """k (F(a - 1, d; k; z) - 1) / (a - 1): the sum over n >= 1 of (a)_{n-1} (d)_n / (k + 1)_{n-1} z^n / n!."""
    total = np.zeros(z.size)
    fast = np.flatnonzero(z <= SLOW)
    slow = np.flatnonzero(z > SLOW)
    total[slow] = _turned(a[slow], d[slow], k[slow], z[slow])
    a, d, k, z = a[fast], d[fast], k[fast], z[fast]
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
                total[fast[~going]] = part[~going]
                fast = fast[going]
                a, d, k, z, term, part = (np.asarray(each[going], np.float64) for each in (a, d, k, z, term, part))
    total[fast] = part
    return total


def _turned(a: Floats, d: Floats, k: Floats, z: Floats) -> Floats:
    """Where F is divided by a - 1 and multiplied by k, both are kept away from 0: F is smooth in them."""
    e = a - 1
    e = np.where(np.abs(e) < 1e-6, 1e-6, e)
    k = np.where(np.abs(k) < 1e-9, 1e-9, k)
    found: Floats = k * (hyp2f1(e, d, k, z) - 1) / e
    return found
