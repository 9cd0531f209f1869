"""Web sites, apps and servers: what Segment-compatible clients and our own script say, as the collector kept it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, ClassVar

from msgspec import Raw

from vincle.vocabulary import Fact, HandleRef, Outcome, Reject, Unknown, Warn

from . import _segment
from ._segment import BATCHES, KINDS, MAX_EVENT, Batch, Broken, Envelope, Event, identifier
from ._surroundings import Surroundings, surroundings
from ._web_acts import ACTS, Said, handles
from .base import Channel, Spec

__all__ = ["BATCHES", "KINDS", "MAX_EVENT", "channel", "fault"]

_SHOWN = 2000
_MOST_CONTEXTS = 2000
_SINGLE = Batch([])
_LINKING = frozenset({"identify", "alias"})


class Web(Channel):
    spec: ClassVar[Spec] = Spec(
        id="web", name="Web, apps and servers", icon="world", family="webhook", capabilities=frozenset({"webhook"}),
        handle_kinds=("login", "cookie", "visit", "email", "phone"),
    )  # fmt: skip

    def parse(self, raw: bytes, received_at: datetime) -> Iterator[Outcome]:
        """Every event of an array of envelopes, in order; `line` of a Reject or Warn is the running number of its event."""
        reader = _Reader(received_at, nul=_segment.has_nul(raw))
        for envelope in _segment.envelopes(raw, received_at):
            yield from reader.envelope(envelope)


def fault(call: str, event: Mapping[str, Any]) -> tuple[str, str] | None:
    """Why an event cannot go in, as (code, field), or None. `call` is the path it came by; "batch" means that `type` tells its kind."""
    if _is_plainly_good(call, event):
        return None
    read = _segment.loose_event({name: event[name] for name in _DECIDING if name in event})
    context = event.get("context")
    cookieless = isinstance(context, Mapping) and context.get("cookieless") is True
    return _fault(_kind(call, read), read, identifier(read.user_id), identifier(read.anonymous_id), cookieless=cookieless)


def _is_plainly_good(call: str, event: Mapping[str, Any]) -> bool:
    """Told at a glance of nearly every event: the door asks this of each one."""
    who = event.get("userId") or event.get("anonymousId")
    if type(who) is not str or not identifier(who):
        return False
    return call in _NAMELESS or (call == "track" and type(name := event.get("event")) is str and bool(identifier(name)))


_NAMELESS = frozenset({"identify", "page", "screen"})
_DECIDING = ("type", "userId", "anonymousId", "previousId", "groupId", "event")


def _kind(call: str, event: Event) -> str:
    if call in BATCHES:
        return (event.type or "").lower()
    return call


def _fault(kind: str, event: Event, login: str, cookie: str, *, cookieless: bool) -> tuple[str, str] | None:
    if kind not in KINDS:
        return "unknown_type", "type"
    if kind == "alias":
        if not login:
            return "no_identity", "userId"
        return None if identifier(event.previous_id) or cookie else ("no_previous", "previousId")
    if not (login or cookie or cookieless):
        return "no_identity", "userId"
    if kind == "track" and not identifier(event.event):
        return "no_event_name", "event"
    return ("no_group", "groupId") if kind == "group" and not identifier(event.group_id) else None


class _Reader:
    """One raw delivery on its way: the running number of its events and what was told once already."""

    def __init__(self, received_at: datetime, *, nul: bool) -> None:
        self.received, self.nul = received_at, nul
        self.line = 0
        self.out: list[Outcome] = []
        self.twins: dict[tuple[str, bytes], int] = {}
        self.linked: set[tuple[str, str]] = set()
        self.contexts: dict[tuple[bytes, bytes, str], Surroundings] = {}

    def envelope(self, envelope: Envelope | Unknown | Broken) -> list[Outcome]:
        """Everything one request says."""
        self.out = []
        if not isinstance(envelope, Envelope):
            self.line += 1
            if isinstance(envelope, Unknown):
                return [envelope]
            self._refuse("broken_json", "", envelope.raw)
            return self.out
        at = _segment.instant(envelope.at) or self.received.astimezone(UTC)
        if envelope.call not in BATCHES:
            self._event(envelope.body, envelope, at, _SINGLE, None)
        elif (batch := _segment.batch(envelope.body)) is None:
            self.line += 1
            self._refuse("not_an_object", "batch", bytes(envelope.body))
        else:
            sent = _segment.instant(batch.sent_at)
            for body in batch.batch:
                self._event(body, envelope, at, batch, sent)
        return self.out

    def _event(self, body: Raw, envelope: Envelope, at: datetime, batch: Batch, sent: datetime | None) -> None:
        self.line += 1
        raw = bytes(body)
        if len(raw) > MAX_EVENT:
            return self._refuse("event_too_large", "", raw, str(len(raw)))
        event = _segment.event(raw, nul=self.nul)
        if event is None:
            return self._refuse("broken_json" if raw[:1] == b"{" else "not_an_object", "", raw)
        around = self._around(bytes(event.context), bytes(batch.context), envelope.agent)
        kind = _kind(envelope.call, event)
        login, cookie = identifier(event.user_id), identifier(event.anonymous_id)
        if refusal := _fault(kind, event, login, cookie, cookieless=around.cookieless):
            return self._refuse(*refusal, raw)
        moment = _segment.happened(event, at, sent)
        if moment is None:
            self._warn_of_time(event)
        if envelope.gpc or around.cookieless:
            cookie = ""
        native = identifier(event.message_id) or self._named(envelope.at, raw)
        said = Said(self.line, native, moment or at, login, cookie, _actor(login, cookie, envelope.visit), envelope.gpc)
        self.out += ACTS[kind](event, around, said)
        if said.login and (said.cookie or "@" in said.login) and kind not in _LINKING:
            self._link(said)
        return None

    def _around(self, own: bytes, shared: bytes, agent: str) -> Surroundings:
        key = (own, shared, agent)
        found = self.contexts.get(key)
        if found is None:
            merged = _segment.context(own) if not shared else _segment.context(shared) | _segment.context(own)
            found = surroundings(merged, agent)
            if len(self.contexts) < _MOST_CONTEXTS:
                self.contexts[key] = found
        return found

    def _named(self, at: str, raw: bytes) -> str:
        """The id of an event that came without one."""
        twin = self.twins[at, raw] = self.twins.get((at, raw), -1) + 1
        return _segment.named(at, raw, twin)

    def _link(self, said: Said) -> None:
        """The one who is logged in is the one with this cookie: said once, however many acts show it."""
        pair = said.login, said.cookie
        if pair in self.linked:
            return
        self.linked.add(pair)
        name = blake2b("\x1f".join(pair).encode("utf-8", "replace"), digest_size=16).hexdigest()
        self.out.append(Fact(native_id=f"same:{name}", observed_at=said.at, handles=handles(said)))

    def _refuse(self, code: str, field: str, raw: bytes, detail: str = "") -> None:
        shown = raw[:_SHOWN].decode("utf-8", "replace").replace("\x00", "")
        self.out.append(Reject(line=self.line, code=code, field=field, detail=detail, raw=shown))

    def _warn_of_time(self, event: Event) -> None:
        stamp = event.timestamp if event.timestamp is not None else event.original_timestamp
        self.out.append(Warn(line=self.line, code="invalid_timestamp", field="timestamp", detail=str(stamp)[:200]))


def _actor(login: str, cookie: str, visit: str) -> HandleRef | None:
    """Who acted: whoever is logged in, else the browser, else, where no cookie may be used, the visitor of the day."""
    if login:
        return HandleRef("login", login)
    if cookie:
        return HandleRef("cookie", cookie)
    return HandleRef("visit", visit) if visit else None


channel = Web()
