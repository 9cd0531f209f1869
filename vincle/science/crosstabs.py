"""Whether two things people said go together, and which columns of the table differ.

Source: Pearson's chi-squared; with small cells Fisher's exact test (2 x 2) or the chi-squared distribution of random tables with the same
margins (W. M. Patefield, Applied Statistics 30, 1981, 91-97); Cramer's V with the correction of W. Bergsma (Journal of the Korean
Statistical Society 42, 2013, 323-328); columns two by two, adjusted after S. Holm, Scandinavian Journal of Statistics 6 (1979), 65-70.
"""

from itertools import combinations
from math import sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2, fisher_exact, norm, random_table

SMALL: Final = 5.0
"""Expected counts below this: chi-squared's own distribution is not to be trusted (Cochran: no more than a fifth of the cells)."""
TABLES: Final = 2_000


class Crosstab(NamedTuple):
    """`shares`: of each column (rows x columns, each column sums to 1). `p`: of what is seen without any connection; `test` names how it
    was found ("chi2", "fisher", "random tables"). `strength`: Cramer's V, 0 to 1. `higher[r][c]`: columns than which column c has a
    surely larger share of row r."""

    n: int
    shares: NDArray[np.float64]
    statistic: float
    degrees: int
    p: float
    test: str
    strength: float
    higher: tuple[tuple[tuple[int, ...], ...], ...]


def crosstab(counts: ArrayLike, *, level: float = 0.05, seed: int = 0) -> Crosstab | None:
    """Of counts (rows: answers, columns: groups), 2-D, whole and not negative; None with fewer than two rows or columns that have any.

    >>> found = crosstab([[30, 10], [20, 40]])
    >>> round(found.statistic, 3), round(found.p, 5), found.test, found.higher[0]
    (16.667, 4e-05, 'chi2', ((1,), ()))
    """
    table = np.asarray(counts)
    if table.ndim != 2 or (table < 0).any() or not np.equal(table, np.floor(table)).all():
        raise ValueError("counts are whole numbers, not negative, in rows and columns")
    table = table.astype(np.int64)
    used_rows, used = np.flatnonzero(table.sum(axis=1)), np.flatnonzero(table.sum(axis=0))
    if used_rows.size < 2 or used.size < 2:
        return None
    core = table[np.ix_(used_rows, used)]
    statistic, expected = _pearson(core)
    degrees = (core.shape[0] - 1) * (core.shape[1] - 1)
    p, test = _chance(core, expected, statistic, degrees, seed)
    shares = table / np.maximum(table.sum(axis=0), 1)
    higher = _higher(table, level) if p < level else tuple(tuple(() for _ in range(table.shape[1])) for _ in range(table.shape[0]))
    return Crosstab(int(table.sum()), shares, statistic, degrees, p, test, _strength(core, statistic), higher)


def holm(chances: ArrayLike) -> NDArray[np.float64]:
    """Chances of many tests, adjusted so that together they call nothing true at the level asked for; 1-D.

    >>> [round(float(p), 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(chances, np.float64)
    order = np.argsort(p)
    stepped = np.minimum(np.maximum.accumulate(p[order] * (p.size - np.arange(p.size))), 1.0)
    back = np.empty_like(stepped)
    back[order] = stepped
    return back


def _pearson(core: NDArray[np.int64]) -> tuple[float, NDArray[np.float64]]:
    expected = core.sum(axis=1, keepdims=True) * core.sum(axis=0, keepdims=True) / core.sum()
    return float(((core - expected) ** 2 / expected).sum()), expected


def _chance(core: NDArray[np.int64], expected: NDArray[np.float64], statistic: float, degrees: int, seed: int) -> tuple[float, str]:
    if expected.min() >= 1 and (expected < SMALL).mean() <= 0.2:
        return float(chi2.sf(statistic, degrees)), "chi2"
    if core.shape == (2, 2):
        return float(fisher_exact(core)[1]), "fisher"
    drawn = random_table(core.sum(axis=1), core.sum(axis=0)).rvs(TABLES, random_state=np.random.default_rng(seed))
    seen = ((drawn - expected) ** 2 / expected).sum(axis=(1, 2))
    return float((1 + (seen >= statistic - 1e-9).sum()) / (TABLES + 1)), "random tables"


def _strength(core: NDArray[np.int64], statistic: float) -> float:
    n, (r, k) = core.sum(), core.shape
    if n < 2:
        return 0.0
    phi = max(statistic / n - (r - 1) * (k - 1) / (n - 1), 0.0)
    rows, columns = r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)
    least = min(rows, columns) - 1
    return float(min(sqrt(phi / least), 1.0)) if least > 0 else 0.0


def _higher(table: NDArray[np.int64], level: float) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """Columns two by two in each row: z of the pooled share; all pairs of one row share one level. Groups below 5 are not compared."""
    sums = table.sum(axis=0)
    pairs = [(a, b) for a, b in combinations(range(table.shape[1]), 2) if min(sums[a], sums[b]) >= SMALL]
    found: list[list[list[int]]] = [[[] for _ in range(table.shape[1])] for _ in range(table.shape[0])]
    for place, row in enumerate(table):
        if not pairs:
            break
        z = np.array([_z(int(row[a]), int(sums[a]), int(row[b]), int(sums[b])) for a, b in pairs])
        for (a, b), value, p in zip(pairs, z, holm(2 * norm.sf(np.abs(z))), strict=True):
            if p < level:
                found[place][a if value > 0 else b].append(b if value > 0 else a)
    return tuple(tuple(tuple(cell) for cell in row) for row in found)


def _z(some: int, of: int, other: int, of_other: int) -> float:
    pooled = (some + other) / (of + of_other)
    error = sqrt(pooled * (1 - pooled) * (1 / of + 1 / of_other))
    return (some / of - other / of_other) / error if error else 0.0
