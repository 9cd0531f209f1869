"""People of whom something is known, for letters to speak of."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from vincle.accounts.models import User, Workspace
from vincle.engage.letters import actions
from vincle.engage.letters.models import Letter
from vincle.identify.models import Belonging, Person
from vincle.listen.models import Handle
from vincle.organise.models import Profile
from vincle.vocabulary import handle_key

THEN = datetime(2026, 1, 1, tzinfo=UTC)
GREETING = {
    "subject": "Hello {{ person.first_name }}",
    "blocks": [{"kind": "text", "html": "<p>For {{ person.first_name | default: 'you' }}</p>"}],
}


@pytest.fixture
def someone(workspace: Workspace) -> Callable[..., int]:
    """`someone(email, name, **traits)`: a person with a profile; returns their id."""

    def make(email: str, name: str, where: Workspace = workspace, **traits: Any) -> int:
        key = handle_key(bytes(where.secret), "email", email)
        Handle.objects.create(workspace=where, key=key, kind="email", value=email, first_seen=THEN)
        Person.objects.create(id=key, workspace=where, first_seen=THEN)
        Belonging.objects.create(handle=key, workspace=where, person=key)
        values = {trait: [value, "2026-01-01", 1] for trait, value in traits.items()}
        Profile.objects.create(
            person=key, workspace=where, kind="person", name=name, search=name.lower(), email=email, traits=values, known_since=THEN,
            is_identified=True,
        )  # fmt: skip
        return key

    return make


@pytest.fixture
def greeting(workspace: Workspace, owner: User) -> Letter:
    return actions.create(workspace, owner, "Greeting", draft={"en": GREETING})
