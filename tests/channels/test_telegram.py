from collections.abc import Callable
from decimal import Decimal

from vincle.vocabulary import Activity, Direction, Fact, HandleRef, ObjectType, Op, Outcome, Permit, Unknown, Verb

Read = Callable[[str, str | bytes], list[Outcome]]
AINA = HandleRef("telegram", "501", "Aina")


def activities(reading: Read) -> list[Activity]:
    return [item for item in reading("telegram", "updates.jsonl") if isinstance(item, Activity)]


def test_messages(reading: Read) -> None:
    said, edited, caption = activities(reading)[:3]
    assert (said.object_type, said.hashtags, said.actor) == (ObjectType.MESSAGE, ("lligam",), HandleRef("telegram", "501", "Aina Pons"))
    assert (edited.native_id, edited.op, edited.version) == (said.native_id, Op.CORRECT, "1741000060")
    assert (caption.object_type, caption.text, caption.parent_key, caption.target) == (ObjectType.NOTE, "Mireu", "-100:19", None)


def test_reactions_come_and_go(reading: Read) -> None:
    changes = [(item.verb, item.reaction) for item in activities(reading) if item.native_id.startswith("reaction:")]
    assert changes == [(Verb.UNDO, "👍"), (Verb.LIKE, "🔥")]


def test_acts_that_are_no_words(reading: Read) -> None:
    found = {item.native_id: item for item in activities(reading)}
    assert (found["payment:pp1"].amount, found["payment:pp1"].currency) == (Decimal("12.50"), "EUR")
    assert (found["-100:21:Join:503"].verb, found["callback:cb1"].verb, found["-200:5"].direction) == (Verb.JOIN, Verb.TRACK, Direction.OUT)
    assert found["poll:po1:502:0,2"].props == {"options": ["0", "2"]}
    assert [item.kind for item in reading("telegram", "updates.jsonl") if isinstance(item, Unknown)] == ["chat_boost"]


def test_a_blocked_bot_is_a_withdrawal(reading: Read) -> None:
    (consent,) = [fact.consents[0] for fact in reading("telegram", "updates.jsonl") if isinstance(fact, Fact) and fact.consents]
    assert (consent.permit, consent.channel) == (Permit.WITHDRAWN, "telegram")


def test_a_shared_phone_belongs_to_its_owner_only(reading: Read) -> None:
    phones = [fact.handles for fact in reading("telegram", "updates.jsonl") if isinstance(fact, Fact) and fact.handles[-1].kind == "phone"]
    assert phones == [(AINA, HandleRef("phone", "+34600555666"))]
    other = (
        b'{"update_id":1,"message":{"message_id":1,"from":{"id":5,"first_name":"A"},"chat":{"id":5,"type":"private"},"date":1741000000,'
        b'"contact":{"phone_number":"34600555666","first_name":"B","user_id":6}}}'
    )
    assert not [fact for fact in reading("telegram", other) if isinstance(fact, Fact) and fact.handles[-1].kind == "phone"]


def test_answers_of_the_poll_interface(reading: Read) -> None:
    raw = (
        b'{"ok":true,"result":[{"update_id":1,"message":{"message_id":1,"from":{"id":5,"first_name":"A"},"chat":{"id":5,"type":"private"},'
        b'"date":1741000000,"text":"x"}}]}'
    )
    assert [type(item) for item in reading("telegram", raw)] == [Activity, Fact]
