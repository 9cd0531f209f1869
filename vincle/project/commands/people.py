"""`vincle people` and `vincle export`: people out, as a list or as files."""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import click

from vincle.accounts import audit
from vincle.accounts.models import Workspace
from vincle.listen.models import Activity
from vincle.organise.models import Profile, Tagging
from vincle.project.commands.common import answer, find_workspace
from vincle.store.export import neutral
from vincle.store.folding import fold
from vincle.vocabulary import ObjectType, public_id

PEOPLE = (
    "id",
    "name",
    "kind",
    "stage",
    "email",
    "phone",
    "company",
    "city",
    "country",
    "activities",
    "purchases",
    "first_at",
    "last_at",
    "known_since",
)


@click.command("people", epilog="Example: vincle people nuria --limit 5 --json")
@click.argument("words", nargs=-1)
@click.option("--workspace", "-w", default=None, help="Short name of the workspace.")
@click.option("--stage", default="", help="Only people on this rung of the ladder.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="A JSON list of people.")
def people_command(words: tuple[str, ...], workspace: str | None, stage: str, limit: int, as_json: bool) -> None:
    """Find people by WORDS of their name or handles; latest first."""
    rows = Profile.objects.of(find_workspace(workspace)).order_by("-last_at", "person")
    for word in fold(" ".join(words)).split():
        rows = rows.filter(search__contains=word)
    if stage:
        rows = rows.filter(stage=stage)
    found = [_person(row) for row in rows[:limit]]
    lines = [
        f"{row['id']}  {row['name']:<32.32}  {row['stage']:<11}  {row['activities']:>6} activities  {row['email'] or row['phone']}"
        for row in found
    ]
    answer(as_json, found, "\n".join(lines) or "Nobody matches.")


@click.command("export", epilog="Example: vincle export people --out people.csv")
@click.argument("what", type=click.Choice(["people", "activities"]))
@click.option("--workspace", "-w", default=None, help="Short name of the workspace.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=None, help="File to write; standard output otherwise.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of CSV.")
def export_command(what: str, workspace: str | None, out: Path | None, as_json: bool) -> None:
    """Write all people or all activities as CSV (safe to open in a spreadsheet) or JSON lines."""
    where = find_workspace(workspace)
    rows = _people(where) if what == "people" else _activities(where)
    if out is None:
        written = _write(sys.stdout, rows, as_json)
    else:
        with open(out, "w", newline="", encoding="utf-8") as file:
            written = _write(file, rows, as_json)
        click.echo(f"{written:,} {what} written to {out}", err=True)
    audit.record(where, None, "export", what, label=str(out or "standard output"), rows=written)


def _person(row: Profile) -> dict[str, Any]:
    known = {name: getattr(row, name) for name in PEOPLE[1:]}
    return {"id": public_id(row.person), **known, "channels": row.channels.split()}


def _people(where: Workspace) -> Iterator[dict[str, Any]]:
    tags: dict[int, list[str]] = {}
    for person, name in Tagging.objects.of(where).values_list("person", "tag__name").order_by("tag__name").iterator():
        tags.setdefault(person, []).append(name)
    for row in Profile.objects.of(where).order_by("person").iterator(chunk_size=2000):
        traits = {name: value[0] for name, value in row.traits.items()}
        yield {**_person(row), "channels": " ".join(row.channels.split()), "tags": "|".join(tags.get(row.person, ())), "traits": traits}


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
    import json

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
