"""A shop on one origin and a collector that writes down what it gets on another."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SCRIPT = Path(__file__).resolve().parents[2] / "vincle" / "api" / "collector" / "vincle.js"
KEY = "test-key"
SHELF = """
<button id="basket" data-vincle-event="Basket Opened"><span>Basket</span></button>
<a id="inside" href="/coffee?size=2">Coffee</a>
<a id="outside" href="http://localhost:9/roaster/story?from=us#top">Roaster</a>
<a id="menu" href="/files/menu.pdf?v=3">Menu</a>
<form id="letter" name="newsletter" action="/subscribe?list=7">
  <input name="id" value="clobbered"><input name="email" value="ona@bell.example"><button>Send</button></form>
"""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@dataclass
class Collector:
    """Serves the script, keeps each request, answers as told (`answers`: status and headers, then 200)."""

    methods: list[str] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for request in self.requests for event in request["batch"]]

    def named(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event.get("event", event["type"]) == name]

    def wait(self, page: Page, condition: Callable[[], Any], seconds: float = 10) -> Any:
        until = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < until, json.dumps(self.events, indent=1)[-4000:]
            page.wait_for_timeout(40)
        return found

    def until(self, page: Page, name: str, count: int = 1, seconds: float = 10) -> list[dict[str, Any]]:
        self.wait(page, lambda: len(self.named(name)) >= count, seconds)
        return self.named(name)


@dataclass
class Shop:
    """Any path is a page with the snippet; `attributes` are those of its script tag, `early` runs before it."""

    collector: Collector = field(default_factory=Collector)
    address: str = ""
    host: str = ""
    key: str = KEY
    attributes: str = ""
    early: str = ""
    late: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def page(self, path: str) -> bytes:
        tag = f'<script async src="{self.host}/vincle.js" data-key="{self.key}" {self.attributes}></script>'
        early = f"<script>{self.early}</script>" if self.early else ""
        head = f'<meta charset="utf-8"><link rel="icon" href="data:,"><title>Page {path}</title>{early}{tag}'
        return f"<!doctype html><html lang='en'><head>{head}</head><body>{SHELF}{self.late}</body></html>".encode()

    def at(self, name: str) -> str:
        """The same shop under another host name: `*.localhost` is this machine to a browser."""
        return self.address.replace("127.0.0.1", name)


def _shop_handler(shop: Shop) -> type[Handler]:
    class ShopHandler(Handler):
        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            self.answer(200, shop.page(path), {"Content-Type": "text/html; charset=utf-8", **shop.headers})

    return ShopHandler


def _collector_handler(collector: Collector) -> type[Handler]:
    class CollectorHandler(Handler):
        def do_GET(self) -> None:
            self.answer(200, SCRIPT.read_bytes(), {"Content-Type": "text/javascript; charset=utf-8", "Access-Control-Allow-Origin": "*"})

        def do_OPTIONS(self) -> None:
            collector.methods.append("OPTIONS")
            self.answer(204, b"", {"Access-Control-Allow-Origin": "*"})

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"]))
            collector.methods.append("POST")
            request = {**json.loads(text), "path": self.path, "type": self.headers["Content-Type"], "size": len(text), "at": time.time()}
            status, headers = collector.answers.pop(0) if collector.answers else (200, {})
            (collector.requests if status == 200 else collector.refused).append(request)
            cross = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}
            self.answer(status, b'{"success": true}', {"Content-Type": "application/json", **cross, **headers})

    return CollectorHandler


@contextmanager
def served(handler: type[Handler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def recording() -> Iterator[Shop]:
    shop = Shop()
    with served(_shop_handler(shop)) as shop.address, served(_collector_handler(shop.collector)) as shop.host:
        yield shop


@contextmanager
def shop_of(host: str, key: str) -> Iterator[Shop]:
    """A shop that sends to a collector which runs already."""
    shop = Shop(host=host, key=key)
    with served(_shop_handler(shop)) as shop.address:
        yield shop


def left_behind(page: Page) -> Any:
    """Everything a site can keep in a browser; empty where nothing is kept."""
    kept = page.evaluate(
        """async () => [document.cookie, {...localStorage}, {...sessionStorage}, await indexedDB.databases(),
            window.caches ? await caches.keys() : []]"""
    )
    return [part for part in kept if part] + list(page.context.cookies())
