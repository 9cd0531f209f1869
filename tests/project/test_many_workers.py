"""Several `vincle work` on one database: they share deliveries and steps, in order, and one that is killed is missed by nobody."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from tests.project.installation import Installation, installation

WORKERS, SOURCES, EACH, LINES = 4, 10, 8, 40
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
# Each delivery of a connection brings notes of its own, and the next correction of one that all of them speak of.
FILL = f"""
import json
from vincle.accounts.models import Workspace
from vincle.listen import actions
cafe = Workspace.objects.get()
def line(source, number, n):
    one = {{"type": "activity", "verb": "Create", "object_type": "Note", "happened_at": "2026-03-03T09:00:00Z", "text": f"{{number}}"}}
    if n:
        return one | {{"native_id": f"{{number}}-{{n}}", "actor": {{"kind": "email", "value": f"p{{source}}.{{n}}@example.org"}}}}
    more = {{"native_id": "spoken of", "actor": {{"kind": "email", "value": f"p{{source}}@example.org"}}}}
    return one | more | ({{"op": "correct", "version": str(number)}} if number else {{}})
for number in range({EACH}):
    for source in range({SOURCES}):
        body = "\\n".join(json.dumps(line(source, number, n)) for n in range({LINES}))
        actions.receive(actions.connection_for(cafe, "vincle", f"s{{source}}"), body.encode())
"""
STATE = """
import json
from django.db.models import Count
from vincle.listen import log
from vincle.listen.models import Activity, Delivery
from vincle.organise.models import Profile
from vincle.store.lease import positions
standing = Activity.objects.filter(native_id="spoken of", superseded=False)
orders = {}
for pk, source, at in Delivery.objects.order_by("pk").values_list("pk", "connection_id", "finished_at"):
    orders.setdefault(source, []).append(at)
print(json.dumps({
  "states": {state: n for state, n in Delivery.objects.values_list("state").annotate(n=Count("id"))},
  "accepted": sum(Delivery.objects.values_list("accepted", flat=True)), "log": Activity.objects.count(),
  "standing": sorted(text for text, _, _ in log.contents(bytes(row.event_id) for row in standing).values()),
  "in order": all(None not in times and times == sorted(times) for times in orders.values()),
  "behind": [name for name in ("identify", "organise", "analyse") if positions().get(name, 0) < log.last_seq()],
  "people": Profile.objects.count()}))
"""


@pytest.fixture
def place(tmp_path: Path):  # type: ignore[no-untyped-def]
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: more workers are of no use there")
    with installation(tmp_path) as made:
        made.workspace()
        yield made


def state(place: Installation) -> dict[str, object]:
    found: dict[str, object] = json.loads(place.python(STATE))
    return found


def start(place: Installation, number: int) -> "subprocess.Popen[bytes]":
    with open(place.home / f"worker{number}.log", "ab") as log:
        worker = subprocess.Popen(place.command("work"), env=place.environment, stdout=log, stderr=log)
    place.running.append(worker)
    return worker


def read_by(place: Installation, number: int) -> list[int]:
    """Deliveries that a worker says it has read."""
    return [int(found) for found in re.findall(r"delivery read\b.*?\bdelivery=(\d+)", place.output(f"worker{number}"))]


def test_four_workers_share_what_waits_and_one_may_die(place: Installation) -> None:
    place.python(FILL)
    workers = [start(place, number) for number in range(WORKERS)]
    place.wait(lambda: all(read_by(place, number) for number in range(WORKERS)), 60)
    os.kill(workers[0].pid, signal.SIGKILL)
    workers[0].wait()

    def is_done() -> bool:
        found = state(place)
        return found["states"] == {"done": SOURCES * EACH} and not found["behind"]

    place.wait(is_done, 120)
    found, wanted = state(place), SOURCES * EACH * LINES
    assert (found["accepted"], found["log"], found["people"]) == (wanted, wanted, SOURCES * LINES)
    assert found["standing"] == [str(EACH - 1)] * SOURCES
    assert found["in order"]
    shares = [read_by(place, number) for number in range(WORKERS)]
    every = [delivery for share in shares for delivery in share]
    assert len(every) == len(set(every)) >= SOURCES * EACH - 1  # what the killed one was at is read on, not read again
    assert sum(len(share) > 3 for share in shares) >= WORKERS - 1, [len(share) for share in shares]
    print("shares:", [len(share) for share in shares])


def test_steps_are_taken_over_from_a_worker_that_dies(place: Installation) -> None:
    place.python(FILL)
    workers = {worker.pid: worker for worker in (start(place, 0), start(place, 1))}
    holding: list[str] = []
    with psycopg.connect(place.database, autocommit=True) as database:

        def someone_holds() -> bool:
            steps = "SELECT owner FROM store_cursor WHERE owner <> '' AND name IN ('identify', 'organise', 'analyse')"
            holding[:] = [owner for (owner,) in database.execute(steps)]
            return bool(holding)

        place.wait(someone_holds, 60)
    pid = int(holding[0].split(":")[1])
    assert pid in workers
    workers[pid].kill()
    workers[pid].wait()
    place.wait(lambda: not state(place)["behind"] and state(place)["people"] == SOURCES * LINES, 120)
    assert state(place)["log"] == SOURCES * EACH * LINES
