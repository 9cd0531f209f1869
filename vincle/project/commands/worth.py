"""`vincle worth`: what each person is worth with all they do for us."""

import csv
import os
import sys
from typing import Any

import click

from vincle.analyse.value import engagement_page, engagement_rounds
from vincle.engines.base import EngineError
from vincle.project.commands.common import FAILED, MISUSED, answer, fail, find_workspace, require_database
from vincle.project.supervisor import end_with_parent
from vincle.store.export import neutral

NICE = 10


@click.command("worth", epilog="Example: vincle worth --now --limit 20 --csv")
@click.option("--workspace", "-w", default=None, help="Short name of the workspace.")
@click.option("--now", "is_now", is_flag=True, help="Work it out anew first.")
@click.option("--due", is_flag=True, help="Only where it is due; what the worker does.")
@click.option("--limit", type=click.IntRange(1, 10_000_000), default=20, show_default=True, help="Most people of the answer.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list of people, amounts as text.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV that a spreadsheet can open safely.")
def worth_command(workspace: str | None, is_now: bool, due: bool, limit: int, as_json: bool, as_csv: bool) -> None:
    """People by engagement value: own purchases to come, whom they brought and sway, what they know, less the cost of serving them.

    A worker works it out once a day, and when the terms, the expected values or the network change.
    """
    if as_json and as_csv:
        fail("--json or --csv, not both.", MISUSED)
    if due:
        require_database()
        end_with_parent()
        os.nice(NICE)
        while engagement_rounds.turn():
            pass
        return
    where = find_workspace(workspace)
    if is_now:
        try:
            if engagement_rounds.run(where) is None:
                fail("A worker is at it just now. Try again in a minute.", FAILED)
        except EngineError as error:
            fail(f"The analysis engine cannot be asked: {error}", FAILED)
    rows = [dict(zip(engagement_page.COLUMNS, row, strict=True)) for row in engagement_page.every(where, limit)]
    if as_csv:
        _csv(rows)
    else:
        answer(as_json, rows, _lines(rows, where.currency))


def _csv(rows: list[dict[str, Any]]) -> None:
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(engagement_page.COLUMNS)
    out.writerows([neutral(value) for value in row.values()] for row in rows)


def _lines(rows: list[dict[str, Any]], currency: str) -> str:
    if not rows:
        return "Nothing is known yet of what anybody is worth, or it was not worked out: try --now."
    return "\n".join(
        f"{row['id']}  {row['name']:<32.32}  {row['total']:>12} {currency}  own {row['own']}, brought {row['referral']}, "
        f"swayed {row['influence']}, knowledge {row['knowledge']}, cost {row['cost']}"
        for row in rows
    )
