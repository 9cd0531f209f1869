"""Before the pages: answers to surveys that come at the same moment are stored in one transaction, and thanked for once that is durable.

Only plain ones stay here (`engage.surveys.crowd`); whatever else comes goes on to the pages, which begin anew with it.
"""

import asyncio
import re
from collections import deque
from contextlib import suppress
from threading import Condition, Thread
from typing import Any, Final, NamedTuple

import structlog
from django.conf import settings
from django.db import close_old_connections
from django.http import HttpRequest, QueryDict, parse_cookie
from django.http.request import split_domain_port, validate_host

from vincle.web.middleware import HEADERS

PATH: Final = re.compile(r"/s/([A-Za-z0-9_-]{8,40})/")
FORM: Final = b"application/x-www-form-urlencoded"
LONGEST: Final = 64 * 1024
MOST, ROOM = 64, 2_000
"""Answers in one transaction; and that may wait: more go the ordinary way, which has its own limits."""
_CGI: Final = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
logger = structlog.get_logger(__name__)


class _Waiting(NamedTuple):
    token: str
    request: HttpRequest
    loop: asyncio.AbstractEventLoop
    answered: asyncio.Future[str | None]


class CrowdDoor:
    """An ASGI application in front of `app`."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._waiting: deque[_Waiting] = deque()
        self._changed = Condition()
        self._thread: Thread | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        found = PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        headers = dict(scope["headers"]) if found else {}
        length = headers.get(b"content-length", b"")
        is_form = headers.get(b"content-type", b"").partition(b";")[0].strip().lower() == FORM
        if found is None or not is_form or not length.isdigit() or not 0 < int(length) <= LONGEST:
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:
            return
        request = _request(scope, body)
        name = await self._taken(found[1], request) if request is not None else None
        if name is None:
            await self._app(scope, _again(body, receive), send)
            return
        await _thank(send, found[1], name, b"cookie" in headers)

    async def _taken(self, token: str, request: HttpRequest) -> str | None:
        if len(self._waiting) >= ROOM:
            return None
        loop = asyncio.get_running_loop()
        mine = _Waiting(token, request, loop, loop.create_future())
        with self._changed:
            if self._thread is None:
                self._thread = Thread(target=self._work, daemon=True, name="crowd")
                self._thread.start()
            self._waiting.append(mine)
            self._changed.notify()
        return await mine.answered

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                group = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST))]
            names = self._together(group)
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                group[0].loop.call_soon_threadsafe(_tell, group, names)

    def _together(self, group: list[_Waiting]) -> list[str | None]:
        from vincle.engage.surveys import crowd  # at the first answer: a process that only collects has no need of surveys

        close_old_connections()
        try:
            return crowd.take([(each.token, each.request) for each in group])
        except Exception:
            logger.exception("answers go the ordinary way", answers=len(group))
            return [None] * len(group)


def _tell(group: list[_Waiting], names: list[str | None]) -> None:
    for each, name in zip(group, names, strict=True):
        if not each.answered.done():
            each.answered.set_result(name)


def _request(scope: Any, body: bytes) -> HttpRequest | None:
    """As the pages would have it; None where they would refuse the host or cannot read it."""
    request = HttpRequest()
    request.method, request.path = "POST", scope["path"]
    meta = {_CGI.get(name) or f"HTTP_{name.upper().replace('-', '_')}": value for name, value in _named(scope["headers"])}
    meta["REMOTE_ADDR"] = (scope.get("client") or ("", 0))[0]
    request.META = meta
    domain, _port = split_domain_port(str(meta.get("HTTP_HOST", "")))
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        return None
    try:
        request.GET = QueryDict(scope["query_string"].decode("ascii"))
        request.POST = QueryDict(body.decode("ascii"))
    except Exception:
        return None
    request.COOKIES = parse_cookie(str(meta.get("HTTP_COOKIE", "")))
    return request


def _named(headers: Any) -> list[tuple[str, str]]:
    return [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers]


async def _read(receive: Any) -> bytes | None:
    """None when the sender went away before the end."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes, receive: Any) -> Any:
    """What was read, once more; then what the sender does afterwards."""
    given = False

    async def once() -> Any:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once


async def _thank(send: Any, token: str, name: str, has_cookies: bool) -> None:
    about = [
        (b"location", f"/s/{token}/{name}/thanks/".encode()),
        (b"content-length", b"0"),
        (b"cache-control", b"max-age=0, no-cache, no-store, must-revalidate, private"),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
        *((key.lower().encode(), value.encode()) for key, value in HEADERS.items()),
    ]
    if has_cookies:
        about.append((b"set-cookie", f'vincle_answer=""; Max-Age=0; Path=/s/{token}/'.encode()))
    await send({"type": "http.response.start", "status": 302, "headers": about})
    await send({"type": "http.response.body", "body": b""})
