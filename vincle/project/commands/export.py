"""`vincle export`: people, activities and whole tables out, as files."""

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import click

from vincle.accounts import audit
from vincle.accounts.models import Workspace
from vincle.analyse import take_out
from vincle.listen.models import Activity
from vincle.organise.models import Profile, Tagging
from vincle.project.commands.common import MISUSED, answer, fail, find_workspace
from vincle.project.commands.people import facts
from vincle.store.export import neutral
from vincle.vocabulary import ObjectType, public_id


@click.command("export", epilog="Example: vincle export people --out people.csv")
@click.argument("what", type=click.Choice(["people", "activities"]), required=False)
@click.option(
    "--table", "tables", multiple=True, metavar="NAME", help="A table of the warehouse (activity, handle, person). May be repeated."
)
@click.option("--all", "every", is_flag=True, help="Every table of the warehouse.")
@click.option("--format", "kind", type=click.Choice(take_out.FORMATS), default="parquet", show_default=True, help="Of tables.")
@click.option("--workspace", "-w", default=None, help="Short name of the workspace.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="File to write, or for tables a folder; standard output otherwise."
)
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of CSV; with tables, what was written as JSON.")
def export_command(
    what: str | None, tables: tuple[str, ...], every: bool, kind: str, workspace: str | None, out: Path | None, as_json: bool
) -> None:
    """Write all people or activities as CSV (safe to open in a spreadsheet) or JSON lines, or tables of the warehouse as Parquet or CSV."""
    if bool(what) == bool(tables or every):
        fail("Say what: people, activities, --table NAME or --all.", MISUSED)
    where = find_workspace(workspace)
    try:
        if what:
            _list(where, what, out, as_json)
        else:
            _tables(where, _known(tables, every), kind, out, as_json)
    except BrokenPipeError:
        raise
    except OSError as error:
        fail(f"{error.filename or out}: {error.strerror or error}")


def _known(tables: tuple[str, ...], every: bool) -> list[str]:
    names = take_out.names()
    if wrong := [name for name in tables if name not in names]:
        fail(f"There is no table '{wrong[0]}'. There are: {', '.join(names)}.", MISUSED)
    return names if every else list(dict.fromkeys(tables))


def _tables(where: Workspace, names: list[str], kind: str, out: Path | None, as_json: bool) -> None:
    """One table into a file or a folder, several into a folder."""
    if out is None:
        fail("Say where to: --out FILE for one table, --out FOLDER for several.", MISUSED)
    is_folder = len(names) > 1 or out.is_dir() or not out.suffix
    if is_folder and out.is_file():
        fail(f"{out} is a file; several tables need a folder.", MISUSED)
    (out if is_folder else out.parent).mkdir(parents=True, exist_ok=True)
    written = []
    for name in names:
        path = out / f"{name}.{kind}" if is_folder else out
        rows = take_out.write(where, name, kind, path)
        audit.record(where, None, "exported", "table", label=name, rows=rows, file=str(path))
        written.append({"table": name, "file": str(path), "rows": rows})
    answer(as_json, written, "\n".join(f"{each['rows']:,} rows of {each['table']} written to {each['file']}" for each in written))


def _list(where: Workspace, what: str, out: Path | None, as_json: bool) -> None:
    rows = _people(where) if what == "people" else _activities(where)
    if out is None:
        written = _write(sys.stdout, rows, as_json)
    else:
        with open(out, "w", newline="", encoding="utf-8") as file:
            written = _write(file, rows, as_json)
        click.echo(f"{written:,} {what} written to {out}", err=True)
    audit.record(where, None, "export", what, label=str(out or "standard output"), rows=written)


def _people(where: Workspace) -> Iterator[dict[str, Any]]:
    tags: dict[int, list[str]] = {}
    for person, name in Tagging.objects.of(where).values_list("person", "tag__name").order_by("tag__name").iterator():
        tags.setdefault(person, []).append(name)
    for row in Profile.objects.of(where).order_by("person").iterator(chunk_size=2000):
        traits = {name: value[0] for name, value in row.traits.items()}
        yield {**facts(row), "channels": " ".join(row.channels.split()), "tags": "|".join(tags.get(row.person, ())), "traits": traits}


def _activities(where: Workspace) -> Iterator[dict[str, Any]]:
    columns = (
        "seq",
        "happened_at",
        "channel",
        "verb",
        "object_type",
        "actor",
        "target",
        "direction",
        "amount",
        "currency",
        "rating",
        "rating_max",
        "url",
    )
    rows = Activity.objects.of(where).filter(superseded=False).exclude(object_type=ObjectType.PROFILE).exclude(op="retract").order_by("seq")
    for row in rows.values(*columns).iterator(chunk_size=5000):
        yield {**row, "actor": row["actor"] and public_id(row["actor"]), "target": row["target"] and public_id(row["target"])}


def _write(file: IO[str], rows: Iterator[dict[str, Any]], as_json: bool) -> int:
    written = 0
    table: Any = None
    for row in rows:
        written += 1
        if as_json:
            file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
            continue
        flat = {name: json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else neutral(value) for name, value in row.items()}
        if table is None:
            table = csv.DictWriter(file, list(flat))
            table.writeheader()
        table.writerow(flat)
    return written
