"""What Mastodon says, as items of the log: statuses, notifications single and grouped, events of a stream, and our own reactions."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from vincle.vocabulary import Activity, Fact, HandleRef, Item, ObjectType, Op, Retraction, Verb

from . import _json as js
from ._identifiers import url
from ._text import plain
from .base import FileError

Json = dict[str, Any]
OVERHEARD = "overheard"
"""Marks a status that strangers wrote and that does not speak to us."""
EVENTS = {
    "update",
    "status.update",
    "delete",
    "notification",
    "conversation",
    "filters_changed",
    "announcement",
    "announcement.reaction",
    "announcement.delete",
    "encrypted_message",
}


def is_status(value: Json) -> bool:
    return "visibility" in value and "content" in value and "acct" in js.obj(value.get("account"))


def is_notification(value: Json) -> bool:
    typed = isinstance(value.get("type"), str) and "created_at" in value and "content" not in value
    return typed and "acct" in js.obj(value.get("account"))


def person(account: Any) -> HandleRef | None:
    """The account as `user@server`. A local one is told without its server, which its address then names."""
    value = js.obj(account)
    acct = js.first(value, "acct", "username").strip().removeprefix("@")
    if not acct:
        return None
    if "@" not in acct:
        try:
            host = urlsplit(js.first(value, "url", "uri")).netloc
        except ValueError:
            host = ""
        acct = f"{acct}@{host}" if host else acct
    return HandleRef("mastodon", acct.lower(), js.text(value.get("display_name")) or js.text(value.get("username")))


def profile(account: Any, seen_at: datetime) -> Fact | None:
    """What an account says of itself."""
    value = js.obj(account)
    handle = person(value)
    if handle is None:
        return None
    links = [link for field in js.objs(value.get("fields")) if (link := url(plain(js.text(field.get("value")))))]
    followers = js.number(value.get("followers_count"))
    traits: Json = {"bio": plain(js.text(value.get("note"))), "avatar": url(js.text(value.get("avatar"))), "website": next(iter(links), "")}
    if followers is not None:
        traits["followers"] = int(followers)
    return js.fact(
        f"profile:{handle.value}",
        observed_at=seen_at,
        handles=(handle,),
        name=handle.name,
        traits={key: found for key, found in traits.items() if found != ""},
    )


def status_items(status: Json, received_at: datetime, kind: ObjectType = ObjectType.NOTE, **fields: Any) -> Iterator[Item]:
    """A post, reply or boost. What is for named people only is a message, not a public word: part of the talk with one of them."""
    native = js.text(status.get("id"))
    if not native:
        yield js.unknown("status", status, received_at)
        return
    account, boosted = js.obj(status.get("account")), js.obj(status.get("reblog"))
    reply, seen_by = js.text(status.get("in_reply_to_id")), js.text(status.get("visibility"))
    media = [js.text(each.get("type")) for each in js.objs(status.get("media_attachments"))]
    warning = plain(js.text(status.get("spoiler_text")))
    other = _addressee(status) if seen_by == "direct" else None
    shape: Json = {
        "verb": Verb.ANNOUNCE if boosted else Verb.CREATE,
        "native_id": native,
        "happened_at": js.when(status.get("created_at"), received_at),
        "object_type": ObjectType.MESSAGE if seen_by == "direct" else kind,
        "actor": person(account),
        "target": other,
        "is_machine": account.get("bot") is True,
        "object_key": js.text(boosted.get("id")) or native,
        "parent_key": reply,
        "thread_key": "" if other else reply or native,
        "url": url(js.first(status, "url", "uri")),
        "language": js.text(status.get("language"))[:2].lower(),
        "hashtags": tuple(dict.fromkeys(js.text(tag.get("name")).lower() for tag in js.objs(status.get("tags")) if tag.get("name"))),
        "text": plain(js.text(status.get("content"))),
        "title": warning,
        "props": {
            key: value
            for key, value in (
                ("visibility", seen_by if seen_by != "public" else ""),
                ("media", media),
                ("likes", _count(status, "favourites_count")),
                ("reposts", _count(status, "reblogs_count")),
                ("poll", isinstance(status.get("poll"), dict)),
                (OVERHEARD, status.get(OVERHEARD) is True),
                ("quotes", js.text(js.at(status, "quote", "quoted_status", "id"))),
            )
            if value
        },
        "body": {"to": to.value} if (to := person(boosted.get("account")) if boosted else _replied_to(status)) else {},
    }
    yield Activity(**(shape | fields))


def _replied_to(status: Json) -> HandleRef | None:
    """The author replied to, where the mentions name that account."""
    native = js.text(status.get("in_reply_to_account_id"))
    named = js.objs(status.get("mentions"))
    found = next((each for each in named if js.text(each.get("id")) == native), None) if native else None
    return person(found)


def _addressee(status: Json) -> HandleRef | None:
    """Whom a message is for: who is answered, else the first who is named and did not write it."""
    author = js.text(js.at(status, "account", "id"))
    others = [each for each in js.objs(status.get("mentions")) if js.text(each.get("id")) != author]
    answered = _replied_to(status)
    return answered if answered is not None and answered != person(status.get("account")) else person(next(iter(others), None))


def _count(status: Json, key: str) -> int:
    return int(js.number(status.get(key)) or 0)


def notification(value: Json, received_at: datetime) -> Iterator[Item]:
    """What someone did towards our account, and who that is."""
    moment = js.when(value.get("created_at"), received_at)
    yield from _towards_us(js.text(value.get("type")), value, js.obj(value.get("account")), js.obj(value.get("status")), moment)
    if fact := profile(value.get("account"), moment):
        yield fact


def _towards_us(kind: str, value: Json, account: Json, status: Json, moment: datetime) -> Iterator[Item]:
    who = person(account)
    name, about = who.value if who else "", js.text(status.get("id"))
    common: Json = {"happened_at": moment, "actor": who, "is_machine": account.get("bot") is True}
    if kind in ("mention", "quote") and status:
        yield from status_items(status, moment, ObjectType.MENTION)
    elif kind == "status" and status:
        yield from status_items(status, moment)
    elif kind == "update" and status:
        yield from _edited(status, moment)
    elif kind == "follow":
        yield Activity(
            verb=Verb.FOLLOW, object_type=ObjectType.PROFILE, native_id=f"follow:{name}", version=js.text(value.get("id")), **common
        )
    elif kind in ("favourite", "reaction", "pleroma:emoji_reaction") and about:
        sign = js.first(value, "emoji", "name") or "like"
        yield Activity(
            verb=Verb.LIKE,
            object_type=ObjectType.NOTE,
            native_id=f"reaction:{about}:{name}:{sign}",
            object_key=about,
            reaction=sign,
            version=js.text(value.get("id")),
            thread_key=about,
            **common,
        )
    elif kind == "reblog" and about:
        yield Activity(
            verb=Verb.ANNOUNCE,
            object_type=ObjectType.NOTE,
            native_id=f"reblog:{about}:{name}",
            object_key=about,
            version=js.text(value.get("id")),
            thread_key=about,
            **common,
        )
    else:
        yield js.unknown(f"notification.{kind}", value, moment)


def taken_back(value: Json, received_at: datetime) -> Iterator[Item]:
    """A reaction that we took back: servers tell nobody of it."""
    who, about = person(value.get("account")), js.text(js.at(value, "status", "id"))
    if who is None or not about or value.get("event") != "unfavourite":
        yield js.unknown("vincle", value, received_at)
        return
    yield Activity(
        verb=Verb.UNDO,
        object_type=ObjectType.NOTE,
        native_id=f"reaction:{about}:{who.value}:like",
        op=Op.CORRECT,
        version=js.text(value.get("id")),
        happened_at=js.when(value.get("created_at"), received_at),
        actor=who,
        object_key=about,
        thread_key=about,
        event_name="like",
    )


def _edited(status: Json, moment: datetime) -> Iterator[Item]:
    version = js.text(status.get("edited_at")) or moment.isoformat()
    yield from status_items(status, moment, op=Op.CORRECT, version=version)


def groups(value: Json, received_at: datetime) -> Iterator[Item]:
    """Grouped notifications: the accounts and statuses stand apart and are named by their ids."""
    accounts = {js.text(each.get("id")): each for each in js.objs(value.get("accounts"))}
    statuses = {js.text(each.get("id")): each for each in js.objs(value.get("statuses"))}
    for group in js.objs(value.get("notification_groups")):
        moment = js.when(group.get("latest_page_notification_at"), received_at)
        kind, status = js.text(group.get("type")), statuses.get(js.text(group.get("status_id")), {})
        known = [accounts[native] for native in js.texts(group.get("sample_account_ids")) if native in accounts]
        for account in known:
            yield from _towards_us(kind, {"group": js.text(group.get("group_key"))}, account, status, moment)
        if not known:
            yield js.unknown(f"notification_group.{kind}", group, moment)
    for account in accounts.values():
        if fact := profile(account, received_at):
            yield fact


def streamed(value: Json, received_at: datetime) -> Iterator[Item]:
    """An event of a stream; its payload is JSON within JSON, or a bare id."""
    event, payload = js.text(value.get("event")), value.get("payload")
    inner = payload
    if isinstance(payload, str) and payload.startswith("{"):
        try:
            inner = js.load_text(payload)
        except FileError:
            inner = None
    content = js.obj(inner)
    if event == "delete" and js.text(payload):
        native = js.text(payload)
        yield Retraction(native_id=native, happened_at=received_at, object_key=native)
    elif event == "update" and is_status(content):
        yield from status_items(content, received_at)
    elif event == "status.update" and is_status(content):
        yield from _edited(content, received_at)
    elif event == "notification" and is_notification(content):
        yield from notification(content, received_at)
    elif event == "conversation" and isinstance(content.get("last_status"), dict):
        yield from status_items(content["last_status"], received_at)
    else:
        yield js.unknown(f"stream.{event}", value, received_at)
