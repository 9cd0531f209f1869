"""What Facebook and Instagram deliver alike: the envelope of entries, and the messaging events of both."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

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
from ._identifiers import email, phone

Json = dict[str, Any]


class Place(Struct, frozen=True):
    """Where an event stands: the network, our own account there, and the time of the delivery when it has no own."""

    network: str
    account: str
    time: datetime
    standby: bool = False


def entries(delivery: Json, network: str, received_at: datetime) -> Iterator[tuple[Json, Place]]:
    """Each entry of a delivery with its place."""
    for entry in js.objs(delivery.get("entry")):
        account = js.first(entry, "id", "uid")
        yield entry, Place(network, account, js.when(entry.get("time"), received_at))


def person(place: Place, source: Any, *, id_key: str = "id", name_key: str = "name") -> HandleRef | None:
    """The handle of whoever a platform names with an id; its test button sends id 0, which is nobody."""
    value = js.text(js.obj(source).get(id_key))
    if not value or value == "0":
        return None
    return HandleRef(place.network, value, js.text(js.obj(source).get(name_key)))


def direction(actor: HandleRef | None, place: Place) -> Direction:
    return Direction.OUT if actor is not None and actor.value == place.account else Direction.IN


def stamp(moment: datetime) -> str:
    """A moment as a version: whole milliseconds since 1970."""
    return str(int(moment.astimezone(UTC).timestamp() * 1000))


def turn(moment: datetime, *, undone: bool) -> str:
    """The version of a state that goes on and off: rises with time; of two in one moment the taking back comes first."""
    return f"{stamp(moment)}{0 if undone else 1}"


def reaction(
    place: Place, target: str, actor: HandleRef | None, moment: datetime, *, taken_back: bool, kind: str = "", **fields: Any
) -> Activity:
    """A Like or its Undo under one native id. It is a state that may change often: the last word stands, by its version."""
    who = actor.value if actor else js.digest(target, stamp(moment))
    return Activity(
        verb=Verb.UNDO if taken_back else Verb.LIKE, native_id=f"reaction:{target}:{who}", op=Op.CORRECT,
        version=turn(moment, undone=taken_back), happened_at=moment, actor=actor, reaction=kind,
        object_key=target, direction=direction(actor, place), **fields,
    )


def money(value: Any) -> Decimal | None:
    """An amount as a platform writes it, or None."""
    written = js.text(value)
    try:
        found = Decimal(written) if written else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() and abs(found) < 10**15 else None


def messaging(entry: Json, place: Place) -> Iterator[Item]:
    """The items of an entry's `messaging` and `standby` lists."""
    for event in js.objs(entry.get("messaging")):
        yield from _event(event, place)
    for event in js.objs(entry.get("standby")):
        yield from _event(event, Place(place.network, place.account, place.time, True))


def _event(event: Json, place: Place) -> Iterator[Item]:
    moment = js.when(event.get("timestamp"), place.time)
    for name, reader in _READERS.items():
        content = event.get(name)
        if isinstance(content, dict):
            yield from reader(event, content, place, moment)
            return
    known = next((key for key in event if key not in ("sender", "recipient", "timestamp")), "empty")
    yield js.unknown(f"messaging.{known}", event, moment)


def _customer(event: Json, place: Place) -> HandleRef | None:
    """The side of a conversation that is not our account."""
    for side in ("sender", "recipient"):
        found = person(place, event.get(side), name_key="username")
        if found is not None and found.value != place.account:
            return found
    reference = js.text(js.at(event, "sender", "user_ref")) or js.text(js.at(event, "optin", "user_ref"))
    return HandleRef(f"{place.network}_user_ref", reference) if reference else None


def _ours(place: Place) -> HandleRef | None:
    return HandleRef(place.network, place.account) if place.account not in ("", "0") else None


def _message(event: Json, message: Json, place: Place, moment: datetime) -> Iterator[Item]:
    mid = js.text(message.get("mid")) or f"message:{js.digest(event)}"
    if message.get("is_deleted") is True:
        yield Retraction(native_id=mid, happened_at=moment, object_key=mid, reason="unsent")
        return
    yield _said(event, message, place, moment, native_id=mid)


def _said(event: Json, message: Json, place: Place, moment: datetime, **fields: Any) -> Activity:
    echo = message.get("is_echo") is True
    customer = _customer(event, place)
    attachments = js.objs(message.get("attachments"))
    kinds = [js.first(attachment, "type") or "unknown" for attachment in attachments]
    return Activity(
        verb=Verb.CREATE, object_type=ObjectType.MENTION if "story_mention" in kinds and not echo else ObjectType.MESSAGE,
        happened_at=moment, actor=_ours(place) if echo else customer, target=customer if echo else None,
        direction=Direction.OUT if echo else Direction.IN, object_key=fields["native_id"],
        parent_key=js.text(js.at(message, "reply_to", "mid")) or js.text(js.at(message, "reply_to", "story", "id")),
        thread_key=_thread(place, customer), text=js.text(message.get("text")),
        campaign_key=js.text(js.at(message, "referral", "ad_id")) or js.text(js.at(message, "referral", "ref")),
        props=_props(place, attachments=kinds, payload=js.text(js.at(message, "quick_reply", "payload")),
                     unsupported=message.get("is_unsupported") is True, app=js.text(message.get("app_id"))),
        body={"attachments": attachments} if attachments else {}, **fields,
    )


def _thread(place: Place, customer: HandleRef | None) -> str:
    return f"messages:{place.account}:{customer.value}" if customer else ""


def _props(place: Place, **found: Any) -> Json:
    if place.standby:
        found["standby"] = True
    if place.account:
        found["account"] = place.account
    return {key: value for key, value in found.items() if value}


def _edit(event: Json, edit: Json, place: Place, moment: datetime) -> Iterator[Item]:
    mid = js.text(edit.get("mid"))
    if mid:
        version = js.text(edit.get("num_edit")) or stamp(moment)
        yield _said(event, edit, place, moment, native_id=mid, op=Op.CORRECT, version=version)
    else:
        yield js.unknown("messaging.message_edit", event, moment)


def _reacted(event: Json, content: Json, place: Place, moment: datetime) -> Iterator[Item]:
    customer = _customer(event, place)
    kind = js.first(content, "reaction", "emoji")
    yield reaction(
        place, js.text(content.get("mid")), person(place, event.get("sender")) or customer, moment, kind=kind,
        taken_back=content.get("action") == "unreact", object_type=ObjectType.MESSAGE, thread_key=_thread(place, customer),
    )


def _postback(event: Json, content: Json, place: Place, moment: datetime) -> Iterator[Item]:
    customer = _customer(event, place)
    native = js.text(content.get("mid")) or f"postback:{js.digest(event, place.account)}"
    referral = js.obj(content.get("referral"))
    yield Activity(
        verb=Verb.CREATE, object_type=ObjectType.MESSAGE, native_id=native, happened_at=moment, actor=customer,
        event_name="postback", object_key=native, thread_key=_thread(place, customer), text=js.text(content.get("title")),
        campaign_key=js.first(referral, "ad_id", "ref"),
        props=_props(place, payload=js.text(content.get("payload")), source=js.text(referral.get("source"))),
    )


def _delivered(event: Json, content: Json, place: Place, moment: datetime) -> Iterator[Item]:
    customer = _customer(event, place)
    moment = js.when(content.get("watermark"), moment)
    who = customer.value if customer else ""
    for mid in js.texts(content.get("mids")) or ("",):
        yield Activity(
            verb=Verb.DELIVER, object_type=ObjectType.MESSAGE, native_id=f"delivered:{mid or who + ':' + stamp(moment)}",
            happened_at=moment, actor=None, target=customer, direction=Direction.OUT, object_key=mid,
            thread_key=_thread(place, customer), event_name="delivered", props=_props(place),
        )


def _read(event: Json, content: Json, place: Place, moment: datetime) -> Iterator[Item]:
    customer = _customer(event, place)
    mid = js.text(content.get("mid"))
    mark = mid or f"{customer.value if customer else ''}:{js.text(content.get('watermark')) or stamp(moment)}"
    yield Activity(
        verb=Verb.READ, object_type=ObjectType.MESSAGE, native_id=f"read:{mark}", happened_at=moment, actor=customer,
        object_key=mid, thread_key=_thread(place, customer), event_name="read", props=_props(place),
    )


def _optin(event: Json, content: Json, place: Place, moment: datetime) -> Iterator[Item]:
    customer = _customer(event, place)
    stopped = "STOP" in js.text(content.get("notification_messages_status")).upper()
    yield Activity(
        verb=Verb.REVOKE if stopped else Verb.GRANT, object_type=ObjectType.PURPOSE,
        native_id=f"optin:{js.digest(event, place.account)}", happened_at=moment, actor=customer,
        campaign_key=js.text(content.get("ref")), event_name=js.text(content.get("type")) or "optin", props=_props(place),
    )
    if customer and js.text(content.get("type")) in ("notification_messages", "one_time_notif_req"):
        permit = Permit.WITHDRAWN if stopped else Permit.GRANTED
        yield js.fact(
            f"consent:{customer.value}:{stamp(moment)}", observed_at=moment, handles=(customer,),
            consents=(ConsentFact(permit, channel=place.network, at=moment, evidence=js.first(content, "title", "payload")),),
        )


def _referral(event: Json, content: Json, place: Place, moment: datetime) -> Iterator[Item]:
    customer = _customer(event, place)
    yield Activity(
        verb=Verb.TRACK, object_type=ObjectType.LINK, native_id=f"referral:{js.digest(event, place.account)}",
        happened_at=moment, actor=customer, event_name="referral", campaign_key=js.first(content, "ad_id", "ref"),
        url=js.text(content.get("referer_uri")), thread_key=_thread(place, customer),
        props=_props(place, source=js.text(content.get("source")), type=js.text(content.get("type"))),
    )


def _payment(event: Json, content: Json, place: Place, moment: datetime) -> Iterator[Item]:
    customer = _customer(event, place)
    charge = js.text(js.at(content, "payment_credential", "charge_id")) or js.digest(event)
    yield Activity(
        verb=Verb.PURCHASE, object_type=ObjectType.ORDER, native_id=f"payment:{charge}", happened_at=moment, actor=customer,
        amount=money(js.at(content, "amount", "amount")), currency=js.text(js.at(content, "amount", "currency")).upper(),
        object_key=charge, thread_key=_thread(place, customer), props=_props(place, payload=js.text(content.get("payload"))),
    )
    if customer and (payer := _payer(js.obj(content.get("requested_user_info")), customer, moment)):
        yield payer


def _payer(asked: Json, customer: HandleRef, moment: datetime) -> Fact | None:
    """Who paid, as the payment form says it."""
    handles = [customer]
    if address := email(js.text(asked.get("contact_email"))):
        handles.append(HandleRef("email", address))
    if number := phone(js.text(asked.get("contact_phone")), ""):
        handles.append(HandleRef("phone", number))
    if len(handles) == 1:
        return None
    return js.fact(f"payer:{customer.value}", observed_at=moment, handles=tuple(handles), name=js.text(asked.get("contact_name")))


_Reader = Callable[[Json, Json, Place, datetime], Iterator[Item]]
_READERS: dict[str, _Reader] = {
    "message": _message, "message_edit": _edit, "reaction": _reacted, "postback": _postback, "delivery": _delivered,
    "read": _read, "optin": _optin, "referral": _referral, "payment": _payment,
}
