"""Sums of products of columns by random groups of rows: all that linear models need, whatever the number of rows."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

GROUPS: Final = 2_000
ROOM: Final = 8_000_000


class Moments(NamedTuple):
    """`sums`: groups x q x q, of products of (1, columns), weighted. Up to 2,000 rows each row is a group."""

    sums: Floats


class Prepared(NamedTuple):
    """`means` and `deviations` of the drivers in their units, and of the target."""

    n: int
    moments: Moments
    means: Floats
    deviations: Floats
    deviation_y: float


def prepared(x: ArrayLike, y: ArrayLike, names: Sequence[str], weights: ArrayLike | None, seed: int) -> Prepared:
    """Check `x` (n x p) and `y` (n) and sum their products; ValueError says what is wrong, by the column's name."""
    table, target = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if table.ndim != 2 or target.shape != table.shape[:1] or len(names) != table.shape[1]:
        raise ValueError("a row of drivers for each target, and a name for each driver")
    n, p = table.shape
    if not p:
        raise ValueError("there is no driver")
    if n < p + 2:
        raise ValueError(f"{n} complete rows are too few for {p} drivers: {p + 2} are the least")
    weighing = np.ones(n) if weights is None else np.asarray(weights, np.float64)
    if weighing.shape != (n,) or not np.isfinite(weighing).all() or (weighing < 0).any() or not weighing.sum():
        raise ValueError("weights are not negative, one a row")
    if not (np.isfinite(table).all() and np.isfinite(target).all()):
        raise ValueError("drivers and target are finite numbers")
    means, middle = np.average(table, axis=0, weights=weighing), float(np.average(target, weights=weighing))
    deviations, spread = table.std(axis=0), float(target.std())
    for name, deviation, mean in zip([*names, "the target"], [*deviations, spread], [*means, middle], strict=True):
        if deviation <= 1e-12 * max(abs(mean), 1e-12):
            raise ValueError(f"{name} is the same in every row")
    columns = np.column_stack((np.ones(n), (table - means) / deviations, (target - middle) / spread))
    return Prepared(n, Moments(_summed(columns, weighing, seed)), means, deviations, spread)


def _summed(columns: Floats, weights: Floats, seed: int) -> Floats:
    n, q = columns.shape
    groups = min(n, GROUPS, max(200, ROOM // q**2))
    order = np.arange(n) if groups == n else np.random.default_rng(seed).permutation(n)
    ends = np.linspace(0, n, groups + 1).astype(np.int64)
    sums = np.empty((groups, q, q))
    for place in range(groups):
        rows = order[ends[place] : ends[place + 1]]
        part = columns[rows]
        sums[place] = (part * weights[rows, None]).T @ part
    return sums


def correlations(sums: Floats) -> Floats:
    """Correlation matrices of sums of products, b x q x q to b x (q - 1) x (q - 1); a column that does not vary goes with nothing."""
    total = np.maximum(sums[:, 0, 0], 1e-300)[:, None, None]
    covariances = sums[:, 1:, 1:] / total - (sums[:, 1:, :1] / total) * (sums[:, :1, 1:] / total)
    spread = np.sqrt(np.maximum(np.diagonal(covariances, axis1=1, axis2=2), 0.0))
    scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 1e-7)
    found = covariances * scale[:, :, None] * scale[:, None, :]
    place = np.arange(found.shape[1])
    found[:, place, place] = 1.0
    return np.asarray(np.clip(found, -1.0, 1.0))
