"""The official clients of Segment and RudderStack against a whole installation whose collector is killed again and again."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.project.installation import Installation, installation

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
HERE = Path(__file__).parent / "clients"
ROOT = Path(__file__).resolve().parents[2]
CLIENTS = ("segment_python.py", "rudder_python.py", "segment_node.mjs", "analytics_node.mjs", "rudder_node.mjs")
PEOPLE = 30
EACH = 10
STATE = """
import json, time
from django.db.models import Max
from vincle.identify.models import Belonging, Person
from vincle.listen import shelf
from vincle.listen.models import Activity, Handle, Refusal
from vincle.store.models import Cursor
acts = Activity.objects.all()
def waiting():
    position = Cursor.objects.filter(name="identify").values_list("position", flat=True).first() or 0
    return shelf.backlog().parcels + (acts.aggregate(newest=Max("seq"))["newest"] or 0) - position
until = time.monotonic() + 60
while waiting() and time.monotonic() < until:
    time.sleep(0.2)
handles = {(kind, value): key for kind, value, key in Handle.objects.values_list("kind", "value", "key")}
owner = dict(Belonging.objects.values_list("handle", "person"))
orders = [[verb, key, str(amount.normalize()), currency] for verb, key, amount, currency in
          acts.filter(object_type="Order").values_list("verb", "object_key", "amount", "currency")]
print(json.dumps({
    "waiting": waiting(), "ids": list(acts.values_list("native_id", flat=True)), "orders": orders,
    "people": [[kind, value, owner.get(key)] for (kind, value), key in handles.items()],
    "organisations": Person.objects.filter(kind="organisation", merged_into=None).count(), "refused": Refusal.objects.count(),
}))
"""


def outside() -> str:
    """The Python that has the clients."""
    found = os.environ.get("VINCLE_OUTSIDE_PYTHON") or str(ROOT / ".venv-outside" / "bin" / "python")
    if not os.access(found, os.X_OK):
        pytest.skip(f"NOT RUN: no Python with the official clients at {found}; scripts/test.py makes one")
    return found


def node() -> str:
    """Node, with the clients that package-lock.json names; installed once a checkout."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("NOT RUN: Node.js and npm are needed for the official clients; scripts/test.py installs them")
    lock, made = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    with (HERE / "package.json").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # several test processes may come here at once
        if not made.exists() or made.stat().st_mtime < lock.stat().st_mtime:
            # Not `npm ci`: it refuses where an optional package for another system is not to be had. Versions are the lock's either way.
            install = ["npm", "install", "--no-save", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(install, cwd=HERE, capture_output=True, text=True, timeout=300, check=False)
            assert done.returncode == 0, f"npm install failed\n{done.stdout}\n{done.stderr}"
            made.touch()
    return "node"


@pytest.fixture
def place(tmp_path: Path, db: None) -> Iterator[Installation]:
    with installation(tmp_path) as made:
        made.workspace()
        yield made


def child(place: Installation, *words: str) -> psutil.Process | None:
    """The process of the installation with these words on its command line."""
    found = psutil.Process(place.running[0].pid).children()
    return next((one for one in found if set(words) <= set(one.cmdline())), None)


def kill(place: Installation, *words: str) -> None:
    """kill -9, and wait until the supervisor has started it again."""
    process = child(place, *words)
    assert process
    process.send_signal(signal.SIGKILL)
    psutil.wait_procs([process], timeout=5)
    place.wait(lambda: (again := child(place, *words)) and again.pid != process.pid, 20)


class Clients:
    """All of them at once, each a process of its own."""

    def __init__(self, address: str, key: str) -> None:
        programs = {name: outside() if name.endswith(".py") else node() for name in CLIENTS}
        self.running = {
            name: subprocess.Popen(
                [program, str(HERE / name), address, key, name.partition(".")[0], str(PEOPLE)],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=HERE,
            )
            for name, program in programs.items()
        }  # fmt: skip

    def __enter__(self) -> "Clients":
        return self

    def __exit__(self, *error: object) -> None:
        for process in self.running.values():
            if process.poll() is None:
                process.kill()
                process.wait()

    def still_send(self) -> bool:
        return all(process.poll() is None for process in self.running.values())

    def ended(self, name: str) -> dict[str, Any]:
        """What a client says became of its events."""
        said, errors = self.running[name].communicate(timeout=90)
        assert self.running[name].returncode == 0, f"{name} failed\n{errors}"
        found: dict[str, Any] = json.loads(said.splitlines()[-1])
        return found


def test_official_clients_through_restarts(place: Installation) -> None:
    outside(), node()
    address = place.up()
    with Clients(address, place.json("source", "add", "clients")["write_key"]) as clients:
        time.sleep(2)
        kill(place, "collect")
        kill(place, "intake")
        time.sleep(2)
        assert clients.still_send(), "the second restart would come too late"
        kill(place, "collect")
        said = {name: clients.ended(name) for name in CLIENTS}
    for name, told in said.items():
        assert told["refused"] == [], name
        assert len(set(told["accepted"])) == told["sent"] == PEOPLE * EACH, name
    everything_is_there(json.loads(place.python(STATE)), {one for told in said.values() for one in told["accepted"]})


def everything_is_there(found: dict[str, Any], accepted: set[str]) -> None:
    ids = found["ids"]
    assert found["waiting"] == 0
    assert len(ids) == len(set(ids))
    assert not accepted - set(ids), "accepted, and not in the log"
    assert all(one in accepted or one.startswith("same:") or one.removesuffix(":group") in accepted for one in ids)
    assert found["refused"] == 0
    names = [name.partition(".")[0] for name in CLIENTS]
    expected = [["Purchase", f"{who}-order-{k}", _plain(Decimal("10.5") + k), "EUR"] for who in names for k in range(PEOPLE)]
    expected += [["Refund", f"{who}-order-{k}", "1.25", "EUR"] for who in names for k in range(PEOPLE)]
    assert sorted(found["orders"]) == sorted(expected)
    owner = {(kind, value): person for kind, value, person in found["people"]}
    everyone = set()
    for who in names:
        for k in range(PEOPLE):
            known = [("login", f"{who}-user-{k}"), ("email", f"{k}.{who}@example.org"), ("cookie", f"{who}-browser-{k}")]
            people = {owner[handle] for handle in (*known, ("cookie", f"{who}-old-{k}"))}
            assert len(people) == 1, f"{who} {k} is {len(people)} people"
            assert None not in people
            everyone |= people
    assert len(everyone) == len(names) * PEOPLE
    assert found["organisations"] == len(names)


def _plain(amount: Decimal) -> str:
    return str(amount.normalize())
