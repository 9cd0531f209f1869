"""kill -9 in the middle of an import: after a restart it goes on; nothing twice, nothing lost."""

import csv
import json
import os
import signal
from pathlib import Path

import pytest

from tests.project.installation import Installation, installation

ROWS = 24_000
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
STATE = """
import json
from django.db.models import Count
from vincle.listen.models import Activity, Delivery, Rejection
from vincle.identify.models import Person
from vincle.organise.models import Profile
from vincle.store.models import Cursor
one = Delivery.objects.get()
twice = Activity.objects.values("native_id").annotate(n=Count("seq")).filter(n__gt=1).count()
newest = Activity.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
behind = [c.name for c in Cursor.objects.filter(name__in=("identify", "organise")) if c.position < newest]
print(json.dumps({"state": one.state, "position": one.position, "accepted": one.accepted, "rejected": Rejection.objects.filter(is_warning=False).count(),
  "log": Activity.objects.count(), "twice": twice, "people": Person.objects.filter(merged_into=None).count(), "profiles": Profile.objects.count(), "behind": behind}))
"""


@pytest.fixture
def place(tmp_path: Path, db: None):  # type: ignore[no-untyped-def]
    with installation(tmp_path) as made:
        made.workspace()
        path = tmp_path / "many.csv"
        with open(path, "w", newline="") as file:
            out = csv.writer(file)
            out.writerow(("Email", "First Name", "Phone"))
            out.writerows(
                (f"p{n}@example.org" if n % 100 else "not-an-address", f"P{n}", f"+346{n:08d}" if n % 100 else "") for n in range(ROWS)
            )
        code = f"""
from vincle.accounts.models import Workspace
from vincle.listen.actions import receive_file
print(receive_file(Workspace.objects.get(), open({str(path)!r}, "rb"), "many.csv").pk)"""
        made.python(code)
        yield made


def state(place: Installation) -> dict[str, object]:
    found: dict[str, object] = json.loads(place.python(STATE))
    return found


def test_a_worker_killed_during_an_import_goes_on(place: Installation) -> None:
    for _ in range(3):
        worker = place.start("work")
        before = state(place)["position"]
        place.wait(lambda before=before: state(place)["position"] != before or state(place)["state"] == "done", 60)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        if state(place)["state"] == "done":
            break
    place.start("work")
    place.wait(lambda: state(place)["state"] == "done" and not state(place)["behind"] and state(place)["profiles"] == ROWS * 99 // 100, 90)
    found = state(place)
    good = ROWS * 99 // 100
    assert found == {
        "state": "done",
        "position": ROWS,
        "accepted": good,
        "rejected": ROWS // 100,
        "log": good,
        "twice": 0,
        "people": good,
        "profiles": good,
        "behind": [],
    }


def test_a_killed_supervisor_leaves_nothing_running(tmp_path: Path, db: None) -> None:
    import psutil

    with installation(tmp_path) as place:
        place.up()
        supervisor = place.running[0]
        children = psutil.Process(supervisor.pid).children()
        assert len(children) == 5
        os.kill(supervisor.pid, signal.SIGKILL)
        supervisor.wait()
        _, alive = psutil.wait_procs(children, timeout=15)
        assert not alive


def test_a_killed_child_is_started_again(tmp_path: Path, db: None) -> None:
    import urllib.request

    import psutil

    with installation(tmp_path) as place:
        address = place.up()
        web = next(child for child in psutil.Process(place.running[0].pid).children() if "web" in child.cmdline())
        web.kill()

        def answers() -> bool:
            try:
                return urllib.request.urlopen(f"{address}/readyz", timeout=2).status == 200
            except OSError:
                return False

        place.wait(answers, 30)
        place.running[0].send_signal(signal.SIGINT)
        assert place.running[0].wait(20) == 0
