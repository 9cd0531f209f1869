import json
from collections.abc import Callable
from typing import Any

from vincle.vocabulary import Activity, Fact, HandleRef, ObjectType, Op, Outcome, Retraction, Unknown, Verb

Read = Callable[[str, str | bytes], list[Outcome]]
RUT = {"id": "7", "username": "rut", "acct": "rut", "url": "https://casa.example/@rut", "display_name": "Rut", "statuses_count": 1,
       "followers_count": 12, "note": "<p>Cafè</p>"}


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
    answer = {"accounts": [RUT, other], "statuses": [status], "notification_groups": [
        {"group_key": "favourite-9", "type": "favourite", "sample_account_ids": ["7", "8"], "status_id": "9",
         "latest_page_notification_at": "2025-03-03T11:00:00Z"}]}
    outcomes = reading("mastodon", json.dumps(answer).encode())
    assert [item.actor.value for item in activities(outcomes) if item.actor] == ["rut@casa.example", "ot@lluny.example"]
    assert next(fact.traits for fact in outcomes if isinstance(fact, Fact)) == {"bio": "Cafè", "followers": 12}
