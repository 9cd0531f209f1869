"""The open table at scale: loading it, and a question about people, beside DuckDB on its own file and PostgreSQL.

`VINCLE_BENCH_ROWS` activities (100 million) of a hundredth as many people over 24 months. Each part is a process of its own.
"""

import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from vincle.engines import duckdb as engine
from vincle.engines.base import Options, Query, Tables
from vincle.engines.table import ACTIVITY, HANDLE, lake, months

from .common import _watched, row, title

ROWS = int(os.environ.get("VINCLE_BENCH_ROWS", 100_000_000))
PIECE = 400_000  # as many as the worker loads at a time
POSTGRES_ROWS = 10_000_000
DAY = 86_400
BEGIN, DAYS = int(datetime(2024, 11, 21, tzinfo=UTC).timestamp()), 730
NOW = BEGIN + DAYS * DAY
RUNS = 5
#            page views, comments, likes, links followed, purchases, messages
KINDS = (("View", "Page"), ("Create", "Note"), ("Like", "Note"), ("View", "Link"), ("Purchase", "Order"), ("Create", "Message"))
SHARES = (0.42, 0.20, 0.20, 0.09, 0.05, 0.04)
CHANNELS = ("web", "web", "instagram", "facebook", "x", "email")


def run(rows: int = ROWS) -> None:
    title(f"{rows:,} activities of {rows // 100:,} people over 24 months in the open table")
    with tempfile.TemporaryDirectory(dir=os.environ.get("VINCLE_BENCH_FOLDER")) as folder:
        place = Path(folder)
        loaded = _child("load", place, rows)
        row("loading, files joined as they come", f"{loaded['rate']:,.0f} /s, {loaded['peak']:.0f} MB", ">= 300,000 /s, < 2 GB",
            f"{loaded['bytes'] / 1e9:.1f} GB in {loaded['files']} files")  # fmt: skip
        asked = _child("ask", place, rows)
        raw = _child("raw", place, rows)
        assert asked["answer"] == raw["answer"], (asked["answer"], raw["answer"])
        question = f"comments >= 3, unhappy, no order: {asked['answer']:,}"
        row(question, f"{_shown(asked)}, {asked['peak']:.0f} MB", "< 1500 ms, < 2 GB", f"DuckDB's own file: {_shown(raw)}")
        row("", "", "<= 1.5x", "", asked["warm"] / raw["warm"])
    _beside_postgres(min(rows, POSTGRES_ROWS))


def _beside_postgres(rows: int) -> None:
    with tempfile.TemporaryDirectory(dir=os.environ.get("VINCLE_BENCH_FOLDER")) as folder:
        place = Path(folder)
        _child("load", place, rows)
        asked, other = _child("ask", place, rows), _child("postgres", place, rows)
        assert asked["answer"] == other["answer"], (asked["answer"], other["answer"])
        row(f"the same of {rows:,}", _shown(asked), ">= 10x", f"PostgreSQL, indexed: {_shown(other)}", other["warm"] / asked["warm"])


def _shown(found: Mapping[str, float]) -> str:
    return f"{found['warm']:.0f} ms, cold {found['cold']:.0f}"


def _child(part: str, place: Path, rows: int) -> dict[str, Any]:
    """One part in a process of its own, with the most memory it held, in MB."""
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.engines", part, str(place), str(rows)], stdout=subprocess.PIPE)
    with _watched(process.pid) as peak:
        out, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{part} ended with {process.returncode}")
    return {**json.loads(out.splitlines()[-1]), "peak": peak[0]}


def load(place: Path, rows: int) -> dict[str, float]:
    """Batches in the order of time, as the log has them, through the same calls as the worker's."""
    tables = lake(place / "lake")
    activity, handle = tables["activity"], tables["handle"]
    for table in tables.values():
        table.ensure("bench")
    people = rows // 100
    handle.replace(1, _handles(people), "bench", 0)
    spent, done = 0.0, 0
    for batch in batches(rows, people):
        began = time.perf_counter()
        activity.append(batch, "bench", done + len(batch))
        activity.tidy()
        spent += time.perf_counter() - began
        done += len(batch)
    assert activity.count() == rows
    return {"rate": rows / spent, "bytes": activity.size(), "files": len(activity.files()[1])}


def _handles(people: int) -> pa.Table:
    keys = _keys(np.arange(people))
    # A person in ten has two handles.
    owners = np.where(np.arange(people) % 10 == 0, np.roll(keys, -1), keys)
    return pa.table({"key": keys, "workspace": np.ones(people, np.int64), "kind": pa.array(["cookie"] * people), "person": owners}, HANDLE)


def _keys(people: np.ndarray) -> np.ndarray:
    """Handle keys look like hashes."""
    mixed = (people.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(2)).astype(np.int64)


def batches(rows: int, people: int) -> Iterator[pa.Table]:
    """Activities that grow older to younger: some people do much more than others, and some are never pleased."""
    chance = np.random.default_rng(7)
    for first in range(0, rows, PIECE):
        yield _batch(first, min(PIECE, rows - first), rows, people, chance)


def _batch(first: int, size: int, rows: int, people: int, chance: np.random.Generator) -> pa.Table:
    numbers = np.arange(first, first + size)
    moments = ((BEGIN + numbers * (DAYS * DAY / rows)) * 1e6).astype(np.int64)
    who = (people * chance.random(size) ** 1.5).astype(np.int64)
    kind = chance.choice(len(KINDS), size, p=SHARES).astype(np.int32)
    said = np.isin(kind, (1, 5))
    mood = np.where(chance.random(size) < np.where(who % 7 == 0, 0.6, 0.25), 2, chance.integers(0, 2, size)).astype(np.int32)
    happened = pa.array(moments, pa.timestamp("us", tz="UTC"))
    campaign = chance.integers(0, 40, size).astype(np.int32)
    thread = pa.compute.binary_join_element_wise("t", pa.array(chance.integers(0, people, size)).cast(pa.string()), "")
    paid = pa.array(np.where(kind == 4, chance.integers(500, 20_000, size) / 100, np.nan), from_pandas=True).cast(
        pa.decimal128(18, 4), safe=False
    )
    columns: dict[str, Any] = {
        "seq": numbers + 1,
        "event_id": pa.Array.from_buffers(pa.binary(16), size, [None, pa.py_buffer(chance.bytes(16 * size))]).cast(pa.binary()),
        "native_id": pa.compute.binary_join_element_wise("m-", pa.array(numbers).cast(pa.string()), ""),
        "workspace": np.ones(size, np.int64), "connection": np.ones(size, np.int64), "channel": _words(kind, CHANNELS),
        "verb": _words(kind, [verb for verb, _ in KINDS]), "object_type": _words(kind, [name for _, name in KINDS]),
        "actor": _keys(who), "thread_key": thread, "campaign_key": _words(campaign, ["", *(f"spring-{n}" for n in range(39))]),
        "happened_at": happened, "observed_at": happened, "received_at": happened, "direction": _words(kind * 0, ["in"]),
        "is_machine": np.zeros(size, bool), "amount": paid, "currency": _words((kind == 4).astype(np.int32), ["", "EUR"]),
        "language": _words(said * (1 + who % 4).astype(np.int32), ["", "en", "es", "it", "ca"]),
        "sentiment": _words(said * (mood + 1), ["", "positive", "neutral", "negative"]), "props": _words(kind * 0, ["{}"]), "month": months(happened),
    }  # fmt: skip
    return pa.Table.from_arrays([_column(columns.get(field.name), field, size) for field in ACTIVITY], schema=ACTIVITY)


def _words(places: np.ndarray, words: Any) -> pa.Array:
    return pa.array(list(words), pa.string()).take(pa.array(places.astype(np.int32)))


def _column(values: Any, field: pa.Field, size: int) -> pa.Array:
    if values is None:
        empty = pa.types.is_string(field.type)
        return pa.repeat(pa.scalar("", field.type), size) if empty else pa.nulls(size, field.type)
    return values if isinstance(values, pa.Array) else pa.array(values, field.type)


def unhappy(tables: Tables, p: Mapping[str, Any]) -> ibis.Table:
    """How many people: three comments or more in 30 days, negative on average, no purchase in 90 days."""
    acts = tables.activity
    acts = acts.filter(
        acts.month >= p["first_month"], acts.at >= p["first"], acts.at < p["until"], acts.direction == "in", ~acts.is_machine
    )
    owner = tables.handle.select(owner_key="key", owner="person")

    def of_people(rows: ibis.Table) -> ibis.Table:
        joined = rows.left_join(owner, rows.actor == owner.owner_key)
        return joined.mutate(person=joined.owner.fill_null(joined.actor))

    said = acts.filter(acts.month >= p["month"], acts.at >= p["since"], acts.verb == "Create", acts.object_type == "Note")
    mood = ibis.cases((said.sentiment == "positive", 1), (said.sentiment == "negative", -1), else_=0)
    by_handle = said.group_by("actor").agg(n=said.count(), mood=mood.sum())
    said = of_people(by_handle).group_by("person").agg(n=ibis._.n.sum(), mood=ibis._.mood.sum())
    bought = of_people(acts.filter(acts.verb == "Purchase").select("actor").distinct()).select("person").distinct()
    said = said.filter(said.n >= 3, said.mood < 0)
    return said.anti_join(bought, "person").agg(n=ibis._.count())


def _month(second: int) -> str:
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m}"


def _timed(ask: Callable[[], int]) -> dict[str, float]:
    """Cold: the first; warm: the median of those after it; processor time of one of them. In milliseconds."""
    took, busy, answers = [], [], set()
    for _ in range(RUNS + 1):
        began, worked = time.perf_counter(), time.process_time()
        answers.add(ask())
        took.append((time.perf_counter() - began) * 1000)
        busy.append((time.process_time() - worked) * 1000)
    assert len(answers) == 1
    return {"cold": took[0], "warm": statistics.median(took[1:]), "busy": statistics.median(busy[1:]), "answer": answers.pop()}


def ask(place: Path, rows: int) -> dict[str, float]:
    opened = engine.Engine(place / "lake", Options(memory="1GB", threads=2))

    def once() -> int:
        # Another second each time: no answer is remembered, and nobody did anything in it.
        once.asked += 1  # type: ignore[attr-defined]
        until = NOW + once.asked  # type: ignore[attr-defined]
        values = {"first": NOW - 90 * DAY, "since": NOW - 30 * DAY, "until": until, "first_month": _month(NOW - 90 * DAY), "month": _month(NOW - 30 * DAY)}  # fmt: skip
        return int(opened.run(Query("unhappy", unhappy, values), 1)["n"][0].as_py())

    once.asked = 0  # type: ignore[attr-defined]
    return _timed(once)


SQL = """
WITH said AS (
    SELECT coalesce(handle.person, activity.actor) AS person, count(*) AS n,
           sum(CASE sentiment WHEN 'positive' THEN 1 WHEN 'negative' THEN -1 ELSE 0 END) AS mood
    FROM activity LEFT JOIN handle ON handle.key = activity.actor
    WHERE activity.workspace = 1 AND verb = 'Create' AND object_type = 'Note' AND direction = 'in' AND NOT is_machine AND happened_at >= {since}
    GROUP BY 1
)
SELECT count(*) FROM said WHERE n >= 3 AND mood < 0 AND person NOT IN (
    SELECT coalesce(handle.person, activity.actor) FROM activity LEFT JOIN handle ON handle.key = activity.actor
    WHERE activity.workspace = 1 AND verb = 'Purchase' AND direction = 'in' AND NOT is_machine AND happened_at >= {first}
)
"""


def _sql(moment: str) -> str:
    return SQL.format(since=moment.format(NOW - 30 * DAY), first=moment.format(NOW - 90 * DAY))


def raw(place: Path, rows: int) -> dict[str, float]:
    """The same rows in a file of DuckDB's own, in the order they came, which suits it best, and its SQL as one would write it."""
    import duckdb

    file = place / "raw.duckdb"
    with duckdb.connect(str(file), config={"memory_limit": "1GB", "threads": 2}) as database:
        database.execute("SET TimeZone = 'UTC'")
        tables = lake(place / "lake")
        for name, order in (("activity", "seq"), ("handle", "key")):
            columns, files = ", ".join(tables[name].layout.schema.names), tables[name].files()[1]
            database.execute(f"CREATE TABLE {name} AS SELECT {columns} FROM read_parquet({list(files)}, hive_partitioning = true) LIMIT 0")
            for _, part in itertools.groupby(sorted(files), lambda path: str(Path(path).parent)):
                rows_of = f"SELECT {columns} FROM read_parquet({list(part)}, hive_partitioning = true) ORDER BY {order}"
                database.execute(f"INSERT INTO {name} {rows_of}")
    with duckdb.connect(str(file), read_only=True, config={"memory_limit": "1GB", "threads": 2}) as database:
        database.execute("SET TimeZone = 'UTC'")
        return _timed(lambda: int(database.execute(_sql("to_timestamp({})")).fetchall()[0][0]))


def postgres(place: Path, rows: int) -> dict[str, float]:
    """The columns that questions of this kind need, copied into PostgreSQL with an index by time, and analysed."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
    import machine
    import psycopg

    columns = (
        "seq, workspace, channel, verb, object_type, actor, happened_at, direction, is_machine, amount, currency, sentiment, native_id"
    )
    kinds = "bigint, workspace bigint, channel text, verb text, object_type text, actor bigint, happened_at timestamptz, direction text, "
    kinds += "is_machine boolean, amount numeric(18, 4), currency text, sentiment text, native_id text"
    tables = lake(place / "lake")
    with machine.postgres() as url, psycopg.connect(url, autocommit=True) as database:
        database.execute(f"CREATE TABLE activity (seq {kinds})")
        database.execute("CREATE TABLE handle (key bigint PRIMARY KEY, person bigint)")
        _copy(database, f"COPY activity ({columns}) FROM STDIN (FORMAT csv)", tables["activity"].files()[1], columns)
        _copy(database, "COPY handle (key, person) FROM STDIN (FORMAT csv)", tables["handle"].files()[1], "key, person")
        database.execute("CREATE INDEX ON activity (workspace, happened_at)")
        database.execute("VACUUM ANALYZE")
        database.execute("SET work_mem = '256MB'")
        return _timed(lambda: int(database.execute(_sql("to_timestamp({})")).fetchall()[0][0]))


def _copy(database: Any, command: str, files: Any, columns: str) -> None:
    """A file at a time, as CSV that DuckDB writes."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            text = Path(folder) / "rows.csv"
            duckdb.sql(f"COPY (SELECT {columns} FROM read_parquet('{file}', hive_partitioning = true)) TO '{text}' (HEADER false)")
            with open(text, "rb") as lines, database.cursor().copy(command) as target:
                while block := lines.read(1 << 20):
                    target.write(block)


PARTS = {"load": load, "ask": ask, "raw": raw, "postgres": postgres}

if __name__ == "__main__":
    print(json.dumps(PARTS[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))))
