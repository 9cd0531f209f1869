"""Bodies are waited for in front of the pages: whoever sends slowly holds no thread, and who sends too slowly is let go."""

from asyncio import get_running_loop, timeout_at
from collections.abc import Awaitable, Callable, MutableMapping
from tempfile import SpooledTemporaryFile
from typing import IO, Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
App = Callable[[Any, Any, Any], Awaitable[None]]

GRACE, SLOWEST = 15.0, 4096
"""A body may take so many seconds, and one more for so many bytes that came."""
STRANGERS = 5 * 1024**2
"""Bytes a request may bring that shows neither a cookie nor a key."""
IN_MEMORY, BLOCK = 1024**2, 256 * 1024
AT_ONCE = 64
FORM = 1024**2
"""What a form adds to the file in it."""


class TooSlow(Exception):
    """What was promised does not come."""


def steady(receive: Receive) -> Receive:
    """The same, but that a body which comes too slowly ends as if its sender had gone away."""
    pace = _Pace()

    async def paced() -> Message:
        try:
            return await pace.next(receive)
        except TooSlow:
            return {"type": "http.disconnect"}

    return paced


class Whole:
    """An ASGI application that hands a request on once all of it is there.

    408 when it does not come, 413 when it is too large: `most` bytes, of strangers `STRANGERS`. What announces itself as larger by someone
    who may be known is handed on unread, so that the page can say what is wrong. 503 when `AT_ONCE` large ones are under way.
    """

    def __init__(self, app: App, most: int) -> None:
        self._app, self._most, self._large = app, most, 0

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        if scope.get("client") is None or not _has_body(headers):  # over a socket file asks only who has waited for it already
            await self._app(scope, receive, send)
            return
        announced = headers.get(b"content-length", b"")
        length = int(announced) if announced.isdigit() else 0
        is_stranger = b"cookie" not in headers and b"authorization" not in headers
        most = min(STRANGERS, self._most) if is_stranger else self._most
        if length > most:
            await (_refuse(send, 413, b"Too large.") if is_stranger else self._app(scope, steady(receive), send))
        elif 0 < length <= IN_MEMORY:
            await self._wait(scope, receive, send, most)
        elif self._large >= AT_ONCE:
            await _refuse(send, 503, b"Too much is being sent at once. Send it again in a moment.", (b"retry-after", b"5"))
        else:
            self._large += 1
            try:
                await self._wait(scope, receive, send, most)
            finally:
                self._large -= 1

    async def _wait(self, scope: Any, receive: Receive, send: Send, most: int) -> None:
        with SpooledTemporaryFile(IN_MEMORY) as body:
            try:
                size = await _read(receive, body, most)
            except TooSlow:
                await _refuse(send, 408, b"The request came too slowly.")
                return
            if size is None:
                return  # whoever asked has gone away
            if size > most:
                await _refuse(send, 413, b"Too large.")
                return
            body.seek(0)
            await self._app(_measured(scope, size), _again(body, size, receive), send)


class _Pace:
    """How long a body may still take."""

    def __init__(self) -> None:
        self._until: float | None = None
        self._is_over = False

    async def next(self, receive: Receive) -> Message:
        if self._is_over:
            return await receive()
        if self._until is None:
            self._until = get_running_loop().time() + GRACE
        try:
            async with timeout_at(self._until):
                message = await receive()
        except TimeoutError as error:
            raise TooSlow from error
        self._is_over = message["type"] == "http.disconnect" or not message.get("more_body")
        self._until += len(message.get("body", b"")) / SLOWEST
        return message


def _has_body(headers: dict[bytes, bytes]) -> bool:
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers


async def _read(receive: Receive, body: IO[bytes], most: int) -> int | None:
    """How many bytes came; None when the sender went away before the end."""
    pace, size = _Pace(), 0
    while True:
        message = await pace.next(receive)
        if message["type"] == "http.disconnect":
            return None
        size += body.write(message.get("body", b""))
        if not message.get("more_body") or size > most:
            return size


def _measured(scope: Any, size: int) -> Any:
    """The scope with its length instead of pieces."""
    kept = [each for each in scope["headers"] if each[0] not in (b"transfer-encoding", b"content-length")]
    return {**scope, "headers": [*kept, (b"content-length", str(size).encode())]}


def _again(body: IO[bytes], size: int, receive: Receive) -> Receive:
    """What was read, once more; then what the sender does afterwards."""
    left = size

    async def given() -> Message:
        nonlocal left
        if left < 0:
            return await receive()
        block = body.read(BLOCK)
        left -= len(block)
        more = left > 0
        left = left if more else -1
        return {"type": "http.request", "body": block, "more_body": more}

    return given


async def _refuse(send: Send, status: int, words: bytes, *more: tuple[bytes, bytes]) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(words)).encode()), (b"connection", b"close"), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words})
