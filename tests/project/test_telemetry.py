"""Logs and traces of a running installation: what stands on them, and what never does."""

import gzip
import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.project.installation import Installation, installation

CONTACTS = "Name,Email\n" + "".join(f"Zoraida {n},zoraida{n}@example.org\n" for n in range(40))
PERSONAL = ("zoraida", "Zoraida", "example.org", "contacts.csv")
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@contextmanager
def receiver() -> Iterator[tuple[str, list[Any]]]:
    """A place traces are posted to: (its address, the spans it was sent)."""
    spans: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            if self.path == "/v1/traces":
                sent = ExportTraceServiceRequest.FromString(body)
                for resource in sent.resource_spans:
                    named = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
                    spans.extend((named["service.name"], span) for scope in resource.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *given: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", spans
    finally:
        server.shutdown()


def attributes(span: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in span.attributes}


@pytest.fixture
def place(tmp_path: Path, db: None) -> Iterator[Installation]:
    with installation(tmp_path) as made:
        made.workspace()
        made.environment |= {"VINCLE_LOG_JSON": "1", "VINCLE_LOG_LEVEL": "INFO"}
        (tmp_path / "contacts.csv").write_text(CONTACTS)
        yield made


def deliver(place: Installation) -> int:
    """An import that waits; returns its number."""
    code = f"""
from vincle.accounts.models import Workspace
from vincle.listen import actions
delivery = actions.receive_file(Workspace.objects.get(), open({str(place.home / "contacts.csv")!r}, "rb"), "contacts.csv")
print(delivery.pk)"""
    return int(place.python(code).splitlines()[-1])


SPOIL = """
from vincle.listen.models import Activity, Content
one = Activity.objects.order_by("seq")[7]
Content.objects.filter(event_id=one.event_id).update(body='{"name": "Zoraida 7')
"""


def test_lines_are_json_and_carry_what_they_are_about(place: Installation) -> None:
    delivery = deliver(place)
    intake = place.start("work", "--only", "intake")
    place.wait(lambda: "delivery read" in place.output("work"), 60)
    intake.terminate()
    intake.wait(20)
    place.python(SPOIL)
    place.start("work", "--only", "steps")
    place.wait(lambda: "row set aside" in place.output("work"), 60)
    text = place.output("work")
    lines = [json.loads(line) for line in text.splitlines()]
    read = next(line for line in lines if line["event"] == "delivery read")
    assert (read["delivery"], read["rows"], read["channel"], read["worker"], read["step"]) == (
        delivery,
        40,
        "contacts",
        "intake",
        "deliveries",
    )
    assert read["workspace"] > 0
    assert read["seconds"] >= 0
    aside = next(line for line in lines if line["event"] == "row set aside")
    assert (aside["step"], aside["worker"], aside["level"]) == ("identify", "steps", "warning")
    assert aside["error"].startswith("DecodeError at identify/")
    assert not any(word in text for word in PERSONAL), "nobody's data stand in the log"


def test_spans_of_steps_deliveries_and_pages_arrive(place: Installation) -> None:
    with receiver() as (url, spans):
        place.environment["VINCLE_TELEMETRY_URL"] = url
        address = place.up()
        delivery = deliver(place)
        urllib.request.urlopen(f"{address}/accounts/login/?next=/zoraida", timeout=10).close()
        urllib.request.urlopen(f"{address}/healthz", timeout=10).close()
        wanted = {"step identify", "step organise", "step analyse", "delivery", "page"}
        place.wait(lambda: wanted <= {span.name for _, span in spans}, 60)
    by_name = {span.name: span for _, span in spans}
    assert {name for name, _ in spans} == {"vincle"}
    assert attributes(by_name["step identify"]) == {"vincle.step": "identify", "vincle.rows": 40}
    told = attributes(by_name["delivery"])
    assert (told["vincle.delivery"], told["vincle.rows"], told["vincle.channel"], told["vincle.state"]) == (
        delivery,
        40,
        "contacts",
        "done",
    )
    assert by_name["delivery"].end_time_unix_nano > by_name["delivery"].start_time_unix_nano
    pages = [attributes(span) for _, span in spans if span.name == "page"]
    assert {"vincle.view": "account_login", "vincle.method": "GET", "vincle.status": 200} in pages
    assert not any("healthz" in str(page) or "alive" in str(page) for page in pages)
    assert not any(word in str(spans) for word in PERSONAL)


OFF = """
import sys
from vincle.project import telemetry
telemetry.start()
with telemetry.span("x") as span, telemetry.work("y"):
    span.set(rows=1)
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""


def test_switched_off_nothing_of_it_is_loaded(place: Installation) -> None:
    assert place.python(OFF) == "[]"


def test_a_missing_package_is_said_clearly(place: Installation) -> None:
    place.environment["VINCLE_TELEMETRY_URL"] = "http://127.0.0.1:1"
    code = """
import sys
sys.modules["opentelemetry.exporter.otlp.proto.http.trace_exporter"] = None
from vincle.project import telemetry
try:
    telemetry.start()
except SystemExit as error:
    print(error)
"""
    said = place.python(code)
    assert "OpenTelemetry is not installed" in said
    assert "pip install 'vincle[telemetry]'" in said
