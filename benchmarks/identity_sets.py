"""The sets on which linkage is measured: what everyone is given (no column tells the truth), and the truth, kept apart."""

import csv
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .common import python

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


class Set(NamedTuple):
    """`truth`: who each record is, int64, records numbered through the files in turn; `source`: the file of each, when only pairs across files count."""

    name: str
    files: list[Path]
    truth: np.ndarray
    source: np.ndarray | None


def febrl(folder: Path, *parts: str) -> Set:
    """`rec_id` tells the truth and is left out; the rest stands as it was, spaces after commas too."""
    files, truth, source = [], [], []
    for number, part in enumerate(parts):
        with open(SHARED / "identity_febrl" / f"dataset{part}.csv", newline="", encoding="utf-8") as file:
            heading, *lines = csv.reader(file)
        files.append(_written(folder / f"febrl{part}.csv", heading[1:], (line[1:] for line in lines)))
        truth += [int(re.findall(r"\d+", line[0])[0]) for line in lines]
        source += [number] * len(lines)
    name = f"FEBRL {parts[0][0]}"
    return Set(name, files, np.array(truth), np.array(source) if len(parts) > 1 else None)


def fake(folder: Path) -> Set:
    with open(SHARED / "identity_people" / "fake_1000.csv", newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    return _without_truth("fake_1000", folder / "fake.csv", lines)


def historical(folder: Path) -> Set:
    import pyarrow.parquet as pq

    lines = pq.read_table(SHARED / "identity_people" / "historical_figures_with_errors_50k.parquet").to_pylist()
    return _without_truth("historical 50k", folder / "historical.csv", lines)


def contacts(folder: Path, rows: int) -> Set:
    """Generated in a process of its own: the names are the demo's, which stands on Django."""
    file, truth = folder / f"contacts{rows}.csv", folder / "truth.npy"
    code = (
        "import django; django.setup()\n"
        "import numpy, pathlib; from benchmarks.identity_contacts import write\n"
        f"numpy.save({str(truth)!r}, write(pathlib.Path({str(file)!r}), {rows}))"
    )
    python(folder / "home", code)
    return Set(f"{rows:,} contacts", [file], np.load(truth), None)


def _without_truth(name: str, file: Path, lines: Sequence[dict[str, str | None]]) -> Set:
    """Shuffled always the same way, because the files stand in the order of their clusters."""
    lines = sorted(lines, key=lambda line: hashlib.sha256(str(line["unique_id"]).encode()).digest())
    fields = [field for field in lines[0] if field not in ("unique_id", "cluster")]
    _written(file, fields, ([line[field] or "" for field in fields] for line in lines))
    return Set(name, [file], np.unique([str(line["cluster"]) for line in lines], return_inverse=True)[1], None)


def _written(path: Path, heading: Sequence[str], lines: Iterator[list[str]]) -> Path:
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(heading)
        out.writerows(lines)
    return path


class Measured(NamedTuple):
    """A set and what is run on it: examples of Splink and recipes of recordlinkage, by name; and Vincle on Spark too."""

    make: Callable[[Path], Set]
    splink: tuple[str, ...]
    recordlinkage: tuple[str, ...]
    on_spark: bool = False


SETS = {
    "febrl1": Measured(lambda folder: febrl(folder, "1"), ("febrl3",), ("tutorial", "febrl")),
    "febrl3": Measured(lambda folder: febrl(folder, "3"), ("febrl3",), ("tutorial", "febrl")),
    "febrl4": Measured(lambda folder: febrl(folder, "4a", "4b"), ("febrl4", "febrl4_extended"), ("tutorial", "febrl")),
    "fake_1000": Measured(fake, ("tutorial", "labels_column"), ("fake",)),
    "historical_50k": Measured(historical, ("historical",), ("historical",)),
    "contacts_50k": Measured(lambda folder: contacts(folder, 50_000), ("contacts",), ("contacts",), on_spark=True),
    "contacts_1m": Measured(lambda folder: contacts(folder, 1_000_000), ("contacts",), ("contacts",), on_spark=True),
}
