"""(being written) the model is chosen by what it foretold of a part of time it had not seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike


@dataclass(frozen=True, eq=False)
class Learnt:
    """What was learnt of all customers. `counts`: a `Fitted` or the `Cohorts` fallback; `spend`: a fitted Gamma-Gamma, a plain mean, or
    None where no amounts are known; `told`: JSON for screens.

    told = {
      "model": "bgnbd" | "mbgnbd" | "paretonbd" | "bgbb" | "cohorts",
      "why": "best_on_holdout" | "few_buyers" | "short_history" | "cohorts_better" | "none_fits" | "asked",
      "customers": int, "repeaters": int, "purchases": int, "unit_days": float,
      "candidates": [{"model", "log_likelihood", "score" (mean log predictive score a customer on the hold-out), "error" (of the
                      cumulative count, as a share), "cover" (share of customers inside their 90 % interval)} ...],
      "holdout": {"from_day", "days", "actual", "expected", "error", "cover"} | None,
      "parameters": [{"name", "value", "standard_error" | None}...], "log_likelihood": float | None,
      "spend": {"model": "gamma_gamma" | "mean", "parameters": [...], "mean": float, "correlation": float | None} | None,
      "curve": [{"day", "actual", "expected"}...]  (cumulative repeat purchases of everybody; "day" as at_days),
      "histogram": [{"purchases": 0.., "last": bool, "actual", "expected"}...],
    }
    """

    counts: Any
    spend: Any
    unit_days: float
    told: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        raise NotImplementedError

    @classmethod
    def from_json(cls, kept: Any) -> "Learnt":
        """ValueError when it is none."""
        raise NotImplementedError


def learn(
    who: ArrayLike, at_days: ArrayLike, amounts: ArrayLike | None = None, *, unit_days: float = 7.0, end_days: float | None = None,
    models: Sequence[str] = ("bgnbd", "mbgnbd", "paretonbd"), holdout_days: float | None = None, penalty: float = 0.1,
) -> Learnt:  # fmt: skip
    """Purchases as `histories.of_purchases` takes them (it needs them, not histories: a hold-out cuts time in two)."""
    raise NotImplementedError
