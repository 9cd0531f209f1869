"""WhatsApp Cloud: messages, statuses, edits, preferences, calls and groups of the object `whatsapp_business_account`."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, ClassVar

from msgspec import Struct

from vincle.vocabulary import (
    Activity,
    ConsentFact,
    Direction,
    Fact,
    HandleRef,
    Item,
    ObjectType,
    Op,
    Permit,
    Retraction,
    Verb,
)

from . import _json as js
from ._deliveries import DeliveryChannel
from ._identifiers import phone
from ._meta import Json, money, stamp
from .base import FileError, Spec

_MEDIA = ("image", "video", "audio", "document", "sticker", "voice")
_GRANTS = {"resume": True, "signup": True, "stop": False}


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


class WhatsApp(DeliveryChannel):
    spec: ClassVar[Spec] = Spec(
        id="whatsapp", name="WhatsApp", icon="brand-whatsapp", family="webhook", capabilities=frozenset({"file", "webhook"}),
        handle_kinds=("whatsapp", "phone", "whatsapp_username"), extensions=(".json", ".jsonl"),
    )

    def claims(self, delivery: Any) -> float:
        value = js.obj(delivery)
        return 1.0 if value.get("object") == "whatsapp_business_account" and isinstance(value.get("entry"), list) else 0.0

    def items(self, delivery: Any, received_at: datetime) -> Iterator[Item]:
        value = js.obj(delivery)
        if not isinstance(value.get("entry"), list):
            yield js.unknown("delivery", delivery, received_at)
        for entry in js.objs(value.get("entry")):
            moment = js.when(entry.get("time"), received_at)
            for change in js.objs(entry.get("changes")):
                yield from _change(change, moment)


def _change(change: Json, moment: datetime) -> Iterator[Item]:
    value = js.obj(change.get("value"))
    context = Context(js.text(js.at(value, "metadata", "phone_number_id")), moment, tuple(_contacts(value)))
    seen: list[datetime] = []
    for name, reader in _READERS.items():
        for event in js.objs(value.get(name)):
            seen.append(js.when(event.get("timestamp"), moment))
            yield from reader(event, context, seen[-1])
    if not seen:
        yield js.unknown(js.text(change.get("field")) or "change", change, moment)
        return
    for side in context.contacts:
        yield from _profile(side, max(seen))


def _contacts(value: Json) -> Iterator[Side]:
    for contact in js.objs(value.get("contacts")):
        yield Side(js.text(contact.get("user_id")), js.text(contact.get("wa_id")), js.text(js.at(contact, "profile", "name")),
                   js.first(js.obj(contact.get("profile")), "username"))


def _phone(wa_id: str) -> HandleRef | None:
    """A `wa_id` is the phone number in international form without its plus."""
    digits = wa_id.removeprefix("+")
    number = phone(f"+{digits}", "") if digits.isascii() and digits.isdigit() else ""
    return HandleRef("phone", number) if number else None


def _profile(side: Side, moment: datetime) -> Iterator[Fact]:
    """The id, the phone and the user name are one person's."""
    handles = [side.handle]
    if side.user_id and side.wa_id:
        handles.append(HandleRef("whatsapp", side.wa_id, side.name))
    handles.append(_phone(side.wa_id))
    if side.username:
        handles.append(js.username("whatsapp", side.username))
    found = tuple(handle for handle in handles if handle)
    if len(found) > 1 or (found and side.name):
        yield js.fact(f"profile:{found[0].value}", observed_at=moment, handles=found, name=side.name)


def _props(context: Context, **found: Any) -> Json:
    return {key: value for key, value in (found | {"account": context.account}).items() if value}


def _message(event: Json, context: Context, moment: datetime) -> Iterator[Item]:
    """What a person wrote to us."""
    side = context.side(js.text(event.get("from_user_id")), js.text(event.get("from")))
    yield from _reader(event)(event, context, moment, side, Direction.IN)


def _echo(event: Json, context: Context, moment: datetime) -> Iterator[Item]:
    """What we wrote from the phone of the business."""
    side = context.side(js.text(event.get("to_user_id")), js.text(event.get("to")))
    yield from _reader(event)(event, context, moment, side, Direction.OUT)


def _reader(event: Json) -> "_Kind":
    return _BY_KIND.get(js.text(event.get("type"))) or _said


def _thread(event: Json, context: Context, side: Side) -> str:
    group = js.text(event.get("group_id"))
    return f"group:{group}" if group else f"messages:{context.account}:{side.user_id or side.wa_id}"


def _said(event: Json, context: Context, moment: datetime, side: Side, way: Direction, **fields: Any) -> Iterator[Item]:
    kind = js.text(event.get("type"))
    native = js.text(event.get("id")) or f"message:{js.digest(event)}"
    text, body = _content(kind, event)
    inner = js.obj(event.get("context"))
    shape: dict[str, Any] = {
        "verb": Verb.CREATE, "object_type": ObjectType.MESSAGE, "native_id": native, "happened_at": moment, "object_key": native,
        "actor": side.handle if way is Direction.IN else None, "target": None if way is Direction.IN else side.handle,
        "direction": way, "parent_key": js.text(inner.get("id")), "thread_key": _thread(event, context, side),
        "campaign_key": js.text(js.at(event, "referral", "source_id")), "text": text, "body": body,
        "props": _props(context, type=kind, unsupported=kind in ("unsupported", "unknown") or (not text and not body),
                        payload=_payload(event), forwarded=bool(inner.get("forwarded") or inner.get("frequently_forwarded"))),
    }
    yield Activity(**(shape | fields))


def _content(kind: str, event: Json) -> tuple[str, Json]:
    """The words of a message, and what else it carries."""
    content = js.obj(event.get(kind))
    if kind == "text":
        return js.text(content.get("body")), {}
    if kind in _MEDIA:
        return js.text(content.get("caption")), {"attachments": [{"type": kind, **content}]}
    if kind == "interactive":
        reply = js.obj(content.get(js.text(content.get("type"))))
        return js.first(reply, "title", "body"), {}
    if kind == "button":
        return js.text(content.get("text")), {}
    if kind == "location":
        return js.first(content, "name", "address"), {"location": content}
    if kind == "contacts":
        return "", {"contacts": js.objs(event.get("contacts"))}
    return js.text(content.get("body")), {}


def _payload(event: Json) -> str:
    content = js.obj(event.get("interactive"))
    reply = js.obj(content.get(js.text(content.get("type"))))
    return js.text(reply.get("id")) or js.text(js.at(event, "button", "payload"))


def _interactive(event: Json, context: Context, moment: datetime, side: Side, way: Direction) -> Iterator[Item]:
    content = js.obj(event.get("interactive"))
    kind = js.text(content.get("type"))
    if kind == "nfm_reply":
        reply = js.obj(content.get(kind))
        yield from _said(event, context, moment, side, way, verb=Verb.SUBMIT, object_type=ObjectType.FORM,
                         event_name=js.text(reply.get("name")), body={"answers": _answers(js.text(reply.get("response_json")))})
    elif kind == "call_permission_reply":
        yield from _permission(event, js.obj(content.get(kind)), context, moment, side, way)
    else:
        yield from _said(event, context, moment, side, way)


def _answers(written: str) -> Any:
    try:
        return js.load_text(written) if written else {}
    except FileError:
        return {"text": written}


def _permission(event: Json, reply: Json, context: Context, moment: datetime, side: Side, way: Direction) -> Iterator[Item]:
    """Whether we may call, until when."""
    granted = js.text(reply.get("response")) == "accept"
    yield from _said(event, context, moment, side, way, verb=Verb.GRANT if granted else Verb.REVOKE,
                     object_type=ObjectType.PURPOSE, event_name="calls", props=_props(context, purpose="calls"))
    if side.handle:
        consent = ConsentFact(Permit.GRANTED if granted else Permit.DENIED, channel="whatsapp", purpose="calls", at=moment,
                              evidence=js.text(event.get("id")))
        yield js.fact(f"consent:{js.text(event.get('id'))}", observed_at=moment, handles=(side.handle,), consents=(consent,))


def _reaction(event: Json, context: Context, moment: datetime, side: Side, way: Direction) -> Iterator[Item]:
    emoji, target = js.text(js.at(event, "reaction", "emoji")), js.text(js.at(event, "reaction", "message_id"))
    who = (side.user_id or side.wa_id) if way is Direction.IN else context.account
    yield from _said(
        event, context, moment, side, way, verb=Verb.LIKE if emoji else Verb.UNDO, native_id=f"reaction:{target}:{who}",
        version=stamp(moment) if emoji else f"undo:{stamp(moment)}", reaction=emoji, object_key=target, text="", body={},
        props=_props(context),
    )


def _order(event: Json, context: Context, moment: datetime, side: Side, way: Direction) -> Iterator[Item]:
    """A basket sent to us: asked for, not paid."""
    order = js.obj(event.get("order"))
    lines = js.objs(order.get("product_items"))
    prices = [(money(line.get("item_price")), money(line.get("quantity"))) for line in lines]
    amounts = [price * quantity for price, quantity in prices if price is not None and quantity is not None]
    currencies = {js.text(line.get("currency")).upper() for line in lines}
    whole = len(amounts) == len(lines) > 0 and len(currencies) == 1
    yield from _said(
        event, context, moment, side, way, verb=Verb.SUBMIT, object_type=ObjectType.ORDER, text=js.text(order.get("text")),
        amount=sum(amounts[1:], amounts[0]) if whole else None, currency=currencies.pop() if whole else "", body={"lines": lines},
        props=_props(context, catalog=js.text(order.get("catalog_id"))),
    )


def _system(event: Json, context: Context, moment: datetime, side: Side, way: Direction) -> Iterator[Item]:
    """The person changed number or id: both are one person's."""
    system = js.obj(event.get("system"))
    new_id, new_number = js.text(system.get("user_id")), js.first(system, "new_wa_id", "wa_id")
    if js.text(system.get("type")) not in ("user_changed_number", "user_changed_user_id") or not (new_id or new_number):
        yield js.unknown(f"system.{js.text(system.get('type'))}", event, moment)
        return
    old = _former_id(js.text(system.get("body")), new_id)
    handles = [HandleRef("whatsapp", value) for value in dict.fromkeys((new_id, new_number, side.user_id, side.wa_id, old)) if value]
    phones = [_phone(new_number), _phone(side.wa_id)]
    yield js.fact(f"change:{js.text(event.get('id'))}", observed_at=moment,
                  handles=tuple(handles) + tuple(number for number in phones if number))


def _former_id(told: str, new: str) -> str:
    """The former business-scoped id, which stands only in the sentence."""
    words = told.split(" changed from ")[-1].split(" to ")
    return words[0].strip() if new and len(words) == 2 and words[1].strip() == new else ""


def _revoke(event: Json, context: Context, moment: datetime, side: Side, way: Direction) -> Iterator[Item]:
    original = js.text(js.at(event, "revoke", "original_message_id"))
    if original:
        yield Retraction(native_id=original, happened_at=moment, object_key=original, reason="unsent")
    else:
        yield js.unknown("messages.revoke", event, moment)


def _edit(event: Json, context: Context, moment: datetime, side: Side, way: Direction) -> Iterator[Item]:
    original, message = js.text(js.at(event, "edit", "original_message_id")), js.obj(js.at(event, "edit", "message"))
    if original and message:
        yield from _said({**message, "id": original, "group_id": event.get("group_id")}, context, moment, side, way,
                         op=Op.CORRECT, version=js.text(event.get("id")) or stamp(moment))
    else:
        yield js.unknown("messages.edit", event, moment)


def _status(event: Json, context: Context, moment: datetime) -> Iterator[Item]:
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
        thread_key=f"group:{js.text(event.get('recipient_id'))}" if group else _thread({}, context, side),
        props=_props(context, error=js.first(errors[0], "code") if errors else "", reason=js.first(errors[0], "title") if errors else "",
                     category=js.text(js.at(event, "pricing", "category")), tracker=js.text(event.get("biz_opaque_callback_data"))),
    )


def _preference(event: Json, context: Context, moment: datetime) -> Iterator[Item]:
    """The person switched our marketing messages on or off."""
    side = context.side(js.text(event.get("user_id")), js.text(event.get("wa_id")))
    granted = _GRANTS.get(js.text(event.get("value")))
    if granted is None or side.handle is None:
        yield js.unknown("user_preferences", event, moment)
        return
    native = f"preference:{side.handle.value}:{js.text(event.get('value'))}:{stamp(moment)}"
    yield Activity(
        verb=Verb.GRANT if granted else Verb.REVOKE, object_type=ObjectType.PURPOSE, native_id=native, happened_at=moment,
        actor=side.handle, event_name=js.text(event.get("value")), props=_props(context, purpose="marketing"),
    )
    consent = ConsentFact(Permit.GRANTED if granted else Permit.WITHDRAWN, channel="whatsapp", at=moment,
                          evidence=js.text(event.get("detail")))
    handles = tuple(handle for handle in (side.handle, _phone(side.wa_id)) if handle)
    yield js.fact(f"consent:{native}", observed_at=moment, handles=handles, consents=(consent,))


def _user_id(event: Json, context: Context, moment: datetime) -> Iterator[Item]:
    """The business-scoped id of a person was renewed."""
    ids = [js.text(js.at(event, "user_id", key)) for key in ("current", "previous")]
    wa_id = js.text(event.get("wa_id"))
    handles = [HandleRef("whatsapp", value) for value in (*ids, wa_id) if value]
    number = _phone(wa_id)
    yield js.fact(f"user_id:{':'.join(ids)}", observed_at=moment, handles=tuple(handles) + ((number,) if number else ()),
                  name=context.side("", wa_id).name) if handles else js.unknown("user_id_update", event, moment)


def _call(event: Json, context: Context, moment: datetime) -> Iterator[Item]:
    ours = js.text(event.get("direction")) == "BUSINESS_INITIATED"
    side = context.side("", js.text(event.get("to" if ours else "from")))
    if side.user_id == "" and len(context.contacts) == 1:
        side = context.contacts[0]
    native, state = js.text(event.get("id")) or js.digest(event), js.text(event.get("event"))
    yield Activity(
        verb=Verb.MEET, object_type=ObjectType.EVENT, native_id=f"call:{native}", happened_at=moment, event_name=f"call {state}",
        actor=None if ours else side.handle, target=side.handle if ours else None, object_key=native,
        direction=Direction.OUT if ours else Direction.IN, op=Op.CORRECT if state == "terminate" else Op.ASSERT,
        version=state if state == "terminate" else "", thread_key=_thread({}, context, side),
        props=_props(context, seconds=js.number(event.get("duration")), status=js.text(event.get("status"))),
    )


def _group(event: Json, context: Context, moment: datetime) -> Iterator[Item]:
    group = js.text(event.get("group_id"))
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
                verb=verb, object_type=ObjectType.PROFILE, native_id=f"group:{group}:{side.handle.value}:{verb}:{stamp(moment)}",
                happened_at=moment, actor=None if ours else side.handle, target=side.handle if ours else None, object_key=group,
                thread_key=f"group:{group}", direction=Direction.OUT if ours else Direction.IN,
                event_name=js.text(event.get("type")), props=_props(context, reason=js.text(event.get("reason"))),
            )
            yield from _profile(side, moment)
    if not seen:
        yield js.unknown(f"groups.{js.text(event.get('type'))}", event, moment)


_STATES = {"sent": Verb.DELIVER, "delivered": Verb.DELIVER, "read": Verb.READ, "played": Verb.READ, "failed": Verb.BOUNCE}
_Kind = Callable[[Json, Context, datetime, Side, Direction], Iterator[Item]]
_BY_KIND: dict[str, _Kind] = {
    "interactive": _interactive, "reaction": _reaction, "order": _order, "system": _system, "revoke": _revoke, "edit": _edit,
}
_Reader = Callable[[Json, Context, datetime], Iterator[Item]]
_READERS: dict[str, _Reader] = {
    "messages": _message, "message_echoes": _echo, "statuses": _status, "user_preferences": _preference,
    "user_id_update": _user_id, "calls": _call, "groups": _group,
}

channel = WhatsApp()
