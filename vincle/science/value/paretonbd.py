"""Pareto/NBD: purchases at a rate of one's own, gamma among customers, until one leaves, which may happen at any time, at a rate that is
one's own and gamma too.

Parameters: r and alpha of the rate of buying (mean r / alpha a unit of time), s and beta of the rate of leaving (mean s / beta).
Source: D. C. Schmittlein, D. G. Morrison and R. Colombo, Counting your customers, Management Science 33 (1987), 1-24. Their likelihood is a
difference of two hypergeometric functions, which loses its digits; here the integral behind it is worked out, which has none to lose
(`_leaving`).
"""

import numpy as np
from scipy.special import gammaln, psi

from ._leaving import Leaving
from .fitted import Covariates, Fitted, fit_law
from .histories import Floats, Histories
from .law import by_count, counted, share

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(10)


class ParetoNbd:
    name = "paretonbd"
    names: tuple[str, ...] = ("r", "alpha", "s", "beta")
    moved = {"alpha": -1.0, "beta": -1.0}
    is_discrete = False

    def start(self, h: Histories) -> Floats:
        span = float(h.T.max())
        rate = float((h.counts * h.x).sum() / max(float((h.counts * h.T).sum()), 1e-12))
        return np.array([0.7, 0.7 / max(1.5 * rate, 1e-9), 0.7, 0.4 * span])

    def score(self, p: Floats, h: Histories) -> tuple[Floats, Floats]:
        r, alpha, s, beta = p
        x = h.x
        left = Leaving.of(p, h)
        there, gone = np.log(alpha + h.T), np.log(beta + h.T)
        stays = -(r + x) * there - s * gone
        log = by_count(gammaln, x, r) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + np.logaddexp(stays, left.log)
        w = share(left.log - stays)
        grad = np.empty((4, x.size))
        grad[0] = r * (by_count(psi, x, r) - psi(r) + np.log(alpha) - (1 - w) * there + w * left.slopes[0])
        grad[1] = r + alpha * (-(1 - w) * (r + x) / (alpha + h.T) + w * left.slopes[1])
        grad[2] = s * (np.log(beta) - (1 - w) * gone + w * left.slopes[2])
        grad[3] = s + beta * (-(1 - w) * s / (beta + h.T) + w * left.slopes[3])
        return log, grad

    def alive(self, p: Floats, h: Histories) -> Floats:
        r, alpha, s, beta = p
        found: Floats = share(-(r + h.x) * np.log(alpha + h.T) - s * np.log(beta + h.T) - Leaving.of(p, h, False).log)
        return found

    def expected(self, p: Floats, h: Histories, horizon: Floats) -> Floats:
        r, alpha, s, beta = p
        found: Floats = self.alive(p, h) * (r + h.x) / (alpha + h.T) * _lasting(s, beta + h.T, horizon)
        return found

    def mean(self, p: Floats, t: Floats) -> Floats:
        r, alpha, s, beta = p
        found: Floats = r / alpha * _lasting(s, beta, t)
        return found

    def at_least(self, p: Floats, h: Histories, horizon: Floats, y: Floats) -> Floats:
        """Who leaves after u has bought as one with time u ahead: the mean over when one may leave."""
        r, alpha, s, beta = p
        shape, since, beta = r + h.x, alpha + h.T, beta + h.T
        until = np.log1p(horizon / beta)
        stays = np.exp(-s * until)
        total = stays * counted(shape, horizon / (since + horizon), y)
        for node, weight in zip((1 + _NODES) / 2, _WEIGHTS / 2, strict=True):
            w = node * until
            u = beta * np.expm1(w)
            total = total + weight * until * s * np.exp(-s * w) * counted(shape, u / (since + u), y)
        found: Floats = self.alive(p, h) * total
        return found

    def wait(self, p: Floats, h: Histories) -> Floats:
        r, alpha, _, _ = p
        found: Floats = (alpha + h.T) * np.expm1(np.log(2) / (r + h.x))
        return found


def _lasting(s: Floats, beta: Floats, t: Floats) -> Floats:
    """Time spent as a customer of the next t: (beta - beta (beta / (beta + t))^(s - 1)) / (s - 1), s = 1 too."""
    log = np.log1p(t / beta)
    y = (1 - s) * log
    small = np.abs(y) < 1e-8
    found: Floats = beta * log * np.where(small, 1 + y / 2, np.expm1(y) / np.where(small, 1.0, y))
    return found


LAW = ParetoNbd()


def fit(histories: Histories, *, penalty: float = 0.0, covariates: Covariates | None = None) -> Fitted:
    """By maximum likelihood; `penalty`: see `fitted.fit_law`. ValueError where there is nothing to learn from."""
    return fit_law(LAW, histories, penalty=penalty, covariates=covariates)
