"""`vincle query`: questions in SQL over the open table."""

import csv
import json
import sys
from collections.abc import Callable
from typing import Any

import click
from django.db import DatabaseError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vincle.accounts.models import Workspace
from vincle.analyse import ask_values, fresh
from vincle.analyse.ask import Answer, Limits, Trouble, ask
from vincle.listen import sources
from vincle.project import pipeline
from vincle.project.commands.common import FAILED, MISUSED, fail, find_workspace
from vincle.store.export import neutral

MEGABYTE = 1024**2
MISTAKES = frozenset(
    """empty too_long syntax not_select several too_deep unknown_table unknown_column unknown_function table_function function schema
    file other""".split()
)


@click.command("query", epilog='Example: vincle query "SELECT channel, count(*) AS n FROM activity GROUP BY channel ORDER BY n DESC"')
@click.argument("sql")
@click.option("--workspace", "-w", default=None, help="Short name of the workspace; needed when there are several.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list of row objects.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV that a spreadsheet can open safely.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=10_000, show_default=True, help="Most rows of the answer.")
@click.option("--seconds", type=click.FloatRange(0.1, 3600), default=60.0, show_default=True, help="Longest time the question may take.")
@click.option("--fresh", "is_fresh", is_flag=True, help="First wait until the tables hold everything received so far.")
@click.option("--wait", type=click.FloatRange(0, 3600), default=60.0, show_default=True, help="Longest wait of --fresh, in seconds.")
def query_command(
    sql: str, workspace: str | None, as_json: bool, as_csv: bool, limit: int, seconds: float, is_fresh: bool, wait: float
) -> None:
    """Ask SQL, one SELECT over the tables activity, handle and person of one workspace. `-` reads it from standard input.

    Nothing can be changed by it. The dialect is DuckDB's; times are UTC; public_id(key) writes a person's or handle's number as pages do.
    """
    if as_json and as_csv:
        fail("--json or --csv, not both.", MISUSED)
    where = find_workspace(workspace)
    if is_fresh and not fresh.wait(wait, _help):
        fail(f"After {wait:g} s the tables do not hold everything yet. Does a worker run (`vincle up` or `vincle work`)?", FAILED)
    sql = sys.stdin.read() if sql == "-" else sql
    answer = _ask(where, sql, Limits(limit, seconds, 1024 * MEGABYTE))
    show: Callable[[Answer], None] = _json if as_json else _csv if as_csv else _table
    show(answer)
    click.echo(_said(answer, limit), err=True)


def _help() -> int:
    """What a worker would do: where none runs, the answer need not wait for one. What a step stumbles over it has noted itself."""
    try:
        return sources.work_off() + pipeline.follow()
    except DatabaseError:
        raise
    except Exception:
        return 0


def _ask(where: Workspace, sql: str, limits: Limits) -> Answer:
    try:
        return ask(where, None, sql, limits)
    except Trouble as trouble:
        fail(f"{trouble}{_shown(sql, trouble)}", MISUSED if trouble.code in MISTAKES else FAILED)


def _shown(sql: str, trouble: Trouble) -> str:
    """The line with the mistake, and a caret under its place."""
    if not trouble.line:
        return ""
    line = sql.split("\n")[trouble.line - 1].rstrip().replace("\t", " ")
    first = max(0, trouble.column - 60)
    return f"\n  {line[first : first + 110]}\n  {' ' * (trouble.column - 1 - first)}^"


def _json(answer: Answer) -> None:
    """One row a line within the list: it can be read as a whole and by eye."""
    names = ask_values.names(answer.rows)
    sys.stdout.write("[")
    for place, row in enumerate(ask_values.lines(answer.rows)):
        sys.stdout.write((",\n " if place else "") + json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False))
    sys.stdout.write("]\n")


def _csv(answer: Answer) -> None:
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(map(neutral, ask_values.names(answer.rows)))
    for row in ask_values.lines(answer.rows):
        out.writerow([neutral(value if isinstance(value, int | float) else ask_values.text(value)) for value in row])


def _table(answer: Answer) -> None:
    """Columns side by side where they fit, else each row as a list of its values."""
    console = Console(highlight=False, soft_wrap=False)
    names = ask_values.names(answer.rows)
    numeric = [ask_values.is_number(field.type) for field in answer.rows.schema]
    rows = [[ask_values.text(value) for value in row] for row in ask_values.lines(answer.rows)]
    widths = [min(max(len(name), *(len(row[place]) for row in rows[:200])) if rows else len(name), 30) for place, name in enumerate(names)]
    if sum(widths) + 2 * len(widths) > max(console.width, 80):
        _one_below_the_other(console, names, rows)
        return
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for name, is_numeric in zip(names, numeric, strict=True):
        table.add_column(Text(name), justify="right" if is_numeric else "left", overflow="fold", no_wrap=False)
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _one_below_the_other(console: Console, names: list[str], rows: list[list[str]]) -> None:
    wide = max(map(len, names))
    for number, row in enumerate(rows, 1):
        console.print(Text(f"row {number:,}", style="bold"))
        for name, value in zip(names, row, strict=True):
            if value:
                console.print(Text(f"  {name:<{wide}}  {value}"))


def _said(answer: Answer, limit: int) -> str:
    count = answer.rows.num_rows
    said: list[Any] = [f"{count:,} {'row' if count == 1 else 'rows'} in {answer.seconds:.2f} s."]
    if answer.reached == "rows":
        said.append(f"There are more: --limit {limit} was reached.")
    elif answer.reached:
        said.append("There are more: the answer would be larger than 1 GiB.")
    behind = fresh.behind()
    said.append(
        f"The tables are {behind:,} rows behind the log; --fresh waits for them." if behind else "The tables hold everything in the log."
    )
    return " ".join(said)
