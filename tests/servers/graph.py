"""A small Graph API on loopback: pages by cursor, usage headers, its own error objects, and the troubles a network has.

Written from the public documentation. `faults` are used up one by one, each by the next request; what was asked stands in `asked`.
"""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

Json = dict[str, Any]
Fault = Callable[[BaseHTTPRequestHandler], bool]


class Refusal(Exception):
    def __init__(self, status: int, **error: Any) -> None:
        super().__init__(error)
        self.status, self.error = status, {"type": "OAuthException", "fbtrace_id": "A1"} | error


class GraphServer:
    """`things` are objects by path ("5001", "me/accounts"), `edges` lists by path ("5001/feed"); posts to an edge are kept in `said`."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.url = ""
        self.clear()

    def clear(self) -> None:
        self.things: dict[str, Json] = {}
        self.edges: dict[str, list[Json]] = {}
        self.said: list[tuple[str, str, Json]] = []
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.faults: deque[Fault] = deque()
        self.refused: dict[str, Refusal] = {}
        self.usage: dict[str, str] = {}
        self.skew = timedelta()
        self.token = ""

    def answer(self, method: str, path: str, query: dict[str, str], body: Json) -> Json:
        with self.lock:
            self.asked.append((method, path, query))
            if path in self.refused:
                raise self.refused[path]
            if method == "GET":
                return self._read(path, query)
            self.said.append((method, path, body))
            number = len(self.said)
            if path.endswith("/messages"):
                to = body.get("recipient")
                told = to.get("id", "psid-of-comment") if isinstance(to, dict) else to
                return {"recipient_id": told, "message_id": f"m_{number}", "messages": [{"id": f"wamid.{number}"}]}
            if path.endswith(("/comments", "/replies", "/feed", "/media", "/media_publish", "/photos", "/mentions")):
                return {"id": f"{path.split('/')[0]}_{number}"}
            if path.endswith("/message_attachments"):
                return {"attachment_id": f"a{number}"}
            return {"success": True}

    def _read(self, path: str, query: dict[str, str]) -> Json:
        if path in self.things:
            return self.things[path]
        if path not in self.edges:
            raise Refusal(400, code=100, error_subcode=33, message=f"Unsupported get request. Object '{path}' does not exist")
        start, size = int(query.get("after") or 0), int(query.get("limit") or 25)
        rows = self.edges[path][start : start + size]
        found: Json = {"data": rows}
        if start + size < len(self.edges[path]):
            after = str(start + size)
            following = f"{self.url}/v24.0/{path}?{urlencode(query | {'after': after, 'access_token': 'x'})}"
            found["paging"] = {"cursors": {"before": str(start), "after": after}, "next": following}
        return found


def slow(seconds: float) -> Fault:
    """Nothing for so long, and then nothing."""

    def wait(handler: BaseHTTPRequestHandler) -> bool:
        time.sleep(seconds)
        handler.close_connection = True
        return True

    return wait


def broken(status: int, body: bytes, **headers: str) -> Fault:
    """A whole answer of its own: a status, bytes that may be no JSON, headers."""

    def give(handler: BaseHTTPRequestHandler) -> bool:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
        return True

    return give


def refused(status: int, headers: dict[str, str] | None = None, **error: Any) -> Fault:
    return broken(status, json.dumps({"error": {"type": "OAuthException", "message": "no", **error}}).encode(), **(headers or {}))


def hung_up(handler: BaseHTTPRequestHandler) -> bool:
    handler.close_connection = True
    handler.connection.close()
    return True


@contextmanager
def running() -> Iterator[GraphServer]:
    graph = GraphServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def date_time_string(self, timestamp: float | None = None) -> str:
            return (datetime.now(UTC) + graph.skew).strftime("%a, %d %b %Y %H:%M:%S GMT")

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if graph.faults and graph.faults.popleft()(self):
                return
            target = urlsplit(self.path)
            path, query = target.path.strip("/").partition("/")[2], dict(parse_qsl(target.query))
            status = 200
            try:
                if graph.token and self.headers.get("Authorization") != f"Bearer {graph.token}":
                    raise Refusal(401, code=190, message="Invalid OAuth access token.")
                answer = graph.answer(self.command, path, query, _read(body, self.headers.get("Content-Type", "")))
            except Refusal as refusal:
                status, answer = refusal.status, {"error": refusal.error}
            written = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in graph.usage.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        do_GET = do_POST = do_DELETE = _do

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """Who hangs up while we answer is one of the troubles."""

    server = Quiet(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    graph.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield graph
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _read(body: bytes, content_type: str) -> Json:
    if "json" in content_type and body:
        return dict(json.loads(body))
    return dict(parse_qsl(body.decode("utf-8", "replace"))) if "urlencoded" in content_type else {"bytes": len(body)}
