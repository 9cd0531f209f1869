"""Events over HTTP: how many a second are durable before they are acknowledged, how long that takes, and what it takes of memory.

The load comes from this machine. VINCLE_BENCH_SOAK: seconds of the memory run (60; the full one is 600).
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from .common import python, row, title
from .imports import make_workspace

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
import machine

SIZES = {100: 60_000, 10: 30_000, 1: 8_000}
SECONDS = 8
SOAK = int(os.environ.get("VINCLE_BENCH_SOAK", "60"))
_PROBE = """
import json, sys, time, urllib.request, base64, uuid, django; django.setup()
from django.db import connection
from vincle.listen.models import Handle
from vincle.organise.models import Profile
from vincle.identify.models import Belonging
port, key, seconds = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
head = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}
def send(user):
    body = json.dumps({"batch": [{"type": "identify", "userId": user, "traits": {"email": f"{user}@probe.example"}, "messageId": user + "i"},
        {"type": "track", "event": "Product Viewed", "userId": user, "messageId": user + "t"}]}).encode()
    urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/v1/batch", body, head), timeout=20).read()
def seen(user):
    person = Belonging.objects.filter(handle__in=Handle.objects.filter(kind="login", value=user).values("key")).values_list("person", flat=True).first()
    return person and Profile.objects.filter(person=person, activities__gte=1).exists()
waits, until = [], time.monotonic() + seconds
while time.monotonic() < until:
    user = "probe" + uuid.uuid4().hex[:10]
    began = time.monotonic()
    send(user)
    while not seen(user):
        time.sleep(0.02)
        if time.monotonic() - began > 60: break
    waits.append(time.monotonic() - began)
waits.sort()
print(json.dumps({"n": len(waits), "p50": waits[len(waits) // 2], "p95": waits[int(len(waits) * 0.95)], "worst": waits[-1]}))
"""


@contextmanager
def _running(home: Path, *arguments: str, **more: str) -> Iterator[psutil.Process]:
    environment = {**os.environ, "VINCLE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "vincle.project.settings", **more}
    with open(home / "bench.log", "ab") as log:
        process = subprocess.Popen([sys.executable, "-m", *arguments], env=environment, stdout=log, stderr=log)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def _load(port: int, key: str, batch: int, seconds: float, rate: float = 0, connections: int = 64) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.load", str(port), key, str(batch), str(seconds), str(rate), str(connections)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)  # type: ignore[no-any-return]


def _key(home: Path) -> str:
    return python(home, "import django; django.setup()\nfrom vincle.accounts.models import Workspace\nfrom vincle.listen import sources\n"
                        "print(sources.add(Workspace.objects.get(), 'bench').write_key)").strip()  # fmt: skip


def _answers(port: int, process: psutil.Process) -> None:
    import socket

    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            time.sleep(1)
            return
        except OSError:
            if not process.is_running():
                raise SystemExit("the server did not start") from None
            time.sleep(0.1)


def _stored(home: Path) -> int:
    """Events on the shelf, counted in the parcels themselves."""
    code = "import django; django.setup()\nfrom vincle.listen import shelf\nprint(shelf.backlog().events)"
    return int(python(home, code))


def _speed(home: Path, key: str) -> None:
    port = _port()
    plain: dict[int, float] = {}
    with _running(home, "benchmarks.plain", str(port)) as process:
        _answers(port, process)
        for size in SIZES:
            _load(port, key, size, 1, connections=16)
            plain[size] = _load(port, key, size, SECONDS / 2, connections=16)["rate"]
    before, sent = _stored(home), 0
    with _running(home, "vincle.project.cli", "collect", "--port", str(port)) as process:
        _answers(port, process)
        for size, wanted in SIZES.items():
            sent += _load(port, key, size, 1, connections=_clients(size))["events"]
            found = _load(port, key, size, SECONDS, connections=_clients(size))
            half = _load(port, key, size, SECONDS, found["rate"] / 2, 128)
            sent += found["events"] + half["events"]
            row(f"batches of {size}" if size > 1 else f"single events, {_clients(1)} senders at once", f"{found['rate']:,.0f} /s", f">= {wanted:,} /s",
                f"plain Django view, same insert: {plain[size]:,.0f} /s", found["rate"] / plain[size])  # fmt: skip
            row(f"  at half that load ({half['rate']:,.0f}/s): p50, p99", f"{half['p50']:.0f} ms, {half['p99']:.0f} ms", "p99 < 150 ms")
    stored = _stored(home) - before
    # What was stored and whose answer got lost on the way comes again under the same id: more may be there, never less.
    row("acknowledged, and on the shelf", f"{sent:,} and {stored:,}", "none missing" if sent <= stored else f"{sent - stored} MISSING")


def _clients(size: int) -> int:
    """How many send at once: single events come from browsers, which are many."""
    return 64 if size > 1 else 256


def _soak(home: Path, key: str) -> None:
    port = _port()
    with _running(home, "vincle.project.cli", "collect", "--port", str(port)) as process:
        _answers(port, process)
        _load(port, key, 10, 5, 10_000)
        early = process.memory_full_info().uss / 1024**2
        found = _load(port, key, 10, SOAK, 10_000)
        late = process.memory_full_info().uss / 1024**2
    row(f"memory over {SOAK} s at {found['rate']:,.0f}/s", f"{early:.0f} MB -> {late:.0f} MB", "flat")


def _latency(home: Path, key: str) -> None:
    port = _port()
    with _running(home, "vincle.project.cli", "up", "--port", str(port)) as process:
        _answers(port, process)
        time.sleep(5)
        command = [sys.executable, "-m", "benchmarks.load", str(port), key, "10", "40", "2000", "32"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as load:
            time.sleep(5)
            code = f"import sys; sys.argv = ['', '{port}', '{key}', '30']\n" + _PROBE
            found = json.loads(python(home, code))
            sent = json.loads(load.communicate()[0])
    row(
        f"HTTP to the profile at {sent['rate']:,.0f} events/s, p95",
        f"{found['p95']:.2f} s (p50 {found['p50']:.2f})",
        "< 2 s",
        f"{found['n']} new people sent in",
    )


def _stall() -> None:
    """PostgreSQL answers nothing for half a minute."""
    server = machine.Postgres(durable=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            home, port = Path(folder) / "home", _port()
            os.environ["DATABASE_URL"] = server.url
            make_workspace(home)
            key = _key(home)
            with _running(home, "vincle.project.cli", "collect", "--port", str(port)) as process:
                _answers(port, process)
                found = _load(port, key, 10, SECONDS)
                row("PostgreSQL, batches of 10", f"{found['rate']:,.0f} /s", "", f"p99 {found['p99']:.0f} ms")
                early = process.memory_full_info().uss / 1024**2
                for pid in server.pids():
                    os.kill(pid, signal.SIGSTOP)
                stalled = _load(port, key, 10, 30, connections=256)
                late = process.memory_full_info().uss / 1024**2
                for pid in server.pids():
                    os.kill(pid, signal.SIGCONT)
                time.sleep(3)
                again = _load(port, key, 10, 4)
            row(
                "  stopped for 30 s under load: memory",
                f"{early:.0f} MB -> {late:.0f} MB",
                "flat",
                f"answers: {stalled['statuses']}, then {again['rate']:,.0f}/s",
            )
    finally:
        os.environ.pop("DATABASE_URL", None)
        server.remove()


def _port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run() -> None:
    title("Collector: events over HTTP, on disk before they are acknowledged; load from the same machine")
    for part in (_speed, _soak, _latency):
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder) / "home"
            make_workspace(home)
            part(home, _key(home))
    _stall()
