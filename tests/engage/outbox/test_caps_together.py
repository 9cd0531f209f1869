"""Two jobs that mean the same people at the same moment: together they do not exceed what a person may get."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier, Event

import pytest
from django.conf import settings
from django.db import connection as database
from django.utils import timezone

from tests.engage.outbox.conftest import made_handles
from tests.engage.outbox.smtp import smtp
from vincle.accounts.models import User, Workspace
from vincle.engage.outbox import bulk, claiming, jobs
from vincle.engage.outbox.jobs import Wanted
from vincle.engage.outbox.models import Job, Send
from vincle.identify.models import Belonging, Consent, ContactPolicy
from vincle.listen import connections
from vincle.listen.models import Connection

NAMES = tuple(f"n{at}" for at in range(12))
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def both(workspace: Workspace, owner: User, mailbox: Connection) -> list[Job]:
    """Two jobs on two connections to the same people, who may get one letter a week."""
    ContactPolicy.objects.create(workspace=workspace, caps=[[1, 7]])
    keys = made_handles(workspace, NAMES)
    Belonging.objects.bulk_create(Belonging(workspace=workspace, handle=key, person=key) for key in keys)
    Consent.objects.bulk_create(
        Consent(workspace=workspace, handle=key, channel="email", purpose="marketing", permit="granted", source="person",
                event_id=key.to_bytes(8, "big"), at=timezone.now()) for key in keys
    )  # fmt: skip
    given = {**mailbox.settings, "address": "hola@lligam.example"}
    other = connections.connect(workspace, None, "mail", "Others", given, {"password": "x"})
    made = []
    for at, way in enumerate((mailbox, other)):
        job = jobs.create(workspace, owner, kind="campaign", source=f"campaign:{at}", name="Summer", connection=way, purpose="marketing",
                          topic="marketing", medium="email", writer="plain", content={"subject": "Cafè", "text": "Hola"})  # fmt: skip
        jobs.add(job, [Wanted(f"{at}:{name}", key, key) for name, key in zip(NAMES, keys, strict=True)])
        made.append(job)
    return made


def test_what_is_on_its_way_counts(both: list[Job]) -> None:
    first, second = both
    assert len(claiming.taken(first, 50)[1]) == len(NAMES)
    sends, going = claiming.taken(second, 50)
    assert (len(sends), going) == (len(NAMES), [])
    assert set(second.sends.values_list("state", "problem_code")) == {("waiting", "cap")}


def test_two_that_decide_at_the_same_moment(both: list[Job]) -> None:
    together = Barrier(2)

    def take(job: Job) -> list[int]:
        try:
            together.wait(10)
            return [send.person or 0 for send in claiming.taken(job, 50)[1]]
        finally:
            database.close()

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(take, both)
    assert sorted([*one, *other]) == sorted(set(one) | set(other))
    assert len(one) + len(other) == len(NAMES)


def test_two_senders(both: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "OPTIONS", replace(settings.OPTIONS, webhooks_private=True))
    with smtp() as place:
        for way in Connection.objects.filter(channel="mail"):
            way.settings = {**way.settings, "smtp_port": str(place.port)}
            way.save()
        assert bulk.serve(Event(), linger=0.2) == len(NAMES)
    assert place.recipients == sorted(f"{name}@roastery.example" for name in NAMES)
    assert Send.objects.filter(state="waiting", problem_code="cap").count() == len(NAMES)


def test_a_decision_that_fails_takes_nothing(both: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_told: object) -> None:
        raise ValueError("no")

    undecided: Callable[..., None] = fails
    monkeypatch.setattr(claiming.may, "decide", undecided)
    with pytest.raises(claiming.Undecided):
        claiming.taken(both[0], 50)
    assert set(both[0].sends.values_list("state", "tries")) == {("waiting", 0)}
