"""Vincle on tables, as its command does it, but with the answer where the benchmark looks: `python -m benchmarks.identity_link FOLDER ENGINE FILE.csv ...`."""

import sys
from pathlib import Path

import numpy as np

from vincle.identify.linkage import report
from vincle.identify.linkage.link import link


def main(folder: Path, engine: str, paths: list[Path]) -> None:
    """Nothing is told but the files: no kind, no columns, not even that one row has no other in its own file."""
    linked = link(*paths, engine=engine)
    np.save(folder / "clusters.npy", report.members(linked.outcome).cluster)
    pairs = linked.outcome.pairs
    for name, values in (("left", pairs.left), ("right", pairs.right), ("probability", pairs.probability)):
        np.save(folder / f"{name}.npy", values)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], [Path(path) for path in sys.argv[3:]])
