"""Questions in SQL over one workspace's part of the open table.

Each is answered by a process of its own (`ask_child`): whatever a question does, it can reach no other workspace, no file, no setting and
no secret, and it ends in time.
"""

import base64
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import pyarrow as pa
from django.conf import settings

import vincle
from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.engines.table import OpenTable
from vincle.organise import warehouse

from . import ask_words
from .take_out import live_files

LONGEST = 20_000
AT_ONCE = 2
"""Questions one process asks at the same time; as many again wait their turn for a while, so that pages are not kept from theirs."""
PATIENCE = 10.0
_KEPT_IN_AUDIT = 4000
_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
_turns, _room = BoundedSemaphore(AT_ONCE), BoundedSemaphore(2 * AT_ONCE)


@dataclass(frozen=True)
class Limits:
    """Of one question: rows and bytes of the answer, seconds. Memory and threads are those of the analysis engine."""

    rows: int = 10_000
    seconds: float = 30.0
    bytes: int = 64 * 1024**2


@dataclass(frozen=True)
class Answer:
    """`reached`: "rows" or "bytes" when that limit cut the answer short, else "". `seconds`: of the engine alone."""

    rows: pa.Table
    seconds: float
    reached: str = ""


@dataclass
class Trouble(Exception):
    """Why there is no answer: a code of `ask_words`, what it is about, names near it, and the place in the text (from 1; 0: unknown)."""

    code: str
    name: str = ""
    near: tuple[str, ...] = ()
    line: int = 0
    column: int = 0
    said: str = field(default="", repr=False)

    def __str__(self) -> str:
        return ask_words.sentence(self)


def ask(workspace: Workspace, user: User | None, sql: str, limits: Limits | None = None) -> Answer:
    """The answer; Trouble when there is none. Either way the question stands in the audit log."""
    limits = limits or Limits()
    label = " ".join(sql.split())[:200]
    facts: dict[str, Any] = {} if label == sql else {"sql": sql[:_KEPT_IN_AUDIT]}
    try:
        answer = _answer(workspace, sql, limits)
        facts |= {"rows": answer.rows.num_rows, "seconds": answer.seconds}
        return answer
    except Trouble as trouble:
        facts["refused"] = trouble.code
        raise
    finally:
        audit.record(workspace, user, "asked", "question", label=label, **facts)


def tables(workspace: Workspace) -> list[dict[str, Any]]:
    """What a question may read: for each table its name, columns (Arrow schema) and this workspace's files of the newest version."""
    return [_part(table, workspace.pk) for table in warehouse.tables().values() if "workspace" in table.layout.partitions]


def _part(table: OpenTable, workspace: int) -> dict[str, Any]:
    layout = table.layout
    return {
        "name": layout.name, "schema": layout.schema, "partitions": list(layout.partitions), "grown": table.grown(),
        "files": live_files(table, workspace),
    }  # fmt: skip


def _answer(workspace: Workspace, sql: str, limits: Limits) -> Answer:
    if not sql.strip():
        raise Trouble("empty")
    if len(sql) > LONGEST or "\x00" in sql:
        raise Trouble("too_long" if len(sql) > LONGEST else "syntax", said="\\x00" if len(sql) <= LONGEST else "")
    with _turn():
        request = _request(tables(workspace), sql, limits)
        out, end = _run(request, limits.seconds)
    if "error" in end:
        raise _trouble(end, sql)
    return Answer(pa.ipc.open_stream(out).read_all(), end["seconds"], end["reached"])


@contextmanager
def _turn() -> Iterator[None]:
    if not _room.acquire(blocking=False):
        raise Trouble("busy")
    try:
        if not _turns.acquire(timeout=PATIENCE):
            raise Trouble("busy")
        try:
            yield
        finally:
            _turns.release()
    finally:
        _room.release()


def _request(parts: list[dict[str, Any]], sql: str, limits: Limits) -> bytes:
    options = settings.OPTIONS
    bounds = {
        "rows": limits.rows, "seconds": limits.seconds, "bytes": limits.bytes, "threads": options.duckdb_threads,
        "memory": options.duckdb_memory, "memory_bytes": memory_bytes(options.duckdb_memory),
    }  # fmt: skip
    schemas = [base64.b64encode(part["schema"].serialize()).decode() for part in parts]
    sent = [{**part, "schema": schema} for part, schema in zip(parts, schemas, strict=True)]
    return json.dumps({"sql": sql, "tables": sent, "limits": bounds}).encode()


def _run(request: bytes, seconds: float) -> tuple[bytes, dict[str, Any]]:
    """What the process wrote. It stops itself in time; should it not, it is stopped."""
    command = [sys.executable, "-s", "-P", "-m", "vincle.analyse.ask_child"]
    environment = {
        "PYTHONPATH": str(Path(vincle.__path__[0]).parent),
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd="/", close_fds=True
    )
    try:
        out, end = child.communicate(request, timeout=seconds + 15)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        return b"", {"error": "time", "said": ""}
    last = end.decode(errors="replace").strip().rpartition("\n")[2]
    try:
        return out, json.loads(last)
    except ValueError:
        # The system ended it, at one of its limits.
        return out, {"error": "time" if -child.returncode in (signal.SIGALRM, signal.SIGXCPU) else "memory"}


def _trouble(end: dict[str, Any], sql: str) -> Trouble:
    near = tuple(name.strip().rpartition(".")[2] for name in (end.get("near") or "").split(",") if name.strip())
    line, column = where(sql, end.get("place"))
    return Trouble(end["error"], end.get("name", ""), near, line, column, end.get("said", ""))


def where(sql: str, place: int | None) -> tuple[int, int]:
    """Line and column (from 1) of a place given in bytes of the text; (0, 0) when it is unknown.

    >>> where("SELECT 'é',\\n  x", 14)
    (2, 2)
    """
    if place is None:
        return 0, 0
    before = sql.encode()[:place].decode(errors="ignore")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def memory_bytes(text: str) -> int:
    """'1GB', '512 MiB' -> bytes, as DuckDB reads them.

    >>> memory_bytes("1.5GB"), memory_bytes("512 MiB")
    (1500000000, 536870912)
    """
    number = text.strip().rstrip("BbKkMmGgTtIi ")
    return int(float(number) * _UNITS[text.strip()[len(number) :].strip().upper() or "B"])
