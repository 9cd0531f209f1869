"""Facebook Pages: deliveries of the webhook objects `page`, `user` and `permissions`, and pages of the Graph API."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from vincle.vocabulary import Activity, Direction, HandleRef, Item, ObjectType, Op, Retraction, Verb

from . import _facebook as live
from . import _facebook_deeds as deeds
from . import _graph_items as graph
from . import _json as js
from . import _meta as meta
from . import _meta_account as account
from . import _meta_hooks as hooks
from ._identifiers import email, url
from ._meta import Json, Place
from .base import Spec
from .live import Command, Context, Line, Posting, Pulled, Receipt, Standing, Way

_TAKEN_BACK = {"remove": "deleted", "delete": "deleted", "hide": "hidden"}
_EDITED = {"edit", "edited", "update", "unhide"}
_POSTS = {
    "post": ObjectType.NOTE, "status": ObjectType.NOTE, "link": ObjectType.NOTE, "note": ObjectType.ARTICLE, "share": ObjectType.NOTE,
    "photo": ObjectType.IMAGE, "album": ObjectType.IMAGE, "video": ObjectType.VIDEO, "event": ObjectType.EVENT,
    "milestone": ObjectType.NOTE, "offer": ObjectType.NOTE, "coupon": ObjectType.NOTE,
}
_REACTIONS = {"like", "reaction"}
_MEDIA = ("photo", "video", "link", "photos", "photo_ids")


class Facebook(account.MetaAccount):
    spec: ClassVar[Spec] = Spec(
        id="facebook", name="Facebook", icon="brand-facebook", family="webhook",
        capabilities=frozenset({"file", "webhook", "pull", "act"}), handle_kinds=("facebook", "facebook_user_ref"),
        extensions=(".json", ".jsonl"), secrets=hooks.SECRETS, streams=live.STREAMS,
        settings=account.settings(
            "Only where the account looks after several Pages. On the Page: About › Page transparency › Page ID.",
            "Page access token", "Only where you do not sign in with Facebook: Business settings › System users › Generate token.",
        ),
        oauth=account.signing_in(live.SCOPES),
    )  # fmt: skip

    def wanted(self, raw: bytes) -> tuple[str, ...]:
        """Leads come as a bare number."""
        changes = account.changes(raw, "leadgen")
        return tuple(f"lead:{lead}" for change in changes if (lead := js.text(js.at(change, "value", "leadgen_id"))).isdigit())

    def check(self, line: Line) -> Standing:
        return live.check(line)

    def pull(self, line: Line, stream: str, cursor: str) -> Pulled:
        return live.page_of(line, stream, cursor, past=False)

    def past(self, line: Line, stream: str, cursor: str) -> Pulled:
        return live.page_of(line, stream, cursor, past=True)

    def ways(self, about: Context, settings: Mapping[str, str], abilities: frozenset[str], now: datetime) -> tuple[Way, ...]:
        return deeds.ways(about, settings, now)

    def posting(self, settings: Mapping[str, str], abilities: frozenset[str]) -> Posting | None:
        return Posting(longest=deeds.LONGEST_POST, files=1)

    def act(self, line: Line, command: Command, key: str) -> Receipt:
        return deeds.act(line, command)

    def found(self, line: Line, command: Command, key: str, since: datetime) -> Receipt | None:
        return deeds.found(line, command, since)

    def claims(self, delivery: Any) -> float:
        value = js.obj(delivery)
        if hooks.is_deletion(value, "facebook") or graph.is_ours(value, "facebook"):
            return 1.0
        if isinstance(value.get("entry"), list) and value.get("object") in ("page", "user", "permissions"):
            return 1.0
        return 0.8 if _is_graph(value) else 0.0

    def items(self, delivery: Any, received_at: datetime) -> Iterator[Item]:
        value = js.obj(delivery)
        if hooks.is_deletion(value, "facebook"):
            yield from hooks.deletion("facebook", value, received_at)
            return
        if graph.is_ours(value, "facebook"):
            yield from _asked(value, received_at)
            return
        if _is_graph(value):
            yield from _graph(js.objs(value.get("data")), Place("facebook", "", received_at))
            return
        if not isinstance(value.get("entry"), list):
            yield js.unknown("delivery", delivery, received_at)
        for entry, place in meta.entries(value, "facebook", received_at):
            yield from meta.messaging(entry, place)
            for change in js.objs(entry.get("changes")):
                yield from _change(js.text(value.get("object")), change, place)


def _change(kind: str, change: Json, place: Place) -> Iterator[Item]:
    field = js.text(change.get("field"))
    value = js.obj(change.get("value"))
    if kind == "user":
        yield from _user(field, change, place)
    elif kind == "page" and field in ("feed", "mention", "ratings") and value:
        yield from _content(field, change, value, place)
    elif kind == "page" and field == "leadgen" and value:
        yield _lead(value, place)
    else:
        yield js.unknown(f"{kind}.{field}", change, place.time)


def _user(field: str, change: Json, place: Place) -> Iterator[Item]:
    """What a person who signed in to the app changed on the own profile."""
    who = meta.person(place, {"id": place.account})
    page = js.text(js.at(change, "value", "page"))
    if field == "email" and (address := email(js.text(change.get("value")))):
        handles = (who, HandleRef("email", address)) if who else (HandleRef("email", address),)
        yield js.fact(f"user:{place.account}:email", observed_at=place.time, handles=handles)
    elif field == "likes" and page and who:
        taken_back = js.text(change.get("verb")) in _TAKEN_BACK
        yield meta.reaction(Place("facebook", page, place.time), page, who, place.time, taken_back=taken_back,
                            kind="like", object_type=ObjectType.PROFILE)
    else:
        yield js.unknown(f"user.{field}", change, place.time)


def _author(value: Json, place: Place) -> HandleRef | None:
    """Who did it: `from` in newer deliveries, loose keys in older ones."""
    for source, id_key, name_key in (
        (value.get("from"), "id", "name"), (value, "sender_id", "sender_name"),
        (value, "reviewer_id", "reviewer_name"), (value, "user_id", "user_name"),
    ):
        found = meta.person(place, source, id_key=id_key, name_key=name_key)
        if found is not None:
            return found
    return None


def _content(field: str, change: Json, value: Json, place: Place) -> Iterator[Item]:
    item, verb = js.text(value.get("item")), js.text(value.get("verb"))
    moment = js.when(value.get("created_time"), place.time)
    if item in _REACTIONS and verb in ("add", "edit", "edited", "remove", "delete"):
        yield from _reaction(value, place, moment, verb)
        return
    native = _native(field, item, value)
    if verb in _TAKEN_BACK and native:
        yield Retraction(native_id=native, happened_at=place.time, object_key=native, reason=_TAKEN_BACK[verb],
                         version=f"{verb}:{meta.stamp(place.time)}")
    elif native and (verb == "add" or verb in _EDITED) and (item in _POSTS or item in ("comment", "rating")):
        yield _created(field, item, value, place, moment, native, edited=verb in _EDITED)
    else:
        yield js.unknown(f"{field}.{item}.{verb}", change, moment)


def _native(field: str, item: str, value: Json) -> str:
    """The id of what was written, the same in the deliveries that add, edit and remove it."""
    if item == "rating":
        found = js.first(value, "open_graph_story_id", "post_id")
        return f"review:{found}" if found else ""
    if item == "comment":
        found = js.text(value.get("comment_id"))
    else:
        found = js.text(value.get("post_id"))
        for key in ("photo_id", "video_id", "album_id", "event_id", "share_id", "link_id"):
            loose = js.text(value.get(key))
            found = found or (f"{key.removesuffix('_id')}:{loose}" if loose else "")
    return f"mention:{found}" if field == "mention" and found else found


def _reaction(value: Json, place: Place, moment: datetime, verb: str) -> Iterator[Item]:
    actor = _author(value, place)
    comment, post = js.text(value.get("comment_id")), js.first(value, "post_id", "parent_id")
    target = comment or post or place.account
    kind = js.text(value.get("reaction_type")) or "like"
    shape = {"object_type": ObjectType.NOTE if comment or post else ObjectType.PROFILE, "thread_key": post,
             "parent_key": js.text(value.get("parent_id"))}
    if verb in ("edit", "edited"):
        yield meta.reaction(place, target, actor, moment, taken_back=True, **shape)
        yield meta.reaction(place, target, actor, moment, taken_back=False, kind=kind, **shape)
    else:
        yield meta.reaction(place, target, actor, moment, taken_back=verb in _TAKEN_BACK, kind=kind, **shape)


def _created(field: str, item: str, value: Json, place: Place, moment: datetime, native: str, *, edited: bool) -> Activity:
    actor = _author(value, place)
    media = {key: value[key] for key in _MEDIA if value.get(key)}
    kind = ObjectType.MENTION if field == "mention" else ObjectType.REVIEW if item == "rating" else _POSTS.get(item, ObjectType.NOTE)
    rating = js.number(value.get("rating")) if item == "rating" else None
    comment = item == "comment"
    ours = actor is None and item in ("event", "album") and field == "feed"
    return Activity(
        verb=Verb.ANNOUNCE if item == "share" and field == "feed" else Verb.CREATE, object_type=kind, native_id=native,
        happened_at=moment, actor=actor, op=Op.CORRECT if edited else Op.ASSERT,
        direction=Direction.OUT if ours else meta.direction(actor, place),
        version=meta.stamp(place.time) if edited else "", object_key=native.removeprefix("mention:"),
        parent_key=js.text(value.get("parent_id")) if comment else "",
        thread_key=js.text(value.get("post_id")) or native, url=_link(value),
        rating=rating, rating_max=5.0 if rating is not None else None,
        text=js.first(value, "message", "review_text", "story"), body=media,
        props=_kept(item=item, recommendation=js.text(value.get("recommendation_type")).lower(), account=place.account,
                    hidden=value.get("is_hidden") is True, unpublished=js.text(value.get("published")) == "0"),
    )


def _link(value: Json) -> str:
    return url(js.text(value.get("permalink_url")) or js.text(js.at(value, "post", "permalink_url")))


def _kept(**found: Any) -> Json:
    return {key: value for key, value in found.items() if value}


def _lead(value: Json, place: Place) -> Activity:
    """A lead form was sent; who and what must be fetched by its id."""
    lead = js.text(value.get("leadgen_id")) or js.digest(value)
    ad = js.text(value.get("ad_id"))
    return Activity(
        verb=Verb.SUBMIT, object_type=ObjectType.FORM, native_id=f"lead:{lead}", actor=None,
        happened_at=js.when(value.get("created_time"), place.time), object_key=js.text(value.get("form_id")),
        campaign_key="" if ad == "0" else ad, props=_kept(leadgen_id=lead, account=place.account),
    )


def _is_graph(value: Json) -> bool:
    """A page of posts or comments as the Graph API answers."""
    posts = js.objs(value.get("data")) if isinstance(value.get("data"), list) else []
    return bool(posts) and all("id" in post and "created_time" in post and "message_type" not in post for post in posts[:3])


def _asked(value: Json, received_at: datetime) -> Iterator[Item]:
    """What was asked for, within its envelope."""
    place = Place("facebook", js.text(value.get("account")), received_at)
    yield from _graph(js.objs(value.get("posts")), place)
    for post, notes in js.obj(value.get("comments")).items():
        for note in js.objs(notes):
            yield from _graph_note(note, place, post, post)
    yield from graph.messages(value, place)
    for rating in js.objs(value.get("ratings")):
        change = graph.rating(rating)
        yield from _content("ratings", change, change, place)
    for tagged in js.objs(value.get("tagged")):
        yield from graph.told_of(_content("mention", tagged, {**tagged, "item": "post", "verb": "add", "post_id": tagged.get("id")}, place))
    yield from graph.leads(value, place)
    yield from graph.insights(value, place)
    if not any(name in value for name in graph.KINDS):
        yield js.unknown("graph", value, received_at)


def _graph(posts: list[Json], place: Place) -> Iterator[Item]:
    for post in posts:
        yield from _graph_note(post, place, "", "")


def _graph_note(note: Json, place: Place, above: str, thread: str) -> Iterator[Item]:
    """A post or comment, and the comments below it. Likes there bear no time: they are counted, not dated."""
    native = js.text(note.get("id"))
    if not native:
        yield js.unknown("graph", note, place.time)
        return
    parent = js.text(js.at(note, "parent", "id")) or above
    kind = ObjectType.NOTE if parent else _POSTS.get(js.text(note.get("type")), ObjectType.NOTE)
    likes = js.number(note.get("like_count")) or js.number(js.at(note, "likes", "summary", "total_count"))
    actor = _author(note, place)
    yield Activity(
        verb=Verb.CREATE, object_type=kind, native_id=native, object_key=native, parent_key=parent, thread_key=thread or native,
        happened_at=js.when(note.get("created_time"), place.time), actor=actor, direction=meta.direction(actor, place),
        text=js.first(note, "message", "story"), url=url(js.text(note.get("permalink_url"))),
        props=_kept(account=place.account, hidden=note.get("is_hidden") is True, likes=int(likes or 0),
                    comments=int(js.number(js.at(note, "comments", "summary", "total_count")) or 0)),
    )
    for reply in js.objs(js.at(note, "comments", "data")):
        yield from _graph_note(reply, place, native, thread or native)


channel = Facebook()
