"""A connection to Mastodon, all the way: asked, read into the log, answered, and our answer in the log once, through an outage as well."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from tests.servers.mastodon import TOKEN, Running, mastodon
from vincle.accounts.models import Workspace
from vincle.channels.live import Command, Problem
from vincle.listen import actions, connections, doctor, outward, pulling
from vincle.listen.models import Activity, Connection, Pull
from vincle.vocabulary import Direction

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(settings: Any) -> Iterator[Running]:
    settings.OPTIONS = replace(settings.OPTIONS, webhooks_private=True)
    with mastodon() as found:
        yield found


@pytest.fixture
def connection(workspace: Workspace, running: Running) -> Connection:
    made = connections.connect(workspace, None, "mastodon", "", {"server": running.place.url}, {"access_token": TOKEN})
    doctor.look_after(made)
    made.refresh_from_db()
    return made


def hear() -> None:
    Pull.objects.update(next_at=timezone.now())
    pulling.turn()
    actions.work_off_waiting(100)


def notes() -> list[Activity]:
    return list(Activity.objects.filter(verb="Create").order_by("happened_at"))


def test_heard_answered_and_through_an_outage_each_once(running: Running, connection: Connection) -> None:
    place = running.place
    berta = place.account("berta@lluny.example")
    assert (connection.account, connection.state_code) == ("@lligam@casa.example", "")
    hear()
    place.mention(berta, "@lligam Obriu avui?", visibility="unlisted")
    hear()
    (asked,) = notes()
    assert asked.direction == Direction.IN

    context = outward.context_of(asked)
    assert [way.deed for way in outward.ways(connection, context)] == ["reply", "private_reply", "like", "boost"]
    reply = Command(deed="reply", about=context, text="Sí, fins a les 20 h!")
    running.stop()
    with pytest.raises(Problem) as caught:
        outward.perform(connection, reply, "key-1")
    assert caught.value.kind == "transient"
    hear()
    assert Pull.objects.filter(connection=connection, stream="notifications", failures=1, problem_kind="transient").exists()
    place.mention(berta, "@lligam Gràcies!")
    running.start()
    receipts = {outward.perform(connection, reply, "key-1").native_id for _ in range(2)}
    assert len(receipts) == 1
    for _ in range(2):
        hear()
    assert [(each.direction, each.native_id in receipts) for each in notes()] == [
        (Direction.IN, False), (Direction.IN, False), (Direction.OUT, True),
    ]  # fmt: skip
    (status,) = (each for each in place.statuses.values() if each["account"] is place.us)
    assert (status["visibility"], status["in_reply_to_id"]) == ("unlisted", asked.object_key)
