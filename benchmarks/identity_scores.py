"""How good clusters are, over all pairs of records: exact counts, without making the pairs."""

from collections import Counter
from typing import NamedTuple

import numpy as np


class Score(NamedTuple):
    precision: float
    recall: float
    f1: float
    found: int
    wrong: int
    missed: int


def score(clusters: np.ndarray, truth: np.ndarray, source: np.ndarray | None = None) -> Score:
    """Pairs that share a cluster beside pairs that share a person. With `source` only pairs of different files count."""
    both = np.unique(np.stack([clusters, truth]), axis=1, return_inverse=True)[1].ravel()
    return _of(_pairs(both, source), _pairs(clusters, source), _pairs(truth, source))


def _of(right: int, said: int, true: int) -> Score:
    precision, recall = right / said if said else 1.0, right / true if true else 1.0
    return Score(precision, recall, 2 * right / (said + true) if said + true else 1.0, right, said - right, true - right)


def _pairs(groups: np.ndarray, source: np.ndarray | None) -> int:
    def within(labels: np.ndarray) -> int:
        counts = np.unique(labels, return_counts=True)[1].astype(object)
        return int((counts * (counts - 1) // 2).sum())

    if source is None:
        return within(groups)
    _, codes = np.unique(groups, return_inverse=True)
    return within(codes) - within(codes * (int(source.max()) + 1) + source)


def best(
    left: np.ndarray, right: np.ndarray, probability: np.ndarray, truth: np.ndarray, source: np.ndarray | None = None
) -> tuple[Score, float]:
    """The best F1 of any threshold (found with the truth in hand, so a bound, not a result), and that threshold.

    Pairs are joined from the surest down; after each probability the counts are those of the clusters so far.
    """
    order = np.argsort(-probability, kind="stable")
    join = _Joining(truth, source)
    true = _pairs(truth, source)
    found, at = _of(0, 0, true), 1.0
    ordered = probability[order]
    last = np.append(ordered[1:] != ordered[:-1], True) if len(order) else np.zeros(0, bool)
    for one, other, chance, ends in zip(left[order].tolist(), right[order].tolist(), ordered.tolist(), last.tolist(), strict=True):
        join(one, other)
        if ends and 2 * join.right > found.f1 * (join.said + true):
            found, at = _of(join.right, join.said, true), chance
    return found, at


class _Joining:
    """Union of the smaller into the larger, with what each cluster holds."""

    def __init__(self, truth: np.ndarray, source: np.ndarray | None) -> None:
        self._parent = list(range(len(truth)))
        of = np.zeros(len(truth), np.int64) if source is None else source
        self._held: list[Counter[tuple[int, int]] | None] = [Counter({key: 1}) for key in zip(truth.tolist(), of.tolist(), strict=True)]
        self._sizes = [[int(source == 0), int(source != 0)] for source in of.tolist()]
        self._across = source is not None
        self.right = self.said = 0

    def _root(self, one: int) -> int:
        parent = self._parent
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    def __call__(self, one: int, other: int) -> None:
        one, other = self._root(one), self._root(other)
        if one == other:
            return
        mine, theirs = self._held[one], self._held[other]
        assert mine is not None
        assert theirs is not None
        if len(mine) < len(theirs):
            one, other, mine, theirs = other, one, theirs, mine
        self._count(mine, theirs, self._sizes[one], self._sizes[other])
        mine.update(theirs)
        self._sizes[one] = [a + b for a, b in zip(self._sizes[one], self._sizes[other], strict=True)]
        self._held[other] = None
        self._parent[other] = one

    def _count(self, mine: Counter[tuple[int, int]], theirs: Counter[tuple[int, int]], many: list[int], few: list[int]) -> None:
        """Pairs between two clusters, `many` and `few` records of the two sources: said ones, and right ones among them."""
        self.said += many[0] * few[1] + many[1] * few[0] if self._across else sum(many) * sum(few)
        for (person, source), count in theirs.items():
            if not self._across:
                self.right += mine[person, source] * count
            else:
                self.right += count * sum(
                    n for (who, where), n in ((key, mine[key]) for key in ((person, 0), (person, 1))) if where != source
                )
