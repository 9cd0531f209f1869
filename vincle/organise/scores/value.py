"""Value: what someone will bring by their own purchases over the horizon of the terms: expected purchases times expected spend, less what
waiting costs, times the margin that stays. Of people who bought, in the workspace's currency.

How often people come back and when they stop is learnt from all purchases of the workspace; of the models BG/NBD, modified BG/NBD and
Pareto/NBD the one is taken that foretells best the last third of the time, which it has not seen; below 50 buyers, or where none foretells
better, averages of customers alike are. Spend is Gamma-Gamma (Fader and Hardie 2013). Sources stand with each model in `science/value`.
"""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from vincle.science.value.histories import Histories, Observed

from ..segments.frame import Bools, Floats, Frame, Now
from . import _buying
from ._acts import Behaviour
from .base import NOTHING, Found, Known, Learnt, Reason, Spec, unknown

if TYPE_CHECKING:
    from vincle.science.value.choosing import Learnt as Model
    from vincle.science.value.worth import Predicted

SCORE: Final = Spec(
    "value", "money", 0.0, _buying.MOST, 0.005, is_global=True, most=100_000, labels=("best", "promising", "leaving", "steady", "gone")
)
LEVEL: Final = 0.9
HERE, GONE = 0.5, 0.15
"""Shares of being a customer still, from which on someone is counted as one and below which not."""
NEW_DAYS: Final = 60
_SAME: Final = 1 - 1e-9
"""Who is worth just as much as the cut is above it."""
_PART: Final = 5_000
"""So many customers' histories are foretold at once while cuts are looked for."""


def compute(frame: Frame, now: Now, known: Known) -> Found:
    people = _buying.buyers(frame, now, known)
    model = _buying.learnt(known)
    if model is None or model.spend is None or not people.rows.size:
        return Found(unknown(people.k), unknown(people.k), lambda i: NOTHING, [""] * people.k)
    told = _predicted(model, people.seen, known)
    value = np.clip(told.value, SCORE.lowest, SCORE.highest)
    label = np.full(people.k, "", object)
    label[people.rows] = labels(value, told.p_alive, people.seen, known.learnt.get("cuts") or {})
    place = np.full(people.k, -1)
    place[people.rows] = np.arange(people.rows.size)

    def reasons(i: int) -> list[Reason]:
        at = int(place[i])
        return [] if at < 0 else _reasons(told, people, at, float(value[at]), known.currency)

    return Found(people.spread(value), people.spread(sureness(model, people.seen)), reasons, label.tolist())


def _predicted(model: "Model", seen: Observed, known: Known) -> "Predicted":
    from vincle.science.value.worth import predict  # at first use: it brings scipy

    terms, h = _buying.terms(known), seen.histories
    return predict(
        model, h.x, h.t_x, h.T, seen.mean_spend, seen.spends, horizon_days=terms["days"], yearly_discount=terms["yearly_discount"],
        margin=terms["margin"], level=LEVEL,
    )  # fmt: skip


def sureness(model: "Model", seen: Observed) -> Floats:
    """0 to 1: by how many customers it is learnt from, and by how often one bought. Averages are half as sure."""
    customers = float(model.counts.customers)
    base = customers / (customers + 50) * (0.5 if model.counts.model == "cohorts" else 1.0)
    found: Floats = base * (seen.histories.x + 1) / (seen.histories.x + 2)
    return found


def labels(value: Floats, alive: Floats, seen: Observed, cuts: dict[str, Any]) -> list[str]:
    """Best: of the fifth that is worth most, and still here. Promising: one purchase of late, and worth more than the middle one. Leaving:
    worth more than the middle one though more likely gone than not. Gone: hardly a customer still. The rest is steady."""
    if not cuts:
        return [""] * len(value)
    here = alive >= HERE
    above: Bools = value >= float(cuts["middle"]) * _SAME
    new = (seen.histories.x == 0) & (seen.histories.T * _buying.WEEK < NEW_DAYS)
    kinds = [(here & (value >= float(cuts["best"]) * _SAME), "best"), (here & new & above, "promising"),
             (alive < GONE, "gone"), (~here & above, "leaving")]  # fmt: skip
    return [str(each) for each in np.select([chosen for chosen, _name in kinds], [name for _chosen, name in kinds], "steady")]


def _reasons(told: "Predicted", people: _buying.Buyers, at: int, value: float, currency: str) -> list[Reason]:
    low, high = (min(float(each[at]), _buying.MOST) for each in (told.low, told.high))
    count = {"count": round(float(told.purchases[at]), 2), "low": int(told.purchases_low[at]), "high": int(told.purchases_high[at])}
    alive, x = float(told.p_alive[at]), float(people.seen.histories.x[at])
    still = Reason("still_here", {"share": round(alive, 4)}, round(0.7 * (alive - HERE) / HERE, 4))
    return [
        Reason("between", {"low": round(min(low, value), 2), "high": round(max(high, value), 2), "currency": currency}, 1.0),
        Reason("to_come", count, 0.9),
        Reason("spends", {"amount": round(min(float(told.spend[at]), _buying.MOST), 2), "currency": currency}, 0.8),
        still if x or alive < 1 else Reason("once", {}, 0.0),
        Reason("last_bought", {"at": int(people.last[at]), "count": int(x) + 1}, 0.0),
    ]


def gather(frame: Frame, now: Now, known: Known) -> Floats:
    """Purchases and what was given back, one row each: `_buying.purchases`."""
    return _buying.purchases(Behaviour(frame, now.micros), now, known)


def settle(rows: Floats, now: Now, known: Known) -> Learnt:
    """`quality["told"]` is `science.value.choosing.Learnt.told`; `total` of all who were learnt from, with the interval of their sum."""
    from vincle.science.value.choosing import learn

    if not len(rows):
        return Learnt({}, {"state": "rule", "why": "no_purchases", "people": 0})
    rows = _in_order(rows)
    who = np.cumsum(rows[:, 4])
    model = learn(who, rows[:, 1], rows[:, 2], unit_days=_buying.WEEK, end_days=_buying.today(now))
    _chosen, seen = _buying.observed(rows, now)
    quality: dict[str, Any] = {
        "state": "rule" if model.counts.model == "cohorts" else "learnt", "why": model.told["why"], "model": model.counts.model,
        "people": len(seen.ids), "told": model.told, "today": _buying.today(now), **money_told(rows), "terms": _buying.terms(known),
    }  # fmt: skip
    kept = {name: each for name, each in model.to_json().items() if name != "told"}
    if model.spend is not None:
        quality["total"] = _total(model, seen, known)
        kept["cuts"] = _cuts(model, seen, known)
    return Learnt(_buying.as_json(kept), _buying.as_json(quality))


def money_told(rows: Floats) -> dict[str, int]:
    """Purchases in all, without an amount, and in other currencies."""
    bought = ~(rows[:, 2] < 0)
    elsewhere = rows[:, 3] > 0
    return {
        "purchases": int(bought.sum()), "other_currency": int(elsewhere.sum()),
        "without_amount": int((bought & np.isnan(rows[:, 2]) & ~elsewhere).sum()),
    }  # fmt: skip


def _in_order(rows: Floats) -> Floats:
    """By person: whatever parts they came in, sums are of the same order."""
    who = np.cumsum(rows[:, 4])
    first = rows[rows[:, 4] > 0, 0][who.astype(np.int64) - 1]
    return rows[np.lexsort((rows[:, 1], who, first))]


def _total(model: "Model", seen: Observed, known: Known) -> dict[str, float]:
    from vincle.science.value.worth import total

    terms, h = _buying.terms(known), seen.histories
    found = total(
        model, h.x, h.t_x, h.T, seen.mean_spend, seen.spends, horizon_days=terms["days"], yearly_discount=terms["yearly_discount"],
        margin=terms["margin"], level=LEVEL,
    )  # fmt: skip
    return {name: float(getattr(found, name)) for name in ("purchases", "purchases_low", "purchases_high", "value", "low", "high")}


def _cuts(model: "Model", seen: Observed, known: Known) -> dict[str, float]:
    """What the middle one is worth, and from where on the best fifth is; of many, some stand for all."""
    told = _predicted(model, _some(seen, max(1, len(seen.ids) // _PART)), known)
    middle, best = np.quantile(np.clip(told.value, 0, _buying.MOST), [0.5, 0.8])
    return {"middle": float(middle), "best": float(best)}


def _some(seen: Observed, step: int) -> Observed:
    h, some = seen.histories, slice(None, None, step)
    histories = Histories(h.x[some], h.t_x[some], h.T[some])
    return Observed(seen.ids[some], histories, seen.mean_spend[some], seen.spends[some], seen.first_day[some], seen.first_spend[some])
