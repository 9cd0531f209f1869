"""The inbox at a million conversations: server time of its lists, and how fast the log becomes conversations."""

import json
import tempfile
from pathlib import Path

from .common import python, row, title
from .imports import make_workspace

THREADS, ROUNDS, ROWS = 1_000_000, 30, 30_000
_BUILD = """
import json, random, time, django; django.setup()
from datetime import UTC, datetime, timedelta
from django.conf import settings; settings.ALLOWED_HOSTS.append("testserver")
from django.db import connection, transaction
from django.test import Client
from vincle.accounts.models import Membership, User, Workspace
from vincle.engage.inbox.models import Thread
from vincle.listen import actions as listen
from vincle.store import bulk

THREADS, ROUNDS = {threads}, {rounds}
where, dice, now = Workspace.objects.get(), random.Random(1), datetime.now(UTC)
user = User.objects.create_user("bench@example.org", None, name="Bench")
Membership.objects.create(workspace=where, user=user, role="owner")
CHANNELS = ("instagram", "facebook", "mail", "mastodon", "reviews", "whatsapp")
source = {{name: listen.connection_for(where, name).pk for name in CHANNELS}}
COLUMNS = ("key", "workspace_id", "connection_id", "channel", "kind", "thread_key", "root_key", "is_here", "messages", "urgency", "is_urgent",
           "sentiment", "language", "first_at", "last_at", "waiting_since", "rank", "peer_answers", "peer_thanked", "by_peer", "last_seq",
           "url", "changed_at", "state", "assignee_id", "handle")
stamp = bulk.writer()

def rows():
    for n in range(THREADS):
        channel = CHANNELS[min(int(dice.expovariate(0.9)), 5)]
        at = now - timedelta(seconds=n * 30 + dice.random())
        waits = dice.random() < 0.03
        state = "open" if waits or dice.random() < 0.5 else "closed" if dice.random() < 0.98 else "snoozed"
        text = stamp(at)
        yield (dice.getrandbits(62), where.pk, source[channel], channel, "comment", f"c{{n}}", "", True, 2, 0.0, waits and n % 40 == 0,
               dice.choice(("positive", "neutral", "negative", "")), "ca", text, text, text if waits else None,
               int(at.timestamp()) if waits else None, 0, 0, False, n, "", text, state, user.pk if n % 500 == 0 else None, n // 3)

began, part = time.monotonic(), []
every = rows()
while part := [each for _, each in zip(range(50_000), every)]:
    with transaction.atomic():
        bulk.insert(Thread, COLUMNS, part)
bulk.refresh_statistics()
built = time.monotonic() - began
client = Client(); client.force_login(user)
at = f"/w/{{where.slug}}/inbox/"
deep = Thread.objects.of(where).filter(state="open").order_by("-last_at")[400_000 * THREADS // 1_000_000]
PATHS = {{
    "Unanswered": at, "All": at + "?box=all", "Mine": at + "?box=mine", "Closed": at + "?box=closed", "Put off": at + "?box=snoozed",
    "All, deep down": at + "?box=all&after=" + f"{{deep.last_at.isoformat()}}~{{deep.public}}".replace("+", "%2B"),
    "A rare channel": at + "?box=all&channel=whatsapp", "Two channels, negative": at + "?box=all&channel=mail&channel=reviews&feeling=negative",
    "Urgent": at + "?urgent=1", "Nobody's": at + "?who=none", "Nobody's, negative, closed": at + "?box=closed&who=none&feeling=negative",
    "What changes (asked every second)": at + "live/",
}}
found = {{}}
for name, path in PATHS.items():
    client.get(path)
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        assert client.get(path).status_code == 200
        times.append((time.perf_counter() - start) * 1000)
    found[name] = sorted(times)[int(ROUNDS * 0.95)]
print(json.dumps({{"built": built, "found": found}}))
"""
_FOLD = """
import json, random, time, django; django.setup()
from datetime import UTC, datetime, timedelta
from vincle.accounts.models import Workspace
from vincle.engage.inbox import fold
from vincle.engage.inbox.models import Thread
from vincle.listen import actions as listen, log
from vincle.store.lease import held
from vincle.store.models import Cursor
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb
where, dice, now = Workspace.objects.get(), random.Random(2), datetime.now(UTC)
source = listen.connection_for(where, "facebook")
people = [HandleRef("facebook", str(n), f"Person {{n}}") for n in range(3000)]

def act(n):
    parent = f"post{{n % 50}}" if n % 3 else f"fold{{max(n - 7, 0)}}"
    return Activity(verb=Verb.CREATE, object_type=ObjectType.NOTE, native_id=f"fold{{n}}", happened_at=now - timedelta(seconds=n), text="Hola?",
                    actor=dice.choice(people), object_key=f"fold{{n}}", parent_key=parent, thread_key=f"post{{n % 50}}")

for start in range(0, {rows}, 5000):
    log.append(source, [act(n) for n in range(start, min(start + 5000, {rows}))], now)
for name in ("understand", "organise"):
    Cursor.objects.update_or_create(name=name, defaults={{"position": log.last_seq()}})
began, moved = time.monotonic(), 0
while True:
    with held("engage") as cursor:
        done = fold.step(cursor)
    moved += done
    if not done:
        break
print(json.dumps({{"rate": moved / (time.monotonic() - began), "threads": Thread.objects.count()}}))
"""


def run() -> None:
    title(f"The inbox (SQLite): 95th percentile of {ROUNDS} pages, warm, at {THREADS:,} conversations")
    with tempfile.TemporaryDirectory() as folder:
        small, large = (_lists(Path(folder) / name, threads) for name, threads in (("small", THREADS // 100), ("large", THREADS)))
        for name, p95 in large.items():
            row(name, f"{p95:.0f} ms", "< 120 ms", f"{THREADS // 100:,}: {small[name]:.0f} ms", p95 / small[name])
        home = Path(folder) / "fold"
        make_workspace(home)
        folded = json.loads(python(home, _FOLD.format(rows=ROWS)).splitlines()[-1])
        row("Comments become conversations", f"{folded['rate']:,.0f} rows/s", "> 3,000 rows/s", f"{folded['threads']:,} conversations")


def _lists(home: Path, threads: int) -> dict[str, float]:
    make_workspace(home)
    found: dict[str, float] = json.loads(python(home, _BUILD.format(threads=threads, rounds=ROUNDS)).splitlines()[-1])["found"]
    return found
