"""`vincle survey drivers` and `vincle survey nps`: of a table in a file, without a server or a database."""

from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from vincle.channels.base import FileError
from vincle.identify.linkage import files
from vincle.identify.linkage.files import Table
from vincle.project.commands.plain import MISUSED, answer, fail
from vincle.project.commands.survey_columns import Faulty, Numbers, column, left_out, numbers, rated
from vincle.science import nps as promoters
from vincle.science.drivers import Driver, Drivers, drivers

_file = click.argument("file", type=click.Path(path_type=Path))
_encoding = click.option("--encoding", default="", help="Encoding of the file, when it cannot be told.")
_sheet = click.option("--sheet", default="", help="Sheet of a workbook.")
_json = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


def _read(path: Path, sheet: str, encoding: str) -> Table:
    try:
        table = files.read(path, sheet=sheet, encoding=encoding)
    except FileError as error:
        fail(f"{path.name} cannot be read: {error}")
    except (OSError, LookupError) as error:
        fail(f"{path}: {getattr(error, 'strerror', None) or error}", MISUSED)
    if not table.size:
        fail(f"{path.name} has no rows of data.")
    if not table.has_headings:
        fail(f"{path.name} has no line of headings: its first line has to name the columns.")
    return table


@click.command("drivers", epilog="Example: vincle survey drivers answers.csv --target overall --json")
@_file
@click.option("--target", required=True, help="Heading of the column to explain.")
@click.option("--driver", "wanted", multiple=True, help="Heading of a driver; may be repeated. Else every column of numbers.")
@click.option("--ignore", multiple=True, help="Leave a column out; may be repeated.")
@click.option("--weight", default="", help="Heading of a column of weights.")
@click.option("--seed", default=0, show_default=True, help="Of the drawing behind the intervals: the same seed, the same intervals.")
@_sheet
@_encoding
@_json
def drivers_command(
    file: Path, target: str, wanted: tuple[str, ...], ignore: tuple[str, ...], weight: str, seed: int, sheet: str, encoding: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Say what moves a score: R-squared of a linear model, and each driver's fair part of it.

    FILE is CSV, Excel, JSON lines or Parquet. `beta` is the standardised coefficient; `shapley_r2` the part of R-squared; `share` that part
    of the whole, and `low` to `high` its 95 % interval. Rows with an empty cell are left out, and it is said how many.
    """
    table = _read(file, sheet, encoding)
    try:
        goal = numbers(table, column(table, target), True)
        assert goal is not None
        weighing = numbers(table, column(table, weight), True) if weight else None
        chosen, notes = _chosen(table, wanted, {target, weight, *(column(table, each).heading for each in ignore)})
        found, told = _explained(goal, chosen, weighing, seed)
    except Faulty as error:
        fail(str(error), MISUSED if error.is_misuse else 1)
    except ValueError as error:
        fail(f"{file.name}: {error}.")
    notes += told + ([f"{len(table.faults)} rows could not be read and are left out"] if table.faults else [])
    facts = {
        "n": found.n, "r2": found.r2, "r2_adjusted": found.r2_adjusted, "target": target, "error": found.error, "seed": seed,
        "drivers": [_facts(each) for each in found.drivers], "notes": notes,
    }  # fmt: skip
    answer(as_json, facts, _text(found, target, notes))


def _chosen(table: Table, wanted: tuple[str, ...], passed: set[str]) -> tuple[list[Numbers], list[str]]:
    """Columns of numbers, and what is said of those that are none."""
    if wanted:
        named = [numbers(table, column(table, heading), True) for heading in dict.fromkeys(wanted)]
        return [each for each in named if each is not None], []
    chosen, notes = [], []
    for series in table.series:
        if series.heading in passed:
            continue
        found = numbers(table, series, False)
        reason = left_out(series, found)
        if found is None or reason:
            notes.append(f"'{series.heading}' is left out: {reason}")
        else:
            chosen.append(found)
    if not chosen:
        raise ValueError("no other column holds numbers that vary, so nothing can explain the target")
    return chosen, notes


def _explained(goal: Numbers, chosen: list[Numbers], weighing: Numbers | None, seed: int) -> tuple[Drivers, list[str]]:
    every = [goal, *chosen, *([weighing] if weighing else [])]
    whole = np.logical_and.reduce([~np.isnan(each.values) for each in every])
    notes = []
    if missing := int((~whole).sum()):
        worst = max(every, key=lambda each: int(np.isnan(each.values).sum()))
        notes.append(f"{missing} of {len(whole)} rows are left out: a value is missing (most often of '{worst.heading}')")
    kept: list[NDArray[np.float64]] = []
    used: list[str] = []
    for each in chosen:
        values = each.values[whole]
        if values.size and values.min() == values.max():
            notes.append(f"'{each.heading}' is left out: it is the same in every row")
        else:
            kept.append(values)
            used.append(each.heading)
    if goal.values[whole].size and np.ptp(goal.values[whole]) == 0:
        raise ValueError(f"the target '{goal.heading}' is the same in every row, so there is nothing to explain")
    if not kept:
        raise ValueError(f"no column is left to explain '{goal.heading}'" + "".join(f"; {note}" for note in notes))
    weights = weighing.values[whole] if weighing else None
    found = drivers(np.column_stack(kept), goal.values[whole], used, weights=weights, seed=seed)
    if found.error:
        notes.append(f"orders of {len(used)} drivers were sampled: shapley_r2 is right to ±{1.96 * found.error:.4f}")
    notes += [_turned(each) for each in found.drivers if each.is_turned]
    return found, notes


def _turned(driver: Driver) -> str:
    with_it = "rises" if driver.correlation > 0 else "falls"
    return (
        f"'{driver.name}' goes together with other drivers: its coefficient ({driver.beta:+.3f}) has another sign than it has by itself"
        f" ({driver.correlation:+.3f}). The target {with_it} with it; read the share, not the coefficient"
    )


def _facts(each: Driver) -> dict[str, Any]:
    return {
        "name": each.name, "beta": each.beta, "shapley_r2": each.shapley_r2, "share": each.share, "low": each.low, "high": each.high,
        "correlation": each.correlation, "coefficient": each.coefficient, "effect": each.effect, "is_turned": each.is_turned,
    }  # fmt: skip


def _text(found: Drivers, target: str, notes: list[str]) -> str:
    wide = max(len(each.name) for each in found.drivers)
    lines = [f"{found.r2:.1%} of how '{target}' differs is explained by {len(found.drivers)} drivers ({found.n:,} rows)."]
    lines += [
        f"  {each.name:<{wide}}  {each.share:>6.1%}  ({each.low:.1%} to {each.high:.1%})  beta {each.beta:+.3f}  R² {each.shapley_r2:.4f}"
        for each in found.drivers
    ]
    return "\n".join([*lines, *(f"  Note: {note}." for note in notes)])


@click.command("nps", epilog="Example: vincle survey nps answers.csv --column recommend --json")
@_file
@click.option("--column", "heading", required=True, help="Heading of the column of scores, 0 to 10.")
@click.option("--weight", default="", help="Heading of a column of weights.")
@_sheet
@_encoding
@_json
def nps_command(file: Path, heading: str, weight: str, sheet: str, encoding: str, as_json: bool) -> None:
    """Say the net promoter score of a column, in points, with its standard error and 95 % interval. Empty cells are left out."""
    table = _read(file, sheet, encoding)
    try:
        scores = rated(table, column(table, heading))
        weighing = numbers(table, column(table, weight), True) if weight else None
    except Faulty as error:
        fail(str(error), MISUSED if error.is_misuse else 1)
    there = ~np.isnan(scores.values) & (~np.isnan(weighing.values) if weighing else True)
    try:
        found = promoters.nps(scores.values[there], weighing.values[there] if weighing else None)
    except ValueError as error:
        fail(f"{file.name}: {error}.")
    if found is None:
        fail(f"Column '{heading}' of {file.name} holds no score.")
    missing = int((~there).sum()) + len(table.faults)
    n = int(there.sum())
    facts: dict[str, Any] = {**found._asdict(), "n": n, "missing": missing}
    if weighing:
        facts["worth"] = found.n
    text = f"NPS {found.nps:+.1f} ({found.low:+.1f} to {found.high:+.1f}; standard error {found.standard_error:.2f}) of {n:,} answers"
    answer(as_json, facts, f"{text}; {missing:,} rows say nothing." if missing else f"{text}.")
