"""What the commands share: finding the workspace, speaking JSON, ending with a sentence."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from vincle.accounts.models import Workspace
from vincle.project.commands.plain import FAILED, MISUSED, answer, fail

__all__ = ["FAILED", "MISUSED", "answer", "fail", "find_workspace", "require_database"]


def require_database() -> None:
    """End with a sentence when the database is out of reach or not set up yet."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            fail("The database is not set up for this version yet. Run `vincle up` once, or `vincle doctor --mend`.")
    except DatabaseError as error:
        fail(f"The database does not answer: {error}".strip())


def find_workspace(slug: str | None) -> Workspace:
    """The workspace of this short name, or the only one there is."""
    require_database()
    if slug:
        found = Workspace.objects.filter(slug=slug).first()
        if found is None:
            fail(f"There is no workspace '{slug}'. There are: {_names() or 'none yet'}.", MISUSED)
        return found
    every = list(Workspace.objects.order_by("pk")[:2])
    if not every:
        fail("There is no workspace yet. Run `vincle up` and follow the first page, or `vincle demo`.", MISUSED)
    if len(every) > 1:
        fail(f"There are several workspaces; say which one with --workspace: {_names()}.", MISUSED)
    return every[0]


def _names() -> str:
    return ", ".join(Workspace.objects.order_by("slug").values_list("slug", flat=True)[:20])
