"""`vincle identify`: look now for people who are one."""

import os

import click

from vincle.identify import job
from vincle.project.commands.common import answer, fail, find_workspace, require_database
from vincle.project.supervisor import end_with_parent

NICE = 10


@click.command("identify", epilog="Example: vincle identify --retrain --json")
@click.option("--workspace", "-w", default=None, help="Short name of the workspace.")
@click.option("--retrain", is_flag=True, help="Learn what counts how much anew, and compare everybody.")
@click.option("--due", is_flag=True, help="Only workspaces in which enough is new; what the worker does.")
@click.option("--json", "as_json", is_flag=True, help="What was done, as JSON.")
def identify_command(workspace: str | None, retrain: bool, due: bool, as_json: bool) -> None:
    """Compare people by what is known of them: join the sure ones, ask the team about the others.

    A worker does this by itself within minutes of anything new.
    """
    if due:
        require_database()
        end_with_parent()
        os.nice(NICE)
        while job.turn():
            pass
        return
    found = find_workspace(workspace)
    done = job.run(found, retrain=retrain)
    if done is None:
        fail("A worker is at it just now. Try again in a minute.")
    text = (
        f"{done.people:,} people, {done.compared:,} pairs compared in {done.seconds:.1f} s: {done.linked:,} linked, "
        f"{done.asked:,} questions opened, {done.closed:,} closed{', learnt anew' if done.trained else ''}."
    )
    answer(as_json, done._asdict(), text)
