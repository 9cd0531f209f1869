"""Where the open table lies, the engine over it, and how far it has come."""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import monotonic

import structlog
from django.conf import settings

from vincle.engines.base import Engine, EngineError, Options
from vincle.engines.registry import open_engine
from vincle.engines.table import Bucket, OpenTable, Where
from vincle.engines.table import lake as open_lake
from vincle.listen import log
from vincle.store import bulk

logger = structlog.get_logger(__name__)
LEFT_ALONE = 30
_left_alone_until = 0.0


@dataclass(frozen=True)
class Status:
    """`rows` of activities, `version` of the table, `bytes` on disk, `lag`: rows of the log that are still to be loaded."""

    rows: int
    version: int
    bytes: int
    lag: int


def folder() -> Path:
    """Where the tables lie on this machine: they themselves or, of those in a bucket, copies of their live files."""
    return Path(settings.HOME) / ("cache/lake" if settings.OPTIONS.lake_url else "lake")


def where() -> Where:
    """Where the tables lie."""
    url = settings.OPTIONS.lake_url
    access = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    return Bucket(url, folder(), access) if url else folder()


@cache
def tables() -> dict[str, OpenTable]:
    return open_lake(where())


@cache
def engine() -> Engine:
    """The engine of this process; opened at the first question. EngineError when the settings name none."""
    options = settings.OPTIONS
    return open_engine(options.engine, where(), Options(options.duckdb_memory, options.duckdb_threads, options.engine_url))


def follow() -> None:
    """Let an engine with rows of its own load what is new. One that cannot is left alone for a while: a question says why."""
    global _left_alone_until
    if monotonic() < _left_alone_until:
        return
    try:
        engine().follow()
    except EngineError as error:
        _left_alone_until = monotonic() + LEFT_ALONE
        logger.warning("the engine does not follow the open table", engine=settings.OPTIONS.engine, error=str(error))


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
