from collections.abc import Callable
from datetime import UTC, datetime

from vincle.channels.facebook import channel
from vincle.vocabulary import Activity, Direction, Fact, HandleRef, ObjectType, Op, Outcome, Permit, Retraction, Unknown, Verb

Read = Callable[[str, str | bytes], list[Outcome]]


def activities(outcomes: list[Outcome]) -> list[Activity]:
    return [item for item in outcomes if isinstance(item, Activity)]


def test_the_life_of_a_comment_hangs_on_one_id(reading: Read) -> None:
    outcomes = reading("facebook", "feed.jsonl")[:5]
    assert {item.native_id for item in outcomes if isinstance(item, Activity | Retraction)} == {"900_1"}
    added, edited, shown = activities(outcomes)
    assert (added.op, edited.op, shown.op) == (Op.ASSERT, Op.CORRECT, Op.CORRECT)
    assert added.actor == HandleRef("facebook", "7001", "Júlia Mas")
    assert (added.parent_key, added.thread_key, edited.text) == ("5001_900", "5001_900", "Obriu diumenge al matí?")
    assert edited.version != shown.version
    assert [item.reason for item in outcomes if isinstance(item, Retraction)] == ["hidden", "deleted"]


def test_a_change_of_mind(reading: Read) -> None:
    found = [item for item in activities(reading("facebook", "feed.jsonl")) if item.native_id == "reaction:5001_900:7002"]
    assert [(item.verb, item.reaction) for item in found] == [
        (Verb.LIKE, "love"),
        (Verb.UNDO, ""),
        (Verb.LIKE, "angry"),
        (Verb.UNDO, "angry"),
    ]
    assert all(item.op is Op.CORRECT for item in found), "a state: the last word stands"
    versions = [int(item.version) for item in found]
    assert versions == sorted(set(versions))


def test_our_own_words_are_out(reading: Read) -> None:
    ours = [item for item in activities(reading("facebook", "feed.jsonl")) if item.direction is Direction.OUT]
    assert [(item.native_id, item.parent_key) for item in ours] == [("900_2", "900_1")]


def test_reviews_mentions_and_leads(reading: Read) -> None:
    found = {item.native_id: item for item in activities(reading("facebook", "feed.jsonl"))}
    review = found["review:66001"]
    assert (review.object_type, review.op, review.rating, review.rating_max) == (ObjectType.REVIEW, Op.CORRECT, 5.0, 5.0)
    assert (found["mention:8100_55"].object_type, found["mention:8100_55"].object_key) == (ObjectType.MENTION, "8100_55")
    assert (found["lead:3300"].verb, found["lead:3300"].object_key, found["lead:3300"].campaign_key) == (Verb.SUBMIT, "12", "44")


def test_messenger(reading: Read) -> None:
    outcomes = reading("facebook", "messenger.json")
    found = activities(outcomes)
    said, echo, edited = found[:3]
    assert (said.actor, said.direction, said.props["payload"]) == (HandleRef("facebook", "7001"), Direction.IN, "MILK")
    assert (echo.actor, echo.target, echo.direction) == (HandleRef("facebook", "5001"), HandleRef("facebook", "7001"), Direction.OUT)
    assert (edited.native_id, edited.op, edited.version) == ("m1", Op.CORRECT, "1")
    assert {item.thread_key for item in (said, echo, edited)} == {"messages:5001:7001"}
    assert [item.native_id for item in found if item.verb is Verb.DELIVER] == ["delivered:m2", "delivered:m4"]
    assert [(item.native_id, item.reason) for item in outcomes if isinstance(item, Retraction)] == [("m1", "unsent")]
    assert [item.kind for item in outcomes if isinstance(item, Unknown)] == ["messaging.pass_thread_control"]
    (consent,) = [fact.consents[0] for fact in outcomes if isinstance(fact, Fact)]
    assert (consent.permit, consent.channel) == (Permit.WITHDRAWN, "facebook")
    assert found[-1].props == {"attachments": ["image"], "standby": True, "account": "5001"}


def test_times_in_either_spelling() -> None:
    body = (
        '{"object":"page","entry":[{"id":"1","time":%s,"changes":[{"field":"feed","value":{"item":"post","verb":"add","post_id":"1_2"}}]}]}'
    )
    for written in ("1454707020", "1454707020000", '"2016-02-05T21:17:00+0000"'):
        (found,) = channel.parse((body % written).encode(), datetime(2026, 1, 1, tzinfo=UTC))
        assert isinstance(found, Activity)
        assert found.happened_at == datetime(2016, 2, 5, 21, 17, tzinfo=UTC)


def test_a_test_button_is_nobody() -> None:
    body = (
        b'{"object":"page","entry":[{"id":"0","time":1454707020,"changes":[{"field":"feed","value":{"item":"comment","verb":"add",'
        b'"comment_id":"1_1","from":{"id":"0","name":"Test"}}}]}]}'
    )
    (found,) = channel.parse(body, datetime(2026, 1, 1, tzinfo=UTC))
    assert isinstance(found, Activity)
    assert found.actor is None


def test_what_a_database_cannot_hold_is_left_out(reading: Read) -> None:
    body = (
        b'{"object":"page","entry":[{"id":"1","time":1,"changes":[{"field":"feed","value":{"item":"post","verb":"add","post_id":"1_2",'
        b'"message":"a\\u0000b\\ud83dc \\ud83d\\ude00"}}]}]}'
    )
    (found,) = activities(reading("facebook", body))
    assert found.text == "ab\ufffdc 😀"
