"""What was found, as two tables: which rows are one, and by what evidence."""

import csv
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from vincle.identify.matchers.base import MISSING, Levels

from . import words
from .columns import Placed
from .records import Ints
from .run import KEEP, Outcome

Floats = NDArray[np.float64]
CLUSTERS: Final = ("source", "row", "cluster", "probability")
PAIRS: Final = ("source_left", "row_left", "source_right", "row_right", "probability", "decision", "evidence")
ASK: Final = 0.5
"""Pairs at least this probable that were not linked are for a person to look at."""
_CHUNK: Final = 50_000


class Members(Struct, frozen=True, eq=False):
    """`cluster[i]`: number of record i's cluster, 1.. in the order of their first records. `probability[i]`: that it belongs there.

    In a cluster of several: the probability of the weakest link that holds the record. Alone: one less that of the best link it might
    have had, at most .99, since pairs below .01 are not followed.
    """

    cluster: Ints
    probability: Floats

    @property
    def count(self) -> int:
        return int(self.cluster.max(initial=0))


class Found(Struct, frozen=True, eq=False):
    """The pairs worth a word, the surest first: those linked, and those to be asked about.

    `place`: where they stand among the outcome's pairs.
    """

    place: NDArray[np.intp]
    is_link: NDArray[np.bool_]


def members(outcome: Outcome) -> Members:
    """The clusters of an outcome, numbered, with the probability of each record to belong."""
    names, first = np.unique(outcome.clusters, return_index=True)
    order = np.empty(len(names), np.int32)
    order[np.argsort(first, kind="stable")] = np.arange(1, len(names) + 1)
    number = order[np.searchsorted(names, outcome.clusters)]
    held = 1 / (1 + np.exp2(-np.clip(outcome.weakest, -500, 500)))
    best = np.full(len(number), KEEP)
    pairs = outcome.pairs
    for side in (pairs.left, pairs.right):
        np.maximum.at(best, side, pairs.probability)
    return Members(number.astype(np.int32), np.where(np.isfinite(outcome.weakest), held, 1 - best))


def found(outcome: Outcome, ask: float = ASK) -> Found:
    """Which of the outcome's pairs are linked (both in one cluster), and which are at least `ask` probable and are not."""
    pairs = outcome.pairs
    together = outcome.clusters[pairs.left] == outcome.clusters[pairs.right]
    place = np.flatnonzero(together | (pairs.probability >= ask))
    return Found(place, together[place])


def cluster_rows(placed: Placed, made: Members, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Rows of clusters.csv: source, row, cluster, probability."""
    for table, row, cluster, probability in zip(
        placed.table.tolist(), placed.row.tolist(), made.cluster.tolist(), made.probability.tolist(), strict=True
    ):
        yield names[table], row, cluster, rounded(probability)


def pair_rows(placed: Placed, outcome: Outcome, pairs: Found, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Rows of pairs.csv, the surest first: both rows, the probability, the decision and the evidence in words."""
    for begin in range(0, len(pairs.place), _CHUNK):
        place, is_link = pairs.place[begin : begin + _CHUNK], pairs.is_link[begin : begin + _CHUNK]
        said = evidence(outcome, outcome.pairs.left[place], outcome.pairs.right[place], outcome.pairs.levels[place])
        probability = outcome.pairs.probability[place].tolist()
        for left, right, one, linked, text in zip(
            outcome.pairs.left[place].tolist(), outcome.pairs.right[place].tolist(), probability, is_link.tolist(), said, strict=True
        ):
            yield (
                names[placed.table[left]], int(placed.row[left]), names[placed.table[right]], int(placed.row[right]), rounded(one),
                "link" if linked else "ask", text,
            )  # fmt: skip


def evidence(outcome: Outcome, left: Ints, right: Ints, levels: Levels) -> list[str]:
    """The evidence of pairs of records in words, what weighs most first: "same phone: +9.1; different birthday: -6.0".

    `levels`: pairs x matchers, as the outcome's scorer gives them. Weights are log2 of odds.
    """
    scorer, model = outcome.scorer, outcome.model
    steps: list[list[tuple[float, str]]] = [[] for _ in range(len(left))]
    for at, matcher in enumerate(scorer.matchers):
        if matcher.id not in model.parts:
            continue
        weights = scorer.weight(model, at, left, right, levels[:, at]).tolist()
        phrases = [words.phrase(matcher.id, level.id) for level in matcher.levels]
        for step, level, weight in zip(steps, levels[:, at].tolist(), weights, strict=True):
            if level != MISSING:
                step.append((-weight, f"{phrases[level]}: {weight:+.1f}"))
    return ["; ".join(text for _, text in sorted(step)) for step in steps]


def rounded(probability: float) -> float:
    """Four places, six where it is nearly certain."""
    return round(probability, 6 if probability > 0.999 else 4)


def told_apart(paths: Sequence[str | Path]) -> list[str]:
    """File names without their folders; of equal ones as many folders as it takes to tell them apart.

    >>> told_apart(["a/people.csv", "b/people.csv", "shop.csv"])
    ['a/people.csv', 'b/people.csv', 'shop.csv']
    """
    parts = [Path(path).parts for path in paths]
    depth = [1] * len(parts)
    while True:
        names = ["/".join(each[-count:]) for each, count in zip(parts, depth, strict=True)]
        again = {name for name in names if names.count(name) > 1}
        longer = [min(count + (name in again), len(each)) for name, count, each in zip(names, depth, parts, strict=True)]
        if longer == depth:
            return names
        depth = longer


def write(
    path: str | Path, headings: Sequence[str], rows: Iterable[Sequence[Any]], neutral: Callable[[Any], Any] = lambda cell: cell
) -> int:
    """Write a CSV file whole or not at all: what stood there is replaced when the last row is written. The number of rows; OSError."""
    path = Path(path)
    target = path.resolve() if path.is_symlink() else path
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    written = 0
    try:
        with os.fdopen(handle, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(headings)
            for row in rows:
                writer.writerow([neutral(cell) for cell in row])
                written += 1
        os.chmod(name, mode_of(target))
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return written


def mode_of(target: Path) -> int:
    """The rights of the file that is replaced, else those a new file would have."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
