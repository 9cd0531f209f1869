"""Shapley's value: what each player adds, averaged over all orders in which players could come.

For attribution the players are channels, and a set of channels is worth all conversions along paths which met no other channel. That game
is a sum of unanimity games, one a path, so each path's conversions are shared alike among the distinct channels on it.

Source: L. S. Shapley, A value for n-person games, Contributions to the Theory of Games 2 (1953), 307-317.
"""

from collections.abc import Callable, Sequence
from math import factorial
from typing import Final

import numpy as np
from scipy import sparse

from .paths import Floats, Ints, Paths, summed

MOST: Final = 22
"""Players of a general game: all its sets are looked at."""
BITS: Final = 62


def credit(paths: Paths, amounts: Floats) -> Floats:
    """`amounts` [p] of the paths by channel, each path's shared alike among its distinct channels: [channels]."""
    sets, path_sets = distinct(paths)
    found: Floats = sets.T @ (summed(path_sets, amounts, sets.shape[0]) / sizes(sets))
    return found


def touched(paths: Paths) -> Floats:
    """Journeys that met each channel, however often: [channels]."""
    sets, path_sets = distinct(paths)
    found: Floats = sets.T @ summed(path_sets, paths.conversions + paths.nulls, sets.shape[0])
    return found


def sizes(sets: sparse.csr_array) -> Floats:
    """How many channels each set holds, at least 1."""
    return np.maximum(np.diff(sets.indptr), 1).astype(np.float64)


def distinct(paths: Paths) -> tuple[sparse.csr_array, Ints]:
    """(sets of channels, 1 for each that is in it [sets x channels]; place of the set of each path [p]). Of many channels each path has a
    set of its own."""
    channels = len(paths.channels)
    if channels > BITS or not paths.size:
        pairs = np.unique(paths.owners() * channels + paths.steps)
        owner, channel = np.divmod(pairs, max(channels, 1))
        return sparse.csr_array((np.ones(pairs.size), (owner, channel)), shape=(paths.size, channels)), np.arange(paths.size)
    bits = np.bitwise_or.reduceat(np.int64(1) << paths.steps.astype(np.int64), paths.starts[:-1])
    codes, place = np.unique(bits, return_inverse=True)
    return sparse.csr_array((codes[:, None] >> np.arange(channels) & 1).astype(np.float64)), place


def shapley(players: Sequence[str], worth: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """The value of each player in any game: `worth` of every set of players is asked once. ValueError for more than 22 players.

    Source: Shapley 1953. The airport of S. C. Littlechild and G. Owen (1973), where a runway must serve the largest of those who land:

    >>> costs = {"small": 1, "middle": 2, "large": 3}
    >>> found = shapley(list(costs), lambda who: max((costs[each] for each in who), default=0))
    >>> {name: round(value, 4) for name, value in found.items()}
    {'small': 0.3333, 'middle': 0.8333, 'large': 1.8333}
    """
    n = len(players)
    if n > MOST:
        raise ValueError(f"{n} players: of more than {MOST} not every set can be looked at")
    sets = range(1 << n)
    value = np.fromiter((worth(frozenset(players[j] for j in range(n) if at >> j & 1)) for at in sets), np.float64, 1 << n)
    return dict(zip(players, of_sets(value).tolist(), strict=True))


def of_sets(value: Floats) -> Floats:
    """The same from the worth of every set [2 ** n]: bit j of its place says whether player j is in it."""
    n = int(value.size).bit_length() - 1
    if value.size != 1 << n:
        raise ValueError(f"{value.size} sets: no power of two")
    every = np.arange(value.size)
    size = np.bitwise_count(every).astype(np.int64)
    weight = np.array([factorial(k) * factorial(n - k - 1) / factorial(n) for k in range(n)])
    found = np.zeros(n)
    for j in range(n):
        without = every[(every >> j & 1) == 0]
        found[j] = (weight[size[without]] * (value[without | 1 << j] - value[without])).sum()
    return found
