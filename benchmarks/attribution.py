"""Attribution of a million journeys over twelve touchpoints, exact, beside a package that simulates.

Our clock: flat arrays of steps to all seven models (grouping equal paths, rules, chain of order 2 with all removal effects and the matrix,
Shapley's value); then the same from lists of names; then `vincle attribute` over a file, start of the program and reading included.
The peer's clock: ChannelAttribution's markov_model of order 2, and heuristic_models, over a data frame in memory with a row for each
distinct path (for each journey it is slower); it has no Shapley's value, and it reads the file outside its clock.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from vincle.science.attribution import Attribution, Paths, attribute, intervals, of_flat, of_lists

from .common import row, title, vincle

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "attribution"
JOURNEYS = int(os.environ.get("VINCLE_BENCH_JOURNEYS", "1000000"))
CHANNELS = tuple("search ads social mail blog shop partner talk video event press map".split())
WANTED = 5.0
ORDER = 2


def _made(journeys: int, seed: int = 1) -> Paths:
    """Journeys that move from touchpoint to touchpoint by a chain, 4.5 touches on average, one in five converting."""
    rng = np.random.default_rng(seed)
    lengths = np.minimum(rng.geometric(0.22, journeys), 60)
    starts = np.concatenate(([0], np.cumsum(lengths)))
    chances = rng.dirichlet(np.linspace(4, 0.4, 12), 12) * 0.75 + np.eye(12) * 0.25
    sums = chances.cumsum(axis=1)
    steps = np.empty(int(starts[-1]), np.int32)
    here = rng.choice(12, journeys, p=chances.mean(axis=0))
    active = np.arange(journeys)
    for at in range(int(lengths.max())):
        active = active[lengths[active] > at]
        if at:
            here[active] = np.minimum((rng.random(active.size)[:, None] > sums[here[active]]).sum(axis=1), 11)
        steps[starts[active] + at] = here[active]
    converts = rng.random(journeys) < np.linspace(0.1, 0.3, 12)[here]
    return of_flat(CHANNELS, steps, starts, converts, nulls=~converts)


def run() -> None:
    title(f"Attribution: {JOURNEYS:,} journeys over {len(CHANNELS)} touchpoints, Markov of order {ORDER} and Shapley's value")
    paths = _made(JOURNEYS)
    began = time.perf_counter()
    found = attribute(paths, order=ORDER)
    flat = time.perf_counter() - began
    row("flat arrays to all seven models", f"{flat:.2f} s", f"< {WANTED:.0f} s", f"{paths.steps.size:,} touches, {found.states} states")
    names = [[CHANNELS[step] for step in each.tolist()] for each in np.split(paths.steps, paths.starts[1:-1])]
    began = time.perf_counter()
    same = attribute(of_lists(names, paths.conversions, nulls=paths.nulls), order=ORDER)
    lists = time.perf_counter() - began
    del names
    row("lists of names to all seven models", f"{lists:.2f} s", f"< {WANTED:.0f} s", f"same credits: {_apart(found, same):.0e}")
    began = time.perf_counter()
    intervals(paths, draws=200)
    row("  intervals, 200 draws, order 1", f"{time.perf_counter() - began:.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        _beside(paths, found, Path(folder), flat)
    _reference()


def _apart(one: Attribution, other: Attribution) -> float:
    """The largest difference of any credit, relative to all conversions."""
    place = [other.channels.index(name) for name in one.channels]
    return max(float(np.abs(other.credits[model][place] - each).max()) / one.conversions for model, each in one.credits.items())


def _beside(paths: Paths, found: Attribution, folder: Path, seconds: float) -> None:
    journeys, grouped = folder / "journeys.csv", folder / "paths.csv"
    _write(journeys, paths)
    _write(grouped, paths.grouped())
    ran = vincle(folder, "attribute", str(journeys), "--path", "path", "--conversions", "conversions", "--order", str(ORDER), "--json")
    credits = {each["channel"]: each["markov"] for each in ran.answer["channels"]}
    ours = dict(zip(found.channels, found.credits["markov"].tolist(), strict=True))
    apart = max(abs(credits[name] - credit) for name, credit in ours.items())
    row("vincle attribute, a file of journeys", f"{ran.seconds:.1f} s, {ran.peak_mb:.0f} MB", "", f"same credits: {apart:.0e}")
    peer = _peer(grouped, ORDER)
    if peer is None:
        row("ChannelAttribution", "not there, nothing compared")
        return
    took = peer["markov"] + peer["rules"]
    row(f"ChannelAttribution {peer['version']}, Markov and rules", f"{took:.2f} s", "", f"over ours: {seconds:.2f} s", took / seconds)
    _differences("  its simulation from our solution", peer["credits"], ours)


def _write(path: Path, paths: Paths) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "conversions", "nulls"])
        for begin, end, won, lost in zip(paths.starts, paths.starts[1:], paths.conversions, paths.nulls, strict=False):
            writer.writerow([" > ".join(paths.channels[step] for step in paths.steps[begin:end].tolist()), int(won), int(lost)])


def _peer(path: Path, order: int) -> dict[str, Any] | None:
    python = _python()
    command = [str(python), str(ROOT / "benchmarks" / "peers" / "channel_attribution.py"), str(path), str(order)]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(command, cwd=path.parent, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr[-300:], file=sys.stderr)
        return None
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _python() -> Path:
    sys.path.insert(0, str(ROOT / "scripts"))
    from machine import peers

    return Path(os.environ.get("VINCLE_PEERS_PYTHON") or peers())


def _differences(name: str, theirs: dict[str, float], ours: dict[str, float]) -> None:
    apart = {each: abs(theirs.get(each, 0.0) - credit) / credit for each, credit in ours.items() if credit}
    worst = max(apart, key=lambda each: apart[each])
    row(
        name,
        f"{np.mean(list(apart.values())):.1%} on average",
        "",
        f"at most {apart[worst]:.1%} ({worst}: {theirs.get(worst, 0):,.1f} for {ours[worst]:,.1f})",
    )


def _reference() -> None:
    if not DATA.is_dir():
        print("  shared data absent, reference not compared")
        return
    with (DATA / "Data.csv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    counts = [[float(each[f"total_{name}"]) for each in rows] for name in ("conversions", "conversion_value", "null")]
    paths = of_lists([each["path"].split(" > ") for each in rows], *counts)
    exact = json.loads((DATA / "reference.json").read_text())["exact"]
    for order in (1, 2):
        found = attribute(paths, order=order)
        wanted = exact[f"markov order {order} conv+null"]
        apart = max(abs(found.removal_effects[at] - wanted["removal"][name]) for at, name in enumerate(found.channels))
        row(f"reference, removal effects of order {order}", f"{apart:.1e} apart", "printed to 1e-6", f"rate {found.rate:.8f}")
    shapley = max(abs(found.credits["shapley"][at] - exact["shapley set-based"][name]) for at, name in enumerate(found.channels))
    row("reference, Shapley's value", f"{shapley:.1e} conversions apart", "printed to 1e-4")
