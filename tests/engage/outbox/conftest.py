"""What tests of the outbox share: a mailbox to send from, people with addresses, and a job."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.utils import timezone

from vincle.accounts.models import User, Workspace
from vincle.engage.outbox import jobs
from vincle.engage.outbox.jobs import Wanted
from vincle.engage.outbox.models import Job
from vincle.listen import connections
from vincle.listen.models import Connection, Handle
from vincle.vocabulary.keys import handle_key


@pytest.fixture
def mailbox(workspace: Workspace) -> Connection:
    given = {
        "address": "news@lligam.example",
        "sender": "Cafè Lligam",
        "smtp_host": "127.0.0.1",
        "smtp_port": "2525",
        "smtp_security": "none",
    }
    return connections.connect(workspace, None, "mail", "Letters", given, {"password": "secret"})


def made_handles(workspace: Workspace, names: Sequence[str]) -> list[int]:
    """Handles of addresses name@roastery.example; their keys."""
    rows = [
        Handle(workspace=workspace, key=handle_key(b"t", "email", f"{workspace.pk}:{name}"), kind="email",
               value=f"{name}@roastery.example", name=name.title(), first_seen=timezone.now())
        for name in names
    ]  # fmt: skip
    Handle.objects.bulk_create(rows)
    return [row.key for row in rows]


@pytest.fixture
def job(workspace: Workspace, owner: User, mailbox: Connection) -> Callable[..., Job]:
    """`job(names)`: a job of service mails to name@roastery.example, keyed by the names."""

    def make(names: Sequence[str] = ("ana",), text: str = "Bon dia!", **more: Any) -> Job:
        told = {
            "kind": "campaign",
            "source": "campaign:1",
            "name": "Summer",
            "connection": mailbox,
            "purpose": "service",
            "topic": "",
            "medium": "email",
            "writer": "plain",
            "content": {"subject": "Cafè", "text": text},
            **more,
        }
        made = jobs.create(workspace, owner, **told)  # type: ignore[arg-type]
        keys = made_handles(workspace, names)
        jobs.add(made, [Wanted(f"c:{name}", 1000 + at, key) for at, (name, key) in enumerate(zip(names, keys, strict=True))])
        return made

    return make
