"""Records -> pairs with a probability -> people."""

from collections.abc import Callable, Collection, Iterable

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from vincle.identify.matchers.base import Levels
from vincle.science import fellegi_sunter as fs

from . import candidates, clusters, kinds, training
from .candidates import Atom, Packed
from .model import Model, Scorer
from .records import Ints, Records

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Report = Callable[[str, float], None]
Pair = tuple[int, int]
LINK = 0.9
"""A link needs this probability, unless said otherwise."""
_CHUNK = 500_000
KEEP = 0.01
"""Pairs less probable than this are let go."""
LEAST = float(np.log2(KEEP / (1 - KEEP)))


class Pairs(Struct, frozen=True, eq=False):
    """Candidates that are worth a word, the surest first. `odds` are log2 odds; `levels` pairs x matchers."""

    left: Ints
    right: Ints
    odds: Floats
    levels: Levels

    @property
    def probability(self) -> Floats:
        found: Floats = 1 / (1 + np.exp2(-np.clip(self.odds, -500, 500)))
        return found

    def __len__(self) -> int:
        return len(self.left)


class Outcome(Struct, frozen=True, eq=False):
    """`clusters[i]`: the first record of i's person; `weakest[i]`: log2 odds of the weakest link i is held by (inf: alone)."""

    pairs: Pairs
    model: Model
    clusters: Ints
    weakest: Floats
    scorer: Scorer
    compared: int


def run(
    records: Records,
    *,
    model: Model | None = None,
    same: Collection[Pair] = (),
    apart: Collection[Pair] = (),
    threshold: float = LINK,
    between: bool = False,
    touching: Bools | None = None,
    report: Report = lambda stage, share: None,
) -> Outcome:
    """Link records. `same` and `apart`: pairs that people decided; `between`: only across sources. Without a model one is trained.

    `touching`: with a model, compare only what has to do with these records: their pairs, and the pairs among those they resemble.
    """
    report("prepare", 0.0)
    scorer = Scorer(records)
    size = max(records.size, 1)
    report("candidates", 0.1)
    found = list(candidates.blocks(atoms(scorer), size, between=records.source if between else None))
    if model is None:
        report("train", 0.2)
        model = training.train(scorer, found, packed(same, size), packed(apart, size), between=between)
    report("compare", 0.4)
    everything = candidates.union([*(block.pairs for block in found), packed(same, size)])
    del found
    if touching is not None:
        everything = _around(scorer, model, everything, touching, size)
    in_all = None if touching is not None else pairs_in_all(records, between)
    pairs, model = _compare(scorer, model, everything, packed(same, size), in_all)
    report("cluster", 0.9)
    return put_together(scorer, model, pairs, len(everything), threshold=threshold, same=same, apart=apart)


def put_together(
    scorer: Scorer, model: Model, pairs: Pairs, compared: int, *, threshold: float, same: Collection[Pair], apart: Collection[Pair]
) -> Outcome:
    """The people that the pairs make."""
    size = scorer.records.size
    odds = float(np.log2(threshold / (1 - threshold))) if threshold < 1 else np.inf
    decided = _decided(pairs, _may_link(scorer, model, pairs), odds, same, apart, max(size, 1))
    names, weakest = clusters.clusters(size, pairs.left, pairs.right, decided, odds, apart)
    return Outcome(pairs, model, names, weakest, scorer, compared)


def atoms(scorer: Scorer) -> list[Atom]:
    """All keys of all matchers, a row for each record and code."""
    found = []
    everyone = np.arange(scorer.records.size, dtype=np.int32)
    for matcher, prepared in zip(scorer.matchers, scorer.prepared, strict=True):
        for key in matcher.keys(prepared):
            records = everyone if key.records is None else key.records
            said = key.codes >= 0
            found.append(Atom(key.name, matcher.id, records[said], key.codes[said]))
    return found


def _around(scorer: Scorer, model: Model, everything: Packed, touching: Bools, size: int) -> Packed:
    """Pairs of the records asked about; and those among their likely partners, so that no chain of strangers forms over a new record."""
    left, right = candidates.unpack(everything, size)
    asked = touching[left] | touching[right]
    one, other = left[asked], right[asked]
    likely = scorer.odds(model, one, other, scorer.levels(one, other)) > 0
    near = np.zeros(size, np.bool_)
    near[one[likely]] = near[other[likely]] = True
    found: Packed = everything[asked | (near[left] & near[right])]
    return found


def _compare(scorer: Scorer, model: Model, everything: Packed, same: Packed, in_all: float | None) -> tuple[Pairs, Model]:
    """`same`: pairs kept whatever they look like. `in_all`: of how many these are the candidates, to settle the share; None: it stands."""
    left, right = candidates.unpack(everything, max(scorer.records.size, 1))
    levels = scorer.levels(left, right)
    if in_all is not None:
        model = training.settle_share(model, scorer, fs.patterns(levels), in_all)
    odds = scorer.odds(model, left, right, levels)
    keep = np.flatnonzero((odds > LEAST) | np.isin(everything, same))
    return surest_first(Pairs(left[keep], right[keep], odds[keep], levels[keep])), model


def surest_first(pairs: Pairs) -> Pairs:
    """The same pairs; those of equal odds stay in their order."""
    by = np.argsort(-pairs.odds, kind="stable")
    return Pairs(pairs.left[by], pairs.right[by], pairs.odds[by], pairs.levels[by])


def pairs_in_all(records: Records, between: bool) -> float:
    total = records.size * (records.size - 1) / 2
    if between:
        counts = np.bincount(records.source)
        total -= float((counts * (counts - 1) / 2).sum())
    return max(float(total), 1.0)


def packed(pairs: Iterable[Pair], size: int) -> Packed:
    return np.asarray(sorted(min(pair) * size + max(pair) for pair in pairs if pair[0] != pair[1]), np.int64)


def _may_link(scorer: Scorer, model: Model, pairs: Pairs) -> Bools:
    found = np.zeros(len(pairs), np.bool_)
    for begin in range(0, len(pairs), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        levels = pairs.levels[part]
        weights = scorer.weights(model, pairs.left[part], pairs.right[part], levels)
        found[part] = kinds.may_link(levels, weights, scorer.matchers)
    return found


def _decided(pairs: Pairs, may: Bools, threshold: float, same: Collection[Pair], apart: Collection[Pair], size: int) -> Floats:
    """The odds as clusters may use them: too little for a link where a rule wants more, and what people decided in its place."""
    odds = np.where(may, pairs.odds, np.minimum(pairs.odds, np.nextafter(threshold, -np.inf)))
    each = pairs.left.astype(np.int64) * size + pairs.right
    odds[np.isin(each, packed(same, size))] = 60.0
    odds[np.isin(each, packed(apart, size))] = -60.0
    return odds
