"""`vincle campaign`: which campaigns there are, and what became of one."""

from typing import Any

import click

from vincle.accounts.models import Workspace
from vincle.engage.campaigns import looks, measuring, report, texts
from vincle.engage.campaigns.models import Campaign
from vincle.engage.campaigns.report import ALL
from vincle.engage.campaigns.who import FIGURES
from vincle.project.commands.common import MISUSED, answer, fail, find_workspace
from vincle.science.sequential import Reading

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
    found, counted = report.figures(row), measuring.counted(row)
    lift = measuring.against_held(row, counted)
    counts = {figure.key: found.count(figure.key) for figure in FIGURES if figure.key != "held"}
    facts: dict[str, Any] = {
        **_facts(row),
        "counts": counts,
        "held_out": {"people": found.held, "acted": found.held_acted, "bought": found.held_bought},
        "letters": [
            {
                "letter": each["name"],
                "name": each["letter"].name,
                "counts": {figure.key: found.count(figure.key, each["arm"]) for figure in FIGURES if figure.key != "held"},
            }
            for each in looks.letters(row)
        ],
        "revenue": round(found.money.get(ALL, 0.0), 2),
        "currency": row.workspace.currency,
        "left_out": row.left_out,
        "times_as_often": _reading(lift.times) if lift else None,
        "revenue_because_of_it": _reading(lift.money) if lift else None,
        "finding": texts.finding(row, lift, found.count("acted")),
    }
    lines = [f"{facts['name']} ({facts['state']}): {facts['finding']}", *(f"  {key}: {value:,}" for key, value in counts.items() if value)]
    lines += [f"  held out: {found.held:,}", f"  revenue: {facts['revenue']:,} {facts['currency']}"]
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


def _reading(reading: Reading) -> dict[str, float | None]:
    """None where there is no number: nothing happened, or no end to that side."""
    return {name: value if abs(value) < float("inf") else None for name, value in reading._asdict().items()}


def _find(workspace: Workspace, text: str) -> Campaign:
    rows = Campaign.objects.of(workspace).select_related("workspace", "job")
    found = rows.filter(public=text).first() or rows.filter(name__iexact=text).order_by("-created_at").first()
    if found is None:
        fail(f"There is no campaign “{text}”.", code=MISUSED)
    assert isinstance(found, Campaign)
    return found
