"""BG/BB: in each period a customer buys with a chance of one's own, beta among customers, until one leaves, with a chance a period that
is beta too. For what can happen once a period: a yearly gift, a monthly visit, a fair.

Times are whole periods after that of the first purchase: x of T periods with a purchase, the last in period t_x. Parameters: alpha and
beta of the chance to buy (mean alpha / (alpha + beta)), gamma and delta of the chance to leave.
Source: P. S. Fader, B. G. S. Hardie and J. Shang, Customer-base analysis in a discrete-time noncontractual setting, Marketing Science 29
(2010), 1086-1108.
"""

from typing import Final

import numpy as np
from scipy.special import betaln, logsumexp, psi

from .fitted import Covariates, Fitted, fit_law
from .histories import Floats, Histories

MOST: Final = 20_000
"""Periods: more are days or seconds, for which other models are made."""


class BgBb:
    name = "bgbb"
    names: tuple[str, ...] = ("alpha", "beta", "gamma", "delta")
    moved = {"alpha": 1.0, "gamma": 1.0}
    is_discrete = True

    def start(self, h: Histories) -> Floats:
        """ValueError for times that are no whole periods."""
        if (h.T % 1).any() or (h.t_x % 1).any() or (h.x > h.t_x).any() or h.T.max() > MOST:
            raise ValueError("BG/BB wants whole periods, and no more than one purchase in each")
        share = float((h.counts * h.x).sum() / max(float((h.counts * h.T).sum()), 1e-12))
        return np.array([1.0, 1.0 / np.clip(1.5 * share, 0.02, 0.9) - 1.0 + 0.2, 0.7, 2.5])

    def score(self, p: Floats, h: Histories) -> tuple[Floats, Floats]:
        alpha, beta, gamma, delta = (each[..., None] for each in p)
        logs, tries, periods, left = self._parts(p, h)
        log = logsumexp(logs, axis=1)
        w = np.exp(logs - log[:, None])
        x, missed = h.x[:, None], tries - h.x[:, None]
        both, end = psi(alpha + beta + tries) - psi(alpha + beta), psi(gamma + delta + left + periods) - psi(gamma + delta)
        parts = (
            alpha * (psi(alpha + x) - psi(alpha) - both), beta * (psi(beta + missed) - psi(beta) - both),
            gamma * (psi(gamma + left) - psi(gamma) - end), delta * (psi(delta + periods) - psi(delta) - end),
        )  # fmt: skip
        return log, np.array([(w * part).sum(axis=1) for part in parts])

    def _parts(self, p: Floats, h: Histories) -> tuple[Floats, Floats, Floats, Floats]:
        """Ways [k, 1 + n] in which it can have come about: still there at T, or left after period t_x + i. (log chance of each, periods in
        which one could have bought, periods survived, 1 where one left.)"""
        alpha, beta, gamma, delta = (each[..., None] for each in p)
        gap = h.T - h.t_x
        at = np.arange(int(gap.max()) + 1 if gap.size else 1) - 1.0
        left = np.broadcast_to((at >= 0).astype(np.float64), (len(h), at.size))
        periods = np.where(at < 0, h.T[:, None], h.t_x[:, None] + np.maximum(at, 0))
        logs = betaln(alpha + h.x[:, None], beta + periods - h.x[:, None]) - betaln(alpha, beta)
        logs = logs + betaln(gamma + left, delta + periods) - betaln(gamma, delta)
        return np.where(at < gap[:, None], logs, -np.inf), periods, periods, left

    def alive(self, p: Floats, h: Histories) -> Floats:
        """In the period after T."""
        return self._stays(p, h, np.ones(1))[:, 0]

    def _stays(self, p: Floats, h: Histories, more: Floats) -> Floats:
        """The chance to be there still, `more` [m] periods after T: [k, m]."""
        alpha, beta, gamma, delta = p
        log = logsumexp(self._parts(p, h)[0], axis=1)
        there = betaln(alpha + h.x, beta + h.T - h.x) - betaln(alpha, beta) - log - betaln(gamma, delta)
        there = np.broadcast_to(there, h.x.size)
        found: Floats = np.exp(there[:, None] + betaln(gamma[..., None], delta[..., None] + h.T[:, None] + more))
        return found

    def expected(self, p: Floats, h: Histories, horizon: Floats) -> Floats:
        alpha, beta, _, _ = p
        ahead = _periods(horizon)
        more = np.arange(1.0, ahead.max() + 1 if ahead.size else 1)
        stays = np.where(more <= ahead[:, None], self._stays(p, h, more), 0.0).sum(axis=1)
        found: Floats = stays * (alpha + h.x) / (alpha + beta + h.T)
        return found

    def mean(self, p: Floats, t: Floats) -> Floats:
        none = np.zeros(t.size)
        return self.expected(p, Histories(none, none, none), t)

    def at_least(self, p: Floats, h: Histories, horizon: Floats, y: Floats) -> Floats:
        """Over how many of the next periods one stays: beta-binomial in each case."""
        alpha, beta, _, _ = p
        ahead = _periods(horizon)
        more = np.arange(1.0, ahead.max() + 1 if ahead.size else 1)
        stays = np.where(more <= ahead[:, None], self._stays(p, h, more), 0.0)
        # The y-th purchase falls into period m with a chance of its own; y or more are made where one stays until then.
        y, m = y[:, None], more[None]
        chosen = -np.log(m) - betaln(np.maximum(m - y + 1, 1.0), y)
        one, two = (alpha + h.x)[:, None], (beta + h.T - h.x)[:, None]
        hit = np.exp(chosen + betaln(one + y, two + np.maximum(m - y, 0.0)) - betaln(one, two))
        found: Floats = np.where(m >= y, stays * hit, 0.0).sum(axis=1)
        return np.minimum(found, 1.0)

    def wait(self, p: Floats, h: Histories) -> Floats:
        alpha, beta, _, _ = p
        one, two = np.broadcast_to(alpha + h.x, h.x.shape), np.broadcast_to(beta + h.T - h.x, h.x.shape)
        low, high = np.zeros(h.x.size), np.full(h.x.size, float(MOST) * 50)
        for _ in range(24):
            middle = np.ceil((low + high) / 2)
            never = betaln(one, two + middle) - betaln(one, two) > np.log(0.5)
            low, high = np.where(never, middle, low), np.where(never, high, middle)
        return high


def _periods(horizon: Floats) -> Floats:
    if horizon.size and horizon.max() > MOST:
        raise ValueError(f"BG/BB looks at most {MOST:,} periods ahead")
    found: Floats = np.floor(horizon)
    return found


LAW = BgBb()


def fit(histories: Histories, *, penalty: float = 0.0, covariates: Covariates | None = None) -> Fitted:
    """By maximum likelihood; `penalty`: see `fitted.fit_law`. ValueError where there is nothing to learn from."""
    return fit_law(LAW, histories, penalty=penalty, covariates=covariates)
