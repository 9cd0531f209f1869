"""Linking tables from a notebook: one function, and what it gives back."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct

from . import columns, files, report
from .columns import Placed, Plan
from .files import Table
from .model import Evidence, Model
from .run import LINK, Outcome, Pair, Report, run
from .spark import run_on_spark, session


class Linked(Struct, frozen=True, eq=False):
    """Tables that were linked. Records are numbered from 0 through all tables; `outcome` has everything as arrays."""

    names: list[str]
    tables: list[Table]
    plan: Plan
    placed: Placed
    outcome: Outcome

    @property
    def model(self) -> Model:
        """The weights that were learnt or given; `model.to_json()` keeps them for next time."""
        return self.outcome.model

    def clusters(self) -> list[dict[str, Any]]:
        """A row a record: source, row (1 = first row of data), cluster, probability. For a frame: `pandas.DataFrame(linked.clusters())`."""
        rows = report.cluster_rows(self.placed, report.members(self.outcome), self.names)
        return [dict(zip(report.CLUSTERS, row, strict=True)) for row in rows]

    def pairs(self, ask: float = report.ASK) -> list[dict[str, Any]]:
        """A row a pair that was linked, or is at least `ask` probable: both rows, probability, decision and evidence in words."""
        rows = report.pair_rows(self.placed, self.outcome, report.found(self.outcome, ask), self.names)
        return [dict(zip(report.PAIRS, row, strict=True)) for row in rows]

    def explain(self, left: int, right: int) -> list[Evidence]:
        """Why two records are one or not: each piece of evidence with its weight, which with `model.prior` add up to the log2 odds.

        Raises IndexError for a record that is not there.
        """
        for index in (left, right):
            if not 0 <= index < self.placed.records.size:
                raise IndexError(f"there is no record {index}; there are {self.placed.records.size}")
        return self.outcome.scorer.evidence(self.model, left, right)


def link(
    *tables: Any,
    names: Sequence[str] = (),
    kind: str = "auto",
    mapping: Mapping[str, str] | None = None,
    ignore: Sequence[str] = (),
    between: bool = False,
    threshold: float = LINK,
    model: Model | None = None,
    same: Collection[Pair] = (),
    apart: Collection[Pair] = (),
    engine: Any = "",
    report: Report = lambda stage, share: None,
) -> Linked:
    """Find the rows that are the same person or organisation, within each table and between them.

    Arguments:
        tables: paths (CSV, Excel, JSON, Parquet), what `files.read` made of them, or frames: pandas, Polars, pyarrow, lists of mappings.
        names: what to call the tables; file names, "table 1", "table 2" ... otherwise.
        kind: "person", "organisation", or "auto" to tell by the columns.
        mapping: heading -> field ("Mail": "email"), where a column is not recognised; `ignore`: headings to leave out.
        between: only pairs of rows from two different tables.
        threshold: probability in (0, 1) from which two rows are linked.
        model: weights of an earlier run; without one they are learnt from the rows, unlabelled.
        same, apart: pairs of record numbers that you know to be one, or two.
        engine: where the work is done: "" in this process; "spark": the Spark of VINCLE_ENGINE_URL when VINCLE_ENGINE is spark, else all
            cores of this machine; an address (`spark://host:7077`, `local[4]`); or a SparkSession. The outcome is the same.
        report: is told the stage ("prepare", "candidates", "train", "compare", "cluster") and the share of the work that is done.

    Returns what was found: `clusters()`, `pairs()`, `explain(left, right)`, `model`.

    Raises PlanError when no column can be used, FileError or OSError for a file that cannot be read, ValueError for a threshold or a
    pair out of bounds, SparkError when Spark was asked for and is not there or cannot do it.

    >>> people = [{"name": "Montserrat Vilaró", "email": "montse@example.cat"}, {"name": "Montse Vilaro", "email": "montse@example.cat"}]
    >>> [row["cluster"] for row in link(people).clusters()]
    [1, 1]

    Source: Fellegi and Sunter, A Theory for Record Linkage, 1969; `vincle.science.fellegi_sunter`.
    """
    if not 0 < threshold < 1:
        raise ValueError(f"a threshold lies between 0 and 1, not at {threshold}")
    called = _names(tables, names)
    read = [_read(each, name) for each, name in zip(tables, called, strict=True)]
    plan = columns.plan(read, kind=kind, mapping=mapping, ignore=ignore)
    placed = columns.records(read, plan)
    if any(not 0 <= index < placed.records.size for pair in (*same, *apart) for index in pair):
        raise ValueError(f"`same` and `apart` name records from 0 to {placed.records.size - 1}")
    with _runner(engine) as work:
        outcome = work(placed.records, model=model, same=same, apart=apart, threshold=threshold, between=between, report=report)
    return Linked(called, read, plan, placed, outcome)


@contextmanager
def _runner(engine: Any) -> Iterator[Callable[..., Outcome]]:
    """What links records where `engine` says."""
    if not isinstance(engine, str):
        yield partial(run_on_spark, session=engine)
    elif engine:
        with session("" if engine == "spark" else engine) as begun:
            yield partial(run_on_spark, session=begun)
    else:
        yield run


def _read(table: Any, name: str) -> Table:
    if isinstance(table, Table):
        return table
    return files.read(table, name) if isinstance(table, str | Path) else files.of_frame(table, name)


def _names(tables: Sequence[Any], names: Sequence[str]) -> list[str]:
    if names and len(names) != len(tables):
        raise ValueError(f"{len(names)} names for {len(tables)} tables")
    if names:
        return list(names)
    paths = [each for each in tables if isinstance(each, str | Path)]
    told = iter(report.told_apart(paths))
    return [
        each.name if isinstance(each, Table) else next(told) if isinstance(each, str | Path) else f"table {at}"
        for at, each in enumerate(tables, 1)
    ]
