"""`vincle reseal`: the second step of changing the key of credentials."""

import click

from vincle.listen import connections
from vincle.project.commands.common import FAILED, answer, require_database


@click.command("reseal", epilog="Example: vincle reseal --json")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def reseal_command(as_json: bool) -> None:
    """Encrypt secrets of connections with the first key of keys/credentials_key.

    Put the new key on a line above the old ones, restart, run this, then take the old lines out. See docs/security.md.
    """
    require_database()
    done, lost = connections.reseal_all()
    names = [f"{connection.name} ({connection.workspace.slug})" for connection in lost]
    text = f"{done} connections are sealed with the first key."
    if lost:
        text += f"\nNo key opens the secrets of {', '.join(names)}: give them again under Listen, Connections."
    answer(as_json, {"resealed": done, "unreadable": names}, text)
    if lost:
        raise SystemExit(FAILED)
