"""`vincle segment`: segments, who is in them, and why."""

import json
import sys
import time
from datetime import datetime
from typing import Any, NoReturn

import click
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.organise import members, preview, segmenting
from vincle.organise.models import Profile, Segment
from vincle.organise.segment_clauses import Names
from vincle.organise.segment_words import Told, because, sentence, told, wrong
from vincle.organise.segments.reading import BadPredicate, read
from vincle.project import pipeline
from vincle.project.commands.common import MISUSED, answer, fail, find_workspace
from vincle.project.commands.person import find_person
from vincle.vocabulary import public_id

MOST = 1_000
LONGEST_WAIT = 60.0
_workspace = click.option("--workspace", "-w", default=None, help="Short name of the workspace.")
_json = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


@click.group("segment", epilog='Example: vincle segment create "In Girona" \'{"trait": "city", "is": "Girona"}\'')
def segment_command() -> None:
    """Segments: list, show, create, members, count, why, recompute.

    A segment is named by its id or by its name. What it asks is JSON, the same as in the API; `-` reads it from standard input.
    """


@segment_command.command("list", epilog="Example: vincle segment list")
@click.option("--archived", is_flag=True, help="Those that were put away instead.")
@_workspace
@_json
def list_command(archived: bool, workspace: str | None, as_json: bool) -> None:
    """Say which segments there are, with how many people are in each."""
    where = find_workspace(workspace)
    names = Names.of(where)
    rows = [_facts(row, names) for row in members.listed(where, archived=archived)]
    lines = [f"{row['id']}  {row['name']}: {row['members']:,} ({row['state']}). {row['sentence']}" for row in rows]
    answer(as_json, rows, "\n".join(lines) or "There are no segments.")


@segment_command.command("show", epilog="Example: vincle segment show Everybody")
@click.argument("segment")
@_workspace
@_json
def show(segment: str, workspace: str | None, as_json: bool) -> None:
    """Say what SEGMENT asks, and every wording it had."""
    where = find_workspace(workspace)
    row = _find(where, segment)
    facts = _facts(row, Names.of(where))
    versions = [{"number": each.number, "name": each.name, "at": each.at, "predicate": each.predicate} for each in segmenting.versions(row)]
    lines = [
        f"{facts['name']}: {facts['members']:,} people ({facts['state']})",
        facts["sentence"],
        json.dumps(row.predicate, ensure_ascii=False),
    ]
    lines += [f"version {each['number']}, {each['at']:%Y-%m-%d %H:%M}: {each['name']}" for each in versions]
    answer(as_json, {**facts, "versions": versions}, "\n".join(lines))


@segment_command.command("create", epilog="Example: vincle segment create Everybody '{\"all\": []}'")
@click.argument("name")
@click.argument("predicate")
@click.option("--description", default="", help="What it is for.")
@_workspace
@_json
def create(name: str, predicate: str, description: str, workspace: str | None, as_json: bool) -> None:
    """Make a segment called NAME of those for whom PREDICATE (JSON) holds, and wait until its members are there."""
    where = find_workspace(workspace)
    asked = _predicate(predicate)
    try:
        made = segmenting.create(where, None, name, asked, description)
    except (BadPredicate, segmenting.Refused) as error:
        _refused(where, error)
    _say_members(where, _built(made), as_json)


@segment_command.command("recompute", epilog="Example: vincle segment recompute Everybody")
@click.argument("segment")
@_workspace
@_json
def recompute(segment: str, workspace: str | None, as_json: bool) -> None:
    """Look at everybody again for SEGMENT. Its members are kept true anyway: this proves it."""
    where = find_workspace(workspace)
    try:
        row = segmenting.recompute(where, None, _find(where, segment))
    except segmenting.Refused as error:
        _refused(where, error)
    _say_members(where, _built(row), as_json)


@segment_command.command("members", epilog="Example: vincle segment members Everybody --limit 5")
@click.argument("segment")
@click.option("--at", default="", help="As of this moment, as 2026-03-31 or 2026-03-31T12:00.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=MOST, show_default=True, help="Most people.")
@_workspace
@_json
def members_command(segment: str, at: str, limit: int, workspace: str | None, as_json: bool) -> None:
    """Say who is in SEGMENT, or was at some moment."""
    where = find_workspace(workspace)
    ids = members.members(_find(where, segment), _moment(at) if at else None)
    names = dict(Profile.objects.of(where).filter(person__in=ids[:limit]).values_list("person", "name"))
    rows = [{"id": public_id(person), "name": names.get(person, "")} for person in ids[:limit]]
    more = [f"... and {len(ids) - limit:,} more"] if len(ids) > limit else []
    answer(as_json, rows, "\n".join([*(f"{row['id']}  {row['name']}" for row in rows), *more]) or "Nobody.")


@segment_command.command("count", epilog='Example: vincle segment count \'{"did": {"verb": "Purchase"}, "within": {"days": 90}}\'')
@click.argument("predicate")
@_workspace
@_json
def count(predicate: str, workspace: str | None, as_json: bool) -> None:
    """Say about for how many people PREDICATE (JSON) holds. Nothing is kept."""
    where = find_workspace(workspace)
    asked = _predicate(predicate)
    try:
        segmenting.check(where, asked)
        found = preview.count(where, read(asked))
    except BadPredicate as error:
        _refused(where, error)
    said = f"{found.about:,} people" if found.is_exact else f"about {found.about:,} people ({found.low:,} to {found.high:,})"
    facts = {"about": found.about, "low": found.low, "high": found.high, "is_exact": found.is_exact}
    answer(as_json, facts, f"{said}. {sentence(read(asked), Names.of(where))}")


@segment_command.command("why", epilog="Example: vincle segment why Everybody ana@example.org")
@click.argument("segment")
@click.argument("who")
@_workspace
@_json
def why(segment: str, who: str, workspace: str | None, as_json: bool) -> None:
    """Say why WHO is in SEGMENT, or is not: clause by clause."""
    where = find_workspace(workspace)
    row, person = _find(where, segment), find_person(where, who)
    try:
        found = members.why(where, row, person.pk)
    except BadPredicate as error:
        _refused(where, error)
    if found is None:
        fail("Of this person nothing is known yet. Try again in a moment.")
    names = Names.of(where)
    words = told(found, names)
    answer(as_json, {"is_in": found.holds, "because": because(found, names), "clause": _clause(words)},
           "\n".join([because(found, names), *_lines(words, 0)]))  # fmt: skip


def _find(where: Workspace, name: str) -> Segment:
    row = members.found(where, name) or members.listed(where).filter(name__iexact=name.strip()).first()
    if row is None:
        fail(f"There is no segment '{name}' in this workspace. `vincle segment list` names them.", MISUSED)
    return row


def _predicate(text: str) -> Any:
    try:
        return json.loads(sys.stdin.read() if text == "-" else text)
    except ValueError as error:
        fail(f"This is no JSON: {error}.", MISUSED)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        fail(f"'{text}' is no moment. Write 2026-03-31 or 2026-03-31T12:00.", MISUSED)
    return found if found.tzinfo else timezone.make_aware(found)


def _refused(where: Workspace, error: Exception) -> NoReturn:
    fail(wrong(error, Names.of(where)) if isinstance(error, BadPredicate) else str(error), MISUSED)


def _built(row: Segment) -> Segment:
    """The segment once everybody was looked at: by a worker, or here where none runs."""
    until = time.monotonic() + LONGEST_WAIT
    while row.state == Segment.State.BUILDING and time.monotonic() < until:
        if not pipeline.follow(("segments",)):
            time.sleep(0.1)
        row.refresh_from_db()
    return row


def _say_members(where: Workspace, row: Segment, as_json: bool) -> None:
    facts = _facts(row, Names.of(where))
    waiting = " so far; the rest are being looked at" if row.state == Segment.State.BUILDING else ""
    answer(as_json, facts, f"{row.public}  {row.name}: {row.members:,} people{waiting}. {facts['sentence']}")


def _facts(row: Segment, names: Names) -> dict[str, Any]:
    try:
        said = sentence(read(row.predicate), names)
    except BadPredicate as error:
        said = wrong(error, names)
    return {
        "id": row.public, "name": row.name, "members": row.members, "state": row.state, "problem": row.problem, "sentence": said,
        "predicate": row.predicate, "version": row.version,
    }  # fmt: skip


def _clause(words: Told) -> dict[str, Any]:
    return {
        "says": words.words, "holds": words.holds, "found": words.found, "activities": [str(seq) for seq in words.seqs],
        "until": words.until, "parts": [_clause(part) for part in words.parts],
    }  # fmt: skip


def _lines(words: Told, depth: int) -> list[str]:
    found = f" ({words.found})" if words.found else ""
    return [
        f"{'  ' * depth}{'yes' if words.holds else 'no '}  they {words.words}{found}",
        *(line for part in words.parts for line in _lines(part, depth + 1)),
    ]
