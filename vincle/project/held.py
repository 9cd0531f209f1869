"""Live updates that are held open: a page's short event stream is asked for again when what it watches changed; only news goes out.

A page that answers as `text/event-stream` with a header `X-Vincle-Watch: <name>:<workspace>` is held here, on the asynchronous side:
no thread of the pages waits with it, and each time it is asked anew it looks anew at who asks and what they may see.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final

import structlog
from django.db import close_old_connections

from vincle.engage.inbox.models import Thread

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
App = Callable[[Any, Any, Any], Awaitable[None]]
Look = Callable[[int], object]

EVERY, PACE, QUIET, LONGEST = 0.2, 0.5, 15.0, 600.0
"""Seconds: between two looks at what changed; between two answers of one stream at least; after which it is asked for without news as well;
after which the browser has to come back."""
EASE = 12
"""An answer that took long is followed by a pause so many times as long: pages that are busy are asked less often."""
MOST = 1000
"""Streams held at once; more are answered shortly, and come back by themselves."""
WATCH: Final = b"x-vincle-watch"
_OURS = {WATCH, b"content-length"}
logger = structlog.get_logger(__name__)


def _newest_thread(workspace: int) -> object:
    return Thread.objects.of(workspace).order_by("-changed_at").values_list("changed_at", "key").first()


LOOKS: Mapping[str, Look] = {"inbox": _newest_thread}


def wanted(scope: Any) -> bool:
    """Whether a request asks for a stream of events."""
    return scope["method"] == "GET" and any(name == b"accept" and b"text/event-stream" in value for name, value in scope["headers"])


class Held:
    """An ASGI application around the one that answers for the pages."""

    def __init__(self, pages: App) -> None:
        self._pages, self._watch, self._count = pages, Watch(LOOKS), 0

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        first = await self._ask(scope)
        watched = first.watched
        if watched is None or self._count >= MOST:
            await first.give(send)
            return
        self._count += 1
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            await self._hold(scope, send, first, watched, gone)
        finally:
            self._count -= 1
            gone.cancel()

    async def _hold(self, scope: Any, send: Send, last: "Answer", watched: tuple[str, int], gone: "asyncio.Future[None]") -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [each for each in last.headers if each[0] not in _OURS]})
        await send({"type": "http.response.body", "body": last.body, "more_body": True})
        until, took = time.monotonic() + LONGEST, 0.0
        with self._watch.of(watched) as news:
            while not gone.done() and time.monotonic() < until:
                await _either(asyncio.sleep(max(PACE, EASE * took)), gone)
                await _either(news.wait(), gone, QUIET)
                if gone.done():
                    return
                news.clear()
                began = time.monotonic()
                found = await self._ask(scope)
                took = time.monotonic() - began
                if found.watched != watched:
                    break  # signed out, or not allowed any more: the browser comes back and is told so
                body = found.body if found.body != last.body else b":\n\n"
                await send({"type": "http.response.body", "body": body, "more_body": True})
                last = found
        with suppress(OSError):
            await send({"type": "http.response.body", "body": b""})

    async def _ask(self, scope: Any) -> "Answer":
        answer, asked = Answer(), False

        async def receive() -> Message:
            nonlocal asked
            if asked:
                await asyncio.Event().wait()  # nothing more comes, and nobody goes away meanwhile
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        # The pages' process may hold streams itself, where it stands alone: asked from here it answers shortly.
        headers = [each for each in scope["headers"] if each[0] != b"accept"]
        await self._pages({**scope, "headers": headers}, receive, answer.take)
        return answer


class Answer:
    """What the pages said to one asking."""

    def __init__(self) -> None:
        self.status, self.headers, self.body = 500, list[tuple[bytes, bytes]](), b""

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], [(bytes(name).lower(), bytes(value)) for name, value in message["headers"]]
        else:
            self.body += message.get("body", b"")

    @property
    def watched(self) -> tuple[str, int] | None:
        """What the stream watches, (name, workspace); None where it is none that is held."""
        name, _sep, workspace = dict(self.headers).get(WATCH, b"").decode("latin-1").partition(":")
        return (name, int(workspace)) if self.status == 200 and name in LOOKS and workspace.isdigit() else None

    async def give(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


class News(asyncio.Event):
    """Set when what is watched changed; entered while someone waits for it."""

    def __init__(self, watch: "Watch", what: tuple[str, int]) -> None:
        super().__init__()
        self._watch, self._what = watch, what

    def __enter__(self) -> "News":
        self._watch.add(self._what, self)
        self.set()  # what changed before the first look is asked for once more
        return self

    def __exit__(self, *_error: object) -> None:
        self._watch.remove(self._what, self)


class Watch:
    """Looks at what is watched, one short query for each, as long as someone waits for it."""

    def __init__(self, looks: Mapping[str, Look]) -> None:
        self._looks = looks
        self._waiting: dict[tuple[str, int], set[News]] = {}
        self._state: dict[tuple[str, int], object] = {}
        self._task: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "watch")

    def of(self, what: tuple[str, int]) -> News:
        return News(self, what)

    def add(self, what: tuple[str, int], news: News) -> None:
        self._waiting.setdefault(what, set()).add(news)
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._go())

    def remove(self, what: tuple[str, int], news: News) -> None:
        self._waiting[what].discard(news)
        if not self._waiting[what]:
            del self._waiting[what]
            self._state.pop(what, None)

    async def _go(self) -> None:
        while self._waiting:
            found = await asyncio.get_running_loop().run_in_executor(self._thread, self._look, tuple(self._waiting))
            for what, state in found.items():
                before = self._state.get(what, state)
                self._state[what] = state
                if state != before:
                    for news in self._waiting.get(what, ()):
                        news.set()
            await asyncio.sleep(EVERY)

    def _look(self, asked: tuple[tuple[str, int], ...]) -> dict[tuple[str, int], object]:
        close_old_connections()
        try:
            return {what: self._looks[what[0]](what[1]) for what in asked}
        except Exception as error:  # the database is away: streams stay, and hear of it when it is back
            logger.warning("could not look for news", error=type(error).__name__)
            return {}


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _either(waiting: Awaitable[Any], gone: "asyncio.Future[None]", most: float | None = None) -> None:
    """Until this is there, or the client has gone away, or so many seconds are over."""
    task = asyncio.ensure_future(waiting)
    try:
        await asyncio.wait({task, gone}, timeout=most, return_when=asyncio.FIRST_COMPLETED)
    finally:
        task.cancel()
