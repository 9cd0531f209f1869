"""Fellegi and Sunter's model (1969) of record linkage, fitted without labels by expectation-maximisation (Winkler 1988).

Pairs of one person agree on field f at level l with probability m[f][l], pairs of two people with u[f][l]. Given which of the two a pair
is, the fields are independent; the weight of a level is log2(m/u).
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Levels = NDArray[np.int8]


class Patterns(Struct, frozen=True, eq=False):
    """Pairs by what they agree on: each different row of levels once (-1: not said), with how many pairs have it."""

    levels: Levels
    counts: Floats
    place: NDArray[np.intp] | None = None


class Fit(Struct, frozen=True, eq=False):
    """`m[f]`: one probability a level; `share`: the part of the pairs that are of one person; `posterior`: of each pattern."""

    m: list[Floats]
    share: float
    posterior: Floats


def patterns(levels: Levels, counts: Floats | None = None, *, placed: bool = False) -> Patterns:
    """The different rows of `levels` (pairs x fields). With `placed`, also which one each pair has."""
    packed = np.zeros(len(levels), np.int64)
    for field in range(levels.shape[1]):
        packed = packed * 11 + (levels[:, field] + 1)
        if field % 17 == 16:
            packed = np.unique(packed, return_inverse=True)[1].astype(np.int64)
    _, first, place, number = np.unique(packed, return_index=True, return_inverse=True, return_counts=True)
    weights: Floats = number.astype(np.float64) if counts is None else np.bincount(place, counts, len(first)).astype(np.float64)
    return Patterns(levels[first], weights, place if placed else None)


def shares(levels: Levels, weights: Floats, size: int, prior: Floats, strength: float) -> Floats:
    """How often each of `size` levels is met (missing left out), with `strength` pairs' worth of `prior` mixed in."""
    said = levels >= 0
    counted = np.bincount(levels[said], weights[said], size) + strength * prior
    result: Floats = counted / counted.sum()
    return result


def log_ratio(levels: Levels, weights: Sequence[Floats]) -> Floats:
    """Sum of the weights of each row's levels; what is missing adds nothing."""
    total = np.zeros(len(levels))
    for field, table in enumerate(weights):
        total += np.append(table, 0.0)[levels[:, field]]
    return total


def fit(
    found: Patterns, m: Sequence[Floats], u: Sequence[Floats], prior: Sequence[Floats], *, share: float, fields: Sequence[int],
    strength: float = 20.0, trust: float = 0.25, rounds: int = 60, held: tuple[Levels, Floats] | None = None,
) -> Fit:  # fmt: skip
    """EM with fixed u over the given fields, from m on.

    `prior` counts as `strength` pairs, or as `trust` times the matches if that is more.

    `held`: rows of levels known to be of one person, with their weights.
    """
    now = [np.asarray(each, float) for each in m]
    posterior = np.zeros(len(found.counts))
    total = max(found.counts.sum(), 1e-9)
    for _ in range(rounds):
        tables = [np.log2(now[f] / u[f]) if f in fields else np.zeros(len(u[f])) for f in range(len(u))]
        odds = np.log2(share / (1 - share)) + log_ratio(found.levels, tables)
        posterior = 1 / (1 + np.exp2(-np.clip(odds, -1000, 1000)))
        weights = found.counts * posterior
        moved, mixed = 0.0, max(strength, trust * float(weights.sum()))
        for f in fields:
            levels, counts = (found.levels[:, f], weights) if held is None else (
                np.concatenate([found.levels[:, f], held[0][:, f]]), np.concatenate([weights, held[1]]))  # fmt: skip
            new = shares(levels, counts, len(u[f]), prior[f], mixed)
            moved, now[f] = max(moved, float(np.abs(new - now[f]).max())), new
        share = float(np.clip(weights.sum() / total, 1e-9, 1 - 1e-6))
        if moved < 1e-5:
            break
    return Fit(now, share, posterior)
