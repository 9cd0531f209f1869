"""A small server with a view of the network and a live stream beside it, as documented, that goes wrong on demand."""

import base64
import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.sync.server import ServerConnection, serve

Json = dict[str, Any]
US = "did:plc:lligam"


class Bluesky:
    """What it knows. `faults`: statuses of the next answers. `frames`: all the live stream ever sent. `wanted`: what was asked of it."""

    def __init__(self) -> None:
        self.notifications: list[Json] = []
        self.gone: set[str] = set()
        self.edited: dict[str, Json] = {}
        self.faults: deque[int] = deque()
        self.sessions = self.refreshes = 0
        self.is_open = True
        self.frames: list[Json] = []
        self.wanted: list[dict[str, list[str]]] = []
        self.listeners: list[Queue[str | None]] = []
        self.url = self.socket_url = ""

    def notify(self, uri: str, reason: str, at: str, **record: Any) -> None:
        owner = uri.removeprefix("at://").partition("/")[0]
        author = {"did": owner, "handle": f"{owner.rpartition(':')[2]}.example", "displayName": owner.rpartition(":")[2].title()}
        self.notifications.append(
            {"uri": uri, "cid": f"cid-{uri}", "author": author, "reason": reason, "record": record, "isRead": False, "indexedAt": at}
        )
        self.notifications.sort(key=lambda each: str(each["indexedAt"]))

    def frame(self, frame: Json) -> None:
        self.frames.append(frame)
        for listener in list(self.listeners):
            listener.put(json.dumps(frame))

    def hang_up(self) -> None:
        for listener in list(self.listeners):
            listener.put(None)


def token(seconds: float) -> str:
    claims = {"exp": int(time.time() + seconds), "scope": "com.atproto.appPass", "n": time.monotonic_ns()}
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.x"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    place: Bluesky

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def _handle(self) -> None:
        told = urlsplit(self.path)
        self.rfile.read(int(self.headers.get("content-length") or 0))
        query: Json = {name: values[0] for name, values in parse_qs(told.query).items()} | {"all": parse_qs(told.query)}
        if self.place.faults:
            status, value = self.place.faults.popleft(), {"error": "Fault", "message": "asked for"}
        else:
            status, value = self._found(told.path.rpartition("/")[2], query)
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("RateLimit-Limit", "3000")
        self.send_header("RateLimit-Remaining", "1500")
        self.send_header("RateLimit-Reset", str(int(time.time()) + 60))
        self.end_headers()
        self.wfile.write(body)

    def _found(self, method: str, query: Json) -> tuple[int, Json]:
        place = self.place
        document = {"service": [{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": place.url}]}
        session = {"did": US, "handle": "lligam.example", "didDoc": document, "active": place.is_open, "status": "takendown"}
        match method:
            case "com.atproto.server.createSession":
                place.sessions += 1
                return 200, session | {"accessJwt": token(7200), "refreshJwt": token(10**6)}
            case "com.atproto.server.refreshSession":
                place.refreshes += 1
                return 200, session | {"accessJwt": token(7200), "refreshJwt": token(10**6)}
            case "com.atproto.server.getSession":
                return 200, session
            case "app.bsky.notification.listNotifications":
                before = str(query.get("cursor", "9999"))
                rows = [each for each in place.notifications[::-1] if each["indexedAt"] < before][: int(query["limit"])]
                return 200, {"notifications": rows, **({"cursor": rows[-1]["indexedAt"]} if rows else {})}
            case "app.bsky.feed.getPosts":
                rows = [
                    each | place.edited.get(each["uri"], {})
                    for each in place.notifications
                    if each["uri"] in query["all"]["uris"] and each["uri"] not in place.gone
                ]
                return 200, {"posts": [{name: each[name] for name in ("uri", "cid", "record", "author")} for each in rows]}
            case "com.atproto.repo.getRecord":
                uri = f"at://{query['repo']}/{query['collection']}/{query['rkey']}"
                is_there = uri not in place.gone and any(each["uri"] == uri for each in place.notifications)
                return (200, {"uri": uri}) if is_there else (400, {"error": "RecordNotFound", "message": f"Could not locate record: {uri}"})
        return 501, {"error": "MethodNotImplemented", "message": "Method Not Implemented"}


@contextmanager
def bluesky() -> Iterator[Bluesky]:
    place = Bluesky()
    http = ThreadingHTTPServer(("127.0.0.1", 0), type("Here", (Handler,), {"place": place}))
    http.daemon_threads = True
    socket = serve(_told(place), "127.0.0.1", 0)
    place.url = f"http://127.0.0.1:{http.server_address[1]}"
    place.socket_url = f"ws://127.0.0.1:{socket.socket.getsockname()[1]}/subscribe"
    Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    Thread(target=socket.serve_forever, daemon=True).start()
    try:
        yield place
    finally:
        place.hang_up()
        http.shutdown()
        http.server_close()
        socket.shutdown()


def _told(place: Bluesky) -> Callable[[ServerConnection], None]:
    """As Jetstream: from the cursor on, of the collections and accounts asked for; accounts and names of everyone."""

    def serve_one(connection: ServerConnection) -> None:
        assert connection.request
        wanted = parse_qs(urlsplit(connection.request.path).query)
        place.wanted.append(wanted)
        since = int(wanted.get("cursor", ["0"])[0]) or int(datetime.now(UTC).timestamp() * 1_000_000)
        queue: Queue[str | None] = Queue()
        for frame in place.frames:
            if frame["time_us"] >= since:
                queue.put(json.dumps(frame))
        place.listeners.append(queue)
        try:
            while (text := queue.get()) is not None:
                frame = json.loads(text)
                is_kind = "commit" not in frame or frame["commit"]["collection"] in wanted["wantedCollections"]
                if is_kind and frame["did"] in wanted.get("wantedDids", [frame["did"]]):
                    connection.send(text)
        finally:
            place.listeners.remove(queue)

    return serve_one
