"""`vincle influence`: who is influential, who connects, who was brought by whom."""

import csv
import os
import sys
from typing import Any

import click

from vincle.engines.base import EngineError
from vincle.organise import influence_page, influence_rounds
from vincle.project.commands.common import FAILED, MISUSED, answer, fail, find_workspace, require_database
from vincle.project.supervisor import end_with_parent
from vincle.store.export import neutral

NICE = 10


@click.command("influence", epilog="Example: vincle influence --now --limit 20 --csv")
@click.option("--workspace", "-w", default=None, help="Short name of the workspace.")
@click.option("--now", "is_now", is_flag=True, help="Look at the network anew first.")
@click.option("--due", is_flag=True, help="Only look where it is due; what the worker does.")
@click.option("--limit", type=click.IntRange(1, 10_000_000), default=20, show_default=True, help="Most people of the answer.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list of people.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV that a spreadsheet can open safely.")
def influence_command(workspace: str | None, is_now: bool, due: bool, limit: int, as_json: bool, as_csv: bool) -> None:
    """People by how much others turn to them: influence (times the average), reach, bridge (share of the ways between others).

    A worker looks at the network by itself every few hours, and within minutes of the first words people exchange.
    """
    if as_json and as_csv:
        fail("--json or --csv, not both.", MISUSED)
    if due:
        require_database()
        end_with_parent()
        os.nice(NICE)
        while influence_rounds.turn():
            pass
        return
    where = find_workspace(workspace)
    if is_now:
        try:
            if influence_rounds.run(where) is None:
                fail("A worker is at it just now. Try again in a minute.", FAILED)
        except EngineError as error:
            fail(f"The analysis engine cannot be asked: {error}", FAILED)
    rows = [dict(zip(influence_page.COLUMNS, row, strict=True)) for row in influence_page.every(where, limit)]
    if as_csv:
        _csv(rows)
    else:
        answer(as_json, rows, _lines(rows))


def _csv(rows: list[dict[str, Any]]) -> None:
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(influence_page.COLUMNS)
    out.writerows([neutral(value) for value in row.values()] for row in rows)


def _lines(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "Nobody has turned to anybody else yet, or the network was not looked at: try --now."
    return "\n".join(
        f"{row['id']}  {row['name']:<32.32}  influence {row['influence'] or 0:>8.2f}  reach {row['reach'] or 0:>8,}  "
        f"bridge {100 * (row['bridge'] or 0):>6.2f} %  {row['community_name']}".rstrip()
        for row in rows
    )
