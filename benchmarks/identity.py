"""Finding the same people in tables: Vincle beside Splink alone and the recordlinkage package, on sets with a known truth.

Everyone reads the same files and is a process of its own, from start to clusters written; no setting of Vincle's is told, not even the columns.
`VINCLE_BENCH_SETS` names the sets ("febrl1 febrl3 ..."); `VINCLE_BENCH_PEERS=no` leaves the others out. A peer that takes longer than
`VINCLE_BENCH_MINUTES` (30) or more than `VINCLE_BENCH_MEMORY_GB` (12) is ended, and the report says so. Large sets are linked a second time on
a Spark of this machine's cores, which shows what Spark costs; what it saves, only a cluster shows. `VINCLE_BENCH_SPARK` is another address.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .common import _watched
from .identity_scores import Score, best, score
from .identity_sets import SETS, SHARED, Measured, Set

ROOT = Path(__file__).resolve().parent.parent
PEERS = Path(__file__).resolve().parent / "peers"
MINUTES = float(os.environ.get("VINCLE_BENCH_MINUTES", 30))
SPARK = os.environ.get("VINCLE_BENCH_SPARK", "local[*]")
MEMORY = float(os.environ.get("VINCLE_BENCH_MEMORY_GB", 12)) * 1024
WANTED = {"febrl1": "F1 1.0", "febrl3": "F1 >= .994", "febrl4": "F1 >= .999", "fake_1000": ">= Splink", "historical_50k": ">= Splink"}


class Ran(NamedTuple):
    """One run: seconds and the most memory its family held, in MB; `failed` says why there is no answer."""

    seconds: float
    peak: float
    failed: str
    score: Score | None = None
    best: tuple[Score, float] | None = None

    def shown(self, beside: "Ran | None" = None) -> str:
        """One line; with `beside` how many times its time and memory this took."""
        took = f"{self.seconds:>8.1f} s {self.peak:>7,.0f} MB"
        times = f"{self.seconds / beside.seconds:>7.1f}x {self.peak / beside.peak:>6.1f}x" if beside and self.score else " " * 16
        if self.score is None:
            return f"{self.failed:<44} {took} {times}"
        bound = f"{self.best[0].f1:.4f}" if self.best else ""
        return (
            f"{self.score.f1:.4f}  {self.score.precision:.4f}  {self.score.recall:.4f}  {self.score.wrong:>9,}  {bound:>6}  {took} {times}"
        )


def run() -> None:
    print("\nThe same person in different rows: trained without labels, one command, default threshold; pairs of records inside clusters")
    print("('best': F1 at the best threshold for this truth, which nobody knows beforehand; times and memory beside Vincle's)")
    print(
        f"  {'':<46} {'F1':<6}  {'prec.':<6}  {'recall':<6}  {'wrong':>9}  {'best':>6}  {'time':>10} {'memory':>10} {'time':>8} {'memory':>7}  wanted"
    )
    for name in os.environ.get("VINCLE_BENCH_SETS", " ".join(SETS)).split():
        if not name.startswith("contacts") and not SHARED.exists():
            print(f"  {name}: {SHARED} is not there")
            continue
        with tempfile.TemporaryDirectory(dir=os.environ.get("VINCLE_BENCH_FOLDER")) as folder:
            _measure(name, SETS[name], Path(folder))


def _measure(name: str, wanted: Measured, folder: Path) -> None:
    given = wanted.make(folder)
    ours = vincle(given, folder)
    _line(f"{given.name} ({len(given.truth):,} rows): Vincle", ours.shown(ours), WANTED.get(name, "precision >= .99"))
    if wanted.on_spark and SPARK != "no":
        _line(f"    the same on Spark ({SPARK})", vincle(given, folder, SPARK).shown(ours), "the same F1")
    if os.environ.get("VINCLE_BENCH_PEERS") == "no":
        return
    for peer, parts in (("splink", wanted.splink), ("recordlinkage", wanted.recordlinkage)):
        for part in parts:
            _line(f"    {peer} ({part})", beside(peer, part, given, folder).shown(ours))


def _line(name: str, figures: str, target: str = "") -> None:
    print(f"  {name:<46} {figures}  {target}", flush=True)


def vincle(given: Set, folder: Path, engine: str = "") -> Ran:
    out = _emptied(folder / "vincle")
    command = [sys.executable, "-m", "benchmarks.identity_link", str(out), engine, *map(str, given.files)]
    return _judged(_child(command), given, out)


def beside(peer: str, part: str, given: Set, folder: Path) -> Ran:
    out = _emptied(folder / f"{peer}-{part}")
    return _judged(_child([str(_outside()), str(PEERS / f"{peer}_link.py"), part, str(out), *map(str, given.files)]), given, out)


def _outside() -> Path:
    sys.path.insert(0, str(ROOT / "scripts"))
    from machine import outside

    return Path(os.environ.get("VINCLE_OUTSIDE_PYTHON") or outside())


def _emptied(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    return folder


def _child(command: Sequence[str]) -> Ran:
    """Run it to its end, or until it takes too long or too much."""
    began, failed = time.monotonic(), ""
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=complaints, start_new_session=True)
        with _watched(process.pid) as peak:
            while process.poll() is None:
                time.sleep(0.02)
                if time.monotonic() - began > MINUTES * 60 or peak[0] > MEMORY:
                    failed = f"ended at {MINUTES:.0f} min" if peak[0] <= MEMORY else f"ended at {MEMORY / 1024:.0f} GB"
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
        if process.returncode and not failed:
            complaints.seek(0)
            failed = "failed: " + (complaints.read().decode(errors="replace").strip().splitlines() or ["?"])[-1]
    return Ran(time.monotonic() - began, peak[0], failed)


def _judged(ran: Ran, given: Set, out: Path) -> Ran:
    if ran.failed:
        return ran
    clusters = np.load(out / "clusters.npy")
    pairs = [np.load(out / f"{name}.npy") for name in ("left", "right", "probability")] if (out / "left.npy").exists() else None
    bound = best(pairs[0], pairs[1], pairs[2], given.truth, given.source) if pairs else None
    return ran._replace(score=score(clusters, given.truth, given.source), best=bound)


if __name__ == "__main__":
    # One on one set, for a look: python -m benchmarks.identity historical_50k [splink historical]
    with tempfile.TemporaryDirectory() as place:
        made = SETS[sys.argv[1]].make(Path(place))
        found = beside(sys.argv[2], sys.argv[3], made, Path(place)) if len(sys.argv) > 2 else vincle(made, Path(place))
        print(found.shown())
        print(found)
