"""How right a linkage is, beside a truth: pairs, clusters, and whether its probabilities mean what they say."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

from vincle.science.proportions import wilson

Codes = NDArray[np.int64]
BINS: Final = 10


class Rates(Struct, frozen=True):
    """Counts of right links, false links and missed links, and what they come to; all shares lie in [0, 1]."""

    right: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        """Share of the links that are right; 1 when none was made."""
        return self.right / (self.right + self.false) if self.right + self.false else 1.0

    @property
    def recall(self) -> float:
        """Share of the true links that were made; 1 when there are none."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 when there is nothing to link and nothing was."""
        total = 2 * self.right + self.false + self.missed
        return 2 * self.right / total if total else 1.0

    def facts(self) -> dict[str, Any]:
        """Everything for a program, with 95 % intervals (Wilson) of precision and recall."""
        return {
            "right": self.right,
            "false": self.false,
            "missed": self.missed,
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "precision_interval": wilson(self.right, self.right + self.false),
            "recall_interval": wilson(self.right, self.right + self.missed),
        }


class Shares(Struct, frozen=True):
    """Precision and recall that are means, not counts."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean."""
        return 2 * self.precision * self.recall / (self.precision + self.recall) if self.precision + self.recall else 0.0

    def facts(self) -> dict[str, float]:
        """Everything for a program."""
        return {"precision": self.precision, "recall": self.recall, "f1": self.f1}


class Bin(Struct, frozen=True):
    """Pairs of one range of probability: what was predicted on average, and how many were the same, with a 95 % interval (Wilson)."""

    low: float
    high: float
    count: int
    same: int
    predicted: float
    observed: float
    lower: float
    upper: float


class OfPairs(Struct, frozen=True):
    """How good probabilities of pairs are.

    `brier`: mean squared error, 0 best. `error`: distance of predicted and observed, the mean over the bins by their counts.
    """

    rates: Rates
    bins: tuple[Bin, ...]
    brier: float
    error: float

    def facts(self) -> dict[str, Any]:
        """Everything for a program."""
        bins = [
            {
                "low": b.low,
                "high": b.high,
                "count": b.count,
                "same": b.same,
                "predicted": b.predicted,
                "observed": b.observed,
                "lower": b.lower,
                "upper": b.upper,
            }
            for b in self.bins
        ]
        return {"pairs": sum(b.count for b in self.bins), "brier": self.brier, "calibration_error": self.error, "bins": bins}


def pairwise(found: ArrayLike, truth: ArrayLike) -> Rates:
    """Pairs of records: linked, and truly one. `found` and `truth`: a cluster's code for each record, int[n].

    >>> pairwise([1, 1, 2, 2], [1, 1, 1, 2])
    Rates(right=1, false=1, missed=2)
    """
    one, other, both = _table(found, truth)
    right = _pairs(both)
    return Rates(right, _pairs(one) - right, _pairs(other) - right)


def clusterwise(found: ArrayLike, truth: ArrayLike) -> Rates:
    """Whole clusters: found exactly as they truly are.

    >>> clusterwise([1, 1, 2, 2], [1, 1, 2, 3])
    Rates(right=1, false=1, missed=2)
    """
    one, other, both = _table(found, truth)
    left, right = _codes(found), _codes(truth)
    packed = np.unique(left * (len(other) + 1) + right)
    sizes = zip(one[packed // (len(other) + 1)].tolist(), other[packed % (len(other) + 1)].tolist(), both.tolist(), strict=True)
    exact = sum(a == b == c for a, b, c in sizes)
    return Rates(exact, len(one) - exact, len(other) - exact)


def b_cubed(found: ArrayLike, truth: ArrayLike) -> Shares:
    """B-cubed: for a record on average, what share of its cluster is truly its own, and what share of its own is in its cluster.

    Source: A. Bagga and B. Baldwin, Entity-based cross-document coreferencing using the vector space model, COLING-ACL 1998.

    >>> b_cubed([1, 1, 2, 2], [1, 1, 1, 2])
    Shares(precision=0.75, recall=0.6666666666666666)
    """
    left, right = _codes(found), _codes(truth)
    if not len(left):
        return Shares(1.0, 1.0)
    one, other, both = _table(left, right)
    _, place = np.unique(left * (len(other) + 1) + right, return_inverse=True)
    common = both[place.reshape(-1)]
    return Shares(float(np.mean(common / one[left])), float(np.mean(common / other[right])))


def of_pairs(probability: ArrayLike, is_same: ArrayLike, threshold: float = 0.5, bins: int = BINS) -> OfPairs:
    """How good the probabilities of labelled pairs are. `probability`: float[k] in [0, 1]; `is_same`: bool[k]; linked from `threshold`.

    >>> of_pairs([0.95, 0.9, 0.2], [True, False, False], 0.9).rates
    Rates(right=1, false=1, missed=0)
    """
    predicted, same = np.asarray(probability, np.float64), np.asarray(is_same, bool)
    if predicted.shape != same.shape:
        raise ValueError(f"{predicted.shape} probabilities and {same.shape} labels")
    linked = predicted >= threshold
    rates = Rates(int((linked & same).sum()), int((linked & ~same).sum()), int((~linked & same).sum()))
    made = calibration(predicted, same, bins)
    brier = float(np.mean((predicted - same) ** 2)) if len(same) else 0.0
    error = sum(each.count * abs(each.predicted - each.observed) for each in made) / max(len(same), 1)
    return OfPairs(rates, made, brier, float(error))


def calibration(probability: ArrayLike, is_same: ArrayLike, bins: int = BINS) -> tuple[Bin, ...]:
    """Bins of equal width over [0, 1] that hold any pair: of those called 70 % sure, are 70 % the same?"""
    predicted, same = np.asarray(probability, np.float64), np.asarray(is_same, bool)
    place = np.clip((predicted * bins).astype(np.int64), 0, bins - 1)
    count, hits = np.bincount(place, minlength=bins), np.bincount(place, weights=same, minlength=bins).astype(np.int64)
    sums = np.bincount(place, weights=predicted, minlength=bins)
    return tuple(
        Bin(at / bins, (at + 1) / bins, n, hit, total / n, hit / n, *wilson(hit, n))
        for at, (n, hit, total) in enumerate(zip(count.tolist(), hits.tolist(), sums.tolist(), strict=True)) if n
    )  # fmt: skip


def false_links(found: ArrayLike, truth: ArrayLike) -> Iterator[tuple[int, int]]:
    """Pairs of records that are linked and are not one, each once, the smaller first; as many as there are."""
    return _across(_codes(found), _codes(truth))


def missed_links(found: ArrayLike, truth: ArrayLike) -> Iterator[tuple[int, int]]:
    """Pairs of records that are one and are not linked."""
    return _across(_codes(truth), _codes(found))


def _across(together: Codes, apart: Codes) -> Iterator[tuple[int, int]]:
    """Pairs of one code in `together` and two codes in `apart`."""
    order = np.argsort(together, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(together[order])) + 1):
        codes = apart[group]
        if len(group) > 1 and (codes != codes[0]).any():
            members = group.tolist()
            for at, (one, code) in enumerate(zip(members, codes.tolist(), strict=True)):
                yield from ((one, members[at + 1 + other]) for other in np.flatnonzero(codes[at + 1 :] != code).tolist())


def _codes(clusters: ArrayLike) -> Codes:
    codes: Codes = np.unique(np.asarray(clusters), return_inverse=True)[1].reshape(-1).astype(np.int64)
    return codes


def _table(found: ArrayLike, truth: ArrayLike) -> tuple[Codes, Codes, Codes]:
    """Sizes of the found clusters, of the true ones, and of what each two of them have in common."""
    left, right = _codes(found), _codes(truth)
    if left.shape != right.shape:
        raise ValueError(f"{len(left)} records with a cluster and {len(right)} with a truth")
    one, other = np.bincount(left), np.bincount(right)
    both = np.unique(left * (len(other) + 1) + right, return_counts=True)[1]
    return one.astype(np.int64), other.astype(np.int64), both.astype(np.int64)


def _pairs(sizes: Codes) -> int:
    return int((sizes * (sizes - 1) // 2).sum())
