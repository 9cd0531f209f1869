"""Bodies that come slowly, in pieces, never, or without end."""

import asyncio
import http.client
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import pytest
import uvicorn
from a2wsgi import WSGIMiddleware

from vincle.project import bodies
from vincle.project.bodies import Whole, steady

MOST = 8 * 1024**2
KNOWN = (b"cookie", b"a=b")


class Pages:
    """Keeps what it was handed."""

    def __init__(self) -> None:
        self.body: bytes | None = None
        self.headers: dict[bytes, bytes] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.headers, self.body = dict(scope["headers"]), b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            self.body += message["body"]
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def pieces(*parts: bytes, pause: float = 0.0, ends: bool = True) -> AsyncIterator[dict[str, Any]]:
    for place, part in enumerate(parts):
        if place:
            await asyncio.sleep(pause)
        yield {"type": "http.request", "body": part, "more_body": not ends or place < len(parts) - 1}
    await asyncio.Event().wait()


def ask(parts: Any, *headers: tuple[bytes, bytes], client: Any = ("192.0.2.1", 1)) -> tuple[int | None, Pages]:
    """What comes of a request: the status (None: nothing was answered), and what the pages got."""
    pages, said = Pages(), list[Any]()
    scope = {"type": "http", "method": "POST", "path": "/x", "headers": list(headers), "client": client}

    async def send(message: Any) -> None:
        said.append(message)

    async def go() -> None:
        await asyncio.wait_for(Whole(pages, MOST)(scope, anext_of(parts), send), 5)

    asyncio.run(go())
    return (said[0]["status"] if said else None), pages


def anext_of(parts: Any) -> Any:
    return lambda: anext(parts)


def test_a_body_in_pieces_is_handed_on_whole_with_its_length() -> None:
    status, pages = ask(pieces(b"one ", b"", b"two"), (b"transfer-encoding", b"chunked"))
    assert (status, pages.body, pages.headers) == (200, b"one two", {b"content-length": b"7"})


def test_a_large_file_of_someone_known_arrives_as_it_was() -> None:
    block = bytes(range(256)) * 4096
    status, pages = ask(pieces(*[block] * 6), (b"content-length", str(len(block) * 6).encode()), KNOWN)
    assert (status, pages.body) == (200, block * 6)


def test_what_has_no_body_is_not_waited_for() -> None:
    status, pages = ask(pieces(b""))
    assert (status, pages.body) == (200, b"")


def test_a_body_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "GRACE", 0.1)
    status, pages = ask(pieces(b"a", b"b", pause=1), (b"content-length", b"2"))
    assert (status, pages.body) == (408, None)


def test_a_body_that_comes_steadily_may_take_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "GRACE", 0.3)
    monkeypatch.setattr(bodies, "SLOWEST", 100)
    status, pages = ask(pieces(*[b"x" * 100] * 10, pause=0.05), (b"content-length", b"1000"))
    assert (status, len(pages.body or b"")) == (200, 1000)


@pytest.mark.parametrize("headers", [[(b"content-length", str(6 * 1024**2).encode())], [(b"transfer-encoding", b"chunked")]])
def test_strangers_bring_no_more_than_a_little(headers: list[tuple[bytes, bytes]]) -> None:
    status, pages = ask(pieces(*[b"x" * 1024**2] * 6), *headers)
    assert (status, pages.body) == (413, None)


def test_what_announces_itself_as_too_large_reaches_the_page_that_says_so() -> None:
    length = str(MOST + 1).encode()
    status, pages = ask(pieces(b"x"), (b"content-length", length), KNOWN)
    assert (status, pages.headers[b"content-length"]) == (200, length)


def test_without_end_is_too_large() -> None:
    status, pages = ask(pieces(*[b"x" * 1024**2] * 10, ends=False), (b"transfer-encoding", b"chunked"), KNOWN)
    assert (status, pages.body) == (413, None)


def test_too_many_large_ones_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "AT_ONCE", 0)
    assert ask(pieces(b"x"), (b"transfer-encoding", b"chunked"))[0] == 503
    assert ask(pieces(b"x"), (b"content-length", b"1"))[0] == 200


def test_who_asks_over_a_socket_file_has_waited_already() -> None:
    status, pages = ask(pieces(b"x"), (b"transfer-encoding", b"chunked"), client=None)
    assert (status, pages.headers) == (200, {b"transfer-encoding": b"chunked"})


def test_a_slow_sender_of_events_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "GRACE", 0.05)

    async def go() -> list[str]:
        receive = steady(anext_of(pieces(b"a", b"b", pause=1)))
        return [(await receive())["type"], (await receive())["type"]]

    assert asyncio.run(go()) == ["http.request", "http.disconnect"]


def _page(environ: Any, start: Any) -> list[bytes]:
    read = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"%d" % len(read)]


@contextmanager
def served(app: Any) -> Iterator[int]:
    """A real server with it, on this port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        thread.join(10)


def test_many_slow_senders_keep_nobody_from_the_pages() -> None:
    """Ten times as many of them as there are threads for pages, each with a body that does not come."""
    with served(Whole(WSGIMiddleware(_page, workers=2), MOST)) as port, ExitStack() as open_lines:
        for _ in range(20):
            line = open_lines.enter_context(closing(socket.create_connection(("127.0.0.1", port), 10)))
            line.sendall(b"POST /hooks/none/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n{")
        began = time.monotonic()
        for method, body, said in (("GET", None, b"0"), ("POST", b"x" * 70_000, b"70000")):
            at = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            at.request(method, "/", body)
            assert at.getresponse().read() == said
            at.close()
        assert time.monotonic() - began < bodies.GRACE / 2
