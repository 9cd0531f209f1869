"""There and back with real servers (Postfix, Dovecot): what was sent to many arrives, and what comes back is put beside it."""

import time
from collections.abc import Iterator
from dataclasses import replace
from threading import Event

import pytest
from django.conf import settings
from django.utils import timezone

from tests.servers.mail import UNKNOWN, Mail, mail
from vincle.accounts.models import User, Workspace
from vincle.channels.mail import channel
from vincle.engage.outbox import bulk, jobs
from vincle.engage.outbox.jobs import Wanted
from vincle.engage.outbox.models import Job, Outcome
from vincle.identify.models import Suppression
from vincle.listen import actions as listen
from vincle.listen import connections
from vincle.listen.line import OutLine
from vincle.listen.models import Connection, Handle
from vincle.project import pipeline

pytestmark = [pytest.mark.xdist_group("mail servers"), pytest.mark.django_db(transaction=True), pytest.mark.slow]
ANA, NEWS = "ana@roastery.example", "news@lligam.example"
PATIENCE = 120.0


@pytest.fixture(scope="module")
def servers() -> Iterator[Mail]:
    with mail(ANA, NEWS) as made:
        yield made


@pytest.fixture
def made(servers: Mail, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Connection:
    monkeypatch.setattr(settings, "OPTIONS", replace(settings.OPTIONS, webhooks_private=True))
    given = servers.settings(NEWS, sender="Cafè Lligam")
    return connections.connect(workspace, None, "mail", "Letters", given, {"password": servers.password})


def test_what_comes_back_stands_beside_what_left(servers: Mail, made: Connection, workspace: Workspace, owner: User) -> None:
    line = OutLine(servers.settings(NEWS), {"password": servers.password})
    cursor = channel.pull(line, "mail", "").cursor
    job = _job(made, workspace, owner)
    bulk.serve(Event(), linger=0.2)
    assert jobs.progress(job).sent == 2
    until = time.monotonic() + PATIENCE
    while not Outcome.objects.exists() and time.monotonic() < until:
        page = channel.pull(line, "mail", cursor)
        cursor = page.cursor
        listen.receive_all(made, page.items)
        pipeline.advance()
        time.sleep(0.1)
    came = Outcome.objects.select_related("send").get()
    assert (came.send.key, came.is_hard) == ("c:gone", True)
    assert Suppression.objects.get().reason == "bounced"


def _job(made: Connection, workspace: Workspace, owner: User) -> Job:
    rows = [
        Handle(workspace=workspace, key=at, kind="email", value=value, first_seen=timezone.now()) for at, value in ((1, ANA), (2, UNKNOWN))
    ]
    Handle.objects.bulk_create(rows)
    job = jobs.create(
        workspace, owner, kind="campaign", source="campaign:1", name="Summer", connection=made, purpose="service", topic="", medium="email",
        writer="plain", content={"subject": "Cafè d'estiu", "text": "Bon dia!", "html": "<p>Bon dia!</p>"},
    )  # fmt: skip
    jobs.add(job, [Wanted("c:ana", 1001, 1), Wanted("c:gone", 1002, 2)])
    return job
