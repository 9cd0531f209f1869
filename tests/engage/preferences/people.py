"""Someone with an address, and what was said of it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.identify.models import Belonging, Consent, Person
from vincle.listen.models import Connection, Handle
from vincle.organise.models import Profile
from vincle.vocabulary import handle_key

THEN = datetime(2026, 1, 1, tzinfo=UTC)


def someone(
    workspace: Workspace, address: str = "ana@example.org", kind: str = "email", person: int | None = None, **profile: Any
) -> Handle:
    """A handle that belongs to a person of its own, or to `person`."""
    key = handle_key(bytes(workspace.secret), kind, address)
    values = {"workspace": workspace, "kind": kind, "value": address, "first_seen": THEN}
    handle: Handle = Handle.objects.get_or_create(key=key, defaults=values)[0]
    owner = person or key
    Person.objects.get_or_create(id=owner, defaults={"workspace": workspace, "first_seen": THEN})
    Belonging.objects.update_or_create(handle=key, defaults={"workspace": workspace, "person": owner})
    known = {"workspace": workspace, "kind": "person", "name": "Ana Torres", "search": address, "known_since": THEN, **profile}
    Profile.objects.get_or_create(person=owner, defaults=known)
    return handle


def state(handle: Handle, permit: str = "granted", days_ago: int = 10, **more: Any) -> Consent:
    """A row of the ledger."""
    values = {"channel": handle.kind, "purpose": "marketing", "source": "import", **more}
    made: Consent = Consent.objects.create(
        workspace_id=handle.workspace_id, handle=handle.key, permit=permit, event_id=uuid4().bytes,
        at=timezone.now() - timedelta(days=days_ago), **values,
    )  # fmt: skip
    return made


def mailbox(workspace: Workspace) -> Connection:
    """A connection by which mails leave, to practise on."""
    made: Connection = Connection.objects.get_or_create(
        workspace=workspace, channel="mail", name="news", defaults={"settings": {"practice": True}, "token": uuid4().hex}
    )[0]
    return made
