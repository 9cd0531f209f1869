"""`vincle figures`: the key figures of a workspace, as its board shows them."""

import csv
import os
import sys
from datetime import date
from decimal import Decimal
from typing import Any

import click

from vincle.accounts.models import Workspace
from vincle.analyse.kpis import base_days
from vincle.engines.base import EngineError
from vincle.project.commands.common import FAILED, MISUSED, answer, fail, find_workspace, require_database
from vincle.project.supervisor import end_with_parent
from vincle.store.export import neutral

NICE = 10


@click.command("figures", epilog="Example: vincle figures --period quarter --csv")
@click.option("--workspace", "-w", default=None, help="Short name of the workspace; needed when there are several.")
@click.option("--period", type=click.Choice(["month", "quarter", "year", "30", "90"]), default="30", show_default=True, help="How long.")
@click.option("--at", default="", help="A day of the calendar period, or the last of the days (2026-11-21); none: today.")
@click.option("--segment", default="", help="Public id of a segment: only people who are in it now.")
@click.option("--channel", default="", help="Only purchases and forms of this channel.")
@click.option("--due", is_flag=True, help="Note what the customer base is worth today, where it is due; what the worker does.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list of figures, amounts as text.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV that a spreadsheet can open safely.")
def figures_command(
    workspace: str | None, period: str, at: str, segment: str, channel: str, due: bool, as_json: bool, as_csv: bool
) -> None:
    """Revenue, customers and cost with targets: the same values as on the board, in the API and in its exports.

    Shares lie between 0 and 1; money is in the workspace's currency; where there is no value, `missing` says why.
    """
    if as_json and as_csv:
        fail("--json or --csv, not both.", MISUSED)
    if due:
        require_database()
        end_with_parent()
        os.nice(NICE)
        base_days.turn()
        return
    rows = _rows(find_workspace(workspace), {"period": period, "at": at, "segment": segment, "channel": channel})
    if as_csv:
        out = csv.writer(sys.stdout, lineterminator="\n")
        out.writerow(rows[0] if rows else ["id"])
        out.writerows([neutral("" if value is None else value) for value in row.values()] for row in rows)
    else:
        answer(as_json, rows, "\n".join(map(_line, rows)) or "Nothing is known yet.")


def _rows(where: Workspace, given: dict[str, str]) -> list[dict[str, Any]]:
    from vincle.analyse.kpis import reading

    try:
        what = reading.asked(where, given)
        if what.problem:
            fail(what.problem, MISUSED)
        found = reading.board(where, what, with_series=False)
    except reading.Nothing:
        return []
    except EngineError as error:
        fail(f"The analysis engine cannot be asked: {error}", FAILED)
    return [{name: _plain(value) for name, value in reading.row(told, where.currency).items()} for told in found]


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | date) else value


def _line(row: dict[str, Any]) -> str:
    value = f"({row['missing']})" if row["value"] is None else f"{row['value']} {row['currency'] or row['unit']}"
    span = f"  between {row['low']} and {row['high']}" if row["low"] is not None and row["high"] is not None else ""
    before = f"  before {row['before']}" if row["before"] is not None else ""
    target = f"  target {row['target']} ({row['light']})" if row["target"] is not None and row["light"] else ""
    return f"{row['name']:<34.34}  {value}{span}{before}{target}"
