"""After a conversation: asked once in it, answered by the link, and what is bad opens it again for the right team."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.engage.surveys import asking
from tests.engage.talks import NURIA, PEP, US, follow, hear, message, post, said, thread_of
from vincle.accounts.models import User, Workspace
from vincle.engage.inbox import actions, teams
from vincle.engage.inbox.models import Closing, Note, Thread
from vincle.engage.outbox import actions as outbox
from vincle.engage.outbox.models import Send
from vincle.engage.surveys import after_talk, collectors, loops, rounds
from vincle.engage.surveys.models import Collector, FollowUp, Invitation, Response, Survey
from vincle.identify.models import Belonging, Consent
from vincle.listen.models import Activity, Connection
from vincle.project import pipeline
from vincle.vocabulary import ObjectType

pytestmark = pytest.mark.django_db
NPS: dict[str, Any] = {"type": "nps", "id": "nps", "text": {"en": "Recommend?", "ca": "Ens recomanes?"}, "role": "nps", "required": "yes"}
WHY: dict[str, Any] = {"type": "long_text", "id": "why", "text": {"en": "Why?", "ca": "Per què?"}}
HOUR = timedelta(hours=1)


@pytest.fixture
def way(workspace: Workspace, owner: User) -> Collector:
    found = asking.opened(
        workspace, owner, [{"id": "one", "items": [NPS, WHY]}], "thread", {"not_again_days": 30}, languages=["en", "ca"], language="en"
    )
    Collector.objects.filter(pk=found.pk).update(created_at=timezone.now() - timedelta(days=9))
    return found


@pytest.fixture
def served(workspace: Workspace, owner: User, way: Collector) -> Connection:
    """A talk in private and one before everybody, both answered and closed a moment ago."""
    source = hear(
        workspace, post(), message("m1", NURIA, 300, "Bon dia, on és la meva comanda?"), message("m2", US, 290, "Arriba demà."),
        said("c1", PEP, 300, "On és?"), said("c2", US, 280, "Arriba demà.", parent="c1"),
    )  # fmt: skip
    Connection.objects.filter(pk=source.pk).update(settings={"practice": True})
    actions.close(workspace, owner, [thread_of(source, name).key for name in ("m1", "c1")])
    return source


def person_of(source: Connection) -> int:
    found: int = Belonging.objects.get(handle=thread_of(source, "m1").handle).person
    return found


def leave() -> None:
    """What waits in the outbox goes."""
    Send.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    outbox.turn()
    follow()


def link() -> str:
    found = re.search(r"/s/i/\w+/", Send.objects.latest("pk").text)
    assert found
    return found[0]


def test_asked_in_the_conversation_and_a_bad_answer_opens_it_for_the_team(
    workspace: Workspace, owner: User, served: Connection, way: Collector, client: Client
) -> None:
    team = teams.save(workspace, owner, "Shop", [owner.pk])
    loops.save(workspace, owner, way.survey, True, 6, 25, team.pk)
    assert after_talk.turn() == 1
    sent, row = Send.objects.get(), Invitation.objects.get()
    talk = thread_of(served, "m1")
    assert (sent.deed, sent.purpose, sent.thread, sent.person) == ("message", "service", talk.key, person_of(served))
    assert (row.person, row.about, row.state) == (person_of(served), talk.public, "asked")
    leave()
    assert Send.objects.get().state == "sent"
    assert thread_of(served, "m1").state == "closed"
    assert after_talk.turn() == 0

    page = client.get(link())
    assert page.status_code == 200
    assert not Response.objects.exists()
    begun = client.post(link(), {"a": "2"})
    assert begun.status_code == 302
    done = asking.send(client, way, {"nps": "2", "why": "Ningú no contesta <b>mai</b>"}, at=begun["Location"])
    assert done["Location"].endswith("/thanks/")
    answer = asking.last()
    assert (answer.state, answer.person, answer.handle, answer.invitation_id) == ("complete", row.person, talk.handle, row.pk)
    row.refresh_from_db()
    assert row.state == "answered"

    again = thread_of(served, "m1")
    assert (again.state, again.team) == ("open", team)
    assert "Ningú no contesta <b>mai</b>" in Note.objects.get(thread=again.key).text
    assert FollowUp.objects.get().thread == again.key
    while pipeline.intake():
        pass
    follow()
    act = Activity.objects.get(verb="Create", object_type="Answer")
    assert (act.actor, act.rating) == (talk.handle, 2.0)
    assert thread_of(served, "m1").state == "open"


def _closed_again(workspace: Workspace, owner: User, served: Connection) -> int:
    """Another talk of the same person, closed a moment ago."""
    talk = {"kind": ObjectType.MESSAGE, "parent": "", "thread_key": "chat-12"}
    hear(workspace, said("x1", NURIA, 0, "Una altra cosa: obriu?", target=US, **talk), said("x2", US, 0, "Sí", target=NURIA, **talk))
    key = thread_of(served, "x1").key
    Thread.objects.filter(key=key).update(first_answer_at=timezone.now())
    actions.close(workspace, owner, [key])
    return key


def test_nobody_is_asked_again_within_the_surveys_days(workspace: Workspace, owner: User, served: Connection, way: Collector) -> None:
    assert after_talk.turn() == 1
    key = _closed_again(workspace, owner, served)
    assert after_talk.turn() == 0
    Invitation.objects.update(created_at=timezone.now() - timedelta(days=31))
    assert after_talk.turn() == 1, "one of the two talks: they are one person"
    assert Send.objects.count() == 2
    assert {row.thread for row in Send.objects.all()} <= {key, thread_of(served, "m1").key}


@pytest.mark.parametrize(
    "why", ["off", "paused", "open", "nobody answered", "channel", "late", "opened again", "before the way", "refused", "other survey"]
)
def test_who_is_not_asked(workspace: Workspace, served: Connection, way: Collector, owner: User, why: str) -> None:
    key = thread_of(served, "m1").key
    if why == "off":
        Collector.objects.update(is_on=False)
    elif why == "paused":
        Survey.objects.update(state="paused")
    elif why == "channel":
        collectors.change(workspace, owner, way, "Talks", {"channels": ["mail"]})
    elif why == "open":
        Thread.objects.filter(key=key).update(state="open")
    elif why == "nobody answered":
        Thread.objects.filter(key=key).update(first_answer_at=None)
    elif why == "late":
        Closing.objects.update(closed_at=timezone.now() - timedelta(days=3))
    elif why == "opened again":
        Closing.objects.update(reopened_at=timezone.now())
    elif why == "before the way":
        Collector.objects.update(created_at=timezone.now() + HOUR)
    elif why == "refused":
        Consent.objects.create(
            workspace=workspace, handle=thread_of(served, "m1").handle, channel="instagram", purpose=rounds.TOPIC, permit="withdrawn",
            source="person", event_id=b"x" * 16, at=timezone.now() - HOUR,
        )  # fmt: skip
    else:
        other = asking.opened(workspace, owner, [{"id": "one", "items": [NPS]}], "mail")
        Invitation.objects.create(workspace=workspace, survey=other.survey, collector=other, person=person_of(served), state="asked")
    assert after_talk.turn() == 0
    assert not Send.objects.exists()


def test_asked_hours_later_and_an_anonymous_answer_leads_to_nobody(
    workspace: Workspace, served: Connection, way: Collector, client: Client
) -> None:
    Survey.objects.update(is_anonymous=True)
    Collector.objects.update(settings={"wait": 2})
    assert after_talk.turn() == 0
    assert after_talk.turn(timezone.now() + 2 * HOUR) == 1
    leave()
    begun = client.post(link(), {"a": "2"})
    asking.send(client, way, {"nps": "2"}, at=begun["Location"])
    answer = asking.last()
    assert (answer.state, answer.person, answer.handle, answer.invitation_id) == ("complete", None, None, None)
    row = Invitation.objects.get()
    assert row.state == "answered"
    assert row.answered_at is not None
    assert (row.answered_at.hour, row.answered_at.minute) == (0, 0)
    assert client.post(link(), {"a": "9"}).status_code == 200


def test_no_more_surveys_holds_whatever_they_write_by(workspace: Workspace, served: Connection, way: Collector, client: Client) -> None:
    assert after_talk.turn() == 1
    client.post(link() + "no/", {"how": "ever"})
    who = person_of(served)
    for medium in ("instagram", "email", "whatsapp", "phone"):
        assert rounds.refusing(workspace, [who], medium) == {who}, medium
    agreed = {"handle": thread_of(served, "m1").handle, "purpose": rounds.TOPIC, "permit": "granted", "at": timezone.now() + HOUR}
    Consent.objects.create(workspace=workspace, channel="email", source="import", event_id=b"i" * 16, **agreed)
    assert rounds.refusing(workspace, [who], "email") == {who}, "no import takes back what they said"
    Consent.objects.create(workspace=workspace, channel="email", source="person", event_id=b"p" * 16, **agreed)
    assert rounds.refusing(workspace, [who], "email") == set()
    assert rounds.refusing(workspace, [who], "whatsapp") == {who}


def test_a_refusal_by_mail_holds_in_talks_by_mail(workspace: Workspace, served: Connection, way: Collector) -> None:
    key = thread_of(served, "m1")
    Thread.objects.filter(key=key.key).update(kind="mail", channel="google_mail")
    Consent.objects.create(
        workspace=workspace, handle=key.handle, channel="email", purpose=rounds.TOPIC, permit="withdrawn", source="person",
        event_id=b"x" * 16, at=timezone.now() - HOUR,
    )  # fmt: skip
    assert after_talk.turn() == 0


def test_whom_the_question_did_not_reach_was_not_asked(workspace: Workspace, served: Connection, way: Collector) -> None:
    assert after_talk.turn() == 1
    Send.objects.update(state=Send.State.FAILED, problem_code="window_closed")
    assert after_talk.turn() == 0, "not twice in the same conversation"
    row = Invitation.objects.get()
    assert (row.state, row.why) == ("failed", "window_closed")
    assert rounds.lately(way.survey, [person_of(served)], timezone.now()) == set()
