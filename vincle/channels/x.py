"""X: account activity deliveries, and the answers of the v2 interface with their `includes`."""

import hmac
import html
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, ClassVar

from msgspec import Struct
from msgspec.structs import replace

from vincle.vocabulary import Activity, Direction, HandleRef, Item, ObjectType, Op, Retraction, Verb

from . import _json as js
from . import _x as x
from . import _x_deeds as deeds
from . import _x_live as live
from ._answers import dumped
from ._deliveries import DeliveryChannel
from ._meta import stamp, turn
from ._x import Json
from ._x_length import length
from .base import Accepted, Rejected, Reply, Request, Secret, Spec, Verdict
from .live import Command, Context, Line, OAuth, Posting, Pulled, Receipt, Setting, Standing, Way

_EVENTS = ("tweet_create_events", "favorite_events", "follow_events", "direct_message_events", "tweet_delete_events",
           "direct_message_mark_read_events")
_SIGNATURE = "x-twitter-webhooks-signature"
_OURS = ("data", "gone", "hidden", "shown", "liked", "unliked")
_LATER = ("block_events", "mute_events", "user_event", "direct_message_indicate_typing_events")


class X(DeliveryChannel):
    spec: ClassVar[Spec] = Spec(
        id="x", name="X", icon="brand-x", family="webhook", capabilities=frozenset({"file", "webhook", "pull", "act"}),
        handle_kinds=("x", "x_username"), extensions=(".json", ".jsonl"), streams=live.STREAMS,
        secrets=(Secret(name="consumer_secret", label="API key secret",
                        help="In X's developer portal: your app › Keys and tokens › API key and secret. It signs what X delivers."),),
        settings=(
            Setting(name="client_id", label="OAuth 2.0 client ID", help="In the developer portal: your app › Keys and tokens."),
            Setting(name="client_secret", label="OAuth 2.0 client secret", is_secret=True, is_required=False, help="Beside the client ID."),
            Setting(name="reads", label="Reads per month", kind="number", default=str(live.READS), is_required=False,
                    help="X charges for every post, message and profile it returns. Vincle stops when so many were read in a month."),
            Setting(name="query", label="Search", is_required=False,
                    help="What to look for beside mentions, in X's own language: “lligam lang:ca -is:retweet”. It costs reads."),
            Setting(name="deletions_delivered", label="X delivers deletions by webhook", kind="switch", is_required=False,
                    help="What is deleted on X has to go here too. Without it the newest 100 are looked at once a day, for 100 reads."),
            Setting(name="premium", label="The account is Premium", kind="switch", is_required=False, help="Posts may be 25,000 long."),
        ),
        oauth=OAuth(authorize_url="https://x.com/i/oauth2/authorize", token_url="https://api.x.com/2/oauth2/token", scopes=live.SCOPES),
    )  # fmt: skip

    def verify(self, request: Request, secrets: Mapping[str, str]) -> Verdict:
        """GET asks to prove that we know the secret (CRC); POST is signed with it, base64 over the raw body."""
        secret = secrets.get("consumer_secret", "")
        token = request.query.get("crc_token", "")
        if request.method != "POST":
            if token and not secret:
                return Rejected("no_secret")
            answer = dumped({"response_token": _proof(secret, token.encode("utf-8", "replace"))}) if token else b"ok"
            return Reply(answer, "application/json" if token else "text/plain; charset=utf-8")
        given = request.headers.get(_SIGNATURE, "").strip()
        if not secret:
            return Rejected("no_secret")
        if not given:
            return Rejected("no_signature")
        fits = hmac.compare_digest(_proof(secret, request.body).encode(), given.encode(errors="replace"))
        return Accepted() if fits else Rejected("wrong_signature")

    def check(self, line: Line) -> Standing:
        return live.check(line)

    def pull(self, line: Line, stream: str, cursor: str) -> Pulled:
        return live.page_of(line, stream, cursor, past=False)

    def past(self, line: Line, stream: str, cursor: str) -> Pulled:
        return live.page_of(line, stream, cursor, past=True)

    def ways(self, about: Context, settings: Mapping[str, str], abilities: frozenset[str], now: datetime) -> tuple[Way, ...]:
        return deeds.ways(about, settings)

    def posting(self, settings: Mapping[str, str], abilities: frozenset[str]) -> Posting | None:
        longest = deeds.LONGEST_PREMIUM if settings.get("premium") else deeds.LONGEST
        return Posting(longest=longest, files=deeds.MOST_FILES, largest_file=5 * 1024**2, has_alt=True)

    def length(self, text: str) -> int:
        return length(text)

    def act(self, line: Line, command: Command, key: str) -> Receipt:
        return deeds.act(line, command, length(command.text))

    def found(self, line: Line, command: Command, key: str, since: datetime) -> Receipt | None:
        return deeds.found(line, command, since)

    def claims(self, delivery: Any) -> float:
        value = js.obj(delivery)
        if value.get("source") == "x" and any(name in value for name in _OURS):
            return 1.0
        if "for_user_id" in value and any(key in value for key in (*_EVENTS, *_LATER)):
            return 1.0
        if "data" in value:
            found = js.objs(value.get("data"))[:1]
            known = any(_is_post(each) or _is_user(each) or _is_message(each) for each in found)
            return 0.9 if known and set(value) & {"includes", "meta"} else 0.75 if known else 0.0
        return 0.7 if _is_post(value) and ("author_id" in value or "edit_history_tweet_ids" in value) else 0.65 if _is_user(value) else 0.0

    def items(self, delivery: Any, received_at: datetime) -> Iterator[Item]:
        value = js.obj(delivery)
        if value.get("source") == "x":
            yield from _asked(value, received_at)
        elif "for_user_id" in value:
            yield from _activity(value, received_at)
        elif "data" in value:
            yield from _answer(value, received_at)
        elif _is_post(value) or _is_user(value):
            yield from _answer({"data": value}, received_at)
        else:
            yield js.unknown("delivery", delivery, received_at)


def _proof(secret: str, message: bytes) -> str:
    return "sha256=" + b64encode(hmac.digest(secret.encode(), message, sha256)).decode()


def _is_id(value: Any) -> bool:
    found = js.text(value)
    return found.isascii() and found.isdigit()


def _is_post(value: Json) -> bool:
    """A post of the v2 interface; not a comment of Instagram, a message of Telegram or of X itself."""
    foreign = {"dm_conversation_id", "chat", "media", "username"} & set(value)
    return _is_id(value.get("id")) and isinstance(value.get("text"), str) and not foreign


def _is_user(value: Json) -> bool:
    foreign = {"acct", "followers_count"} & set(value)
    return _is_id(value.get("id")) and isinstance(value.get("username"), str) and isinstance(value.get("name"), str) and not foreign


def _is_message(value: Json) -> bool:
    return "dm_conversation_id" in value and "event_type" in value


class Ours(Struct, frozen=True):
    """The account a delivery is for, and the profiles it brings along."""

    id: str
    users: dict[str, Json]

    def direction(self, actor: HandleRef | None) -> Direction:
        return Direction.OUT if actor and actor.value == self.id else Direction.IN

    def aimed(self, act: Activity) -> Activity:
        """An act of others is aimed at our account or at nobody we speak for."""
        strange = act.target is not None and act.direction is Direction.IN and act.target.value != self.id
        return replace(act, target=None, body=act.body | {"to": act.target.value}) if strange and act.target else act

    def person(self, native: str) -> HandleRef | None:
        return x.person(self.users.get(native) or {"id": native}) if native else None


def _activity(value: Json, received_at: datetime) -> Iterator[Item]:
    """The events of one account activity delivery."""
    users = {key: {"id_str": key, **js.obj(user)} for key, user in js.obj(value.get("users")).items()}
    ours = Ours(js.text(value.get("for_user_id")), users)
    readers = {"tweet_create_events": _posted, "favorite_events": _liked, "follow_events": _followed, "direct_message_events": _wrote,
               "tweet_delete_events": _deleted, "direct_message_mark_read_events": _saw}
    known = False
    for name, reader in readers.items():
        for event in js.objs(value.get(name)):
            known = True
            yield from reader(event, ours, received_at)
    for name in sorted(value):
        if name not in readers and name.endswith(("_events", "_event")):
            known = True
            yield js.unknown(name, {name: value[name]}, received_at)
    if not known:
        yield js.unknown("delivery", value, received_at)


def _posted(tweet: Json, ours: Ours, received_at: datetime) -> Iterator[Item]:
    author = x.person(tweet.get("user"))
    found = x.post(tweet, author, ours.direction(author), received_at, ours.id)
    found = ours.aimed(found) if found else None
    if found and found.direction is Direction.OUT:
        found = replace(found, props=found.props | {"ours": True})
    yield found or js.unknown("tweet_create_events", tweet, received_at)
    yield from _profiles([tweet.get("user")], found.happened_at if found else received_at, ours)


def _profiles(users: list[Any], moment: datetime, ours: Ours) -> Iterator[Item]:
    """Who these accounts are; our own is nobody to know."""
    for user in users:
        found = x.profile(user, moment)
        if found and found.handles[0].value != ours.id:
            yield found


def _liked(event: Json, ours: Ours, received_at: datetime) -> Iterator[Item]:
    actor, post = x.person(event.get("user")), js.obj(event.get("favorited_status"))
    about, moment = js.first(post, "id_str", "id"), js.when(event.get("timestamp_ms"), x.moment(event.get("created_at"), received_at))
    yield ours.aimed(Activity(
        verb=Verb.LIKE, object_type=ObjectType.NOTE, native_id=f"like:{about}:{actor.value if actor else ''}", happened_at=moment,
        actor=actor, version=js.text(event.get("id")), target=x.person(post.get("user")), object_key=about,
        thread_key=about, reaction="like", direction=ours.direction(actor),
    ))
    yield from _profiles([event.get("user")], moment, ours)


def _followed(event: Json, ours: Ours, received_at: datetime) -> Iterator[Item]:
    actor, target = x.person(event.get("source")), x.person(event.get("target"))
    moment = js.when(event.get("created_timestamp"), received_at)
    undone = js.text(event.get("type")) == "unfollow"
    who, whom = (each.value if each else "" for each in (actor, target))
    yield Activity(
        verb=Verb.UNDO if undone else Verb.FOLLOW, object_type=ObjectType.PROFILE, native_id=f"follow:{who}:{whom}", happened_at=moment,
        op=Op.CORRECT, version=turn(moment, undone=undone), actor=actor, target=target, object_key=whom, direction=ours.direction(actor),
    )
    yield from _profiles([event.get("source")], moment, ours)


def _wrote(event: Json, ours: Ours, received_at: datetime) -> Iterator[Item]:
    message = js.obj(event.get("message_create"))
    if not message:
        yield js.unknown(f"direct_message.{js.text(event.get('type'))}", event, received_at)
        return
    data = js.obj(message.get("message_data"))
    sender, receiver = js.text(message.get("sender_id")), js.text(js.at(message, "target", "recipient_id")) or ours.id
    actor = ours.person(sender)
    other = receiver if sender == ours.id else sender
    native = js.text(event.get("id")) or js.digest(event)
    moment = js.when(event.get("created_timestamp"), received_at)
    yield Activity(
        verb=Verb.CREATE, object_type=ObjectType.MESSAGE, native_id=f"dm:{native}", happened_at=moment, actor=actor,
        target=ours.person(receiver), object_key=native, thread_key=f"dm:{ours.id}:{other}", direction=ours.direction(actor),
        text=html.unescape(js.text(data.get("text"))),
        hashtags=tuple(js.text(tag.get("text")).lower() for tag in js.objs(js.at(data, "entities", "hashtags")) if tag.get("text")),
        props={key: found for key, found in (("payload", js.text(js.at(data, "quick_reply_response", "metadata"))),
                                             ("media", js.text(js.at(data, "attachment", "media", "type")))) if found},
    )
    yield from _profiles([ours.users.get(sender)], moment, ours)


def _saw(event: Json, ours: Ours, received_at: datetime) -> Iterator[Item]:
    who = js.text(event.get("sender_id"))
    about = js.text(event.get("last_read_event_id"))
    actor = ours.person(who)
    yield Activity(
        verb=Verb.READ, object_type=ObjectType.MESSAGE, native_id=f"read:{about}:{who}", actor=actor, object_key=about,
        happened_at=js.when(event.get("created_timestamp"), received_at), thread_key=f"dm:{ours.id}:{who}", direction=ours.direction(actor),
    )


def _deleted(event: Json, ours: Ours, received_at: datetime) -> Iterator[Item]:
    native = js.first(js.obj(event.get("status")), "id", "id_str")
    if native:
        yield Retraction(native_id=native, happened_at=js.when(event.get("timestamp_ms"), received_at), object_key=native)
    else:
        yield js.unknown("tweet_delete_events", event, received_at)


def _asked(value: Json, received_at: datetime) -> Iterator[Item]:
    """What was asked for, or done by us, within its envelope."""
    me, moment = js.text(value.get("account")), js.when(value.get("at"), received_at)
    if "data" in value:
        yield from _answer(value, received_at)
    for name, reason in (("gone", "deleted"), ("hidden", "hidden")):
        for native in js.texts(value.get(name) or []):
            yield Retraction(native_id=native, happened_at=moment, object_key=native, reason=reason,
                             version=f"hide:{stamp(moment)}" if name == "hidden" else "")
    for post in js.objs(value.get("shown")):
        if _is_post(post):
            shown = _v2_post(post, Ours(me, {}), {}, received_at)
            yield replace(shown, op=Op.CORRECT, version=stamp(moment))
    for native in js.texts(value.get("liked") or []):
        yield Activity(
            verb=Verb.LIKE, object_type=ObjectType.NOTE, native_id=f"like:{native}:{me}", happened_at=moment, actor=x.person({"id": me}),
            object_key=native, thread_key=native, reaction="like", direction=Direction.OUT, version=stamp(moment),
        )  # fmt: skip
    for native in js.texts(value.get("unliked") or []):
        yield Retraction(native_id=f"like:{native}:{me}", happened_at=moment, object_key=native, version=stamp(moment))
    if not any(name in value for name in _OURS):
        yield js.unknown("answer", value, received_at)


def _answer(value: Json, received_at: datetime) -> Iterator[Item]:
    """One answer of the v2 interface: posts, people or messages, joined with what it includes."""
    users = {js.text(user.get("id")): user for user in js.objs(js.at(value, "includes", "users"))}
    posts = {js.text(post.get("id")): post for post in js.objs(js.at(value, "includes", "tweets"))}
    ours = Ours(js.text(value.get("account")), users)
    times: list[datetime] = []
    for each in js.objs(value.get("data")):
        if _is_message(each):
            yield from _event(each, ours, received_at)
        elif _is_post(each):
            found = _v2_post(each, ours, posts, received_at)
            times.append(found.happened_at)
            yield found
        elif _is_user(each):
            yield from _profiles([each], received_at, ours)
        else:
            yield js.unknown("data", each, received_at)
    yield from _profiles(list(users.values()), max(times, default=received_at), ours)


def _v2_post(post: Json, ours: Ours, posts: dict[str, Json], received_at: datetime) -> Activity:
    native = js.text(post.get("id"))
    related = {js.text(each.get("type")): js.text(each.get("id")) for each in js.objs(post.get("referenced_tweets"))}
    shared, reply = related.get("retweeted", ""), related.get("replied_to", "")
    known = posts.get(shared or reply or related.get("quoted", ""), {})
    to = js.text(known.get("author_id")) or js.text(post.get("in_reply_to_user_id"))
    metrics = js.obj(post.get("public_metrics"))
    actor = ours.person(js.text(post.get("author_id")))
    direction = ours.direction(actor)
    named = bool(ours.id) and any(js.text(each.get("id")) == ours.id for each in js.objs(js.at(post, "entities", "mentions")))
    return Activity(
        verb=Verb.ANNOUNCE if shared else Verb.CREATE, native_id=native, direction=direction,
        object_type=ObjectType.MENTION if named and not shared and not reply else ObjectType.NOTE,
        happened_at=js.when(post.get("created_at"), x.born(native, received_at)), actor=actor,
        target=ours.person(to) if to and to == ours.id and direction is Direction.IN else None,
        body={"to": to} if to else {}, object_key=shared or native, parent_key=reply,
        thread_key=js.text(post.get("conversation_id")) or reply or native, url=f"https://x.com/i/web/status/{native}",
        language=lang if len(lang := js.text(post.get("lang"))) == 2 else "", text=html.unescape(
            js.text(js.at(post, "note_tweet", "text")) or js.text(post.get("text"))),
        hashtags=tuple(dict.fromkeys(js.first(tag, "tag", "text").lower() for tag in js.objs(js.at(post, "entities", "hashtags")))),
        props={key: found for key, found in (
            ("likes", int(js.number(metrics.get("like_count")) or 0)), ("reposts", int(js.number(metrics.get("retweet_count")) or 0)),
            ("replies", int(js.number(metrics.get("reply_count")) or 0)), ("quotes", related.get("quoted", "")),
            ("ours", direction is Direction.OUT),
            ("overheard", bool(ours.id) and direction is Direction.IN and not named and to != ours.id),
        ) if found},
    )


def _event(event: Json, ours: Ours, received_at: datetime) -> Iterator[Item]:
    native, thread = js.text(event.get("id")), js.text(event.get("dm_conversation_id"))
    moment = js.when(event.get("created_at"), x.born(native, received_at))
    kind = js.text(event.get("event_type"))
    if kind == "MessageCreate" and native:
        actor, two = ours.person(js.text(event.get("sender_id"))), thread.split("-")
        other = next((each for each in two if each != ours.id), "") if len(two) == 2 and ours.id in two else ""
        direction = ours.direction(actor)
        yield Activity(
            verb=Verb.CREATE, object_type=ObjectType.MESSAGE, native_id=f"dm:{native}", happened_at=moment, object_key=native, actor=actor,
            target=ours.person(other if direction is Direction.OUT else ours.id) if other else None, direction=direction,
            thread_key=f"dm:{ours.id}:{other}" if other else f"dm:{thread}", text=html.unescape(js.text(event.get("text"))),
        )  # fmt: skip
    else:
        yield js.unknown(f"dm_event.{kind}", event, moment)


channel = X()
