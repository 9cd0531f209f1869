"""Communities: groups with more ties inside than chance would give. The same from run to run.

Louvain (Blondel and others 2008) over the modularity of Newman and Girvan (2004), undirected and weighted. Nodes move a few at a time
instead of one by one, in an order that hangs on nothing but a seed: whole columns at once, so that ten million ties take seconds.
Louvain may leave a community in two pieces (Traag and others 2019): such are taken apart at the end.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.optimize import linear_sum_assignment

from .graph import Floats, Graph, Ints, components, strength

TURNS: Final = 64
"""In so many parts the nodes take their turns: few move at once, so that two who belong together do not change places for ever."""
SWEEPS: Final = 40
ENOUGH: Final = 1e-6
"""A sweep that gains less than this share of all weight is the last one."""
STAYS: Final = 0.005
"""A new partition is taken over the one before only where its modularity is greater by so much."""
SMALL: Final = 20_000
"""Up to so many ties several orders are tried, and the best is kept."""


@dataclass(frozen=True)
class Communities:
    """`label` [n]: number of each node's community, 0 the largest; `modularity` -0.5 to 1 (above 0.3: clearly groups)."""

    label: Ints
    modularity: float

    @property
    def sizes(self) -> Ints:
        return np.bincount(self.label).astype(np.int64)


def modularity(net: Graph, label: ArrayLike) -> float:
    """Share of the weight that lies within groups, less what it would be by chance, of an undirected graph.

    >>> from .graph import undirected
    >>> round(modularity(undirected(4, [0, 2, 1], [1, 3, 2]), [0, 0, 1, 1]), 4)
    0.1667
    """
    group = np.asarray(label, np.int64)
    rows, columns, weight = net.edges()
    total = float(weight.sum())
    if not total:
        return 0.0
    within = float(weight[group[rows] == group[columns]].sum())
    sums = np.bincount(group, strength(net))
    return within / total - float((sums**2).sum()) / total**2


def communities(net: Graph, before: ArrayLike | None = None, seed: int = 0) -> Communities:
    """Groups of an undirected graph. `before` [n]: the groups of the last run, -1 where a node was not there.

    The last run's groups are gone on from, and give way only to clearly better ones: what was found yesterday is found today.
    Nodes without ties are groups of their own.

    >>> from .graph import undirected
    >>> communities(undirected(6, [0, 0, 1, 3, 3, 4, 2], [1, 2, 2, 4, 5, 5, 3])).label
    array([0, 0, 0, 1, 1, 1])
    """
    tries = 8 if net.ties <= SMALL else 1
    found = [_whole(net, _louvain(net.matrix, np.arange(net.n), seed + turn)) for turn in range(tries)]
    best = max(found, key=lambda each: each.modularity)
    if before is None:
        return best
    start = _begun(np.asarray(before, np.int64))
    gone_on = _whole(net, _louvain(net.matrix, start, seed))
    return gone_on if gone_on.modularity >= best.modularity - STAYS else best


def _begun(before: Ints) -> Ints:
    """The groups of before as 0 .. k, with one for each node that had none."""
    label = before.copy()
    new = label < 0
    label[new] = (label.max() if label.size else -1) + 1 + np.arange(int(new.sum()))
    return np.unique(label, return_inverse=True)[1].astype(np.int64)


def _whole(net: Graph, label: Ints) -> Communities:
    """Groups that hang together, numbered by size (and, of equals, by their first node)."""
    rows, columns, weight = net.edges()
    within = label[rows] == label[columns]
    inside = sparse.coo_array((weight[within], (rows[within], columns[within])), shape=(net.n, net.n)).tocsr()
    found = components(Graph(inside))
    return Communities(found, modularity(net, found))


def _louvain(matrix: Any, start: Ints, seed: int) -> Ints:
    """Move nodes, make one node of each group, move these, until nothing is gained."""
    label = _moved(matrix, start, seed)
    while True:
        groups, label = np.unique(label, return_inverse=True)
        gathered = _gathered(matrix, label, groups.size)
        merged = _moved(gathered, np.arange(groups.size), seed)
        if np.unique(merged).size == groups.size:
            return label.astype(np.int64)
        label = merged[label]


def _gathered(matrix: Any, label: Ints, size: int) -> Any:
    """Ties between groups; those within one become a tie of the group to itself."""
    member = sparse.csr_array((np.ones(label.size), (np.arange(label.size), label)), shape=(label.size, size))
    return (member.T @ matrix @ member).tocsr()


def _moved(matrix: Any, start: Ints, seed: int) -> Ints:
    """Each node in the group of its neighbours where it adds most to the modularity, until a sweep hardly adds anything."""
    n = matrix.shape[0]
    label = start.astype(np.int64)
    degree = np.asarray(matrix.sum(axis=1), np.float64).ravel()
    total = float(degree.sum())
    if not total:
        return label
    others = (matrix - sparse.diags_array(matrix.diagonal())).tocsr()
    others.eliminate_zeros()
    order = np.random.default_rng(seed).permutation(n)
    pieces = [(nodes, others[nodes]) for nodes in np.array_split(order, min(n, TURNS))]
    sums: Floats = np.bincount(label, degree, minlength=n).astype(np.float64)
    for _ in range(SWEEPS):
        gained = 0.0
        for nodes, ties in pieces:
            gained += _turn(nodes, ties, label, degree, sums, total)
        if gained < ENOUGH * total:
            break
    return label


def _turn(nodes: Ints, ties: Any, label: Ints, degree: Floats, sums: Floats, total: float) -> float:
    """Let these nodes move; changes `label` and `sums` in place, and returns the weight that was gained."""
    n, k = label.size, nodes.size
    group = sparse.csr_array((np.ones(n), label, np.arange(n + 1)), shape=(n, n))
    tied = ties @ group  # what ties each node to each group it has neighbours in
    row, column = np.repeat(np.arange(k), np.diff(tied.indptr)), tied.indices
    own, heavy = label[nodes], degree[nodes]
    stays = column == own[row]
    stayed = -heavy * (sums[own] - heavy) / total
    stayed[row[stays]] += tied.data[stays]
    gain = np.where(stays, -np.inf, tied.data - heavy[row] * sums[column] / total)
    some = np.flatnonzero(np.diff(tied.indptr))
    if not some.size:
        return 0.0
    begins = tied.indptr[some]
    most = np.maximum.reduceat(gain, begins)
    best = np.full(k, -np.inf)
    best[some] = most
    # Of groups that are as good the one with the lowest number, so that the same comes out every time.
    to = np.minimum.reduceat(np.where(gain >= best[row] - 1e-9 * total, column, n), begins)
    better = most > stayed[some] + 1e-9 * total
    moving, target = nodes[some[better]], to[better]
    np.subtract.at(sums, label[moving], degree[moving])
    np.add.at(sums, target, degree[moving])
    label[moving] = target
    return float((most - stayed[some])[better].sum())


def kept_numbers(label: ArrayLike, before: ArrayLike) -> Ints:
    """Numbers for groups so that those which are mostly the same people keep theirs [n]; new groups get numbers never used before.

    `before` [n]: the numbers of the last run, -1 where there was none. The pairing with most people in common overall.

    >>> kept_numbers([0, 0, 0, 1, 1], [7, 7, 3, 3, 3])
    array([7, 7, 7, 3, 3])
    """
    new, old = np.asarray(label, np.int64), np.asarray(before, np.int64)
    groups, row = np.unique(new, return_inverse=True)
    known = old >= 0
    past, column = np.unique(old[known], return_inverse=True)
    number = np.full(groups.size, -1, np.int64)
    if past.size:
        pairs = sparse.coo_array((np.ones(column.size), (row[known], column)), shape=(groups.size, past.size)).tocsr()
        _pair(pairs, number, past)
    unnamed = number < 0
    number[unnamed] = (old.max() if old.size else -1) + 1 + np.arange(int(unnamed.sum()))
    return number[row]


def _pair(pairs: Any, number: Ints, past: Ints) -> None:
    """Fill in who keeps which number. Beyond some thousands of groups the largest overlaps choose first."""
    if max(pairs.shape) <= 2000:
        rows, columns = linear_sum_assignment(-pairs.toarray())
        kept = np.asarray(pairs.toarray()[rows, columns]) > 0
        number[rows[kept]] = past[columns[kept]]
        return
    cells = pairs.tocoo()
    taken: set[int] = set()
    for place in np.lexsort((cells.col, cells.row, -cells.data)):
        row, column = int(cells.row[place]), int(cells.col[place])
        if number[row] < 0 and column not in taken:
            taken.add(column)
            number[row] = past[column]
