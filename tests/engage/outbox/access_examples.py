"""Rows behind the addresses of the outbox."""

from typing import Any

from vincle.accounts.models import Workspace
from vincle.engage.outbox import naming, tracking
from vincle.engage.outbox.models import Job, SendingDomain
from vincle.listen import actions as listen


def _job(workspace: Workspace) -> dict[str, Any]:
    values = {"kind": "campaign", "source": "campaign:1", "name": "Summer", "purpose": "service", "medium": "email", "writer": "plain"}
    source = listen.connection_for(workspace, "mail", "Letters")
    row, _ = Job.objects.of(workspace).get_or_create(
        workspace=workspace, public=f"job{workspace.pk}", defaults={"connection": source, **values}
    )
    return {"public": row.public}


def _domain(workspace: Workspace) -> dict[str, Any]:
    row, _ = SendingDomain.objects.of(workspace).get_or_create(workspace=workspace, domain="lligam.example")
    return {"domain": row.pk}


def _connection(workspace: Workspace) -> dict[str, Any]:
    return {"connection": listen.connection_for(workspace, "mail", "Letters").pk}


def _token(workspace: Workspace) -> dict[str, Any]:
    return {"token": naming.token(tracking.secret(), 1, "https://lligam.example/")}


EXAMPLES = {
    "outbox:job": _job,
    "outbox:act": _job,
    "outbox:limit": _connection,
    "outbox:domain_check": _domain,
    "outbox:domain_remove": _domain,
    "outbox_public:follow": _token,
    "outbox_public:picture": lambda workspace: {"token": naming.token(tracking.secret(), 1, "")},
}
