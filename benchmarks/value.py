"""Customer value: a million customers fitted and scored, the published figures, a hold-out, and whether intervals hold what they say.

Beside it, in the same run: lifetimes 0.11.3 on the same customers (its Pareto/NBD on fewer, told as a rate), PyMC-Marketing's MAP.
`VINCLE_BENCH_CUSTOMERS`: how many instead of a million.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.science.value.simulated import customers, spends
from vincle.science.value import bgbb, bgnbd, gamma_gamma, mbgnbd, paretonbd, worth
from vincle.science.value.choosing import Learnt
from vincle.science.value.fitted import Fitted
from vincle.science.value.histories import Histories, of_purchases

from .common import row, title

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
CUSTOMERS = int(os.environ.get("VINCLE_BENCH_CUSTOMERS", "1000000"))
PARETO, MAP = 10_000, 10_000
AHEAD = 39.0
PUBLISHED = {
    "BG/NBD": (bgnbd, {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}, -9582.43),
    "modified BG/NBD": (mbgnbd, {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}, -9582.13),
    "Pareto/NBD": (paretonbd, {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}, -9594.97),
}
POPULATIONS = (
    ("BG/NBD as CDNOW's", bgnbd, (0.243, 4.414, 0.793, 2.426)),
    ("modified BG/NBD as CDNOW's", mbgnbd, (0.525, 6.183, 0.891, 1.614)),
    ("Pareto/NBD as CDNOW's", paretonbd, (0.553, 10.578, 0.606, 11.669)),
    ("Pareto/NBD, buying weekly", paretonbd, (1.5, 3.0, 0.6, 30.0)),
)
Floats = NDArray[np.float64]


def run() -> None:
    title(f"Customer value: {CUSTOMERS:,} customers (days of 39 weeks, joined over 12), fitted and scored for {AHEAD:.0f} weeks")
    with tempfile.TemporaryDirectory() as folder:
        _speed(Path(folder))
    _published()
    _holds()


def _speed(folder: Path) -> None:
    x, t_x, watched = _many(CUSTOMERS)
    theirs = _peer(folder, "lifetimes_fit.py", "bgnbd", x, t_x, watched)
    ours, model, kinds = _ours(bgnbd, x, t_x, watched)
    beside = "lifetimes does not run" if theirs is None else f"lifetimes: {theirs['fit']:.1f} s + {theirs['score']:.2f} s"
    ratio = None if theirs is None else (theirs["fit"] + theirs["score"]) / sum(ours)
    row("BG/NBD, grouped, fitted, scored", _took(ours), "< 5 s, 20x", beside, ratio)
    if theirs is not None:
        apart = max(abs(theirs["parameters"][name] / value - 1) for name, value in model.parameters.items())
        row("  parameters beside theirs", f"{apart:.1e} apart at most", "", f"{kinds:,} kinds of customers")
    beside = _rate(_peer(folder, "pymc_map.py", "", x[:MAP], t_x[:MAP], watched[:MAP]), f"PyMC-Marketing's MAP on {MAP:,}")
    row("  beside PyMC-Marketing", f"{sum(ours) / CUSTOMERS * 1e6:.2f} us a customer", "", *_ratio(beside, ours))
    ours, _, _ = _ours(mbgnbd, x, t_x, watched)
    row("modified BG/NBD, likewise", _took(ours), "< 5 s")
    beside = _rate(_peer(folder, "lifetimes_fit.py", "paretonbd", x[:PARETO], t_x[:PARETO], watched[:PARETO]), f"lifetimes on {PARETO:,}")
    ours, _, _ = _ours(paretonbd, x, t_x, watched)
    row("Pareto/NBD, likewise", _took(ours), "< 5 s", *_ratio(beside, ours))
    began = time.perf_counter()
    groups, place = Histories(x, t_x, watched).groups()
    model.draws(groups.x, groups.t_x, groups.T, AHEAD)[1][place]
    row("BG/NBD, an interval for each", f"{time.perf_counter() - began:.2f} s")


def _many(size: int) -> tuple[Floats, Floats, Floats]:
    """In weeks; days are whole, as they are in any log."""
    days = np.random.default_rng(3).integers(27 * 7, 39 * 7, size).astype(np.float64)
    x, last, _ = customers("bgnbd", (0.243, 4.414 * 7, 0.793, 2.426), days, 0.0, 4)
    return x, np.minimum(np.ceil(last), days) / 7, days / 7


def _ours(module: ModuleType, x: Floats, t_x: Floats, watched: Floats) -> tuple[tuple[float, float], Fitted, int]:
    began = time.perf_counter()
    groups, place = Histories(x, t_x, watched).groups()
    model: Fitted = module.fit(groups)
    fitted = time.perf_counter()
    for found in (model.expected(groups.x, groups.t_x, groups.T, AHEAD), model.alive(groups.x, groups.t_x, groups.T)):
        assert np.isfinite(found[place]).all()
    return (fitted - began, time.perf_counter() - fitted), model, len(groups)


def _took(ours: tuple[float, float]) -> str:
    return f"{sum(ours):.2f} s ({ours[0]:.2f} + {ours[1]:.2f})"


def _rate(told: dict[str, Any] | None, name: str) -> tuple[str, float | None]:
    if told is None:
        return f"{name}: does not run here", None
    each = (told["fit"] + told["score"]) / told["customers"]
    return f"{name}: {each * 1e6:,.0f} us a customer", each


def _ratio(beside: tuple[str, float | None], ours: tuple[float, float]) -> tuple[str, float | None]:
    return beside[0], None if beside[1] is None else beside[1] / (sum(ours) / CUSTOMERS)


def _peer(folder: Path, script: str, model: str, x: Floats, t_x: Floats, watched: Floats) -> dict[str, Any] | None:
    sys.path.insert(0, str(ROOT / "scripts"))
    from machine import peers

    path = folder / "customers.npz"
    np.savez(path, x=x, t_x=t_x, T=watched)
    python = os.environ.get("VINCLE_PEERS_PYTHON") or str(peers())
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = [python, str(ROOT / "benchmarks" / "peers" / script), str(path), model]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr[-300:], file=sys.stderr)
        return None
    return {**json.loads(done.stdout.strip().splitlines()[-1]), "customers": x.size}


def _published() -> None:
    folder = DATA / "value_cdnow"
    if not folder.is_dir():
        print("  shared data absent: published figures not looked at")
        return
    rows = np.loadtxt(folder / "cdnow_customers_summary.csv", delimiter=",", skiprows=1)
    title("Customer value: published figures, CDNOW and donations")
    for name, (module, parameters, log) in PUBLISHED.items():
        found = module.fit(Histories(rows[:, 1], rows[:, 2], rows[:, 3]))
        values = ", ".join(f"{found.parameters[each]:.3f}" for each in parameters)
        row(
            name,
            values,
            ", ".join(f"{each:.3f}" for each in parameters.values()),
            f"log-likelihood {found.log_likelihood:.2f}, wanted {log}",
        )
    gifts = np.loadtxt(DATA / "value_donations" / "donations.csv", delimiter=",", skiprows=1)
    found = bgbb.fit(Histories(*gifts.T))
    values = ", ".join(f"{each:.3f}" for each in found.parameters.values())
    row("BG/BB, donations", values, "1.204, .750, .657, 2.783", f"log-likelihood {found.log_likelihood:.1f}, wanted -33225.6")
    lines = [line.split() for line in (folder / "CDNOW_sample.txt").read_text().splitlines()]
    who, days = [line[1] for line in lines], [date.fromisoformat(line[2]).toordinal() for line in lines]
    end = date(1997, 9, 30).toordinal()
    model = paretonbd.fit(of_purchases(who, days, end_days=end).histories)
    whole = of_purchases(who, days)
    foretold, made = float(model.mean((max(days) - whole.first_day) / 7).sum()), float(whole.histories.x.sum())
    row(
        "weeks 1-78 out of weeks 1-39, Pareto/NBD",
        f"{foretold:,.0f} repeat purchases",
        "<= 2 % off",
        f"{made:,.0f} were made ({foretold / made - 1:+.1%})",
    )


def _holds() -> None:
    title("Customer value: what 90 % intervals hold of the next 26 weeks, 40 samples of 300 and one of 20,000; parameters estimated")
    for name, module, parameters in POPULATIONS:
        small = [_held(module, parameters, 300, seed) for seed in range(40)]
        large = _held(module, parameters, 20_000, 99)
        counts, money, sums = (float(np.mean([each[at] for each in small])) for at in range(3))
        row(name, f"purchases {counts:.1%}, {large[0]:.1%}", "87 to 93 %", f"money {money:.1%}, {large[1]:.1%}; sum of 300: {sums:.0%}")


def _held(module: ModuleType, parameters: tuple[float, float, float, float], size: int, seed: int) -> tuple[float, float, float]:
    """Share of customers whose purchases, and whose money, lie within their interval; whether everybody's money does."""
    watched = np.random.default_rng(seed).integers(27 * 7, 39 * 7, size) / 7
    x, t_x, later = customers(module.LAW.name, parameters, watched, 26.0, seed)
    mean, brought = spends(x, later, 6.25, 3.74, 15.44, seed)
    learnt = Learnt(module.fit(Histories(x, t_x, watched), penalty=0.1), gamma_gamma.fit(mean, x, penalty=0.1), 7.0, {})
    told = worth.predict(learnt, x, t_x, watched, mean, horizon_days=26 * 7)
    total = worth.total(learnt, x, t_x, watched, mean, horizon_days=26 * 7)
    inside = ((told.purchases_low <= later) & (later <= told.purchases_high)).mean()
    return float(inside), float(((told.low <= brought) & (brought <= told.high)).mean()), float(total.low <= brought.sum() <= total.high)
