"""Streams that stay open: server-sent events over a plain socket, and web sockets. Silence is told every few seconds."""

import socket as sockets
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin

import h11
import httpx

from vincle.channels import _answers
from vincle.channels.live import Answer, Problem
from vincle.store import outside

from .line import _KEPT_ELSEWHERE, _MOVED, LARGEST, LONGEST_URL, REDIRECTS, USER_AGENT, _is_same_place, address, troubles
from .line_http import CONNECT, tls

if TYPE_CHECKING:
    from .line import OutLine

SILENCE: Final = 5.0
DEAD: Final = 900.0
"""A stream of which nothing at all is heard for so long is taken for dead."""
LONGEST_EVENT: Final = 1024**2


def _connected(host: str, port: int, is_secure: bool) -> sockets.socket:
    sock = outside.connect(host, port, CONNECT)
    sock.setsockopt(sockets.SOL_SOCKET, sockets.SO_KEEPALIVE, 1)
    if hasattr(sockets, "TCP_KEEPIDLE"):
        sock.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_KEEPIDLE, 60)
        sock.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_KEEPINTVL, 20)
        sock.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_KEEPCNT, 3)
    if not is_secure:
        return sock
    try:
        return tls().wrap_socket(sock, server_hostname=host)
    except OSError as error:
        sock.close()
        raise outside.Unreachable(str(error)) from error


def refused(answer: Answer) -> Problem:
    """What a stream that did not open tells: without rights or quota, later, or that there is none here."""
    found = _answers.problem(answer)
    return Problem("permanent", "not_live", found.detail) if found.kind in ("gone", "permanent") else found


@contextmanager
def events(line: "OutLine", url: str, headers: Mapping[str, str]) -> Iterator[Iterator[tuple[str, str]]]:
    where = address(url)
    sent = {"user-agent": USER_AGENT, "accept": "text/event-stream", "cache-control": "no-store"}
    sent |= {name.lower(): value for name, value in headers.items()}
    for _ in range(REDIRECTS + 1):
        line.requests += 1
        with troubles(line):
            reader = _Reader(line, where, sent)
        with closing(reader):
            with troubles(line):
                answer = reader.head()
            if answer.status not in _MOVED or not answer.headers.get("location"):
                if answer.status != 200 or not answer.headers.get("content-type", "").startswith("text/event-stream"):
                    raise refused(answer) if answer.status != 200 else Problem("permanent", "not_live", "no event stream there")
                yield reader.events()
                return
        onward = address(urljoin(where, answer.headers["location"]))
        if not _is_same_place(where, onward):
            sent = {name: value for name, value in sent.items() if name in _KEPT_ELSEWHERE}
        where = onward
    raise Problem("permanent", "not_live", "too many redirects")


class _Reader:
    """One request whose answer has no end."""

    def __init__(self, line: "OutLine", url: str, headers: Mapping[str, str]) -> None:
        where = outside.target(url, LONGEST_URL)
        usual = 443 if where.is_secure else 80
        shown = f"[{where.host}]" if ":" in where.host else where.host
        host = shown if where.port == usual else f"{shown}:{where.port}"
        self.line, self.url = line, url
        self.http = h11.Connection(h11.CLIENT)
        self.sock = _connected(where.host, where.port, where.is_secure)
        self.last = monotonic()
        try:
            start = h11.Request(method="GET", target=where.path, headers=[("host", host), *headers.items()])
            for part in (start, h11.EndOfMessage()):
                self.sock.sendall(self.http.send(part) or b"")
        except h11.LocalProtocolError as error:
            self.sock.close()
            raise Problem("permanent", "not_sendable", line.clean(str(error))) from error
        except BaseException:
            self.sock.close()
            raise

    def close(self) -> None:
        self.sock.close()

    def head(self) -> Answer:
        """Status and headers; of an answer that is no stream also the beginning of its body."""
        until = monotonic() + 20.0
        self.sock.settimeout(20.0)
        while not isinstance(event := self._next(), h11.Response):
            if event is None or isinstance(event, h11.ConnectionClosed) or monotonic() > until:
                raise httpx.ReadTimeout("no answer")
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in event.headers}
        body = b""
        if event.status_code != 200 and event.status_code not in _MOVED:
            while len(body) < 2000 and isinstance(more := self._next(), h11.Data):
                body += bytes(more.data)
        return Answer(status=event.status_code, url=self.url, headers=headers, body=body[:2000])

    def _next(self) -> Any:
        """The next part of the answer; None after a silence."""
        try:
            while (event := self.http.next_event()) is h11.NEED_DATA:
                try:
                    data = self.sock.recv(65536)
                except TimeoutError:
                    return None
                self.last = monotonic()
                self.http.receive_data(data)
        except h11.RemoteProtocolError as error:
            raise Problem("transient", "stream_broke", self.line.clean(str(error))) from error
        return event

    def events(self) -> Iterator[tuple[str, str]]:
        """Until the server ends the stream; Problem when it breaks."""
        self.sock.settimeout(SILENCE)
        parser = _Parser()
        while not self.line.stopping:
            with troubles(self.line):
                part = self._next()
            if part is None:
                if monotonic() - self.last > DEAD:
                    raise Problem("transient", "went_silent")
                yield "", ""
            elif isinstance(part, h11.Data):
                yield from parser.feed(bytes(part.data))
            else:
                return


class _Parser:
    """Lines of an event stream (WHATWG HTML, 9.2) into (event, data); a comment is a sign of life: ("", "")."""

    def __init__(self) -> None:
        self._rest, self._event, self._data, self._size = b"", "", list[str](), 0

    def feed(self, data: bytes) -> Iterator[tuple[str, str]]:
        whole = (self._rest + data).replace(b"\r\n", b"\n")
        if whole.endswith(b"\r"):  # half of a line's end, or a whole one: told by what comes next
            whole, tail = whole[:-1], b"\r"
        else:
            tail = b""
        *lines, rest = whole.replace(b"\r", b"\n").split(b"\n")
        self._rest = rest + tail
        if len(self._rest) > LONGEST_EVENT:
            raise Problem("transient", "stream_broke", "a line without an end")
        for line in lines:
            if (found := self._line(line.decode("utf-8", "replace"))) is not None:
                yield found

    def _line(self, line: str) -> tuple[str, str] | None:
        if not line:
            found = (self._event or "message", "\n".join(self._data)) if self._data else None
            self._event, self._data, self._size = "", [], 0
            return found
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not name:
            return "", ""
        if name == "event":
            self._event = value
        elif name == "data":
            self._size += len(value)
            if self._size > LONGEST_EVENT:
                raise Problem("transient", "stream_broke", "an event without an end")
            self._data.append(value)
        return None


@contextmanager
def socket(line: "OutLine", url: str, headers: Mapping[str, str]) -> Iterator[Iterator[str | bytes]]:
    from websockets.exceptions import InvalidStatus, WebSocketException
    from websockets.sync.client import connect

    text = address(url, schemes=("wss", "ws"))
    where = outside.target(text, LONGEST_URL, ("wss", "ws"))
    line.requests += 1
    try:
        with troubles(line):
            plain = _connected(where.host, where.port, False)
            opening = connect(
                text, sock=plain, ssl=tls() if where.is_secure else None, additional_headers=dict(headers), proxy=None,
                user_agent_header=USER_AGENT, open_timeout=CONNECT, close_timeout=2, max_size=LARGEST,
            )  # fmt: skip
            opened = opening.__enter__()
    except InvalidStatus as error:
        found = error.response
        told = {name.lower(): value for name, value in found.headers.raw_items()}
        raise refused(Answer(status=found.status_code, url=text, headers=told, body=bytes(found.body or b"")[:2000])) from error
    except (WebSocketException, ValueError) as error:  # an answer that is none of this protocol, or sends us elsewhere
        raise Problem("permanent", "not_live", line.clean(str(error))) from error
    try:
        yield _messages(line, opened)
    finally:
        opening.__exit__(None, None, None)


def _messages(line: "OutLine", opened: Any) -> Iterator[str | bytes]:
    from websockets.exceptions import ConnectionClosed, ConnectionClosedOK

    last = monotonic()
    while not line.stopping:
        try:
            message = opened.recv(timeout=SILENCE)
        except TimeoutError:
            if monotonic() - last > DEAD:
                raise Problem("transient", "went_silent") from None
            yield ""
            continue
        except ConnectionClosedOK:
            return
        except ConnectionClosed as error:
            raise Problem("transient", "stream_broke", line.clean(str(error))) from error
        last = monotonic()
        yield message
