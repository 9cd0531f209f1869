"""What `vincle value` works out of purchases or of a summary, before it is told."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vincle.identify.linkage.files import Table
from vincle.project.commands.value_covariates import Known, of_customers
from vincle.project.commands.value_reading import Purchases, Summary
from vincle.science.value import choosing, worth
from vincle.science.value import spend as spending
from vincle.science.value.choosing import Learnt
from vincle.science.value.cohorts import Cohorts
from vincle.science.value.fitted import Fitted, fit_law, law_of
from vincle.science.value.given import given
from vincle.science.value.histories import Histories, Observed, of_purchases

UNITS: Final = {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}
LEANS: Final = 0.1
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    model: str
    unit: str
    horizon: float
    until: date | None
    penalty: float | None
    level: float
    discount: float
    margin: float
    covariates: tuple[str, ...] = ()


@dataclass
class Found:
    """`known`: covariates, where some were asked for, and the same model `without` them."""

    learnt: Learnt
    ids: list[str]
    rows: Observed
    predicted: worth.Predicted
    total: worth.Total
    why: str
    comparison: list[dict[str, Any]] = field(default_factory=list)
    holdout: dict[str, Any] | None = None
    until: str | None = None
    count: Floats | None = None
    only_refunds: int = 0
    known: Known | None = None
    without: Fitted | None = None


def of_rows(read: Purchases, asked: Asked, table: Table) -> Found:
    """ValueError where there is nobody, or nothing to learn from; Faulty for a covariate that is none."""
    if not read.days.size:
        raise ValueError("no row holds a purchase")
    end = int(read.days.max())
    until = min(end, asked.until.toordinal()) if asked.until else end
    if until < read.days.min():
        raise ValueError(f"there is no purchase until {asked.until}")
    is_grid = asked.model == "auto" and asked.unit in ("month", "year") and _is_grid(read.days, asked.unit)
    model = "bgbb" if is_grid else asked.model
    times, unit_days = read.days.astype(np.float64), UNITS[asked.unit]
    stop, last = float(until), float(end)
    if model == "bgbb":
        times, unit_days = _periods(read.days, asked.unit), 1.0
        stop, last = (float(_periods(np.array([each]), asked.unit)[0]) for each in (until, end))
    models = choosing.CONTINUOUS if model == "auto" else (model,)
    penalty = asked.penalty if asked.penalty is not None else LEANS if model == "auto" else 0.0
    rows = of_purchases(read.who, times, read.money, unit_days=unit_days, end_days=stop)
    known = _known(read, rows, table, asked.covariates, times <= stop) if asked.covariates else None
    learnt = choosing.learn(
        read.who, times, read.money, unit_days=unit_days, end_days=stop, models=models, penalty=penalty,
        covariates=known.covariates if known else None,
    )  # fmt: skip
    found = _found(learnt, [read.ids[int(place)] for place in rows.ids], rows, asked, model == "bgbb", known)
    found.why = "on_a_grid" if is_grid else learnt.told["why"]
    found.until = date.fromordinal(until).isoformat()
    found.only_refunds = int(np.unique(read.who[times <= stop]).size - len(rows.ids))
    if last > stop:
        _look_ahead(found, read, times, rows, stop, last, unit_days, model, penalty)
    elif model == "auto":
        found.comparison, found.holdout = learnt.told["candidates"], learnt.told["holdout"]
    return found


def _look_ahead(
    found: Found, read: Purchases, times: Floats, rows: Observed, stop: float, last: float, unit_days: float, model: str, penalty: float
) -> None:
    """What the customers known at the end of calibration did afterwards, beside what each model had expected."""
    bought = np.ones(times.size, bool) if read.money is None else ~(read.money < 0)
    seen = of_purchases(read.who[bought], times[bought], unit_days=unit_days, end_days=last)
    after = bought & (times > stop)
    made = np.unique(np.column_stack((read.who[after], times[after])), axis=0)[:, 0]
    known = np.searchsorted(seen.ids, rows.ids)
    later = np.bincount(np.searchsorted(seen.ids, made), minlength=len(seen.ids))[known]
    covariates = found.known.covariates if found.known else None
    part = choosing.Part(stop, rows.histories, later.astype(np.float64), (last - stop) / unit_days, covariates)
    judged = [choosing.judge(found.learnt.counts, part)]
    for other in ("bgbb",) if model == "bgbb" else choosing.CONTINUOUS:
        if other != found.learnt.counts.model:
            try:
                judged.append(choosing.judge(fit_law(law_of(other), rows.histories, penalty=penalty, covariates=covariates), part))
            except ValueError:
                continue
    if not isinstance(found.learnt.counts, Cohorts):
        judged.append(choosing.judge(Cohorts.of(rows.histories), part))
    found.comparison = [choosing.candidate(each, part) for each in judged]
    since = float(given(found.learnt.counts, part.values).mean((last - rows.first_day) / unit_days).sum())
    whole = float(seen.histories.x[known].sum())
    found.holdout = {
        **choosing.holdout(judged[0], part, unit_days), "cumulative_actual": whole, "cumulative_expected": since,
        "cumulative_error": since / whole - 1 if whole else None,
    }  # fmt: skip


def _known(read: Purchases, rows: Observed, table: Table, names: tuple[str, ...], inside: NDArray[np.bool_]) -> Known:
    """What the table says of each customer of `rows`: with the first purchase, where it says several things."""
    inside = inside & np.isin(read.who, rows.ids)
    order = np.lexsort((read.rows[inside], read.days[inside]))
    place = np.searchsorted(rows.ids.astype(np.int64), read.who[inside][order])
    return of_customers(table, names, place, read.rows[inside][order], len(rows.ids))


def of_summary(read: Summary, asked: Asked, table: Table) -> Found:
    """Without dates nothing can be held out: `auto` compares likelihoods, and it is said so."""
    if not read.x.size:
        raise ValueError("no row holds a customer")
    h = Histories(read.x, read.t_x, read.T, read.count)
    whole = not (read.T % 1).any() and not (read.t_x % 1).any() and (read.x <= read.t_x).all()
    models = (asked.model,) if asked.model != "auto" else ("bgbb",) if whole else choosing.CONTINUOUS
    penalty = asked.penalty if asked.penalty is not None else 0.0
    known = of_customers(table, asked.covariates, np.arange(len(h)), read.rows, len(h)) if asked.covariates else None
    fits = [fit_law(law_of(model), h, penalty=penalty, covariates=known.covariates if known else None) for model in models]
    best = max(fits, key=lambda each: each.log_likelihood)
    unit_days = 1.0 if best.model == "bgbb" else UNITS[asked.unit]
    nothing = np.full(len(h), np.nan)
    spends = read.x if read.spend is not None else np.zeros(len(h))
    rows = Observed(np.arange(len(h)), h, nothing if read.spend is None else read.spend, spends, nothing, nothing)
    spend, goes = spending.learn(rows, penalty)
    told = choosing.facts(best, "asked", rows, unit_days)
    told["spend"] = choosing.spend_facts(spend, goes)
    found = _found(Learnt(best, spend, unit_days, told), read.ids, rows, asked, best.model == "bgbb", known)
    found.why = "asked" if asked.model != "auto" else "on_a_grid" if whole else "best_likelihood"
    found.comparison = [{"model": each.model, "log_likelihood": each.log_likelihood} for each in fits] if len(fits) > 1 else []
    found.count = read.count
    return found


def _found(learnt: Learnt, ids: list[str], rows: Observed, asked: Asked, is_discrete: bool, known: Known | None) -> Found:
    h = rows.histories
    unit_days = UNITS[asked.unit]
    ahead = asked.horizon * learnt.unit_days
    # Of periods the model knows no days: a year of them is as many as fit into one.
    discount = (1 + asked.discount) ** unit_days - 1 if is_discrete else asked.discount
    of_each = (learnt, h.x, h.t_x, h.T, rows.mean_spend, rows.spends)
    more: dict[str, Any] = {"horizon_days": ahead, "yearly_discount": discount, "margin": asked.margin, "level": asked.level}
    values = known.covariates.values if known else None
    predicted, whole = worth.predict_and_total(*of_each, **more, count=h.count, covariates=values)
    without = None
    if known and isinstance(learnt.counts, Fitted):
        without = fit_law(learnt.counts.law, h, penalty=learnt.counts.penalty)
    return Found(learnt, ids, rows, predicted, whole, "", known=known, without=without)


def _is_grid(days: Any, unit: str) -> bool:
    """Whether everything falls on one day of the month, or of the year."""
    found = {date.fromordinal(int(day)) for day in np.unique(days)}
    return len({(each.day, each.month if unit == "year" else 0) for each in found}) == 1 and len(found) > 2


def _periods(days: Any, unit: str) -> Floats:
    """The number of the calendar's day, week (from Monday), month or year."""
    distinct, place = np.unique(days, return_inverse=True)

    def period(day: int) -> int:
        at = date.fromordinal(day)
        return {"day": day, "week": (day - 1) // 7, "month": at.year * 12 + at.month, "year": at.year}[unit]

    return np.array([period(int(day)) for day in distinct], np.float64)[place.reshape(-1)]


__all__ = ["LEANS", "UNITS", "Asked", "Fitted", "Found", "of_rows", "of_summary"]
