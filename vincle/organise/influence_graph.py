"""What the ties say of each person: influence, reach, brokers, communities. Numbers in, numbers out; people by their place in `people`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vincle.science import graph, graph_between, graph_communities, graph_rank
from vincle.science.graph import Graph

from .influence_ties import KINDS, WEIGHTS, Ties

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

EXACT: Final = 3000
"""Up to so many people all ways are followed; beyond, those from a sample."""
WORK: Final = 4e9
"""Ties that are gone along for the betweenness, all in all: a minute or so."""
BROKERS: Final = 2000
"""Of so many, those on most ways, Burt's constraint is worked out."""
IDLE: Final = 1.0
"""Attention that everybody keeps to themselves, in acts of this moment: so what someone did a year ago hands on little, and what
someone does every day nearly all."""
FEWEST: Final = 3
"""A community has so many people at least; smaller ones are people among themselves."""


@dataclass(frozen=True)
class Look:
    """[n] by person, in the order of `people` (ids, ascending).

    `positive`, `negative`, `influence`: in times the average attention (`graph_rank.Signed`). `reached`: how many others turned to
    them. `remains`: share of what came to them that would remain without the one who gave most. `between`, `unsure`: share of the
    ways between others on which they stand, and how far at most it is off. `constraint`: Burt's, nan where not looked at.
    `community`: its number, -1 for those in none. `bridged`: to how many communities beside their own they have ties.
    """

    people: Ints
    net: Graph
    positive: Floats
    negative: Floats
    reached: Ints
    remains: Floats
    between: Floats
    unsure: Floats
    constraint: Floats
    community: Ints
    bridged: Ints
    modularity: float
    sources: int

    @property
    def influence(self) -> Floats:
        return self.positive - self.negative


def look(ties: Ties, restart: Mapping[int, float], before: Mapping[int, int], highest: int = -1) -> Look:
    """All of it. `restart`: how much each person matters to us (one where not named). `before`: community of each in the last look;
    `highest`: the largest number a community ever had."""
    people = np.unique(np.concatenate([ties.source, ties.target]))
    n = people.size
    source, target = np.searchsorted(people, ties.source), np.searchsorted(people, ties.target)
    weight = ties.weight * np.array([WEIGHTS[kind] for kind in KINDS])[ties.kind]
    begin = np.array([restart.get(person, 1.0) for person in people.tolist()], np.float64)
    signs = [graph.graph(n, source[of], target[of], weight[of]) for of in (~ties.against, ties.against)]
    ranked = graph_rank.signed(signs[0], signs[1], begin, idle=IDLE)
    net = graph.graph(n, source, target, weight)
    both = graph.both_ways(net)
    between = graph_between.betweenness(both, sample=_sample(n, both.ties))
    last = np.array([before.get(person, -1) for person in people.tolist()], np.int64)
    groups = graph_communities.communities(both, last if (last >= 0).any() else None)
    community = _numbered(groups.label, last, highest)
    return Look(
        people, net, ranked.positive, ranked.negative, np.bincount(net.matrix.indices, minlength=n).astype(np.int64), _remains(net),
        between.value, between.bound, _constraint(both, between.value), community, _bridged(both, community), groups.modularity,
        between.sources,
    )  # fmt: skip


def _sample(n: int, ties: int) -> int | None:
    return None if n <= EXACT else int(np.clip(WORK / (12 * max(ties, 1)), 32, EXACT))


def _remains(net: Graph) -> Floats:
    """What would be left without the strongest one who turned to them."""
    backward = net.matrix.T.tocsr()
    total = np.asarray(backward.sum(axis=1), np.float64).ravel()
    most = np.asarray(backward.max(axis=1).todense(), np.float64).ravel() if backward.nnz else np.zeros(net.n)
    return 1 - np.divide(most, total, out=np.ones(net.n), where=total > 0)


def _constraint(both: Graph, between: Floats) -> Floats:
    found = np.full(both.n, np.nan)
    asked = np.argsort(-between, kind="stable")[:BROKERS]
    asked = asked[between[asked] > 0]
    if asked.size:
        found[asked] = graph.constraint(both, asked)
    return found


def _numbered(label: Ints, last: Ints, highest: int) -> Ints:
    """Groups of FEWEST or more under the numbers they had; new ones after the largest number there ever was."""
    large = np.bincount(label)[label] >= FEWEST if label.size else np.zeros(0, np.bool_)
    found = np.full(label.size, -1, np.int64)
    if large.any():
        # One entry beyond the people remembers the largest number that was ever given.
        kept = graph_communities.kept_numbers(np.append(label[large], label.max() + 1), np.append(last[large], highest))
        found[large] = kept[:-1]
    return found


def _bridged(both: Graph, community: Ints) -> Ints:
    """How many communities beside their own each has ties to."""
    rows, columns, _weight = both.edges()
    there = community[columns]
    across = (there >= 0) & (there != community[rows])
    pairs = np.unique(np.column_stack([rows[across], there[across]]), axis=0)
    return np.bincount(pairs[:, 0], minlength=both.n).astype(np.int64)


def told(ties: Ties, people: Ints, most: int = 3) -> dict[int, list[tuple[str, bool, int, int, float, list[int]]]]:
    """What each person's influence rests on: place -> (kind, against, people, acts, weight, those who gave most), strongest first."""
    weight = ties.weight * np.array([WEIGHTS[kind] for kind in KINDS])[ties.kind]
    target = np.searchsorted(people, ties.target)
    order = np.lexsort((ties.source, -weight, ties.against, ties.kind, target))
    keys = [column[order] for column in (target, ties.kind, ties.against)]
    if not order.size:
        return {}
    new = np.concatenate([[True], np.logical_or.reduce([column[1:] != column[:-1] for column in keys])])
    begins = np.flatnonzero(new)
    ends = np.append(begins[1:], order.size)
    sums, acts = np.add.reduceat(weight[order], begins), np.add.reduceat(ties.n[order], begins)
    sources = ties.source[order]
    found: dict[int, list[tuple[str, bool, int, int, float, list[int]]]] = {}
    places, kinds, against = (column[begins].tolist() for column in keys)
    for at, (place, kind, sign, begin, end) in enumerate(zip(places, kinds, against, begins.tolist(), ends.tolist(), strict=True)):
        who = sources[begin : min(end, begin + most)].tolist()
        found.setdefault(place, []).append((KINDS[kind], bool(sign), end - begin, int(acts[at]), float(sums[at]), who))
    for reasons in found.values():
        reasons.sort(key=lambda each: -each[4])
    return found


def inside(look: Look) -> dict[int, float]:
    """Share of the weight of each community's ties that stays within it, by its number."""
    rows, columns, weight = look.net.edges()
    home, there = look.community[rows], look.community[columns]
    count = int(look.community.max(initial=-1)) + 1
    kept = home >= 0
    total = np.bincount(home[kept], weight[kept], minlength=count)
    stays = np.bincount(home[kept & (home == there)], weight[kept & (home == there)], minlength=count)
    return {number: float(stays[number] / total[number]) if total[number] else 1.0 for number in range(count)}


def telling(owner: Ints, names: list[str], n: Ints, look: Look, most: int = 5) -> dict[int, list[list[Any]]]:
    """What each community speaks of more than the others: number -> [[topic, share of its words, times as often as elsewhere], ...].

    `owner`: person of each row, `names`: its topic, `n`: how often. A topic counts with three mentions in the community; the lift
    has one mention added on either side, so that what nobody else says is not infinitely telling.
    """
    place = np.searchsorted(look.people, owner)
    known = (place < look.people.size) & (look.people[np.minimum(place, look.people.size - 1)] == owner) if look.people.size else owner < 0
    topics, code = np.unique(np.array(names, dtype=object)[known].astype(str), return_inverse=True)
    group, count = look.community[place[known]], n[known].astype(np.float64)
    found: dict[int, list[list[Any]]] = {}
    everywhere = np.bincount(code, count, minlength=topics.size)
    for number in np.unique(group[group >= 0]).tolist():
        here = np.bincount(code[group == number], count[group == number], minlength=topics.size)
        others = everywhere - here
        share = here / here.sum()
        lift = ((here + 1) / (here.sum() + topics.size)) / ((others + 1) / (others.sum() + topics.size))
        order = np.argsort(-(share * np.log(np.maximum(lift, 1e-9))), kind="stable")
        kept = [at for at in order[:most] if here[at] >= 3 and lift[at] > 1.1]
        found[number] = [[str(topics[at]), round(float(share[at]), 4), round(float(lift[at]), 2)] for at in kept]
    return found
