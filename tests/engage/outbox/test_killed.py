"""kill -9 of the process that sends to many, three times over: nobody gets anything twice, and what nobody can tell is asked."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engage.outbox.smtp import Place, smtp
from tests.project.installation import PATIENCE, installation

pytestmark = pytest.mark.django_db
COUNT = 240
ASK = """
from django.utils import timezone
from vincle.accounts.models import Workspace
from vincle.engage.outbox import jobs
from vincle.engage.outbox.jobs import Wanted
from vincle.listen import connections
from vincle.listen.models import Handle
where = Workspace.objects.get()
given = {{"address": "news@lligam.example", "smtp_host": "127.0.0.1", "smtp_port": "{port}", "smtp_security": "none"}}
made = connections.connect(where, None, "mail", "", given, {{"password": "none"}})
Handle.objects.bulk_create(Handle(workspace=where, key=n + 1, kind="email", value=f"p{{n}}@roastery.example", first_seen=timezone.now())
                           for n in range({count}))
job = jobs.create(where, None, kind="campaign", source="campaign:1", name="Summer", connection=made, purpose="service", topic="",
                  medium="email", writer="plain", content={{"subject": "Summer", "text": "Hola"}})
jobs.add(job, [Wanted(f"c:{{n}}", 1000 + n, n + 1) for n in range({count})])
"""
TELL = """
import json
from vincle.engage.outbox.models import Lane, Send
Lane.objects.update(not_before=None)
print(json.dumps({"states": dict(Send.objects.values_list("key", "state"))}))
"""


@pytest.mark.slow
def test_a_killed_sender_sends_nothing_twice(tmp_path: Path, db: None) -> None:
    with installation(tmp_path) as here, smtp() as place:
        here.environment["VINCLE_WEBHOOKS_PRIVATE"] = "1"
        here.workspace()
        here.python(ASK.format(port=place.port, count=COUNT))
        for at in (20, 90, 170):
            _killed(here.environment, place, at)
        place.on_message = None
        subprocess.run([sys.executable, "-m", "vincle.project.cli", "send"], env=here.environment, check=True, timeout=PATIENCE)
        states = json.loads(here.python(TELL).splitlines()[-1])["states"]
        assert len(set(place.recipients)) == len(place.recipients)
        doubtful = {key for key, state in states.items() if state == "doubtful"}
        assert len(doubtful) <= 3 * 6
        assert {state for key, state in states.items() if key not in doubtful} == {"sent"}
        reached = {f"c:{recipient[1:].partition('@')[0]}" for recipient in place.recipients}
        assert set(states) - doubtful <= reached


def _killed(environment: dict[str, str], place: Place, at: int) -> None:
    """Start a sender and kill it in the middle of the `at`-th mail: it was taken, and the answer never arrives."""
    process = subprocess.Popen([sys.executable, "-m", "vincle.project.cli", "send", "--due"], env=environment, stderr=subprocess.DEVNULL)

    def kill(recipient: str) -> None:
        if place.taken[at - 1 :] and place.taken[at - 1][1] == recipient:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()

    place.on_message = kill
    process.wait(PATIENCE)
    assert process.returncode == -signal.SIGKILL
