"""The archive that X hands out: its `.js` parts (`window.YTD.tweets.part0 = [...]`), alone or zipped together."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO, ClassVar

from msgspec import Struct

from vincle.vocabulary import Activity, Direction, HandleRef, Item, ObjectType, Outcome, Retraction, Verb, Warn

from . import _json as js
from . import _x as x
from ._deliveries import key_of, summary
from ._identifiers import email, url
from ._text import decode
from ._x import Json
from ._zip import members, names_at_start
from .base import Channel, FileError, Options, Preview, Sample, Spec

_PREFIX = re.compile(r"\s*window\.YTD\.(\w+)\.part(\d+)\s*=\s*")
_PART_NAME = re.compile(r"(?:^|/)([\w-]+?)(?:-part\d+)?\.js$")
_ALIASES = {"tweet": "tweets", "community_tweet": "tweets", "direct_messages_group": "direct_messages", "deleted_tweet": "deleted_tweets"}
_TYPICAL = re.compile(r"(?:^|/)(?:data/(?:tweets?|account|follower|following|like|direct-messages|manifest)[\w-]*\.js$|Your archive\.html$|"
                      r"data/(?:tweets?|profile|direct_messages|community_tweet|moments)_media/)")
_NOTE_MARK = re.compile(r"(?:…|\.\.\.)?\s*(?:https://t\.co/\w+)?\s*$")


class Owner(Struct, frozen=True):
    """Whose archive it is. Without `account.js` nobody is claimed."""

    id: str = ""
    handle: HandleRef | None = None

    @property
    def key(self) -> str:
        return self.id or "owner"


class XArchive(Channel):
    spec: ClassVar[Spec] = Spec(
        id="x_archive", name="X archive", icon="brand-x", family="archive", capabilities=frozenset({"file"}),
        handle_kinds=("x", "x_username"), extensions=(".js", ".zip"),
    )

    def recognise(self, sample: Sample) -> float:
        if sample.head.startswith(b"PK\x03\x04"):
            return 0.95 if any(_TYPICAL.search(name) for name in names_at_start(sample.head)) else 0.0
        return 1.0 if _PREFIX.match(decode(sample.head[:512]).lstrip("\ufeff")) else 0.0

    def preview(self, file: BinaryIO, options: Options) -> Preview:
        found = [item for item in self.read(file, options) if not isinstance(item, Warn)]
        return Preview(channel=self.spec.id, vendor=self.spec.name, rows=len(found), sample=tuple(summary(item) for item in found[:20]))

    def read(self, file: BinaryIO, options: Options) -> Iterator[Outcome]:
        file.seek(0)
        zipped = file.read(4) == b"PK\x03\x04"
        file.seek(0)
        if zipped:
            yield from _archive(file, options.now)
            return
        kind, items = part(file.read(js.MAX_BYTES))
        if kind in _READERS:
            notes = _notes(items) if kind == "note_tweet" else {}
            yield from _news(kind, items, _owner(items) if kind == "account" else Owner(), notes, options.now)
        else:
            for each in items:
                yield js.unknown(kind, each, options.now)


def part(raw: bytes, name: str = "") -> tuple[str, list[Json]]:
    """The kind and the items of one part. Nothing of it is run. FileError names the line where it breaks off."""
    text = decode(raw).lstrip("\ufeff")
    matched = _PREFIX.match(text)
    if not matched:
        raise FileError("not_an_archive_part", name)
    try:
        value = js.load_text(text[matched.end():].rstrip().rstrip(";"), 1 + text[: matched.end()].count("\n"))
    except FileError as fault:
        raise FileError(fault.code, f"{name}: {fault.detail}" if name else fault.detail, fault.line) from fault
    if not isinstance(value, list | dict):
        raise FileError("not_an_archive_part", name)
    return _plain_kind(matched[1]), js.objs(value)


def _plain_kind(kind: str) -> str:
    return _ALIASES.get(kind, kind)


def _archive(file: BinaryIO, now: datetime) -> Iterator[Outcome]:
    """All parts that speak of people, after the account; every part is read before anything is given out."""
    parts: list[tuple[str, list[Json]]] = []
    skipped: Counter[str] = Counter()
    for name, raw in members(file, _PART_NAME):
        begins = _PREFIX.match(decode(raw[:512]).lstrip("\ufeff"))
        if begins and _plain_kind(begins[1]) in _READERS:
            parts.append(part(raw, name))
        elif begins:
            skipped[begins[1]] += 1
    if not parts and not skipped:
        raise FileError("not_an_archive")
    owner = next((_owner(items) for kind, items in parts if kind == "account"), Owner())
    notes = _notes(item for kind, items in parts if kind == "note_tweet" for item in items)
    seen: set[tuple[str, str, str, str]] = set()
    for kind, items in sorted(parts, key=lambda found: found[0] == "note_tweet"):
        for outcome in _news(kind, items, owner, notes, now):
            if isinstance(outcome, Warn):
                yield outcome
            elif (key := key_of(outcome)) not in seen:
                seen.add(key)
                yield outcome
    if skipped:
        yield Warn(line=0, code="parts_skipped", detail=", ".join(sorted(skipped))[:500])


def _notes(items: Iterable[Json]) -> dict[str, Json]:
    """Long texts by the second they were written in; of several in one second the later ones by their id."""
    found: dict[str, Json] = {}
    for item in items:
        second = js.text(js.at(item, "noteTweet", "createdAt"))[:19]
        found[second if second not in found else js.text(js.at(item, "noteTweet", "noteTweetId"))] = item
    return found


def _owner(items: list[Json]) -> Owner:
    account = js.obj(js.at(items[0], "account")) if items else {}
    native = js.text(account.get("accountId"))
    return Owner(native, HandleRef("x", native, js.first(account, "accountDisplayName", "username"))) if native else Owner()


def _news(kind: str, items: list[Json], owner: Owner, notes: dict[str, Json], now: datetime) -> Iterator[Item | Warn]:
    if kind == "direct_messages" and not owner.id:
        owner = _common(items)
    for place, item in enumerate(items, 1):
        known = False
        for found in _READERS[kind](item, owner, notes, now):
            known = True
            yield found
        if not known and kind != "note_tweet":
            yield Warn(line=0, code="item_skipped", field=kind, detail=f"item {place}")


def _common(items: list[Json]) -> Owner:
    """Whose conversations they are: the one who takes part in all of several."""
    sides = [set(js.text(js.at(item, "dmConversation", "conversationId")).split("-")) for item in items]
    shared = set.intersection(*sides) if len(sides) > 1 else set()
    native = shared.pop() if len(shared) == 1 else ""
    return Owner(native, HandleRef("x", native)) if native else Owner()


def _tweet(item: Json, owner: Owner, notes: dict[str, Json], now: datetime) -> Iterator[Item]:
    tweet = js.obj(item.get("tweet")) or item
    if note := _note_of(tweet, notes, now):
        tweet = tweet | {"full_text": js.text(js.at(note, "core", "text"))}
    if found := x.post(tweet, owner.handle, Direction.OUT, now):
        yield found


def _note_of(tweet: Json, notes: dict[str, Json], now: datetime) -> Json:
    """The long text of a post that the archive keeps apart: written in the same second, beginning alike."""
    written = js.text(tweet.get("full_text"))
    made = x.moment(tweet.get("created_at"), now).strftime("%Y-%m-%dT%H:%M:%S")
    note = js.obj(js.at(notes.get(made, {}), "noteTweet"))
    begins = _NOTE_MARK.sub("", written)
    if not note or not begins or not js.text(js.at(note, "core", "text")).startswith(begins[:200]):
        return {}
    notes.pop(made)
    return note


def _note(item: Json, owner: Owner, notes: dict[str, Json], now: datetime) -> Iterator[Item]:
    """A long text that no post of the archive claimed."""
    note = js.obj(item.get("noteTweet"))
    native, text = js.text(note.get("noteTweetId")), js.text(js.at(note, "core", "text"))
    unclaimed = any(each is item for each in notes.values())
    if native and text and unclaimed:
        yield Activity(
            verb=Verb.CREATE, object_type=ObjectType.NOTE, native_id=f"note:{native}", object_key=native, thread_key=native,
            happened_at=x.moment(note.get("createdAt"), now), actor=owner.handle, direction=Direction.OUT, text=text,
            hashtags=tuple(js.text(tag.get("text")).lower() for tag in js.objs(js.at(note, "core", "hashtags")) if tag.get("text")),
        )


def _deleted(item: Json, owner: Owner, notes: dict[str, Json], now: datetime) -> Iterator[Item]:
    tweet = js.obj(item.get("tweet")) or item
    if native := js.first(tweet, "id_str", "id"):
        yield Retraction(native_id=native, happened_at=x.moment(tweet.get("deleted_at"), now), object_key=native)


def _account(item: Json, owner: Owner, notes: dict[str, Json], now: datetime) -> Iterator[Item]:
    """Our own account, marked so: it is nobody's customer."""
    account = js.obj(item.get("account"))
    if owner.handle is None:
        return
    name, address = js.text(account.get("username")), email(js.text(account.get("email")))
    handles = [owner.handle, *([js.username("x", name)] if name else []), *([HandleRef("email", address)] if address else [])]
    yield js.fact(f"profile:{owner.id}", observed_at=now, handles=tuple(handles), name=js.text(account.get("accountDisplayName")),
                  tags=("own account",))


def _follower(item: Json, owner: Owner, notes: dict[str, Json], now: datetime) -> Iterator[Item]:
    yield from _follow(js.text(js.at(item, "follower", "accountId")), owner, now, ours=False)


def _following(item: Json, owner: Owner, notes: dict[str, Json], now: datetime) -> Iterator[Item]:
    yield from _follow(js.text(js.at(item, "following", "accountId")), owner, now, ours=True)


def _follow(other: str, owner: Owner, now: datetime, *, ours: bool) -> Iterator[Item]:
    """Who follows whom. The archive says since when for nobody."""
    if other:
        them = HandleRef("x", other)
        yield Activity(
            verb=Verb.FOLLOW, object_type=ObjectType.PROFILE, happened_at=now, actor=owner.handle if ours else them,
            native_id=f"follow:{owner.key}:{other}" if ours else f"follow:{other}:{owner.key}", target=them if ours else owner.handle,
            direction=Direction.OUT if ours else Direction.IN, object_key=other if ours else owner.id, props={"undated": True},
        )


def _like(item: Json, owner: Owner, notes: dict[str, Json], now: datetime) -> Iterator[Item]:
    """What we liked. Its time is that of the post liked, which is nearest to what is known."""
    like = js.obj(item.get("like"))
    if native := js.text(like.get("tweetId")):
        yield Activity(
            verb=Verb.LIKE, object_type=ObjectType.NOTE, native_id=f"like:{native}:{owner.key}", happened_at=x.born(native, now),
            actor=owner.handle, direction=Direction.OUT, object_key=native, url=url(js.text(like.get("expandedUrl"))), reaction="like",
            body={"text": js.text(like.get("fullText"))} if like.get("fullText") else {}, props={"undated": True},
        )


def _conversation(item: Json, owner: Owner, notes: dict[str, Json], now: datetime) -> Iterator[Item]:
    conversation = js.obj(item.get("dmConversation"))
    thread = js.text(conversation.get("conversationId"))
    for event in js.objs(conversation.get("messages")):
        message = js.obj(event.get("messageCreate"))
        if message:
            yield from _direct(message, thread, owner, now)
        elif event:
            yield js.unknown(f"direct_messages.{next(iter(event))}", event, now)


def _direct(message: Json, thread: str, owner: Owner, now: datetime) -> Iterator[Item]:
    sender, receiver = js.text(message.get("senderId")), js.text(message.get("recipientId"))
    native = js.text(message.get("id")) or js.digest(message, thread)
    out = bool(owner.id) and sender == owner.id
    yield Activity(
        verb=Verb.CREATE, object_type=ObjectType.MESSAGE, native_id=f"dm:{native}", happened_at=x.moment(message.get("createdAt"), now),
        actor=owner.handle if out else HandleRef("x", sender) if sender else None,
        target=HandleRef("x", receiver) if receiver and owner.id else None,
        direction=Direction.OUT if out else Direction.IN, object_key=native, thread_key=f"dm:{thread}", text=js.text(message.get("text")),
        props={"media": len(js.texts(message.get("mediaUrls")))} if message.get("mediaUrls") else {},
    )
    for reaction in js.objs(message.get("reactions")):
        who = js.text(reaction.get("senderId"))
        ours = bool(owner.id) and who == owner.id
        yield Activity(
            verb=Verb.LIKE, object_type=ObjectType.MESSAGE, native_id=f"reaction:{native}:{who}:{js.text(reaction.get('reactionKey'))}",
            reaction=js.text(reaction.get("reactionKey")), version=js.text(reaction.get("eventId")),
            happened_at=x.moment(reaction.get("createdAt"), now), object_key=native, actor=HandleRef("x", who) if who else None,
            direction=Direction.OUT if ours else Direction.IN, thread_key=f"dm:{thread}",
        )


_Reader = Callable[[Json, Owner, dict[str, Json], datetime], Iterator[Any]]
_READERS: dict[str, _Reader] = {
    "account": _account, "tweets": _tweet, "note_tweet": _note, "deleted_tweets": _deleted, "follower": _follower,
    "following": _following, "like": _like, "direct_messages": _conversation,
}

channel = XArchive()
