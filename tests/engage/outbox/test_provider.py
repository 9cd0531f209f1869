"""Mail by a provider: a Postal server on loopback is spoken to by its own interface, and what it answers told apart."""

import hmac
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Any

import pytest
from django.conf import settings

from vincle.accounts.models import Workspace
from vincle.channels.base import Accepted, Rejected, Request
from vincle.channels.mail_provider import channel
from vincle.engage.outbox import bulk
from vincle.engage.outbox.models import Job, Lane, Send
from vincle.listen import connections
from vincle.listen.models import Connection

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class _Postal(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["content-length"])))
        place: Any = self.server
        place.asked.append((self.headers["x-server-api-key"], told))
        (to,) = told["to"]
        status = next((code for name, code in place.says.items() if name in to), 200)
        answer = {
            "status": "success",
            "time": 1,
            "flags": {},
            "data": {"message_id": "m@postal", "messages": {to: {"id": 7, "token": "t"}}},
        }
        body = json.dumps(answer if status == 200 else {"error": "no"}).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *told: Any) -> None:
        return


@pytest.fixture
def postal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(settings, "OPTIONS", replace(settings.OPTIONS, webhooks_private=True))
    with ThreadingHTTPServer(("127.0.0.1", 0), _Postal) as server:
        server.asked, server.says = [], {}  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def provider(postal: Any, workspace: Workspace) -> Connection:
    given = {"provider": "postal", "address": "news@lligam.example", "sender": "Cafè", "api_url": f"http://127.0.0.1:{postal.server_port}"}
    return connections.connect(workspace, None, "mail_provider", "Postal", given, {"api_key": "secret-key"})


@pytest.mark.django_db(transaction=True)
def test_mail_leaves_by_the_provider(job: Callable[..., Job], postal: Any, provider: Connection) -> None:
    postal.says = {"bad": 400, "busy": 429, "out": 500}
    made = job(["ana", "bad", "busy", "out"], connection=provider)
    bulk.serve(Event(), linger=0.2)
    assert dict(made.sends.values_list("key", "state")) == {"c:ana": "sent", "c:bad": "dead", "c:busy": "waiting", "c:out": "waiting"}
    key, told = next(each for each in postal.asked if "ana" in each[1]["to"][0])
    assert key == "secret-key"
    assert told["from"] == "Cafè <news@lligam.example>" or "news@lligam.example" in told["from"]
    assert "Feedback-ID" in told["headers"]
    assert Send.objects.get(key="c:ana").native_id
    assert "secret-key" not in Send.objects.get(key="c:bad").problem_detail
    assert Lane.objects.get().kind == "quota"


@pytest.mark.django_db(transaction=True)
def test_a_wrong_key_closes_the_lane(job: Callable[..., Job], postal: Any, provider: Connection) -> None:
    postal.says = {"ana": 401}
    made = job(["ana"], connection=provider)
    bulk.serve(Event(), linger=0.2)
    assert made.sends.get().state == "waiting"
    assert Lane.objects.get().kind == "auth"


def _asked(body: bytes = b"{}", **headers: str) -> Request:
    return Request(method="POST", path="/", received_at=NOW, headers=headers, body=body)


def test_reports_are_believed_with_the_secret_alone() -> None:
    secrets = {"webhook_secret": "s3cret"}
    assert channel.verify(_asked(authorization="Basic dXNlcjpzM2NyZXQ="), secrets) == Accepted()
    assert isinstance(channel.verify(_asked(authorization="Basic dXNlcjp3cm9uZw=="), secrets), Rejected)
    time = str(int(NOW.timestamp()))
    signed = hmac.new(b"s3cret", f"{time}tok".encode(), sha256).hexdigest()
    body = json.dumps({"signature": {"timestamp": time, "token": "tok", "signature": signed}, "event-data": {}}).encode()
    assert channel.verify(_asked(body), secrets) == Accepted()
    assert isinstance(channel.verify(_asked(body.replace(b"tok", b"tik")), secrets), Rejected)


def test_nobody_outside_counts_for_us() -> None:
    raw = b'{"vincle": "clicked", "send": 1, "to": "ana@roastery.example", "message": "x"}'
    assert [type(item).__name__ for item in channel.parse(raw, NOW)] == ["Unknown"]
