"""Hands a request on to another process over a socket file, byte for byte both ways."""

import asyncio
from contextlib import suppress
from typing import Any

import httptools

_HOP = {b"connection", b"keep-alive", b"transfer-encoding", b"te", b"upgrade", b"proxy-connection", b"expect"}
_FORWARDED = {b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"forwarded"}
_BLOCK = 65536
_AWAY = (
    b"<!doctype html><meta charset=utf-8><meta http-equiv=refresh content=2><title>Vincle</title>"
    b"<p>Vincle is starting. This page comes back by itself in a moment."
)


class Forward:
    """An ASGI application. `proxies`: how many reverse proxies in front of us are to be believed about who asks."""

    def __init__(self, socket: str, proxies: int = 0) -> None:
        self._socket, self._proxies = socket, proxies

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        try:
            reader, writer = await asyncio.open_unix_connection(self._socket, limit=_BLOCK * 4)
        except OSError:
            await _say_away(send)
            return
        answer = _Answer(scope["method"])
        sending = asyncio.ensure_future(self._send_request(scope, receive, writer, answer))
        try:
            await answer.relay(reader, send)
        finally:
            sending.cancel()
            writer.close()

    async def _send_request(
        self, scope: dict[str, Any], receive: Any, writer: asyncio.StreamWriter, answer: "_Answer"
    ) -> None:
        """Head and body; afterwards wait for the client to go away, and then let go of the other side."""
        headers = dict(scope["headers"])
        chunked = b"content-length" not in headers and b"transfer-encoding" in headers
        writer.write(self._head(scope, chunked))
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                answer.is_wanted = False
                writer.close()
                return
            if body := message.get("body", b""):
                writer.write(b"%x\r\n%b\r\n" % (len(body), body) if chunked else body)
                with suppress(ConnectionError):  # the other side may have answered and closed before it read all
                    await writer.drain()
            if not message.get("more_body"):
                if chunked:
                    writer.write(b"0\r\n\r\n")
                chunked = False

    def _head(self, scope: dict[str, Any], chunked: bool) -> bytes:
        target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        lines = [b"%b %b HTTP/1.1" % (scope["method"].encode(), target), b"connection: close"]
        lines += [b"%b: %b" % (name, value) for name, value in scope["headers"] if name not in _HOP and name not in _FORWARDED]
        lines += [b"%b: %b" % pair for pair in self._forwarded(scope)]
        if chunked:
            lines.append(b"transfer-encoding: chunked")
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def _forwarded(self, scope: dict[str, Any]) -> list[tuple[bytes, bytes]]:
        """Who asks, as far as we know it: what proxies say counts only where there are some."""
        given = {name: value for name, value in scope["headers"] if name in _FORWARDED} if self._proxies else {}
        peer = ((scope.get("client") or ("",))[0] or "unknown").encode()
        before = given.get(b"x-forwarded-for")
        return [
            (b"x-forwarded-for", b"%b, %b" % (before, peer) if before else peer),
            (b"x-forwarded-proto", given.get(b"x-forwarded-proto", scope["scheme"].encode())),
        ]


class _Answer:
    """What comes back, parsed as it comes and given on at once."""

    def __init__(self, method: str) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._is_head = method == "HEAD"
        self._started = self._complete = self._sent_start = False
        self.is_wanted = True

    def on_header(self, name: bytes, value: bytes) -> None:
        if (low := name.lower()) not in _HOP:
            self._headers.append((low, value))

    def on_headers_complete(self) -> None:
        self._started = True

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        self._complete = True

    async def relay(self, reader: asyncio.StreamReader, send: Any) -> None:
        while not self._complete:
            try:
                data = await reader.read(_BLOCK)
            except OSError:
                data = b""
            if not data:
                break
            self._parser.feed_data(data)
            await self._give(send)
            if self._is_head and self._sent_start:
                break
        if not self.is_wanted:
            return  # whoever asked has gone away
        if not self._sent_start:
            await _say_away(send)
        elif self._complete or self._is_head:
            await send({"type": "http.response.body", "body": b""})
        else:
            raise ConnectionError("the pages' process ended in the middle of an answer")

    async def _give(self, send: Any) -> None:
        if self._started and not self._sent_start:
            self._sent_start = True
            await send({"type": "http.response.start", "status": self._parser.get_status_code(), "headers": self._headers})
        if self._body:
            body, self._body = b"".join(self._body), []
            await send({"type": "http.response.body", "body": body, "more_body": True})


async def _say_away(send: Any) -> None:
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"retry-after", b"2"), (b"content-length", str(len(_AWAY)).encode())]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": _AWAY})
