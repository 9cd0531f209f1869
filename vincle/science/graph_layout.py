"""Where to draw the people of a network: each community a disc, those tied to one another near one another. The same every time.

Within a small community people stand where forces between them put them (Fruchterman and Reingold 1991); within a large one by
their weight from the middle outwards on a sunflower's spiral (Vogel 1979), which keeps every point apart from the next.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from .graph import Floats, Graph, Ints

GOLDEN: Final = np.pi * (3 - np.sqrt(5))
FORCED: Final = 400
"""Communities of up to so many are laid out by forces."""
ROUNDS: Final = 120
GAP: Final = 0.12
"""Room between discs, as a share of the radius of the smaller one."""
ANGLES: Final = 24
WIDE: Final = 1.6
"""So many times as wide as high, as screens are."""


@dataclass(frozen=True)
class Layout:
    """`x`, `y` [n]: places, one point taking about one unit of area. `centre` [c, 2], `radius` [c]: the disc of each community."""

    x: Floats
    y: Floats
    centre: Floats
    radius: Floats


def layout(net: Graph, label: ArrayLike, weight: ArrayLike) -> Layout:
    """`net` undirected; `label` [n]: community 0 .. c-1 of each node; `weight` [n]: who stands in the middle.

    >>> from .graph import undirected
    >>> found = layout(undirected(4, [0, 2], [1, 3]), [0, 0, 1, 1], [1, 1, 1, 1])
    >>> bool(np.hypot(*(found.centre[0] - found.centre[1])) >= found.radius.sum())
    True
    """
    group, heavy = np.asarray(label, np.int64), np.asarray(weight, np.float64)
    sizes = np.bincount(group) if group.size else np.zeros(0, np.int64)
    radius = np.sqrt(sizes) * 0.9 + 0.6
    centre = _packed(_between(net, group, sizes.size), radius)
    x, y = np.zeros(net.n), np.zeros(net.n)
    order = np.lexsort((np.arange(net.n), -heavy, group))
    begins = np.concatenate([[0], np.cumsum(sizes)])
    for number in range(sizes.size):
        members = order[begins[number] : begins[number + 1]]
        places = _spiral(members.size)
        if 2 < members.size <= FORCED:
            places = _forced(net.matrix[members][:, members].toarray(), places)
        x[members], y[members] = (centre[number] + places * (radius[number] - 0.6)).T
    return Layout(x, y, centre, radius)


def _spiral(count: int) -> Floats:
    """Places within the unit disc [count, 2], the first in the middle."""
    turn = np.arange(count)
    far = np.sqrt((turn + 0.5) / max(count, 1)) if count > 1 else np.zeros(count)
    return np.column_stack([far * np.cos(turn * GOLDEN), far * np.sin(turn * GOLDEN)])


def _forced(ties: Any, start: Floats) -> Floats:
    """Places within the unit disc after forces have worked: all push one another away, ties pull together."""
    n = start.shape[0]
    ideal = 1.6 / np.sqrt(n)
    strong = np.log1p(ties) / np.log1p(ties.max()) if ties.max() > 0 else ties
    place = start.copy()
    for turn in range(ROUNDS):
        apart = place[:, None, :] - place[None, :, :]
        far = np.maximum(np.hypot(apart[..., 0], apart[..., 1]), 1e-3)
        push = ideal**2 / far**2 - strong * far / ideal
        np.fill_diagonal(push, 0)
        move = (apart * push[..., None]).sum(axis=1) - 0.6 * place
        length = np.maximum(np.hypot(*move.T), 1e-9)
        hottest = 0.15 * (1 - turn / ROUNDS) + 0.005
        place += move / length[:, None] * np.minimum(length, hottest)[:, None]
    place -= place.mean(axis=0)
    return place / max(float(np.hypot(*place.T).max()), 1e-9)


def _between(net: Graph, group: Ints, count: int) -> Floats:
    """Weight of the ties between each two communities [c, c]."""
    rows, columns, weight = net.edges()
    cells = np.bincount(group[rows] * count + group[columns], weight, minlength=count * count)
    found = cells.astype(np.float64).reshape(count, count)
    np.fill_diagonal(found, 0)
    return found


def _packed(between: Floats, radius: Floats) -> Floats:
    """Centres of discs that do not touch [c, 2], largest first from the middle: each as near as can be to those it is tied to."""
    centre = np.zeros((radius.size, 2))
    turn = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    ring = np.column_stack([np.cos(turn), np.sin(turn)])
    for number in range(1, radius.size):
        there, wide = centre[:number], radius[:number]
        room = wide + radius[number] + GAP * np.minimum(wide, radius[number])
        spots = (there[:, None, :] + ring[None, :, :] * room[:, None, None]).reshape(-1, 2)
        apart = np.hypot(spots[:, None, 0] - there[None, :, 0], spots[:, None, 1] - there[None, :, 1])
        free = (apart >= room - 1e-9).all(axis=1)
        pull = between[number, :number]
        tied = (apart * pull).sum(axis=1) / pull.sum() if pull.sum() else np.zeros(len(spots))
        cost = np.hypot(spots[:, 0] / WIDE, spots[:, 1]) + tied
        cost[~free] = np.inf
        centre[number] = spots[int(cost.argmin())]
    return centre
