"""PageRank and personalised PageRank, plain and signed.

Brin and Page (1998); personalised after Haveliwala (2002): who looks around restarts at those who matter to us. Signed: trust is handed
on from one to the next, distrust goes one step and no further (Guha, Kumar, Raghavan and Tomkins, Propagation of trust and distrust,
2004: "one-step distrust"): the enemy of an enemy is nobody's friend. Both are kept apart, since someone much praised and much
criticised is not someone unknown; their difference ranks, as in Shahriari and Jalili (Ranking nodes in signed social networks, 2014).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .graph import Floats, Graph, degree, strength

DAMPING = 0.85


class NotSettled(ArithmeticError):
    """Powers went on changing for as many rounds as were allowed."""


def pagerank(
    net: Graph,
    restart: ArrayLike | None = None,
    *,
    damping: float = DAMPING,
    weighted: bool = True,
    idle: ArrayLike = 0.0,
    tolerance: float = 1e-9,
    most: int = 500,
) -> Floats:
    """Share of the time that a walker along the ties spends at each node [n]; sums to one.

    `restart` [n]: where the walker begins anew with probability 1 - damping, from zero up, not all zero (everywhere alike: None).
    `idle` (one number, or [n]): weight beside that of a node's ties of going along none of them and restarting, so that who hardly
    turns to anybody hands on hardly anything. A node without ties that leave it restarts. Stops when what changes sums to less
    than `tolerance`; NotSettled otherwise.

    >>> from .graph import graph
    >>> pagerank(graph(3, [0, 1], [2, 2])).round(3)
    array([0.213, 0.213, 0.574])
    """
    begin = _restart(net.n, restart)
    if not net.n:
        return begin
    backward = _backward(net.matrix if weighted else net.plain, strength(net) if weighted else degree(net), idle)
    now = begin
    for _ in range(most):
        after: Floats = damping * (backward @ now)
        after += (1 - after.sum()) * begin  # what restarts, and what stood where no tie goes on
        if np.abs(after - now).sum() < tolerance:
            return after
        now = after
    raise NotSettled(f"PageRank has not settled after {most} rounds")


def _backward(matrix: Any, total: ArrayLike, idle: ArrayLike) -> Any:
    """The matrix that hands the mass of each node to those it turns to, each in its share of `total` and `idle`."""
    n = matrix.shape[0]
    under = np.asarray(total, np.float64) + np.broadcast_to(np.asarray(idle, np.float64), (n,))
    inverse = np.divide(1.0, under, out=np.zeros(n), where=under > 0)
    share = matrix.copy()
    share.data = matrix.data * np.repeat(inverse, np.diff(matrix.indptr))
    # Transposed and sorted by row: a round then writes each result once, in order.
    return share.T.tocsr()


def _restart(n: int, given: ArrayLike | None) -> Floats:
    if given is None:
        return np.full(n, 1 / n) if n else np.zeros(0)
    found = np.array(given, np.float64)
    if found.shape != (n,) or not np.isfinite(found).all() or (n and (found.min() < 0 or found.sum() <= 0)):
        raise ValueError("restart needs a number from zero up for each node, and one above zero")
    return np.asarray(found / found.sum(), np.float64) if n else found


@dataclass(frozen=True)
class Signed:
    """[n] each, in means: 1 is what a node of the graph gets on average by ties of either sign together.

    `positive`, `negative`: mass that comes along ties of that sign, restarts not counted: 0 for someone to whom nobody turns.
    `value`: the first less the second.
    """

    positive: Floats
    negative: Floats

    @property
    def value(self) -> Floats:
        return self.positive - self.negative


def signed(positive: Graph, negative: Graph, restart: ArrayLike | None = None, *, damping: float = DAMPING, idle: float = 0.0) -> Signed:
    """Personalised PageRank over ties of two signs between the same nodes.

    The walker chooses among a node's ties of both signs by their weight. Along a positive one it walks on; what it goes along a
    negative one is counted against whom it leads to, and it restarts.

    >>> from .graph import graph
    >>> found = signed(graph(3, [0, 1], [2, 2]), graph(3, [0], [1]))
    >>> found.value.argmax(), found.value[1] < 0, bool(found.positive[1] == 0)
    (np.int64(2), np.True_, True)
    """
    against = strength(negative)
    rank = pagerank(positive, restart, damping=damping, idle=against + idle)
    total = strength(positive) + against
    masses = [np.asarray(damping * (_backward(net.matrix, total, idle) @ rank), np.float64) for net in (positive, negative)]
    mean = sum(float(mass.sum()) for mass in masses) / max(positive.n, 1)
    return Signed(*(mass / mean if mean else mass for mass in masses))
