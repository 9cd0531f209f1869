"""Shapley's value of the R-squared of linear models, from correlation matrices whose last row and column is the target."""

from math import comb
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EXACT: Final = 16
"""Up to so many drivers every set of them is looked at."""
NOTHING: Final = 1e-9
"""A driver of which the others leave less than this says nothing new."""
ROOM: Final = 20_000_000


def explained(matrices: Floats) -> Floats:
    """R-squared of every set of drivers: b x 2^p, a set's place being the sum of 2^j over its drivers. `matrices`: b x (p+1) x (p+1).

    One driver is settled at a time: without it, its row and column go; with it, the others keep what it leaves of them.
    """
    left = matrices[:, None]
    while left.shape[-1] > 1:
        pivot = left[..., :1, :1]
        scale = np.divide(1.0, pivot, out=np.zeros_like(pivot), where=pivot > NOTHING)
        without = left[..., 1:, 1:]
        left = np.concatenate((without, without - left[..., 1:, :1] * left[..., :1, 1:] * scale), axis=1)
    return np.asarray(matrices[:, -1, -1][:, None] - left[..., 0, 0])


def divided(matrices: Floats) -> Floats:
    """Each driver's part of R-squared, all orders averaged: b x p."""
    worth = explained(matrices)
    b, p = len(matrices), matrices.shape[1] - 1
    sizes = np.bitwise_count(np.arange(1 << max(p - 1, 0)))
    weights = np.array([1 / (p * comb(p - 1, size)) for size in range(p)])[sizes]
    parts = np.empty((b, p))
    for j in range(p):
        sets = worth.reshape(b, 1 << (p - 1 - j), 2, 1 << j)
        parts[:, j] = (sets[:, :, 1] - sets[:, :, 0]).reshape(b, -1) @ weights
    return np.maximum(parts, 0.0)


def orders_of(p: int, orders: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Random orders of `p` drivers, each to be looked at from both ends: half of `orders` rows."""
    return np.argsort(rng.random((max(2, orders // 2), p)), axis=1)


def sampled(matrices: Floats, orders: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """The same from some orders and their reverses, the same for all matrices: parts and their standard errors, b x p."""
    b, p = len(matrices), matrices.shape[1] - 1
    padded = matrices + NOTHING * np.eye(p + 1)
    size = max(1, ROOM // (2 * (p + 1) ** 2))
    sums, squares, pairs = np.zeros((b, p)), np.zeros((b, p)), len(orders)
    for row in range(b):
        for begin in range(0, pairs, size):
            found = _both_ends(padded[row], orders[begin : begin + size])
            sums[row] += found.sum(axis=0)
            squares[row] += (found**2).sum(axis=0)
    means = sums / pairs
    return means, np.sqrt(np.maximum(squares / pairs - means**2, 0.0) / (pairs - 1))


def _both_ends(matrix: Floats, forth: NDArray[np.int64]) -> Floats:
    """What each driver adds in an order and in its reverse, averaged: pairs x p. The last row of the factor of the matrix in that order
    holds the roots of what each adds."""
    pairs, p = forth.shape
    found = np.zeros((pairs, p))
    for order in (forth, forth[:, ::-1]):
        places = np.concatenate((order, np.full((pairs, 1), p)), axis=1)
        roots = np.linalg.cholesky(matrix[places[:, :, None], places[:, None, :]])[:, p, :p]
        np.put_along_axis(found, order, np.take_along_axis(found, order, 1) + roots**2 / 2, 1)
    return found
