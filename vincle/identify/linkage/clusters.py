"""Pairs -> people: the best links first, never against a 'never', and no chain of strangers over a weak bridge."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from .records import Ints

Floats = NDArray[np.float64]
UNSEEN = -3.0
"""log2 odds of two records that no key brought together: a little against."""
BOUND = 12.0


def clusters(
    size: int, left: Ints, right: Ints, odds: Floats, threshold: float, apart: Iterable[tuple[int, int]] = ()
) -> tuple[Ints, Floats]:
    """(cluster, log2 odds of its weakest holding link) of each record. A cluster is named by its first record.

    `odds` are log2 odds of each pair, `threshold` those that a link needs. Links are taken in the order of their strength; two groups
    join when all the pairs between them, taken together, speak for it: one sure link outweighs silence, not contradiction.
    """
    graph = _Graph(size, apart)
    linked = np.flatnonzero(odds > -BOUND)
    ordered = linked[np.lexsort((right[linked], left[linked], -odds[linked]))]
    graph.learn(left[ordered], right[ordered], odds[ordered])
    for one, other, weight in zip(left[ordered].tolist(), right[ordered].tolist(), odds[ordered].tolist(), strict=True):
        if weight < threshold:
            break
        graph.join(one, other, weight, threshold)
    return graph.result()


class _Graph:
    """Groups under way: members, the summed evidence to each neighbouring group, and who must stay apart."""

    def __init__(self, size: int, apart: Iterable[tuple[int, int]]) -> None:
        self.root = list(range(size))
        self.members: dict[int, list[int]] = {}
        self.near: dict[int, dict[int, tuple[float, int]]] = {}
        self.never: dict[int, set[int]] = {}
        self.weakest = np.full(size, np.inf)
        for one, other in apart:
            self.never.setdefault(one, set()).add(other)
            self.never.setdefault(other, set()).add(one)

    def learn(self, left: Ints, right: Ints, odds: Floats) -> None:
        near = self.near
        for one, other, weight in zip(left.tolist(), right.tolist(), np.clip(odds, -BOUND, BOUND).tolist(), strict=True):
            near.setdefault(one, {})[other] = (weight, 1)
            near.setdefault(other, {})[one] = (weight, 1)

    def find(self, one: int) -> int:
        root = self.root
        while root[one] != one:
            root[one] = root[root[one]]
            one = root[one]
        return one

    def join(self, left: int, right: int, weight: float, threshold: float) -> None:
        one, other = self.find(left), self.find(right)
        if one == other or self._is_never(one, other):
            return
        if not self._is_held(one, other):
            return
        kept, gone = min(one, other), max(one, other)
        self._move(kept, gone)
        for record in (left, right):
            self.weakest[record] = min(self.weakest[record], weight) if self.weakest[record] < np.inf else weight

    def _is_never(self, one: int, other: int) -> bool:
        forbidden = self.never.get(one)
        return bool(forbidden) and any(self.find(each) == other for each in forbidden or ())

    def _is_held(self, one: int, other: int) -> bool:
        ones, others = len(self.members.get(one, ())) or 1, len(self.members.get(other, ())) or 1
        if ones * others == 1:
            return True
        known, count = self.near.get(one, {}).get(other, (0.0, 0))
        return known + UNSEEN * (ones * others - count) > 0

    def _move(self, kept: int, gone: int) -> None:
        self.root[gone] = kept
        self.members.setdefault(kept, [kept]).extend(self.members.pop(gone, [gone]))
        mine, theirs = self.near.setdefault(kept, {}), self.near.pop(gone, {})
        mine.pop(gone, None)
        for each, (weight, count) in theirs.items():
            if each == kept:
                continue
            before = mine.get(each, (0.0, 0))
            mine[each] = (before[0] + weight, before[1] + count)
            back = self.near[each]
            back.pop(gone, None)
            back[kept] = mine[each]
        if gone in self.never:
            self.never.setdefault(kept, set()).update(self.never.pop(gone))

    def result(self) -> tuple[Ints, Floats]:
        found = np.fromiter((self.find(each) for each in range(len(self.root))), np.int32, len(self.root))
        return found, self.weakest
