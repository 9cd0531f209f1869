"""Bluesky: Jetstream frames and lists of notifications. People are their DIDs; deletions come as markers.

Live: notifications are asked for, the live stream is held open, and what we do are records in our own repository.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from vincle.vocabulary import HandleRef, Item, ObjectType, Verb

from . import _bluesky_deeds as deeds
from . import _bluesky_hearing as hearing
from . import _json as js
from ._answers import quota
from ._atproto import SERVICE, did, judged_here, scope, signed
from ._bluesky_items import account_items, commit_items, identity_fact, is_notification, notification_items
from ._bluesky_words import LARGEST_PICTURE, LONGEST, PICTURES
from ._deliveries import DeliveryChannel
from ._graphemes import graphemes
from .base import Spec
from .live import Command, Context, Line, Posting, Problem, Pulled, Receipt, Setting, Standing, Stream, Way

Json = dict[str, Any]


_SETTINGS = (
    Setting(name="handle", label="Name of the account", help="For example cafe.bsky.social, without the @."),
    Setting(
        name="app_password",
        label="App password",
        help="Made for Vincle alone: Settings, Privacy and security, App passwords.",
        is_secret=True,
    ),
    Setting(
        name="server",
        label="Server",
        help="Only if the account lives on a server of its own.",
        kind="url",
        is_required=False,
        default=SERVICE,
    ),
    Setting(
        name="reach",
        label="Heard at once",
        help="Everything else is heard within a minute.",
        kind="choice",
        is_required=False,
        default="known",
        choices=(
            ("known", "People who wrote to us lately"),
            ("all", "Everyone: reads the whole network, many GB a day"),
            ("none", "Nobody"),
        ),
    ),
    Setting(
        name="jetstream",
        label="Live stream",
        help="The Jetstream service to listen to.",
        is_required=False,
        default="wss://jetstream2.us-east.bsky.network/subscribe",
    ),
)


class Bluesky(DeliveryChannel):
    spec: ClassVar[Spec] = Spec(
        id="bluesky",
        name="Bluesky",
        icon="brand-bluesky",
        family="webhook",
        capabilities=frozenset({"file", "webhook", "pull", "act"}),
        handle_kinds=("bluesky", "bluesky_username"),
        extensions=(".json", ".jsonl"),
        settings=_SETTINGS,
        streams=(
            Stream(name=hearing.NOTIFICATIONS, every=60.0, has_past=True),
            Stream(name=hearing.OWN, every=300.0, has_past=True),
            Stream(name=hearing.LIVE, every=300.0, is_live=True),
        ),
    )

    def claims(self, delivery: Any) -> float:
        value = js.obj(delivery)
        if js.text(value.get("did")).startswith("did:") and ("time_us" in value or "kind" in value or "commit" in value):
            return 1.0
        return 0.95 if any(is_notification(each) for each in js.objs(value.get("notifications"))[:1]) else 0.0

    def items(self, delivery: Any, received_at: datetime) -> Iterator[Item]:
        value = js.obj(delivery)
        moment, kind = js.when(value.get("time_us"), received_at), js.text(value.get("kind"))
        if kind == "commit" and isinstance(value.get("commit"), dict):
            yield from commit_items(js.text(value.get("did")), value["commit"], value, moment)
        elif kind == "identity" and js.text(js.at(value, "identity", "handle")):
            yield identity_fact(js.obj(value.get("identity")), js.text(value.get("did")), moment)
        elif kind == "account":
            yield from account_items(js.obj(value.get("account")), value, moment)
        elif "notifications" in value:
            for each in js.objs(value.get("notifications")):
                yield from notification_items(each, received_at)
        else:
            yield js.unknown(kind or "frame", delivery, moment)

    def check(self, line: Line) -> Standing:
        answer = signed(line, "GET", "com.atproto.server.getSession")
        found = js.obj(judged_here(answer, line))
        if found.get("active") is False:
            raise Problem("auth", "account_closed", js.text(found.get("status")))
        name, owner = js.text(found.get("handle")), did(line)
        abilities = {f"own:{owner}", "notifications"}
        notes = ["main_password"] if scope(line) == "com.atproto.access" else []
        try:
            hearing.probe(line)
        except Problem as problem:
            if problem.code != "not_offered":
                raise
            abilities.discard("notifications")
            notes.append("no_view_of_the_network")
        own = (HandleRef("bluesky", owner, name), js.username("bluesky", name))
        return Standing(account=f"@{name}", own=own, abilities=frozenset(abilities), quota=quota(answer), notes=tuple(notes))

    def pull(self, line: Line, stream: str, cursor: str) -> Pulled:
        return hearing.pull(line, stream, cursor)

    def past(self, line: Line, stream: str, cursor: str) -> Pulled:
        return hearing.past(line, stream, cursor)

    def listen(self, line: Line, stream: str, cursor: str) -> Iterator[Pulled]:
        return hearing.listen(line, stream, cursor)

    def ways(self, about: Context, settings: Mapping[str, str], abilities: frozenset[str], now: datetime) -> tuple[Way, ...]:
        if about.verb not in ("", Verb.CREATE) or about.object_type not in ("", ObjectType.NOTE, ObjectType.MENTION):
            return ()
        ways = (Way(deed="reply", code="public", longest=LONGEST, takes_files=PICTURES), Way(deed="like"), Way(deed="boost"))
        is_ours = about.author is not None and f"own:{about.author.value}" in abilities
        return (*ways, Way(deed="delete")) if is_ours else ways

    def posting(self, settings: Mapping[str, str], abilities: frozenset[str]) -> Posting | None:
        return Posting(longest=LONGEST, files=PICTURES, largest_file=LARGEST_PICTURE, has_alt=True)

    def length(self, text: str) -> int:
        return graphemes(text)

    def act(self, line: Line, command: Command, key: str) -> Receipt:
        return deeds.act(line, command, key)

    def found(self, line: Line, command: Command, key: str, since: datetime) -> Receipt | None:
        return deeds.found(line, command, key)


channel = Bluesky()
