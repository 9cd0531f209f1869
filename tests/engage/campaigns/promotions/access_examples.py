"""Rows behind the addresses of promotions."""

from typing import Any

from vincle.accounts.models import Workspace
from vincle.engage.campaigns.models_promotions import Promotion


def _promotion(workspace: Workspace) -> dict[str, Any]:
    return {"promotion": Promotion.objects.get_or_create(workspace=workspace, name="Spring")[0].pk}


EXAMPLES = {f"campaigns:promotion{name}": _promotion for name in ("", "_edit", "_codes", "_csv", "_act")}
