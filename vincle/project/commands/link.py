"""`vincle link`: the rows of tables that are one person or organisation, without a server or a database."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec
from msgspec import Struct
from rich.console import Console

from vincle.channels.base import FileError
from vincle.identify.linkage import columns, files, report, words
from vincle.identify.linkage.files import Table
from vincle.identify.linkage.link import Linked, link
from vincle.identify.linkage.model import Model
from vincle.identify.linkage.run import LINK
from vincle.identify.linkage.spark import SparkError
from vincle.project.commands.plain import FAILED, MISUSED, answer, fail
from vincle.store.export import neutral

SHOWN = 10
STAGES = {
    "prepare": "Looking at the columns", "candidates": "Finding pairs worth comparing", "train": "Learning what each agreement weighs",
    "compare": "Comparing", "cluster": "Putting together who is one",
}  # fmt: skip


class Job(Struct, frozen=True):
    """What was asked for."""

    paths: tuple[Path, ...]
    kind: str = "auto"
    mapping: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    between: bool = False
    threshold: float = LINK
    model: Path | None = None
    sheet: str = ""
    encoding: str = ""
    engine: str = ""


TABLE_OPTIONS = (
    click.option("--kind", type=click.Choice(columns.KINDS), default="auto", show_default=True, help="What the rows are."),
    click.option("--map", "mapping", multiple=True, metavar="HEADING=FIELD", help="What a column is taken for; 'HEADING=' leaves it out."),
    click.option("--ignore", multiple=True, metavar="HEADING", help="Leave a column out. May be repeated, as --map."),
    click.option("--between", is_flag=True, help="Only rows of two different files are linked: no file holds anybody twice."),
    click.option(
        "--threshold",
        type=click.FloatRange(0, 1, min_open=True, max_open=True),
        default=LINK,
        show_default=True,
        help="Probability from which two rows are linked.",
    ),
    click.option("--model", type=click.Path(path_type=Path), default=None, help="Weights of --save-model; else learnt from the rows."),
    click.option("--sheet", default="", help="Sheet of a workbook."),
    click.option("--encoding", default="", help="Encoding of the files, when it cannot be told."),
    click.option(
        "--engine",
        default="",
        metavar="spark|ADDRESS",
        help="Compare on Spark: that of VINCLE_ENGINE_URL, else all cores; or its address (spark://host:7077, local[4]). For large files.",
    ),
)


def table_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options by which tables are read and linked, shared with `vincle evaluate`."""
    for option in reversed(TABLE_OPTIONS):
        command = option(command)
    return command


@click.command("link", epilog="Example: vincle link contacts.csv shop.xlsx --out clusters.csv --explain pairs.csv")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="CSV to write: source, row (1 = first row of data), cluster, probability."
)
@click.option(
    "--explain", type=click.Path(path_type=Path), default=None, help="CSV to write: the pairs, their probability and their evidence."
)
@click.option("--save-model", type=click.Path(path_type=Path), default=None, help="JSON to write: the weights, for --model.")
@click.option(
    "--json", "as_json", is_flag=True, help="A JSON summary: records, clusters, duplicates, pairs, asked, columns, model, seconds."
)
@table_options
def link_command(paths: tuple[Path, ...], out: Path, explain: Path | None, save_model: Path | None, as_json: bool, **options: Any) -> None:
    """Find the rows of FILE... that are the same person or organisation, within each file and between them.

    CSV, Excel, JSON and Parquet are read. Columns are recognised by their headings and values; weights are learnt from the rows themselves.
    """
    begun = time.monotonic()
    check_outputs(paths, [each for each in (out, explain, save_model) if each])
    linked = link_files(Job(paths, **options))
    members, found = report.members(linked.outcome), report.found(linked.outcome)
    try:
        report.write(out, report.CLUSTERS, report.cluster_rows(linked.placed, members, linked.names), neutral)
        if explain:
            report.write(explain, report.PAIRS, report.pair_rows(linked.placed, linked.outcome, found, linked.names), neutral)
        if save_model:
            save_model.write_text(linked.outcome.model.to_json() + "\n", encoding="utf-8")
    except OSError as error:
        fail(f"{error.filename or out}: {error.strerror or error}", FAILED)
    records = linked.placed.records.size
    facts = {
        "records": records, "clusters": members.count, "duplicates": records - members.count, "pairs": int(found.is_link.sum()),
        "asked": int((~found.is_link).sum()), "compared": linked.outcome.compared, "kind": linked.plan.kind,
        "columns": linked.plan.facts(linked.names), "model": _model(linked.outcome.model), "rejected": rejected(linked),
        "seconds": round(time.monotonic() - begun, 2), "out": str(out), "explain": explain and str(explain),
    }  # fmt: skip
    answer(as_json, facts, _in_words(facts, linked))


def link_files(job: Job) -> Linked:
    """Read, recognise and link the files; ends with one sentence when that cannot be."""
    console = Console(stderr=True, highlight=False)
    model = _load(job.model) if job.model else None
    with console.status("Reading") as status:
        tables = _read(job)
        rows = sum(table.size for table in tables)
        try:
            return link(
                *tables, kind=job.kind, mapping=_mapping(job.mapping), ignore=job.ignore, between=job.between, threshold=job.threshold,
                model=model, engine=job.engine, report=lambda stage, share: status.update(f"{STAGES.get(stage, stage)} ({rows:,} rows)"),
            )  # fmt: skip
        except columns.PlanError as error:
            fail(str(error), MISUSED)
        except SparkError as error:
            fail(str(error), FAILED)


def _read(job: Job) -> list[Table]:
    resolved = [path.resolve() for path in job.paths]
    if twice := next((path for path, real in zip(job.paths, resolved, strict=True) if resolved.count(real) > 1), None):
        fail(f"{twice} is given twice.", MISUSED)
    tables = []
    for path, name in zip(job.paths, report.told_apart(job.paths), strict=True):
        tables.append(read_table(path, name, job.sheet, job.encoding))
        _tell_faults(tables[-1])
    for path, table in zip(job.paths, tables, strict=True):
        if not table.size:
            fail(f"{path}: there are no rows in this file{' that can be read' if table.faults else ''}.", MISUSED)
    if len(tables) == 1 == tables[0].size:
        only = "only one row that can be read" if tables[0].faults else "only one row"
        fail(f"{job.paths[0]}: there is {only}, and nothing to link it with.", MISUSED)
    if job.between and len(tables) < 2:
        fail("--between needs two files or more.", MISUSED)
    return tables


def read_table(path: Path, name: str, sheet: str = "", encoding: str = "") -> Table:
    """The table in a file; ends with one sentence when there is none."""
    try:
        return files.read(path, name, sheet, encoding)
    except FileError as error:
        fail(f"{path}: {words.fault(error.code, error.detail)}.", MISUSED)
    except OSError as error:
        fail(f"{path}: {error.strerror or error}.", MISUSED)


def _mapping(pairs: Sequence[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            fail(f"--map wants HEADING=FIELD, not '{pair}'.", MISUSED)
    return {heading.strip(): field.strip() for heading, _, field in (pair.rpartition("=") for pair in pairs)}


def _load(path: Path) -> Model:
    try:
        return Model.from_json(path.read_bytes())
    except OSError as error:
        fail(f"{path}: {error.strerror or error}.", MISUSED)
    except (msgspec.MsgspecError, ValueError) as error:
        fail(f"{path}: this is no model saved by --save-model ({error}).", MISUSED)


def check_outputs(inputs: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Nothing that is read is overwritten, no two outputs share a file, and their folders are there before the work begins."""
    real = [path.resolve() for path in outputs]
    for path in outputs:
        if path.resolve() in [each.resolve() for each in inputs]:
            fail(f"{path} is read and cannot be written to.", MISUSED)
        if real.count(path.resolve()) > 1:
            fail(f"{path} is named for two outputs.", MISUSED)
        if path.is_dir():
            fail(f"{path} is a folder; a file is wanted.", MISUSED)
        if not path.parent.is_dir():
            fail(f"{path}: there is no folder {path.parent}.", MISUSED)


def rejected(linked: Linked) -> list[dict[str, Any]]:
    """The rows that could not be read."""
    return [
        {"source": table.name, "row": each.row, "line": each.line, "code": each.code, "message": words.fault(each.code, each.detail)}
        for table in linked.tables for each in table.faults
    ]  # fmt: skip


def _tell_faults(table: Table) -> None:
    for each in table.faults[:SHOWN]:
        click.echo(f"{table.name}, line {each.line} (row {each.row}) left out: {words.fault(each.code, each.detail)}", err=True)
    if len(table.faults) > SHOWN:
        click.echo(f"{table.name}: {len(table.faults) - SHOWN:,} more rows could not be read", err=True)


def _model(model: Model) -> dict[str, Any]:
    weights = {matcher: {level: round(weight, 2) for level, weight in levels.items()} for matcher, levels in model.weights.items()}
    return {"prior": round(model.prior, 2), "weights": weights}


def _in_words(facts: dict[str, Any], linked: Linked) -> str:
    one, many = ("organisation", "organisations") if facts["kind"] == "organisation" else ("person", "people")
    again = facts["duplicates"]
    lines = [
        f"{facts['records']:,} rows are {_counted(facts['clusters'], one, many)}; "
        + (f"{_counted(again, 'row is', 'rows are')} somebody again." if again else "nobody comes twice.")
    ]
    used = [f"{each.heading} as {each.field.removeprefix('column:')}" for each in linked.plan.columns if each.field]
    lines.append(f"Compared: {', '.join(dict.fromkeys(used))}.")
    left_out: dict[str, dict[str, None]] = {}
    for each in linked.plan.columns:
        if not each.field:
            left_out.setdefault(each.why, {})[each.heading] = None
    lines += [f"Left out, {why}: {', '.join(headings)}." for why, headings in left_out.items()]
    if facts["asked"]:
        where = f"they stand in {facts['explain']}" if facts["explain"] else "--explain lists them"
        lines.append(f"{_counted(facts['asked'], 'pair', 'pairs')} left unlinked for want of certainty; {where}.")
    lines.append(f"Written to {facts['out']} in {facts['seconds']:.1f} s.")
    return "\n".join(lines)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
