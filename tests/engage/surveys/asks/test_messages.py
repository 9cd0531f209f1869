"""Rounds by Telegram and WhatsApp, to the platforms' doors: who may be written to, what they get, what they answer."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.engage.surveys import asking
from tests.engage.surveys.asks import conftest as tools
from tests.engage.talks import follow
from tests.servers import graph
from tests.servers.telegram import TOKEN, telegram
from vincle.accounts.models import User, Workspace
from vincle.channels import _graph
from vincle.engage.outbox import bulk
from vincle.engage.outbox.models import Send
from vincle.engage.surveys import rounds
from vincle.engage.surveys.collectors import Refused
from vincle.engage.surveys.models import Collector, Invitation, Round, Survey
from vincle.identify.models import Belonging, Consent
from vincle.listen import connections, log
from vincle.listen.models import Connection, Handle
from vincle.vocabulary import Activity, Direction, HandleRef, ObjectType, Verb

NUMBER = "106540352242922"


@pytest.fixture
def open_doors(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    settings.OPTIONS = replace(settings.OPTIONS, webhooks_private=True)
    with ExitStack() as stack:
        found = {"telegram": stack.enter_context(telegram()), "whatsapp": stack.enter_context(graph.running())}
        monkeypatch.setattr(_graph, "GRAPH", found["whatsapp"].url)
        yield found


def connected(workspace: Workspace, medium: str, server: Any) -> Connection:
    secrets = {"access_token": "EAAB-0123456789", "client_secret": "0123456789abcdef"}
    given: dict[str, Any] = {
        "telegram": ({"server": server.url}, {"bot_token": TOKEN}),
        "whatsapp": ({"number_id": NUMBER, "business_id": "77", "client_id": "9"}, secrets),
    }[medium]
    return connections.connect(workspace, None, medium, medium.title(), *given)


def wrote(source: Connection, who: HandleRef, hours: float) -> int:
    """Somebody wrote to us so long ago; who it is."""
    at = timezone.now() - timedelta(hours=hours)
    side = f"chat:{who.value}" if who.kind == "telegram" else f"messages:{NUMBER}:{who.value}"
    said = Activity(
        verb=Verb.CREATE, object_type=ObjectType.MESSAGE, native_id=f"{who.value}:1", object_key=f"{who.value}:1", thread_key=side,
        happened_at=at, actor=who, text="Obriu avui?", direction=Direction.IN,
    )  # fmt: skip
    log.append(source, [said], at)
    follow()
    key = Handle.objects.get(workspace=source.workspace, kind=who.kind, value=who.value).key
    person: int = Belonging.objects.get(handle=key).person
    return person


def asked(workspace: Workspace, owner: User, survey: Survey, medium: str, people: list[int], source: Connection) -> Round:
    way = tools.way(survey, "message")
    whom = tools.segment(workspace, people)
    made = rounds.create(workspace, owner, way, {"segment": whom.public, "connection": source.pk, "medium": medium, "reminders": 0})
    rounds.approve(workspace, owner, made)
    tools.work()
    bulk.serve(Event(), linger=0.1)
    tools.work()
    found: Round = Round.objects.get(pk=made.pk)
    return found


@pytest.mark.django_db(transaction=True)
def test_a_round_by_telegram(workspace: Workspace, owner: User, open_doors: dict[str, Any], client: Client) -> None:
    server = open_doors["telegram"]
    survey = tools.opened(workspace, owner)
    source = connected(workspace, "telegram", server)
    ana, pep, rosa = (wrote(source, HandleRef("telegram", value, value), 90) for value in ("9", "10", "11"))
    Consent.objects.create(
        workspace=workspace, handle=Belonging.objects.get(person=pep).handle, channel="telegram", purpose="surveys", permit="withdrawn",
        source="person", event_id=b"w" * 16, at=timezone.now() - timedelta(days=1),
    )  # fmt: skip
    stranger = tools.people(workspace, 1)[0]
    server.faults.append((403, b'{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}'))
    made = asked(workspace, owner, survey, "telegram", [ana, pep, rosa, stranger], source)
    assert made.left_out == {"no_surveys": 1, "no_address": 1}
    rows = {row.person: row for row in Invitation.objects.select_related("collector").all()}
    assert set(rows) == {ana, rosa}
    assert sorted(row.state for row in rows.values()) == ["asked", "failed"]
    sent = [given for method, given in server.asked if method == "sendMessage" and given]
    assert len(sent) == 1
    reached = next(row for row in rows.values() if row.state == "asked")
    assert str(sent[0]["chat_id"]) == ("9" if reached.person == ana else "11")
    link = re.search(r"/s/i/\w+/", sent[0]["text"])
    assert link
    begun = client.post(link[0], {"a": "9"})
    second = asking.send(client, reached.collector, {"nps": "9"}, at=begun["Location"])
    asking.send(client, reached.collector, {}, at=second["Location"])
    assert asking.last().person == reached.person
    assert asking.last().handle == reached.handle
    assert Round.objects.get().state == "done"


@pytest.mark.django_db(transaction=True)
def test_a_round_by_whatsapp_reaches_who_wrote_within_a_day(workspace: Workspace, owner: User, open_doors: dict[str, Any]) -> None:
    survey = tools.opened(workspace, owner)
    source = connected(workspace, "whatsapp", open_doors["whatsapp"])
    now, before = wrote(source, HandleRef("whatsapp", "34600111222"), 2), wrote(source, HandleRef("whatsapp", "34600333444"), 30)
    total, found = rounds.outlook(workspace, survey, tools.segment(workspace, [now, before], "Both").public, "whatsapp")
    assert (total, list(found.handles), dict(found.left_out)) == (2, [now], {"window_closed": 1})
    made = asked(workspace, owner, survey, "whatsapp", [now, before], source)
    assert made.left_out == {"window_closed": 1}
    assert [(row.person, row.state) for row in Invitation.objects.all()] == [(now, "asked")]
    ((_method, path, body),) = open_doors["whatsapp"].said
    assert (path, body["to"]) == (f"{NUMBER}/messages", "34600111222")
    assert "/s/i/" in body["text"]["body"]
    assert Send.objects.get().native_id


@pytest.mark.django_db
def test_without_an_account_of_the_channel_it_is_said(workspace: Workspace, owner: User, client_for: Any) -> None:
    survey = tools.opened(workspace, owner)
    way = tools.way(survey, "message")
    whom = tools.segment(workspace, tools.people(workspace, 1))
    given = {"segment": whom.public, "connection": "", "medium": "telegram", "reminders": "0", "every_days": "5"}
    with pytest.raises(Refused, match="Connect one"):
        rounds.create(workspace, owner, way, given)
    there = f"/w/{workspace.slug}/surveys/ways/{way.public_id}/rounds/new/"
    client: Client = client_for("owner")
    assert "There is no account it could leave by" in client.get(there).content.decode()
    assert "Connect one" in client.post(there, given).content.decode()
    mail = tools.mailbox(workspace)
    with pytest.raises(Refused, match="Connect one"):
        rounds.create(workspace, owner, way, {**given, "connection": mail.pk})
    assert not Round.objects.exists()
    assert Collector.objects.get(pk=way.pk).is_on
