"""What agrees together in two people, too: namesakes speak one language and live in its towns, a family shares a street and a phone.

Fellegi and Sunter take agreements as independent. Here each agreement of two people is expected given the other one that makes it most
likely (after Chow and Liu 1968), so that what two agreements have in common is counted once.
"""

from typing import Final, NamedTuple

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from vincle.identify.matchers.base import Levels

from .kinds import PLACE, SPEAKS
from .model import Model, Scorer
from .records import Ints

Floats = NDArray[np.float64]
Lifts = dict[str, dict[str, float]]
PAIRS: Final = 30_000
ROUNDS: Final = 3
CALM: Final = 5.0
"""Agreements by chance that are added to those met and to those expected."""
DOUBT: Final = 2.0
"""So many times as many pairs may be one person's as the model says."""
MOST_PERSONS: Final = 0.25
"""Where more of the pairs that share a value may be one person's, nothing can be told of two."""
LEAST: Final = 0.3
"""Bits; less is noise."""


class _Sample(NamedTuple):
    """Pairs at random that have one value of a matcher in common."""

    left: Ints
    right: Ints
    levels: Levels
    shared: float  # the part of all pairs that have a value in common


def learn(scorer: Scorer, model: Model, chance: np.random.Generator, *, between: bool = False) -> Lifts:
    """Bits that two matchers' agreements have in common in pairs of two people, where they have any: {one: {other: bits}}, one < other.

    From pairs that have one value in common by chance. What the agreements of one person's pairs among them may be is left out twice over:
    each pair counts as far as it seems to be of two, and no more are counted than stay when persons agree as often as the model says.
    """
    samples = {}
    for at, matcher in enumerate(scorer.matchers):
        if (drawn := _sharing(scorer, at, chance, between)) is not None:
            left, right, shared = drawn
            samples[matcher.id] = _Sample(left, right, scorer.levels(left, right), shared)
    model = structs.replace(model, lifts={})
    for _ in range(ROUNDS):
        model = structs.replace(model, lifts=_lifts(scorer, model, samples))
    return model.lifts


def _lifts(scorer: Scorer, model: Model, samples: dict[str, _Sample]) -> Lifts:
    ids = [matcher.id for matcher in scorer.matchers]
    told: dict[tuple[str, str], tuple[float, float]] = {}
    for one, sample in samples.items():
        two, persons = _two(scorer, model, sample), DOUBT * model.share * model.parts[one].m[-1] / sample.shared
        for at, other in enumerate(ids):
            if one == other or {one, other} <= PLACE or persons > MOST_PERSONS:
                continue
            pair = (min(one, other), max(one, other))
            told[pair] = max(told.get(pair, (0.0, 0.0)), _lift(model, other, sample.levels[:, at], two, persons))
    lifts: Lifts = {}
    for (one, other), (_, bits) in sorted(told.items()):
        if bits >= LEAST:
            lifts.setdefault(one, {})[other] = round(bits, 3)
    return lifts


def _two(scorer: Scorer, model: Model, sample: _Sample) -> Floats:
    """How probably each pair is two people."""
    odds = scorer.odds(model, sample.left, sample.right, sample.levels)
    found: Floats = 1 / (1 + np.exp2(np.clip(odds, -500, 500)))
    return found


def _lift(model: Model, other: str, levels: Levels, two: Floats, persons: float) -> tuple[float, float]:
    """(pairs of two people that say something, how much more often than any two they agree on `other`, bits)."""
    part = model.parts[other]
    speaks = part.weights >= SPEAKS
    agree = np.append(speaks, False)[levels]
    of_persons = persons * float(np.asarray(part.m)[speaks].sum()) * int((levels >= 0).sum())
    if of_persons > agree.sum() / 2:
        return 0.0, 0.0
    many = float(two[levels >= 0].sum())
    met = min(float(two[agree].sum()), float(agree.sum()) - of_persons)
    by_chance = many * float(np.asarray(part.u)[speaks].sum())
    return many, float(np.log2((met + CALM) / (by_chance + CALM)))


def _sharing(scorer: Scorer, at: int, chance: np.random.Generator, between: bool) -> tuple[Ints, Ints, float] | None:
    """Pairs of records at random that have one value of a matcher in common, and the part of all pairs that have."""
    codes = scorer.matchers[at].terms(scorer.prepared[at])
    if codes is None:
        return None
    records = np.flatnonzero(codes >= 0).astype(np.int32)
    records = records[np.argsort(codes[records], kind="stable")]
    _, starts, counts = np.unique(codes[records], return_index=True, return_counts=True)
    pairs = counts * (counts - 1.0)
    if not pairs.any():
        return None
    many = int(min(PAIRS, pairs.sum() / 2))  # no more than there are: one seen often says no more than once
    group = chance.choice(len(counts), many, p=pairs / pairs.sum())
    first = chance.integers(0, counts[group])
    second = (first + 1 + chance.integers(0, counts[group] - 1)) % counts[group]
    left, right = records[starts[group] + first], records[starts[group] + second]
    if between:
        apart = scorer.records.source[left] != scorer.records.source[right]
        left, right = left[apart], right[apart]
    return left, right, float(pairs.sum() / (len(records) * (len(records) - 1.0)))
