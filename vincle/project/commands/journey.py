"""`vincle journey`: journeys, what they would have done, and their text form to and from a file."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from vincle.accounts.models import Workspace
from vincle.engage.journeys import actions, calls, counting, places, simulating, story, things
from vincle.engage.journeys.canvas import shaping
from vincle.engage.journeys.definition.model import Definition
from vincle.engage.journeys.definition.reading import BadDefinition, read, write
from vincle.engage.journeys.definition.schema import SCHEMA
from vincle.engage.journeys.definition.text.parsing import BadText, parse
from vincle.engage.journeys.definition.text.printing import show as in_words
from vincle.engage.journeys.models import Journey, Walk
from vincle.organise.models import Profile
from vincle.organise.team import Refused
from vincle.project.commands.common import MISUSED, answer, fail, find_workspace
from vincle.vocabulary import public_id

_workspace = click.option("--workspace", "-w", default=None, help="Short name of the workspace.")
_json = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


@click.group("journey", epilog="Example: vincle journey list")
def journey_command() -> None:
    """Journeys: list, show, simulate, import, export, start, pause, stop, people, secret, schema.

    A journey is named by its id or by its name. Files hold its text form, or its JSON (.json); `-` is standard input.
    """


@journey_command.command("list", epilog="Example: vincle journey list")
@click.option("--archived", is_flag=True, help="Those that were put away instead.")
@_workspace
@_json
def list_command(archived: bool, workspace: str | None, as_json: bool) -> None:
    """Say which journeys there are, and how many people are on the way in each."""
    where = find_workspace(workspace)
    rows = [_facts(row) for row in Journey.objects.of(where).filter(archived_at__isnull=not archived).order_by("name", "pk")]
    lines = [f"{row['id']}  {row['name']} ({row['state']}): {row['ends'].get('waiting', 0):,} on the way" for row in rows]
    answer(as_json, rows, "\n".join(lines) or "There are no journeys.")


@journey_command.command("show", epilog="Example: vincle journey show Welcome")
@click.argument("journey")
@_workspace
@_json
def show(journey: str, workspace: str | None, as_json: bool) -> None:
    """Say what JOURNEY does, and how many people stand at each step."""
    where = find_workspace(workspace)
    row = _find(where, journey)
    definition, live = actions.definition_of(row), counting.live(row)
    facts = {**_facts(row), "definition": write(definition), "steps": {node: count._asdict() for node, count in live.items()}}
    counts = [f"{node}: {count.waiting:,} wait, {count.passed:,} passed" for node, count in live.items()]
    answer(as_json, facts, "\n".join([in_words(definition, places.names(where), row.name), *counts]))


@journey_command.command("export", epilog="Example: vincle journey export Welcome welcome.txt")
@click.argument("journey")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default="-")
@click.option("--version", "number", type=int, default=None, help="An earlier version.")
@_workspace
def export(journey: str, file: str, number: int | None, workspace: str | None) -> None:
    """Write the text form of JOURNEY to FILE; its JSON where FILE ends in .json."""
    where = find_workspace(workspace)
    row = _find(where, journey)
    try:
        definition = actions.definition_of(row, number)
    except Refused as error:
        fail(str(error), MISUSED)
    is_json = file.endswith(".json")
    said = (
        json.dumps(write(definition), ensure_ascii=False, indent=2) + "\n"
        if is_json
        else in_words(definition, places.names(where), row.name)
    )
    if file == "-":
        click.echo(said, nl=False)
    else:
        Path(file).write_text(said, "utf-8")


@journey_command.command("import", epilog="Example: vincle journey import welcome.txt")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--name", default="", help="What it is called, where the file does not say.")
@_workspace
@_json
def import_command(file: str, name: str, workspace: str | None, as_json: bool) -> None:
    """Make a draft out of FILE, or a new version of the journey of that name. It does not start by itself."""
    where = find_workspace(workspace)
    definition, title = _read(where, file)
    called = name or title or ("" if file == "-" else Path(file).stem)
    row = Journey.objects.of(where).filter(name__iexact=called, archived_at=None).first()
    try:
        if row is None:
            row = actions.create(where, None, called, write(definition))
        else:
            actions.save_version(where, None, row, write(definition))
    except Refused as error:
        fail(str(error), MISUSED)
    row.refresh_from_db()
    answer(as_json, _facts(row), f"{row.public}  {row.name}, version {row.version}")


@journey_command.command("simulate", epilog="Example: vincle journey simulate Welcome --days 90")
@click.argument("journey")
@click.option("--days", type=click.IntRange(1, 365), default=30, show_default=True, help="How far back.")
@_workspace
@_json
def simulate(journey: str, days: int, workspace: str | None, as_json: bool) -> None:
    """Say whom JOURNEY (a name, an id, or a file) would have reached over the last days. Nothing is changed."""
    where = find_workspace(workspace)
    is_file = journey == "-" or journey.endswith((".txt", ".json"))
    definition = _read(where, journey)[0] if is_file else actions.definition_of(_find(where, journey))
    found = simulating.simulate(where, definition, days)
    facts = {
        name: getattr(found, name) for name in ("days", "reached", "starts", "nodes", "ways", "ends", "writable", "assumed", "is_sample")
    }
    form = write(definition)
    words, steps = things.words(where, form), {step["id"]: step for _way, _at, step in shaping.walk(form)}
    lines = [f"Would have reached {found.reached:,} people, {found.starts:,} times, since {found.since:%Y-%m-%d}."]
    lines += [f"  {node}: {people:,}  {words.step(steps[node]).title}" for node, people in found.nodes.items()]
    lines += [f"  may be written to today at {node}: {people:,}" for node, people in found.writable.items()]
    answer(
        as_json, facts, "\n".join([*lines, f"Ended: {', '.join(f'{name} {count:,}' for name, count in found.ends.items()) or 'nobody'}."])
    )


@journey_command.command("people", epilog="Example: vincle journey people Welcome --limit 5")
@click.argument("journey")
@click.option("--node", default="", help="Only those who stand at this step.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="Most people.")
@_workspace
@_json
def people(journey: str, node: str, limit: int, workspace: str | None, as_json: bool) -> None:
    """Say who is on the way in JOURNEY, where, and how they came there."""
    where = find_workspace(workspace)
    walks = Walk.objects.of(where).filter(journey=_find(where, journey), state=Walk.State.WAITING).order_by("since", "pk")
    some = list((walks.filter(node=node) if node else walks).select_related("workspace", "journey")[:limit])
    names = dict(Profile.objects.of(where).filter(person__in=[walk.person for walk in some]).values_list("person", "name"))
    rows = [
        {
            "id": public_id(walk.person), "name": names.get(walk.person, ""), "step": walk.node, "since": walk.since,
            "wakes_at": walk.wakes_at, "way": [line.words for line in story.of(walk)] if len(some) <= 20 else [],
        }
        for walk in some
    ]  # fmt: skip
    lines = [f"{row['id']}  {row['name']}: {row['step']}, since {row['since']:%Y-%m-%d %H:%M}" for row in rows]
    answer(as_json, rows, "\n".join(lines) or "Nobody.")


def _turn(name: str, verb: Any, done: str) -> None:
    @journey_command.command(name, epilog=f"Example: vincle journey {name} Welcome", help=f"{done} JOURNEY.")
    @click.argument("journey")
    @_workspace
    @_json
    def command(journey: str, workspace: str | None, as_json: bool) -> None:
        where = find_workspace(workspace)
        row = _find(where, journey)
        try:
            verb(where, None, row)
        except Refused as error:
            fail(str(error), MISUSED)
        row.refresh_from_db()
        answer(as_json, _facts(row), f"{row.name}: {row.state}")


_turn("start", actions.start, "Start, go on with, or publish the newest version of")
_turn("pause", actions.pause, "Pause")
_turn("stop", actions.stop, "Stop for everybody on the way")


@journey_command.command("secret", epilog="Example: vincle journey secret")
@click.option("--renew", is_flag=True, help="Make another one; what receives the calls has to be given it.")
@_workspace
@_json
def secret(renew: bool, workspace: str | None, as_json: bool) -> None:
    """Say what the calls of journeys to other programs are signed with."""
    where = find_workspace(workspace)
    found = calls.renew_secret(where, None) if renew else calls.secret_of(where)
    answer(as_json, {"secret": found}, found)


@journey_command.command("schema", epilog="Example: vincle journey schema")
def schema() -> None:
    """Write the JSON Schema of journeys."""
    click.echo(json.dumps(SCHEMA, indent=2))


def _find(where: Workspace, name: str) -> Journey:
    rows = Journey.objects.of(where)
    found: Journey | None = rows.filter(public=name).first() or rows.filter(name__iexact=name).order_by("archived_at", "pk").first()
    if found is None:
        fail(f"There is no journey '{name}'. `vincle journey list` says which there are.", MISUSED)
    return found


def _read(where: Workspace, file: str) -> tuple[Definition, str]:
    """What a file says, and what it calls itself."""
    try:
        said = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file} cannot be read: {error}", MISUSED)
    try:
        if said.lstrip().startswith("{"):
            return read(json.loads(said)), ""
        return parse(said, places.names(where))
    except (json.JSONDecodeError, BadDefinition) as error:
        fail(f"{file} cannot be read: {error}", MISUSED)
    except BadText as error:
        fail(f"{file}, line {error.line}, column {error.column}: {error.code} {error.detail}".rstrip(), MISUSED)


def _facts(row: Journey) -> dict[str, Any]:
    return {
        "id": row.public, "name": row.name, "state": row.state, "version": row.version, "live": row.live, "started_at": row.started_at,
        "trouble": row.trouble, "ends": counting.ends(row),
    }  # fmt: skip


__all__ = ["journey_command"]
