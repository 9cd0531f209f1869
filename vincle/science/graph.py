"""Graphs as sparse matrices, and what the position of a node says: degree, closeness, eigenvector, constraint.

The drawn graph is directed: a tie (i, j, w) says that i turns to j with weight w. `both_ways` makes an undirected one of it.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse import csgraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_BATCH_CELLS = 32_000_000
"""Cells of a dense block that is held at once: 256 MB of floats."""


@dataclass(frozen=True)
class Graph:
    """`matrix` [n, n]: the weight of the tie from row to column, never negative, no tie of a node to itself."""

    matrix: Any

    @property
    def n(self) -> int:
        return int(self.matrix.shape[0])

    @property
    def ties(self) -> int:
        """Stored ties; each tie of an undirected graph stands twice."""
        return int(self.matrix.nnz)

    @cached_property
    def plain(self) -> Any:
        """Every tie with weight one."""
        found = self.matrix.copy()
        found.data = np.ones_like(found.data)
        return found

    def edges(self) -> tuple[Ints, Ints, Floats]:
        """(from, to, weight) [ties], by row and column."""
        rows = np.repeat(np.arange(self.n, dtype=np.int64), np.diff(self.matrix.indptr))
        return rows, self.matrix.indices.astype(np.int64), self.matrix.data


def graph(n: int, source: ArrayLike, target: ArrayLike, weight: ArrayLike | None = None) -> Graph:
    """A directed graph of `n` nodes. Ties that repeat are summed; those to oneself and those without weight are left out.

    `source`, `target` [m]: 0 .. n-1. `weight` [m], one where None; ValueError where one is negative or no number.

    >>> graph(3, [0, 0, 1, 2], [1, 1, 2, 2]).edges()
    (array([0, 1]), array([1, 2]), array([2., 1.]))
    """
    begins, ends = np.asarray(source), np.asarray(target)
    weights = np.ones(begins.size) if weight is None else np.asarray(weight, np.float64)
    if weights.size and not (np.isfinite(weights).all() and weights.min() >= 0):
        raise ValueError("weights of ties must be numbers from zero up")
    kind = np.int32 if max(n, begins.size) < 2**31 else np.int64
    kept = (begins != ends) & (weights > 0)
    if not kept.all():
        begins, ends, weights = begins[kept], ends[kept], weights[kept]
    found = sparse.coo_matrix((weights, (begins.astype(kind), ends.astype(kind))), shape=(n, n)).tocsr()
    found.sum_duplicates()
    return Graph(found)


def both_ways(directed: Graph) -> Graph:
    """The undirected graph: the weight between two is the sum of what goes either way.

    >>> both_ways(graph(2, [0, 1], [1, 0], [2, 3])).edges()
    (array([0, 1]), array([1, 0]), array([5., 5.]))
    """
    found = (directed.matrix + directed.matrix.T).tocsr()
    found.sort_indices()
    return Graph(found)


def undirected(n: int, source: ArrayLike, target: ArrayLike, weight: ArrayLike | None = None) -> Graph:
    """An undirected graph, each tie given once."""
    return both_ways(graph(n, source, target, weight))


def degree(net: Graph) -> Ints:
    """With how many others each node is tied [n] (of a directed graph: to how many it turns).

    >>> degree(undirected(3, [0, 0], [1, 2]))
    array([2, 1, 1])
    """
    return np.asarray(np.diff(net.matrix.indptr), np.int64)


def strength(net: Graph) -> Floats:
    """Sum of the weights of each node's ties [n] (of a directed graph: of those that leave it)."""
    return np.asarray(net.matrix.sum(axis=1), np.float64).ravel()


def closeness(net: Graph, nodes: ArrayLike | None = None) -> Floats:
    """How near each node is to all others in steps, 0 to 1 [k]; of the `nodes` asked for, else of all.

    Freeman (1979), with the correction of Wasserman and Faust (1994, formula 5.22) for graphs in several pieces: the share of the
    others that can be reached, over the mean distance to these. Of a directed graph the ways that lead to the node count.

    >>> closeness(undirected(3, [0, 1], [1, 2])).round(4)
    array([0.6667, 1.    , 0.6667])
    """
    asked = np.arange(net.n) if nodes is None else np.asarray(nodes, np.int64)
    backward = net.plain.T.tocsr()
    found = np.zeros(asked.size)
    for part in _parts(asked.size, net.n):
        steps = csgraph.dijkstra(backward, directed=True, indices=asked[part], unweighted=True)
        reached = np.isfinite(steps)
        others = reached.sum(axis=1) - 1
        total = np.where(reached, steps, 0).sum(axis=1)
        np.divide(others * others, total * max(net.n - 1, 1), out=found[part], where=total > 0)
    return found


def eigenvector(net: Graph, *, weighted: bool = False, tolerance: float = 1e-12, most: int = 5000) -> Floats:
    """Eigenvector centrality [n], of length one (Bonacich 1972): who is tied to those who are central is central.

    By powers of A + I, which has the same vectors and also settles where A swings between two halves. ArithmeticError where it
    has not settled after `most` rounds. Without any tie: zeros.

    >>> eigenvector(undirected(3, [0, 1], [1, 2])).round(4)
    array([0.5   , 0.7071, 0.5   ])
    """
    backward = (net.matrix if weighted else net.plain).T.tocsr()
    if not backward.nnz:
        return np.zeros(net.n)
    scale = float(abs(backward).sum(axis=1).max())
    now = np.full(net.n, 1 / np.sqrt(net.n))
    for _ in range(most):
        after: Floats = now + backward @ now / scale
        after /= np.linalg.norm(after)
        if np.abs(after - now).max() < tolerance:
            return after
        now = after
    raise ArithmeticError(f"eigenvector centrality has not settled after {most} rounds")


def constraint(net: Graph, nodes: ArrayLike | None = None) -> Floats:
    """Burt's constraint (Structural Holes, 1992, formula 2.4) [k]: how much a node's ties lead back to the same few people.

    Low: a broker between people who are not tied among themselves. Of the `nodes` asked for, else of all; nan without ties. What
    two are tied by either way is summed.

    >>> constraint(undirected(3, [0, 0], [1, 2])).round(4), constraint(undirected(3, [0, 0, 1], [1, 2, 2])).round(4)
    (array([0.5, 1. , 1. ]), array([1.125, 1.125, 1.125]))
    """
    asked = np.arange(net.n) if nodes is None else np.asarray(nodes, np.int64)
    mutual = (net.matrix + net.matrix.T).tocsr()
    total = np.asarray(mutual.sum(axis=1), np.float64).ravel()
    share = (sparse.diags_array(np.divide(1.0, total, out=np.zeros(net.n), where=total > 0)) @ mutual).tocsr()
    found = np.empty(asked.size)
    for part in _parts(asked.size, net.n):
        own = share[asked[part]]
        pattern = own.copy()
        pattern.data = np.ones_like(pattern.data)
        both = own + (own @ share).multiply(pattern)
        found[part] = np.asarray(both.multiply(both).sum(axis=1)).ravel()
    found[total[asked] == 0] = np.nan
    return found


def _parts(size: int, n: int) -> list[slice]:
    each = max(1, _BATCH_CELLS // max(n, 1))
    return [slice(start, min(start + each, size)) for start in range(0, size, each)]


def components(net: Graph) -> Ints:
    """The number of the piece each node stands in [n], whichever way ties run; pieces by size, largest first.

    >>> components(undirected(4, [1, 2], [2, 3]))
    array([1, 0, 0, 0])
    """
    _count, label = csgraph.connected_components(net.matrix, directed=False)
    order = np.argsort(-np.bincount(label), kind="stable")
    place = np.empty(order.size, np.int64)
    place[order] = np.arange(order.size)
    return np.asarray(place[label], np.int64)
