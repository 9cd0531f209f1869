"""Rows behind the addresses of campaigns."""

from typing import Any

from vincle.accounts.models import Workspace
from vincle.engage.campaigns.models import Campaign
from vincle.engage.letters import actions as letters
from vincle.vocabulary import public_id


def _campaign(workspace: Workspace) -> dict[str, Any]:
    public = public_id(90_000 + workspace.pk)
    row, is_new = Campaign.objects.get_or_create(workspace=workspace, public=public, defaults={"name": "Spring"})
    if is_new:
        blocks = [{"kind": "heading", "text": "News"}]
        made = letters.create(workspace, None, "Spring", draft={"en": {"subject": "Spring", "blocks": blocks}})
        Campaign.objects.filter(pk=row.pk).update(arms=[{"letter": made.pk, "version": None, "share": 50}])
    return {"campaign": row.public}


EXAMPLES = {
    **{f"campaigns:{name}": _campaign for name in ("one", "edit", "act", "test", "progress", "people", "people_csv", "people_segment")},
    "campaigns:frame": lambda workspace: _campaign(workspace) | {"arm": 0},
}
