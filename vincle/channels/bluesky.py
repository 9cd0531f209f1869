"""Bluesky: Jetstream frames and lists of notifications. People are their DIDs; deletions come as markers."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

from vincle.vocabulary import Activity, Fact, HandleRef, Item, ObjectType, Op, Retraction, Verb

from . import _json as js
from ._deliveries import DeliveryChannel
from ._identifiers import url
from .base import Spec

Json = dict[str, Any]
_POST, _LIKE, _REPOST = "app.bsky.feed.post", "app.bsky.feed.like", "app.bsky.feed.repost"
_FOLLOW, _PROFILE = "app.bsky.graph.follow", "app.bsky.actor.profile"
_UNDOABLE = {_LIKE: ObjectType.NOTE, _REPOST: ObjectType.NOTE, _FOLLOW: ObjectType.PROFILE}


class Bluesky(DeliveryChannel):
    spec: ClassVar[Spec] = Spec(
        id="bluesky", name="Bluesky", icon="brand-bluesky", family="webhook", capabilities=frozenset({"file", "webhook"}),
        handle_kinds=("bluesky", "bluesky_username"), extensions=(".json", ".jsonl"),
    )

    def claims(self, delivery: Any) -> float:
        value = js.obj(delivery)
        if js.text(value.get("did")).startswith("did:") and ("time_us" in value or "kind" in value or "commit" in value):
            return 1.0
        return 0.95 if any(_is_notification(each) for each in js.objs(value.get("notifications"))[:1]) else 0.0

    def items(self, delivery: Any, received_at: datetime) -> Iterator[Item]:
        value = js.obj(delivery)
        moment, kind = js.when(value.get("time_us"), received_at), js.text(value.get("kind"))
        if kind == "commit" and isinstance(value.get("commit"), dict):
            yield from _commit(js.text(value.get("did")), value["commit"], value, moment)
        elif kind == "identity" and js.text(js.at(value, "identity", "handle")):
            yield _identity(js.obj(value.get("identity")), js.text(value.get("did")), moment)
        elif kind == "account":
            yield from _account(js.obj(value.get("account")), value, moment)
        elif "notifications" in value:
            for each in js.objs(value.get("notifications")):
                yield from _notification(each, received_at)
        else:
            yield js.unknown(kind or "frame", delivery, moment)


def _is_notification(value: Json) -> bool:
    return "reason" in value and js.text(value.get("uri")).startswith("at://")


def _person(did: str, name: str = "") -> HandleRef | None:
    return HandleRef("bluesky", did, name) if did.startswith("did:") else None


def _commit(did: str, commit: Json, frame: Json, moment: datetime) -> Iterator[Item]:
    kind, operation = js.text(commit.get("collection")), js.text(commit.get("operation"))
    native = f"at://{did}/{kind}/{js.text(commit.get('rkey'))}"
    version = js.text(commit.get("rev")) or js.text(commit.get("cid"))
    actor = _person(did)
    if operation == "delete" and kind == _POST:
        yield Retraction(native_id=native, happened_at=moment, object_key=native)
    elif operation == "delete" and kind in _UNDOABLE:
        yield Activity(verb=Verb.UNDO, object_type=_UNDOABLE[kind], native_id=native, op=Op.CORRECT, version=version,
                       happened_at=moment, actor=actor, event_name=kind.rpartition(".")[2])
    elif operation in ("create", "update") and isinstance(commit.get("record"), dict):
        known = _record(kind, commit["record"], native, actor, moment, version if operation == "update" else "")
        yield known or js.unknown(f"{kind}.{operation}", frame, moment)
    else:
        yield js.unknown(f"{kind}.{operation}", frame, moment)


def _record(kind: str, record: Json, native: str, actor: HandleRef | None, moment: datetime, edited: str) -> Item | None:
    """A record by its collection. The writer's clock counts unless it runs ahead of the stream."""
    told = min(js.when(record.get("createdAt"), moment), moment)
    op = Op.CORRECT if edited else Op.ASSERT
    if kind == _POST:
        return _post(record, native, actor, told, op, edited)
    if kind == _PROFILE and actor is not None:
        return js.fact(f"profile:{actor.value}", observed_at=moment, handles=(actor,), name=js.text(record.get("displayName")),
                       traits={"bio": js.text(record.get("description"))} if record.get("description") else {})
    subject = js.text(js.at(record, "subject", "uri"))
    if kind in (_LIKE, _REPOST) and subject:
        via = js.text(js.at(record, "via", "uri"))
        return Activity(
            verb=Verb.LIKE if kind == _LIKE else Verb.ANNOUNCE, object_type=ObjectType.NOTE, native_id=native, happened_at=told,
            actor=actor, object_key=subject, thread_key=subject, op=op, version=edited,
            reaction="like" if kind == _LIKE else "", props={"via": via} if via else {},
        )
    followed = js.text(record.get("subject"))
    if kind == _FOLLOW and followed:
        return Activity(verb=Verb.FOLLOW, object_type=ObjectType.PROFILE, native_id=native, happened_at=told, actor=actor,
                        object_key=followed, op=op, version=edited)
    return None


def _post(record: Json, native: str, actor: HandleRef | None, moment: datetime, op: Op, version: str) -> Activity:
    parent, root = js.text(js.at(record, "reply", "parent", "uri")), js.text(js.at(record, "reply", "root", "uri"))
    features = [each for facet in js.objs(record.get("facets")) for each in js.objs(facet.get("features"))]
    tags = [js.text(each.get("tag")) for each in features] + list(js.texts(record.get("tags")))
    mentioned = [did for each in features if (did := js.text(each.get("did")))]
    embed = js.obj(record.get("embed"))
    media = js.obj(embed.get("media")) or embed
    links = [link for each in features if (link := url(js.text(each.get("uri"))))]
    quoted = js.text(js.at(embed, "record", "uri")) or js.text(js.at(embed, "record", "record", "uri"))
    return Activity(
        verb=Verb.CREATE, object_type=ObjectType.NOTE, native_id=native, happened_at=moment, actor=actor, op=op, version=version,
        object_key=native, parent_key=parent,
        thread_key=root or native, url=_page(native), language=next(iter(js.texts(record.get("langs"))), "")[:2].lower(),
        hashtags=tuple(dict.fromkeys(tag.lower() for tag in tags if tag)), text=js.text(record.get("text")),
        props={key: value for key, value in (
            ("images", len(js.objs(media.get("images")))), ("video", "video" in media), ("quotes", quoted), ("mentions", mentioned),
            ("link", url(js.text(js.at(media, "external", "uri"))) or next(iter(links), "")),
        ) if value},
    )


def _page(native: str) -> str:
    did, _, rest = native.removeprefix("at://").partition("/")
    return f"https://bsky.app/profile/{did}/post/{rest.rpartition('/')[2]}"


def _identity(identity: Json, did: str, moment: datetime) -> Fact:
    """The user name now bound to a DID."""
    owner = js.text(identity.get("did")) or did
    return js.fact(f"identity:{owner}", observed_at=js.when(identity.get("time"), moment),
                   handles=(HandleRef("bluesky", owner), js.username("bluesky", js.text(identity.get("handle")))))


def _account(account: Json, frame: Json, moment: datetime) -> Iterator[Item]:
    """An account was closed or hidden: all of it is taken back."""
    owner = js.text(account.get("did")) or js.text(frame.get("did"))
    if account.get("active") is False:
        yield Retraction(native_id=f"at://{owner}", happened_at=js.when(account.get("time"), moment), object_key=owner,
                         reason=f"account {js.text(account.get('status')) or 'inactive'}", version=js.text(account.get("seq")))
    else:
        yield js.unknown("account.active", frame, moment)


def _notification(value: Json, received_at: datetime) -> Iterator[Item]:
    moment = js.when(value.get("indexedAt"), received_at)
    author, record = js.obj(value.get("author")), js.obj(value.get("record"))
    actor = _person(js.text(author.get("did")), js.first(author, "displayName", "handle"))
    native = js.text(value.get("uri"))
    kind = js.text(record.get("$type")) or next((part for part in native.split("/") if part.startswith("app.bsky.")), "")
    known = _record(kind, record, native, actor, moment, "")
    yield known or js.unknown(f"notification.{js.text(value.get('reason'))}", value, moment)
    name = js.text(author.get("handle"))
    if actor and name:
        yield js.fact(f"identity:{actor.value}", observed_at=moment, handles=(actor, js.username("bluesky", name)),
                      name=js.text(author.get("displayName")))


channel = Bluesky()
