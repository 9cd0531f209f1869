"""Journeys: durable steps a second, beside an engine that commits each step by itself; and what 100,000 people who wait cost."""

import json
import tempfile
from pathlib import Path

from .common import python, row, title
from .imports import make_workspace

PEOPLE, WAITING, PLAIN = 10_000, 100_000, 1_000
_BUILD = """
import json, os, time, django; django.setup()
import psutil
from datetime import timedelta
from django.db import transaction
from django.utils import timezone
from vincle.accounts.models import Workspace
from vincle.engage.journeys import actions, people
from vincle.engage.journeys.definition.reading import write
from vincle.engage.journeys.definition.text.parsing import parse
from vincle.engage.journeys.models import Journey, Walk, WalkStep
from vincle.engage.journeys.running import stepping
from vincle.engage.outbox.models import Send
from vincle.listen import actions as listen, connections, log
from vincle.listen.models import Delivery
from vincle.organise.models import Profile
from vincle.project import pipeline
from vincle.store import bulk, lease
from vincle.store.lease import held
from vincle.vocabulary import Fact, HandleRef

PEOPLE, WAITING, PLAIN = {people}, {waiting}, {plain}
where = Workspace.objects.get()
given = {{"address": "news@lligam.example", "sender": "Lligam", "smtp_host": "127.0.0.1", "smtp_port": "2525", "smtp_security": "none"}}
connections.connect(where, None, "mail", "Letters", given, {{"password": "secret"}})
source, now = listen.connection_for(where, "contacts"), timezone.now()
for start in range(0, PEOPLE, 2_000):
    delivery = Delivery.objects.create(workspace=where, connection=source, channel="contacts", sha256=str(start), size=1, state="done")
    log.append(source, [
        Fact(native_id=f"p{{n}}", observed_at=now, handles=(HandleRef("email", f"p{{n}}@example.org"),), name=f"Person {{n}}",
             traits={{"city": "Girona" if n % 3 else "Vic"}}) for n in range(start, start + 2_000)
    ], now, delivery)
while pipeline.follow(("understand", "identify", "organise", "segments")):
    pass

TEXT = '''When someone does Purchase
add tag "began"
split:
  50% "A":
    if their "city" is "Girona":
      add tag "near"
    otherwise:
      add tag "far"
  50% "B":
    remove tag "began"
send text "Hello {{{{ person.first_name }}}}" by email as service
wait 2 days
if they have tag "near":
  ask a colleague "Call them" within 2 days
otherwise:
  tell "https://example.org/hook"
wait until 09:00 on mon, tue, wed, thu, fri
send text "Once more" by email as service
'''
journey = actions.start(where, None, actions.create(where, None, "Bench", write(parse(TEXT).definition)))
ids = list(Profile.objects.of(where).values_list("person", flat=True))
people.put_in(where, None, journey, ids)

def go(at):
    with held(stepping.STEP) as cursor:
        while stepping.step(cursor, at=at):
            pass

clocks = [(time.monotonic(), time.process_time())]
for days in (0, 3, 4):
    go(now + timedelta(days=days, minutes=1))
seconds = time.monotonic() - clocks[0][0]
steps = WalkStep.objects.count() - PEOPLE
assert Send.objects.count() == 2 * PEOPLE, Send.objects.count()
assert not Walk.objects.filter(state="waiting").exists()

# Beside it: each step read, done and committed by itself.
walks = list(Walk.objects.filter(journey=journey).values_list("pk", flat=True)[:PLAIN])
began = time.monotonic()
for pk in walks:
    with transaction.atomic():
        walk = Walk.objects.select_for_update().get(pk=pk)
        Profile.objects.get(person=walk.person)
        walk.node, walk.since = "x", timezone.now()
        walk.save(update_fields=["node", "since"])
        WalkStep.objects.create(workspace=where, walk=walk, version=1, node="x", what="tagged")
plain = len(walks) / (time.monotonic() - began)

# Many who wait: looked at a hundred times by an idle worker.
calm = actions.start(where, None, actions.create(where, None, "Calm", write(parse("When someone does Purchase\\nwait 30 days").definition)))
me = psutil.Process()

def idle():
    looks, cpu = 200, time.process_time()
    for _ in range(looks):
        assert not stepping.is_behind(lease.positions())
    return (time.process_time() - cpu) / looks * 1000

go(now + timedelta(days=4, minutes=2))
none, before = idle(), me.memory_full_info().uss
columns = ("workspace_id", "journey_id", "version", "person", "turn", "cause", "node", "state", "started_at", "since", "wakes_at", "ended_at")
stamp = bulk.writer()
for start in range(0, WAITING, 10_000):
    with transaction.atomic():
        bulk.insert(Walk, columns, [
            (where.pk, calm.pk, 1, ids[n % PEOPLE], n // PEOPLE, f"w{{n}}", "wait1", "waiting", stamp(now), stamp(now),
             stamp(now + timedelta(days=30, seconds=n)), None) for n in range(start, start + 10_000)
        ])
many = idle()
print(json.dumps({{"steps": steps, "seconds": seconds, "plain": plain, "none": none, "many": many,
                   "memory": (me.memory_full_info().uss - before) / 1024**2}}))
"""


def run() -> None:
    title(f"Journeys: {PEOPLE:,} people through nine steps and two waits; {WAITING:,} who wait (SQLite)")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        make_workspace(home)
        found = json.loads(python(home, _BUILD.format(people=PEOPLE, waiting=WAITING, plain=PLAIN)).splitlines()[-1])
    rate = found["steps"] / found["seconds"]
    beside = f"{found['plain']:,.0f}/s, each step committed by itself"
    row("durable steps", f"{rate:,.0f}/s ({found['steps']:,})", ">= 2,000/s", beside, rate / found["plain"])
    row("a look of an idle worker, nobody waits", f"{found['none']:.2f} ms of CPU")
    row(f"the same while {WAITING:,} wait", f"{found['many']:.2f} ms of CPU", "the same")
    row("memory they take in the worker", f"{max(found['memory'], 0):.1f} MB", "none")
