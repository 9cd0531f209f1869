"""The log-likelihood of a law over rows of customers, with covariates and what it leans towards, as a function of one vector.

The vector: the logs of the parameters, then for each parameter that covariates move one coefficient a covariate.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from ._climb import Slope, Top, climb
from .histories import Floats, Histories, same_rows
from .law import Law, Rows

MANY: Final = 20_000
"""Of more kinds of customers a part is looked at first."""
PART: Final = 8_000
PIECE: Final = 8_192


class Covariates(NamedTuple):
    """What is known of customers beside their purchases and does not change: `values` [k, c], best of mean 0 and like spread."""

    names: tuple[str, ...]
    values: Floats


@dataclass(frozen=True, eq=False)
class Likelihood:
    law: Law
    rows: Histories
    values: Floats | None
    names: tuple[str, ...]
    believed: Floats
    penalty: float

    @classmethod
    def of(cls, law: Law, h: Histories, penalty: float, covariates: Covariates | None) -> "Likelihood":
        believed = np.log(law.start(h))
        if covariates is None:
            return cls(law, h.grouped() if len(h) > 1 else h, None, law.names, believed, penalty)
        values = np.ascontiguousarray(covariates.values, np.float64)
        if values.shape != (len(h), len(covariates.names)) or not np.isfinite(values).all():
            raise ValueError("covariates are one finite number a customer and name")
        first, place = same_rows(h.x, h.t_x, h.T, *values.T)
        rows = Histories(h.x[first], h.t_x[first], h.T[first], np.bincount(place, h.counts, first.size).astype(np.float64))
        more = tuple(f"{parameter}.{name}" for parameter in law.moved for name in covariates.names)
        return cls(law, rows, values[first], (*law.names, *more), np.concatenate((believed, np.zeros(len(more)))), penalty)

    def climbed(self) -> Top:
        starts = [self.believed, self.believed + np.resize([0.7, -0.7], self.believed.size) * (np.arange(self.believed.size) < 4)]
        some: Slope | None = None
        if len(self.rows) > MANY:
            some = self._slope(*self._part())
        return climb(self._slope(slice(None), self.rows.counts), some, starts)

    def _part(self) -> tuple[Rows, Floats]:
        """Some rows that stand for all, and for how many each: those of most customers, and some of the others."""
        counts = self.rows.counts
        order = np.random.default_rng(11).permutation(counts.size)
        order = order[np.argsort(-counts[order], kind="stable")]
        heavy, light = order[: PART // 2], order[PART // 2 :: max((counts.size - PART // 2) // (PART // 2), 1)]
        more = counts[order[PART // 2 :]].sum() / counts[light].sum()
        return np.concatenate((heavy, light)), np.concatenate((counts[heavy], counts[light] * more))

    def lean(self, theta: Floats) -> tuple[float, Floats]:
        """What is taken off, and its slope."""
        away = theta - self.believed
        return 0.5 * self.penalty * float(away @ away), self.penalty * away

    @staticmethod
    def spread(law: Law, theta: Floats, values: Floats | None) -> Floats:
        """Parameters of each row: [names, 1], or [names, k] with covariates."""
        p = np.exp(theta[: len(law.names), None])
        if values is None:
            return p
        rows = np.repeat(p, len(values), axis=1)
        wide = values.shape[1]
        for at, (name, sign) in enumerate(law.moved.items()):
            begin = len(law.names) + at * wide
            rows[law.names.index(name)] *= np.exp(sign * (values @ theta[begin : begin + wide]))
        return rows

    def _slope(self, part: slice | Rows, count: Floats) -> Slope:
        """Of minus the log-likelihood, over some rows, each of which stands for `count` customers."""
        x, t_x, watched = self.rows.x[part], self.rows.t_x[part], self.rows.T[part]
        values = None if self.values is None else self.values[part]
        pieces = [slice(start, start + PIECE) for start in range(0, x.size, PIECE)]
        parts = [(Histories(x[at], t_x[at], watched[at]), count[at], None if values is None else values[at]) for at in pieces]

        def slope(theta: Floats) -> tuple[float, Floats]:
            total, steep = self.lean(theta)
            for h, weight, known in parts:
                log, grad = self.law.score(self.spread(self.law, theta, known), h)
                total -= float(log @ weight)
                steep = steep - self._pulled(grad * weight, known)
            return total, steep

        return slope

    def _pulled(self, grad: Floats, values: Floats | None) -> Floats:
        if values is None:
            return np.asarray(grad.sum(axis=1))
        more = [sign * (values.T @ grad[self.law.names.index(name)]) for name, sign in self.law.moved.items()]
        return np.concatenate((grad.sum(axis=1), *more))
