"""`vincle value`: what customers are worth, out of a table of purchases, without a server or a database."""

from datetime import date
from pathlib import Path
from typing import Final

import click

from vincle.channels._dates import DateError, Dates
from vincle.channels.base import FileError
from vincle.identify.linkage import files
from vincle.identify.linkage.files import Table
from vincle.project.commands import value_reading, value_telling
from vincle.project.commands.plain import MISUSED, answer, fail
from vincle.project.commands.survey_columns import Faulty
from vincle.project.commands.value_working import UNITS, Asked, Found, of_rows, of_summary
from vincle.science.value.fitted import NAMES

MODELS: Final = ("auto", *NAMES)
_column = "Heading of the column of {}, or its place (1 is the first)."


@click.command("value", epilog="Example: vincle value orders.csv --id customer --date date --amount total --out customers.csv")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--id", "id_", default="", help=_column.format("customers"))
@click.option("--date", "date_", default="", help=_column.format("dates"))
@click.option("--amount", default="", help=_column.format("amounts; below 0 is a refund"))
@click.option("--quantity", default="", help=_column.format("quantities, by which amounts are multiplied; below 0 is a return"))
@click.option("--order", default="", help=_column.format("order numbers: those that begin with C and a figure are cancellations"))
@click.option("--covariates", default="", help="Columns, parted by commas, of what does not change for a customer: numbers or words.")
@click.option("--model", type=click.Choice(MODELS), default="auto", show_default=True, help="Which one; auto: the best on a hold-out.")
@click.option("--unit", type=click.Choice(tuple(UNITS)), default="week", show_default=True, help="Unit of time.")
@click.option("--calibration-end", default="", help="Day up to which is learnt; what comes later is foretold and compared.")
@click.option("--horizon", type=click.FloatRange(0, 20_000), default=None, help="Units of time to look ahead.  [default: a year]")
@click.option("--penalty", type=click.FloatRange(0, 1000), default=None, help="Leaning towards what is usual, for few customers.")
@click.option("--level", type=click.FloatRange(0.5, 0.99), default=0.9, show_default=True, help="Of intervals.")
@click.option("--discount", type=click.FloatRange(0, 2), default=0.0, show_default=True, help="A year; 0.1 is 10 %.")
@click.option("--margin", type=click.FloatRange(0, 1), default=1.0, show_default=True, help="Share of money that stays.")
@click.option("--summary", is_flag=True, help="FILE has one line a customer: x (frequency), t_x (recency), T; it is seen by itself too.")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="CSV with a line for each customer.")
@click.option("--date-order", type=click.Choice(("dmy", "mdy")), default=None, help="Of days and months, where it cannot be told.")
@click.option("--sheet", default="", help="Sheet of a workbook.")
@click.option("--encoding", default="", help="Encoding of the file, when it cannot be told.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def value_command(
    file: Path, id_: str, date_: str, amount: str, quantity: str, order: str, covariates: str, model: str, unit: str, calibration_end: str,
    horizon: float | None, penalty: float | None, level: float, discount: float, margin: float, summary: bool, out: Path | None,
    date_order: str | None, sheet: str, encoding: str, as_json: bool,
) -> None:  # fmt: skip
    """Say how often customers will buy again and what that is worth, each with an interval.

    FILE holds purchases (CSV of any separator, blanks too, Excel, JSON lines, Parquet), or a line for each customer. Purchases of one day
    count once; refunds take off money and are no purchases. Rows that cannot be read are named, and the rest is kept.
    """
    until = _day(calibration_end)
    ahead = horizon if horizon is not None else round(UNITS["year"] / UNITS[unit])
    asked = Asked(model, unit, float(ahead), until, penalty, level, discount, margin, _names(covariates))
    table = _read(file, sheet, encoding)
    try:
        found, told, notes = _found(table, asked, (id_, date_, amount, quantity, order, date_order or ""), summary)
    except Faulty as error:
        fail(str(error), MISUSED if error.is_misuse else 1)
    except ValueError as error:
        fail(f"{file.name}: {error}.")
    if out is not None:
        try:
            value_telling.write(out, found)
        except OSError as error:
            fail(f"{out}: {error.strerror}")
    facts = value_telling.facts(found, asked, told, notes)
    answer(as_json, facts, value_telling.text(facts, out))


def _found(table: Table, asked: Asked, columns: tuple[str, ...], summary: bool) -> tuple[Found, value_reading.Told, list[str]]:
    id_, date_, amount, quantity, order, date_order = columns
    if summary or (not date_ and value_reading.is_summary(table)):
        if asked.until or date_:
            raise Faulty("A summary has no dates: --date and --calibration-end want purchases.", True)
        told = value_reading.summary(table, id_)
        return of_summary(told, asked, table), told.told, []
    if not id_ or not date_:
        raise Faulty(
            f"Say which columns hold customers and dates: --id and --date. {table.name} has: {', '.join(table.headings[:40])}.", True
        )
    given = value_reading.supplied(table, amount, quantity, order)
    read = value_reading.purchases(table, id_, date_, *given.columns, date_order)
    return of_rows(read, asked, table), read.told, [*given.notes, *value_telling.of_reading(read)]


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return Dates(value_reading.UTC).day(text)
    except DateError:
        fail(f"'{text}' is no day: write it as 1997-09-30.", MISUSED)


def _read(path: Path, sheet: str, encoding: str) -> Table:
    try:
        table = files.read(path, sheet=sheet, encoding=encoding)
    except FileError as error:
        fail(f"{path.name} cannot be read: {error}")
    except (OSError, LookupError) as error:
        fail(f"{path}: {getattr(error, 'strerror', None) or error}", MISUSED)
    if not table.size:
        fail(f"{path.name} has no rows of data.")
    return table
