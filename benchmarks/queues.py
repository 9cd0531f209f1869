"""The road of an event from HTTP to the analysis as a row of queues: service times measured here, waiting times simulated from them.

Supports docs/scaling.md: at which load each part ends, how long events wait at less, and how long a burst takes to be gone.
"""

import json
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vincle.science import queues
from vincle.science.queues import Batcher

from .common import python, row, title
from .imports import make_workspace

STEPS = ("identify", "organise", "analyse")
FEW, MANY = 50, 10_000
LOADS = (200, 1000, 2000)
SECONDS = 120.0
BURST_SECONDS = 60.0
SEED = 1
# Of the collector and the worker (api/collector/commits.py, project/worker.py): seconds.
LINGER, PAUSE = 0.003, 0.2
# What the server takes of a request that is answered without a look: 47,000 a second (docs/scaling.md).
HTTP = 1 / 47_000
_MEASURE = """
import asyncio, json, time, django; django.setup()
from datetime import UTC, datetime, timedelta
from vincle.accounts.models import Workspace
from vincle.api.collector import requests
from vincle.api.collector.app import Collector
from vincle.listen import shelf, sources
from vincle.project import memory, pipeline
where = Workspace.objects.get(); source = sources.add(where, "bench")
memory.quiet()
begin, writer, number = datetime(2026, 5, 1, tzinfo=UTC), shelf.Writer(), 0
def event():
    global number
    number += 1
    return {{"type": "track", "event": "Product Viewed", "messageId": f"m{{number}}", "anonymousId": f"a{{number % 997}}", "userId": f"u{{number % 997}}",
        "timestamp": (begin + timedelta(seconds=number)).isoformat(), "properties": {{"sku": f"s{{number % 50}}", "price": 9.5}}, "context": {{"page": {{"url": "https://shop.example/p"}}}}}}
def body(count): return json.dumps({{"batch": [event() for _ in range(count)]}}).encode()
def taken(data):
    found = requests.read("batch", data)
    return requests.envelope("2026-05-01T00:00:00.000000Z", "batch", {{b"user-agent": b"bench"}}, "", found.body)
def clock(work, times=1):
    began = time.perf_counter()
    for _ in range(times): work()
    return (time.perf_counter() - began) / times
def put(envelopes, count): writer.put([shelf.Row(source.connection_id, int(time.time() * 1e6), count, b",".join(envelopes))])
async def take(bodies):
    app, headers = Collector(), [(b"authorization", b"Bearer " + source.write_key.encode()), (b"user-agent", b"bench")]
    await app.start()
    async def send(message): assert message.get("status", 200) == 200, message
    async def request(data):
        async def receive(): return {{"type": "http.request", "body": data, "more_body": False}}
        await app({{"type": "http", "method": "POST", "path": "/v1/batch", "headers": headers, "query_string": b"", "client": ("127.0.0.1", 1)}}, receive, send)
    await request(bodies[0])
    began = time.thread_time()
    await asyncio.gather(*map(request, bodies))
    spent = (time.thread_time() - began) / len(bodies)
    await app.stop()
    return spent
found = {{"request": [asyncio.run(take([body(1) for _ in range(2000)])), asyncio.run(take([body(100) for _ in range(300)])), 1, 100]}}
few, many = [taken(body(1)) for _ in range(5)], [taken(body(1)) for _ in range(3000)]
found["commit"] = [sorted(clock(lambda: put(few, 5)) for _ in range(15))[7], sorted(clock(lambda: put(many, 3000)) for _ in range(9))[4], 5, 3000]
pipeline.catch_up()
stages = {{"intake": sources.work_off, **{{name: lambda name=name: pipeline.follow((name,)) for name in pipeline.STEPS}}}}
def drain(work):
    began = time.perf_counter()
    while work(): pass
    return time.perf_counter() - began
def through(count):
    for start in range(0, count, 1000):
        put([taken(body(min(100, count)))  for _ in range(max(1, min(1000, count) // 100))], min(1000, count))
    return {{name: drain(work) for name, work in stages.items()}}
through({few})
low, high = through({few}), through({many})
found |= {{name: [low[name], high[name], {few}, {many}] for name in stages}}
print(json.dumps(found))
"""


class Measured(NamedTuple):
    """Seconds a piece of work takes whatever its size, and for each of its events."""

    fixed: float
    each: float


def measure() -> dict[str, Measured]:
    """Of each part, from its time for few events and for many."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        make_workspace(home)
        found = json.loads(python(home, _MEASURE.format(few=FEW, many=MANY)).splitlines()[-1])
    return {name: _line(*numbers) for name, numbers in found.items()}


def _line(low: float, high: float, few: float, many: float) -> Measured:
    each = max((high - low) / (many - few), 1e-9)
    return Measured(max(low - each * few, 1e-6), each)


def run() -> None:
    parts = measure()
    title("Parts of an event's road, one process each: measured time of service, and what it bears at most")
    for name, part in parts.items():
        row(name, f"{part.fixed * 1000:.2f} ms + {part.each * 1e6:.0f} µs an event", "", f"at most {capacity(name, part):,.0f} events/s")
    collector(parts)
    stages = follow(parts)
    burst(stages)


def capacity(name: str, part: Measured) -> float:
    """Events a second: one by one at the door, in large batches behind it."""
    return 1 / (HTTP + part.fixed + part.each) if name == "request" else MANY / (part.fixed + MANY * part.each)


def collector(parts: dict[str, Measured]) -> None:
    title("Collector, requests of one event: from their arrival to the commit (simulated)")
    chance = np.random.default_rng(SEED)
    service = HTTP + parts["request"].fixed + parts["request"].each
    commit = Batcher(parts["commit"].fixed, parts["commit"].each, linger=LINGER)
    alone = parts["commit"].fixed + parts["commit"].each
    for load in (0.2, 0.5, 0.8):
        rate = load / service
        came = queues.poisson(chance, rate, min(SECONDS, 300_000 / rate))
        read = queues.departures(came, np.full(len(came), service))
        stayed = queues.times(came, queues.departures_in_batches(read, commit))
        single = queues.md1_wait(rate, alone) + alone
        beside = "would never end" if np.isinf(single) else f"{single * 1000:.1f} ms on average"
        row(f"{rate:,.0f} requests/s ({load:.0%})", _percentiles(stayed), "", f"a commit for each: {beside}")


def follow(parts: dict[str, Measured]) -> list[Batcher]:
    """Stages behind the shelf, as `vincle up` runs them and with a worker for each step; returns the first."""
    title("From the shelf to profile and analysis (simulated)")
    chance = np.random.default_rng(SEED)
    came = {rate: queues.poisson(chance, rate, SECONDS) for rate in LOADS}
    for name, stages in arrangements(parts).items():
        full = min(stage.capacity() for stage in stages)
        for rate in LOADS:
            note = f"full at {full:,.0f} events/s" if rate < full else f"too much: full at {full:,.0f} events/s"
            found = queues.times(came[rate], queues.tandem(came[rate], stages)[-1])
            row(f"{name}, {rate:,} events/s", _percentiles(found), "p95 < 2 s" if rate == 2000 else "", note)
    return next(iter(arrangements(parts).values()))


def arrangements(parts: dict[str, Measured]) -> dict[str, list[Batcher]]:
    """Steps that share a worker have their turns while the others wait, so their times add up."""
    intake = Batcher(parts["intake"].fixed, parts["intake"].each, most=5000, pause=PAUSE)
    steps = [Batcher(parts[name].fixed, parts[name].each, most=50_000, pause=PAUSE) for name in STEPS]
    by_turns = Batcher(sum(step.fixed for step in steps), sum(step.each for step in steps), most=50_000, pause=PAUSE)
    return {"two workers": [intake, by_turns], "a worker for each step": [intake, *steps]}


def burst(stages: list[Batcher]) -> None:
    slowest = min(stage.capacity() for stage in stages)
    calm = 0.4 * slowest
    title(f"A burst of {BURST_SECONDS:.0f} s on top of {calm:,.0f} events/s: how much piles up, and how long until it is gone (simulated)")
    for times in (2, 5, 10):
        chance = np.random.default_rng(SEED)
        quiet = queues.fluid_drain(calm, times * slowest, BURST_SECONDS, slowest)
        came = queues.profile(chance, [(calm, 30), (times * slowest, BURST_SECONDS), (calm, quiet + 60)])
        left = queues.tandem(came, stages)[-1]
        until = caught_up(came, left, 30 + BURST_SECONDS)
        pile = queues.largest_backlog(came, left)
        row(f"{times} x what is borne", f"{pile:,} wait, gone after {until:,.0f} s", "", f"as water: {quiet:,.0f} s", until / quiet)


def caught_up(came: np.ndarray, left: np.ndarray, end: float) -> float:
    """Seconds after the burst until an event again waits no longer than two seconds."""
    again = came[(came > end) & (left - came < 2.0)]
    return float(again[0] - end) if len(again) else float("inf")


def _percentiles(found: queues.Times) -> str:
    return f"p50 {_short(found.p50)}, p95 {_short(found.p95)}, p99 {_short(found.p99)}"


def _short(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:,.1f} s"
