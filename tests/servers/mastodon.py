"""A small server that speaks the documented Mastodon API over HTTP, server-sent events and web sockets, and goes wrong on demand."""

import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import RLock, Thread
from time import sleep
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from websockets.sync.server import Server, ServerConnection, serve

Json = dict[str, Any]
TOKEN = "token-of-lligam"
HOST = "casa.example"


class Mastodon:
    """What the server knows. `faults`: what happens to the next requests: a status, "slow", "truncated", "lost" (done, but not answered).

    `seen`: called with each request as it has "arrived", is "done" and is "answered". `forgets_keys`: it knows nothing of idempotency.
    `streams`: what it offers of "socket", "socket_query" and "events". `skew`: how far its clock is off. `most`: its longest page.
    """

    def __init__(self) -> None:
        self.lock = RLock()
        self.accounts: dict[str, Json] = {}
        self.statuses: dict[str, Json] = {}
        self.notifications: list[Json] = []
        self.favourites: set[str] = set()
        self.media: dict[str, Json] = {}
        self.keys: dict[str, str] = {}
        self.asked: list[tuple[str, str, Json]] = []
        self.faults: deque[Any] = deque()
        self.listeners: list[Queue[tuple[str, str] | None]] = []
        self.streams = {"socket"}
        self.instance, self.scopes, self.most, self.skew, self.number = "v2", "", 40, timedelta(), 100
        self.url = self.socket_url = ""
        self.is_down = self.forgets_keys = False
        self.seen: Callable[[str, str, str], None] = lambda stage, verb, path: None
        self.us = self.account("lligam")

    def account(self, acct: str) -> Json:
        name, _, host = acct.partition("@")
        found = {
            "id": str(len(self.accounts) + 1), "username": name, "acct": acct, "display_name": name.title(), "bot": False,
            "url": f"https://{host or HOST}/@{name}", "note": "", "statuses_count": 0, "followers_count": 1, "fields": [],
        }  # fmt: skip
        return self.accounts.setdefault(acct, found)

    def next_id(self) -> str:
        with self.lock:
            self.number += 1
            return str(self.number)

    def now(self) -> str:
        return (datetime.now(UTC) + self.skew).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def status(self, author: Json, text: str, **more: Any) -> Json:
        with self.lock:
            native = self.next_id()
            parent = self.statuses.get(str(more.get("in_reply_to_id")), {})
            self.statuses[native] = {
                "id": native, "created_at": self.now(), "edited_at": None, "visibility": "public", "spoiler_text": "", "sensitive": False,
                "content": rendered(text), "account": author, "reblog": None, "language": None, "media_attachments": [], "tags": [],
                "mentions": self._named(text), "uri": f"https://{HOST}/statuses/{native}", "url": f"https://{HOST}/@x/{native}",
                "favourites_count": 0, "reblogs_count": 0, "in_reply_to_id": None,
                "in_reply_to_account_id": parent.get("account", {}).get("id"), **more,
            }  # fmt: skip
            author["statuses_count"] += 1
            return self.statuses[native]

    def _named(self, text: str) -> list[Json]:
        names = [name.removesuffix(f"@{HOST}") for name in re.findall(r"@([\w.]+(?:@[\w.]+\w)?)", text)]
        found = [self.accounts[name] for name in names if name in self.accounts]
        return [{name: each[name] for name in ("id", "username", "acct", "url")} for each in found]

    def notify(self, kind: str, account: Json, status: Json | None = None, is_streamed: bool = True) -> Json:
        with self.lock:
            found = {"id": self.next_id(), "type": kind, "created_at": self.now(), "account": account}
            found |= {"status": status} if status else {}
            self.notifications.append(found)
        if is_streamed:
            self.tell("notification", json.dumps(found))
        return found

    def mention(self, author: Json, text: str, **more: Any) -> Json:
        status = self.status(author, text, **more)
        self.notify("mention", author, status)
        return status

    def tell(self, event: str, payload: str) -> None:
        for listener in list(self.listeners):
            listener.put((event, payload))

    def hang_up(self) -> None:
        """Every open stream ends."""
        for listener in list(self.listeners):
            listener.put(None)

    @contextmanager
    def listening(self) -> Iterator[Queue[tuple[str, str] | None]]:
        queue: Queue[tuple[str, str] | None] = Queue()
        self.listeners.append(queue)
        try:
            yield queue
        finally:
            self.listeners.remove(queue)


def rendered(text: str) -> str:
    """HTML as Mastodon makes it: names without their server, links without their shape."""
    shown = re.sub(r"@([\w.]+)(?:@[\w.]+\w)?", r'<span class="h-card"><a href="#" class="u-url mention">@<span>\1</span></a></span>', text)
    shown = re.sub(r"https://(\S+)", r'<a href="https://\1"><span class="invisible">https://</span><span>\1</span></a>', shown)
    return "<p>" + shown.replace("\n\n", "</p><p>").replace("\n", "<br>") + "</p>"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    place: Mastodon

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._handle("GET")

    def do_POST(self) -> None:
        self._handle("POST")

    def do_DELETE(self) -> None:
        self._handle("DELETE")

    def _handle(self, verb: str) -> None:
        told = urlsplit(self.path)
        query: Json = {name: values[0] for name, values in parse_qs(told.query).items()}
        query |= {"ids": parse_qs(told.query)["id[]"]} if "id[]" in query else {}
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        value = self._body(raw)
        if self.place.is_down:  # a connection that was open before
            self.close_connection = True
            return
        self.place.asked.append((verb, told.path, query | value))
        self.place.seen("arrived", verb, told.path)
        fault = self.place.faults.popleft() if self.place.faults else None
        if isinstance(fault, int):
            self._answer(fault, {"error": f"fault {fault}"})
            return
        if fault == "slow":
            sleep(0.3)
        if self.headers.get("authorization") != f"Bearer {TOKEN}" and "instance" not in told.path:
            self._answer(401, {"error": "The access token is invalid"})
            return
        if told.path == "/api/v1/streaming/user":
            self._stream()
            return
        with self.place.lock:
            status, found, link = self._found(verb, told.path, query, value)
        self.place.seen("done", verb, told.path)
        if fault == "lost":
            self.close_connection = True
            return
        self._answer(status, found, link, is_cut=fault == "truncated")
        self.place.seen("answered", verb, told.path)

    def _body(self, raw: bytes) -> Json:
        kind = self.headers.get("content-type", "")
        if kind.startswith("application/json"):
            found: Json = json.loads(raw)
            return found
        if kind.startswith("multipart/"):
            parts = BytesParser().parsebytes(f"content-type: {kind}\r\n\r\n".encode() + raw).get_payload()
            assert isinstance(parts, list)
            return {str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True) for part in parts}  # type: ignore[union-attr]
        return {}

    def _answer(self, status: int, value: Any, link: str = "", is_cut: bool = False) -> None:
        body = json.dumps(value).encode()
        body = body[: len(body) // 2] if is_cut else body
        now = datetime.now(UTC) + self.place.skew
        self.send_response_only(status)
        self.send_header("Date", format_datetime(now, usegmt=True))
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-RateLimit-Limit", "300")
        self.send_header("X-RateLimit-Remaining", "0" if status == 429 else "270")
        self.send_header("X-RateLimit-Reset", (now + timedelta(seconds=90)).isoformat().replace("+00:00", "Z"))
        if link:
            self.send_header("Link", link)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        if "events" not in self.place.streams:
            self._answer(404, {"error": "Not found"})
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        with self.place.listening() as queue:
            self.wfile.write(b":)\n\n")
            while (found := queue.get()) is not None:
                self.wfile.write(f"event: {found[0]}\ndata: {found[1]}\n\n".encode())

    def _found(self, verb: str, path: str, query: Json, value: Json) -> tuple[int, Any, str]:
        place, parts = self.place, unquote(path).strip("/").split("/")[2:]
        match (verb, *parts):
            case ("GET", "instance"):
                return self._instance(path)
            case ("GET", "apps", "verify_credentials"):
                return 200, {"name": "Vincle", **({"scopes": place.scopes.split()} if place.scopes else {})}, ""
            case ("GET", "accounts", "verify_credentials"):
                return 200, place.us, ""
            case ("GET", "notifications"):
                return self._page(place.notifications, query, path)
            case ("GET", "accounts", native, "statuses"):
                return self._page([each for each in place.statuses.values() if each["account"]["id"] == native], query, path)
            case ("GET", "timelines", "home"):
                return self._page(list(place.statuses.values()), query, path)
            case ("GET", "timelines", "tag", tag):
                return self._page([each for each in place.statuses.values() if f"#{tag}" in each["content"].lower()], query, path)
            case ("GET", "statuses") if place.instance == "v2":
                return 200, [place.statuses[native] for native in query["ids"] if native in place.statuses], ""
            case ("GET", "statuses", native) if native in place.statuses:
                return 200, place.statuses[native], ""
            case ("POST", "media"):
                return self._media(value)
            case ("GET", "media", native):
                place.media[native]["url"] = f"https://{HOST}/media/{native}"
                return 200, place.media[native], ""
            case ("POST", "statuses"):
                return self._said(value)
            case ("POST", "statuses", native, mark) if native in place.statuses:
                return self._marked(native, mark)
            case ("DELETE", "statuses", native) if native in place.statuses:
                return 200, place.statuses.pop(native), ""
        return 404, {"error": "Record not found"}, ""

    def _instance(self, path: str) -> tuple[int, Any, str]:
        place = self.place
        if place.instance == "v2" and "/v2/" in path:
            limits = {"statuses": {"max_characters": 640, "max_media_attachments": 6}, "urls": {"streaming": place.socket_url}}
            return 200, {"domain": HOST, "version": "4.4.0", "configuration": limits}, ""
        if place.instance == "v1" and "/v1/" in path:
            return 200, {"uri": HOST, "version": "2.7.2 (compatible; Pleroma)", "max_toot_chars": 5000,
                         "urls": {"streaming_api": place.socket_url}}, ""  # fmt: skip
        return 404, {"error": "Not found"}, ""

    def _page(self, rows: list[Json], query: Json, path: str) -> tuple[int, Any, str]:
        """`min_id`: just newer than it; `max_id`: just older; newest first. The Link header names the neighbours."""
        most = min(int(query.get("limit", 20)), self.place.most)
        ordered = sorted(rows, key=lambda each: int(each["id"]))
        if "min_id" in query:
            found = [each for each in ordered if int(each["id"]) > int(query["min_id"])][:most]
        else:
            found = [each for each in ordered if int(each["id"]) < int(query.get("max_id", 10**18))][-most:]
        here = f"{self.place.url}{path}?limit={most}"
        link = f'<{here}&max_id={found[0]["id"]}>; rel="next", <{here}&min_id={found[-1]["id"]}>; rel="prev"' if found else ""
        return 200, found[::-1], link

    def _media(self, value: Json) -> tuple[int, Any, str]:
        native = self.place.next_id()
        described = value.get("description", b"").decode()
        self.place.media[native] = {"id": native, "type": "image", "description": described, "url": None, "size": len(value["file"])}
        return 202, self.place.media[native], ""

    def _said(self, value: Json) -> tuple[int, Any, str]:
        place, key = self.place, self.headers.get("idempotency-key", "")
        if key in place.keys and not place.forgets_keys:
            return 200, place.statuses[place.keys[key]], ""
        if not value.get("status") and not value.get("media_ids"):
            return 422, {"error": "Validation failed: Text can't be blank"}, ""
        if value.get("in_reply_to_id") and value["in_reply_to_id"] not in place.statuses:
            return 404, {"error": "The post you are trying to reply to does not appear to exist."}, ""
        kept = ("in_reply_to_id", "visibility", "spoiler_text", "sensitive", "language")
        media = [place.media[native] for native in value.get("media_ids", [])]
        more = {name: value[name] for name in kept if name in value} | {"media_attachments": media}
        status = place.status(place.us, value.get("status", ""), **more)
        place.keys |= {key: status["id"]} if key else {}
        return 200, status, ""

    def _marked(self, native: str, mark: str) -> tuple[int, Any, str]:
        place, status = self.place, self.place.statuses[native]
        if mark == "reblog" and status["visibility"] in ("private", "direct"):
            return 403, {"error": "This action is not allowed"}, ""
        if mark == "reblog":
            twice = [each for each in place.statuses.values() if each["reblog"] and each["reblog"]["id"] == native]
            return 200, (twice or [place.status(place.us, "", reblog=status)])[0], ""
        (place.favourites.add if mark == "favourite" else place.favourites.discard)(native)
        return 200, status, ""


def _socket(place: Mastodon, connection: ServerConnection) -> None:
    with place.listening() as queue:
        while (found := queue.get()) is not None:
            connection.send(json.dumps({"stream": ["user"], "event": found[0], "payload": found[1]}))


def _let_in(place: Mastodon, connection: ServerConnection, request: Any) -> Any:
    query = parse_qs(urlsplit(request.path).query)
    in_header = request.headers.get("Authorization") == f"Bearer {TOKEN}"
    is_let_in = ("socket" in place.streams and in_header) or ("socket_query" in place.streams and query.get("access_token") == [TOKEN])
    return None if is_let_in else connection.respond(401 if place.streams & {"socket", "socket_query"} else 404, "")


class Running:
    """The server at its place; `stop` takes it away and `start` brings it back to the same addresses."""

    def __init__(self, place: Mastodon) -> None:
        self.place, self._ports = place, (0, 0)
        self.start()

    def start(self) -> None:
        self.place.is_down = False
        handler = type("Here", (Handler,), {"place": self.place})
        self._http = ThreadingHTTPServer(("127.0.0.1", self._ports[0]), handler)
        self._http.daemon_threads = True
        self._socket: Server = serve(
            lambda connection: _socket(self.place, connection), "127.0.0.1", self._ports[1],
            process_request=lambda connection, request: _let_in(self.place, connection, request),
        )  # fmt: skip
        self._ports = (self._http.server_address[1], self._socket.socket.getsockname()[1])
        self.place.url, self.place.socket_url = f"http://127.0.0.1:{self._ports[0]}", f"ws://127.0.0.1:{self._ports[1]}"
        Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        Thread(target=self._socket.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.place.is_down = True
        self.place.hang_up()
        self._http.shutdown()
        self._http.server_close()
        self._socket.shutdown()


@contextmanager
def mastodon() -> Iterator[Running]:
    running = Running(Mastodon())
    try:
        yield running
    finally:
        running.stop()
