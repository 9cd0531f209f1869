"""Identity while activities arrive, and moves of people: linking on a million known handles; merge and split of someone with 10,000 acts.

Beside it, in the same run: one look-up a row through the ORM, and the classical merge that rewrites the activities' foreign key. Every
figure is of what stands on disk: each batch, each move and each classical merge commits.
"""

import json
import tempfile
from pathlib import Path

from .common import python, row, title
from .imports import make_workspace

HANDLES = 1_000_000
ROWS = 200_000
ACTS = 10_000
TIMES = 20

_ONLINE = """
import json, random, time, django; django.setup()
from datetime import UTC, datetime
from django.db import transaction
from vincle.accounts.models import Workspace
from vincle.identify.models import Belonging, Person
from vincle.listen import actions as listen, log
from vincle.listen.models import Handle
from vincle.project import pipeline
from vincle.store import bulk
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb, handle_key
where, now = Workspace.objects.get(), datetime(2026, 5, 1, tzinfo=UTC)
stamp, chance, secret = str(now)[:19], random.Random(1), bytes(where.secret)
for part in bulk.chunks(range({handles}), 50_000):
    keys = {{handle_key(secret, "cookie", f"c{{n}}"): f"c{{n}}" for n in part}}
    with transaction.atomic():
        columns = ("key", "workspace_id", "kind", "value", "name", "is_own", "first_seen")
        bulk.insert(Handle, columns, [(key, where.pk, "cookie", value, "", False, stamp) for key, value in keys.items()])
        bulk.insert(Person, ("id", "workspace_id", "kind", "is_identified", "first_seen"), [(key, where.pk, "person", False, stamp) for key in keys])
        bulk.insert(Belonging, ("handle", "workspace_id", "person"), [(key, where.pk, key) for key in keys])
bulk.refresh_statistics()
values = [f"c{{chance.randrange({handles})}}" for _ in range({rows} * 19 // 20)] + [f"new{{n}}" for n in range({rows} // 20)]
chance.shuffle(values)
source = listen.connection_for(where, "web")
for part in bulk.chunks(list(enumerate(values)), 5000):
    log.append(source, [Activity(verb=Verb.VIEW, object_type=ObjectType.PAGE, native_id=f"v{{n}}", happened_at=now, actor=HandleRef("cookie", value)) for n, value in part], now)
def took(work):
    began = time.perf_counter(); work(); return time.perf_counter() - began
def online():
    while pipeline.follow(("identify",)): pass
def one_by_one():
    with transaction.atomic():
        for key in slow:
            if Belonging.objects.filter(handle=key).first() is None:
                Person.objects.create(id=key, workspace=where, first_seen=now)
                Belonging.objects.create(handle=key, workspace=where, person=key)
slow = [handle_key(secret, "cookie", value if value[0] == "c" else "slow" + value) for value in values[:3000]]
by_row = len(slow) / took(one_by_one)
before = Belonging.objects.count()
speed = len(values) / took(online)
assert Belonging.objects.count() == before + {rows} // 20
print(json.dumps([speed, by_row]))
"""
_MOVES = """
import json, statistics, time, django; django.setup()
from datetime import UTC, datetime
from django.db import transaction
from vincle.accounts.models import Workspace
from vincle.identify import actions as identify
from vincle.identify.models import Belonging
from vincle.listen import actions as listen, log
from vincle.listen.models import Activity as Row
from vincle.project import pipeline
from vincle.vocabulary import Activity, Fact, HandleRef, ObjectType, Verb, handle_key
where, now = Workspace.objects.get(), datetime(2026, 5, 1, tzinfo=UTC)
source = listen.connection_for(where, "contacts")
log.append(source, [Fact(native_id=f"f{{n}}", observed_at=now, handles=(HandleRef("email", f"p{{n}}@example.org"), HandleRef("x", f"x{{n}}"))) for n in range(2 * {times} + 2)], now)
for n in range({times}):
    for start in range(0, {acts}, 5000):
        log.append(source, [Activity(verb=Verb.LIKE, object_type=ObjectType.NOTE, native_id=f"a{{n}}-{{at}}", happened_at=now, actor=HandleRef("x", f"x{{n}}")) for at in range(start, start + 5000)], now)
while pipeline.follow(("identify",)): pass
keys = [handle_key(bytes(where.secret), "x", f"x{{n}}") for n in range(2 * {times} + 2)]
person = dict(Belonging.objects.values_list("handle", "person"))
def took(work):
    began = time.perf_counter(); found = work(); return (time.perf_counter() - began) * 1000, found
def move(one, other):
    merging, kept = took(lambda: identify.merge(where, person[one], person[other], None))
    handles = [key for key, owner in person.items() if owner in (person[one], person[other]) and owner != kept]
    splitting, _ = took(lambda: identify.split(where, kept, handles, None))
    return merging, splitting
def classical(one, other):
    with transaction.atomic(): assert Row.objects.filter(actor=one, object_type="Note").update(actor=other) == {acts}
move(keys[-2], keys[-1])
acts = lambda: list(Row.objects.order_by("seq").values_list("seq", "actor", "superseded"))
before = acts()
moved = [move(keys[n], keys[{times} + n]) for n in range({times})]
after = acts()
rewritten = sum(a != b for a, b in zip(before, after)) + abs(len(before) - len(after))
assert identify.sound(where) == []
assert dict(Belonging.objects.values_list("handle", "person")) == person
old = [took(lambda: classical(keys[n], keys[{times} + n]))[0] for n in range({times})]
merges, splits = zip(*moved)
print(json.dumps([statistics.median(merges), max(merges), statistics.median(splits), max(splits), rewritten, statistics.median(old)]))
"""


def run() -> None:
    title(f"Online linking: {ROWS:,} activities of {HANDLES:,} known handles, one in twenty from someone new")
    speed, slow = _measured(_ONLINE.format(handles=HANDLES, rows=ROWS))
    row("rows resolved and written", f"{speed:,.0f} /s", ">= 20,000 /s", f"Django ORM, row by row: {slow:,.0f} /s", speed / slow)
    title(f"Moves of a person with {ACTS:,} activities, median and worst of {TIMES} people")
    merge, merge_worst, split, split_worst, rewritten, old = _measured(_MOVES.format(acts=ACTS, times=TIMES))
    beside = f"rewriting the foreign key: {old:.0f} ms"
    row("merge", f"{merge:.1f} ms, {merge_worst:.1f} ms", "< 50 ms", beside, old / merge)
    row("split", f"{split:.1f} ms, {split_worst:.1f} ms", "< 50 ms", beside, old / split)
    row("activities rewritten", f"{rewritten:.0f}", "0", f"{ACTS:,}")


def _measured(code: str) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        make_workspace(home)
        found: list[float] = json.loads(python(home, code).splitlines()[-1])
    return found
