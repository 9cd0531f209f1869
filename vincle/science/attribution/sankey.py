"""The last touches before the end as a picture of flows: nodes in columns, links between them, small channels folded into one."""

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np

from .paths import Floats, Ints, Mask, Paths

DEPTH: Final = 4
MOST: Final = 8
Kind = Literal["earlier", "touch", "converted", "lost"]


class Node(NamedTuple):
    """`column`: 0 for all that came earlier, then touches in order, the ends last. `channel`: "" for what is no touch, and for all channels
    that were folded into one (`is_other`). `journeys` that pass it."""

    column: int
    kind: Kind
    channel: str
    is_other: bool
    journeys: float


class Link(NamedTuple):
    """From one node to another, by their places in `Flow.nodes`; of its `journeys` so many `converted` in the end."""

    source: int
    target: int
    journeys: float
    converted: float


@dataclass(frozen=True)
class Flow:
    """`columns`: how many there are; `folded`: names of channels that stand among others, or only earlier; `journeys` shown."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    columns: int
    folded: tuple[str, ...]
    journeys: float


def flow(paths: Paths, *, depth: int = DEPTH, most: int = MOST, with_lost: bool = False) -> Flow:
    """The last `depth` touches of journeys that converted, and of the others `with_lost`; a touchpoint that follows itself is one touch.

    At most `most` channels are named, those met most often; the rest is one node a column. ValueError for less than one of either.

    >>> from .paths import of_lists
    >>> shown = flow(of_lists([["ad", "shop"], ["shop"]], [3, 2]), depth=2)
    >>> [(shown.nodes[link.source].channel, shown.nodes[link.target].channel, link.journeys) for link in shown.links]
    [('ad', 'shop', 3.0), ('shop', '', 5.0)]
    """
    if depth < 1 or most < 1:
        raise ValueError(f"{depth} touches of {most} channels")
    grouped = paths.grouped()
    won, lost = grouped.conversions, grouped.nulls if with_lost else np.zeros(grouped.size)
    shown = grouped.only(won + lost > 0)
    weight = (won + lost)[won + lost > 0]
    named, place = _named(shown, weight, depth, most)
    ends = _Ends(depth, len(named) + 1)
    pairs, owner = _pairs(shown, place, ends)
    return _told(shown, pairs, owner, with_lost, ends, named)


class _Ends(NamedTuple):
    """Codes of nodes: column * (kinds of touches) + touch; the ends stand in the column after the last touch."""

    depth: int
    wide: int

    @property
    def converted(self) -> int:
        return (self.depth + 1) * self.wide

    @property
    def lost(self) -> int:
        return self.converted + 1


def _named(shown: Paths, weight: Floats, depth: int, most: int) -> tuple[list[int], Ints]:
    """(channels that are named, by how often they are met in the end; the place of every channel among them, that of the others last)."""
    is_late = np.repeat(shown.starts[1:], shown.lengths) - np.arange(shown.steps.size) <= depth
    met = np.bincount(shown.steps, np.repeat(weight, shown.lengths) * is_late, len(shown.channels))
    order = [at for at in np.argsort(-met, kind="stable").tolist() if met[at]]
    named = order if len(order) == most + 1 else order[:most]
    place = np.full(len(shown.channels), len(named))
    place[named] = np.arange(len(named))
    return named, place


def _pairs(shown: Paths, place: Ints, ends: _Ends) -> tuple[Ints, Ints]:
    """(codes of the nodes at both ends of each move [2 x moves], whose path it is); the last moves, to the end, are one a path."""
    touch, owner = place[shown.steps], shown.owners()
    begins = _first_of_each(owner)
    kept = begins | (touch != np.concatenate(([-1], touch[:-1])))
    touch, owner = touch[kept], owner[kept]
    begins = _first_of_each(owner)
    last = np.append(begins[1:], True)[: len(owner)]
    to_end = np.cumsum(np.bincount(owner, minlength=shown.size))[owner] - np.arange(owner.size)
    code = np.maximum(ends.depth + 1 - to_end, 0) * ends.wide + np.where(to_end > ends.depth, 0, touch)
    inside = ~last & (to_end <= ends.depth + 1)
    moves = np.flatnonzero(inside)
    source, target = code[moves], code[moves + 1]
    finish = np.flatnonzero(last)
    both = np.stack((np.concatenate((source, code[finish])), np.concatenate((target, np.full(finish.size, ends.converted)))))
    return both, np.concatenate((owner[moves], owner[finish]))


def _first_of_each(owner: Ints) -> Mask:
    first: Mask = owner != np.concatenate(([-1], owner[:-1]))
    return first


def _told(shown: Paths, pairs: Ints, owner: Ints, with_lost: bool, ends: _Ends, named: list[int]) -> Flow:
    won, lost = shown.conversions, shown.nulls if with_lost else np.zeros(shown.size)
    links: dict[tuple[int, int], list[float]] = {}
    for end, amount in ((ends.converted, won), (ends.lost, lost)):
        source, target = pairs[0], np.where(pairs[1] == ends.converted, end, pairs[1])
        codes, at = np.unique(source * (ends.lost + 1) + target, return_inverse=True)
        sums = np.bincount(at, amount[owner], len(codes))
        for code, total in zip(codes.tolist(), sums.tolist(), strict=True):
            link = links.setdefault(divmod(code, ends.lost + 1), [0.0, 0.0])
            link[0] += total
            link[1] += total if end == ends.converted else 0.0
    kept = {pair: both for pair, both in sorted(links.items()) if both[0]}
    passed: dict[int, list[float]] = {}
    for (one, other), (total, _) in kept.items():
        passed.setdefault(one, [0.0, 0.0])[0] += total
        passed.setdefault(other, [0.0, 0.0])[1] += total
    places = {code: at for at, code in enumerate(sorted(passed))}
    nodes = tuple(_node(code, max(passed[code]), ends, named, shown.channels) for code in places)
    drawn = tuple(Link(places[one], places[other], total, came) for (one, other), (total, came) in kept.items())
    folded = tuple(shown.channels[at] for at in np.unique(shown.steps).tolist() if at not in named)
    return Flow(nodes, drawn, ends.depth + 2, folded, float(won.sum() + lost.sum()))


def _node(code: int, journeys: float, ends: _Ends, named: list[int], channels: tuple[str, ...]) -> Node:
    if code >= ends.converted:
        return Node(ends.depth + 1, "converted" if code == ends.converted else "lost", "", False, journeys)
    column, touch = divmod(code, ends.wide)
    if not column:
        return Node(0, "earlier", "", False, journeys)
    is_other = touch == len(named)
    return Node(column, "touch", "" if is_other else channels[named[touch]], is_other, journeys)
