"""The collector as an ASGI application."""

import time
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from vincle.listen.sources import Refused

from . import requests
from .answers import JSON, Fault, Headers, Send, answer, refused, taken
from .commits import Committer
from .keys import Key, Keyring

SCRIPT = Path(__file__).parent / "vincle.js"
PREFIX = "/v1/"
_DRAIN = 4 * 1024**2
_SETTINGS = "/v1/projects/"
_COOKIELESS = b"cookieless"
_NO_KEY = "The write key is missing or not known. It stands on the page of the source, under Listen, Sources."


def serves(path: str) -> bool:
    """Whether a path is the collector's."""
    return path.startswith(PREFIX) or path == "/vincle.js"


class Collector:
    """One a process; `start` in the event loop that will serve it. `proxies`: how many reverse proxies in front are to be believed."""

    def __init__(self, proxies: int = 0) -> None:
        self._proxies = proxies
        self._script = SCRIPT.read_bytes()
        self._etag = f'"{blake2b(self._script, digest_size=8).hexdigest()}"'.encode()
        self._reading = 0

    async def start(self) -> None:
        self.keys, self.commits = Keyring(), Committer()
        await self.keys.ready()

    async def stop(self) -> None:
        await self.commits.close()
        self.keys.close()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        extra = _cross_origin(headers)
        try:
            await self._route(scope, headers, receive, send, extra)
        except Fault as fault:
            await refused(send, fault, extra)

    async def _route(self, scope: dict[str, Any], headers: dict[bytes, bytes], receive: Any, send: Send, extra: Headers) -> None:
        path, method = scope["path"], scope["method"]
        if method == "POST" and (call := requests.CALLS.get(path[len(PREFIX) :])):
            await self._take(call, scope, headers, receive)
            await taken(send, extra)
        elif method == "OPTIONS":
            await answer(send, 204, b"", [*extra, *_PREFLIGHT])
        elif path == "/vincle.js" and method in ("GET", "HEAD"):
            await self._give_script(headers, send)
        elif path.startswith(_SETTINGS) and path.endswith("/settings") and method in ("GET", "HEAD"):
            await self._give_settings(path[len(_SETTINGS) : -len("/settings")], headers, send, extra)
        elif path[len(PREFIX) :] in requests.CALLS:
            raise Fault(405, "method_not_allowed", "Events are sent by POST.")
        else:
            raise Fault(404, "not_found", "There is nothing here. Events go to /v1/batch, /v1/track, /v1/identify and their kin.")

    async def _take(self, call: str, scope: dict[str, Any], headers: dict[bytes, bytes], receive: Any) -> None:
        data = await self._body(headers, receive)
        key: Key | None = None
        now = time.time()
        try:
            found = requests.read(call, data)
        except Fault as fault:
            if (given := requests.key_of(headers, scope["query_string"], "")) and (key := self.keys.get(given)):
                self._remember(key, now, fault, data)
            raise
        given = requests.key_of(headers, scope["query_string"], found.key)
        key = self.keys.get(given) or (await self.keys.find(given) if given else None)
        if key is None:
            raise Fault(401, "invalid_write_key", _NO_KEY)
        self._admit(key, headers, found, now)
        at = datetime.fromtimestamp(now, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        visit = self._visit(key, scope, headers) if _COOKIELESS in found.body or b"sec-gpc" in headers else ""
        envelope = requests.envelope(at, call, headers, visit, found.body)
        if not self.commits.has_room(len(envelope)):
            raise Fault(503, "overloaded", "Too much is waiting to be written. Send it again in a moment.", 2)
        if not await self.commits.put(key.connection, int(now * 1e6), found.events, envelope):
            raise Fault(503, "overloaded", "It could not be stored just now. Send it again in a moment.", 3)

    async def _body(self, headers: dict[bytes, bytes], receive: Any) -> bytes:
        """The body as sent. What is too large is read to its end all the same, so that the client hears why it is refused."""
        message = await receive()
        if not message.get("more_body"):
            return bytes(message.get("body", b""))
        if not self.commits.has_room(self._reading):
            raise Fault(503, "overloaded", "Too much is being sent at once. Send it again in a moment.", 2)
        parts, size = [message.get("body", b"")], len(message.get("body", b""))
        self._reading += size
        try:
            while message.get("more_body") and size <= _DRAIN:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Fault(400, "invalid_json", "The body ended too early.")
                size += len(message.get("body", b""))
                if size <= requests.BATCH_LIMIT + 1:
                    parts.append(message.get("body", b""))
                    self._reading += len(parts[-1])
        finally:
            self._reading -= sum(map(len, parts))
        if size > requests.BATCH_LIMIT:
            raise Fault(400, "batch_too_large", f"A request may have {requests.BATCH_LIMIT // 1024} KB; send smaller batches.")
        return b"".join(parts)

    def _admit(self, key: Key, headers: dict[bytes, bytes], found: requests.Taken, now: float) -> None:
        fault = None
        origin = headers.get(b"origin", b"").decode("latin-1")
        if not key.is_enabled:
            fault = Fault(403, "source_disabled", f"The source '{key.name}' is switched off.")
        elif origin and key.origins and origin not in key.origins:
            fault = Fault(403, "origin_not_allowed", f"Pages of {origin[:200]} may not send under this key.")
        elif wait := key.spend(found.events):
            fault = Fault(429, "rate_limited", f"The source '{key.name}' may send {key.rate:,} events a second.", wait)
        if fault:
            self._remember(key, now, fault, found.body)
            raise fault

    def _remember(self, key: Key, now: float, fault: Fault, body: bytes) -> None:
        raw = body[:2000].decode("utf-8", "replace").replace("\x00", "")
        self.keys.refuse(Refused(key.connection, datetime.fromtimestamp(now, UTC), fault.code, fault.message, raw))

    def _visit(self, key: Key, scope: dict[str, Any], headers: dict[bytes, bytes]) -> str:
        address = (scope.get("client") or ("", 0))[0]
        if self._proxies:
            hops = headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")
            address = hops[-min(self._proxies, len(hops))].strip() or address
        return self.keys.visit(key.connection, address, headers.get(b"user-agent", b""))

    async def _give_script(self, headers: dict[bytes, bytes], send: Send) -> None:
        about = [(b"etag", self._etag), (b"cache-control", b"public, max-age=3600"), (b"access-control-allow-origin", b"*"),
                 (b"cross-origin-resource-policy", b"cross-origin"), (b"x-content-type-options", b"nosniff")]  # fmt: skip
        if headers.get(b"if-none-match") == self._etag:
            await answer(send, 304, b"", about)
        else:
            await answer(send, 200, self._script, [(b"content-type", b"text/javascript; charset=utf-8"), *about])

    async def _give_settings(self, given: str, headers: dict[bytes, bytes], send: Send, extra: Headers) -> None:
        """What Segment's browser library asks for first."""
        if not (self.keys.get(given) or await self.keys.find(given)):
            raise Fault(404, "invalid_write_key", _NO_KEY)
        host = headers.get(b"host", b"").decode("latin-1")
        segment = {"apiKey": given, "apiHost": f"{host}/v1", "unbundledIntegrations": [], "addBundledMetadata": True}
        body = {"integrations": {"Segment.io": segment}, "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}}}
        await answer(send, 200, msgspec.json.encode(body), [JSON, (b"cache-control", b"public, max-age=60"), *extra])


_PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"POST, GET, OPTIONS"),
    (b"access-control-allow-headers", b"authorization, content-type, content-encoding, x-retry-count"),
    (b"access-control-max-age", b"86400"),
]


def _cross_origin(headers: dict[bytes, bytes]) -> Headers:
    if b"origin" not in headers:
        return []
    return [(b"access-control-allow-origin", headers[b"origin"]), (b"vary", b"origin"), (b"access-control-expose-headers", b"retry-after")]
