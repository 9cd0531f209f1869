"""Instagram: deliveries of the webhook object `instagram`, and comments as the Graph API answers them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from msgspec.structs import replace

from vincle.vocabulary import Activity, Direction, HandleRef, Item, ObjectType, Op, Retraction, Verb

from . import _graph_items as graph
from . import _instagram as live
from . import _json as js
from . import _meta as meta
from . import _meta_account as account
from . import _meta_hooks as hooks
from ._identifiers import url
from ._meta import Json, Place
from .base import Spec
from .live import Command, Context, Line, Posting, Pulled, Receipt, Standing, Way

_COMMENTS = {"comments", "live_comments"}


class Instagram(account.MetaAccount):
    spec: ClassVar[Spec] = Spec(
        id="instagram", name="Instagram", icon="brand-instagram", family="webhook",
        capabilities=frozenset({"file", "webhook", "pull", "act"}), handle_kinds=("instagram", "instagram_username"),
        extensions=(".json", ".jsonl"), secrets=hooks.SECRETS, streams=live.STREAMS,
        settings=account.settings(
            "Only where you look after several Pages: the one to which the Instagram account belongs.",
            "Access token", "Only where you do not sign in with Facebook: of a system user, or of Instagram itself (it begins with IG).",
        ),
        oauth=account.signing_in(live.SCOPES),
    )  # fmt: skip

    def wanted(self, raw: bytes) -> tuple[str, ...]:
        """Mentions come as bare ids."""
        changes = account.changes(raw, "mentions")
        pairs = [(js.text(js.at(each, "value", "media_id")), js.text(js.at(each, "value", "comment_id"))) for each in changes]
        return tuple(f"mention:{media}/{comment}".rstrip("/") for media, comment in pairs if media.isdigit() and (comment or "0").isdigit())

    def check(self, line: Line) -> Standing:
        return live.check(line)

    def pull(self, line: Line, stream: str, cursor: str) -> Pulled:
        return live.page_of(line, stream, cursor, past=False)

    def past(self, line: Line, stream: str, cursor: str) -> Pulled:
        return live.page_of(line, stream, cursor, past=True)

    def ways(self, about: Context, settings: Mapping[str, str], abilities: frozenset[str], now: datetime) -> tuple[Way, ...]:
        return live.ways(about, settings, now)

    def posting(self, settings: Mapping[str, str], abilities: frozenset[str]) -> Posting | None:
        types = ("image/jpeg", "video/mp4")
        return Posting(
            longest=live.LONGEST, files=1, file_types=types, largest_file=8 * 1024**2, needs_file=True, fetches=True, most_hashtags=30
        )

    def length(self, text: str) -> int:
        """Messages are counted in bytes; so are replies, to be sure."""
        return len(text.encode("utf-8", "replace"))

    def act(self, line: Line, command: Command, key: str) -> Receipt:
        return live.act(line, command, self.length(command.text))

    def found(self, line: Line, command: Command, key: str, since: datetime) -> Receipt | None:
        return live.found(line, command, since)

    def claims(self, delivery: Any) -> float:
        value = js.obj(delivery)
        if hooks.is_deletion(value, "instagram") or graph.is_ours(value, "instagram"):
            return 1.0
        if value.get("object") == "instagram" and isinstance(value.get("entry"), list):
            return 1.0
        return 0.7 if _is_comment(value) or _is_media(value) or _is_message(value) else 0.0

    def items(self, delivery: Any, received_at: datetime) -> Iterator[Item]:
        value = js.obj(delivery)
        if hooks.is_deletion(value, "instagram"):
            yield from hooks.deletion("instagram", value, received_at)
            return
        if graph.is_ours(value, "instagram"):
            yield from _asked(value, received_at)
            return
        if _is_comment(value):
            yield from _comment(value, Place("instagram", "", received_at), "", "comments")
            return
        if _is_media(value) or _is_message(value):
            yield (_media if _is_media(value) else _written)(value, Place("instagram", "", received_at))
            return
        if not isinstance(value.get("entry"), list):
            yield js.unknown("delivery", delivery, received_at)
        for entry, place in meta.entries(value, "instagram", received_at):
            yield from meta.messaging(entry, place)
            changes = js.objs(entry.get("changes")) or ([entry] if "field" in entry else [])
            for change in changes:
                yield from _change(change, place)


def _change(change: Json, place: Place) -> Iterator[Item]:
    field, value = js.text(change.get("field")), js.obj(change.get("value"))
    if field in _COMMENTS and value.get("id"):
        yield from _comment(value, place, js.text(value.get("parent_id")), field)
    elif field in ("mentions", "story_mentions") and (value.get("comment_id") or value.get("media_id")):
        yield _mention(value, place)
    else:
        yield js.unknown(field or "change", change, place.time)


def _asked(value: Json, received_at: datetime) -> Iterator[Item]:
    """What was asked for, within its envelope."""
    place = Place("instagram", js.text(value.get("account")), received_at)
    for media in js.objs(value.get("media")):
        yield _media(media, place)
    for media_id, comments in js.obj(value.get("comments")).items():
        for comment in js.objs(comments):
            whole = {**comment, "media": {"id": media_id}}
            yield from _comment(whole, place, js.text(comment.get("parent_id")), "comments")
    yield from graph.messages(value, place)
    for mentioned in js.objs(value.get("mentioned")):
        if not js.first(js.obj(mentioned.get("media")), "id") and not js.first(js.obj(mentioned.get("comment")), "id"):
            yield js.unknown("mentioned", mentioned, received_at)
            continue
        yield from graph.told_of(iter((_told(js.obj(mentioned.get("media")), js.obj(mentioned.get("comment")), place),)))
    if not any(name in value for name in graph.KINDS):
        yield js.unknown("graph", value, received_at)


def _told(media: Json, comment: Json, place: Place) -> Activity:
    """A mention with its words."""
    said = comment or media
    named = {"comment_id": comment.get("id"), "media_id": media.get("id"), "from": said.get("from"), "username": said.get("username")}
    return replace(
        _mention(named, place),
        happened_at=js.when(said.get("timestamp"), place.time), text=js.first(said, "text", "caption"),
        url=url(js.text(said.get("permalink")) or js.text(js.at(comment, "media", "permalink"))),
    )  # fmt: skip


def _comment(value: Json, place: Place, parent: str, field: str) -> Iterator[Item]:
    native, verb = js.text(value.get("id")), js.text(value.get("verb"))
    moment = js.when(value.get("timestamp") or value.get("created_time"), place.time)
    if verb in ("remove", "delete", "hide"):
        yield Retraction(native_id=native, happened_at=place.time, object_key=native, version=f"{verb}:{meta.stamp(place.time)}",
                         reason="hidden" if verb == "hide" else "deleted")
        return
    author = _author(value, place)
    media = js.text(js.at(value, "media", "id"))
    edited = verb in ("edit", "edited", "update", "unhide")
    yield Activity(
        verb=Verb.CREATE, object_type=ObjectType.NOTE, native_id=native, happened_at=moment, actor=author, object_key=native,
        parent_key=parent or media, thread_key=media or parent or native, direction=meta.direction(author, place),
        op=Op.CORRECT if edited else Op.ASSERT, version=meta.stamp(place.time) if edited else "",
        text=js.text(value.get("text")), event_name="live comment" if field == "live_comments" else "",
        props={key: found for key, found in (
            ("account", place.account), ("hidden", value.get("hidden") is True), ("live", field == "live_comments"),
            ("product", js.text(js.at(value, "media", "media_product_type"))), ("ad", js.text(js.at(value, "media", "ad_id"))),
        ) if found},
    )
    if author and author.kind == "instagram" and author.name and author.value != place.account:
        yield js.fact(f"profile:{author.value}", observed_at=moment,
                      handles=(author, js.username("instagram", author.name)))
    for reply in js.objs(js.at(value, "replies", "data")):
        if reply.get("id"):
            yield from _comment({"media": value.get("media"), **reply}, place, native, field)


def _author(value: Json, place: Place) -> HandleRef | None:
    """The id when it is told, else the user name."""
    for source in (value.get("from"), value.get("user")):
        found = meta.person(place, source, name_key="username")
        if found is not None:
            return found
    name = js.text(value.get("username")) or js.text(js.at(value, "from", "username"))
    return js.username("instagram", name) if name else None


def _mention(value: Json, place: Place) -> Activity:
    """Our account was mentioned; who and with what words must be fetched."""
    comment, media = js.text(value.get("comment_id")), js.text(value.get("media_id"))
    return Activity(
        verb=Verb.CREATE, object_type=ObjectType.MENTION, native_id=f"mention:{comment or media}", happened_at=place.time,
        actor=_author(value, place), object_key=comment or media, parent_key=media if comment else "", thread_key=media or comment,
        props={"account": place.account} if place.account else {},
    )


def _is_comment(value: Json) -> bool:
    """A comment as the Graph API answers it: text and time, below a media object."""
    return isinstance(value.get("text"), str) and isinstance(value.get("timestamp"), str) and "id" in value and (
        "media" in value or "username" in value or "like_count" in value) and "media_type" not in value


def _is_media(value: Json) -> bool:
    return isinstance(value.get("media_type"), str) and isinstance(value.get("timestamp"), str) and "id" in value


def _is_message(value: Json) -> bool:
    return isinstance(value.get("message"), str) and "created_time" in value and "id" in value and "username" in js.obj(value.get("from"))


def _media(value: Json, place: Place) -> Activity:
    """A post of our own account, as the Graph API answers it."""
    native = js.text(value.get("id"))
    owner, name = js.text(js.at(value, "owner", "id")), js.text(value.get("username"))
    return Activity(
        verb=Verb.CREATE, object_type=ObjectType.VIDEO if value.get("media_type") == "VIDEO" else ObjectType.IMAGE, native_id=native,
        happened_at=js.when(value.get("timestamp"), place.time),
        actor=HandleRef("instagram", owner, name) if owner else _author(value, place),
        direction=Direction.OUT, object_key=native, thread_key=native, url=url(js.text(value.get("permalink"))),
        text=js.text(value.get("caption")),
        props={key: int(found) for key in ("like_count", "comments_count") if (found := js.number(value.get(key)))},
    )


def _written(value: Json, place: Place) -> Activity:
    """A message, as the Graph API answers it."""
    native, author = js.text(value.get("id")), _author(value, place)
    return Activity(
        verb=Verb.CREATE, object_type=ObjectType.MESSAGE, native_id=native, happened_at=js.when(value.get("created_time"), place.time),
        actor=author, object_key=native, parent_key=js.text(js.at(value, "story", "reply_to", "id")),
        thread_key=f"messages:{author.value}" if author else "", text=js.text(value.get("message")),
    )


channel = Instagram()
