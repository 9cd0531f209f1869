"""A model from the records alone: u from pairs at random, m from candidates by EM, each key's pairs teaching the other matchers."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from vincle.identify.matchers.base import Levels
from vincle.science import fellegi_sunter as fs

from . import dependence
from .candidates import Block, Packed, unpack
from .model import Model, Scorer, assemble, counted_once, starting, tables
from .records import Ints

Floats = NDArray[np.float64]
AT_RANDOM = 400_000
A_BLOCK = 150_000
CALM = 200.0
"""Pairs at random that the starting u counts for: few records say little of chance."""
FEWEST = 60
"""Blocks with fewer pairs teach nothing."""
PURE, LEAST_PURE, LEAST_BLOCKS = 0.5, 0.15, 4
"""Blocks teach when this share of their pairs seems to be one person's; the purest few from the second share on."""


def train(
    scorer: Scorer,
    blocks: Sequence[Block],
    same: Packed | None = None,
    apart: Packed | None = None,
    *,
    between: bool = False,
    seed: int = 1,
) -> Model:
    """Fit m, u and the share of pairs that are one person's. `same`, `apart`: pairs that people decided, packed."""
    size = scorer.records.size
    chance = np.random.default_rng(seed)
    first_m, first_u = starting(scorer.matchers)
    m = first_m
    left, right = _at_random(scorer, chance, between)
    random_levels = scorer.levels(left, right)
    u = [_table(random_levels[:, at], np.ones(len(left)), first_u[at], CALM) for at in range(len(scorer.matchers))]
    samples = _samples(scorer, blocks, size, m, u, chance)
    held = None if same is None or not len(same) else scorer.levels(*unpack(same, size))
    model = assemble(scorer.matchers, m, u, 1e-4)
    for _ in range(3):
        m, matches = _learn(scorer, samples, m, u, first_m, held)
        model = assemble(scorer.matchers, m, u, _share(matches, size))
        # Pairs at random hold a few that are one person's: they say nothing of two.
        odds = model.prior + fs.log_ratio(random_levels, tables(model, scorer.matchers))
        two = 1 / (1 + np.exp2(np.clip(odds, -500, 500)))
        u = [_table(random_levels[:, at], two, first_u[at], CALM) for at in range(len(scorer.matchers))]
    model = assemble(scorer.matchers, m, u, model.share)
    return structs.replace(model, lifts=dependence.learn(scorer, model, chance, between=between))


def settle_share(model: Model, scorer: Scorer, found: fs.Patterns, pairs: float) -> Model:
    """The model with the share that its own posteriors over all candidates add up to; `pairs`: how many pairs there are in all."""
    each = [np.append(table, 0.0)[found.levels[:, at]] for at, table in enumerate(tables(model, scorer.matchers))]
    ratio = counted_once(model, np.stack(each, axis=1), scorer.matchers).sum(axis=1) if each else np.zeros(len(found.counts))
    share = model.share
    for _ in range(30):
        posterior = 1 / (1 + np.exp2(-np.clip(np.log2(share / (1 - share)) + ratio, -500, 500)))
        new = float(np.clip((found.counts * posterior).sum() / pairs, 0.5 / pairs, 0.5))
        if abs(new - share) < 1e-3 * share:
            break
        share = new
    return structs.replace(model, share=share)


def _table(levels: Levels, weights: Floats, prior: Floats, strength: float) -> Floats:
    return fs.shares(levels, weights, len(prior), prior, strength)


def _share(matches: float, size: int) -> float:
    pairs = max(size * (size - 1) / 2, 1.0)
    return float(np.clip(matches / pairs, 0.5 / pairs, 0.5))


def _at_random(scorer: Scorer, chance: np.random.Generator, between: bool) -> tuple[Ints, Ints]:
    size, source = scorer.records.size, scorer.records.source
    if size * (size - 1) / 2 <= AT_RANDOM:
        left, right = (each.astype(np.int32) for each in np.triu_indices(size, 1))
    else:
        left, right = (chance.integers(0, size, AT_RANDOM).astype(np.int32) for _ in range(2))
    keep = left != right
    if between:
        keep &= source[left] != source[right]
    return left[keep], right[keep]


class _Sample(NamedTuple):
    """Pairs of one block: their patterns, how many pairs one of them stands for, and the share that seems to be one person's."""

    owners: frozenset[str]
    found: fs.Patterns
    many: float
    purity: float


def _samples(
    scorer: Scorer, blocks: Sequence[Block], size: int, m: list[Floats], u: list[Floats], chance: np.random.Generator
) -> list[_Sample]:
    """A sample of each block, told as pure as the starting weights find it: one that holds hardly anybody twice teaches nothing of persons,
    but what a language, a town or a family has in common."""
    weights = [np.log2(each / other) for each, other in zip(m, u, strict=True)]
    samples = []
    for block in blocks:
        pairs = block.pairs
        if len(pairs) < FEWEST:
            continue
        if len(pairs) > A_BLOCK:
            pairs = chance.choice(pairs, A_BLOCK, replace=False)
        found = fs.patterns(scorer.levels(*unpack(pairs, size)))
        odds = fs.log_ratio(found.levels, weights) - np.log2(size)
        purity = float((found.counts / (1 + np.exp2(np.clip(-odds, -500, 500)))).sum() / len(pairs))
        samples.append(_Sample(block.matchers, found, len(block.pairs) / len(pairs), purity))
    purest = sorted((each.purity for each in samples), reverse=True)[:LEAST_BLOCKS]
    enough = max(min([PURE, *purest[-1:]]), LEAST_PURE)
    return [each for each in samples if each.purity >= enough]


def _learn(
    scorer: Scorer, samples: Sequence[_Sample], m: list[Floats], u: list[Floats], prior: list[Floats], held: Levels | None
) -> tuple[list[Floats], float]:
    """m as the blocks found it, each for the matchers that its key is not of; and the most matches that a block found."""
    ids = [matcher.id for matcher in scorer.matchers]
    told: list[list[tuple[float, Floats]]] = [[] for _ in ids]
    most = 0.0
    known = None if held is None else (held, np.full(len(held), 3.0))
    for each in samples:
        fields = [at for at, id in enumerate(ids) if id not in each.owners]
        fitted = fs.fit(each.found, m, u, prior, share=max(each.purity, 0.01), fields=fields, held=known)
        matches = float((each.found.counts * fitted.posterior).sum())
        most = max(most, matches * each.many)
        if matches >= 5:
            for at in fields:
                told[at].append((matches * each.purity**2, fitted.m[at]))
    return [_mean(found, m[at]) for at, found in enumerate(told)], most


def _mean(told: Sequence[tuple[float, Floats]], otherwise: Floats) -> Floats:
    if not told:
        return otherwise
    weights = np.asarray([weight for weight, _ in told])
    mean: Floats = np.average([table for _, table in told], axis=0, weights=weights)
    whole: Floats = mean / mean.sum()
    return whole
