"""A model together with the covariates of some customers, so that it is asked for just these as one without is asked for any."""

from dataclasses import dataclass

from numpy.typing import ArrayLike

from .cohorts import Cohorts
from .fitted import Fitted
from .histories import Floats


@dataclass(frozen=True, eq=False)
class Given:
    """Asked for all customers of `values` [k, c], in their order: methods are those of `Fitted`."""

    counts: Fitted
    values: Floats

    def alive(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Floats:
        return self.counts.alive(x, t_x, T, self.values)

    def expected(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, horizon: ArrayLike) -> Floats:
        return self.counts.expected(x, t_x, T, horizon, self.values)

    def wait(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Floats:
        return self.counts.wait(x, t_x, T, self.values)

    def at_least(self, y: ArrayLike, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, horizon: ArrayLike) -> Floats:
        return self.counts.at_least(y, x, t_x, T, horizon, self.values)

    def draws(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, horizon: ArrayLike, level: float = 0.9) -> tuple[Floats, Floats]:
        return self.counts.draws(x, t_x, T, horizon, level, self.values)

    def totals(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, horizon: ArrayLike, count: ArrayLike = 1.0) -> Floats:
        return self.counts.totals(x, t_x, T, horizon, count, self.values)

    def mean(self, t: ArrayLike) -> Floats:
        """`t` [k]: one time a customer."""
        return self.counts.mean(t, self.values)


def given(counts: Fitted | Cohorts, values: Floats | None) -> Fitted | Cohorts | Given:
    """The averages know no covariates."""
    return counts if values is None or isinstance(counts, Cohorts) else Given(counts, values)
