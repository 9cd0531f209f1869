"""`vincle rebuild`: everything computed, computed again from the raw deliveries."""

import click
from django.db import connection

from vincle.accounts import audit
from vincle.accounts.models import Workspace
from vincle.project import quarantine, rebuild, summary
from vincle.project.commands.common import answer, fail, require_database


@click.command("rebuild", epilog="Example: vincle rebuild --yes")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Counts before and after as JSON.")
def rebuild_command(yes: bool, as_json: bool) -> None:
    """Replay all raw deliveries into an empty log: handles, people, profiles and the open table are made anew.

    What the team decided and wrote (merges, notes, tags, owners, fields) stays. Stop `vincle up` first.
    """
    require_database()
    if not yes:
        click.confirm(f"Empty the log in {connection.settings_dict['NAME']} and replay every raw delivery?", abort=True)
    before = summary.counts()
    try:
        rebuild.rebuild()
    except rebuild.Busy as error:
        fail(str(error))
    except quarantine.Halted as error:
        fail(f"A step stands still: {error}. Settings, Health says more; once it is mended, rebuild again.")
    after = summary.counts()
    for workspace in Workspace.objects.all():
        audit.record(workspace, None, "rebuild", "workspace", workspace.pk, workspace.name)
    words = [f"{name}: {before[name]:,} before, {after[name]:,} after" for name in after]
    answer(as_json, {"before": before, "after": after}, "\n".join(words))
