"""Who is who on WhatsApp, and what happens there besides messages: statuses, preferences, new ids, calls, groups."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from vincle.vocabulary import Activity, ConsentFact, Direction, Fact, HandleRef, Item, ObjectType, Op, Permit, Verb

from . import _json as js
from ._identifiers import phone
from ._meta import Json, stamp

_GRANTS = {"resume": True, "signup": True, "stop": False}
_STATES = {"sent": Verb.DELIVER, "delivered": Verb.DELIVER, "read": Verb.READ, "played": Verb.READ, "failed": Verb.BOUNCE}


class Side(Struct, frozen=True):
    """The person at the other end: the key that lasts, what else identifies, and the shown name."""

    user_id: str = ""
    wa_id: str = ""
    name: str = ""
    username: str = ""

    @property
    def handle(self) -> HandleRef | None:
        value = self.user_id or self.wa_id
        return HandleRef("whatsapp", value, self.name) if value else None


class Context(Struct, frozen=True):
    """What a change says around its messages."""

    account: str
    time: datetime
    contacts: tuple[Side, ...]

    def side(self, user_id: str, wa_id: str) -> Side:
        """The contact with this id. A lone contact is meant when the message itself names nobody."""
        for contact in self.contacts:
            if (user_id and contact.user_id == user_id) or (wa_id and contact.wa_id == wa_id):
                return Side(contact.user_id or user_id, contact.wa_id or wa_id, contact.name, contact.username)
        if not user_id and not wa_id and len(self.contacts) == 1:
            return self.contacts[0]
        return Side(user_id, wa_id)


def contacts(value: Json) -> Iterator[Side]:
    for contact in js.objs(value.get("contacts")):
        yield Side(js.text(contact.get("user_id")), js.text(contact.get("wa_id")), js.text(js.at(contact, "profile", "name")),
                   js.first(js.obj(contact.get("profile")), "username"))


def phone_of(wa_id: str) -> HandleRef | None:
    """A `wa_id` is the phone number in international form without its plus."""
    digits = wa_id.removeprefix("+")
    number = phone(f"+{digits}", "") if digits.isascii() and digits.isdigit() else ""
    return HandleRef("phone", number) if number else None


def profile(side: Side, moment: datetime) -> Iterator[Fact]:
    """The id, the phone and the user name are one person's."""
    handles = [side.handle]
    if side.user_id and side.wa_id:
        handles.append(HandleRef("whatsapp", side.wa_id, side.name))
    handles.append(phone_of(side.wa_id))
    if side.username:
        handles.append(js.username("whatsapp", side.username))
    found = tuple(handle for handle in handles if handle)
    if len(found) > 1 or (found and side.name):
        yield js.fact(f"profile:{found[0].value}", observed_at=moment, handles=found, name=side.name)


def props(context: Context, **found: Any) -> Json:
    return {key: value for key, value in (found | {"account": context.account}).items() if value}


def thread_of(event: Json, context: Context, side: Side) -> str:
    group = js.text(event.get("group_id"))
    return f"group:{group}" if group else f"messages:{context.account}:{side.user_id or side.wa_id}"


def status(event: Json, context: Context, moment: datetime) -> Iterator[Item]:
    """What became of a message of ours."""
    state, message = js.text(event.get("status")), js.text(event.get("id"))
    group = js.text(event.get("recipient_type")) == "group"
    wa_id = js.text(event.get("recipient_participant_id" if group else "recipient_id"))
    side = context.side(js.first(event, "recipient_participant_user_id", "recipient_user_id"), wa_id)
    verb = _STATES.get(state)
    if js.text(event.get("type")) == "call" or verb is None:
        yield js.unknown(f"statuses.{js.text(event.get('type')) or state}", event, moment)
        return
    read = verb is Verb.READ
    errors = js.objs(event.get("errors"))
    who = f":{side.user_id or side.wa_id}" if group else ""
    yield Activity(
        verb=verb, object_type=ObjectType.MESSAGE, native_id=f"status:{message}:{state}{who}", happened_at=moment,
        actor=side.handle if read else None, target=None if read else side.handle, event_name=state, object_key=message,
        direction=Direction.IN if read else Direction.OUT,
        thread_key=f"group:{js.text(event.get('recipient_id'))}" if group else thread_of({}, context, side),
        props=props(context, error=js.first(errors[0], "code") if errors else "", reason=js.first(errors[0], "title") if errors else "",
                     category=js.text(js.at(event, "pricing", "category")), tracker=js.text(event.get("biz_opaque_callback_data"))),
    )


def preference(event: Json, context: Context, moment: datetime) -> Iterator[Item]:
    """The person switched our marketing messages on or off."""
    side = context.side(js.text(event.get("user_id")), js.text(event.get("wa_id")))
    granted = _GRANTS.get(js.text(event.get("value")))
    if granted is None or side.handle is None:
        yield js.unknown("user_preferences", event, moment)
        return
    native = f"preference:{side.handle.value}:{js.text(event.get('value'))}:{stamp(moment)}"
    yield Activity(
        verb=Verb.GRANT if granted else Verb.REVOKE, object_type=ObjectType.PURPOSE, native_id=native, happened_at=moment,
        actor=side.handle, event_name=js.text(event.get("value")), props=props(context, purpose="marketing"),
    )
    consent = ConsentFact(Permit.GRANTED if granted else Permit.WITHDRAWN, channel="whatsapp", at=moment,
                          evidence=js.text(event.get("detail")))
    handles = tuple(handle for handle in (side.handle, phone_of(side.wa_id)) if handle)
    yield js.fact(f"consent:{native}", observed_at=moment, handles=handles, consents=(consent,))


def user_id(event: Json, context: Context, moment: datetime) -> Iterator[Item]:
    """The business-scoped id of a person was renewed."""
    ids = [js.text(js.at(event, "user_id", key)) for key in ("current", "previous")]
    wa_id = js.text(event.get("wa_id"))
    handles = [HandleRef("whatsapp", value) for value in (*ids, wa_id) if value]
    number = phone_of(wa_id)
    yield js.fact(f"user_id:{':'.join(ids)}", observed_at=moment, handles=tuple(handles) + ((number,) if number else ()),
                  name=context.side("", wa_id).name) if handles else js.unknown("user_id_update", event, moment)


def call(event: Json, context: Context, moment: datetime) -> Iterator[Item]:
    ours = js.text(event.get("direction")) == "BUSINESS_INITIATED"
    side = context.side("", js.text(event.get("to" if ours else "from")))
    if side.user_id == "" and len(context.contacts) == 1:
        side = context.contacts[0]
    native, state = js.text(event.get("id")) or js.digest(event), js.text(event.get("event"))
    yield Activity(
        verb=Verb.MEET, object_type=ObjectType.EVENT, native_id=f"call:{native}", happened_at=moment, event_name=f"call {state}",
        actor=None if ours else side.handle, target=side.handle if ours else None, object_key=native,
        direction=Direction.OUT if ours else Direction.IN, op=Op.CORRECT if state == "terminate" else Op.ASSERT,
        version=state if state == "terminate" else "", thread_key=thread_of({}, context, side),
        props=props(context, seconds=js.number(event.get("duration")), status=js.text(event.get("status"))),
    )


def group(event: Json, context: Context, moment: datetime) -> Iterator[Item]:
    name = js.text(event.get("group_id"))
    seen = False
    for key, verb in (("added_participants", Verb.JOIN), ("removed_participants", Verb.LEAVE)):
        for member in js.objs(event.get(key)):
            side = Side(js.text(member.get("user_id")) or js.text(member.get("input")), js.text(member.get("wa_id")), "",
                        js.text(member.get("username")))
            if side.handle is None:
                continue
            seen = True
            ours = js.text(event.get("initiated_by")) == "business"
            yield Activity(
                verb=verb, object_type=ObjectType.PROFILE, native_id=f"group:{name}:{side.handle.value}:{verb}:{stamp(moment)}",
                happened_at=moment, actor=None if ours else side.handle, target=side.handle if ours else None, object_key=name,
                thread_key=f"group:{name}", direction=Direction.OUT if ours else Direction.IN,
                event_name=js.text(event.get("type")), props=props(context, reason=js.text(event.get("reason"))),
            )
            yield from profile(side, moment)
    if not seen:
        yield js.unknown(f"groups.{js.text(event.get('type'))}", event, moment)
