from collections.abc import Callable
from decimal import Decimal

from vincle.vocabulary import Activity, Direction, Fact, HandleRef, ObjectType, Op, Outcome, Permit, Retraction, Verb

Read = Callable[[str, str | bytes], list[Outcome]]


def found(reading: Read) -> dict[str, Activity]:
    return {item.native_id: item for item in reading("whatsapp", "deliveries.jsonl") if isinstance(item, Activity) and item.op is Op.ASSERT}


def facts(reading: Read) -> dict[str, Fact]:
    return {item.native_id.rpartition(":")[0]: item for item in reading("whatsapp", "deliveries.jsonl") if isinstance(item, Fact)}


def test_the_scoped_id_is_the_key_and_the_phone_only_belongs_to_it(reading: Read) -> None:
    known = facts(reading)
    assert found(reading)["w1"].actor == HandleRef("whatsapp", "ES.111", "Iria Soto")
    assert [handle.value for handle in known["profile:ES.111"].handles] == ["ES.111", "34600111222", "+34600111222"]
    assert [(handle.kind, handle.value) for handle in known["profile:ES.222"].handles] == [
        ("whatsapp", "ES.222"),
        ("whatsapp_username", "lois.cafe"),
    ]


def test_changes_of_id_and_number_link_old_and_new(reading: Read) -> None:
    known = facts(reading)
    assert [handle.value for handle in known["user_id:ES.333:ES.111"].handles] == ["ES.333", "ES.111", "34600111222", "+34600111222"]
    assert [handle.value for handle in known["change:w9"].handles] == ["34600333444", "34600111222", "+34600333444", "+34600111222"]


def test_messages(reading: Read) -> None:
    items = found(reading)
    assert (items["w1"].campaign_key, items["w1"].text) == ("ad9", "¿Está listo mi pedido?")
    assert (items["w2"].parent_key, items["w2"].text, items["w2"].body["attachments"][0]["type"]) == ("w0", "Mira", "image")
    assert (items["w5"].verb, items["w5"].object_type, items["w5"].amount, items["w5"].currency) == (
        Verb.SUBMIT,
        ObjectType.ORDER,
        Decimal("12.0"),
        "EUR",
    )
    assert (items["w10"].verb, items["w10"].body) == (Verb.SUBMIT, {"answers": {"rating": "4"}})
    reactions = [
        item for item in reading("whatsapp", "deliveries.jsonl") if isinstance(item, Activity) and item.native_id == "reaction:w0:ES.222"
    ]
    assert [(item.verb, item.reaction) for item in reactions] == [(Verb.LIKE, "👍"), (Verb.UNDO, "")]


def test_statuses(reading: Read) -> None:
    items = found(reading)
    person = HandleRef("whatsapp", "34600111222")
    assert (items["status:o1:sent"].verb, items["status:o1:sent"].target, items["status:o1:sent"].direction) == (
        Verb.DELIVER,
        person,
        Direction.OUT,
    )
    assert (items["status:o1:read"].verb, items["status:o1:read"].actor, items["status:o1:read"].direction) == (
        Verb.READ,
        person,
        Direction.IN,
    )
    assert (items["status:o2:failed"].verb, items["status:o2:failed"].props["error"]) == (Verb.BOUNCE, "131026")


def test_a_stop_is_a_withdrawal(reading: Read) -> None:
    (consent,) = [fact.consents[0] for fact in facts(reading).values() if fact.consents]
    assert (consent.permit, consent.channel, consent.purpose) == (Permit.WITHDRAWN, "whatsapp", "marketing")


def test_our_edits_find_our_message(reading: Read) -> None:
    outcomes = reading("whatsapp", "deliveries.jsonl")
    ours = [item for item in outcomes if isinstance(item, Activity | Retraction) and item.native_id == "e1"]
    assert [type(item).__name__ for item in ours] == ["Activity", "Activity", "Retraction"]
    first, second = (item for item in ours if isinstance(item, Activity))
    assert (first.direction, second.op, second.text) == (Direction.OUT, Op.CORRECT, "Listo, a las 5")


def test_a_stranger_in_the_contacts_is_not_the_sender(reading: Read) -> None:
    body = (
        b'{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":{"contacts":[{"profile":{"name":"John"},'
        b'"wa_id":"34600000001"}],"messages":[{"from":"34600000002","id":"w","timestamp":"1741000000","type":"text","text":{"body":"x"}}]}}]}]}'
    )
    said, profile = reading("whatsapp", body)
    assert isinstance(said, Activity)
    assert said.actor == HandleRef("whatsapp", "34600000002")
    assert isinstance(profile, Fact)
    assert profile.handles[0].value == "34600000001"
