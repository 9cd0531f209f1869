"""One request of a client -> who sends it, and an envelope for the shelf. Cheap: what an event means is worked out later."""

import base64
import binascii
import zlib
from typing import NamedTuple
from urllib.parse import parse_qs

import msgspec

from vincle.channels.web import fault

from .answers import Fault

EVENT_LIMIT = 32 * 1024
BATCH_LIMIT = 500 * 1024
CALLS = {
    "identify": "identify", "i": "identify", "track": "track", "t": "track", "page": "page", "p": "page", "screen": "screen", "s": "screen",
    "group": "group", "g": "group", "alias": "alias", "a": "alias", "batch": "batch", "b": "batch", "import": "batch",
}  # fmt: skip
_GZIP = b"\x1f\x8b"


class Batch(msgspec.Struct):
    """As much of a batch as has to be looked at before it is kept."""

    batch: list[msgspec.Raw]
    write_key: str | None = msgspec.field(default=None, name="writeKey")


class Taken(NamedTuple):
    """A request that can be kept: the key in its body (or ""), its JSON, how many events it has."""

    key: str
    body: bytes
    events: int


_batch = msgspec.json.Decoder(Batch)
_any = msgspec.json.Decoder()


def read(call: str, data: bytes) -> Taken:
    """The body of a request. Raises Fault with the place and the reason."""
    try:
        body = _plain(data)
        return _read_batch(body) if call == "batch" else _read_single(call, body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Fault(400, "invalid_json", f"The body is not the JSON that is expected here: {error}.") from error
    except RecursionError as error:
        raise Fault(400, "invalid_json", "The body is nested too deeply.") from error


def _plain(data: bytes) -> bytes:
    """Whatever the Content-Type says: some clients send gzip labelled as a form."""
    if data[:2] == _GZIP:
        reader = zlib.decompressobj(31)
        try:
            data = reader.decompress(data, BATCH_LIMIT + 1)
        except zlib.error as error:
            raise Fault(400, "invalid_gzip", f"The body begins as gzip but cannot be unpacked: {error}.") from error
        if not reader.eof and len(data) <= BATCH_LIMIT:
            raise Fault(400, "invalid_gzip", "The gzip body ends too early.")
    if len(data) > BATCH_LIMIT:
        raise Fault(400, "batch_too_large", f"A request may have {BATCH_LIMIT // 1024} KB; send smaller batches.")
    if not data.isascii():
        data.decode()
    return data


def _read_batch(body: bytes) -> Taken:
    found = _batch.decode(body)
    if not found.batch:
        raise Fault(400, "invalid_event", "The batch is empty.")
    good = 0
    for place, event in enumerate(found.batch, 1):
        raw = memoryview(event)
        if raw.nbytes > EVENT_LIMIT:
            total, most = len(found.batch), EVENT_LIMIT // 1024
            raise Fault(400, "event_too_large", f"Event {place} of {total} has {raw.nbytes:,} bytes; an event may have {most} KB.")
        good += raw[:1] == b"{"
    if not good:
        raise Fault(400, "invalid_event", "No item of the batch is an object.")
    return Taken(found.write_key or "", body, len(found.batch))


def _read_single(call: str, body: bytes) -> Taken:
    if len(body) > EVENT_LIMIT:
        raise Fault(400, "event_too_large", f"The event has {len(body):,} bytes; an event may have {EVENT_LIMIT // 1024} KB.")
    event = _any.decode(body)
    if not isinstance(event, dict):
        raise Fault(400, "invalid_event", "An event is a JSON object.")
    if wrong := fault(call, event):
        code, place = wrong
        raise Fault(400, "invalid_event", _REASONS.get(code, code.replace("_", " ") + ".") + (f" (field: {place})" if place else ""))
    key = event.get("writeKey")
    return Taken(key if isinstance(key, str) else "", body, 1)


_REASONS = {
    "no_identity": "An event needs a userId or an anonymousId.",
    "no_event_name": "A track call needs the name of its event.",
    "no_group": "A group call needs a groupId.",
    "no_previous": "An alias call needs a previousId and a userId.",
    "unknown_type": "This type of call is not known.",
}


def key_of(headers: dict[bytes, bytes], query: bytes, in_body: str) -> str:
    """The write key, from wherever a client puts it; "" when there is none."""
    given = headers.get(b"authorization", b"")
    kind, _, rest = given.partition(b" ")
    if kind.lower() == b"basic":
        try:
            key = base64.b64decode(rest.strip(), validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            key = ""
    else:
        key = rest.strip().decode("latin-1") if kind.lower() == b"bearer" and not in_body else ""
    return key or in_body or (parse_qs(query.decode("latin-1")).get("writeKey", [""])[0] if query else "")


def envelope(at: str, call: str, headers: dict[bytes, bytes], visit: str, body: bytes) -> bytes:
    """What is kept of a request: its body as it came, when, and what tells a person from a machine."""
    agent = headers.get(b"user-agent", b"")
    quoted = msgspec.json.encode(agent.decode("latin-1")[:300]) if agent else b'""'
    gpc = b"true" if headers.get(b"sec-gpc") == b"1" else b"false"
    return b'{"at":"%b","call":"%b","gpc":%b,"agent":%b,"visit":"%b","body":%b}' % (
        at.encode(), call.encode(), gpc, quoted, visit.encode(), body.strip(),
    )  # fmt: skip
