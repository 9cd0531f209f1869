"""Rows behind the addresses of touchpoints."""

from typing import Any

from vincle.accounts.models import Workspace
from vincle.analyse.touchpoints.models import TouchExperiment


def _experiment(workspace: Workspace) -> dict[str, Any]:
    row, _new = TouchExperiment.objects.get_or_create(
        workspace=workspace, kind="ad", defaults={"base": 0.1, "lift": 0.2, "treated": 10, "held": 10}
    )
    return {"pk": row.pk}


EXAMPLES = {f"touchpoints:{name}": _experiment for name in ("experiment", "experiment_campaign", "experiment_delete")}
