"""BG/NBD: purchases at a rate of one's own, gamma among customers; after each one may leave for good, with a chance that is beta.

Parameters: r and alpha of the rate (its mean is r / alpha a unit of time), a and b of the chance to leave (its mean is a / (a + b)).
Source: P. S. Fader, B. G. S. Hardie and K. L. Lee, "Counting your customers" the easy way, Marketing Science 24 (2005), 275-284. One who
has not bought again is still a customer by this model's terms.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, psi

from ._coming import coming
from .fitted import Covariates, Fitted, fit_law
from .histories import Floats, Histories
from .law import by_count, counted, share


class BgNbd:
    name = "bgnbd"
    names: tuple[str, ...] = ("r", "alpha", "a", "b")
    moved = {"alpha": -1.0, "a": 1.0, "b": 1.0}
    is_discrete = False
    first = 0.0
    """How many chances to leave were survived at the first purchase."""

    def start(self, h: Histories) -> Floats:
        rate = float((h.counts * h.x).sum() / max(float((h.counts * h.T).sum()), 1e-12))
        return np.array([0.7, 0.7 / max(1.5 * rate, 1e-9), 0.8, 2.5])

    def score(self, p: Floats, h: Histories) -> tuple[Floats, Floats]:
        r, alpha, a, b = p
        x, stays, some, until, since, left = self._parts(p, h)
        bought, stayed = by_count(gammaln, x, r) - gammaln(r), by_count(gammaln, x, b + self.first) - gammaln(b)
        ends = by_count(gammaln, x, a + b + self.first) - gammaln(a + b)
        log = bought + r * np.log(alpha) - (r + x) * until + stayed - ends + np.where(some, np.logaddexp(0, left), 0.0)
        w = np.where(some, share(left), 0.0)
        ends_slope = by_count(psi, x, a + b + self.first) - psi(a + b)
        grad = np.empty((4, x.size))
        grad[0] = r * (by_count(psi, x, r) - psi(r) + np.log(alpha) - until + w * (until - since))
        grad[1] = r - alpha * (r + x) * ((1 - w) / (alpha + h.T) + w / (alpha + h.t_x))
        grad[2] = w - a * ends_slope
        grad[3] = b * (by_count(psi, x, b + self.first) - psi(b) - ends_slope - w / stays)
        return log, grad

    def _parts(self, p: Floats, h: Histories) -> tuple[Floats, Floats, NDArray[np.bool_], Floats, Floats, Floats]:
        """(x, weight of having stayed, whether one may have left, log times to T and to t_x, log odds of having left at t_x)."""
        r, alpha, a, b = p
        survived = h.x + self.first
        some = survived > 0
        stays = np.where(some, b + survived - 1, 1.0)
        until, since = np.log(alpha + h.T), np.log(alpha + h.t_x)
        return h.x, stays, some, until, since, np.log(a) - np.log(stays) + (r + h.x) * (until - since)

    def alive(self, p: Floats, h: Histories) -> Floats:
        _, _, some, _, _, left = self._parts(p, h)
        return np.where(some, share(-left), 1.0)

    def expected(self, p: Floats, h: Histories, horizon: Floats) -> Floats:
        r, alpha, a, b = p
        found: Floats = self.alive(p, h) * coming(a, b + h.x + self.first, r + h.x, horizon / (alpha + h.T + horizon))
        return found

    def mean(self, p: Floats, t: Floats) -> Floats:
        r, alpha, a, b = p
        stays = b / (a + b) if self.first else 1.0
        found: Floats = stays * coming(a, b + self.first, r, t / (alpha + t))
        return found

    def at_least(self, p: Floats, h: Histories, horizon: Floats, y: Floats) -> Floats:
        r, alpha, a, b = p
        b = b + h.x + self.first
        stays = np.exp(gammaln(b + y - 1) - gammaln(b) + gammaln(a + b) - gammaln(a + b + y - 1))
        found: Floats = self.alive(p, h) * stays * counted(r + h.x, horizon / (alpha + h.T + horizon), y)
        return found

    def wait(self, p: Floats, h: Histories) -> Floats:
        r, alpha, _, _ = p
        found: Floats = (alpha + h.T) * np.expm1(np.log(2) / (r + h.x))
        return found


LAW = BgNbd()


def fit(histories: Histories, *, penalty: float = 0.0, covariates: Covariates | None = None) -> Fitted:
    """By maximum likelihood; `penalty`: see `fitted.fit_law`. ValueError where there is nothing to learn from."""
    return fit_law(LAW, histories, penalty=penalty, covariates=covariates)
