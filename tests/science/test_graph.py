"""Figures of two well-known networks, and properties that hold for any.

Karate club: W. W. Zachary, An information flow model for conflict and fission in small groups, Journal of Anthropological Research 33
(1977). Les Miserables: who stands together in a chapter, D. E. Knuth, The Stanford GraphBase (1993). Centralities: as networkx 3.6.1
gives them (`karate_club_graph`, `les_miserables_graph`). Largest modularity there is of either, proved: D. Aloise and others, Column
generation algorithms for exact modularity maximization in networks, Phys. Rev. E 82 (2010): .4198 in four groups, .5600 in six.
"""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.science import graph, graph_between, graph_communities, graph_layout, graph_rank
from vincle.science.graph import Graph

# Zachary's 78 friendships, each node with those of a higher number.
FRIENDS = {
    1: (2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 18, 20, 22, 32), 2: (3, 4, 8, 14, 18, 20, 22, 31), 3: (4, 8, 9, 10, 14, 28, 29, 33),
    4: (8, 13, 14), 5: (7, 11), 6: (7, 11, 17), 7: (17,), 9: (31, 33, 34), 10: (34,), 14: (34,), 15: (33, 34), 16: (33, 34),
    19: (33, 34), 20: (34,), 21: (33, 34), 23: (33, 34), 24: (26, 28, 30, 33, 34), 25: (26, 28, 32), 26: (32,), 27: (30, 34), 28: (34,),
    29: (32, 34), 30: (33, 34), 31: (33, 34), 32: (33, 34), 33: (34,),
}  # fmt: skip
# node: PageRank (damping .85, without weights), betweenness, eigenvector, closeness
PUBLISHED = {
    1: (0.0970, 0.4376, 0.3555, 0.5690), 2: (0.0529, 0.0539, 0.2660, 0.4853), 3: (0.0571, 0.1437, 0.3172, 0.5593),
    9: (0.0298, 0.0559, 0.2274, 0.5156), 14: (0.0295, 0.0459, 0.2265, 0.5156), 17: (0.0168, 0.0000, 0.0236, 0.2845),
    20: (0.0196, 0.0325, 0.1479, 0.5000), 28: (0.0256, 0.0223, 0.1335, 0.4583), 32: (0.0372, 0.1383, 0.1910, 0.5410),
    33: (0.0717, 0.1452, 0.3086, 0.5156), 34: (0.1009, 0.3041, 0.3734, 0.5500),
}  # fmt: skip
# character: degree, betweenness, closeness, eigenvector, PageRank without and with weights, Burt's constraint (with weights)
MISERABLE = {
    "Valjean": (36, 0.5700, 0.6441, 0.2676, 0.0754, 0.0996, 0.1634), "Myriel": (10, 0.1768, 0.4294, 0.0281, 0.0428, 0.0392, 0.3823),
    "Gavroche": (22, 0.1651, 0.5135, 0.3178, 0.0358, 0.0283, 0.2414), "Marius": (19, 0.1320, 0.5315, 0.2591, 0.0309, 0.0517, 0.2494),
    "Fantine": (15, 0.1296, 0.4606, 0.0898, 0.0270, 0.0272, 0.2386), "Thenardier": (16, 0.0749, 0.5170, 0.1878, 0.0279, 0.0357, 0.2616),
    "Javert": (17, 0.0543, 0.5170, 0.1842, 0.0303, 0.0268, 0.3353), "Cosette": (11, 0.0238, 0.4780, 0.1110, 0.0206, 0.0369, 0.4989),
    "MlleGillenormand": (7, 0.0476, 0.4419, 0.0632, 0.0163, 0.0167, 0.5261),
    "MmeThenardier": (11, 0.0290, 0.4606, 0.1223, 0.0195, 0.0200, 0.3993),
}  # fmt: skip


def karate() -> Graph:
    pairs = [(one - 1, other - 1) for one, others in FRIENDS.items() for other in others]
    return graph.undirected(34, *zip(*pairs, strict=True))


def read(path: Path) -> tuple[Graph, list[str]]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = sorted({name for row in rows for name in (row["source"], row["target"])}, key=lambda name: (len(name), name))
    place = {name: number for number, name in enumerate(names)}
    source, target = ([place[row[side]] for row in rows] for side in ("source", "target"))
    return graph.undirected(len(names), source, target, [float(row["weight"]) for row in rows]), names


def four(values: "np.ndarray[tuple[int], np.dtype[np.float64]]", node: int) -> float:
    return round(float(values[node - 1]), 4)


def test_the_karate_club_has_its_published_centralities() -> None:
    club = karate()
    assert club.ties == 2 * 78
    assert [int(graph.degree(club)[node - 1]) for node in (1, 34, 33, 12)] == [16, 17, 12, 1]
    found = (
        graph_rank.pagerank(club), graph_between.betweenness(club).value, graph.eigenvector(club), graph.closeness(club),
    )  # fmt: skip
    for node, figures in PUBLISHED.items():
        assert tuple(four(values, node) for values in found) == figures, node


def test_every_centrality_of_the_karate_club_equals_the_reference_to_four_digits(shared_data: Path) -> None:
    club, names = read(shared_data / "graphs" / "karate_edges.csv")
    with (shared_data / "graphs" / "karate_TRUTH_centrality.csv").open(newline="") as file:
        truth = {row["node"]: row for row in csv.DictReader(file)}
    found = {
        "degree": graph.degree(club).astype(float),
        "pagerank_unweighted": graph_rank.pagerank(club, weighted=False),
        "pagerank_weighted": graph_rank.pagerank(club),
        "betweenness": graph_between.betweenness(club).value,
        "eigenvector": graph.eigenvector(club),
        "closeness": graph.closeness(club),
    }
    assert len(truth) == club.n
    for measure, values in found.items():
        wanted = np.array([float(truth[name][measure]) for name in names])
        assert np.abs(values - wanted).max() < 5e-5, measure


def test_les_miserables_have_their_published_centralities(shared_data: Path) -> None:
    novel, names = read(shared_data / "graphs" / "lesmis_edges.csv")
    assert (novel.n, novel.ties) == (77, 2 * 254)
    found = (
        graph.degree(novel), graph_between.betweenness(novel).value, graph.closeness(novel), graph.eigenvector(novel),
        graph_rank.pagerank(novel, weighted=False), graph_rank.pagerank(novel), graph.constraint(novel),
    )  # fmt: skip
    for name, figures in MISERABLE.items():
        assert tuple(four(values, names.index(name) + 1) for values in found) == figures, name


def test_communities_of_les_miserables_are_the_best_there_are(shared_data: Path) -> None:
    novel, _names = read(shared_data / "graphs" / "lesmis_edges.csv")
    found = graph_communities.communities(Graph(novel.plain))
    assert (round(found.modularity, 4), len(found.sizes)) == (0.56, 6)


def test_communities_of_the_karate_club_are_the_best_there_are() -> None:
    found = graph_communities.communities(karate())
    assert (round(found.modularity, 4), found.sizes.tolist()) == (0.4198, [12, 11, 6, 5])
    assert {1, 2, 3, 4, 8} <= {node + 1 for node in np.flatnonzero(found.label == found.label[0])}
    assert found.label[33] == found.label[32] != found.label[0]


def test_communities_stay_when_a_few_ties_are_new() -> None:
    club = karate()
    first = graph_communities.communities(club)
    again = graph_communities.communities(club)
    assert (again.label == first.label).all()
    rows, columns, weight = club.edges()
    more = graph.graph(35, [*rows, 34, 0], [*columns, 0, 34], [*weight, 1, 1])
    after = graph_communities.communities(more, before=[*first.label, -1])
    numbers = graph_communities.kept_numbers(after.label, [*first.label, -1])
    assert (numbers[:34] == first.label).all()
    assert numbers[34] == first.label[0]


def test_groups_of_a_made_up_town_are_found() -> None:
    random = np.random.default_rng(3)
    truth = np.repeat(np.arange(12), 50)
    inside = random.integers(0, 600, 4000)
    mates = truth[inside] * 50 + random.integers(0, 50, 4000)
    town = graph.undirected(600, [*inside, *random.integers(0, 600, 400)], [*mates, *random.integers(0, 600, 400)])
    found = graph_communities.communities(town)
    assert found.sizes.tolist() == [50] * 12
    assert len({(int(a), int(b)) for a, b in zip(truth, found.label, strict=True)}) == 12


def test_a_sample_tells_its_own_error() -> None:
    random = np.random.default_rng(5)
    net = graph.undirected(400, random.integers(0, 400, 1200), random.zipf(1.6, 1200) % 400)
    exact = graph_between.betweenness(net)
    assert (exact.error == 0).all()
    sampled = graph_between.betweenness(net, sample=150, seed=2)
    assert sampled.sources == 150
    off = np.abs(sampled.value - exact.value)
    assert (off <= sampled.bound).mean() >= 0.95
    first = exact.value.argmax()
    assert sampled.value.argmax() == first
    assert off[first] <= 3 * sampled.error[first] < 0.1
    assert sampled.bound[first] < exact.value[first] / 2


def test_ways_are_counted_as_the_definition_says() -> None:
    """Against all shortest ways written out one by one, on directed ties."""
    random = np.random.default_rng(11)
    pairs = [(int(a), int(b)) for a, b in random.integers(0, 9, (24, 2)) if a != b]
    net = graph.graph(9, *zip(*pairs, strict=True))
    wanted = np.zeros(9)
    for source in range(9):
        for target in range(9):
            ways = _shortest(set(pairs), source, target)
            for way in ways:
                wanted[way[1:-1]] += 1 / len(ways) / (8 * 7)
    assert np.allclose(graph_between.betweenness(net).value, wanted)


def _shortest(pairs: set[tuple[int, int]], source: int, target: int) -> list[list[int]]:
    ways = [[source]]
    while ways and source != target:
        ended = [way for way in ways if way[-1] == target]
        if ended:
            return ended
        ways = [[*way, end] for way in ways for begin, end in pairs if begin == way[-1] and end not in way]
    return []


def test_restarts_decide_whose_view_it_is() -> None:
    club = karate()
    near = np.zeros(34)
    near[16] = 1  # node 17, at the edge of the instructor's side
    mine, everybody = graph_rank.pagerank(club, near), graph_rank.pagerank(club)
    assert mine[16] > everybody[16]
    assert mine[33] < everybody[33] / 2
    assert mine.sum() == pytest.approx(1)


def test_praise_and_criticism_are_kept_apart() -> None:
    """One is praised by four, one criticised by four, one by two each; nobody speaks of the rest."""
    praised, criticised, both = 0, 1, 2
    positive = graph.graph(11, [3, 4, 5, 6, 3, 4], [praised] * 4 + [both] * 2)
    negative = graph.graph(11, [3, 4, 5, 6, 5, 6], [criticised] * 4 + [both] * 2)
    found = graph_rank.signed(positive, negative)
    assert found.positive[criticised] == found.negative[praised] == 0
    assert found.value[praised] > 0 > found.value[criticised]
    assert found.value[both] == pytest.approx(0, abs=1e-9)
    assert found.positive[both] > 0
    assert (found.positive + found.negative)[7:].sum() == 0
    assert (found.positive + found.negative).mean() == pytest.approx(1)


def test_what_is_no_graph_is_refused() -> None:
    with pytest.raises(ValueError, match="weights"):
        graph.graph(2, [0], [1], [-1])
    with pytest.raises(ValueError, match="restart"):
        graph_rank.pagerank(graph.graph(2, [0], [1]), [0, 0])
    with pytest.raises(graph_rank.NotSettled):
        graph_rank.pagerank(karate(), most=2)


def test_a_graph_without_ties_has_no_centre() -> None:
    alone = graph.graph(4, [], [])
    assert graph_rank.pagerank(alone).tolist() == [0.25] * 4
    assert (
        graph_between.betweenness(alone).value.tolist() == graph.eigenvector(alone).tolist() == graph.closeness(alone).tolist() == [0] * 4
    )
    assert np.isnan(graph.constraint(alone)).all()
    assert graph_communities.communities(alone).label.tolist() == [0, 1, 2, 3]
    assert graph_layout.layout(alone, [0, 1, 2, 3], np.ones(4)).x.shape == (4,)


ties = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=40)


@given(ties)
def test_ranks_sum_to_one_and_turn_with_the_names(pairs: list[tuple[int, int]]) -> None:
    source, target = np.array([*zip(*pairs, strict=True)] or [[], []], np.int64)
    rank = graph_rank.pagerank(graph.graph(12, source, target), tolerance=1e-12)
    assert rank.sum() == pytest.approx(1)
    assert (rank > 0).all()
    turned = graph_rank.pagerank(graph.graph(12, 11 - source, 11 - target), tolerance=1e-12)
    assert np.allclose(turned[::-1], rank)


@given(ties)
def test_no_group_is_better_split_at_once_and_each_hangs_together(pairs: list[tuple[int, int]]) -> None:
    source, target = np.array([*zip(*pairs, strict=True)] or [[], []], np.int64)
    net = graph.undirected(12, source, target)
    found = graph_communities.communities(net)
    assert found.modularity >= graph_communities.modularity(net, np.arange(12)) - 1e-9
    for label in range(found.label.max() + 1):
        members = np.flatnonzero(found.label == label)
        assert (graph.components(Graph(net.matrix[members][:, members])) == 0).all()


def test_ten_thousand_people_do_not_stand_on_one_another() -> None:
    random = np.random.default_rng(8)
    group = np.sort(random.zipf(1.7, 10_000) % 60)
    group = np.unique(group, return_inverse=True)[1]
    net = graph.undirected(10_000, random.integers(0, 10_000, 20_000), random.integers(0, 10_000, 20_000))
    drawn = graph_layout.layout(net, group, random.random(10_000))
    again = graph_layout.layout(net, group, np.random.default_rng(8).random(10_000))
    assert (drawn.centre == again.centre).all()
    gaps = np.hypot(*(drawn.centre[:, None] - drawn.centre[None]).transpose(2, 0, 1)) - drawn.radius[:, None] - drawn.radius[None]
    assert gaps[~np.eye(len(gaps), dtype=bool)].min() >= 0
    assert (np.hypot(drawn.x - drawn.centre[group, 0], drawn.y - drawn.centre[group, 1]) <= drawn.radius[group]).all()
