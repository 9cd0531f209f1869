"""What the open table holds of someone who is forgotten."""

from collections.abc import Collection

from vincle.accounts.models import Workspace


def erase(workspace: Workspace, handles: Collection[int], people: Collection[int]) -> dict[str, int]:
    """Rewrite the files that hold them. LostLease when another process loads: asked again in the next round."""
    from . import actions  # at first use: it brings the engines

    return {"table": actions.erase(workspace, handles, people)}
