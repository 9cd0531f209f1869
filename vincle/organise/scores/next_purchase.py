"""Next purchase: in how many days half of such customers will have bought again, if they still are customers; of those who are more
likely gone than not, nothing is said. By the model behind `value`. Source: `science/value`.
"""

from typing import Final

import numpy as np

from ..segments.frame import Frame, Now
from . import _buying
from ._acts import DAY
from .base import NOTHING, Found, Known, Reason, Spec, unknown
from .value import HERE, sureness

LONGEST: Final = 3650.0
SCORE: Final = Spec("next_purchase", "days", 0.0, LONGEST, 0.5, reads="value", labels=("fortnight", "month", "quarter", "later"))
_ENDS: Final = ((14.0, "fortnight"), (30.0, "month"), (90.0, "quarter"))


def compute(frame: Frame, now: Now, known: Known) -> Found:
    people = _buying.buyers(frame, now, known)
    model = _buying.learnt(known)
    if model is None or not people.rows.size:
        return Found(unknown(people.k), unknown(people.k), lambda i: NOTHING, [""] * people.k)
    h = people.seen.histories
    days = np.clip(model.counts.wait(h.x, h.t_x, h.T) * model.unit_days, 0.0, LONGEST)
    days = np.where(model.counts.alive(h.x, h.t_x, h.T) >= HERE, days, np.nan)
    value, sure = people.spread(days), np.where(np.isnan(days), np.nan, sureness(model, people.seen))
    last, times = np.zeros(people.k, np.int64), np.zeros(people.k, np.int64)
    last[people.rows], times[people.rows] = people.last, h.x.astype(np.int64) + 1

    def reasons(i: int) -> list[Reason]:
        if value[i] != value[i]:
            return []
        by = now.micros + int(float(value[i])) * DAY
        return [
            Reason("half_by", {"at": by}, 1.0),
            Reason("last_bought", {"at": int(last[i]), "count": int(times[i])}, 0.5),
        ]

    return Found(value, people.spread(sure), reasons, [_label(each) for each in value.tolist()])


def _label(days: float) -> str:
    if days != days:
        return ""
    return next((name for end, name in _ENDS if days <= end), "later")
