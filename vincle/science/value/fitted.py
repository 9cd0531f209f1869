"""A model with its parameters: learnt by maximum likelihood, asked for each customer, kept as JSON.

Standard errors come from the curvature of the log-likelihood in the logs of the parameters (delta method).
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from math import log
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from ._likelihood import Covariates, Likelihood
from .histories import Floats, Histories, same_rows
from .law import Law, Rows, bounds

FEW: Final = 1_000
"""Of fewer customers, what the parameters may be as well is part of each interval."""
PIECE: Final = 8_192
"""So many rows are worked out at once: they stay close to the processor."""
NAMES: Final = ("bgnbd", "mbgnbd", "paretonbd", "bgbb")

__all__ = ["Covariates", "Fitted", "fit_law", "law_of"]


def law_of(model: str) -> Law:
    """ValueError for a model there is not."""
    if model not in NAMES:
        raise ValueError(f"there is no model '{model}'; there are {', '.join(NAMES)}")
    law: Law = import_module(f"{__package__}.{model}").LAW
    return law


@dataclass(frozen=True, eq=False)
class Fitted:
    """`parameters`: by name; what covariates change is named parameter.covariate. `standard_errors` and `covariance` (of the logs of the
    parameters, and of coefficients as they are): None where the data say too little. `log_likelihood`: without the penalty."""

    model: str
    parameters: dict[str, float]
    log_likelihood: float
    customers: int
    standard_errors: dict[str, float] | None = None
    covariance: Floats | None = None
    covariates: tuple[str, ...] = ()
    penalty: float = 0.0

    def alive(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, covariates: ArrayLike | None = None) -> Floats:
        """The chance [k] that each still is a customer at T (BG/BB: in the period after)."""
        return self._asked(lambda p, h, _: self.law.alive(p, h), x, t_x, T, 0.0, covariates)

    def expected(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, horizon: ArrayLike, covariates: ArrayLike | None = None) -> Floats:
        """Purchases expected [k] in the `horizon` after T, in units of time; a number or one each."""
        return self._asked(self.law.expected, x, t_x, T, horizon, covariates)

    def wait(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, covariates: ArrayLike | None = None) -> Floats:
        """Median time [k] until the next purchase of those who still are customers."""
        return self._asked(lambda p, h, _: self.law.wait(p, h), x, t_x, T, 0.0, covariates)

    def at_least(
        self, y: ArrayLike, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, horizon: ArrayLike, covariates: ArrayLike | None = None
    ) -> Floats:
        """The chance [k] of y (a number or one each) or more purchases in the horizon."""
        wanted = np.asarray(y, np.float64)

        def ask(p: Floats, h: Histories, ahead: Floats) -> Floats:
            more = np.broadcast_to(wanted, len(h)).astype(np.float64)
            return np.where(more > 0, self.law.at_least(p, h, ahead, np.maximum(more, 1.0)), 1.0)

        h = _histories(x, t_x, T)
        return ask(self._rows(covariates), h, _ahead(horizon, h))

    def draws(
        self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, horizon: ArrayLike, level: float = 0.9, covariates: ArrayLike | None = None
    ) -> tuple[Floats, Floats]:
        """Lowest and highest count [k] of the interval in which the purchases of the horizon will lie, with chance `level`."""
        h = _histories(x, t_x, T)
        first, place = np.arange(len(h)), np.arange(len(h))
        ahead = _ahead(horizon, h)
        if covariates is None:
            first, place = same_rows(h.x, h.t_x, h.T, ahead)
        h, ahead = _some(h, first), ahead[first]
        found = [
            bounds(self._mixed(_some(h, rows), ahead[rows], covariates, rows), self._guess(h, ahead, covariates, rows), level)
            for rows in _pieces(len(h))
        ]
        low, high = (np.concatenate([each[side] for each in found] or [np.zeros(0)]) for side in (0, 1))
        return low[place], high[place]

    def totals(
        self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, horizon: ArrayLike, count: ArrayLike = 1.0, covariates: ArrayLike | None = None
    ) -> Floats:
        """Purchases expected of all together (`count`: how many each row stands for), for parameters as they could be as well: [draws]."""
        h = _histories(x, t_x, T)
        self._rows(covariates)
        values = None if covariates is None else np.asarray(covariates, np.float64)
        many, ahead = np.broadcast_to(np.asarray(count, np.float64), len(h)), _ahead(horizon, h)
        every = [Likelihood.spread(self.law, theta, values) for theta in self._may_be(always=True)]
        return np.array([float(self.law.expected(p, h, ahead) @ many) for p in every])

    def mean(self, t: ArrayLike, covariates: ArrayLike | None = None) -> Floats:
        """Repeat purchases expected of new customers in the time t after the first, as `t` is shaped; with covariates of 0, or of each."""
        times = np.atleast_1d(np.asarray(t, np.float64))
        p = self._places()[:, None] if covariates is None else self._rows(covariates)
        return self.law.mean(p, times.reshape(-1)).reshape(np.shape(t))

    @property
    def law(self) -> Law:
        return law_of(self.model)

    def to_json(self) -> dict[str, Any]:
        """As JSON; `from_json` is its inverse."""
        return {
            "model": self.model, "parameters": self.parameters, "log_likelihood": self.log_likelihood, "customers": self.customers,
            "standard_errors": self.standard_errors, "covariance": None if self.covariance is None else self.covariance.tolist(),
            "covariates": list(self.covariates), "penalty": self.penalty,
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Any) -> "Fitted":
        """ValueError when this is no kept model."""
        try:
            covariance = None if kept["covariance"] is None else np.asarray(kept["covariance"], np.float64)
            law, known = law_of(str(kept["model"])), tuple(str(name) for name in kept["covariates"])
            # Stores may keep names in an order of their own; here it is the order of the numbers.
            order = (*law.names, *(f"{parameter}.{name}" for parameter in law.moved for name in known))
            parameters = {name: float(kept["parameters"][name]) for name in order}
            errors = kept["standard_errors"] and {str(name): float(value) for name, value in kept["standard_errors"].items()}
            found = cls(
                str(kept["model"]), parameters, float(kept["log_likelihood"]), int(kept["customers"]), errors, covariance,
                known, float(kept["penalty"]),
            )  # fmt: skip
            if not all(parameters[name] > 0 for name in found.law.names):
                raise ValueError("a parameter is not above 0")
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("not a kept model") from error
        return found

    def _places(self) -> Floats:
        return np.array([self.parameters[name] for name in self.law.names])

    def _theta(self) -> Floats:
        names = self.law.names
        return np.array([log(value) if name in names else value for name, value in self.parameters.items()])

    def _rows(self, covariates: ArrayLike | None) -> Floats:
        """Parameters as laws want them: one column, or one a row."""
        values = None if covariates is None else np.asarray(covariates, np.float64)
        if (values is None) != (not self.covariates) or (values is not None and values.shape[1:] != (len(self.covariates),)):
            raise ValueError(f"values of {len(self.covariates)} covariates are needed for each customer")
        return Likelihood.spread(self.law, self._theta(), values)

    def _asked(
        self, ask: Callable[[Floats, Histories, Floats], Floats], x: ArrayLike, t_x: ArrayLike, T: ArrayLike, horizon: ArrayLike,
        covariates: ArrayLike | None,
    ) -> Floats:  # fmt: skip
        h = _histories(x, t_x, T)
        ahead, p, place = _ahead(horizon, h), self._rows(covariates), None
        if covariates is None and len(h) > PIECE:
            first, place = same_rows(h.x, h.t_x, h.T, ahead)
            h, ahead = _some(h, first), ahead[first]
        pieces = [ask(p if p.shape[1] == 1 else p[:, rows], _some(h, rows), ahead[rows]) for rows in _pieces(len(h))]
        found: Floats = np.concatenate(pieces or [np.zeros(0)])
        return found if place is None else found[place]

    def _guess(self, h: Histories, ahead: Floats, covariates: ArrayLike | None, rows: Rows) -> Floats:
        p = self._rows(covariates)
        return self.law.expected(p if p.shape[1] == 1 else p[:, rows], _some(h, rows), ahead[rows])

    def _mixed(self, h: Histories, ahead: Floats, covariates: ArrayLike | None, at: Rows) -> Callable[[Rows, Floats], Floats]:
        """The chance of y or more, over what the parameters may be as well where there are few customers to know them from."""
        values = None if covariates is None else np.asarray(covariates, np.float64)[at]
        every = [Likelihood.spread(self.law, theta, values) for theta in self._may_be()]

        def at_least(rows: Rows, y: Floats) -> Floats:
            those, there = _some(h, rows), ahead[rows]
            chances = [self.law.at_least(p if p.shape[1] == 1 else p[:, rows], those, there, y) for p in every]
            found: Floats = np.mean(chances, axis=0)
            return found

        return at_least

    def _may_be(self, always: bool = False) -> Floats:
        """Parameters that could be as well, [2 d, d]: along the axes of their covariance, which they share with what could be.
        One where there are many customers."""
        theta = self._theta()
        if self.covariance is None or (self.customers >= FEW and not always):
            return theta[None]
        values, vectors = np.linalg.eigh(self.covariance)
        spread = (vectors * np.sqrt(np.clip(values, 0, 1.0) * theta.size)).T
        return np.concatenate((theta + spread, theta - spread))


def fit_law(law: Law, histories: Histories, *, penalty: float = 0.0, covariates: Covariates | None = None) -> Fitted:
    """By maximum likelihood. `penalty` >= 0: half of it, times the square of how far each log parameter is from where it is believed to
    be (`Law.start`) and each coefficient from 0, is taken off the log-likelihood: 1 counts little from 100 customers on.

    ValueError where there is nothing to learn from: nobody, no time, or nobody who bought again (without a penalty).
    """
    if not len(histories) or not histories.T.max() > 0:
        raise ValueError("there is no customer who was watched for some time")
    if not histories.x.any() and not penalty > 0:
        raise ValueError("nobody bought again, so there is nothing to learn from (a penalty would lean on what is usual)")
    if penalty < 0:
        raise ValueError(f"a penalty of {penalty}")
    likelihood = Likelihood.of(law, histories, penalty, covariates)
    top = likelihood.climbed()
    names = likelihood.names
    values = {name: float(np.exp(at) if name in law.names else at) for name, at in zip(names, top.place, strict=True)}
    errors = None
    if top.covariance is not None:
        wide = np.sqrt(np.diag(top.covariance))
        errors = {name: float(each * (values[name] if name in law.names else 1.0)) for name, each in zip(names, wide, strict=True)}
    told = -top.value + likelihood.lean(top.place)[0]
    return Fitted(law.name, values, told, histories.customers, errors, top.covariance, covariates.names if covariates else (), penalty)


def _histories(x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Histories:
    rows = np.broadcast_arrays(*(np.atleast_1d(np.asarray(each, np.float64)) for each in (x, t_x, T)))
    return Histories(*rows)


def _some(h: Histories, rows: Rows | slice) -> Histories:
    """Some rows, which need no looking over again."""
    found = object.__new__(Histories)
    for name, values in (("x", h.x), ("t_x", h.t_x), ("T", h.T), ("count", h.count)):
        object.__setattr__(found, name, None if values is None else values[rows])
    return found


def _ahead(horizon: ArrayLike, h: Histories) -> Floats:
    found = np.broadcast_to(np.asarray(horizon, np.float64), len(h)).astype(np.float64)
    if not ((found >= 0) & np.isfinite(found)).all():
        raise ValueError("a horizon is a time from 0 on")
    return found


def _pieces(size: int) -> list[Rows]:
    return [np.arange(start, min(start + PIECE, size)) for start in range(0, size, PIECE)]
