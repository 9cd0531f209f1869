"""YouTube: comments below our videos and on our channel, and our replies, as the Data API tells them.

https://developers.google.com/youtube/v3/docs/commentThreads. There is no push: it is polled, within a day's units (a list 1, a write 50).
YouTube wants what is kept of it to be refreshed or deleted within thirty days: what was seen is asked for again after 25, what is
not there any more is retracted, and so is what falls out of the list of what can be asked for again.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from vincle.vocabulary import HandleRef, Item, Retraction

from . import _json as js
from . import _youtube as tube
from ._deliveries import DeliveryChannel
from ._meta import stamp
from .base import Spec
from .live import Command, Context, Line, OAuth, Problem, Pulled, Receipt, Setting, Standing, Stream, Way


class YouTube(DeliveryChannel):
    spec: ClassVar[Spec] = Spec(
        id="youtube", name="YouTube", icon="brand-youtube", family="webhook", capabilities=frozenset({"file", "pull", "act"}),
        handle_kinds=("youtube",), extensions=(".json",), streams=(Stream(name="comments", every=600),),
        settings=(
            Setting(name="client_id", label="Client ID", help="In the Google Cloud console: APIs & Services › Credentials."),
            Setting(name="client_secret", label="Client secret", is_secret=True, help="Beside the client ID."),
            Setting(name="units", label="Units a day", kind="number", default=str(tube.UNITS), is_required=False,
                    help="What Google lets the project use: 10,000, unless you were given more."),
        ),
        oauth=OAuth(authorize_url="https://accounts.google.com/o/oauth2/v2/auth", token_url="https://oauth2.googleapis.com/token",
                    scopes=(tube.SCOPE,), extra={"access_type": "offline", "prompt": "consent"}),
    )  # fmt: skip

    def claims(self, delivery: Any) -> float:
        value = js.obj(delivery)
        if value.get("source") == "youtube":
            return 1.0
        return 0.95 if js.text(value.get("kind")).startswith(("youtube#comment", "youtube#commentThread")) else 0.0

    def items(self, delivery: Any, received_at: datetime) -> Iterator[Item]:
        value = js.obj(delivery)
        ours = js.text(value.get("channel"))
        found = js.objs(value.get("items")) or ([value] if js.text(value.get("kind")) in tube.ONE else [])
        for each in found:
            yield from tube.thread(each, ours, received_at)
        moment = js.when(value.get("at"), received_at)
        for name in ("gone", "hidden"):
            for native in js.texts(value.get(name) or []):
                version = f"hide:{stamp(moment)}" if name == "hidden" else ""
                reason = "hidden" if name == "hidden" else "deleted"
                yield Retraction(native_id=native, happened_at=moment, object_key=native, reason=reason, version=version)
        if not found and not value.get("gone") and not value.get("hidden"):
            yield js.unknown("delivery", delivery, received_at)

    def check(self, line: Line) -> Standing:
        said = tube.ask(line, "GET", "channels", {"part": "snippet,statistics", "mine": "true"})
        found = next(iter(js.objs(said.get("items"))), {})
        native, name = js.text(found.get("id")), js.text(js.at(found, "snippet", "title"))
        if not native:
            raise Problem("permanent", "no_channel")
        line.renew({"channel_id": native})
        return Standing(account=name, own=(HandleRef("youtube", native, name),))

    def pull(self, line: Line, stream: str, cursor: str) -> Pulled:
        """The first walk goes back to the beginning; afterwards up to what was seen. One question to YouTube a call."""
        if stream != "comments":
            raise Problem("permanent", "no_such_stream", stream)
        sight, ours = tube.sight(cursor, line.now), tube.channel(line)
        left = int((js.number(line.settings.get("units") or tube.UNITS) or 0) * (1 - tube.FOR_WRITING)) - sight.units
        if left <= 0:
            raise Problem("quota", "budget_spent", f"{sight.units} units on {sight.day}", tube.to_midnight(line.now))
        sight.units += tube.READ
        if sight.open:
            return tube.replies(line, sight, ours)
        if not sight.token and (old := tube.old(sight, line.now)):
            return tube.refreshed(line, sight, ours, old)
        return tube.threads(line, sight, ours)

    def ways(self, about: Context, settings: Mapping[str, str], abilities: frozenset[str], now: datetime) -> tuple[Way, ...]:
        """YouTube lets no app like; a comment of others below ours can be held back."""
        if about.object_type != "Note":
            return ()
        reply = Way(deed="reply", longest=tube.LONGEST)
        if about.props.get("ours"):
            return (reply, Way(deed="delete"))
        return (reply, Way(deed="unhide" if about.props.get("hidden") or "hide" in about.done else "hide"))

    def act(self, line: Line, command: Command, key: str) -> Receipt:
        opposite = {"hide": "unhide", "unhide": "hide"}
        ways = self.ways(command.about, line.settings, frozenset(), line.now)
        if not any(command.deed in (each.deed, opposite.get(each.deed)) for each in ways):
            raise Problem("permanent", "cannot_act", command.deed)
        about, ours, now = command.about, tube.channel(line), line.now
        target = about.object_key or about.native_id
        if command.deed == "reply":
            return tube.reply(line, command, ours, target)
        if command.deed == "delete":
            tube.ask(line, "DELETE", "comments", {"id": target})
            return Receipt(native_id=target, happened_at=now, raw=tube.raw(ours, gone=[target], at=now.isoformat()))
        status = "heldForReview" if command.deed == "hide" else "published"
        tube.ask(line, "POST", "comments/setModerationStatus", {"id": target, "moderationStatus": status})
        if command.deed == "hide":
            return Receipt(native_id=target, happened_at=now, raw=tube.raw(ours, hidden=[target], at=now.isoformat()))
        shown = js.objs(tube.ask(line, "GET", "comments", {"part": "snippet", "id": target} | tube.PLAIN).get("items"))
        again = [each | {"shown": now.isoformat(), "video": about.thread_key} for each in shown]
        return Receipt(native_id=target, happened_at=now, raw=tube.raw(ours, items=again))

    def found(self, line: Line, command: Command, key: str, since: datetime) -> Receipt | None:
        """Our newest replies below the same comment are looked at for these words."""
        if command.deed != "reply":
            return None
        about, ours = command.about, tube.channel(line)
        parent = tube.top(about)
        said = tube.ask(line, "GET", "comments", {"part": "snippet", "parentId": parent, "maxResults": "100"} | tube.PLAIN)
        for each in js.objs(said.get("items")):
            snippet = js.obj(each.get("snippet"))
            moment = js.when(snippet.get("publishedAt"), since)
            is_ours = js.text(js.at(snippet, "authorChannelId", "value")) == ours
            if is_ours and js.text(snippet.get("textDisplay")).strip() == command.text.strip() and moment >= since.replace(microsecond=0):
                whole = each | {"video": about.thread_key}
                return Receipt(native_id=js.text(each.get("id")), happened_at=moment, raw=tube.raw(ours, items=[whole]))
        return None


channel = YouTube()
