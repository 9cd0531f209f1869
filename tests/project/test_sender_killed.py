"""kill -9 of a process that sends, at any moment of it: what was asked for reaches the platform once, and stands in the log once."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.project.installation import PATIENCE, installation
from tests.servers.mastodon import TOKEN, mastodon

pytestmark = pytest.mark.django_db
MOMENTS = ("arrived", "done", "answered")
ASK = """
from datetime import timedelta
from vincle.accounts.models import Workspace
from vincle.channels.live import Command, Context
from vincle.engage.outbox import actions as outbox
from vincle.listen import connections, doctor
made = connections.connect(Workspace.objects.get(), None, "mastodon", "", {{"server": {server!r}}}, {{"access_token": {token!r}}})
doctor.look_after(made)
for number in range({count}):
    about = Context(native_id={asked!r}, object_key={asked!r})
    command = Command(deed="reply", about=about, text=f"Answer {{number}}")
    outbox.put(made.workspace, None, made, command, key=f"k{{number}}", hold=timedelta())
"""
SEND = """
import time, django; django.setup()
from vincle.engage.outbox import actions as outbox
while True:
    outbox.turn() or time.sleep(0.05)
"""
FINISH = """
import json, time
from vincle.engage.outbox import actions as outbox
from vincle.engage.outbox.models import Send
from vincle.listen.models import Activity
while outbox.turn() or Send.objects.exclude(state__in=("sent", "failed", "dead")).exists():
    time.sleep(0.05)
natives = list(Activity.objects.filter(direction="out", verb="Create").values_list("native_id", flat=True))
print(json.dumps({"states": list(Send.objects.values_list("state", flat=True)), "natives": sorted(natives)}))
"""


@pytest.mark.slow
def test_a_killed_sender_sends_nothing_twice_and_loses_nothing(tmp_path: Path, db: None) -> None:
    """The platform knows nothing of idempotency keys here: only asking it first can tell that something went through."""
    count = len(MOMENTS) + 1
    with installation(tmp_path) as here, mastodon() as running:
        platform = running.place
        platform.forgets_keys = True
        asked = platform.status(platform.account("berta@lluny.example"), "@lligam Obriu avui?")["id"]
        here.environment["VINCLE_WEBHOOKS_PRIVATE"] = "1"
        here.workspace()
        here.python(ASK.format(server=platform.url, token=TOKEN, asked=asked, count=count))
        sender: list[subprocess.Popen[bytes]] = []
        killed = Event()

        def start() -> subprocess.Popen[bytes]:
            process = subprocess.Popen([sys.executable, "-c", SEND], env=here.environment, stderr=subprocess.PIPE)
            here.running.append(process)
            sender[:] = [process]
            return process

        def kill_at(moment: str) -> Any:
            def seen(stage: str, verb: str, path: str) -> None:
                if stage == moment and verb == "POST" and path.endswith("/statuses") and not killed.is_set():
                    os.kill(sender[0].pid, signal.SIGKILL)
                    sender[0].wait()
                    killed.set()

            return seen

        for moment in MOMENTS:
            killed.clear()
            platform.seen = kill_at(moment)
            process = start()
            assert killed.wait(PATIENCE), f"nothing was sent\n{_errors(process)}"
        platform.seen = lambda stage, verb, path: None
        told = json.loads(here.python(FINISH).splitlines()[-1])
        assert told["states"] == ["sent"] * count
        ours = sorted(each["id"] for each in platform.statuses.values() if each["account"] is platform.us)
        texts = sorted(each["content"].partition("Answer ")[2][0] for each in platform.statuses.values() if each["account"] is platform.us)
        assert texts == [str(number) for number in range(count)]
        assert told["natives"] == ours


def _errors(process: "subprocess.Popen[bytes]") -> str:
    process.kill()
    return process.communicate()[1].decode()
