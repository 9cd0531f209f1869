"""Who is influential among a million people: PageRank over ten million ties, communities, brokers; beside networkx and a plain loop.

VINCLE_BENCH_PEOPLE and VINCLE_BENCH_TIES make it smaller or larger. Ties are drawn with popularity as steep as on social networks
(Zipf) and mostly within circles of some hundred people.
"""

import os
import subprocess
import time
from typing import Any

import numpy as np

from vincle.science import graph, graph_between, graph_communities, graph_layout, graph_rank
from vincle.science.graph import Graph

from .common import row, title

PEOPLE = int(os.environ.get("VINCLE_BENCH_PEOPLE", "1000000"))
TIES = int(os.environ.get("VINCLE_BENCH_TIES", "10000000"))
SMALLER = 20
"""The peer takes minutes over all of it: it gets a network so many times smaller, and so does ours beside it."""
PEER = """
import sys, time, numpy, networkx
ties = numpy.load(sys.argv[1])
net = networkx.DiGraph()
net.add_nodes_from(range(int(sys.argv[2])))
net.add_weighted_edges_from(zip(ties["source"].tolist(), ties["target"].tolist(), ties["weight"].tolist()))
began = time.perf_counter()
rank = networkx.pagerank(net, tol=1e-9 / len(net), max_iter=500)
ranked = time.perf_counter() - began
began = time.perf_counter()
found = networkx.community.louvain_communities(net.to_undirected(), seed=1)
print(ranked, time.perf_counter() - began, networkx.community.modularity(net.to_undirected(), found))
numpy.save(sys.argv[3], numpy.array([rank[node] for node in range(len(net))]))
"""


def drawn(people: int, ties: int) -> tuple[Any, Any, Any]:
    """(from, to, weight) of so many pairs that differ: made up, the same every time."""
    random = np.random.default_rng(1)
    more = ties * 8 // 5
    source = random.integers(0, people, more)
    circle = (source // 300) * 300
    near = np.minimum(circle + np.minimum(random.zipf(1.5, more) - 1, 299), people - 1)
    far = np.minimum(random.zipf(1.3, more) - 1, people - 1) * 7919 % people
    target = np.where(random.random(more) < 0.7, near, far)
    pairs = np.unique((source * people + target)[source != target])
    pairs = random.permutation(pairs)[:ties]
    return pairs // people, pairs % people, random.random(pairs.size) + 0.05


def plain_rank(net: Graph, rounds: int) -> Any:
    """One round after the other as the formula says, without preparing anything: what `pagerank` is measured against."""
    source, target, weight = net.edges()
    total = graph.strength(net)
    now = np.full(net.n, 1 / net.n)
    for _ in range(rounds):
        after = 0.85 * np.bincount(target, now[source] * weight / total[source], minlength=net.n)
        now = after + (1 - after.sum()) / net.n
    return now


def run() -> None:
    title(f"Influence among {PEOPLE:,} people with {TIES:,} ties")
    source, target, weight = drawn(PEOPLE, TIES)
    net, seconds = _timed(lambda: graph.graph(PEOPLE, source, target, weight))
    row("making the graph", f"{seconds:.1f} s", "", f"{net.ties:,} ties that differ")
    rank, ranked = _timed(lambda: graph_rank.pagerank(net))
    _plain, ten = _timed(lambda: plain_rank(net, 10))
    rounds = _rounds(net)
    row("PageRank to 1e-9", f"{ranked:.1f} s, with the graph {ranked + seconds:.1f} s", "< 10 s",
        f"plain loop: {ten / 10 * rounds:.1f} s for its {rounds} rounds", ten / 10 * rounds / ranked)  # fmt: skip
    near = np.zeros(PEOPLE)
    near[::10] = 1
    _mine, personal = _timed(lambda: graph_rank.signed(net, graph.graph(PEOPLE, source[::9], target[::9]), near))
    row("personalised and signed, two graphs", f"{personal:.1f} s")
    both = graph.both_ways(net)
    groups, seconds = _timed(lambda: graph_communities.communities(both))
    row("communities", f"{seconds:.1f} s", "", f"modularity {groups.modularity:.3f}, {groups.sizes.size:,} groups")
    ways, seconds = _timed(lambda: graph_between.betweenness(both, sample=16))
    row("betweenness from 16 sources", f"{seconds:.1f} s", "", f"largest {ways.value.max():.4f} ± {ways.error[ways.value.argmax()]:.4f}")
    _drawing(rank, both, groups.label)
    _peer()


def _drawing(rank: Any, both: Graph, label: Any) -> None:
    top = np.sort(np.argsort(-rank)[:10_000])
    part = Graph(both.matrix[top][:, top])
    names = np.unique(label[top], return_inverse=True)[1]
    sizes = np.bincount(names)
    few = np.where(sizes[names] >= np.sort(sizes)[-min(60, sizes.size)], names, sizes.size)
    _drawn, seconds = _timed(lambda: graph_layout.layout(part, np.unique(few, return_inverse=True)[1], rank[top]))
    row("places of 10,000 people on the picture", f"{seconds:.1f} s")


def _rounds(net: Graph) -> int:
    """How many rounds the powers take to 1e-9."""
    low, high = 1, 500
    while low < high:
        middle = (low + high) // 2
        try:
            graph_rank.pagerank(net, most=middle)
            high = middle
        except graph_rank.NotSettled:
            low = middle + 1
    return low


def _peer() -> None:
    import tempfile
    from pathlib import Path

    python = os.environ.get("VINCLE_OUTSIDE_PYTHON", ".venv-outside/bin/python")
    if not Path(python).exists() or subprocess.run([python, "-c", "import networkx"], check=False, capture_output=True).returncode:
        row("networkx", "not there", "", "VINCLE_OUTSIDE_PYTHON names a Python that has it")
        return
    people, ties = PEOPLE // SMALLER, TIES // SMALLER
    source, target, weight = drawn(people, ties)
    net, building = _timed(lambda: graph.graph(people, source, target, weight))
    rank, ranked = _timed(lambda: graph_rank.pagerank(net))
    groups, grouped = _timed(lambda: graph_communities.communities(graph.both_ways(net)))
    with tempfile.TemporaryDirectory() as folder:
        begins, ends, weights = net.edges()
        np.savez(f"{folder}/ties.npz", source=begins, target=ends, weight=weights)
        asked = [python, "-c", PEER, f"{folder}/ties.npz", str(people), f"{folder}/rank.npy"]
        said = subprocess.run(asked, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
        apart = np.abs(np.load(f"{folder}/rank.npy") - rank).sum()
    theirs, cut, quality = (float(each) for each in said)
    row(f"PageRank of {people:,} people, {ties:,} ties", f"{ranked:.2f} s (and {building:.2f} s)", "same to 1e-6",
        f"networkx: {theirs:.2f} s; apart by {apart:.0e}", theirs / ranked)  # fmt: skip
    row("communities of the same", f"{grouped:.1f} s, modularity {groups.modularity:.3f}", "no worse", f"networkx: {cut:.1f} s, {quality:.3f}",
        cut / grouped)  # fmt: skip


def _timed(work: Any) -> tuple[Any, float]:
    began = time.perf_counter()
    found = work()
    return found, time.perf_counter() - began
