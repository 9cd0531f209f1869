"""`vincle groups`: look for groups among the people now."""

import os

import click

from vincle.analyse import stage_rounds
from vincle.organise import cluster_rounds, cluster_words, clusters
from vincle.organise.models import Clustering
from vincle.project.commands.common import answer, fail, find_workspace, require_database
from vincle.project.supervisor import end_with_parent

NICE = 10


@click.command("groups", epilog="Example: vincle groups --json")
@click.option("--workspace", "-w", default=None, help="Short name of the workspace.")
@click.option("--due", is_flag=True, help="Only what is asked for or due, and the days of the ladder; what the worker does.")
@click.option("--json", "as_json", is_flag=True, help="What was found, as JSON.")
def groups_command(workspace: str | None, due: bool, as_json: bool) -> None:
    """Look for groups of people who are alike in what they do and what is known of them; say so where there are none.

    A worker does this by itself once a week.
    """
    if due:
        require_database()
        end_with_parent()
        os.nice(NICE)
        while cluster_rounds.turn() + stage_rounds.turn():
            pass
        return
    found = find_workspace(workspace)
    look = clusters.ask(found, None)
    if not cluster_rounds.run(found, look):
        fail("A worker is at it just now. Try again in a minute.")
    look.refresh_from_db()
    if look.state == Clustering.State.FAILED:
        fail(f"It could not be done: {look.problem}")
    rows = list(look.clusters.order_by("-people", "number"))
    values = [
        {"number": row.number, "name": cluster_words.name(row), "people": row.people, **row.quality, "predicate": row.predicate}
        for row in rows
    ]
    lines = [f"{row.number:>3}  {row.people:>9,}  {cluster_words.name(row)}" for row in rows]
    text = "\n".join([cluster_words.quality(look.quality), *lines])
    answer(as_json, {"people": look.people, "quality": look.quality, "groups": values}, text)
