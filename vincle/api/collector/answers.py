"""What the collector says, as bytes that are made once."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

JSON = (b"content-type", b"application/json")
_TAKEN = b'{"success": true}'
_TAKEN_HEADERS: Headers = [JSON, (b"content-length", str(len(_TAKEN)).encode())]


class Fault(Exception):
    """A request that is not taken: `status` and `code` are stable, `message` says in words what to do."""

    def __init__(self, status: int, code: str, message: str, retry_after: int = 0) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.retry_after = status, code, message, retry_after


async def taken(send: Send, extra: Headers) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [*_TAKEN_HEADERS, *extra] if extra else _TAKEN_HEADERS})
    await send({"type": "http.response.body", "body": _TAKEN})


async def refused(send: Send, fault: Fault, extra: Headers) -> None:
    headers = [*extra, (b"retry-after", str(fault.retry_after).encode())] if fault.retry_after else extra
    await answer(send, fault.status, msgspec.json.encode({"code": fault.code, "message": fault.message}), [JSON, *headers])


async def answer(send: Send, status: int, body: bytes, headers: Sequence[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})
