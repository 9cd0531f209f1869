"""Sends events to a collector as quickly as it answers, or at a given rate: `python -m benchmarks.load PORT KEY BATCH SECONDS [RATE] [CONNECTIONS]`.

Prints JSON: what was acknowledged, how long it took, latencies in milliseconds.
"""

import asyncio
import base64
import json
import sys
import time
from collections import Counter
from typing import Any
from uuid import uuid4

import uvloop

_EVENT = (
    '{"type":"track","messageId":"%s","anonymousId":"a-%d","event":"Product Viewed","timestamp":"%s","properties":{"product_id":"SKU-%d","name":"Ethiopia'
    ' Guji 250 g","price":11.5,"currency":"EUR","category":"coffee"},"context":{"library":{"name":"load","version":"1"},"page":{"path":"/p/guji","url":'
    '"https://shop.example/p/guji"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"}}'
)


class Load:
    def __init__(self, port: int, key: str, batch: int, seconds: float, rate: float, connections: int, path: str) -> None:
        self.port, self.batch, self.seconds, self.rate, self.connections = port, batch, seconds, rate, connections
        self.single = batch == 1
        target = path or ("/v1/track" if self.single else "/v1/batch")
        auth = base64.b64encode(f"{key}:".encode()).decode()
        self.head = f"POST {target} HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic {auth}\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        self.run, self.number = uuid4().hex[:12], 0
        self.statuses: Counter[str] = Counter()
        self.latencies: list[float] = []
        self.until = 0.0

    def request(self) -> bytes:
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        events = []
        for _ in range(self.batch):
            self.number += 1
            events.append(_EVENT % (f"{self.run}-{self.number}", self.number % 20011, at, self.number % 400))
        body = events[0] if self.single else f'{{"batch":[{",".join(events)}],"sentAt":"{at}"}}'
        return (self.head % len(body) + body).encode()

    async def go(self) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        clients = [(await loop.create_connection(lambda: _Client(self), "127.0.0.1", self.port))[1] for _ in range(self.connections)]
        began = time.perf_counter()
        self.until = began + self.seconds
        if self.rate:
            await self._at_rate(clients, began)
        else:
            for client in clients:
                client.send()
            await asyncio.sleep(self.seconds)
        while any(client.sent_at for client in clients) and time.perf_counter() < self.until + 15:
            await asyncio.sleep(0.01)
        took = time.perf_counter() - began
        done = sorted(self.latencies)
        at = lambda share: round(done[min(int(len(done) * share), len(done) - 1)] * 1000, 1) if done else None  # noqa: E731
        taken = self.statuses["200"] * self.batch
        return {
            "events": taken,
            "seconds": took,
            "rate": taken / took,
            "p50": at(0.5),
            "p99": at(0.99),
            "worst": at(1),
            "statuses": dict(self.statuses),
            "run": self.run,
        }

    async def _at_rate(self, clients: "list[_Client]", began: float) -> None:
        """Requests leave when they are due, whether or not earlier ones were answered (while connections are free)."""
        step, sent = self.batch / self.rate, 0
        while (now := time.perf_counter()) < self.until:
            due = int((now - began) / step)
            for client in clients:
                if sent >= due:
                    break  # connections the server closed, having long been idle, are left alone
                if not client.sent_at and not client.is_closed:
                    client.send(began + sent * step)
                    sent += 1
            await asyncio.sleep(0.001)


class _Client(asyncio.Protocol):
    def __init__(self, load: Load) -> None:
        self.load, self.sent_at, self.is_closed = load, 0.0, False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def send(self, due: float = 0.0) -> None:
        request = self.load.request()
        self.sent_at = due or time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        if not data.startswith(b"HTTP/"):
            return  # the body of an answer, come by itself
        now = time.perf_counter()
        self.load.latencies.append(now - self.sent_at)
        self.load.statuses[data[9:12].decode()] += 1
        self.sent_at = 0.0
        if not self.load.rate and now < self.load.until:
            self.send()

    def connection_lost(self, error: Exception | None) -> None:
        self.load.statuses["lost"] += bool(self.sent_at)
        self.sent_at, self.is_closed = 0.0, True


def main() -> None:
    port, key, batch, seconds, *more = sys.argv[1:]
    rate, connections, path = [*more, "0", "64", ""][:3] if not more else [*more, *["0", "64", ""][len(more) :]]
    load = Load(int(port), key, int(batch), float(seconds), float(rate), int(connections), path)
    print(json.dumps(uvloop.run(load.go())))


if __name__ == "__main__":
    main()
