"""A collector on a port of its own, on the test's database, spoken to over real sockets."""

import asyncio
import base64
import http.client
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import uvicorn
from django.conf import settings
from django.db import connection

from tests.project.installation import free_port
from vincle.accounts.models import Workspace
from vincle.api.collector.app import Collector
from vincle.listen import sources
from vincle.listen.models import Activity, Source
from vincle.project import pipeline


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Place:
    """Where events are sent, and what became of them."""

    def __init__(self, collector: Collector, port: int, source: Source) -> None:
        self.collector, self.port, self.source = collector, port, source

    def ask(self, method: str, path: str, body: Any = None, key: str | None = None, **headers: str) -> Answer:
        """One request. `body` is bytes or something for JSON; `key` "" sends none; header names with _ for -."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        given = self.source.write_key if key is None else key
        if given:
            sent.setdefault("Authorization", "Basic " + base64.b64encode(f"{given}:".encode()).decode())
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            client.request(method, path, data, sent)
            answer = client.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            client.close()

    def post(self, path: str, body: Any = None, key: str | None = None, **headers: str) -> Answer:
        return self.ask("POST", path, body, key, **headers)

    def log(self) -> list[Activity]:
        """What is in the log, after everything that was sent was worked off."""
        pipeline.catch_up()
        return list(Activity.objects.of(self.source.workspace).order_by("seq"))

    def acts(self) -> list[Activity]:
        return [row for row in self.log() if row.object_type != "Profile"]


def clear_shelf() -> None:
    for path in Path(settings.HOME).glob("intake.sqlite3*"):
        path.unlink()


@pytest.fixture
def source(transactional_db: None, workspace: Workspace) -> Iterator[Source]:
    clear_shelf()
    yield sources.add(workspace, "shop.example")
    clear_shelf()


@pytest.fixture
def serve(source: Source) -> Iterator[Callable[..., Place]]:
    """`serve(collector)`: runs it until the test ends."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(collector: Collector) -> Place:
        port = free_port()

        async def application(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "lifespan":
                while (await receive())["type"] == "lifespan.startup":
                    await collector.start()
                    await send({"type": "lifespan.startup.complete"})
                await collector.stop()
                await send({"type": "lifespan.shutdown.complete"})
            else:
                await collector(scope, receive, send)

        server = uvicorn.Server(uvicorn.Config(application, port=port, log_level="warning", access_log=False))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            threading.Event().wait(0.01)
        running.append((server, thread))
        return Place(collector, port, source)

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(20)
    connection.close()


@pytest.fixture
def place(serve: Callable[..., Place]) -> Place:
    return serve(Collector())
