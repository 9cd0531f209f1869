"""Recency, frequency, money: customers in fifths of each, and the names marketers give to them. The value is the mean of the three, 1 to 5.

Fifths are of those who ever bought, and equals always share theirs. Recency and money: 1 + floor(5 * (less + equal / 2) / n), so that where
all are equal all are in the middle; frequency: 1 + floor(5 * less / n), so that someone who bought once is never among the frequent,
however many bought once. Money is of the workspace's own currency, less refunds; nothing is converted. Without money the name rests on
recency and frequency. A purchase is one act of the log: an order, not a line of it.

Source: A. M. Hughes, Strategic Database Marketing (1994); the names after J. R. Miglautsch, Thoughts on RFM scoring, Journal of Database
Marketing 8 (2000), 67-72, as tools use them now.

>>> fifths(np.array([1.0, 2.0, 3.0, 4.0, 5.0])).tolist(), fifths(np.array([7.0, 7.0])).tolist()
([1, 2, 3, 4, 5], [3, 3])
>>> fifths(np.array([1.0, 1.0, 1.0, 2.0]), low=True).tolist()
[1, 1, 1, 4]
"""

from typing import Any, Final

import numpy as np

from vincle.vocabulary import Verb

from ..segments.frame import Bools, Floats, Frame, Ints, Now
from ._acts import Behaviour
from .base import NOTHING, Found, Known, Learnt, Reason, Spec, unknown

NAMES: Final = {
    "champions": "Champions", "loyal": "Loyal", "potential": "Potential loyalists", "new": "New", "promising": "Promising",
    "attention": "Need attention", "sleepy": "About to sleep", "risk": "At risk", "cannot_lose": "Cannot lose",
    "hibernating": "Hibernating", "lost": "Lost",
}  # fmt: skip
GRID: Final = (
    ("lost", "hibernating", "risk", "cannot_lose", "cannot_lose"),
    ("sleepy", "hibernating", "risk", "risk", "risk"),
    ("sleepy", "attention", "attention", "loyal", "loyal"),
    ("promising", "potential", "loyal", "loyal", "champions"),
    ("new", "potential", "loyal", "champions", "champions"),
)
"""By fifth of recency (rows) and of frequency with money (columns), 1 first."""
SCORE: Final = Spec("rfm", "fifths", 1.0, 5.0, 0.01, is_global=True, labels=tuple(NAMES))
FEWEST: Final = 20
"""Below so many buyers fifths mean nothing."""


def compute(frame: Frame, now: Now, known: Known) -> Found:
    did = Behaviour(frame, now.micros)
    bought, last, times, money = _figures(did, known)
    cuts = known.learnt.get("cuts")
    if not cuts:
        return Found(unknown(did.k), unknown(did.k), lambda i: NOTHING, [""] * did.k)
    recency = placed(last, cuts["recency"])
    frequency = placed(times, cuts["frequency"])
    spent = np.where(np.isnan(money), 0, placed(np.nan_to_num(money), cuts["money"]))
    has = spent > 0
    three = np.where(has, (recency + frequency + spent) / 3, (recency + frequency) / 2)
    # A half goes up: someone between two fifths is counted to the better one.
    column = np.where(has, (frequency + spent + 1) // 2, frequency)
    value = np.where(bought, three, np.nan)
    labels = [GRID[r - 1][c - 1] if b else "" for r, c, b in zip(recency.tolist(), column.tolist(), bought.tolist(), strict=True)]
    sure = float(cuts.get("sure", 1.0)) * np.where(has, 1.0, 0.7)

    def reasons(i: int) -> list[Reason]:
        found = [
            Reason("recency", {"fifth": int(recency[i]), "at": int(last[i])}, (int(recency[i]) - 3) / 2),
            Reason("frequency", {"fifth": int(frequency[i]), "count": int(times[i])}, (int(frequency[i]) - 3) / 2),
        ]
        if not has[i]:
            return [*found, Reason("money_unknown", {}, 0.0)]
        values = {"fifth": int(spent[i]), "amount": round(float(money[i]), 2), "currency": known.currency}
        return [*found, Reason("money", values, (int(spent[i]) - 3) / 2)]

    return Found(value, np.where(bought, sure, np.nan), lambda i: reasons(i) if bought[i] else NOTHING, labels)


def gather(frame: Frame, now: Now, known: Known) -> Floats:
    """Of who bought: id, when they last did (microseconds), how many times, money (NaN: none told)."""
    did = Behaviour(frame, now.micros)
    bought, last, times, money = _figures(did, known)
    return np.column_stack((frame.ids.astype(np.float64), last, times, money))[bought]


def settle(rows: Floats, now: Now, known: Known) -> Learnt:
    people = len(rows)
    if people < FEWEST:
        return Learnt({}, {"state": "rule", "why": "few", "people": people})
    money = rows[:, 3][np.isfinite(rows[:, 3])]
    cuts: dict[str, Any] = {"recency": cuts_of(rows[:, 1]), "frequency": cuts_of(rows[:, 2], low=True), "money": cuts_of(money)}
    cuts["sure"] = people / (people + 20)
    share = round(len(money) / people, 4)
    return Learnt({"cuts": cuts, "at": now.micros}, {"state": "measured", "people": people, "with_money": share})


def _figures(did: Behaviour, known: Known) -> tuple[Bools, Floats, Floats, Floats]:
    orders = did.verb(Verb.PURCHASE)
    bought: Bools = did.count(orders) > 0
    amount = did.frame.acts.amount
    told = np.isfinite(amount) & (did.labelled("currency", known.currency) if known.currency else did.theirs)
    paid, returned = orders & told, did.verb(Verb.REFUND) & told
    worth = np.abs(np.nan_to_num(amount))
    money = np.where(did.count(paid) > 0, np.maximum(did.sum(paid, worth) - did.sum(returned, worth), 0.0), np.nan)
    return bought, did.last_at(orders).astype(np.float64), did.count(orders), money


def cuts_of(values: Floats, low: bool = False) -> list[float]:
    """The least value of each fifth from the second to the fifth; beyond all where none reaches it (JSON has no infinity: 1e300)."""
    each, counts = np.unique(values, return_counts=True)
    less = np.cumsum(counts) - counts
    rank = less + (0 if low else counts / 2)
    fifth = np.minimum(1 + np.floor(5 * rank / max(len(values), 1)), 5)
    return [float(each[fifth >= number][0]) if (fifth >= number).any() else 1e300 for number in (2, 3, 4, 5)]


def placed(values: Floats, cuts: list[float]) -> Ints:
    """Fifth of each value, 1 to 5."""
    found: Ints = 1 + np.searchsorted(np.asarray(cuts, np.float64), values, "right").astype(np.int64)
    return found


def fifths(values: Floats, low: bool = False) -> Ints:
    """Fifth of each of the values among themselves; `low`: equals take the place of the first of them."""
    return placed(values, cuts_of(values, low))
