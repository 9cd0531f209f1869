"""`vincle attribute`: which touchpoints conversions are owed to, of a table of paths in a file, without a server or a database."""

from pathlib import Path
from typing import NamedTuple

import click

from vincle.channels.base import FileError
from vincle.identify.linkage import words
from vincle.project.commands import attribute_reading as reading
from vincle.project.commands import attribute_words as wording
from vincle.project.commands.plain import MISUSED, answer, fail
from vincle.project.commands.survey_columns import Faulty, number
from vincle.science.attribution import Attribution, Intervals, Paths, attribute, intervals
from vincle.store.export import neutral

SHOWN = 10


class How(NamedTuple):
    """How conversions are shared."""

    order: int
    half_life: float
    ends: tuple[float, float]


@click.command("attribute", epilog="Example: vincle attribute paths.csv --path path --conversions sales --nulls lost --json")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--path", "path", required=True, metavar="COLUMN", help="The touchpoints in order, parted by --sep.")
@click.option("--conversions", default="", metavar="COLUMN", help="How many journeys converted; or 0 and 1 for one journey a row.")
@click.option("--value", default="", metavar="COLUMN", help="What these conversions were worth together.")
@click.option("--nulls", default="", metavar="COLUMN", help="How many journeys did not convert.")
@click.option("--sep", default="", help="What parts touchpoints.  [default: ' > ', or '>' where that is all there is]")
@click.option("--order", type=click.IntRange(1), default=1, show_default=True, help="Of the Markov chain: touches it remembers.")
@click.option("--days", default="", metavar="COLUMN", help="Days from each touch to the conversion, parted by --sep.")
@click.option("--window", type=click.FloatRange(0), default=None, help="Count touches of the last so many days alone; needs --days.")
@click.option(
    "--half-life", type=click.FloatRange(0, min_open=True), default=7.0, show_default=True,
    help="Days (without --days: steps) in which a touch loses half its weight.",
)  # fmt: skip
@click.option("--position", default="40,20,40", show_default=True, help="Shares of the first touch, of all between, of the last.")
@click.option("--intervals", "is_sure", is_flag=True, help="Say between what each credit lies, by a bootstrap of journeys.")
@click.option("--draws", type=click.IntRange(2, 100_000), default=200, show_default=True, help="Of that bootstrap.")
@click.option(
    "--level", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.9, show_default=True, help="Of its intervals."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed, the same intervals.")
@click.option("--out", "-o", type=click.Path(path_type=Path), default=None, help="CSV to write: a row for each channel.")
@click.option("--sheet", default="", help="Sheet of a workbook.")
@click.option("--encoding", default="", help="Encoding of the file, when it cannot be told.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def attribute_command(
    file: Path, path: str, conversions: str, value: str, nulls: str, sep: str, order: int, days: str, window: float | None,
    half_life: float, position: str, is_sure: bool, draws: int, level: float, seed: int, out: Path | None, sheet: str, encoding: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Share conversions among the touchpoints before them, by every usual rule, a Markov chain and Shapley's value, side by side.

    FILE is CSV of any separator and encoding, Excel or JSON lines, plain or packed (.gz). A row is a path with its counts; or one journey,
    if --conversions is 0 or 1 throughout and there is no --nulls. Rows that cannot be read are named and left out.
    """
    if window is not None and not days:
        fail("--window needs --days: how long before the conversion each touch was.", MISUSED)
    how = How(order, half_life, _ends(position))
    given = _read(file, reading.Wanted(path, conversions, value, nulls, days, sep), encoding, sheet)
    paths = given.paths if window is None else given.paths.within(window)
    notes = [*given.notes, *_of_window(given.paths, paths, window)]
    if not paths.size:
        fail(f"{file.name}: no row holds a touchpoint{f' of the last {window:g} days' if window is not None else ''}.")
    found = attribute(paths, order=how.order, half_life=how.half_life, ends=how.ends)
    sure = None
    if is_sure:
        sure = intervals(paths, draws=draws, level=level, seed=seed, order=how.order, half_life=how.half_life, ends=how.ends)
    if out:
        _write(out, found, sure)
    if given.faults:
        notes.append(f"{len(given.faults):,} rows could not be read and are left out")
    facts = wording.facts(found, sure) | {"separator": given.sep, "rows": given.rows, "left_out": len(given.faults), "notes": notes}
    answer(as_json, facts, wording.text(found, sure, notes))


def _read(file: Path, wanted: reading.Wanted, encoding: str, sheet: str) -> reading.Found:
    try:
        found = reading.read(file, wanted, encoding, sheet)
    except Faulty as error:
        fail(str(error), MISUSED)
    except FileError as error:
        fail(f"{file.name} cannot be read: {words.fault(error.code, error.detail)}.")
    except OSError as error:
        fail(f"{file}: {error.strerror or error}.", MISUSED)
    for each in found.faults[:SHOWN]:
        click.echo(f"{each}.", err=True)
    if len(found.faults) > SHOWN:
        click.echo(f"{file.name}: {len(found.faults) - SHOWN:,} more rows could not be read.", err=True)
    return found


def _ends(position: str) -> tuple[float, float]:
    parts = [number(each.strip()) for each in position.replace(";", ",").split(",")]
    shares = [each for each in parts if each is not None and each >= 0]
    total = sum(shares)
    if len(shares) != 3 or len(parts) != 3 or not total or min(abs(total - 100), abs(total - 1)) > 1e-6:
        fail(f"--position wants three shares of 100, as 40,20,40, not '{position}'.", MISUSED)
    return shares[0] / total, shares[2] / total


def _of_window(before: Paths, after: Paths, window: float | None) -> list[str]:
    gone = after.untouched - before.untouched
    return [f"{wording.amount(gone)} conversions had no touchpoint in the {window:g} days before and are owed to none"] if gone else []


def _write(out: Path, found: Attribution, sure: Intervals | None) -> None:
    from vincle.identify.linkage import report

    try:
        report.write(out, *wording.table(found, sure), neutral)
    except OSError as error:
        fail(f"{error.filename or out}: {error.strerror or error}")
