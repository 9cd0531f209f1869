"""What Bluesky says, as items of the log: frames of the live stream and notifications."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from vincle.vocabulary import Activity, Fact, HandleRef, Item, ObjectType, Op, Retraction, Verb

from . import _json as js
from ._identifiers import url

Json = dict[str, Any]
_POST, _LIKE, _REPOST = "app.bsky.feed.post", "app.bsky.feed.like", "app.bsky.feed.repost"
_FOLLOW, _PROFILE = "app.bsky.graph.follow", "app.bsky.actor.profile"
_UNDOABLE = {_LIKE: ObjectType.NOTE, _REPOST: ObjectType.NOTE, _FOLLOW: ObjectType.PROFILE}


def is_notification(value: Json) -> bool:
    return "reason" in value and js.text(value.get("uri")).startswith("at://")


def _person(did: str, name: str = "") -> HandleRef | None:
    return HandleRef("bluesky", did, name) if did.startswith("did:") else None


def commit_items(did: str, commit: Json, frame: Json, moment: datetime) -> Iterator[Item]:
    kind, operation = js.text(commit.get("collection")), js.text(commit.get("operation"))
    native = f"at://{did}/{kind}/{js.text(commit.get('rkey'))}"
    version = js.text(commit.get("rev")) or js.text(commit.get("cid"))
    actor = _person(did)
    if operation == "delete" and kind == _POST:
        yield Retraction(native_id=native, happened_at=moment, object_key=native)
    elif operation == "delete" and kind in _UNDOABLE:
        yield Activity(
            verb=Verb.UNDO,
            object_type=_UNDOABLE[kind],
            native_id=native,
            op=Op.CORRECT,
            version=version,
            happened_at=moment,
            actor=actor,
            event_name=kind.rpartition(".")[2],
        )
    elif operation in ("create", "update") and isinstance(commit.get("record"), dict):
        cid = js.text(commit.get("cid"))
        known = _record(kind, commit["record"], native, actor, moment, (cid or version) if operation == "update" else "", cid)
        yield known or js.unknown(f"{kind}.{operation}", frame, moment)
    else:
        yield js.unknown(f"{kind}.{operation}", frame, moment)


def _record(kind: str, record: Json, native: str, actor: HandleRef | None, moment: datetime, edited: str, cid: str) -> Item | None:
    """A record by its collection. The writer's clock counts unless it runs ahead of the stream."""
    told = min(js.when(record.get("createdAt"), moment), moment)
    op = Op.CORRECT if edited else Op.ASSERT
    if kind == _POST:
        return _post(record, native, actor, told, op, edited, cid)
    if kind == _PROFILE and actor is not None:
        return js.fact(
            f"profile:{actor.value}",
            observed_at=moment,
            handles=(actor,),
            name=js.text(record.get("displayName")),
            traits={"bio": js.text(record.get("description"))} if record.get("description") else {},
        )
    subject = js.text(js.at(record, "subject", "uri"))
    if kind in (_LIKE, _REPOST) and subject:
        via = js.text(js.at(record, "via", "uri"))
        return Activity(
            verb=Verb.LIKE if kind == _LIKE else Verb.ANNOUNCE,
            object_type=ObjectType.NOTE,
            native_id=native,
            happened_at=told,
            actor=actor,
            object_key=subject,
            thread_key=subject,
            op=op,
            version=edited,
            reaction="like" if kind == _LIKE else "",
            props={"via": via} if via else {},
        )
    followed = js.text(record.get("subject"))
    if kind == _FOLLOW and followed:
        return Activity(
            verb=Verb.FOLLOW,
            object_type=ObjectType.PROFILE,
            native_id=native,
            happened_at=told,
            actor=actor,
            object_key=followed,
            op=op,
            version=edited,
        )
    return None


def _post(record: Json, native: str, actor: HandleRef | None, moment: datetime, op: Op, version: str, cid: str) -> Activity:
    parent, root = js.text(js.at(record, "reply", "parent", "uri")), js.text(js.at(record, "reply", "root", "uri"))
    features = [each for facet in js.objs(record.get("facets")) for each in js.objs(facet.get("features"))]
    tags = [js.text(each.get("tag")) for each in features] + list(js.texts(record.get("tags")))
    mentioned = [did for each in features if (did := js.text(each.get("did")))]
    embed = js.obj(record.get("embed"))
    media = js.obj(embed.get("media")) or embed
    links = [link for each in features if (link := url(js.text(each.get("uri"))))]
    quoted = js.text(js.at(embed, "record", "uri")) or js.text(js.at(embed, "record", "record", "uri"))
    return Activity(
        verb=Verb.CREATE,
        object_type=ObjectType.NOTE,
        native_id=native,
        happened_at=moment,
        actor=actor,
        op=op,
        version=version,
        object_key=native,
        parent_key=parent,
        thread_key=root or native,
        url=_page(native),
        language=next(iter(js.texts(record.get("langs"))), "")[:2].lower(),
        hashtags=tuple(dict.fromkeys(tag.lower() for tag in tags if tag)),
        text=js.text(record.get("text")),
        props={
            key: value
            for key, value in (
                ("cid", cid),
                ("root_cid", js.text(js.at(record, "reply", "root", "cid"))),
                ("images", len(js.objs(media.get("images")))),
                ("video", "video" in media),
                ("quotes", quoted),
                ("mentions", mentioned),
                ("link", url(js.text(js.at(media, "external", "uri"))) or next(iter(links), "")),
            )
            if value
        },
    )


def _page(native: str) -> str:
    did, _, rest = native.removeprefix("at://").partition("/")
    return f"https://bsky.app/profile/{did}/post/{rest.rpartition('/')[2]}"


def identity_fact(identity: Json, did: str, moment: datetime) -> Fact:
    """The user name now bound to a DID."""
    owner = js.text(identity.get("did")) or did
    return js.fact(
        f"identity:{owner}",
        observed_at=js.when(identity.get("time"), moment),
        handles=(HandleRef("bluesky", owner), js.username("bluesky", js.text(identity.get("handle")))),
    )


def account_items(account: Json, frame: Json, moment: datetime) -> Iterator[Item]:
    """An account was closed or hidden: all of it is taken back."""
    owner = js.text(account.get("did")) or js.text(frame.get("did"))
    if account.get("active") is False:
        yield Retraction(
            native_id=f"at://{owner}",
            happened_at=js.when(account.get("time"), moment),
            object_key=owner,
            reason=f"account {js.text(account.get('status')) or 'inactive'}",
            version=js.text(account.get("seq")),
        )
    else:
        yield js.unknown("account.active", frame, moment)


def notification_items(value: Json, received_at: datetime) -> Iterator[Item]:
    moment = js.when(value.get("indexedAt"), received_at)
    author, record = js.obj(value.get("author")), js.obj(value.get("record"))
    actor = _person(js.text(author.get("did")), js.first(author, "displayName", "handle"))
    native = js.text(value.get("uri"))
    kind = js.text(record.get("$type")) or next((part for part in native.split("/") if part.startswith("app.bsky.")), "")
    known = _record(kind, record, native, actor, moment, "", js.text(value.get("cid")))
    yield known or js.unknown(f"notification.{js.text(value.get('reason'))}", value, moment)
    name = js.text(author.get("handle"))
    if actor and name:
        yield js.fact(
            f"identity:{actor.value}",
            observed_at=moment,
            handles=(actor, js.username("bluesky", name)),
            name=js.text(author.get("displayName")),
        )
