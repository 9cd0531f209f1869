"""What moves a score: by how much texts that name a thing differ from texts that do not, other things being equal.

Least squares of the score on what each text names, from sums over groups of equal texts (so that a million texts are a few hundred
rows), with an intercept and intervals that hold where the scatter differs between groups.

Source: H. White, A heteroskedasticity-consistent covariance matrix estimator, Econometrica 48 (1980), 817-838, with the small-sample
factor n / (n - k) (MacKinnon and White's HC1, J. Econometrics 29 (1985), 305-325).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Mover:
    """`name` was named in `n` texts, the share `share` of all. Naming it goes with `effect` on the score, between `low` and `high`;
    `pull` = share x effect: so much does it move the mean of all texts."""

    name: str
    n: int
    share: float
    effect: float
    low: float
    high: float

    @property
    def pull(self) -> float:
        return self.share * self.effect

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves out nothing at all."""
        return self.low > 0 or self.high < 0


def movers(
    named: ArrayLike,
    counts: ArrayLike,
    sums: ArrayLike,
    squares: ArrayLike,
    names: Sequence[str],
    least: int = 20,
    confidence: float = 0.95,
) -> list[Mover]:
    """The things in `names`, those that pull the mean most first.

    `named`: groups x things, 1 where the texts of a group name a thing; `counts`, `sums`, `squares`: how many texts a group has, the sum
    of their scores and of the scores' squares. Things named in fewer than `least` texts, in all but so few, or only ever together with
    another kept thing, say nothing of their own and are left out. ValueError where shapes do not fit.

    >>> groups = [[0, 0], [1, 0], [0, 1], [1, 1]]
    >>> found = movers(groups, [400, 100, 100, 50], [40, -60, 30, -20], [200, 60, 40, 30], ["waiting", "coffee"])
    >>> [(each.name, round(each.effect, 2), each.is_sure) for each in found]
    [('waiting', -0.7, True), ('coffee', 0.2, True)]
    """
    table = np.atleast_2d(np.asarray(named, np.float64))
    sizes, totals, powers = (np.asarray(each, np.float64).ravel() for each in (counts, sums, squares))
    if table.shape != (sizes.size, len(names)) or totals.shape != sizes.shape or powers.shape != sizes.shape:
        raise ValueError("groups, sums and names do not fit together")
    n, often = float(sizes.sum()), sizes @ table
    kept = _independent(table, sizes, [at for at in np.argsort(-often) if least <= often[at] <= n - least])
    if not kept:
        return []
    design = np.column_stack([np.ones(sizes.size), table[:, kept]])
    degrees = n - design.shape[1]
    effects, spread = _fit(design, sizes, totals, powers, degrees)
    reach = float(student.ppf((1 + confidence) / 2, max(degrees, 1))) * spread
    found = [
        Mover(names[at], int(often[at]), float(often[at] / n), float(effect), float(effect - wide), float(effect + wide))
        for at, effect, wide in zip(kept, effects[1:], reach[1:], strict=True)
    ]
    return sorted(found, key=lambda each: (-abs(each.pull), each.name))


def _fit(design: Floats, sizes: Floats, totals: Floats, powers: Floats, degrees: float) -> tuple[Floats, Floats]:
    """Coefficients and their standard errors."""
    inverse = np.linalg.inv(design.T @ (design * sizes[:, None]))
    effects = inverse @ (design.T @ totals)
    fitted = design @ effects
    # Sum of squared residuals of each group, from its sums alone.
    rest = np.maximum(powers - 2 * fitted * totals + sizes * fitted**2, 0)
    middle = design.T @ (design * rest[:, None])
    factor = sizes.sum() / max(degrees, 1)
    return effects, np.sqrt(np.maximum(np.diag(inverse @ middle @ inverse) * factor, 0))


def _independent(table: Floats, sizes: Floats, order: Sequence[int]) -> list[int]:
    """Of the columns in `order` those that are no combination of earlier ones and the intercept."""
    root = np.sqrt(sizes)[:, None]
    basis, kept = root / np.linalg.norm(root) if root.any() else root, []
    for at in order:
        column = table[:, [at]] * root
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size > 1e-7 * max(1.0, float(np.linalg.norm(column))):
            basis = np.column_stack([basis, rest / size])
            kept.append(int(at))
    return kept
