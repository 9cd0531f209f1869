"""Where the open table lies, the engine over it, and how far it has come."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from vincle.engines.base import Engine, Options
from vincle.engines.registry import open_engine
from vincle.engines.table import OpenTable
from vincle.engines.table import lake as open_lake
from vincle.listen import log
from vincle.store import bulk


@dataclass(frozen=True)
class Status:
    """`rows` of activities, `version` of the table, `bytes` on disk, `lag`: rows of the log that are still to be loaded."""

    rows: int
    version: int
    bytes: int
    lag: int


def folder() -> Path:
    return Path(settings.HOME) / "lake"


@cache
def tables() -> dict[str, OpenTable]:
    return open_lake(folder())


@cache
def engine() -> Engine:
    """The engine of this process; opened at the first question."""
    options = settings.OPTIONS
    return open_engine(getattr(options, "engine", "duckdb"), folder(), Options(options.duckdb_memory, options.duckdb_threads))


def status() -> Status:
    activity = tables()["activity"]
    first, _event = _first()
    reached = max(activity.loaded(writer()) or 0, first - 1)
    return Status(activity.count(), activity.version(), sum(table.size() for table in tables().values()), max(0, log.last_seq() - reached))


def writer() -> str:
    """Name under which this log writes: a table that was filled from another log is recognised and filled anew."""
    first, event = _first()
    return f"log {first} {event.hex()}" if event else "log empty"


def _first() -> tuple[int, bytes]:
    """Number and id of the oldest row of the log; (1, b"") when there is none."""
    return next(bulk.select("SELECT seq, event_id FROM listen_activity WHERE seq NOT IN ({}) ORDER BY seq LIMIT 1", [0]), (1, b""))
