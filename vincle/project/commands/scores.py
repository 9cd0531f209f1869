"""`vincle scores`: what is worked out about people, how good it is, and working it out now."""

import os
from typing import Any

import click

from vincle.accounts.models import Workspace
from vincle.organise import score_words, scoring_rounds
from vincle.organise.models import ScoreRun
from vincle.organise.score_pages import top
from vincle.organise.scores.registry import scores
from vincle.project.commands.common import MISUSED, answer, fail, find_workspace, require_database
from vincle.project.supervisor import end_with_parent
from vincle.vocabulary import public_id

NICE = 10


@click.command("scores", epilog="Example: vincle scores churn --limit 5 --json")
@click.argument("name", required=False)
@click.option("--workspace", "-w", default=None, help="Short name of the workspace.")
@click.option("--recompute", is_flag=True, help="Learn anew and work out everybody now; what the worker does once a day.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=20, show_default=True, help="So many people, highest first.")
@click.option("--due", is_flag=True, help="Only workspaces whose scores are due; what the worker does.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def scores_command(name: str | None, workspace: str | None, recompute: bool, limit: int, due: bool, as_json: bool) -> None:
    """List the scores; or, of the score NAME, the people who have most of it, with the reasons."""
    if due:
        require_database()
        end_with_parent()
        os.nice(NICE)
        while scoring_rounds.turn():
            pass
        return
    where = find_workspace(workspace)
    known = {*scores(), *ScoreRun.objects.of(where).values_list("name", flat=True)}
    if name and name not in known:
        fail(f"There is no score '{name}'. There are: {', '.join(sorted(known))}.", MISUSED)
    if recompute:
        _recompute(where, name, as_json)
    elif name:
        _people(where, name, limit, as_json)
    else:
        _list(where, as_json)


def _recompute(where: Workspace, name: str | None, as_json: bool) -> None:
    if name and name not in scores():
        fail(f"The score '{name}' is worked out with others of its kind, not by this command.", MISUSED)
    done = scoring_rounds.everybody(where, [name] if name else None)
    if done is None:
        fail("A worker is at it just now. Try again in a minute.")
    learnt = f" Learnt from the past: {', '.join(done.learnt)}." if done.learnt else " Nothing could be learnt from the past yet."
    answer(as_json, done._asdict(), f"{done.people:,} people in {done.seconds:.1f} s, {done.changed:,} changed.{learnt}")


def _list(where: Workspace, as_json: bool) -> None:
    runs = {run.name: run for run in ScoreRun.objects.of(where)}
    found = [_facts(name, runs.get(name)) for name in [*scores(), *sorted(runs.keys() - scores().keys())]]
    lines = [f"{row['name']:<14}{row['people']:>9,} people  {row['state']:<9}  {row['at'] or 'not yet'}  {row['about']}" for row in found]
    answer(as_json, found, "\n".join(lines))


def _facts(name: str, run: ScoreRun | None) -> dict[str, Any]:
    quality = run.quality if run else {}
    return {
        "name": name, "about": score_words.about(name), "people": run.people if run else 0, "at": run.at if run else None,
        "state": quality.get("state", ""), "quality": quality, "problem": run.problem if run else "",
    }  # fmt: skip


def _people(where: Workspace, name: str, limit: int, as_json: bool) -> None:
    rows = top(where, name, limit)
    found = [
        {
            "id": public_id(each.person), "name": each.who, "value": each.value, "label": each.label, "before": each.before,
            "confidence": each.confidence, "at": each.at, "reasons": each.reasons,
        }
        for each in rows
    ]  # fmt: skip
    lines = [
        f"{public_id(each.person)}  {each.who:<32.32}  {score_words.shown(name, each.value, where.currency):>7}  {each.label}"
        for each in rows
    ]
    answer(as_json, found, "\n".join(lines) or "Nobody has this score yet.")
