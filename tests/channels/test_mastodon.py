import json
from collections.abc import Callable
from typing import Any

import pytest

from vincle.channels._deliveries import key_of
from vincle.vocabulary import Activity, Fact, HandleRef, Item, ObjectType, Op, Outcome, Retraction, Unknown, Verb

Read = Callable[[str, str | bytes], list[Outcome]]
RUT = {
    "id": "7",
    "username": "rut",
    "acct": "rut",
    "url": "https://casa.example/@rut",
    "display_name": "Rut",
    "statuses_count": 1,
    "followers_count": 12,
    "note": "<p>Cafè</p>",
}


def activities(outcomes: list[Outcome]) -> list[Activity]:
    return [item for item in outcomes if isinstance(item, Activity)]


def test_the_life_of_a_status_hangs_on_one_id(reading: Read) -> None:
    outcomes = reading("mastodon", "stream.jsonl")[:3]
    said, edited, gone = outcomes
    assert isinstance(said, Activity)
    assert isinstance(edited, Activity)
    assert isinstance(gone, Retraction)
    assert {said.native_id, edited.native_id, gone.native_id} == {"111"}
    assert said.actor == HandleRef("mastodon", "mila@tarda.example", "Mila")
    assert (said.target, said.body) == (None, {"to": "lligam@casa.example"}), "whoever was answered need not be us"
    assert (said.text, said.hashtags, said.parent_key) == ("Quin cafè!\n#Lligam", ("lligam",), "100")
    assert (edited.op, edited.version) == (Op.CORRECT, "2025-03-03T10:05:00.000Z")


def test_what_is_for_named_people_is_a_message(reading: Read) -> None:
    private = activities(reading("mastodon", "stream.jsonl"))[-1]
    assert (private.object_type, private.props["visibility"]) == (ObjectType.MESSAGE, "direct")


def test_a_message_belongs_to_the_talk_with_whom_it_is_for(reading: Read) -> None:
    us = {"id": "9", "username": "lligam", "acct": "lligam", "url": "https://casa.example/@lligam"}
    common = {"created_at": "2025-03-03T10:00:00Z", "visibility": "direct", "content": "<p>x</p>"}
    theirs = common | {"id": "1", "account": RUT, "mentions": [us]}
    ours = common | {"id": "2", "account": us, "mentions": [us, RUT], "in_reply_to_id": "1", "in_reply_to_account_id": "7"}
    said, answered = activities(reading("mastodon", json.dumps([theirs, ours]).encode()))
    assert (said.target, said.thread_key) == (HandleRef("mastodon", "lligam@casa.example", "lligam"), "")
    assert (answered.target, answered.thread_key, answered.parent_key) == (HandleRef("mastodon", "rut@casa.example", "Rut"), "", "1")


def test_notifications(reading: Read) -> None:
    outcomes = reading("mastodon", "stream.jsonl")
    liked, boosted = (item for item in activities(outcomes) if item.object_key == "100" and item.verb in (Verb.LIKE, Verb.ANNOUNCE))
    assert (liked.is_machine, liked.reaction, boosted.actor) == (True, "like", HandleRef("mastodon", "rut@casa.example", "Rut"))
    assert [item.kind for item in outcomes if isinstance(item, Unknown)] == ["stream.filters_changed"]


def test_a_mention_and_its_status_are_one(reading: Read) -> None:
    status = {"id": "9", "created_at": "2025-03-03T10:00:00Z", "visibility": "public", "content": "<p>hola</p>", "account": RUT}
    notice: dict[str, Any] = {"id": "1", "type": "mention", "created_at": "2025-03-03T10:00:01Z", "account": RUT, "status": status}
    raw = "\n".join(json.dumps(each) for each in (status, notice)).encode()
    assert {item.native_id for item in activities(reading("mastodon", raw))} == {"9"}


def test_grouped_notifications(reading: Read) -> None:
    status = {"id": "9", "created_at": "2025-03-03T10:00:00Z", "visibility": "public", "content": "x", "account": RUT}
    other = RUT | {"id": "8", "acct": "ot@lluny.example"}
    answer = {
        "accounts": [RUT, other],
        "statuses": [status],
        "notification_groups": [
            {
                "group_key": "favourite-9",
                "type": "favourite",
                "sample_account_ids": ["7", "8"],
                "status_id": "9",
                "latest_page_notification_at": "2025-03-03T11:00:00Z",
            }
        ],
    }
    outcomes = reading("mastodon", json.dumps(answer).encode())
    assert [item.actor.value for item in activities(outcomes) if item.actor] == ["rut@casa.example", "ot@lluny.example"]
    assert next(fact.traits for fact in outcomes if isinstance(fact, Fact)) == {"bio": "Cafè", "followers": 12}


def said(outcomes: list[Outcome]) -> list[tuple[str, str, str, str]]:
    """What makes items the same for the log."""
    return [key_of(item) for item in outcomes if isinstance(item, Item)]


STATUS: dict[str, Any] = {"id": "9", "created_at": "2025-03-03T10:00:00Z", "visibility": "public", "content": "<p>hola</p>", "account": RUT}
EDITED = STATUS | {"edited_at": "2025-03-03T10:05:00Z", "content": "<p>Hola!</p>"}
LIFE: list[dict[str, Any]] = [
    {"event": "update", "payload": json.dumps(STATUS)},
    {"event": "status.update", "payload": json.dumps(EDITED)},
    {"event": "delete", "payload": "9"},
]


def test_order_and_repetition_change_no_item(reading: Read) -> None:
    def read(deliveries: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
        return said(reading("mastodon", "\n".join(json.dumps(each) for each in deliveries).encode()))

    forward = read(LIFE)
    assert [kind for kind, *_ in forward] == ["Activity", "Activity", "Retraction"]
    assert sorted(read(LIFE[::-1])) == sorted(forward)
    assert set(read([*LIFE, *LIFE])) == set(forward)


def test_several_in_one_delivery(reading: Read) -> None:
    each = {"type": "favourite", "created_at": "2025-03-03T11:00:00Z", "account": RUT, "status": STATUS}
    raw = json.dumps(
        [each | {"id": "1"}, {"id": "2", "type": "mention", "created_at": each["created_at"], "account": RUT, "status": STATUS}]
    )
    assert [item.verb for item in activities(reading("mastodon", raw.encode()))] == [Verb.LIKE, Verb.CREATE]


def test_a_post_that_the_server_hides_is_said_to_be_there_no_more(reading: Read) -> None:
    """Moderators who take a post down and authors who delete it look alike from outside: the server tells the id alone."""
    (gone,) = reading("mastodon", json.dumps({"stream": ["user"], "event": "delete", "payload": "9"}).encode())
    assert isinstance(gone, Retraction)
    assert gone.object_key == "9"


@pytest.mark.parametrize(
    ("delivery", "kind"),
    [
        (
            {"id": "1", "type": "moderation_warning", "created_at": "2025-03-03T11:00:00Z", "account": RUT},
            "notification.moderation_warning",
        ),
        ({"event": "announcement", "payload": "{}", "stream": ["user"]}, "stream.announcement"),
        ({"event": "update", "payload": "{broken", "stream": ["user"]}, "stream.update"),
        ({"source": "vincle", "event": "unfavourite", "account": RUT}, "vincle"),
    ],
)
def test_what_there_is_no_word_for_is_kept(reading: Read, delivery: dict[str, Any], kind: str) -> None:
    assert [item.kind for item in reading("mastodon", json.dumps(delivery).encode()) if isinstance(item, Unknown)] == [kind]
