"""`vincle reseal`: the second step of changing the key of credentials."""

from typing import Any

import click

from vincle.listen.models import Connection
from vincle.project.commands.common import FAILED, answer, require_database
from vincle.store import resealing


@click.command("reseal", epilog="Example: vincle reseal --json")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def reseal_command(as_json: bool) -> None:
    """Encrypt all stored secrets (of connections, webhooks, readers) with the first key of keys/credentials_key.

    Put the new key on a line above the old ones, restart, run this, then take the old lines out. See docs/security.md.
    """
    require_database()
    done, lost = resealing.everything()
    names = [_name(row) for row in lost]
    text = f"{done} secrets are sealed with the first key."
    if lost:
        text += f"\nNo key opens the secrets of {', '.join(names)}: give them again (connections under Listen, Connections)."
    answer(as_json, {"resealed": done, "unreadable": names}, text)
    if lost:
        raise SystemExit(FAILED)


def _name(row: Any) -> str:
    what = row.name if isinstance(row, Connection) else f"{row._meta.verbose_name} {row.pk}"
    return f"{what} ({row.workspace.slug})"
