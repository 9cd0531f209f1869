"""Telegram: a bot that hears and answers; the updates it receives, by webhook or getUpdates, and single messages, read from files."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from vincle.vocabulary import Activity, ConsentFact, Direction, HandleRef, Item, ObjectType, Op, Permit, Retraction, Verb

from . import _json as js
from . import _telegram_deeds as deeds
from . import _telegram_files as files
from . import _telegram_hearing as hearing
from ._deliveries import DeliveryChannel
from ._identifiers import phone
from ._meta import turn
from ._telegram_api import SOURCE
from .base import Request, Spec, Verdict
from .live import Attached, Command, Context, File, Line, Posting, Pulled, Receipt, Standing, Stream, Way

Json = dict[str, Any]
_MEDIA = ("photo", "video", "animation", "audio", "voice", "video_note", "document", "sticker", "story", "live_photo", "paid_media")
_OTHER = ("location", "venue", "poll", "dice", "game", "checklist", "giveaway", "invoice", "contact", "rich_message")
_WHOLE_UNITS = {"XTR": 0, "JPY": 0, "KRW": 0, "CLP": 0, "VND": 0, "ISK": 0, "UGX": 0}
_GONE = {"left", "kicked", "banned"}


class Telegram(DeliveryChannel):
    spec: ClassVar[Spec] = Spec(
        id="telegram", name="Telegram", icon="brand-telegram", family="webhook",
        capabilities=frozenset({"file", "webhook", "pull", "act"}), handle_kinds=("telegram", "telegram_username", "phone"),
        extensions=(".json", ".jsonl"), settings=hearing.SETTINGS, streams=(Stream(name="updates", every=60, is_live=True),),
    )

    def claims(self, delivery: Any) -> float:
        value = js.obj(delivery)
        if (isinstance(value.get("update_id"), int) and len(value) > 1) or value.get("source") == SOURCE:
            return 1.0
        if value.get("ok") is True and any("update_id" in each for each in js.objs(value.get("result"))[:1]):
            return 1.0
        return 0.85 if _is_message(value) else 0.0

    def items(self, delivery: Any, received_at: datetime) -> Iterator[Item]:
        value = js.obj(delivery)
        if value.get("source") == SOURCE:
            yield from _own(value, received_at)
        elif "update_id" in value:
            yield from _update(value, received_at)
        elif value.get("ok") is True and isinstance(value.get("result"), list):
            for update in js.objs(value["result"]):
                yield from _update(update, received_at)
        elif _is_message(value):
            yield from _message(value, received_at)
        else:
            yield js.unknown("delivery", delivery, received_at)

    def verify(self, request: Request, secrets: Mapping[str, str]) -> Verdict:
        return hearing.verified(request, secrets)

    def check(self, line: Line) -> Standing:
        return hearing.standing(line)

    def pull(self, line: Line, stream: str, cursor: str) -> Pulled:
        return hearing.look(line, cursor)

    def listen(self, line: Line, stream: str, cursor: str) -> Iterator[Pulled]:
        return hearing.held(line, cursor)

    def ways(self, about: Context, settings: Mapping[str, str], abilities: frozenset[str], now: datetime) -> tuple[Way, ...]:
        return deeds.ways(about)

    def posting(self, settings: Mapping[str, str], abilities: frozenset[str]) -> Posting | None:
        return Posting(
            longest=deeds.LONGEST, captioned=deeds.LONGEST_CAPTION, files=deeds.MOST_FILES, file_types=("",), largest_file=deeds.MOST_BYTES,
            place="channel or group",
        )  # fmt: skip

    def length(self, text: str) -> int:
        return deeds.length(text)

    def act(self, line: Line, command: Command, key: str) -> Receipt:
        return deeds.act(line, command)

    def found(self, line: Line, command: Command, key: str, since: datetime) -> Receipt | None:
        return deeds.found(command)

    def attached(self, body: Mapping[str, Any]) -> tuple[Attached, ...]:
        return files.attached(body)

    def fetch(self, line: Line, told: Attached) -> File:
        return files.fetch(line, told)


def _own(value: Json, received_at: datetime) -> Iterator[Item]:
    """What we did ourselves: messages as Telegram shows them, and deeds of which it only says that they are done."""
    for message in js.objs(value.get("sent")):
        yield from _message(message, received_at, ours=True)
    for message in js.objs(value.get("edited")):
        yield from _message(message, received_at, ours=True, edited=True)
    moment = js.when(value.get("at"), received_at)
    deleted, reacted = js.obj(value.get("deleted")), js.obj(value.get("reacted"))
    if deleted:
        key = f"{js.text(deleted.get('chat'))}:{js.text(deleted.get('message'))}"
        yield Retraction(native_id=key, happened_at=moment, object_key=key)
    if reacted:
        yield _reacted(reacted, js.text(value.get("bot")), moment)
    if not any(js.objs(value.get(name)) for name in ("sent", "edited", "deleted", "reacted")):
        yield js.unknown("own", value, received_at)


def _reacted(value: Json, bot: str, moment: datetime) -> Activity:
    target, sign, on = f"{js.text(value.get('chat'))}:{js.text(value.get('message'))}", js.text(value.get("emoji")), value.get("on") is True
    return Activity(
        verb=Verb.LIKE if on else Verb.UNDO, object_type=ObjectType.MESSAGE, native_id=f"reaction:{target}:{bot}:{sign}", op=Op.CORRECT,
        version=turn(moment, undone=not on), happened_at=moment, actor=HandleRef("telegram", bot) if bot else None, reaction=sign,
        object_key=target, thread_key=f"chat:{js.text(value.get('chat'))}", direction=Direction.OUT,
    )


def _is_message(value: Json) -> bool:
    return "message_id" in value and "date" in value and "id" in js.obj(value.get("chat"))


def _update(update: Json, received_at: datetime) -> Iterator[Item]:
    for name, reader in _READERS.items():
        if isinstance(update.get(name), dict):
            yield from reader(update[name], received_at)
            return
    kind = next((key for key in update if key != "update_id"), "empty")
    yield js.unknown(kind, update, received_at)


def person(user: Any) -> HandleRef | None:
    """A user by the number that lasts; a channel or group that speaks as itself by the chat's."""
    value = js.obj(user)
    native = js.text(value.get("id"))
    name = " ".join(js.texts([value.get("first_name"), value.get("last_name")])) or js.first(value, "title", "username")
    return HandleRef("telegram", native, name) if native else None


def _profile(user: Any, moment: datetime, number: str = "") -> Iterator[Item]:
    """The lasting number, the user name and the phone a person shared are one person's."""
    value = js.obj(user)
    handle = person(value)
    if handle is None or value.get("is_bot") is True:
        return
    name = js.text(value.get("username"))
    dialled = phone(number if number.startswith("+") else f"+{number}", "") if number else ""
    handles = [handle, *([js.username("telegram", name)] if name else []), *([HandleRef("phone", dialled)] if dialled else [])]
    language = js.text(value.get("language_code"))[:2].lower()
    traits = {"first_name": js.text(value.get("first_name")), "last_name": js.text(value.get("last_name")), "language": language}
    if len(handles) > 1 or any(traits.values()):
        yield js.fact(f"profile:{handle.value}", observed_at=moment, handles=tuple(handles), name=handle.name,
                      traits={key: found for key, found in traits.items() if found})


def _key(message: Json) -> str:
    return f"{js.text(js.at(message, 'chat', 'id'))}:{js.text(message.get('message_id'))}"


def _thread(message: Json) -> str:
    topic = js.text(message.get("message_thread_id"))
    return f"chat:{js.text(js.at(message, 'chat', 'id'))}" + (f":{topic}" if topic else "")


def _message(message: Json, received_at: datetime, *, ours: bool = False, edited: bool = False) -> Iterator[Item]:
    moment = js.when(message.get("date"), received_at)
    payment, joined = js.obj(message.get("successful_payment")), js.objs(message.get("new_chat_members"))
    if payment:
        yield _paid(payment, message, moment)
    elif joined or isinstance(message.get("left_chat_member"), dict):
        for who in joined:
            yield _came(who, message, moment, Verb.JOIN)
        if not joined:
            yield _came(js.obj(message.get("left_chat_member")), message, moment, Verb.LEAVE)
    elif js.first(message, "text", "caption") or any(message.get(kind) for kind in (*_MEDIA, *_OTHER)):
        yield _said(message, moment, received_at, ours=ours, edited=edited)
    else:
        service = next((key for key in message if key not in ("message_id", "date", "chat", "from", "sender_chat")), "empty")
        yield js.unknown(f"message.{service}", message, moment)
    if not ours:
        contact = js.obj(message.get("contact"))
        own = contact.get("user_id") is not None and contact.get("user_id") == js.at(message, "from", "id")
        yield from _profile(message.get("from"), moment, js.text(contact.get("phone_number")) if own else "")


def _said(message: Json, moment: datetime, received_at: datetime, *, ours: bool, edited: bool) -> Activity:
    chat, sender = js.obj(message.get("chat")), js.obj(message.get("from"))
    speaker = js.obj(message.get("sender_chat")) or sender
    native, changed = _key(message), js.when(message.get("edit_date"), received_at)
    reply = js.obj(message.get("reply_to_message"))
    kinds = [kind for kind in (*_MEDIA, *_OTHER) if message.get(kind)]
    written = js.first(message, "text", "caption")
    private = js.text(chat.get("type")) == "private"
    return Activity(
        verb=Verb.CREATE, object_type=ObjectType.MESSAGE if private or message.get("business_connection_id") else ObjectType.NOTE,
        native_id=native, happened_at=moment, actor=person(speaker), object_key=native,
        parent_key=_key(reply | {"chat": reply.get("chat") or chat}) if reply else "", thread_key=_thread(message), text=written,
        direction=Direction.OUT if ours else Direction.IN, is_machine=sender.get("is_bot") is True and not ours,
        op=Op.CORRECT if edited else Op.ASSERT, version=str(int(changed.timestamp())) if edited else "",
        hashtags=_hashtags(message, written),
        props={key: value for key, value in (("chat", js.text(chat.get("type"))), ("media", kinds),
                                             ("forwarded", bool(message.get("forward_origin") or message.get("forward_date"))),
                                             ("business", js.text(message.get("business_connection_id")))) if value},
        body={key: message[key] for key in ("location", "contact") if isinstance(message.get(key), dict)} | files.kept(message),
    )


def _hashtags(message: Json, written: str) -> tuple[str, ...]:
    """Tags by the places told for them, which count UTF-16 units."""
    units = written.encode("utf-16-le", "surrogatepass")
    found = []
    for entity in js.objs(message.get("entities")) + js.objs(message.get("caption_entities")):
        start, length = js.number(entity.get("offset")), js.number(entity.get("length"))
        if entity.get("type") == "hashtag" and start is not None and length is not None and 0 <= start < 10_000 and 0 < length < 500:
            piece = units[2 * int(start): 2 * int(start + length)].decode("utf-16-le", "ignore")
            found.append(piece.lstrip("#").partition("@")[0].lower())
    return tuple(dict.fromkeys(tag for tag in found if tag))


def _paid(payment: Json, message: Json, moment: datetime) -> Activity:
    currency = js.text(payment.get("currency")).upper()
    minor = js.number(payment.get("total_amount"))
    charge = js.first(payment, "provider_payment_charge_id", "telegram_payment_charge_id") or _key(message)
    return Activity(
        verb=Verb.PURCHASE, object_type=ObjectType.ORDER, native_id=f"payment:{charge}", happened_at=moment,
        actor=person(message.get("from")), amount=Decimal(int(minor)).scaleb(-_WHOLE_UNITS.get(currency, 2)) if minor is not None else None,
        currency=currency, object_key=charge, thread_key=_thread(message), props={"payload": js.text(payment.get("invoice_payload"))},
    )


def _came(who: Json, message: Json, moment: datetime, verb: Verb) -> Activity:
    handle = person(who)
    return Activity(
        verb=verb, object_type=ObjectType.PROFILE, native_id=f"{_key(message)}:{verb}:{handle.value if handle else ''}", happened_at=moment,
        actor=handle, object_key=js.text(js.at(message, "chat", "id")), thread_key=_thread(message), is_machine=who.get("is_bot") is True,
    )


def _reaction(value: Json, received_at: datetime) -> Iterator[Item]:
    """Reactions before and after: those gone are undone, those new are likes."""
    moment = js.when(value.get("date"), received_at)
    actor = person(value.get("user")) or person(value.get("actor_chat"))
    before, after = (_signs(value.get(key)) for key in ("old_reaction", "new_reaction"))
    target = _key(value)
    changes = [(sign, Verb.UNDO) for sign in before if sign not in after]
    changes += [(sign, Verb.LIKE) for sign in after if sign not in before]
    for sign, verb in changes:
        yield Activity(
            verb=verb, object_type=ObjectType.MESSAGE, native_id=f"reaction:{target}:{actor.value if actor else ''}:{sign}",
            op=Op.CORRECT, version=turn(moment, undone=verb is Verb.UNDO), happened_at=moment, actor=actor, reaction=sign,
            object_key=target, thread_key=_thread(value),
        )
    if not changes:
        yield js.unknown("message_reaction", value, moment)
    yield from _profile(value.get("user"), moment)


def _signs(value: Any) -> list[str]:
    return [sign for each in js.objs(value) if (sign := js.first(each, "emoji", "custom_emoji_id", "type"))]


def _pressed(value: Json, received_at: datetime) -> Iterator[Item]:
    """A button below a message of ours was pressed."""
    message = js.obj(value.get("message"))
    yield Activity(
        verb=Verb.TRACK, object_type=ObjectType.LINK, native_id=f"callback:{js.text(value.get('id'))}", happened_at=received_at,
        actor=person(value.get("from")), event_name="callback",
        object_key=_key(message) if message else js.text(value.get("inline_message_id")),
        thread_key=_thread(message) if message else "", props={"data": js.text(value.get("data"))} if value.get("data") else {},
    )
    yield from _profile(value.get("from"), received_at)


def _membership(value: Json, received_at: datetime) -> Iterator[Item]:
    """Someone came or went; in a private chat: the person blocked the bot or let it write again."""
    moment = js.when(value.get("date"), received_at)
    old, new = (js.text(js.at(value, key, "status")) for key in ("old_chat_member", "new_chat_member"))
    who = person(js.at(value, "new_chat_member", "user"))
    left, stamp = new in _GONE, str(int(moment.timestamp()))
    if js.text(js.at(value, "chat", "type")) == "private" and js.at(value, "new_chat_member", "user", "is_bot") is True:
        yield from _permitted(value, moment, stamp, blocked=left)
    elif (old in _GONE) != left:
        yield Activity(
            verb=Verb.LEAVE if left else Verb.JOIN, object_type=ObjectType.PROFILE, happened_at=moment, actor=who,
            native_id=f"member:{js.text(js.at(value, 'chat', 'id'))}:{who.value if who else ''}:{stamp}", event_name=new,
            object_key=js.text(js.at(value, "chat", "id")), thread_key=_thread(value),
        )
    else:
        yield js.unknown("chat_member", value, moment)
    yield from _profile(value.get("from"), moment)


def _permitted(value: Json, moment: datetime, stamp: str, *, blocked: bool) -> Iterator[Item]:
    actor = person(value.get("from"))
    native = f"permission:{actor.value if actor else ''}:{stamp}"
    yield Activity(
        verb=Verb.REVOKE if blocked else Verb.GRANT, object_type=ObjectType.PURPOSE, native_id=native, happened_at=moment, actor=actor,
        event_name="bot blocked" if blocked else "bot allowed", thread_key=_thread(value),
    )
    if actor and blocked:
        yield js.fact(native, observed_at=moment, handles=(actor,),
                      consents=(ConsentFact(Permit.WITHDRAWN, channel="telegram", at=moment, evidence="bot blocked"),))


def _answered(value: Json, received_at: datetime) -> Iterator[Item]:
    voter = js.obj(value.get("user")) or js.obj(value.get("voter_chat"))
    poll, chosen = js.text(value.get("poll_id")), js.texts(value.get("option_ids"))
    who = person(voter)
    yield Activity(
        verb=Verb.CREATE if chosen else Verb.UNDO, object_type=ObjectType.ANSWER,
        native_id=f"poll:{poll}:{who.value if who else ''}:{','.join(chosen)}",
        happened_at=received_at, actor=who, object_key=poll, props={"options": list(chosen)},
    )
    yield from _profile(voter, received_at)


def _removed(value: Json, received_at: datetime) -> Iterator[Item]:
    chat = js.text(js.at(value, "chat", "id"))
    for native in js.texts(value.get("message_ids")):
        yield Retraction(native_id=f"{chat}:{native}", happened_at=received_at, object_key=f"{chat}:{native}")


_Reader = Callable[[Json, datetime], Iterator[Item]]
_READERS: dict[str, _Reader] = {
    "message": _message, "edited_message": lambda value, at: _message(value, at, edited=True),
    "business_message": _message, "edited_business_message": lambda value, at: _message(value, at, edited=True),
    "channel_post": lambda value, at: _message(value, at, ours=True),
    "edited_channel_post": lambda value, at: _message(value, at, ours=True, edited=True),
    "deleted_business_messages": _removed, "message_reaction": _reaction, "callback_query": _pressed, "my_chat_member": _membership,
    "chat_member": _membership, "poll_answer": _answered,
}

channel = Telegram()
