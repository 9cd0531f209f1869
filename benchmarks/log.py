"""Appending to the log in batches, beside Django's own bulk_create of the same rows and words."""

import tempfile
from pathlib import Path

from .common import python, row, title
from .imports import make_workspace

ACTIVITIES, BATCH = 200_000, 10_000
_CODE = """
import json, time, django; django.setup()
from datetime import UTC, datetime, timedelta
from django.db import transaction
from vincle.accounts.models import Workspace
from vincle.listen import actions, log
from vincle.listen.models import Activity as Row, Content, Handle
from vincle.project import memory
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb, event_id, handle_key
where = Workspace.objects.get()
source = actions.connection_for(where, "instagram")
begin = datetime(2026, 1, 1, tzinfo=UTC)
def act(n):
    return Activity(verb=Verb.CREATE, object_type=ObjectType.NOTE, native_id=f"c{{n}}", happened_at=begin + timedelta(seconds=n), text=f"comment number {{n}} on the coffee",
        actor=HandleRef("instagram", str(n % 20011), f"user{{n % 20011}}"), parent_key=f"p{{n % 500}}", thread_key=f"p{{n % 500}}", language="en")
acts = [act(n) for n in range({total})]
memory.quiet()
began = time.monotonic()
for start in range(0, {total}, {batch}):
    log.append(source, acts[start:start + {batch}], begin)
ours = {total} / (time.monotonic() - began)
assert Row.objects.count() == {total} and Content.objects.count() == {total} and Handle.objects.count() == 20011
part, secret = {total} // 10, bytes(where.secret)
other = actions.connection_for(where, "baseline")
began = time.monotonic()
for start in range(0, part, {batch}):
    rows, words, handles = [], [], []
    for a in acts[start:start + {batch}]:
        key, actor = event_id(where.pk, other.pk, a.native_id, "assert", ""), handle_key(secret, "baseline", a.actor.value)
        handles.append(Handle(key=actor, workspace=where, kind="baseline", value=a.actor.value, name=a.actor.name, first_seen=a.happened_at))
        words.append(Content(event_id=key, workspace=where, text=a.text))
        rows.append(Row(event_id=key, workspace=where, connection=other, channel="baseline", verb=a.verb.value, object_type=a.object_type.value, op="assert", actor=actor,
            parent_key=a.parent_key, thread_key=a.thread_key, native_id=a.native_id, happened_at=a.happened_at, observed_at=begin, received_at=begin, direction="in"))
    with transaction.atomic():
        Row.objects.bulk_create(rows, ignore_conflicts=True)
        Content.objects.bulk_create(words, ignore_conflicts=True)
        Handle.objects.bulk_create(handles, ignore_conflicts=True)
print(json.dumps([ours, part / (time.monotonic() - began)]))
"""


def run() -> None:
    import json

    title(f"Append of {ACTIVITIES:,} comments by 20,011 handles to the log, {BATCH:,} a batch, durable")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        make_workspace(home)
        ours, theirs = json.loads(python(home, _CODE.format(total=ACTIVITIES, batch=BATCH)))
    row("append", f"{ours:,.0f} /s", ">= 20,000 /s", f"Django bulk_create: {theirs:,.0f} /s", ours / theirs)
