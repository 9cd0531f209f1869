"""Group commit: what many requests bring is put on the shelf together, and each is told when it is there."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import structlog

from vincle.listen.shelf import Row, Writer

LINGER = 0.003
"""Seconds a commit waits for company: fewer, larger parcels cost the disk and the workers less."""

PATIENCE = 8.0
"""Seconds after which a request is told to come again; what it brought may still be kept, and is then known when it comes again."""

MOST_BYTES = 24 * 1024**2
MOST_REQUESTS = 8_000
_PARCEL = 1024**2
_PAUSE = 0.25
logger = structlog.get_logger(__name__)


class Item(NamedTuple):
    connection: int
    at: int
    events: int
    envelope: bytes
    done: "asyncio.Future[bool]"
    since: float


class Committer:
    """A bounded queue in memory and one thread that empties it. Lives in the event loop that made it."""

    def __init__(self, writer: Callable[[], Writer] = Writer) -> None:
        self._loop = asyncio.get_running_loop()
        self._make = writer
        self._waiting: list[Item] = []
        self._held: list[Item] = []
        self._bytes = 0
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="commits", daemon=True)
        self._thread.start()
        self._watch = self._loop.create_task(self._look_at_the_clock())

    @property
    def waiting(self) -> int:
        """Requests that are not answered yet."""
        return len(self._waiting) + len(self._held)

    def has_room(self, size: int) -> bool:
        return self._bytes + size <= MOST_BYTES and self.waiting < MOST_REQUESTS

    def put(self, connection: int, at: int, events: int, envelope: bytes) -> "asyncio.Future[bool]":
        """True once it is durable, False when it could not be kept (or nobody knows)."""
        done: asyncio.Future[bool] = self._loop.create_future()
        self._bytes += len(envelope)
        item = Item(connection, at, events, envelope, done, time.monotonic())
        with self._lock:  # else an item could slip into a list that was taken away already, and be told it is safe
            self._waiting.append(item)
        self._wake.set()
        return done

    async def close(self) -> None:
        """Keep what waits, then stop."""
        self._stopping = True
        self._wake.set()
        await asyncio.to_thread(self._thread.join, PATIENCE)
        self._watch.cancel()

    def _run(self) -> None:
        writer = self._make()
        while not self._stopping or self._waiting:
            self._wake.wait(1.0)
            if not self._stopping:
                time.sleep(LINGER)
            self._wake.clear()
            with self._lock:
                items, self._waiting = self._waiting, []
            if not items:
                continue
            self._held = items
            kept = self._commit(writer, items)
            self._held = []
            self._loop.call_soon_threadsafe(self._tell, items, kept)
            if not kept:
                time.sleep(_PAUSE)
        writer.forget()

    def _commit(self, writer: Writer, items: list[Item]) -> bool:
        try:
            writer.put(parcels(items))
            return True
        except Exception as error:  # whatever the database or the disk says: nothing was kept, and the senders are told
            logger.error("events could not be kept; their senders are asked to come again", error=str(error), requests=len(items))
            writer.forget()
            return False

    def _tell(self, items: list[Item], kept: bool) -> None:
        for item in items:
            self._bytes -= len(item.envelope)
            if not item.done.done():  # a client that went away takes its future with it
                item.done.set_result(kept)

    async def _look_at_the_clock(self) -> None:
        while True:
            await asyncio.sleep(1)
            late = time.monotonic() - PATIENCE
            for item in [*self._held, *self._waiting]:
                if item.since < late and not item.done.done():
                    item.done.set_result(False)


def parcels(items: list[Item]) -> list[Row]:
    """Items of one connection, in their order, as one parcel (or several of about a megabyte)."""
    groups: dict[int, list[Item]] = {}
    for item in items:
        groups.setdefault(item.connection, []).append(item)
    rows = []
    for connection, group in groups.items():
        part: list[Item] = []
        size = 0
        for item in group:
            part.append(item)
            size += len(item.envelope)
            if size >= _PARCEL:
                rows.append(_row(connection, part))
                part, size = [], 0
        if part:
            rows.append(_row(connection, part))
    return rows


def _row(connection: int, items: list[Item]) -> Row:
    return Row(connection, items[-1].at, sum(item.events for item in items), b",".join(item.envelope for item in items))
