"""Under load the collector is killed, its disk fills up, its database goes away: nothing acknowledged is missing, nothing stands twice."""

import base64
import http.client
import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.project.installation import Installation, free_port, installation

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
COUNT = """
import json
from django.db.models import Count
from vincle.listen.models import Activity
from vincle.listen import shelf
acts = Activity.objects.exclude(object_type="Profile")
twice = acts.values("native_id").annotate(n=Count("seq")).filter(n__gt=1).count()
print(json.dumps({"waiting": shelf.backlog().parcels, "twice": twice, "ids": list(acts.values_list("native_id", flat=True))}))
"""


class Sender:
    """Several clients that send without pause and try again as official ones do, with the same ids; notes what was acknowledged."""

    def __init__(self, port: int, key: str, clients: int = 4) -> None:
        self.port = port
        self.headers = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}
        self.acknowledged: set[str] = set()
        self.sent: set[str] = set()
        self.refused = 0
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(n,), daemon=True) for n in range(clients)]

    def __enter__(self) -> "Sender":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(30)

    def more(self, events: int, seconds: float = 30) -> None:
        """Until so many more were acknowledged."""
        goal, until = len(self.acknowledged) + events, time.monotonic() + seconds
        while len(self.acknowledged) < goal:
            assert time.monotonic() < until, f"{len(self.acknowledged)} of {goal} acknowledged, {self.refused} refused"
            time.sleep(0.02)

    def _run(self, client: int) -> None:
        number = 0
        while not self.stopping.is_set():
            number += 1
            ids = [f"c{client}-{number}-{n}" for n in range(5)]
            self.sent.update(ids)
            body = json.dumps({"batch": [{"type": "track", "event": "Tick", "userId": f"u{client}", "messageId": one} for one in ids]})
            while not (kept := self._send(body)) and not self.stopping.is_set():
                time.sleep(0.05)
            if kept:
                self.acknowledged.update(ids)

    def _send(self, body: str) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", "/v1/batch", body, self.headers)
            answer = connection.getresponse()
            good = answer.status == 200 and answer.read() == b'{"success": true}'
            self.refused += not good
            assert good or answer.status == 503
            return good
        except (OSError, http.client.HTTPException):
            self.refused += 1
            return False
        finally:
            connection.close()


@pytest.fixture
def place(tmp_path: Path, db: None) -> Iterator[Installation]:
    with installation(tmp_path) as made:
        made.workspace()
        yield made


def begin(place: Installation) -> tuple[int, str]:
    """Collector and worker; the port and a key."""
    key = place.json("source", "add", "load")["write_key"]
    port = free_port()
    place.start("collect", "--port", str(port))
    place.start("work")
    place.wait(lambda: _answers(port))
    return port, key


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/vincle.js")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def all_is_there(place: Installation, sender: Sender) -> None:
    place.wait(lambda: json.loads(place.python(COUNT))["waiting"] == 0, 60)
    found = json.loads(place.python(COUNT))
    stored = set(found["ids"])
    assert not sender.acknowledged - stored, "acknowledged, and not there"
    assert found["twice"] == 0
    assert stored <= sender.sent


def test_a_collector_killed_under_load_loses_nothing(place: Installation) -> None:
    port, key = begin(place)
    with Sender(port, key) as sender:
        for _ in range(2):
            sender.more(300)
            collector = next(process for process in place.running if "collect" in process.args)  # type: ignore[operator]
            collector.send_signal(signal.SIGKILL)
            collector.wait()
            place.running.remove(collector)
            place.start("collect", "--port", str(port))
        sender.more(300)
    assert sender.refused
    all_is_there(place, sender)


def test_a_worker_killed_under_load_reads_nothing_twice(place: Installation) -> None:
    port, key = begin(place)
    with Sender(port, key) as sender:
        for _ in range(2):
            sender.more(300)
            worker = next(process for process in place.running if "work" in process.args)  # type: ignore[operator]
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            place.running.remove(worker)
            place.start("work")
        sender.more(200)
    all_is_there(place, sender)


def test_a_full_disk_is_said_and_nothing_acknowledged_is_lost(place: Installation) -> None:
    if place.database:
        pytest.skip("the shelf is a file on SQLite only")
    port, key = begin(place)
    collector = psutil.Process(next(process.pid for process in place.running if "collect" in process.args))  # type: ignore[operator]
    with Sender(port, key) as sender:
        sender.more(300)
        size = max(path.stat().st_size for path in place.home.glob("intake.sqlite3*"))
        collector.rlimit(resource.RLIMIT_FSIZE, (size // 2, resource.RLIM_INFINITY))
        before = sender.refused
        place.wait(lambda: sender.refused > before + 5)
        collector.rlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        sender.more(300)
    assert "could not be kept" in place.output("collect")
    all_is_there(place, sender)


def test_a_database_that_is_stopped_and_started_again_loses_nothing(tmp_path: Path, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    if not os.environ.get("DATABASE_URL"):
        pytest.skip("there is no server to stop on SQLite")
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
    import machine

    server = machine.Postgres(durable=True)
    monkeypatch.setenv("DATABASE_URL", server.url)
    try:
        with installation(tmp_path) as place:
            place.workspace()
            port, key = begin(place)
            with Sender(port, key) as sender:
                sender.more(300)
                server.stop()
                before = sender.refused
                place.wait(lambda: sender.refused > before + 5)
                time.sleep(1)
                server.start()
                sender.more(300, 60)
                for pid in server.pids():
                    os.kill(pid, signal.SIGSTOP)
                taken = len(sender.acknowledged)
                time.sleep(2)
                assert len(sender.acknowledged) <= taken + 20  # what was on its way
                for pid in server.pids():
                    os.kill(pid, signal.SIGCONT)
                sender.more(300, 60)
            all_is_there(place, sender)
    finally:
        server.remove()
