"""WhatsApp Cloud: messages, statuses, edits, preferences, calls and groups of the object `whatsapp_business_account`."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from vincle.vocabulary import (
    Activity,
    ConsentFact,
    Direction,
    HandleRef,
    Item,
    ObjectType,
    Op,
    Permit,
    Retraction,
    Verb,
)

from . import _json as js
from . import _meta_hooks as hooks
from . import _whatsapp as wa
from . import _whatsapp_files as files
from . import _whatsapp_live as live
from ._deliveries import DeliveryChannel
from ._meta import Json, money, stamp, turn
from ._whatsapp import Context, Side
from .base import FileError, Request, Spec, Verdict
from .live import Attached, Command, File, Line, Receipt, Setting, Standing, Way
from .live import Context as About

_MEDIA = ("image", "video", "audio", "document", "sticker", "voice")


class WhatsApp(DeliveryChannel):
    spec: ClassVar[Spec] = Spec(
        id="whatsapp", name="WhatsApp", icon="brand-whatsapp", family="webhook", capabilities=frozenset({"file", "webhook", "act"}),
        handle_kinds=("whatsapp", "phone", "whatsapp_username"), extensions=(".json", ".jsonl"), secrets=hooks.SECRETS,
        settings=(
            Setting(name="client_id", label="App ID", help="On developers.facebook.com, at the top of your app's page.", kind="number"),
            Setting(name="number_id", label="Phone number ID", kind="number",
                    help="In your app: WhatsApp › API setup. It is not the telephone number itself."),
            Setting(name="business_id", label="WhatsApp business account ID", kind="number",
                    help="In your app: WhatsApp › API setup, below the phone number ID."),
            Setting(name="access_token", label="Access token", is_secret=True,
                    help="Business settings › System users › Generate token, with both rights for WhatsApp and without an end."),
        ),
    )  # fmt: skip

    def verify(self, request: Request, secrets: Mapping[str, str]) -> Verdict:
        return hooks.verified(request, secrets)

    def envelope(self, request: Request) -> bytes:
        return hooks.kept(request, "whatsapp")

    def check(self, line: Line) -> Standing:
        return live.check(line)

    def ways(self, about: About, settings: Mapping[str, str], abilities: frozenset[str], now: datetime) -> tuple[Way, ...]:
        return live.ways(about, settings, now)

    def act(self, line: Line, command: Command, key: str) -> Receipt:
        return live.act(line, command, key)

    def found(self, line: Line, command: Command, key: str, since: datetime) -> Receipt | None:
        return live.found(command)

    def attached(self, body: Mapping[str, Any]) -> tuple[Attached, ...]:
        return files.attached(body)

    def fetch(self, line: Line, told: Attached) -> File:
        return files.fetch(line, told)

    def claims(self, delivery: Any) -> float:
        value = js.obj(delivery)
        if hooks.is_deletion(value, "whatsapp"):
            return 1.0
        return 1.0 if value.get("object") == "whatsapp_business_account" and isinstance(value.get("entry"), list) else 0.0

    def items(self, delivery: Any, received_at: datetime) -> Iterator[Item]:
        value = js.obj(delivery)
        if hooks.is_deletion(value, "whatsapp"):
            yield from hooks.deletion("whatsapp", value, received_at)
            return
        if not isinstance(value.get("entry"), list):
            yield js.unknown("delivery", delivery, received_at)
        for entry in js.objs(value.get("entry")):
            moment = js.when(entry.get("time"), received_at)
            for change in js.objs(entry.get("changes")):
                yield from _change(change, moment)


def _change(change: Json, moment: datetime) -> Iterator[Item]:
    value = js.obj(change.get("value"))
    context = Context(js.text(js.at(value, "metadata", "phone_number_id")), moment, tuple(wa.contacts(value)))
    seen: list[datetime] = []
    for name, reader in _READERS.items():
        for event in js.objs(value.get(name)):
            seen.append(js.when(event.get("timestamp"), moment))
            yield from reader(event, context, seen[-1])
    if not seen:
        yield js.unknown(js.text(change.get("field")) or "change", change, moment)
        return
    for side in context.contacts:
        yield from wa.profile(side, max(seen))


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


def _said(event: Json, context: Context, moment: datetime, side: Side, way: Direction, **fields: Any) -> Iterator[Item]:
    kind = js.text(event.get("type"))
    native = js.text(event.get("id")) or f"message:{js.digest(event)}"
    text, body = _content(kind, event)
    inner = js.obj(event.get("context"))
    shape: dict[str, Any] = {
        "verb": Verb.CREATE, "object_type": ObjectType.MESSAGE, "native_id": native, "happened_at": moment, "object_key": native,
        "actor": side.handle if way is Direction.IN else None, "target": None if way is Direction.IN else side.handle,
        "direction": way, "parent_key": js.text(inner.get("id")), "thread_key": wa.thread_of(event, context, side),
        "campaign_key": js.text(js.at(event, "referral", "source_id")), "text": text, "body": body,
        "props": wa.props(context, type=kind, unsupported=kind in ("unsupported", "unknown") or (not text and not body),
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
                     object_type=ObjectType.PURPOSE, event_name="calls", props=wa.props(context, purpose="calls"))
    if side.handle:
        consent = ConsentFact(Permit.GRANTED if granted else Permit.DENIED, channel="whatsapp", purpose="calls", at=moment,
                              evidence=js.text(event.get("id")))
        yield js.fact(f"consent:{js.text(event.get('id'))}", observed_at=moment, handles=(side.handle,), consents=(consent,))


def _reaction(event: Json, context: Context, moment: datetime, side: Side, way: Direction) -> Iterator[Item]:
    emoji, target = js.text(js.at(event, "reaction", "emoji")), js.text(js.at(event, "reaction", "message_id"))
    who = (side.user_id or side.wa_id) if way is Direction.IN else context.account
    yield from _said(
        event, context, moment, side, way, verb=Verb.LIKE if emoji else Verb.UNDO, native_id=f"reaction:{target}:{who}",
        op=Op.CORRECT, version=turn(moment, undone=not emoji), reaction=emoji, object_key=target, text="", body={},
        props=wa.props(context),
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
        props=wa.props(context, catalog=js.text(order.get("catalog_id"))),
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
    phones = [wa.phone_of(new_number), wa.phone_of(side.wa_id)]
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
                         op=Op.CORRECT, version=stamp(moment))
    else:
        yield js.unknown("messages.edit", event, moment)


_Kind = Callable[[Json, Context, datetime, Side, Direction], Iterator[Item]]
_BY_KIND: dict[str, _Kind] = {
    "interactive": _interactive, "reaction": _reaction, "order": _order, "system": _system, "revoke": _revoke, "edit": _edit,
}
_Reader = Callable[[Json, Context, datetime], Iterator[Item]]
_READERS: dict[str, _Reader] = {
    "messages": _message, "message_echoes": _echo, "statuses": wa.status, "user_preferences": wa.preference,
    "user_id_update": wa.user_id, "calls": wa.call, "groups": wa.group,
}

channel = WhatsApp()
