"""The trace of every change."""

from typing import Any

from .models import AuditEntry, User, Workspace


def record(
    workspace: Workspace | int,
    user: User | None,
    verb: str,
    object_type: str,
    object_id: Any = "",
    label: str = "",
    *,
    actor: str = "",
    **details: Any,
) -> None:
    """Write one line of the audit log, inside the transaction of the change it tells of."""
    AuditEntry.objects.create(
        workspace_id=getattr(workspace, "pk", workspace),
        user=user,
        actor=actor or (user.email if user else "command line"),
        verb=verb,
        object_type=object_type,
        object_id=str(object_id),
        label=label[:200],
        details=details,
    )
