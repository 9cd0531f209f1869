"""How `vincle value` tells what it found: one JSON document, a few sentences, a line for each customer."""

import csv
from math import isfinite
from pathlib import Path
from typing import Any, Final

from scipy.stats import chi2

from vincle.project.commands.value_reading import Purchases, Told
from vincle.project.commands.value_working import Asked, Found
from vincle.science.value.fitted import Fitted
from vincle.science.value.gamma_gamma import GammaGamma

HEADINGS: Final = (
    "id", "x", "t_x", "T", "p_alive", "expected_purchases", "expected_value", "low", "high", "purchases_low", "purchases_high", "next_days",
)  # fmt: skip
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r")
NAMES: Final = {
    "bgnbd": "BG/NBD", "mbgnbd": "modified BG/NBD", "paretonbd": "Pareto/NBD", "bgbb": "BG/BB", "cohorts": "averages of customers alike",
}  # fmt: skip
WHY: Final = {
    "asked": "as asked",
    "best_on_holdout": "it foretold best what came after a part of the time",
    "best_likelihood": "it has the highest likelihood",
    "on_a_grid": "purchases fall into whole periods",
    "few_buyers": "there are fewer than 50 buyers, too few for a model: intervals are wide",
    "short_history": "there is too little time to judge a model by: intervals are wide",
    "cohorts_better": "no model foretold better than the averages: intervals are wide",
    "none_fits": "no model could be fitted: intervals are wide",
}


def of_reading(read: Purchases) -> list[str]:
    notes = [f"{read.refunds:,} refunds or cancellations take off money and are no purchases"] if read.refunds else []
    return [*notes, f"amounts are in {read.currency}"] if read.currency else notes


def facts(found: Found, asked: Asked, told: Told, notes: list[str]) -> dict[str, Any]:
    learnt, counts, total = found.learnt, found.learnt.counts, found.total
    model = dict(counts.parameters) if isinstance(counts, Fitted) else {}
    errors = dict(counts.standard_errors or {}) if isinstance(counts, Fitted) else {}
    if isinstance(learnt.spend, GammaGamma) and not set(learnt.spend.parameters) & set(model):
        model |= learnt.spend.parameters
        errors |= learnt.spend.standard_errors or {}
    notes = [*notes, f"{found.only_refunds:,} customers have refunds alone and are left out"] if found.only_refunds else notes
    notes = [*notes, *found.known.notes] if found.known else notes
    few = [] if learnt.told["customers"] >= 50 or found.why == "few_buyers" else ["fewer than 50 buyers: read intervals, not points"]
    return {
        "model": counts.model, "parameters": model, "standard_errors": errors or None, "log_likelihood": learnt.told["log_likelihood"],
        "customers": learnt.told["customers"], "repeaters": learnt.told["repeaters"], "purchases": learnt.told["purchases"],
        "only_refunds": found.only_refunds,
        "unit": asked.unit, "horizon": asked.horizon, "level": asked.level, "calibration_end": found.until, "why": found.why,
        "spend": learnt.told["spend"], "total": {name: getattr(total, name) for name in total.__dataclass_fields__},
        "holdout": found.holdout, "comparison": found.comparison, "histogram": learnt.told["histogram"],
        "covariates": _covariates(found),
        "left_out": dict(told.counts), "lines": told.lines, "notes": notes + few,
    }  # fmt: skip


def _covariates(found: Found) -> dict[str, Any] | None:
    """How each column was read, and whether they say more than chance: the likelihood ratio against the same model without them."""
    if found.known is None:
        return None
    with_, without = found.learnt.counts, found.without
    facts: dict[str, Any] = {"columns": found.known.columns, "log_likelihood_without": None, "degrees": None, "p_value": None}
    if isinstance(with_, Fitted) and without is not None:
        degrees = len(with_.parameters) - len(without.parameters)
        gain = 2 * (with_.log_likelihood - without.log_likelihood)
        facts |= {"log_likelihood_without": without.log_likelihood, "degrees": degrees, "p_value": float(chi2.sf(gain, degrees))}
    return facts


def text(facts: dict[str, Any], out: Path | None) -> str:
    total, unit = facts["total"], f"{facts['horizon']:g} {facts['unit']}s"
    lines = [
        f"{facts['customers']:,} customers, {facts['repeaters']:,} of whom bought again. In the next {unit} they will buy about"
        f" {total['purchases']:,.0f} times ({total['purchases_low']:,.0f} to {total['purchases_high']:,.0f}, {facts['level']:.0%} sure)"
        + (f", worth {total['value']:,.0f} ({total['low']:,.0f} to {total['high']:,.0f})." if facts["spend"] else "."),
        f"  Model: {NAMES[facts['model']]}: {WHY[facts['why']]}.",
    ]
    errors = facts["standard_errors"] or {}
    lines += [
        f"    {name:<6} {value:>10.4f}" + (f"  ± {errors[name]:.4f}" if name in errors else "")
        for name, value in facts["parameters"].items()
    ]
    if facts["log_likelihood"] is not None:
        lines.append(f"    log-likelihood {facts['log_likelihood']:,.2f}")
    if facts["covariates"]:
        lines += _covariates_text(facts["covariates"])
    if facts["holdout"]:
        held = facts["holdout"]
        error = "" if held["error"] is None else f" ({held['error']:+.1%})"
        said = f"{held['expected']:,.0f} purchases foretold, {held['actual']:,.0f} made{error}"
        lines.append(f"  Held out: {said}; intervals hold {held['cover']:.1%}.")
        if held.get("cumulative_error") is not None:
            since = f"{held['cumulative_expected']:,.0f} repeat purchases foretold, {held['cumulative_actual']:,.0f} made"
            lines.append(f"  Since their first purchase: {since} ({held['cumulative_error']:+.1%}).")
    for each in facts["comparison"]:
        lines.append(f"    {NAMES[each['model']]:<28} {_compared(each)}")
    lines += [f"  Left out or set right: {many:,} rows: {reason}." for reason, many in facts["left_out"].items()]
    lines += [f"    {line}" for line in facts["lines"][:5]]
    lines += [f"  Note: {note}." for note in facts["notes"]]
    return "\n".join([*lines, f"  Customers are in {out}."] if out else lines)


def _covariates_text(told: dict[str, Any]) -> list[str]:
    if told["p_value"] is None:
        return ["  Covariates are not used by averages."]
    lines = [
        f"    {each['column']}: for each {each['deviation']:,.4g} more" if each["kind"] == "number"
        else f"    {each['column']}: against '{each['reference']}'" for each in told["columns"]
    ]  # fmt: skip
    chance = f"{told['p_value']:.2g}" if told["p_value"] >= 1e-6 else "less than 0.000001"
    said = f"    log-likelihood {told['log_likelihood_without']:,.2f} without them; that much more by chance alone: {chance}"
    return ["  Covariates:", *lines, said]


def _compared(each: dict[str, Any]) -> str:
    if "score" not in each:
        return f"log-likelihood {each['log_likelihood']:,.2f}"
    error = "" if each["error"] is None else f"error {each['error']:+.1%}, "
    return f"{error}score {each['score']:.4f}, intervals hold {each['cover']:.1%}"


def write(out: Path, found: Found) -> None:
    """A line for each customer. `low` and `high` are of the money, where amounts are known, else of the purchases."""
    h, told = found.rows.histories, found.predicted
    is_money = found.learnt.spend is not None
    low, high = (told.low, told.high) if is_money else (told.purchases_low, told.purchases_high)
    columns = (
        h.x,
        h.t_x,
        h.T,
        told.p_alive,
        told.purchases,
        told.value,
        low,
        high,
        told.purchases_low,
        told.purchases_high,
        told.next_days,
    )
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*HEADINGS, *(["count"] if found.count is not None else [])])
        for row, id_ in enumerate(found.ids):
            cells: list[Any] = [neutral(id_), *(_number(float(column[row])) for column in columns)]
            if not is_money:
                cells[6] = ""
            writer.writerow([*cells, *([_number(float(found.count[row]))] if found.count is not None else [])])


def neutral(text: str) -> str:
    """A cell that no spreadsheet takes for a formula.

    >>> neutral("=1+1"), neutral("-12"), neutral("ana")
    ("'=1+1", '-12', 'ana')
    """
    if text.startswith(_RISKY) and not text.lstrip("+-").replace(" ", "").replace(".", "").isdigit():
        return "'" + text
    return text


def _number(value: float) -> str:
    if not isfinite(value):
        return ""
    return str(int(value)) if value.is_integer() else f"{value:.6g}" if abs(value) < 1e6 else f"{value:.2f}"
