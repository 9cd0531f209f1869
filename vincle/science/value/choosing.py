"""Which model to believe: the one that foretold best a part of time it had not seen. Never silently: `Learnt.told` says why.

Customers are learnt from up to a day; what each did after it is foretold, and judged by the mean log of the chance that was given to it
(a proper score: nothing is gained by being surer than one is). Below 50 buyers, without enough time to judge, or where no model foretells
better than averages of customers alike, those are used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from . import spend as spending
from ._drawn import curve, histogram
from .cohorts import Cohorts
from .fitted import Covariates, Fitted, fit_law, law_of
from .gamma_gamma import GammaGamma
from .given import given
from .histories import Floats, Histories, Ints, Observed, of_purchases

FEWEST: Final = 50
"""Buyers, below which no model is fitted."""
CONTINUOUS: Final = ("mbgnbd", "bgnbd", "paretonbd")
"""In the order in which they are preferred where they foretell alike: BG/NBD holds everybody who bought once for a customer still."""
BETTER: Final = 0.0005
"""By how much a score must be better for a later model to be taken instead of an earlier one."""


@dataclass(frozen=True, eq=False)
class Learnt:
    """What was learnt of all customers. `counts`: a `Fitted` or the `Cohorts` fallback; `spend`: a fitted Gamma-Gamma, a plain mean, or
    None where no amounts are known; `told`: JSON for screens.

    told = {
      "model": "bgnbd" | "mbgnbd" | "paretonbd" | "bgbb" | "cohorts",
      "why": "best_on_holdout" | "few_buyers" | "short_history" | "cohorts_better" | "none_fits" | "asked",
      "customers": int, "repeaters": int, "purchases": int, "unit_days": float,
      "candidates": [{"model", "log_likelihood" | None, "score" (mean log predictive score a customer on the hold-out), "error" (of the
                      cumulative count, as a share) | None, "cover" (share of customers inside their 90 % interval)} ...],
      "holdout": {"from_day", "days", "customers", "actual", "expected", "error" | None, "cover", "model"} | None,
      "parameters": [{"name", "value", "standard_error" | None}...], "log_likelihood": float | None,
      "spend": {"model": "gamma_gamma" | "mean", "parameters": [...], "mean": float, "correlation": float | None} | None,
      "curve": [{"day", "actual", "expected"}...]  (cumulative repeat purchases of everybody; "day" as at_days; expected by the model
               as learnt before the hold-out, so that what comes after "from_day" was not seen),
      "histogram": [{"purchases": 0.., "is_last": bool, "actual", "expected" | None}...]  (repeat purchases; the last is "or more"),
    }
    """

    counts: Fitted | Cohorts
    spend: GammaGamma | spending.MeanSpend | None
    unit_days: float
    told: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """As JSON; `from_json` is its inverse."""
        spend = None if self.spend is None else self.spend.to_json()
        return {"counts": self.counts.to_json(), "spend": spend, "unit_days": self.unit_days, "told": self.told}

    @classmethod
    def from_json(cls, kept: Any) -> "Learnt":
        """ValueError when it is none."""
        try:
            counts = kept["counts"]
            model = Cohorts.from_json(counts) if counts["model"] == "cohorts" else Fitted.from_json(counts)
            return cls(model, spending.kept(kept["spend"]), float(kept["unit_days"]), dict(kept["told"]))
        except (KeyError, TypeError) as error:
            raise ValueError("nothing that was learnt") from error


class Part(NamedTuple):
    """Customers up to a day, and what each did after it [k] in the `span` (units of time) until the end. `known`: covariates of each."""

    from_day: float
    before: Histories
    later: Floats
    span: float
    known: Covariates | None = None

    @property
    def values(self) -> Floats | None:
        return self.known.values if self.known else None


class Judged(NamedTuple):
    counts: Fitted | Cohorts
    score: float
    expected: float
    cover: float


def learn(
    who: ArrayLike, at_days: ArrayLike, amounts: ArrayLike | None = None, *, unit_days: float = 7.0, end_days: float | None = None,
    models: Sequence[str] = CONTINUOUS, holdout_days: float | None = None, penalty: float = 0.1, covariates: Covariates | None = None,
) -> Learnt:  # fmt: skip
    """Purchases as `histories.of_purchases` takes them; the hold-out is the last third of the time unless `holdout_days` says otherwise.
    `covariates`: a row a customer, in the order of `of_purchases(...).ids`.

    One model alone is asked for, and taken. ValueError where there is no customer, or nothing the one model can be learnt from.
    """
    codes = np.unique(np.asarray(who), return_inverse=True)[1].reshape(-1)
    days = np.floor(np.asarray(at_days, np.float64))
    end = float(days.max() if end_days is None and days.size else np.floor(end_days or 0.0))
    seen = of_purchases(codes, days, amounts, unit_days=unit_days, end_days=end)
    if not len(seen.ids):
        raise ValueError("there is no customer")
    bought = np.ones(days.size, bool) if amounts is None else ~(np.asarray(amounts, np.float64) < 0)
    part = cut(codes[bought], days[bought], seen, end, unit_days, holdout_days, covariates)
    every = seen.histories
    judged = _judged(part, models, penalty) if part is not None and len(seen.ids) >= FEWEST else []
    model, why = _chosen(judged, models, len(seen.ids), part)
    counts = _whole(model, every, part, penalty, covariates)
    if counts is None:
        counts, why = _whole("cohorts", every, part, penalty, None), "none_fits"
    assert counts is not None
    spend, goes = spending.learn(seen, penalty)
    told = facts(counts, why, seen, unit_days)
    told["spend"] = spend_facts(spend, goes)
    mine = next((each for each in judged if each.counts.model == counts.model), None)
    if part is not None:
        told["candidates"] = [candidate(each, part) for each in judged]
        told["holdout"] = holdout(mine, part, unit_days) if mine else None
    values = covariates.values if covariates and isinstance(counts, Fitted) else None
    told["curve"] = curve(mine.counts if mine else counts, codes[bought], days[bought], seen, end, unit_days, values)
    told["histogram"] = histogram(counts, every, values)
    return Learnt(counts, spend, unit_days, told)


def cut(
    who: Ints, days: Floats, seen: Observed, end: float, unit_days: float, holdout_days: float | None, covariates: Covariates | None = None
) -> Part | None:
    """The time cut in two; None where one of the parts would say too little."""
    begin = float(seen.first_day.min())
    ahead = np.floor((end - begin) / 3) if holdout_days is None else float(holdout_days)
    day = end - ahead
    if ahead < max(unit_days, 1.0) or day - begin < 2 * unit_days:
        return None
    early = of_purchases(who, days, unit_days=unit_days, end_days=day)
    after = days > day
    _, where, _ = np.intersect1d(seen.ids, early.ids, return_indices=True)
    once = np.unique(np.column_stack((who[after], days[after])), axis=0)[:, 0] if after.any() else np.zeros(0)
    later = np.bincount(np.searchsorted(seen.ids, once), minlength=len(seen.ids))[where].astype(np.float64)
    if len(early.ids) < FEWEST / 2 or not early.histories.x.any():
        return None
    known = Covariates(covariates.names, covariates.values[where]) if covariates else None
    return Part(day, early.histories, later, ahead / unit_days, known)


def _judged(part: Part, models: Sequence[str], penalty: float) -> list[Judged]:
    """Each model that can be fitted, then the averages, as they foretold the hold-out."""
    h, found = part.before, []
    for model in models:
        try:
            found.append(judge(fit_law(law_of(model), h, penalty=penalty, covariates=part.known), part))
        except ValueError:
            continue
    return [*found, judge(Cohorts.of(h), part)]


def judge(counts: Fitted | Cohorts, part: Part) -> Judged:
    h, y, asked = part.before, part.later, given(counts, part.values)
    expected = asked.expected(h.x, h.t_x, h.T, part.span)
    chance = asked.at_least(y, h.x, h.t_x, h.T, part.span) - asked.at_least(y + 1, h.x, h.t_x, h.T, part.span)
    low, high = asked.draws(h.x, h.t_x, h.T, part.span, 0.9)
    score = float(np.log(np.maximum(chance, 1e-12)).mean())
    return Judged(counts, score, float(expected.sum()), float(((low <= y) & (y <= high)).mean()))


def _chosen(judged: list[Judged], models: Sequence[str], customers: int, part: Part | None) -> tuple[str, str]:
    if len(models) == 1:
        return models[0], "asked"
    if customers < FEWEST:
        return "cohorts", "few_buyers"
    if part is None:
        return "cohorts", "short_history"
    if len(judged) < 2:
        return "cohorts", "none_fits"
    best = judged[0]
    for each in judged[1:]:
        best = each if each.score > best.score + BETTER else best
    return best.counts.model, "cohorts_better" if best.counts.model == "cohorts" else "best_on_holdout"


def _whole(model: str, every: Histories, part: Part | None, penalty: float, covariates: Covariates | None) -> Fitted | Cohorts | None:
    """Learnt from all of the time."""
    if model == "cohorts":
        return Cohorts.of(every) if part is None else Cohorts.of(part.before, part.later, part.span)
    try:
        return fit_law(law_of(model), every, penalty=penalty, covariates=covariates)
    except ValueError:
        if model in CONTINUOUS and penalty > 0 and len(every) and every.T.max() > 0:
            raise
        return None


def facts(counts: Fitted | Cohorts, why: str, seen: Observed, unit_days: float) -> dict[str, Any]:
    """The beginning of `Learnt.told`."""
    h = seen.histories
    people = float(h.counts.sum())
    told: dict[str, Any] = {
        "model": counts.model, "why": why, "customers": round(people), "repeaters": round(float(h.counts[h.x > 0].sum())),
        "purchases": round(float(h.counts @ h.x) + people), "unit_days": unit_days, "candidates": [], "holdout": None,
        "parameters": [], "log_likelihood": None, "spend": None, "curve": [], "histogram": [],
    }  # fmt: skip
    if isinstance(counts, Fitted):
        told["parameters"] = _parameters(counts.parameters, counts.standard_errors)
        told["log_likelihood"] = counts.log_likelihood
    return told


def holdout(each: Judged, part: Part, unit_days: float) -> dict[str, Any]:
    """What came, beside what one model had expected."""
    return {
        "from_day": part.from_day, "days": part.span * unit_days, "customers": len(part.before), "model": each.counts.model,
        "actual": float(part.later.sum()), "expected": each.expected, "error": _error(each, part), "cover": each.cover,
    }  # fmt: skip


def candidate(each: Judged, part: Part) -> dict[str, Any]:
    log = each.counts.log_likelihood if isinstance(each.counts, Fitted) else None
    return {"model": each.counts.model, "log_likelihood": log, "score": each.score, "error": _error(each, part), "cover": each.cover}


def _error(each: Judged, part: Part) -> float | None:
    actual = float(part.later.sum())
    return each.expected / actual - 1 if actual else None


def _parameters(values: dict[str, float], errors: dict[str, float] | None) -> list[dict[str, Any]]:
    return [{"name": name, "value": value, "standard_error": errors[name] if errors else None} for name, value in values.items()]


def spend_facts(found: GammaGamma | spending.MeanSpend | None, goes: float | None) -> dict[str, Any] | None:
    """`Learnt.told["spend"]`."""
    if found is None:
        return None
    is_model = isinstance(found, GammaGamma)
    parameters = _parameters(found.parameters, found.standard_errors) if isinstance(found, GammaGamma) else []
    return {"model": "gamma_gamma" if is_model else "mean", "parameters": parameters, "mean": found.mean, "correlation": goes}
