"""Betweenness: on how many of the shortest ways between others a node stands. Exact, or from a sample with its error.

Brandes (A faster algorithm for betweenness centrality, 2001). Many sources are followed at once, as columns of a matrix; a sample of
sources after Brandes and Pich (Centrality estimation in large networks, 2007).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .graph import Floats, Graph, Ints

BLOCK = 16_000_000
"""Cells of one dense block; four are held at a time."""
_LOG = float(np.log(2 / 0.05))


@dataclass(frozen=True)
class Betweenness:
    """`value` [n], 0 to 1: share of the ordered pairs of others (of an undirected graph: of pairs) on whose shortest ways it stands.

    `error` [n]: its standard error; `bound` [n]: how far at most it is off, at 95 %; 0 both where it is exact. `sources`: from how
    many nodes ways were followed. The error of someone who alone leads to a few is told too small, as a sample may miss these few;
    the bound (empirical Bernstein: Maurer and Pontil 2009, theorem 4) holds for everybody.
    """

    value: Floats
    error: Floats
    bound: Floats
    sources: int


def betweenness(net: Graph, sample: int | None = None, seed: int = 0) -> Betweenness:
    """Along ties in their direction, each one step. `sample`: from so many nodes, drawn by `seed` (None, or no fewer nodes: exact).

    The error is that of a mean over sources drawn without replacement.

    >>> from .graph import undirected
    >>> betweenness(undirected(4, [0, 1, 2], [1, 2, 3])).value.round(4)
    array([0.    , 0.6667, 0.6667, 0.    ])
    """
    n = net.n
    sources = _drawn(n, sample, seed)
    pairs = (n - 1) * (n - 2)
    if pairs <= 0 or not net.ties:
        return Betweenness(np.zeros(n), np.zeros(n), np.zeros(n), sources.size)
    total, squares = np.zeros(n), np.zeros(n)
    forward, backward = net.plain, net.plain.T.tocsr()
    each = max(1, min(BLOCK // n, sources.size))
    for start in range(0, sources.size, each):
        found = _dependencies(forward, backward, sources[start : start + each])
        total += found.sum(axis=1)
        squares += np.square(found, out=found).sum(axis=1)
    scale, k = n / pairs, sources.size
    mean = total / k
    if k == n:
        return Betweenness(mean * scale, np.zeros(n), np.zeros(n), k)
    variance = np.maximum(squares / k - mean**2, 0) * k / max(k - 1, 1)
    error = np.sqrt(variance / k * (n - k) / (n - 1))
    bound = np.sqrt(2 * variance * _LOG / k) + 7 * (n - 2) * _LOG / (3 * max(k - 1, 1))
    return Betweenness(mean * scale, error * scale, np.minimum(bound * scale, 1), k)


def _drawn(n: int, sample: int | None, seed: int) -> Ints:
    if sample is None or sample >= n:
        return np.arange(n, dtype=np.int64)
    return np.sort(np.random.default_rng(seed).choice(n, sample, replace=False))


def _dependencies(forward: Any, backward: Any, sources: Ints) -> Floats:
    """[n, k]: for each source, the sum over targets of the share of its shortest ways that lead through a node."""
    n, columns = forward.shape[0], np.arange(sources.size)
    ways = np.zeros((n, sources.size))
    depth = np.full((n, sources.size), -1, np.int32)
    ways[sources, columns], depth[sources, columns] = 1, 0
    front, level = ways.copy(), 0
    while front.any():
        level += 1
        front = backward @ front
        front[depth >= 0] = 0
        new = front > 0
        depth[new] = level
        ways += front
    sent = np.zeros_like(ways)
    for at in range(level - 1, 0, -1):
        owed = np.divide(1 + sent, ways, out=np.zeros_like(ways), where=depth == at)
        sent += np.where(depth == at - 1, ways * (forward @ owed), 0)
    sent[sources, columns] = 0
    return sent
