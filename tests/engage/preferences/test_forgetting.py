"""Forgetting: nothing of someone is left but a mark, wherever it stood, and neither a rebuild nor a copy of the past brings it back."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.engage.preferences.people import mailbox, someone, state
from vincle.accounts.models import AuditEntry, Workspace
from vincle.channels import vincle_jsonl
from vincle.engage.outbox import may
from vincle.engage.outbox.models import Send
from vincle.engage.preferences import links, optin
from vincle.engage.preferences.models import Optin
from vincle.identify import consent_actions, forgetting
from vincle.identify.models import Belonging, Consent, Erasure, Person, Suppression
from vincle.listen import actions as listen
from vincle.listen.models import Activity, Content, Delivery, Handle
from vincle.organise.models import Note, Profile, Tag, Tagging
from vincle.project import pipeline
from vincle.project.rebuild import rebuild
from vincle.vocabulary import Activity as Act
from vincle.vocabulary import ConsentFact, Fact, HandleRef, ObjectType, Permit, Verb, handle_key

pytestmark = pytest.mark.django_db(transaction=True)
THEN = datetime(2026, 1, 5, 12, tzinfo=UTC)
ANA, LEO = HandleRef("email", "ana.quintela@example.org", "Ana Quintela"), HandleRef("email", "leo@example.org", "Leo")


def come(workspace: Workspace, *items: Any) -> Delivery:
    source = listen.connection_for(workspace, vincle_jsonl.channel.spec.id, "api")
    raw = b"\n".join(vincle_jsonl.dump(item) for item in items)
    delivery = listen.receive(source, raw, THEN)
    listen.work_off(delivery)
    return delivery


def told(who: HandleRef) -> tuple[Any, ...]:
    consents = (ConsentFact(Permit.GRANTED, at=THEN, evidence=f"form of {who.name}", wording="Yes"),)
    return (
        Fact(native_id=f"f:{len(who.value)}", observed_at=THEN, handles=(who,), name=who.name, traits={"city": "Girona"},
             tags=("vip",), consents=consents),
        Act(verb=Verb.CREATE, object_type=ObjectType.NOTE, native_id=f"n:{len(who.value)}", happened_at=THEN, actor=who,
            object_key=f"o:{len(who.value)}", text=f"{who.name} was here", url=f"https://x.example/{who.name}"),
    )  # fmt: skip


def key(workspace: Workspace, who: HandleRef) -> int:
    return handle_key(bytes(workspace.secret), who.kind, who.value)


def work() -> None:
    for _round in range(20):
        if not (forgetting.turn() + pipeline.intake() + pipeline.follow()) and not Erasure.objects.filter(done_at=None).exists():
            return


def everything() -> str:
    """Every text of every table but the audit log's."""
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("listen_fulltext", "django_", "accounts_auditentry", "sqlite", "organise_fulltext")):
                continue
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str([bytes(cell) if isinstance(cell, memoryview) else cell for cell in row]) for row in cursor.fetchall()]
    return "\n".join(found)


def test_nothing_of_them_is_left_but_a_mark(workspace: Workspace) -> None:
    come(workspace, *told(ANA))
    come(workspace, *told(LEO))
    pipeline.catch_up()
    ana, leo = key(workspace, ANA), key(workspace, LEO)
    Note.objects.create(workspace=workspace, person=ana, text="Ana Quintela likes it strong")
    mailbox(workspace)
    optin.ask(workspace, ana, "news", "Yes", "form:7")
    assert "Quintela" in everything()
    forgetting.forget(workspace, [ana], reason="asked")
    assert not may.decide_one(workspace, purpose="marketing", channel="mail", handle=ana).is_allowed
    work()
    assert [line for line in everything().splitlines() if "quintela" in line.lower()] == []
    row = Erasure.objects.get(handle=ana)
    assert row.done_at
    assert Suppression.objects.of(workspace).get(handle=ana).reason == "forgotten"
    assert not any(model.objects.filter(person=ana).exists() for model in (Profile, Tagging, Note, Belonging))
    assert not Person.objects.filter(pk=ana).exists()
    assert not Optin.objects.exists()
    assert {send.state for send in Send.objects.filter(handle=ana)} == {"cancelled"}
    shape = Activity.objects.of(workspace).filter(actor=ana).exclude(op="retract")
    assert [(each.verb, each.url, each.superseded) for each in shape.order_by("seq")] == [("Update", "", True), ("Create", "", True)]
    assert Profile.objects.get(person=leo).name == "Leo", "nobody else is touched"
    assert Content.objects.filter(text="Leo was here").exists()
    assert Tag.objects.of(workspace).exists()
    assert AuditEntry.objects.of(workspace).filter(verb="erased").exists()
    assert forgetting.turn() == 0


def test_neither_a_rebuild_nor_the_same_file_again_brings_them_back(workspace: Workspace) -> None:
    both = come(workspace, *told(ANA), *told(LEO))
    pipeline.catch_up()
    ana = key(workspace, ANA)
    forgetting.forget(workspace, [ana])
    work()
    both.refresh_from_db()
    assert both.raw_gone_at is None, "it speaks of Leo too"
    rebuild()
    assert not Profile.objects.filter(person=ana).exists()
    assert not Handle.objects.filter(key=ana).exclude(value="").exists()
    assert Profile.objects.get(person=key(workspace, LEO)).name == "Leo"
    come(workspace, *told(LEO)[:1])
    pipeline.catch_up()
    assert not Content.objects.filter(text__contains="Quintela").exists()


def test_whoever_comes_back_by_themselves_is_someone_new(workspace: Workspace) -> None:
    come(workspace, *told(ANA))
    pipeline.catch_up()
    ana = key(workspace, ANA)
    forgetting.forget(workspace, [ana], reason="asked")
    work()
    source = listen.connection_for(workspace, vincle_jsonl.channel.spec.id, "api")
    again = Act(verb=Verb.CREATE, object_type=ObjectType.NOTE, native_id="new", happened_at=timezone.now(), actor=ANA, text="Me again")
    listen.work_off(listen.receive(source, vincle_jsonl.dump(again)))
    pipeline.catch_up()
    assert Handle.objects.get(key=ana).value == ANA.value
    assert Profile.objects.get(person=ana).activities == 1
    mailbox(workspace)
    optin.ask(workspace, ana, "marketing", "Yes", "form:7")
    send = Send.objects.filter(handle=ana).latest("pk")
    assert may.decide(workspace, [send])[send.pk].is_allowed, "they asked for it"
    assert not may.decide_one(workspace, purpose="marketing", channel="mail", handle=ana).is_allowed
    optin.confirm(Optin.objects.get())
    assert may.decide_one(workspace, purpose="marketing", channel="mail", handle=ana).is_allowed


def test_a_restored_copy_forgets_them_again(workspace: Workspace) -> None:
    ana = someone(workspace)
    (settings.HOME / "erased.log").unlink(missing_ok=True)
    forgetting.forget(workspace, [ana.key])
    text = Path(settings.HOME / "erased.log").read_text("ascii")
    assert str(ana.key) in text
    assert "example" not in text
    assert forgetting.replay() == 0
    Erasure.objects.all().delete()
    Suppression.objects.all().delete()
    with (settings.HOME / "erased.log").open("a") as file:
        file.write("half a li")
    assert forgetting.replay() == 1
    assert Suppression.objects.of(workspace).get().reason == "forgotten"
    work()
    assert Handle.objects.get(key=ana.key).value == ""
    (settings.HOME / "erased.log").unlink()


def test_they_do_it_themselves_and_the_page_is_gone(workspace: Workspace) -> None:
    ana = someone(workspace)
    state(ana)
    consent_actions.wish(workspace, ana.key, paused_until=None, every_days=7)
    url = links.own(workspace, ana.key).partition("8000")[2]
    client = Client(enforce_csrf_checks=True)
    assert client.post(url, {"forget": "1", "sure": "yes"}).status_code == 200
    assert not Consent.objects.of(workspace).exists()
    work()
    assert client.get(url).status_code == 404
    assert not Profile.objects.filter(person=ana.key).exists()


def test_killed_in_the_middle_it_goes_on(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    come(workspace, *told(ANA))
    pipeline.catch_up()
    calls: list[str] = []

    def fails(*_told: Any) -> dict[str, int]:
        calls.append("asked")
        raise RuntimeError("another process loads")

    erasers: dict[str, Callable[..., Any]] = {**forgetting._erasers, "zz": fails}
    monkeypatch.setattr(forgetting, "_erasers", erasers)
    forgetting.forget(workspace, [key(workspace, ANA)])
    for _round in range(4):
        forgetting.turn()
        pipeline.follow()
    assert calls
    assert Erasure.objects.get().done_at is None
    del erasers["zz"]
    work()
    assert Erasure.objects.get().done_at
