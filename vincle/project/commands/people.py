"""`vincle people`: who there is."""

from typing import Any

import click

from vincle.organise.models import Profile
from vincle.project.commands.common import answer, find_workspace
from vincle.store.folding import fold
from vincle.vocabulary import public_id

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
    found = [facts(row) for row in rows[:limit]]
    lines = [
        f"{row['id']}  {row['name']:<32.32}  {row['stage']:<11}  {row['activities']:>6} activities  {row['email'] or row['phone']}"
        for row in found
    ]
    answer(as_json, found, "\n".join(lines) or "Nobody matches.")


def facts(row: Profile) -> dict[str, Any]:
    """What a list says of a person."""
    known = {name: getattr(row, name) for name in PEOPLE[1:]}
    return {"id": public_id(row.person), **known, "channels": row.channels.split()}
