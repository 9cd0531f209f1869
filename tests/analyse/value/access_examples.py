"""Rows behind the addresses of what people are worth."""

from datetime import UTC, datetime
from typing import Any

from vincle.accounts.models import Workspace
from vincle.analyse.value.models import EngagementEvidence, EngagementValue
from vincle.identify.models import Belonging, Person
from vincle.listen.models import Handle
from vincle.organise.models import Profile
from vincle.vocabulary import handle_key, public_id

THEN = datetime(2026, 1, 1, tzinfo=UTC)


def _worthy(workspace: Workspace) -> dict[str, Any]:
    """Someone with a value of 12."""
    email = "ana@example.org"
    key = handle_key(bytes(workspace.secret), "email", email)
    Handle.objects.get_or_create(key=key, defaults={"workspace": workspace, "kind": "email", "value": email, "first_seen": THEN})
    Person.objects.get_or_create(id=key, defaults={"workspace": workspace, "first_seen": THEN})
    Belonging.objects.get_or_create(handle=key, defaults={"workspace": workspace, "person": key})
    values = {"workspace": workspace, "kind": "person", "name": "Ana Torres", "search": f"ana torres {email}", "known_since": THEN}
    Profile.objects.get_or_create(person=key, defaults=values)
    EngagementValue.objects.get_or_create(person=key, defaults={"workspace": workspace, "total": 12, "own": 12})
    EngagementEvidence.objects.get_or_create(person=key, defaults={"workspace": workspace})
    return {"pid": public_id(key)}


EXAMPLES = {f"value:engagement_{name}": _worthy for name in ("person", "card", "beside")}
