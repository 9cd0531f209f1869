"""What Segment-compatible clients send, decoded: quickly when it is as documented, patiently when it is not."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct

from vincle.vocabulary import Unknown

from . import _json as js
from .base import FileError

MAX_EVENT = 32 * 1024
KINDS = frozenset({"identify", "track", "page", "screen", "group", "alias"})
BATCHES = frozenset({"batch", "import"})
LONGEST_ID = 300
_NOBODY = frozenset({"undefined", "null", "none", "nan", "[object object]"})
_NUL = b"\\u0000"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_BROKEN = (msgspec.DecodeError, UnicodeError, RecursionError, ValueError)

Scalar = str | int | float | None
Decoded = TypeVar("Decoded", bound=Struct)


class Envelope(Struct, gc=False):
    """One request as the collector kept it. `at` is when it came; `visit` stands in for a visitor without a cookie."""

    body: Raw
    at: str = ""
    call: str = ""
    gpc: bool = False
    agent: str = ""
    visit: str = ""


class Broken(Struct):
    """Something of a delivery that is no JSON we can read."""

    raw: bytes


class Batch(Struct, gc=False, rename="camel"):
    """The body of a batch call."""

    batch: list[Raw]
    context: Raw = Raw(b"")
    sent_at: Scalar = None


class Event(Struct, gc=False, rename="camel"):
    """One event; `context` is read apart, for many events share it to the letter."""

    type: str | None = None
    message_id: Scalar = None
    user_id: Scalar = None
    anonymous_id: Scalar = None
    previous_id: Scalar = None
    group_id: Scalar = None
    event: Scalar = None
    name: Scalar = None
    category: Scalar = None
    timestamp: Scalar = None
    original_timestamp: Scalar = None
    sent_at: Scalar = None
    properties: dict[str, Any] | None = None
    traits: dict[str, Any] | None = None
    context: Raw = Raw(b"")


_SCALARS = [
    (field.name, field.encode_name)
    for field in msgspec.structs.fields(Event)
    if field.name not in ("type", "properties", "traits", "context")
]
_MARKS = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{},]', re.DOTALL).finditer
_envelope = msgspec.json.Decoder(Envelope).decode
_envelopes = msgspec.json.Decoder(list[Envelope]).decode
_batch = msgspec.json.Decoder(Batch).decode
_event = msgspec.json.Decoder(Event).decode
_anything = msgspec.json.Decoder().decode


def has_nul(raw: bytes) -> bool:
    """Whether some text of a delivery holds the letter that no database takes; a lone surrogate no decoder lets through."""
    return _NUL in raw


def envelopes(raw: bytes, received_at: datetime) -> Iterator[Envelope | Unknown | Broken]:
    """The requests of one raw delivery, in order; what is no request comes as Unknown, what cannot be read as Broken.

    FileError when it is no array and no JSON.
    """
    try:
        yield from _envelopes(raw)
    except _BROKEN:
        if raw.lstrip()[:1] == b"[":
            for piece in _pieces(raw):
                yield _piece(piece, received_at)
        else:
            yield js.unknown("delivery", js.load(raw), received_at)


def _pieces(raw: bytes) -> Iterator[bytes]:
    """The items of an array, told apart without reading them: one that is broken or nested too deeply spoils no other."""
    depth, begin = 0, raw.index(b"[") + 1
    for found in _MARKS(raw):
        mark = found[0]
        if mark in b"[{":
            depth += 1
        elif mark in b"]}":
            depth -= 1
        if (mark == b"," and depth == 1) or (mark == b"]" and depth == 0):
            if piece := raw[begin : found.start()].strip():
                yield piece
            begin = found.end()
    if depth and (piece := raw[begin:].strip()):
        yield piece


def _piece(raw: bytes, received_at: datetime) -> Envelope | Unknown | Broken:
    with suppress(*_BROKEN):
        return _envelope(raw)
    try:
        value = js.load(raw)
        whole = isinstance(value, dict) and "body" in value and isinstance(value.get("call"), str)
        return _loose_envelope(value) if whole else js.unknown("delivery", value, received_at)
    except (FileError, RecursionError):
        return Broken(raw)


def _loose_envelope(value: dict[str, Any]) -> Envelope:
    names = {name: js.text(value.get(name)) for name in ("at", "call", "agent", "visit")}
    return Envelope(body=_raw(value["body"]), gpc=value.get("gpc") is True, **names)


def batch(body: Raw) -> Batch | None:
    """The body of a batch call; None when it holds no list of events."""
    try:
        return _batch(body)
    except _BROKEN:
        value = _loose(bytes(body))
    if not isinstance(value, dict) or not isinstance(value.get("batch"), list):
        return None
    return Batch([_raw(item) for item in value["batch"]], _raw(value.get("context")), _scalar(value.get("sentAt")))


def event(raw: bytes, *, nul: bool) -> Event | None:
    """One event; None when it is no object. `nul` says that some event has the letter that no database takes."""
    if not (nul and _NUL in raw):
        with suppress(*_BROKEN):
            return _event(raw)
    value = _loose(raw)
    return loose_event(value) if isinstance(value, dict) else None


def loose_event(value: Mapping[str, Any]) -> Event:
    """An event of any JSON object: members of the wrong type count as not given."""
    scalars: dict[str, Any] = {name: _scalar(value[sent]) for name, sent in _SCALARS if sent in value}
    found: dict[str, Any] = {name: value[name] for name in ("properties", "traits") if isinstance(value.get(name), dict)}
    if "context" in value:
        found["context"] = _raw(value["context"])
    return Event(type=js.text(value.get("type")), **scalars, **found)


def context(raw: bytes) -> dict[str, Any]:
    """The context of an event or a batch; an empty one when there is none."""
    if not raw or raw == b"null":
        return {}
    if _NUL not in raw:
        with suppress(*_BROKEN):
            return js.obj(_anything(raw))
    return js.obj(_loose(raw))


def _loose(raw: bytes) -> Any:
    try:
        return js.load(raw)
    except FileError:
        return None


def _raw(value: Any) -> Raw:
    return Raw(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def _scalar(value: Any) -> Scalar:
    if isinstance(value, str):
        return value.replace("\x00", "")
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def identifier(value: Scalar) -> str:
    """An id as text, no longer than `LONGEST_ID`; "undefined", "null" and the like are the ids of nobody.

    >>> identifier(" user-1 "), identifier(7), identifier(7.0), identifier(None), identifier("undefined")
    ('user-1', '7', '7', '', '')
    """
    if value is None:
        return ""
    text = value if type(value) is str else js.text(value)
    text = (text.replace("\0", "") if "\0" in text else text).strip()
    if len(text) <= 15:
        return "" if text.lower() in _NOBODY else text
    return text if len(text) <= LONGEST_ID else shortened(text)


def shortened(text: str) -> str:
    """A text too long for an id, as one that differs whenever the text does."""
    if len(text) <= LONGEST_ID:
        return text
    return f"{text[:200]}:{blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}"


def named(at: str, raw: bytes, twin: int) -> str:
    """The id of an event that came without one, from when it came, its bytes, and how many equal ones came before it at that moment."""
    return f"unnamed:{blake2b(b'%s %d %s' % (at.encode('utf-8', 'replace'), twin, raw), digest_size=16).hexdigest()}"


def instant(value: Scalar) -> datetime | None:
    """A moment in UTC from ISO 8601, or seconds, milliseconds or microseconds since 1970; None when it is none."""
    if type(value) is str:
        try:
            found = datetime.fromisoformat(value)
            if found.tzinfo is UTC:
                return found
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            pass
    found = js.when(value, _NEVER)
    return None if found is _NEVER else found


def happened(event: Event, at: datetime, sent: datetime | None) -> datetime | None:
    """When the event happened by our clock: the sender's is put right by how far it was off when the event was sent.

    `sent` is when the batch was sent. Never later than `at`; None when the sender's time cannot be (or is before 2000).
    """
    stamp = event.timestamp if event.timestamp is not None else event.original_timestamp
    if stamp is None:
        return at
    moment = instant(stamp)
    if event.sent_at is not None and (own := instant(event.sent_at)) and (sent is None or own > sent):
        sent = own
    if moment is None or moment.year < 2000:
        return None
    if sent is not None and sent.year >= 2000:
        try:
            moment += at - sent
        except OverflowError:
            return None
    if moment >= at:
        return at
    return moment if moment.year >= 2000 else None
