"""Still a customer: how likely someone who bought has not left for good, by how often and how lately they bought, as the model behind
`value` has learnt how customers of this workspace stop. Source: `science/value`.
"""

from typing import Final

import numpy as np

from ..segments.frame import Frame, Now
from . import _buying
from .base import NOTHING, Found, Known, Reason, Spec, unknown
from .value import GONE, HERE, sureness

SCORE: Final = Spec("alive", "share", 0.0, 1.0, 0.005, reads="value", labels=("here", "unsure", "gone"))


def compute(frame: Frame, now: Now, known: Known) -> Found:
    people = _buying.buyers(frame, now, known)
    model = _buying.learnt(known)
    if model is None or not people.rows.size:
        return Found(unknown(people.k), unknown(people.k), lambda i: NOTHING, [""] * people.k)
    h = people.seen.histories
    share = np.clip(model.counts.alive(h.x, h.t_x, h.T), 0.0, 1.0)
    value, last, times = people.spread(share), np.zeros(people.k, np.int64), np.zeros(people.k, np.int64)
    last[people.rows], times[people.rows] = people.last, h.x.astype(np.int64) + 1
    labels = ["" if each != each else "here" if each >= HERE else "gone" if each < GONE else "unsure" for each in value.tolist()]

    def reasons(i: int) -> list[Reason]:
        if value[i] != value[i]:
            return []
        bought = Reason("last_bought", {"at": int(last[i]), "count": int(times[i])}, round(float(value[i]) - HERE, 4))
        return [bought] if times[i] > 1 or value[i] < 1 else [Reason("once", {}, 0.6), bought]

    return Found(value, people.spread(sureness(model, people.seen)), reasons, labels)
