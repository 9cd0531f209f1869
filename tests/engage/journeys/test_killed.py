"""Killed in the middle of moving people, again and again: each step of each of them is done once."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.project.installation import PATIENCE, installation

PEOPLE = 300
BUILD = f"""
import django; django.setup()
from django.utils import timezone
from vincle.accounts.models import Workspace
from vincle.engage.journeys import actions, people
from vincle.engage.journeys.definition.reading import write
from vincle.engage.journeys.definition.text.parsing import parse
from vincle.listen import actions as listen, connections, log
from vincle.listen.models import Delivery
from vincle.organise.models import Profile
from vincle.project import pipeline
from vincle.vocabulary import Fact, HandleRef
where, now = Workspace.objects.get(), timezone.now()
given = {{"address": "news@lligam.example", "sender": "L", "smtp_host": "127.0.0.1", "smtp_port": "9", "smtp_security": "none"}}
connections.connect(where, None, "mail", "Letters", given, {{"password": "secret"}})
source = listen.connection_for(where, "contacts")
delivery = Delivery.objects.create(workspace=where, connection=source, channel="contacts", sha256="0", size=1, state="done")
log.append(source, [Fact(native_id=f"p{{n}}", observed_at=now, handles=(HandleRef("email", f"p{{n}}@example.org"),), name=f"P {{n}}")
                    for n in range({PEOPLE})], now, delivery)
pipeline.catch_up()
text = '''When someone does Purchase
add 1 to score "points" [p]
split: [x]
  50% "A":
    add tag "a" [a]
  50% "B":
    ask a colleague "Call them" [c]
send text "Hello" by email as service [m]
tell "https://example.org/hook" [h]
wait 1 minute [w]
add 1 to score "points" [q]
'''
journey = actions.start(where, None, actions.create(where, None, "Bench", write(parse(text).definition)))
people.put_in(where, None, journey, Profile.objects.of(where).values_list("person", flat=True))
"""
GO = """
import sys, django; django.setup()
from datetime import timedelta
from django.utils import timezone
from vincle.engage.journeys.running import stepping
from vincle.store.lease import held
stepping.PEOPLE = 20
print("ready", flush=True)
at = timezone.now() + timedelta(minutes=int(sys.argv[1]))
while True:
    with held(stepping.STEP) as cursor:
        if cursor is not None and not stepping.step(cursor, at=at):
            break
"""
TELL = """
import json, django; django.setup()
from vincle.engage.journeys.models import HookCall, Passed, Task, Walk, WalkStep
from vincle.engage.outbox.models import Send
from vincle.organise.models import Profile
print(json.dumps({
    "steps": list(WalkStep.objects.values_list("walk", "node", "what")), "sends": list(Send.objects.values_list("key", flat=True)),
    "calls": list(HookCall.objects.values_list("walk", flat=True)), "tasks": list(Task.objects.values_list("walk", flat=True)),
    "states": list(Walk.objects.values_list("state", flat=True)), "passed": list(Passed.objects.values_list("node", "people")),
    "points": [traits["points"][0] for traits in Profile.objects.values_list("traits", flat=True)],
}))
"""


@pytest.mark.slow
def test_killed_at_any_moment_each_step_is_done_once(tmp_path: Path, db: None) -> None:
    with installation(tmp_path) as here:
        here.workspace()
        here.python(BUILD)
        kills = sum(_killed(here.environment, after) for after in (0.05, 0.12, 0.2, 0.31, 0.07))
        for minutes in (0, 5):
            subprocess.run(
                [sys.executable, "-c", GO, str(minutes)], env=here.environment, check=True, timeout=PATIENCE, stdout=subprocess.PIPE
            )
        found = json.loads(here.python(TELL).splitlines()[-1])
    assert kills >= 2
    assert found["states"] == ["done"] * PEOPLE
    assert set(Counter(map(tuple, found["steps"])).values()) == {1}
    assert len(found["sends"]) == len(found["calls"]) == len(set(found["calls"])) == PEOPLE
    assert len(set(found["tasks"])) == len(found["tasks"])
    assert found["points"] == [2.0] * PEOPLE
    assert {people for node, people in found["passed"] if node in "pmhwq"} == {PEOPLE}


def _killed(environment: dict[str, str], after: float) -> bool:
    """Start, and kill so many seconds after the first piece may begin; False where all was done before."""
    process = subprocess.Popen([sys.executable, "-c", GO, "0"], env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(after)
    os.kill(process.pid, signal.SIGKILL)
    process.stdout.close()
    return process.wait(PATIENCE) == -signal.SIGKILL
