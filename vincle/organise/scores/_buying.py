"""What scores of worth need of people's purchases, and the model that was learnt of them.

A purchase is an act Purchase of theirs; those of one day (where the workspace is) are one. Money is of the workspace's own currency, what
was given back taken off; a purchase without an amount, or in another currency, is a purchase of which no money is known.
"""

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from vincle.science.value.histories import Observed, of_purchases
from vincle.vocabulary import Verb

from ..segments.frame import Floats, Frame, Ints, Now
from ._acts import DAY, Behaviour
from .base import Known

if TYPE_CHECKING:
    from vincle.science.value.choosing import Learnt

WEEK: Final = 7.0
USUAL: Final = {"margin": 1.0, "yearly_discount": 0.1, "days": 365.25}
MOST: Final = 1e12
"""No amount is told beyond it."""


@dataclass(frozen=True, eq=False)
class Buyers:
    """`rows` [b]: which of the k people ever bought; the rest by buyer. `count`: all days with a purchase; `last`: microseconds."""

    k: int
    rows: Ints
    seen: Observed
    last: Ints

    def spread(self, values: Floats) -> Floats:
        """Of buyers, as of all: NaN for the others [k]."""
        found = np.full(self.k, np.nan)
        found[self.rows] = values
        return found


def buyers(frame: Frame, now: Now, known: Known) -> Buyers:
    did = Behaviour(frame, now.micros)
    rows = purchases(did, now, known)
    chosen, seen = observed(rows, now)
    places = np.flatnonzero(did.count(did.verb(Verb.PURCHASE)) > 0)[chosen]
    return Buyers(did.k, places, seen, did.last_at(did.verb(Verb.PURCHASE))[places])


def purchases(did: Behaviour, now: Now, known: Known) -> Floats:
    """One row an act [n, 5]: person, day, money (below 0: given back; NaN: not known), 1 where the money is another's currency, 1 where
    another person begins: ids may be longer than a number of this kind is precise. Of buyers only."""
    amount = np.abs(did.frame.acts.amount)
    told = np.isfinite(amount)
    ours = told & (did.labelled("currency", known.currency) if known.currency else did.theirs)
    bought, back = did.verb(Verb.PURCHASE), did.verb(Verb.REFUND) & ours & (amount > 0)
    chosen = (bought | back) & (did.count(bought) > 0)[did.who]
    money = np.where(ours, np.minimum(amount, MOST), np.nan) * np.where(back, -1.0, 1.0)
    who = did.who[chosen]
    begins = np.r_[True, np.diff(who) != 0] if who.size else np.zeros(0)
    day = (did.frame.acts.at + _shift(now)) // DAY
    columns = (did.frame.ids[did.who], day, money, bought & told & ~ours)
    return np.column_stack([*(each[chosen].astype(np.float64) for each in columns), begins.astype(np.float64)])


def observed(rows: Floats, now: Now) -> tuple[Ints, Observed]:
    """Which of those who bought, in the order of `rows`, and their histories."""
    seen = of_purchases(np.cumsum(rows[:, 4]).astype(np.int64) - 1, rows[:, 1], rows[:, 2], unit_days=WEEK, end_days=today(now))
    return seen.ids.astype(np.int64), seen


def today(now: Now) -> float:
    """The day in the numbers of `purchases`: days since 1970 where the workspace is."""
    return float((now.micros + _shift(now)) // DAY)


def terms(known: Known) -> dict[str, float]:
    return {name: float(known.terms.get(name, usual)) for name, usual in USUAL.items()}


def learnt(known: Known) -> "Learnt | None":
    """None: nothing was learnt yet, or by another version."""
    from vincle.science.value.choosing import Learnt  # at first use: it brings scipy, which pages that only name scores do not need

    kept = known.learnt
    if not kept or "told" in kept:
        return None
    try:
        return Learnt.from_json({**kept, "told": {}})
    except (ValueError, TypeError, AttributeError):
        return None


def as_json(found: Any, lowest: float = -MOST, highest: float = MOST) -> Any:
    """What JSON has words for: numbers that are none become nothing, endless ones end."""
    if isinstance(found, dict):
        return {str(name): as_json(each, lowest, highest) for name, each in found.items()}
    if isinstance(found, list | tuple):
        return [as_json(each, lowest, highest) for each in found]
    if isinstance(found, bool | int | str) or found is None:
        return found
    number = float(found)
    return None if number != number else number if isfinite(number) else highest if number > 0 else lowest


def _shift(now: Now) -> int:
    """Microseconds by which the workspace's clock is ahead of UTC now."""
    offset = now.at.astimezone(now.zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds() * 1_000_000)
