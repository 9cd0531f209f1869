"""The trace of every change."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from .models import AuditEntry, User, Workspace

_VOICE: ContextVar[str] = ContextVar("voice", default="")


@contextmanager
def speaking(actor: str) -> Iterator[None]:
    """Within, changes are told of as `actor`'s: a key of the API does something in its maker's name, and the log says so."""
    token = _VOICE.set(actor[:160])
    try:
        yield
    finally:
        _VOICE.reset(token)


def voice() -> str:
    """Whose changes are told of within `speaking`; "" outside."""
    return _VOICE.get()


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
        actor=actor or _VOICE.get() or (user.email if user else "command line"),
        verb=verb,
        object_type=object_type,
        object_id=str(object_id),
        label=label[:200],
        details=details,
    )
