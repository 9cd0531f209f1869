"""Rows behind the addresses of journeys."""

from typing import Any

from vincle.accounts.models import Workspace
from vincle.engage.journeys import actions
from vincle.engage.journeys.models import Journey, Task, Walk

DEFINITION = {"start": [{"form": "*"}], "steps": [{"id": "w", "do": "wait", "for": {"days": 1}}]}


def _row(workspace: Workspace) -> Journey:
    found = Journey.objects.filter(workspace=workspace, name="Welcome", archived_at=None).first()
    return found or actions.create(workspace, None, "Welcome", DEFINITION)


def _journey(workspace: Workspace) -> dict[str, Any]:
    return {"journey": _row(workspace).public}


def _walk(workspace: Workspace) -> dict[str, Any]:
    values = {"workspace": workspace, "version": 1, "node": "w"}
    return {"walk": Walk.objects.get_or_create(journey=_row(workspace), person=1, cause="example", defaults=values)[0].pk}


def _task(workspace: Workspace) -> dict[str, Any]:
    return {"task": Task.objects.get_or_create(workspace=workspace, person=1, text="Call")[0].pk}


EXAMPLES = {
    **{f"journeys:{name}": _journey for name in ("journey", "edit", "act", "live", "try_kept", "people", "people_csv", "versions")},
    "journeys:way": _walk,
    "journeys:task_act": _task,
}
