"""`vincle campaign`: which campaigns there are, and what became of one."""

from typing import Any

import click
import msgspec

from vincle.accounts.models import Workspace
from vincle.api.v1.campaigns import report_of
from vincle.engage.campaigns import measuring
from vincle.engage.campaigns.models import Campaign
from vincle.project.commands.common import MISUSED, answer, fail, find_workspace

_workspace = click.option("--workspace", "-w", default=None, help="Short name of the workspace.")
_json = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


@click.group("campaign", epilog="Example: vincle campaign list")
def campaign_command() -> None:
    """Campaigns: list, report."""


@campaign_command.command("list", epilog="Example: vincle campaign list --json")
@click.option("--archived", is_flag=True, help="Those that were put away instead.")
@_workspace
@_json
def list_command(archived: bool, workspace: str | None, as_json: bool) -> None:
    """Say which campaigns there are, newest first."""
    where = find_workspace(workspace)
    rows = [_facts(row) for row in Campaign.objects.of(where).filter(archived_at__isnull=not archived).order_by("-created_at", "-pk")]
    lines = [f"{row['id']}  {row['name']}: {row['state']}" for row in rows]
    answer(as_json, rows, "\n".join(lines) or "There are no campaigns.")


@campaign_command.command("report", epilog="Example: vincle campaign report Spring --json")
@click.argument("campaign")
@_workspace
@_json
def report_command(campaign: str, workspace: str | None, as_json: bool) -> None:
    """Say what became of CAMPAIGN (its id or its name), beside those who were held out."""
    row = _find(find_workspace(workspace), campaign)
    if row.has_begun:
        measuring.measure(row)
    facts: dict[str, Any] = {**_facts(row), **msgspec.to_builtins(report_of(row))}
    lines = [
        f"{facts['name']} ({facts['state']}): {facts['finding']}",
        *(f"  {key}: {value:,}" for key, value in facts["counts"].items() if value),
    ]
    lines += [f"  held out: {facts['held_out']['people']:,}", f"  revenue: {facts['revenue']:,} {facts['currency']}"]
    answer(as_json, facts, "\n".join(lines))


def _facts(row: Campaign) -> dict[str, Any]:
    return {
        "id": row.public,
        "name": row.name,
        "state": row.state,
        "goal": row.goal,
        "window_days": row.window_days,
        "created_at": row.created_at,
        "begun_at": row.begun_at,
        "done_at": row.done_at,
    }


def _find(workspace: Workspace, text: str) -> Campaign:
    rows = Campaign.objects.of(workspace).select_related("workspace", "job")
    found = rows.filter(public=text).first() or rows.filter(name__iexact=text).order_by("-created_at").first()
    if found is None:
        fail(f"There is no campaign “{text}”.", code=MISUSED)
    assert isinstance(found, Campaign)
    return found
