"""Mastodon: statuses, notifications (single and grouped) and streaming events, of any server that speaks its API."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from vincle.vocabulary import Item, ObjectType, Verb

from . import _json as js
from . import _mastodon_deeds as deeds
from . import _mastodon_hearing as hearing
from ._deliveries import DeliveryChannel
from ._mastodon_items import EVENTS, groups, is_notification, is_status, notification, person, profile, status_items, streamed, taken_back
from ._mastodon_server import account, instance
from .base import Spec
from .live import Command, Context, Line, OAuth, Posting, Pulled, Receipt, Setting, Standing, Stream, Way

Json = dict[str, Any]
_SCOPES = ("read:accounts", "read:notifications", "read:statuses", "write:statuses", "write:favourites", "write:media")
_SETTINGS = (
    Setting(
        name="server",
        label="Server",
        help="What stands behind the second @ of your account, for example https://mastodon.social.",
        kind="url",
    ),
    Setting(
        name="access_token",
        label="Access token",
        is_secret=True,
        is_required=False,
        help="Only where signing in does not work: made at your server under Preferences, Development.",
    ),
    Setting(
        name="hashtags", label="Hashtags", help="To hear what is posted under them, whoever writes: separated by spaces.", is_required=False
    ),
    Setting(
        name="home", label="Home timeline", help="Also hear everything that the accounts you follow post.", kind="switch", is_required=False
    ),
)


class Mastodon(DeliveryChannel):
    spec: ClassVar[Spec] = Spec(
        id="mastodon",
        name="Mastodon",
        icon="brand-mastodon",
        family="webhook",
        capabilities=frozenset({"file", "webhook", "pull", "act"}),
        handle_kinds=("mastodon",),
        extensions=(".json", ".jsonl"),
        settings=_SETTINGS,
        oauth=OAuth(
            authorize_url="{server}/oauth/authorize",
            token_url="{server}/oauth/token",
            register_url="{server}/api/v1/apps",
            scopes=_SCOPES,
        ),
        streams=(
            Stream(name=hearing.NOTIFICATIONS, every=60.0, is_live=True, has_past=True),
            Stream(name=hearing.OWN, every=300.0, has_past=True),
            Stream(name=hearing.HOME, every=120.0),
            Stream(name=hearing.HASHTAGS, every=120.0),
        ),
    )

    def claims(self, delivery: Any) -> float:
        value = js.obj(delivery)
        if is_status(value) or is_notification(value) or "notification_groups" in value:
            return 0.95
        if js.text(value.get("event")) in EVENTS and ("payload" in value or "stream" in value):
            return 0.95
        if "ancestors" in value and "descendants" in value:
            return 0.9
        if value.get("source") == "vincle" and "acct" in js.obj(value.get("account")):
            return 0.9
        if isinstance(value.get("last_status"), dict) and "accounts" in value:
            return 0.9
        return 0.85 if "acct" in value and "statuses_count" in value else 0.0

    def items(self, delivery: Any, received_at: datetime) -> Iterator[Item]:
        value = js.obj(delivery)
        if value.get("source") == "vincle":
            yield from taken_back(value, received_at)
        elif is_notification(value):
            yield from notification(value, received_at)
        elif is_status(value):
            yield from status_items(value, received_at)
        elif "notification_groups" in value:
            yield from groups(value, received_at)
        elif js.text(value.get("event")) in EVENTS:
            yield from streamed(value, received_at)
        elif "ancestors" in value or "descendants" in value:
            for status in js.objs(value.get("ancestors")) + js.objs(value.get("descendants")):
                yield from status_items(status, received_at)
        elif isinstance(value.get("last_status"), dict):
            yield from status_items(value["last_status"], received_at)
        elif "acct" in value and (fact := profile(value, received_at)):
            yield fact
        else:
            yield js.unknown("delivery", delivery, received_at)

    def check(self, line: Line) -> Standing:
        ours, found = account(line), instance(line)
        handle = person(ours)
        granted = deeds.granted(line)
        missing = [scope for scope in _SCOPES if granted and not {scope, scope.partition(":")[0]} & granted]
        abilities = {f"characters:{found.characters}", f"files:{found.files}"}
        if found.streaming:
            abilities.add("streaming")
        if handle:
            abilities.add(f"own:{handle.value}")
        return Standing(
            account=f"@{handle.value}" if handle else "",
            own=(handle,) if handle else (),
            scopes_missing=tuple(missing),
            abilities=frozenset(abilities),
        )

    def pull(self, line: Line, stream: str, cursor: str) -> Pulled:
        return hearing.pull(line, stream, cursor)

    def past(self, line: Line, stream: str, cursor: str) -> Pulled:
        return hearing.past(line, stream, cursor)

    def listen(self, line: Line, stream: str, cursor: str) -> Iterator[Pulled]:
        return hearing.listen(line, stream, cursor)

    def ways(self, about: Context, settings: Mapping[str, str], abilities: frozenset[str], now: datetime) -> tuple[Way, ...]:
        is_said = about.verb in ("", Verb.CREATE)
        if not is_said or about.object_type not in ("", ObjectType.NOTE, ObjectType.MENTION, ObjectType.MESSAGE):
            return ()
        seen_by = js.text(about.props.get("visibility")) or "public"
        limits = dict(each.split(":", 1) for each in abilities if ":" in each)
        files = int(limits.get("files", 4))
        room = int(limits.get("characters", 500)) - self.length(about.title)
        room -= self.length(f"@{about.author.value} ") if about.author else 0
        room = max(room, 1)
        readers = {"direct": "named_only", "private": "followers_only"}.get(seen_by, "public")
        ways = [Way(deed="reply", code=readers, longest=room, takes_files=files)]
        if seen_by != "direct":
            ways.append(Way(deed="private_reply", code="named_only", longest=room, takes_files=files))
        ways += [Way(deed="like")]
        ways += [Way(deed="boost")] if seen_by in ("public", "unlisted") else []
        is_ours = about.author is not None and f"own:{about.author.value}" in abilities
        return (*ways, Way(deed="delete")) if is_ours else tuple(ways)

    def posting(self, settings: Mapping[str, str], abilities: frozenset[str]) -> Posting | None:
        limits = dict(each.split(":", 1) for each in abilities if ":" in each)
        return Posting(
            longest=int(limits.get("characters", 500)), files=int(limits.get("files", 4)), file_types=("image/", "video/", "audio/"),
            largest_file=16 * 1024**2, has_alt=True,
        )  # fmt: skip

    def length(self, text: str) -> int:
        return deeds.length(text)

    def act(self, line: Line, command: Command, key: str) -> Receipt:
        return deeds.act(line, command, key)

    def found(self, line: Line, command: Command, key: str, since: datetime) -> Receipt | None:
        return deeds.found(line, command, since)


channel = Mastodon()
