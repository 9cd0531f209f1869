"""Segments at scale: one looked up for everybody, beside SQL by hand; counted while it is written; kept true as things happen; explained.

`VINCLE_BENCH_ROWS` activities (100 million) of a hundredth as many people over 24 months, 200 segments. Each part is a process of its own.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from vincle.engines.table import HANDLE, PERSON, lake
from vincle.vocabulary import Activity, ObjectType, Verb, handle_key

from . import segments_store as store
from . import segments_world as world
from .common import _watched, python, row, title
from .imports import make_workspace

ROWS = int(os.environ.get("VINCLE_BENCH_ROWS", 100_000_000))
RUNS, PREVIEWS, WHYS, BATCHES, SOME = 3, 50, 20, 5, 20
MICROS_A_DAY = 86_400_000_000
UNHAPPY: dict[str, Any] = {
    "all": [
        {"did": {"verb": "Create", "object_type": "Note", "sentiment": "negative"}, "count": {"at_least": 3}, "within": {"days": 90}},
        {"did_not": {"verb": "Purchase"}, "within": {"days": 90}},
    ]
}
COLLECTORS: dict[str, Any] = {"did": {"verb": "Purchase"}, "kinds": {"at_least": 8}, "of": "product"}
QUICK: dict[str, Any] = {
    "sequence": [{"verb": "View", "object_type": "Link"}, {"verb": "Purchase"}],
    "within_days": 1,
    "within": {"days": 60},
}
ASKED = {"3 unhappy comments, no order, 90 days": UNHAPPY, "8 different products, ever": COLLECTORS, "link, then order within a day": QUICK}


def run(rows: int = ROWS) -> None:
    people = rows // 100
    title(f"{store.SEGMENTS} segments over {people:,} people and {rows:,} activities of 24 months (SQLite, DuckDB)")
    with tempfile.TemporaryDirectory(dir=os.environ.get("VINCLE_BENCH_FOLDER")) as folder:
        home = Path(folder) / "home"
        make_workspace(home)
        where = int(
            python(home, "import django; django.setup()\nfrom vincle.accounts.models import Workspace; print(Workspace.objects.get().pk)")
        )
        with ThreadPoolExecutor() as both:
            laid, filled = both.map(lambda part: _child(part, home, rows, where), ("fill_lake", "fill_store"))
        row("built", f"{max(laid['seconds'], filled['seconds']):.0f} s", "",
            f"lake {laid['bytes'] / 1e9:.1f} GB, store {filled['bytes'] / 1e9:.1f} GB, {filled['members']:,} memberships")  # fmt: skip
        _everybody(home, rows, where)
        found = _child("previews", home, rows, where)
        row(f"about how many: {PREVIEWS} predicates, 95th percentile", f"{found['p95']:.0f} ms, median {found['median']:.0f}", "< 500 ms",
            f"sample of {found['people']:,} people read in {found['first']:.0f} ms")  # fmt: skip
        row("", f"{found['peak']:.0f} MB", "< 2 GB", f"{found['inside']} of {PREVIEWS // 5} intervals hold the exact number")
        found = _child("reasons", home, rows, where)
        row(f"why someone is in or out, worst of {WHYS * 3}", f"{found['worst']:.0f} ms, median {found['median']:.0f}", "< 100 ms")
        found = _child("batches", home, rows, where)
        row(f"{store.BATCH:,} activities of {store.BATCH:,} people, all segments", f"{found['median']:.0f} ms, worst {found['worst']:.0f}",
            "< 1000 ms", f"in full, {SOME} of {store.SEGMENTS}: {found['full']:.1f} s")  # fmt: skip
        row(
            "",
            f"processor {found['busy']:.0f} ms, {found['peak']:.0f} MB",
            "< 2 GB",
            f"{found['moved']:,} entries and exits",
            found["full"] * store.SEGMENTS / SOME / found["median"] * 1000,
        )


def _everybody(home: Path, rows: int, where: int) -> None:
    asked, raw = _child("recompute", home, rows, where), _child("raw", home, rows, where)
    for name in ASKED:
        ours, theirs = asked[name], raw[name]
        assert ours["answer"] == theirs["answer"], (name, ours, theirs)
        row(f"{name}: {ours['answer']:,}", f"{ours['warm']:.0f} ms, cold {ours['cold']:.0f}", "< 2000 ms",
            f"DuckDB's SQL by hand: {theirs['warm']:.0f} ms", ours["warm"] / theirs["warm"])  # fmt: skip
        row("", f"processor {ours['busy']:.0f} ms", "", f"processor {theirs['busy']:.0f} ms", ours["busy"] / theirs["busy"])
    row("", f"{asked['peak']:.0f} MB", "< 2 GB", f"{raw['peak']:.0f} MB")


def _child(part: str, home: Path, rows: int, where: int) -> dict[str, Any]:
    """One part in a process of its own, with the most memory it held, in MB."""
    environment = {**os.environ, "VINCLE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "vincle.project.settings"}
    command = [sys.executable, "-m", "benchmarks.segments", part, str(home), str(rows), str(where)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
    with _watched(process.pid) as peak:
        out, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{part} ended with {process.returncode}")
    return {**json.loads(out.splitlines()[-1]), "peak": peak[0]}


def fill_lake(home: Path, rows: int, where: int) -> dict[str, Any]:
    """Straight into the open table: a file for each month and some of the people."""
    began, people, tables = time.monotonic(), rows // 100, lake(home / "lake")
    for table in tables.values():
        table.ensure("bench")
    for number, part in enumerate(world.lake_rows(people, rows, where)):
        tables["activity"].append(part, "bench", number)
    ids = world.ids_of(people)
    second = list(_second_keys(home, people))
    keys, owners = np.concatenate([ids, [key for key, _ in second]]), np.concatenate([ids, [person for _, person in second]])
    tables["handle"].append(pa.table({"key": keys, "workspace": np.full(len(keys), where), "kind": ["login"] * len(keys), "person": owners},
                                     schema=HANDLE), "bench", 1)  # fmt: skip
    since = pa.array(np.full(people, int(world.NOW.timestamp()) * 10**6 - 800 * MICROS_A_DAY), pa.timestamp("us", tz="UTC"))
    tables["person"].append(pa.table({"id": ids, "workspace": np.full(people, where), "kind": ["person"] * people,
                                      "is_identified": np.ones(people, bool), "known_since": since}, schema=PERSON), "bench", 1)  # fmt: skip
    assert tables["activity"].count() == rows
    return {"bytes": tables["activity"].size(), "seconds": time.monotonic() - began}


def _second_keys(home: Path, people: int) -> Any:
    where = _workspace()
    return ((handle_key(bytes(where.secret), ref.kind, ref.value), person) for ref, person in store.speakers(where, people))


def fill_store(home: Path, rows: int, where: int) -> dict[str, Any]:
    return store.fill(rows // 100, rows)


def recompute(home: Path, rows: int, where: int) -> dict[str, Any]:
    from vincle.organise import everybody, frames
    from vincle.organise.segments.reading import read

    workspace = _workspace()

    def ask(asked: Any, later: int) -> int:
        # Another second each time: no answer is remembered, and nobody did anything in it.
        return len(everybody.all_members(workspace, read(asked), frames.now_of(workspace, world.NOW + timedelta(seconds=later))))

    return {name: _timed(lambda later, asked=asked: ask(asked, later)) for name, asked in ASKED.items()}  # type: ignore[misc]


_OWNED = "SELECT {} FROM activity JOIN handle ON handle.key = activity.actor WHERE activity.workspace = {} AND direction = 'in' AND NOT is_machine"
_UNHAPPY = """
SELECT count(*) FROM (
  {said} AND verb = 'Create' AND object_type = 'Note' AND sentiment = 'negative' AND month >= '{month}' AND happened_at > {now} - INTERVAL 90 DAY
  GROUP BY 1 HAVING count(*) >= 3
) WHERE person NOT IN ({bought} AND verb = 'Purchase' AND month >= '{month}' AND happened_at > {now} - INTERVAL 90 DAY)
"""
_COLLECTORS = "SELECT count(*) FROM ({ware} AND verb = 'Purchase' GROUP BY 1 HAVING count(DISTINCT products[1]) >= 8)"
_QUICK = """
WITH deeds AS ({deeds} AND verb IN ('View', 'Purchase') AND month >= '{month}' AND happened_at > {now} - INTERVAL 60 DAY)
SELECT count(DISTINCT l.person) FROM (SELECT * FROM deeds WHERE verb = 'View' AND object_type = 'Link') l
ASOF JOIN (SELECT * FROM deeds WHERE verb = 'Purchase') o ON l.person = o.person AND l.happened_at < o.happened_at
WHERE o.happened_at <= l.happened_at + INTERVAL 1 DAY
"""


def raw(home: Path, rows: int, where: int) -> dict[str, Any]:
    """SQL as one would write it, over the same files, with the same limits."""
    import duckdb

    tables = lake(home / "lake")
    with duckdb.connect(":memory:", config={"memory_limit": "1GB", "threads": 2}) as database:
        database.execute("SET TimeZone = 'UTC'; SET parquet_metadata_cache = true")
        for name in ("activity", "handle"):
            database.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({list(tables[name].files()[1])}, hive_partitioning = true)")
        columns = {"said": "person", "bought": "person", "ware": "person", "deeds": "person, verb, object_type, happened_at"}
        parts = {name: _OWNED.format(what, where) for name, what in columns.items()}

        def ask(sql: str, later: int, days: int) -> int:
            now = world.NOW + timedelta(seconds=later)
            month = f"{now - timedelta(days=days):%Y-%m}"
            return int(database.execute(sql.format(now=f"TIMESTAMPTZ '{now.isoformat()}'", month=month, **parts)).fetchall()[0][0])

        asked = ((_UNHAPPY, 90), (_COLLECTORS, 0), (_QUICK, 60))
        return {
            name: _timed(lambda later, sql=sql, days=days: ask(sql, later, days))  # type: ignore[misc]
            for name, (sql, days) in zip(ASKED, asked, strict=True)
        }


def previews(home: Path, rows: int, where: int) -> dict[str, Any]:
    from vincle.organise import everybody, frames, preview
    from vincle.organise.segments.reading import read

    workspace, took, counted = _workspace(), [], []
    now, began = frames.now_of(workspace, world.NOW), time.perf_counter()
    size = preview.warm(workspace)
    first = (time.perf_counter() - began) * 1000
    for asked in store.predicates(PREVIEWS, 2):
        began = time.perf_counter()
        counted.append((asked, preview.count(workspace, read(asked), now)))
        took.append((time.perf_counter() - began) * 1000)
    exact = [(found, len(everybody.all_members(workspace, read(asked), now))) for asked, found in counted[::5]]
    inside = sum(found.low <= members <= found.high for found, members in exact)
    return {
        "p95": statistics.quantiles(took, n=20)[-1],
        "median": statistics.median(took),
        "first": first,
        "people": size,
        "inside": inside,
    }


def reasons(home: Path, rows: int, where: int) -> dict[str, Any]:
    from vincle.organise import members

    workspace, took = _workspace(), []
    ids = world.ids_of(rows // 100)
    for segment in members.listed(workspace)[: WHYS * 10 : 10]:
        for person in (members.members(segment)[:1] or [int(ids[0])]) + ids[7:9].tolist():
            began = time.perf_counter()
            assert members.why(workspace, segment, person, world.NOW) is not None
            took.append((time.perf_counter() - began) * 1000)
    return {"worst": max(took), "median": statistics.median(took)}


def batches(home: Path, rows: int, where: int) -> dict[str, Any]:
    """Each time the thousand did something else; then some of the segments in full."""
    from vincle.listen import actions as listen
    from vincle.listen import log
    from vincle.organise import everybody, frames, membership
    from vincle.organise.models import Membership
    from vincle.organise.segments.reading import read
    from vincle.store.lease import held
    from vincle.store.models import Cursor

    workspace = _workspace()
    source, speakers = listen.connection_for(workspace, "web"), list(store.speakers(workspace, rows // 100))
    before, took, busy = Membership.objects.count(), [], []
    for number in range(BATCHES):
        at = world.NOW + timedelta(minutes=number)
        acts = [_act(ref, place, number, at) for place, (ref, _) in enumerate(speakers)]
        log.append(source, acts, at)
        Cursor.objects.filter(name__in=("understand", "organise")).update(position=log.last_seq())
        began, worked = time.perf_counter(), time.process_time()
        with held("segments") as cursor:
            moved = membership.step(cursor, at=at + timedelta(seconds=1))
        took.append((time.perf_counter() - began) * 1000)
        busy.append((time.process_time() - worked) * 1000)
        assert moved >= store.BATCH, moved
    moved = Membership.objects.count() - before + Membership.objects.exclude(left_at=None).count()
    began, now = time.perf_counter(), frames.now_of(workspace, world.NOW)
    for asked in store.predicates(store.SEGMENTS, 1)[:: store.SEGMENTS // SOME]:
        everybody.all_members(workspace, read(asked), now)
    return {
        "median": statistics.median(took),
        "worst": max(took),
        "busy": statistics.median(busy),
        "full": time.perf_counter() - began,
        "moved": moved,
    }


def _act(ref: Any, place: int, number: int, at: Any) -> Activity:
    kinds = ((Verb.PURCHASE, ObjectType.ORDER), (Verb.VIEW, ObjectType.LINK), (Verb.CREATE, ObjectType.NOTE), (Verb.LIKE, ObjectType.NOTE))
    verb, kind = kinds[(place + number) % 4]
    values: dict[str, Any] = {"amount": Decimal(120), "currency": "EUR", "props": {"products": [world.PRODUCTS[place % 200]]}}
    return Activity(verb=verb, object_type=kind, native_id=f"b{number}:{place}", happened_at=at, actor=ref, sentiment="negative",
                    topics=(world.TOPICS[1 + place % 9],), **(values if verb == Verb.PURCHASE else {}))  # fmt: skip


def _workspace() -> Any:
    from vincle.accounts.models import Workspace

    return Workspace.objects.get()


def _timed(ask: Callable[[int], int]) -> dict[str, float]:
    """Cold: the first; warm: the median of those after it; busy: processor time of one of them. In milliseconds."""
    took, busy, answers = [], [], set()
    for number in range(RUNS + 1):
        began, worked = time.perf_counter(), time.process_time()
        answers.add(ask(number))
        took.append((time.perf_counter() - began) * 1000)
        busy.append((time.process_time() - worked) * 1000)
    return {"cold": took[0], "warm": statistics.median(took[1:]), "busy": statistics.median(busy[1:]), "answer": max(answers)}


PARTS = {part.__name__: part for part in (fill_lake, fill_store, recompute, raw, previews, reasons, batches)}

if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(PARTS[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))))
