"""What was given back, taken off the purchase it is of. numpy in, numpy out; money in ten-thousandths, so that nothing is rounded."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Orders:
    """n purchases and refunds: whose (0: nobody known), when (seconds), the place of its currency, its sum (never negative) and the place
    of its order (-1 where none is named)."""

    person: Ints
    at: Ints
    currency: Ints
    money: Ints
    order: Ints
    is_purchase: Bools

    def only(self, kept: Bools) -> "Orders":
        return Orders(
            self.person[kept], self.at[kept], self.currency[kept], self.money[kept], self.order[kept], self.is_purchase[kept],
        )  # fmt: skip


def left(orders: Orders) -> tuple[Orders, Ints]:
    """(purchases, what is left of the money of each).

    A refund is of the purchase of its order and currency, whoever sent it; one that names no order known is of what its person bought last
    before it in its currency, and what is more than that of what was bought before.

    >>> columns = ([7, 7, 7], [10, 20, 30], [0, 0, 0], [500, 300, 400], [-1, -1, -1], [True, True, False])
    >>> left(Orders(*map(np.array, columns)))[1].tolist()
    [400, 0]
    """
    bought, back = orders.only(orders.is_purchase), orders.only(~orders.is_purchase)
    rest = bought.money.copy()
    by_order: dict[tuple[int, int], int] = {}
    for at in np.argsort(-bought.at, kind="stable").tolist() if back.person.size else ():
        by_order[int(bought.order[at]), int(bought.currency[at])] = at
    lone = []
    for refund in np.argsort(back.at, kind="stable").tolist():
        at = by_order.get((int(back.order[refund]), int(back.currency[refund]))) if back.order[refund] >= 0 else None
        if at is None:
            lone.append(refund)
        else:
            rest[at] = max(0, rest[at] - back.money[refund])
    _take_off(bought, back, rest, [refund for refund in lone if back.person[refund]])
    return bought, rest


def _take_off(bought: Orders, back: Orders, rest: Ints, refunds: list[int]) -> None:
    """Refunds that name no order, oldest first."""
    people = np.isin(bought.person, back.person[refunds])
    theirs: dict[tuple[int, int], list[int]] = defaultdict(list)
    for at in np.flatnonzero(people)[np.argsort(bought.at[people], kind="stable")].tolist():
        theirs[int(bought.person[at]), int(bought.currency[at])].append(at)
    for refund in refunds:
        owed = int(back.money[refund])
        for at in reversed(theirs[int(back.person[refund]), int(back.currency[refund])]):
            if not owed:
                break
            if bought.at[at] <= back.at[refund]:
                taken = min(owed, int(rest[at]))
                rest[at] -= taken
                owed -= taken
