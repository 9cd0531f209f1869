"""How much there is, in one sentence and as numbers."""

from typing import Any

from vincle.accounts.models import Workspace
from vincle.identify.models import Person
from vincle.listen.models import Activity, Handle
from vincle.organise.models import Segment
from vincle.vocabulary import ObjectType


def counts(workspace: Workspace | None = None) -> dict[str, Any]:
    """Activities, handles, people, segments of one workspace or of all; counted in the database."""

    def rows(model: Any) -> Any:
        return model.objects.of(workspace) if workspace else model.objects.all()

    told = (ObjectType.PROFILE, ObjectType.UNKNOWN, ObjectType.GROUP)
    acts = rows(Activity).filter(superseded=False).exclude(object_type__in=told).exclude(op="retract")
    return {
        "activities": acts.count(),
        "handles": rows(Handle).filter(is_own=False).count(),
        "people": rows(Person).filter(merged_into=None).count(),
        "segments": rows(Segment).filter(archived_at=None).count(),
    }


def sentence() -> str:
    """One line a workspace, for the end of `vincle up`."""
    lines = []
    for workspace in Workspace.objects.order_by("pk")[:10]:
        found = counts(workspace)
        numbers = ", ".join(f"{number:,} {name}" for name, number in found.items())
        lines.append(f"{workspace.name}: {numbers}")
    return "\n".join(lines)
