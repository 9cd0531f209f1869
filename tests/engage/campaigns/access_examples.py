"""Rows behind the addresses of campaigns."""

from typing import Any

from vincle.accounts.models import Workspace
from vincle.engage.campaigns.models import Campaign
from vincle.vocabulary import public_id


def _campaign(workspace: Workspace) -> dict[str, Any]:
    public = public_id(90_000 + workspace.pk)
    row, _ = Campaign.objects.get_or_create(workspace=workspace, public=public, defaults={"name": "Spring"})
    return {"campaign": row.public}


EXAMPLES = {
    **{f"campaigns:{name}": _campaign for name in ("one", "edit", "act", "test", "progress", "people", "people_csv", "people_segment")},
    "campaigns:frame": lambda workspace: _campaign(workspace) | {"arm": 0},
    "campaigns:plan_begin": lambda _workspace: {"key": "winback"},
}
