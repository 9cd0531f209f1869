"""Which of many sequences are equal, exactly: whole stretches of steps are packed into one number, and compared as such."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

WORDS: Final = 16
"""Sequences of more packed numbers than these are few, and compared one by one."""


def numbered(steps: NDArray[np.int32], starts: Ints, channels: int) -> tuple[Ints, Ints]:
    """(number of the group of each sequence, place of the first sequence of each group); groups in order of first appearance.

    >>> group, first = numbered(np.array([0, 1, 1, 0, 1], np.int32), np.array([0, 2, 3, 5]), 2)
    >>> group.tolist(), first.tolist()
    ([0, 1, 0], [0, 1])
    """
    lengths = np.diff(starts)
    if not lengths.size:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    each = max(int(62 / np.log2(channels + 2)), 1)
    is_long = lengths > each * WORDS
    label = np.zeros(lengths.size, np.int64)
    label[~is_long] = _packed(steps, starts[:-1][~is_long], lengths[~is_long], channels, each)
    if is_long.any():
        known: dict[bytes, int] = {}
        base = int(label.max()) + 1
        for at in np.flatnonzero(is_long).tolist():
            label[at] = base + known.setdefault(steps[starts[at] : starts[at + 1]].tobytes(), len(known))
    return _in_order(label)


def _packed(steps: NDArray[np.int32], begins: Ints, lengths: Ints, channels: int, each: int) -> Ints:
    """A label of each sequence: equal for equal ones."""
    label = np.zeros(lengths.size, np.int64)
    active = np.arange(lengths.size)
    done = 0
    while active.size:
        word = np.zeros(active.size, np.int64)
        for k in range(each):
            there = lengths[active] > done + k
            if not there.any():
                break
            word[there] += (steps[begins[active[there]] + done + k] + 1) * np.int64(channels + 1) ** k
        _, code = np.unique(word, return_inverse=True)
        if done:
            wide = int(code.max()) + 1
            _, code = np.unique(label[active] * wide + code, return_inverse=True)
        base = 0 if not done else int(label.max()) + 1
        label[active] = base + code
        done += each
        active = active[lengths[active] > done]
    return label


def _in_order(label: Ints) -> tuple[Ints, Ints]:
    _, first, group = np.unique(label, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    return rank[group], first[order]
