"""The files of a Facebook or Instagram download, each told by its shape, and what their items say."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from vincle.vocabulary import Activity, Direction, HandleRef, Item, ObjectType, Verb, Warn

from . import _json as js
from ._identifiers import fold, url
from ._text import repair_mojibake

Json = dict[str, Any]
_ACTS = ("commented on|replied to|likes|liked|reacted to|wrote on|shared|updated|added|posted|was|is|went|checked in|published|created|"
         "changed|uploaded|recommends|saved|voted|played|used")
_TITLE = re.compile(rf"^(?P<who>.{{1,120}}?) (?P<act>{_ACTS})\b(?P<rest>.*)$", re.DOTALL)
_WHOSE = re.compile(r"^ (?P<who>.{1,120}?)['’]s? (?!own\b)\w+")
_NOBODY = re.compile(r"^(?:his|her|their|your|its|a|an|the|this)\b", re.IGNORECASE)
_TAGS = re.compile(r"#(\w{2,100})")


class Archive(Struct):
    """What is known of the whole download: the network, and the owner's name where it is told."""

    network: str
    owner: str
    now: datetime
    seen: dict[str, int]

    def native(self, *parts: Any) -> str:
        """Downloads give no ids: equal content has equal ids, its repetitions are numbered."""
        name = f"{self.network}:{js.digest(*parts)}"
        self.seen[name] = self.seen.get(name, 0) + 1
        return name if self.seen[name] == 1 else f"{name}:{self.seen[name]}"

    def named(self, name: str) -> HandleRef | None:
        """Someone known only by the name shown."""
        return HandleRef(f"{self.network}_name", fold(name), name.strip()) if fold(name) else None


Result = Iterator[Item | Warn]
_Reader = Callable[[Json, Archive, int], Result]


def repaired(value: Any) -> Any:
    """Every text of a file, its UTF-8 that was written as Latin-1 put right."""
    if isinstance(value, str):
        return repair_mojibake(value)
    if isinstance(value, list):
        return [repaired(item) for item in value]
    if isinstance(value, dict):
        return {repaired(key): repaired(item) for key, item in value.items()}
    return value


def kind_of(value: Any) -> str:
    """Which file of a download this is, or ''."""
    if isinstance(value, dict):
        named = next((key for key in _READERS if isinstance(value.get(key), list)), "")
        if named == "messages":
            return named if isinstance(value.get("participants"), list) else ""
        if named in ("comments", "reactions"):
            return named if all("timestamp" in each and "data" in each for each in js.objs(value[named])[:3]) else ""
        return named or ("profile" if "profile_v2" in value or "profile_user" in value else "")
    first = next(iter(js.objs(value)), {}) if isinstance(value, list) else {}
    if "string_list_data" in first:
        return "relationships_followers"
    if "string_map_data" in first:
        return "comments_media_comments"
    media = first.get("media")
    if isinstance(media, list) and ("creation_timestamp" in first or "creation_timestamp" in js.obj(next(iter(media), {}))):
        return "media_posts"
    if "timestamp" in first and isinstance(first.get("data"), list):
        return "reactions_v2" if "reaction" in js.obj(next(iter(first["data"]), {})) else "posts"
    return ""


def network_of(kind: str) -> str:
    """The network a kind of file belongs to; messages look alike on both."""
    return "instagram" if kind in _INSTAGRAM else "facebook"


def owner_of(value: Any) -> str:
    """The owner's name from the profile file."""
    facebook = js.text(js.at(value, "profile_v2", "name", "full_name"))
    for user in js.objs(js.obj(value).get("profile_user")):
        data = js.obj(user.get("string_map_data"))
        facebook = facebook or js.text(js.at(data, "Name", "value")) or js.text(js.at(data, "Username", "value"))
    return facebook


def teller(value: Any) -> str:
    """The name that every title of a file begins with: its owner."""
    lists = [value] if isinstance(value, list) else [found for found in js.obj(value).values() if isinstance(found, list)]
    titles = [js.text(item.get("title")) for each in lists for item in js.objs(each)]
    names = {told["who"] for title in titles if (told := _TITLE.match(title))}
    return names.pop() if len(names) == 1 else ""


def read(value: Any, kind: str, archive: Archive) -> Result:
    """The items of one file."""
    if kind == "messages":
        yield from _conversation(js.obj(value), archive)
        return
    items = js.objs(js.obj(value).get(kind)) if isinstance(value, dict) else js.objs(value)
    for place, item in enumerate(items, 1):
        yield from _READERS[kind](item, archive, place)


def _attached(item: Json) -> Iterator[Json]:
    for attachment in js.objs(item.get("attachments")):
        yield from js.objs(attachment.get("data"))


def _carried(item: Json) -> tuple[ObjectType, str, Json]:
    """What hangs on a post or comment: its kind, its link, and the rest for the eye."""
    kind, link = ObjectType.NOTE, ""
    body: list[Json] = []
    for each in _attached(item):
        media, event = js.obj(each.get("media")), js.obj(each.get("event"))
        address = js.text(js.at(each, "external_context", "url"))
        if media:
            path = js.text(media.get("uri"))
            kind = ObjectType.VIDEO if path.endswith((".mp4", ".mov")) else ObjectType.IMAGE if kind is ObjectType.NOTE else kind
            body.append({"type": "media", "uri": path})
        elif event:
            kind = ObjectType.EVENT
            body.append({"type": "event", "name": js.text(event.get("name"))})
        elif address:
            link = link or url(address)
            body.append({"type": "link", "url": address})
        elif each.get("place"):
            body.append({"type": "place", "name": js.text(js.at(each, "place", "name"))})
    return kind, link, {"attachments": body} if body else {}


def _people(item: Json, archive: Archive, author: str = "") -> tuple[HandleRef | None, str, HandleRef | None]:
    """Who did what to whose thing, as the title of an item tells it in English."""
    told = _TITLE.match(js.text(item.get("title")))
    if not told:
        return archive.named(author or archive.owner), "", None
    whose = _WHOSE.match(told["rest"])
    other = whose["who"].strip() if whose else ""
    target = archive.named(other) if other and not _NOBODY.match(other) else None
    return archive.named(author or told["who"]), told["act"], target


def _hashtags(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag.lower() for tag in _TAGS.findall(text)))


def _post(item: Json, archive: Archive, place: int) -> Result:
    text = "\n".join(words for data in js.objs(item.get("data")) if (words := js.text(data.get("post"))))
    kind, link, body = _carried(item)
    if not text and not body:
        yield Warn(line=place, code="empty_item", field="posts", detail=js.text(item.get("title"))[:200])
        return
    actor, act, target = _people(item, archive)
    moment = js.when(item.get("timestamp"), archive.now)
    edited = next((js.text(data.get("update_timestamp")) for data in js.objs(item.get("data")) if data.get("update_timestamp")), "")
    native = archive.native("post", item.get("timestamp"), text, body)
    yield Activity(
        verb=Verb.ANNOUNCE if act == "shared" else Verb.CREATE, object_type=ObjectType.NOTE if kind is ObjectType.IMAGE and text else kind,
        native_id=native, object_key=native, thread_key=native, happened_at=moment, actor=actor, target=target,
        direction=Direction.OUT, url=link, text=text, title=js.text(item.get("title")), hashtags=_hashtags(text), body=body,
        props={"edited": edited} if edited else {},
    )


def _comment(item: Json, archive: Archive, place: int) -> Result:
    _, link, body = _carried(item)
    for data in js.objs(item.get("data")) or [{}]:
        comment = js.obj(data.get("comment"))
        text, author = js.text(comment.get("comment")), js.text(comment.get("author"))
        if not text and not body:
            yield Warn(line=place, code="empty_item", field="comments", detail=js.text(item.get("title"))[:200])
            continue
        actor, _, target = _people(item, archive, author)
        native = archive.native("comment", comment.get("timestamp") or item.get("timestamp"), text, author, body)
        yield Activity(
            verb=Verb.CREATE, object_type=ObjectType.NOTE, native_id=native, object_key=native, thread_key=native, actor=actor,
            target=target, happened_at=js.when(comment.get("timestamp") or item.get("timestamp"), archive.now), url=link, text=text,
            direction=Direction.OUT, title=js.text(item.get("title")), hashtags=_hashtags(text), body=body,
            props={"group": js.text(comment.get("group"))} if comment.get("group") else {},
        )


def _reaction(item: Json, archive: Archive, place: int) -> Result:
    for data in js.objs(item.get("data")):
        reaction = js.obj(data.get("reaction"))
        if not reaction:
            continue
        actor, _, target = _people(item, archive, js.text(reaction.get("actor")))
        kind = js.text(reaction.get("reaction")).lower()
        yield Activity(
            verb=Verb.LIKE, object_type=ObjectType.NOTE,
            native_id=archive.native("reaction", item.get("timestamp"), item.get("title"), kind),
            happened_at=js.when(item.get("timestamp"), archive.now), actor=actor, target=target, reaction=kind,
            direction=Direction.OUT, title=js.text(item.get("title")),
        )


def _related(verb: Verb, *, ours: bool) -> _Reader:
    """Reader of a list of accounts that follow or befriended the owner, or the other way round."""

    def reader(item: Json, archive: Archive, place: int) -> Result:
        entries = js.objs(item.get("string_list_data")) or [{"value": item.get("name"), "timestamp": item.get("timestamp")}]
        for entry in entries:
            name = js.text(entry.get("value")) or js.text(item.get("title"))
            them = js.username("instagram", name) if "string_list_data" in item and name else archive.named(name)
            if them is None or not them.value:
                yield Warn(line=place, code="empty_item", field="connections")
                continue
            moment = js.when(entry.get("timestamp"), archive.now)
            mine = archive.named(archive.owner)
            yield Activity(
                verb=verb, object_type=ObjectType.PROFILE,
                native_id=archive.native("follow", str(verb), ours, them.value, entry.get("timestamp")),
                happened_at=moment, actor=mine if ours else them, target=them if ours else mine, url=url(js.text(entry.get("href"))),
                direction=Direction.OUT if ours else Direction.IN, object_key=them.value if ours else "",
                props={} if entry.get("timestamp") else {"undated": True},
            )

    return reader


def _liked(item: Json, archive: Archive, place: int) -> Result:
    """Instagram: what the owner liked, with the account it is of."""
    whose = js.text(item.get("title"))
    for entry in js.objs(item.get("string_list_data")):
        link = url(js.text(entry.get("href")))
        yield Activity(
            verb=Verb.LIKE, object_type=ObjectType.NOTE, native_id=archive.native("like", link, entry.get("timestamp"), whose),
            happened_at=js.when(entry.get("timestamp"), archive.now), actor=archive.named(archive.owner), reaction="like",
            target=js.username("instagram", whose) if whose else None, object_key=link, url=link, direction=Direction.OUT,
        )


def _instagram_comment(item: Json, archive: Archive, place: int) -> Result:
    """The labels stand in the owner's language: the text comes first, the account second, the time is what has a timestamp."""
    data = js.obj(item.get("string_map_data"))
    values = [js.text(js.obj(each).get("value")) for each in data.values() if js.obj(each).get("value")]
    time = next((js.obj(each).get("timestamp") for each in data.values() if js.obj(each).get("timestamp")), None)
    text = js.text(js.at(data, "Comment", "value")) or next(iter(values), "")
    whose = js.text(js.at(data, "Media Owner", "value")) or (values[1] if len(values) > 1 else js.text(item.get("title")))
    if not text:
        yield Warn(line=place, code="empty_item", field="comments")
        return
    native = archive.native("comment", time, text, whose)
    yield Activity(
        verb=Verb.CREATE, object_type=ObjectType.NOTE, native_id=native, object_key=native, thread_key=native,
        happened_at=js.when(time, archive.now), actor=archive.named(archive.owner), direction=Direction.OUT, text=text,
        target=js.username("instagram", whose) if whose else None, hashtags=_hashtags(text),
    )


def _media(item: Json, archive: Archive, place: int) -> Result:
    """Instagram: a post of one or several pictures, a story or a reel."""
    media = js.objs(item.get("media")) or [item]
    text = js.text(item.get("title")) or next((words for each in media if (words := js.text(each.get("title")))), "")
    time = item.get("creation_timestamp") or next((each.get("creation_timestamp") for each in media), None)
    paths = [path for each in media if (path := js.text(each.get("uri")))]
    if not text and not paths:
        yield Warn(line=place, code="empty_item", field="posts")
        return
    native = archive.native("media", time, text, paths)
    film = bool(paths) and paths[0].endswith((".mp4", ".mov"))
    yield Activity(
        verb=Verb.CREATE, object_type=ObjectType.VIDEO if film else ObjectType.IMAGE, native_id=native, object_key=native,
        thread_key=native, happened_at=js.when(time, archive.now), actor=archive.named(archive.owner), direction=Direction.OUT,
        text=text, hashtags=_hashtags(text), body={"attachments": [{"type": "media", "uri": path} for path in paths]},
    )


def _conversation(value: Json, archive: Archive) -> Result:
    names = [js.text(each.get("name")) for each in js.objs(value.get("participants"))]
    thread = js.text(value.get("thread_path")) or js.digest(sorted(names))
    for place, message in enumerate(js.objs(value.get("messages")), 1):
        yield from _message(message, names, f"messages:{thread}", archive, place)


def _message(message: Json, names: list[str], thread: str, archive: Archive, place: int) -> Result:
    sender, text = js.text(message.get("sender_name")), js.text(message.get("content"))
    media = [kind for kind in ("photos", "videos", "audio_files", "files", "gifs", "sticker", "share") if message.get(kind)]
    call = js.number(message.get("call_duration"))
    if message.get("is_unsent") is True or (not text and not media and call is None):
        yield Warn(line=place, code="unsent_message" if message.get("is_unsent") is True else "empty_item", field="messages")
        return
    moment = js.when(message.get("timestamp_ms"), archive.now)
    native = archive.native("message", thread, message.get("timestamp_ms"), sender, text, media)
    ours = bool(archive.owner) and fold(sender) == fold(archive.owner)
    others = [name for name in names if fold(name) != fold(sender)]
    yield Activity(
        verb=Verb.CREATE if call is None else Verb.MEET, object_type=ObjectType.MESSAGE if call is None else ObjectType.EVENT,
        native_id=native, object_key=native, thread_key=thread, happened_at=moment, actor=archive.named(sender), text=text,
        target=archive.named(others[0]) if len(others) == 1 and archive.owner else None, direction=Direction.OUT if ours else Direction.IN,
        url=url(js.text(js.at(message, "share", "link"))),
        props={key: found for key, found in (("media", media), ("seconds", int(call or 0)), ("members", len(names))) if found},
    )
    for reaction in js.objs(message.get("reactions")):
        who, sign = js.text(reaction.get("actor")), js.text(reaction.get("reaction"))
        mine = bool(archive.owner) and fold(who) == fold(archive.owner)
        yield Activity(
            verb=Verb.LIKE, object_type=ObjectType.MESSAGE, native_id=archive.native("reaction", native, who, sign), reaction=sign,
            happened_at=js.when(reaction.get("timestamp"), moment), actor=archive.named(who), object_key=native, thread_key=thread,
            direction=Direction.OUT if mine else Direction.IN,
        )


_follows_us, _we_follow = _related(Verb.FOLLOW, ours=False), _related(Verb.FOLLOW, ours=True)
_befriended = _related(Verb.JOIN, ours=False)
_READERS: dict[str, _Reader] = {
    "posts": _post, "wall_posts_sent_to_you": _post, "comments_v2": _comment, "comments": _comment, "group_comments_v2": _comment,
    "reactions_v2": _reaction, "reactions": _reaction, "friends_v2": _befriended, "friends": _befriended,
    "followers_v3": _follows_us, "followers_v2": _follows_us, "following_v3": _we_follow, "following_v2": _we_follow,
    "relationships_followers": _follows_us, "relationships_following": _we_follow, "likes_media_likes": _liked,
    "likes_comment_likes": _liked, "comments_media_comments": _instagram_comment, "comments_reels_comments": _instagram_comment,
    "media_posts": _media, "ig_stories": _media, "ig_reels_media": _media, "ig_archived_post_media": _media,
    "messages": lambda item, archive, place: iter(()),
}
_INSTAGRAM = {"relationships_followers", "relationships_following", "likes_media_likes", "likes_comment_likes", "comments_media_comments",
              "comments_reels_comments", "media_posts", "ig_stories", "ig_reels_media", "ig_archived_post_media"}
