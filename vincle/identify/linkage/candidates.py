"""Which pairs are worth comparing: those that share a key that few share, or two keys where each alone is too common."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .records import Ints

MOST_SHARING = (60, 30, 15, 8, 4)
"""A key held by more records than this finds candidates only together with another one; the smaller bounds hold when time is short."""

BUDGET, A_RECORD = 2_500_000, 10
"""Pairs to be compared."""

Packed = NDArray[np.int64]
Numbers = NDArray[np.int64] | NDArray[np.intp]


class Block(NamedTuple):
    """Pairs that one key, or two together, found; `matchers` are those whose evidence the keys are."""

    name: str
    matchers: frozenset[str]
    pairs: Packed


class Atom(NamedTuple):
    """A key as (record, code) rows; `matcher` says whose evidence it is."""

    name: str
    matcher: str
    records: Ints
    codes: NDArray[np.int64]


def blocks(atoms: Sequence[Atom], size: int, *, between: NDArray[np.int16] | None = None) -> Iterator[Block]:
    """Candidates of each key, as left * size + right with left < right. `between`: only pairs of different sources.

    The most telling keys come first; keys and pairs of keys are added until there are `BUDGET` pairs, or `A_RECORD` for each record.
    """
    left = max(BUDGET, A_RECORD * size)
    common: list[Atom] = []
    for atom in sorted(atoms, key=_coincidence):
        few, many = _within(atom, left)
        if len(few.records):
            pairs = _pairs(few, size, between)
            left -= len(pairs)
            yield Block(atom.name, frozenset({atom.matcher}), pairs)
        if len(many.records):
            common.append(many)
    for one, other in _telling(common, size, left):
        few, _ = _within(_together(one, other, size), left)
        if len(few.records):
            pairs = _pairs(few, size, between)
            left -= len(pairs)
            yield Block(f"{one.name} + {other.name}", frozenset({one.matcher, other.matcher}), pairs)


def _within(atom: Atom, left: int) -> tuple[Atom, Atom]:
    """The rows of codes that few share, as many as leave something of the budget to other keys; and those of the others."""
    if not len(atom.codes):
        return atom, atom
    _, place, counts = np.unique(atom.codes, return_inverse=True, return_counts=True)
    most = bound(counts, left)
    shared = counts[place]
    few, many = (shared >= 2) & (shared <= most), shared > most
    return _some(atom, few), _some(atom, many)


def bound(counts: Numbers, left: int, times: Numbers | int = 1) -> int:
    """How many may share a code for it to find candidates, of codes that `counts` share, each `times` over; 1: none may."""
    made = counts * (counts - 1) / 2 * times
    return next((most for most in MOST_SHARING if made[counts <= most].sum() <= left / 6), 1)


def _some(atom: Atom, rows: NDArray[np.bool_]) -> Atom:
    return atom._replace(records=atom.records[rows], codes=atom.codes[rows])


def _coincidence(atom: Atom) -> float:
    """The probability that two rows at random have one code."""
    return coincidence(np.unique(atom.codes, return_counts=True)[1])


def coincidence(counts: Numbers, times: Numbers | int = 1) -> float:
    """The same of codes that `counts` share, each `times` over."""
    return float((counts.astype(float) ** 2 * times).sum() / max(int((counts * times).sum()), 1) ** 2)


def _telling(common: Sequence[Atom], size: int, left: int) -> list[tuple[Atom, Atom]]:
    """Two keys together, the rarest coincidence first, while what is expected of them fits the budget."""
    chances = [_coincidence(atom) * (len(atom.records) / size) ** 2 for atom in common]
    return [(common[at], common[other]) for at, other in telling(chances, [atom.matcher for atom in common], size, left)]


def telling(chances: Sequence[float], matchers: Sequence[str], size: int, left: int) -> list[tuple[int, int]]:
    """The same by number, of keys on which two records at random agree with `chances`."""
    expected = sorted(
        (chances[at] * chances[other] * size * size / 2, at, other)
        for at, other in combinations(range(len(chances)), 2)
        if matchers[at] != matchers[other]
    )
    total = np.cumsum([pairs for pairs, *_ in expected])
    return [(at, other) for (_, at, other), sofar in zip(expected, total, strict=True) if sofar <= left]


def unpack(pairs: Packed, size: int) -> tuple[Ints, Ints]:
    return (pairs // size).astype(np.int32), (pairs % size).astype(np.int32)


def union(found: Mapping[str, Packed] | Sequence[Packed]) -> Packed:
    """All pairs once, in order."""
    parts = list(found.values() if isinstance(found, Mapping) else found)
    return np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.int64)


def _together(one: Atom, other: Atom, size: int) -> Atom:
    """Two keys as one: each record with every pair of its codes."""
    by = np.argsort(other.records, kind="stable")
    records, codes = other.records[by], other.codes[by]
    begin, end = np.searchsorted(records, one.records, "left"), np.searchsorted(records, one.records, "right")
    counts = end - begin
    at = np.repeat(np.arange(len(one.records)), counts)
    within = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
    second = codes[begin[at] + within]
    width = int(second.max()) + 1 if len(second) else 1
    _, first = np.unique(one.codes, return_inverse=True)
    return Atom(f"{one.name} + {other.name}", "", one.records[at], first[at].astype(np.int64) * width + second)


def _pairs(atom: Atom, size: int, between: NDArray[np.int16] | None) -> Packed:
    by = np.lexsort((atom.records, atom.codes))
    records, codes = atom.records[by].astype(np.int64), atom.codes[by]
    found: list[Packed] = []
    step = 1
    while True:  # each record with the next one of its group, the one after that, ...: as many rounds as the largest group is long
        same = codes[:-step] == codes[step:]
        if not same.any():
            break
        left, right = records[:-step][same], records[step:][same]
        keep = left != right
        if between is not None:
            keep &= between[left] != between[right]
        found.append(left[keep] * size + right[keep])
        step += 1
        if step >= len(codes):
            break
    return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)
