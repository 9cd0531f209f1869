"""Rules at their public door, tried before they are kept; the question how well it went, from the closing to the figures."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.engage.talks import NURIA, PEP, US, follow, hear, message, post, said, thread_of
from vincle.accounts.models import Role, User, Workspace
from vincle.engage.inbox import actions, automation, satisfaction, trying, views_asked
from vincle.engage.inbox.models import Automation, AutomationRun, Closing, Satisfaction, Tag, Thread
from vincle.engage.outbox import actions as outbox
from vincle.engage.outbox.models import Send
from vincle.listen import log
from vincle.listen.models import Activity, Connection, Content
from vincle.organise.models import Profile
from vincle.vocabulary import ObjectType

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
EVIL = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _rested() -> None:
    for each in (views_asked.STRANGERS, views_asked.ANSWERS):
        each.clear()


def url(workspace: Workspace, name: str, **more: Any) -> str:
    return reverse(f"inbox:{name}", kwargs={"workspace": workspace.slug, **more})


def fields(**more: Any) -> dict[str, Any]:
    return {
        "name": "Parcels", "moment": "began", "conditions": "1", "deeds": "2", "is_on": "1", "c0-field": "channel",
        "c0-is": ["instagram"], "d0-do": "note", "d0-value": "Look", "d1-do": "close",
    } | more  # fmt: skip


def test_a_rule_is_put_together_tried_and_kept(client_for: ClientFor, workspace: Workspace) -> None:
    hear(workspace, post(), said("c1", NURIA, 60, f"On és la meva comanda? {EVIL}"), message("m1", PEP, 30, "Hola?"))
    admin = client_for(Role.ADMIN)
    page = admin.get(url(workspace, "rule_new"))
    assert page.status_code == 200
    assert page.content.decode().count("btn primary") == 1
    shaped = admin.post(url(workspace, "rule_fields"), fields(press="add-condition")).content.decode()
    assert 'name="c1-field"' in shaped
    assert "Look" in shaped
    tried = admin.post(url(workspace, "rule_try"), fields()).content.decode()
    assert "When a conversation begins and it came by Instagram: note “Look” and close it." in tried
    assert "It would have touched 2 of the 2 conversations" in tried
    assert EVIL not in tried
    assert not Automation.objects.exists()
    assert admin.post(url(workspace, "rule_new"), fields()).status_code == 302
    made = Automation.objects.get()
    assert made.conditions == [{"field": "channel", "is": ["instagram"]}]
    assert made.deeds == [{"do": "note", "value": "Look"}, {"do": "close", "value": ""}]
    listed = client_for(Role.VIEWER).get(url(workspace, "rules")).content.decode()
    assert "When a conversation begins and it came by Instagram: note “Look” and close it." in listed
    assert url(workspace, "rule_new") not in listed
    # Changed, switched off, taken away.
    one = url(workspace, "rule", rule=made.pk)
    wait = {"moment": "waited", "wait-amount": "2", "wait-unit": "h", "c0-not": "1"}
    admin.post(one, fields(**wait))
    made.refresh_from_db()
    assert (made.minutes, made.conditions) == (120, [{"not": {"field": "channel", "is": ["instagram"]}}])
    assert "“nothing”" not in admin.get(one).content.decode()
    act = url(workspace, "rule_act", rule=made.pk)
    admin.post(act, {"do": "off"})
    admin.post(act, {"do": "delete"})
    assert automation.rules_of(workspace) == []
    assert admin.get(one).status_code == 404


def test_a_rule_that_cannot_be_meant_stands_in_its_form(client_for: ClientFor, workspace: Workspace) -> None:
    admin = client_for(Role.ADMIN)
    answer = admin.post(
        url(workspace, "rule_new"), fields(name=EVIL, **{"c0-field": "words", "c0-query": "(", "d1-do": "tag", "d1-value": "9"})
    )
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Condition 1: This parenthesis is not closed." in text
    assert "What is done, 2: choose one that stands." in text
    assert EVIL not in text
    assert not Automation.objects.exists()
    for strange in ({"conditions": "x", "deeds": "99999"}, {"press": "drop-condition-7"}, {"moment": "\x00"}, {"d0-do": "x" * 300}):
        for name in ("rule_new", "rule_fields", "rule_try"):
            assert admin.post(url(workspace, name), fields(**strange)).status_code in (200, 422), (name, strange)


def test_runs_say_what_was_done_and_why_not(client_for: ClientFor, workspace: Workspace, owner: User) -> None:
    tag = Tag.objects.create(workspace=workspace, name="New", folded="new")
    client = client_for(Role.ADMIN)
    client.post(url(workspace, "rule_new"), fields(**{"d0-do": "tag", "d0-value": str(tag.pk), "d1-do": "note", "d1-value": "Look"}))
    tag.delete()
    hear(workspace, post(), said("c1", NURIA, 1, "On és?"), received=timezone.now())
    assert automation.turn() == 1
    page = client.get(url(workspace, "rule", rule=Automation.objects.get().pk)).content.decode()
    assert "not done: what it names is gone" in page
    assert "names what is gone" in client.get(url(workspace, "rules")).content.decode()


def tried(workspace: Workspace, user: User, **given: Any) -> trying.Trial:
    return trying.tried(workspace, user, {"moment": "began", "minutes": None, "conditions": [], "deeds": []} | given)


def test_trying_knows_when_each_thing_would_have_happened(workspace: Workspace, owner: User) -> None:
    day = 60 * 24
    source = hear(
        workspace, post(40 * day), said("c1", NURIA, 3 * day, "On és?"), said("c1b", NURIA, 2 * day, "Hola??", parent="c1"),
        said("c1c", US, day, "Arriba demà", parent="c1"), said("c2", PEP, 100, "Obriu demà?"), message("m1", PEP, 35 * day, "Hola?"),
    )  # fmt: skip
    assert [line.thread.key for line, _ in tried(workspace, owner).samples] == [thread_of(source, each).key for each in ("c2", "c1")]
    assert tried(workspace, owner).looked == 2
    assert tried(workspace, owner, moment="wrote").touched == 1
    assert tried(workspace, owner, moment="waited", minutes=60).touched == 2
    assert tried(workspace, owner, moment="waited", minutes=day).touched == 1
    assert tried(workspace, owner, moment="waited", minutes=5 * day).touched == 0
    assert tried(workspace, owner, moment="closed").touched == 0
    actions.close(workspace, owner, [thread_of(source, "c1").key])
    assert tried(workspace, owner, moment="closed").touched == 1
    assert tried(workspace, owner, conditions=[{"field": "words", "query": "demà"}]).touched == 1
    assert not AutomationRun.objects.exists()
    assert not Send.objects.exists()


# How well it went


@pytest.fixture
def served(workspace: Workspace, owner: User) -> Connection:
    """A talk that was answered and closed two hours ago, and a public comment likewise."""
    satisfaction.save(workspace, owner, True, 60, "", [])
    source = hear(
        workspace, post(), message("m1", NURIA, 300, "Bon dia, on és la meva comanda?"), message("m2", US, 290, "Arriba demà."),
        said("c1", PEP, 300, "On és?"), said("c2", US, 280, "Arriba demà.", parent="c1"),
    )  # fmt: skip
    Connection.objects.filter(pk=source.pk).update(settings={"practice": True})
    actions.close(workspace, owner, [thread_of(source, name).key for name in ("m1", "c1")])
    satisfaction.turn()  # from now on it looks
    Closing.objects.update(closed_at=timezone.now() - timedelta(minutes=61))
    return source


def link() -> str:
    found = re.search(r"/s/[\w-]+/", Send.objects.get().text)
    assert found
    return found.group(0)


def test_asked_once_in_private_and_answered(
    workspace: Workspace, served: Connection, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    assert satisfaction.turn() == 1
    sent = Send.objects.get()
    assert (sent.deed, sent.purpose, sent.thread) == ("message", "service", thread_of(served, "m1").key)
    Send.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    outbox.turn()
    follow()
    assert thread_of(served, "m1").state == "closed"
    row = Satisfaction.objects.get()
    here = link()
    assert row.token_hash not in here
    assert satisfaction.turn() == 0
    page = client.get(here)
    assert page.status_code == 200
    assert page["X-Robots-Tag"].startswith("noindex")
    assert Satisfaction.objects.get().answered_at is None  # looking at it answers nothing
    assert client.post(here, {"score": "9"}).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(here, {"score": "2", "comment": f"Massa lent {EVIL}"}).status_code == 302
    with django_capture_on_commit_callbacks(execute=True):
        client.post(here, {"score": "4", "comment": "Al final bé"})
    follow()
    row.refresh_from_db()
    assert (row.score, row.comment) == (4, "Al final bé")
    act = Activity.objects.get(verb="Submit", superseded=False)
    assert (act.object_type, act.rating, act.rating_max, act.actor) == ("Answer", 4.0, 5.0, row.handle)
    assert log.contents([bytes(act.event_id)])[bytes(act.event_id)][0] == "Al final bé"
    assert Profile.objects.get(name="nuria").stage == "critic"
    assert Activity.objects.filter(verb="Submit").count() == 2
    # After a day it stands.
    Satisfaction.objects.update(answered_at=timezone.now() - timedelta(hours=25))
    assert client.post(here, {"score": "1"}).status_code == 409
    # What the log no longer holds is not kept here.
    satisfaction.turn()
    assert Satisfaction.objects.get().comment == "Al final bé"
    Content.objects.filter(event_id=bytes(act.event_id)).delete()
    satisfaction.turn()
    assert (Satisfaction.objects.get().comment, Satisfaction.objects.get().score) == ("", 4)
    # After thirty days nothing is there.
    Satisfaction.objects.update(asked_at=timezone.now() - timedelta(days=31))
    assert client.get(here).status_code == 404


def test_nobody_is_asked_twice_in_thirty_days(workspace: Workspace, owner: User, served: Connection) -> None:
    satisfaction.turn()
    talk = {"kind": ObjectType.MESSAGE, "parent": "", "thread_key": "chat-12"}
    hear(workspace, said("x1", NURIA, 0, "Una altra cosa: obriu?", target=US, **talk), said("x2", US, 0, "Sí", target=NURIA, **talk))
    key = thread_of(served, "x1").key
    Thread.objects.filter(key=key).update(first_answer_at=timezone.now())
    actions.close(workspace, owner, [key])
    Closing.objects.update(closed_at=timezone.now() - timedelta(minutes=61))
    assert satisfaction.turn() == 0
    Satisfaction.objects.update(asked_at=timezone.now() - timedelta(days=31))
    Closing.objects.filter(thread=key).update(closed_at=timezone.now() - timedelta(minutes=61))
    assert satisfaction.turn() == 1  # one of the two talks: they are one person


@pytest.mark.parametrize("why", ["off", "open", "nobody answered", "channel", "late", "opened again"])
def test_who_is_not_asked(workspace: Workspace, owner: User, served: Connection, why: str) -> None:
    key = thread_of(served, "m1").key
    if why == "off":
        satisfaction.save(workspace, owner, False, 60, "", [])
    elif why == "channel":
        satisfaction.save(workspace, owner, True, 60, "", ["mail"])
    elif why == "open":
        Thread.objects.filter(key=key).update(state="open")
    elif why == "nobody answered":
        Thread.objects.filter(key=key).update(first_answer_at=None)
    elif why == "late":
        Closing.objects.update(closed_at=timezone.now() - timedelta(days=9))
    elif why == "opened again":
        Closing.objects.update(reopened_at=timezone.now())
    assert satisfaction.turn() == 0
    assert not Send.objects.exists()


def test_the_team_says_whether_and_how_it_asks(client_for: ClientFor, workspace: Workspace) -> None:
    admin, viewer = client_for(Role.ADMIN), client_for(Role.VIEWER)
    given = {"is_asked": "1", "amount": "2", "unit": "h", "question": f"Bé? {EVIL}", "channel": ["instagram"]}
    assert viewer.post(url(workspace, "asking_save"), given).status_code == 403
    assert admin.post(url(workspace, "asking_save"), given).status_code == 302
    kept = satisfaction.settings_of(workspace)
    assert (kept.ask_satisfaction, kept.ask_after_minutes, kept.ask_channels) == (True, 120, ["instagram"])
    assert EVIL not in viewer.get(url(workspace, "asking")).content.decode()
    for wrong in ({"amount": "x"}, {"amount": "999999"}, {"question": "x" * 400}):
        assert admin.post(url(workspace, "asking_save"), given | wrong).status_code == 422


def test_strangers_are_slowed_down(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from vincle.store.buckets import Buckets

    monkeypatch.setattr(views_asked, "STRANGERS", Buckets(burst=2, rate=0))
    assert [client.get(f"/s/{n:032}/").status_code for n in range(3)] == [404, 404, 429]
