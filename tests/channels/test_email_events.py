from collections.abc import Callable

import pytest

from vincle.channels.base import Sample
from vincle.channels.email_events import channel
from vincle.vocabulary import Activity, Fact, HandleRef, ObjectType, Outcome, Permit, Unknown, Verb

Read = Callable[[str, str | bytes], list[Outcome]]


def test_what_became_of_our_mail(reading: Read) -> None:
    found = [item for item in reading("email_events", "events.jsonl") if isinstance(item, Activity)]
    seen = [(item.verb, item.event_name, (item.actor or item.target or HandleRef("", "")).value) for item in found]
    assert seen == [
        (Verb.DELIVER, "delivered", "ana@example.org"),
        (Verb.BOUNCE, "hard bounce", "gone@example.org"),
        (Verb.READ, "opened", "ana@example.org"),
        (Verb.VIEW, "clicked", "ana@example.org"),
        (Verb.BOUNCE, "rejected", "left@example.org"),
        (Verb.BOUNCE, "soft bounce", "full@example.org"),
        (Verb.BOUNCE, "soft bounce", "busy@example.org"),
        (Verb.UNDO, "unsubscribed", "bea@example.org"),
        (Verb.UNDO, "complaint", "cai@example.org"),
        (Verb.CREATE, "subscribed", "cai@example.org"),
        (Verb.TRACK, "deferred", "slow@example.org"),
        (Verb.CREATE, "", "dan@example.org"),
    ]
    assert (found[0].campaign_key, found[0].object_key, found[1].props["status"]) == ("spring", "n1@lligam.example", "5.1.1")
    assert (found[3].url, found[3].object_type) == ("https://lligam.example/menu", ObjectType.LINK)


def test_machines_open_too(reading: Read) -> None:
    found = {item.event_name: item.is_machine for item in reading("email_events", "events.jsonl") if isinstance(item, Activity)}
    assert (found["opened"], found["clicked"]) == (True, False)


def test_what_it_means_for_writing_again(reading: Read) -> None:
    consents = [
        (fact.handles[0].value, fact.consents[0].permit) for fact in reading("email_events", "events.jsonl") if isinstance(fact, Fact)
    ]
    assert consents == [
        ("gone@example.org", Permit.BOUNCED),
        ("left@example.org", Permit.WITHDRAWN),
        ("bea@example.org", Permit.WITHDRAWN),
        ("cai@example.org", Permit.COMPLAINED),
        ("cai@example.org", Permit.GRANTED),
    ]


def test_mail_that_was_passed_on(reading: Read) -> None:
    message = [item for item in reading("email_events", "events.jsonl") if isinstance(item, Activity)][-1]
    assert (message.native_id, message.actor, message.text) == ("d1@example.org", HandleRef("email", "dan@example.org", "Dan"), "Bon dia")
    assert message.body["quoted"].endswith("> Oferta")


def test_unknown_events_are_kept(reading: Read) -> None:
    assert [item.kind for item in reading("email_events", "events.jsonl") if isinstance(item, Unknown)] == ["brevo.loyalty_points"]


@pytest.mark.parametrize("foreign", [b'{"event": "signup", "email": "a@x.org"}', b'{"type": "track", "event": "Click"}', b'{"events": []}'])
def test_other_events_are_not_claimed(foreign: bytes) -> None:
    assert channel.recognise(Sample(head=foreign, size=len(foreign))) == 0
