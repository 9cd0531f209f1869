"""The picture of a network: whom it shows, where they stand, and which of their ties are drawn."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vincle.science import graph, graph_layout
from vincle.science.graph import Graph

from .influence_graph import Look

MOST: Final = 10_000
"""People drawn, those with most ties by weight; the others are in the tables."""
TIES: Final = 3
"""Drawn of each person: their strongest ties, to so many."""
PLACES: Final = 60
"""Communities that get a place of their own; the people of the others stand together."""


def picture(look: Look) -> dict[str, Any]:
    """Columns: person, x, y, size (square root of what they give and get), community [k]; source, target, weight [t], places in these;
    number, cx, cy, r of each community's disc (-1: those of no community that has a place)."""
    both = graph.both_ways(look.net)
    weight = graph.strength(both)
    shown = np.sort(np.argsort(-weight, kind="stable")[:MOST])
    part = Graph(both.matrix[shown][:, shown])
    place, numbers = _places(look.community[shown])
    drawn = graph_layout.layout(part, place, (look.positive + look.negative)[shown] + 1e-6 * weight[shown])
    source, target, strength = _strongest(part)
    return {
        "person": look.people[shown], "x": drawn.x.astype(np.float32), "y": drawn.y.astype(np.float32),
        "size": np.sqrt(look.positive + look.negative)[shown].astype(np.float32), "tone": look.influence[shown].astype(np.float32),
        "community": numbers[place], "source": source, "target": target, "weight": strength.astype(np.float32),
        "number": numbers, "cx": drawn.centre[:, 0].astype(np.float32), "cy": drawn.centre[:, 1].astype(np.float32),
        "r": drawn.radius.astype(np.float32),
    }  # fmt: skip


def _places(community: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(disc of each person, number of the community of each disc): largest first, those without a place of their own last."""
    numbers, size = np.unique(community[community >= 0], return_counts=True)
    order = np.lexsort((numbers, -size))[:PLACES]
    kept = numbers[order]
    disc = {number: at for at, number in enumerate(kept.tolist())}
    place = np.array([disc.get(number, len(disc)) for number in community.tolist()], np.int64)
    return place, np.append(kept, -1) if (place == len(disc)).any() else kept


def _strongest(part: Graph) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """The strongest ties of each node, each pair once."""
    rows, columns, weight = part.edges()
    order = np.lexsort((columns, -weight, rows))
    rank = np.arange(order.size) - part.matrix.indptr[rows[order]]
    chosen = order[rank < TIES]
    low, high = np.minimum(rows[chosen], columns[chosen]), np.maximum(rows[chosen], columns[chosen])
    _pairs, first = np.unique(low * part.n + high, return_index=True)
    return low[first].astype(np.int32), high[first].astype(np.int32), weight[chosen][first]
