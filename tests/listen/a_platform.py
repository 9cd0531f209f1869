"""A small platform on loopback that answers as it is told to, and a channel that speaks with it."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from django.utils import timezone

from vincle.channels import _answers
from vincle.channels.base import Channel, Rejected, Request, Secret, Spec, Verdict
from vincle.channels.live import Command, Context, Line, OAuth, Problem, Pulled, Receipt, Setting, Standing, Stream, Way
from vincle.vocabulary import Activity, HandleRef, ObjectType, Unknown, Verb
from vincle.vocabulary.activity import Outcome

US = HandleRef("scripted", "us", "The Café")
Told = tuple[int, Mapping[str, str], bytes] | Callable[["_Handler"], None]


class Platform:
    """`answers[path]` are used up one after the other, the last one again and again; `asked` is what came."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Told]] = {}
        self.asked: list[dict[str, Any]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Here", (_Handler,), {"platform": self}))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def says(self, path: str, *told: Any, status: int = 200, **headers: str) -> None:
        """Each of `told`: JSON, bytes, (status, headers, body), or what is done with the handler."""
        self.answers[path] = [each if _is_told(each) else (status, headers, _bytes(each)) for each in told]

    def paths(self) -> list[str]:
        return [each["path"] for each in self.asked]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def _is_told(each: Any) -> bool:
    return callable(each) or (isinstance(each, tuple) and len(each) == 3)


def _bytes(each: Any) -> bytes:
    return each if isinstance(each, bytes) else json.dumps(each).encode()


class _Handler(BaseHTTPRequestHandler):
    platform: ClassVar[Platform]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.platform.asked.append({"method": self.command, "path": path, "query": query, "headers": headers, "body": body})
        known = self.platform.answers.get(path, [(404, {}, b"{}")])
        told = known.pop(0) if len(known) > 1 else known[0]
        try:
            if callable(told):
                told(self)
            else:
                self.give(*told)
        except OSError:
            self.close_connection = True

    def give(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        (self.send_response_only if "Date" in headers else self.send_response)(status)
        for name, value in {"Content-Length": str(len(body)), "Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@contextmanager
def running() -> Iterator[Platform]:
    platform = Platform()
    try:
        yield platform
    finally:
        platform.close()


def item(number: int, text: str = "Tea please", who: str = "ana", minutes: float = 0) -> dict[str, Any]:
    at = datetime.fromisoformat("2026-11-20T10:00:00+00:00") + timedelta(minutes=number + minutes)
    return {"id": f"n{number}", "text": text, "who": who, "at": at.isoformat()}


def trickle(handler: _Handler, pieces: int = 100, pause: float = 0.1) -> None:
    """A body without an end, a byte at a time."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    for _ in range(pieces):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(pause)


class Scripted(Channel):
    """Pulls `/items?after=`, imports `/past?page=`, listens to `/stream`, answers at `/say`."""

    spec = Spec(
        id="scripted", name="Scripted", icon="plug", family="feed", capabilities=frozenset({"pull", "act", "webhook"}),
        handle_kinds=("scripted",), secrets=(Secret(name="proof", label="Proof"),),
        settings=(
            Setting(name="server", label="Server", kind="url"), Setting(name="token", label="Token", is_secret=True, is_required=False),
            Setting(name="client_id", label="App", is_required=False),
            Setting(name="client_secret", label="Secret of the app", is_secret=True, is_required=False),
        ),
        oauth=OAuth(authorize_url="{server}/authorize", token_url="{server}/token", scopes=("read", "write"), register_url="{server}/apps"),
        streams=(Stream(name="items", every=60, has_past=True, is_live=True), Stream(name="reviews", every=600)),
    )  # fmt: skip

    def verify(self, request: Request, secrets: Mapping[str, str]) -> Verdict:
        return Rejected("no_secret")

    def parse(self, raw: bytes, received_at: datetime) -> Iterator[Outcome]:
        found = json.loads(raw)
        if "text" not in found:
            yield Unknown(native_id=str(found.get("id", "?")), kind="odd", happened_at=received_at, raw=found)
            return
        yield Activity(
            verb=Verb.CREATE, object_type=ObjectType.NOTE, native_id=found["id"], happened_at=datetime.fromisoformat(found["at"]),
            actor=HandleRef("scripted", found["who"], found["who"].title()), object_key=found["id"], thread_key="t", text=found["text"],
        )  # fmt: skip

    def wanted(self, raw: bytes) -> tuple[str, ...]:
        found = json.loads(raw)
        return (f"one:{found['names']}",) if "names" in found else ()

    def check(self, line: Line) -> Standing:
        me = _answers.judged(self._ask(line, "/me"))
        ends = me.get("ends_in")
        return Standing(
            account=me["name"], own=(US,), abilities=frozenset(me.get("can", ())),
            token_ends_at=timezone.now() + timedelta(seconds=ends) if ends else None,
        )  # fmt: skip

    def pull(self, line: Line, stream: str, cursor: str) -> Pulled:
        path = f"/{stream.replace(':', '/')}"
        answer = self._ask(line, path, {"after": cursor} if cursor else {})
        page = _answers.judged(answer)
        items = tuple(_answers.dumped(each) for each in page["items"])
        return Pulled(items=items, cursor=page.get("cursor", cursor), more=page.get("more", False), quota=_answers.quota(answer))

    def past(self, line: Line, stream: str, cursor: str) -> Pulled:
        page = _answers.judged(self._ask(line, "/past", {"page": cursor or "1"}))
        items = tuple(_answers.dumped(each) for each in page["items"])
        return Pulled(items=items, cursor=page.get("next", ""), more=bool(page.get("next")), total=page.get("total"))

    def listen(self, line: Line, stream: str, cursor: str) -> Iterator[Pulled]:
        with line.events(f"{line.settings['server']}/stream", headers=self._headers(line)) as events:
            yield Pulled(cursor=cursor)
            for kind, data in events:
                if kind == "item":
                    cursor = json.loads(data)["id"]
                    yield Pulled(items=(_answers.dumped(json.loads(data)),), cursor=cursor)
                else:
                    yield Pulled(cursor=cursor)

    def ways(self, about: Context, settings: Mapping[str, str], abilities: frozenset[str], now: datetime) -> tuple[Way, ...]:
        return (Way(deed="reply", is_open="write" in abilities, longest=100),)

    def act(self, line: Line, command: Command, key: str) -> Receipt:
        path, form = f"{line.settings['server']}/say", {"text": command.text}
        made = _answers.judged(line.send("POST", path, form=form, headers={**self._headers(line), "idempotency-key": key}))
        return Receipt(native_id=made["id"], happened_at=line.now, raw=_answers.dumped(made))

    def found(self, line: Line, command: Command, key: str, since: datetime) -> Receipt | None:
        known = _answers.judged(self._ask(line, "/said", {"key": key}))
        return Receipt(native_id=known["id"], happened_at=line.now, raw=_answers.dumped(known)) if known else None

    def _ask(self, line: Line, path: str, query: Mapping[str, str] | None = None) -> Any:
        return line.send("GET", f"{line.settings['server']}{path}", query=query, headers=self._headers(line), timeout=2)

    @staticmethod
    def _headers(line: Line) -> dict[str, str]:
        token = line.secrets.get("access_token") or line.secrets.get("token", "")
        if not token:
            raise Problem("auth", "no_token")
        return {"authorization": f"Bearer {token}"}
