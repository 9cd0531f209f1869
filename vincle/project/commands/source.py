"""`vincle source`: who may send events to the collector."""

import click
from django.conf import settings

from vincle.listen import sources
from vincle.listen.models import Source
from vincle.project.commands.common import answer, fail, find_workspace


@click.group("source", epilog="Example: vincle source add shop.example --json")
def source_command() -> None:
    """Sources of events: web sites, servers and apps, each with a write key."""


@source_command.command("add", epilog="Example: vincle source add shop.example --origin https://shop.example --json")
@click.argument("name")
@click.option("--kind", type=click.Choice(Source.Kind.values), default=Source.Kind.WEB.value, show_default=True)
@click.option("--origin", "origins", multiple=True, help="Only pages of this origin may send; can be given several times.")
@click.option("--rate", type=click.IntRange(0), default=0, help="Most events a second; 0: no limit.")
@click.option("--workspace", "-w", default=None, help="Short name of the workspace.")
@click.option("--json", "as_json", is_flag=True, help="Print the key as JSON.")
def add(name: str, kind: str, origins: tuple[str, ...], rate: int, workspace: str | None, as_json: bool) -> None:
    """Add a source called NAME and print its write key."""
    where = find_workspace(workspace)
    try:
        source = sources.add(where, name, kind=kind, origins=origins)
    except sources.NameTaken:
        fail(f"There is a source '{name}' already. `vincle source list` shows its key.")
    except ValueError as error:
        fail(f"{error}.".capitalize(), 2)
    if rate:
        sources.change(source, None, rate_limit=rate)
    answer(as_json, _facts(source), f"{source.write_key}\n{_hint(source)}")


@source_command.command("list", epilog="Example: vincle source list --json")
@click.option("--workspace", "-w", default=None, help="Short name of the workspace.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list of sources.")
def list_sources(workspace: str | None, as_json: bool) -> None:
    """Say which sources there are."""
    found = list(Source.objects.of(find_workspace(workspace)).order_by("name"))
    lines = [f"{each.name:<30.30} {each.kind:<7} {'on ' if each.is_enabled else 'off'} {each.write_key}" for each in found]
    answer(as_json, [_facts(each) for each in found], "\n".join(lines) or "There is no source yet: vincle source add NAME")


def _facts(source: Source) -> dict[str, object]:
    return {
        "name": source.name, "kind": source.kind, "write_key": source.write_key, "is_enabled": source.is_enabled,
        "origins": source.allowed_origins, "rate": source.rate_limit, "last_seen_at": source.last_seen_at,
    }  # fmt: skip


def _hint(source: Source) -> str:
    if source.kind == Source.Kind.WEB:
        return f'Put this into every page: <script async src="{settings.PUBLIC_URL}/vincle.js" data-key="{source.write_key}"></script>'
    return f"Point a Segment or RudderStack client at {settings.PUBLIC_URL} with this write key."
