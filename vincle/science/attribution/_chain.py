"""A chain of any order counted out of paths: its states, and how often one followed the other."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from .paths import Floats, Ints, Paths, summed

TABLE: Final = 1 << 22
"""Keys below this are counted in a table, others are sorted."""


@dataclass(frozen=True, eq=False)
class Chain:
    """State 0 is the start of all journeys; state i > 0 stands for the last touches `touches[i]` [order], oldest first, -1 where there
    were fewer. `channel` [states]: the last touch, -1 for the start. Transition t leads from `origin[t]` to `target[t]` and was seen
    `counts[t]` times. By state, `converted`, `lost` and `earned`: journeys that ended there with a conversion, without, and their value.

    A state that follows itself (the same touch again, as often as the order) is no transition.
    """

    channels: int
    touches: Ints
    origin: Ints
    target: Ints
    counts: Floats
    converted: Floats
    lost: Floats
    earned: Floats
    met: sparse.csr_array
    """How often each path makes each transition [paths x transitions]."""
    ends: Ints
    """The last state of each path [paths]."""

    @property
    def size(self) -> int:
        return len(self.touches)

    @property
    def channel(self) -> Ints:
        last: Ints = self.touches[:, -1]
        return last


def chain(paths: Paths, order: int) -> Chain:
    """ValueError for an order below 1."""
    if order < 1:
        raise ValueError(f"an order of {order}")
    key, example = _states(paths, order)
    size = len(example) + 1
    is_first = np.zeros(key.size, np.bool_)
    is_first[paths.starts[:-1]] = True
    target = key + 1
    origin = np.where(is_first, 0, np.concatenate(([0], target[:-1])))
    moved = origin != target
    owners = paths.owners()[moved]
    pairs, pair = compact(origin[moved] * size + target[moved], size * size)
    met = sparse.csr_array((np.ones(pair.size), (owners, pair)), shape=(paths.size, len(pairs)))
    ends = target[paths.starts[1:] - 1]

    def at_end(each: Floats) -> Floats:
        return summed(ends, each, size)

    return Chain(
        len(paths.channels), _touches(paths, example, order), pairs // size, pairs % size, met.T @ (paths.conversions + paths.nulls),
        at_end(paths.conversions), at_end(paths.nulls), at_end(paths.value), met, ends,
    )  # fmt: skip


def compact(key: Ints, most: int) -> tuple[Ints, Ints]:
    """(the keys that occur, in order; for each key its place among them), all keys below `most`."""
    if most > TABLE:
        found, place = np.unique(key, return_inverse=True)
        return found, place
    there = np.zeros(most, np.bool_)
    there[key] = True
    found = np.flatnonzero(there)
    number = np.zeros(most, np.int64)
    number[found] = np.arange(found.size)
    return found, number[key]


def _states(paths: Paths, order: int) -> tuple[Ints, Ints]:
    """(state of each step from 0 on [s]; a step at which each state stands [states])."""
    wide = len(paths.channels) + 1
    step = paths.steps.astype(np.int64) + 1
    since = np.arange(step.size) - np.repeat(paths.starts[:-1], paths.lengths)
    key, most = step, wide
    for back in range(1, min(order, int(paths.lengths.max(initial=0)))):
        before = np.where(since >= back, np.concatenate((np.zeros(back, np.int64), step[:-back])), 0)
        if most * wide > 1 << 62:
            found, key = compact(key, most)
            most = found.size
        key, most = key + before * most, most * wide
    found, place = compact(key, most)
    example = np.zeros(found.size, np.int64)
    example[place] = np.arange(step.size)
    return place, example


def _touches(paths: Paths, example: Ints, order: int) -> Ints:
    """The last touches of the start and of each state, oldest first."""
    begin = np.repeat(paths.starts[:-1], paths.lengths)[example]
    at = example[:, None] - np.arange(min(order, int(paths.lengths.max(initial=1))) - 1, -1, -1)
    touches = np.where(at >= begin[:, None], paths.steps[np.maximum(at, 0)], -1).astype(np.int64)
    return np.concatenate((np.full((1, touches.shape[1]), -1), touches))
