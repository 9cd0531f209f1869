"""Every engine, ready to be asked by a test: each time over a lake and a database of its own."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from itertools import count
from pathlib import Path

import pytest

from vincle.engines.base import Engine, Options
from vincle.engines.registry import open_engine

# "clickhouse" is the engine in this process, "clickhouse-server" the same over HTTP.
QUICK = ("duckdb", "clickhouse", "clickhouse-server")
_numbers = count(1)


def options(kind: str) -> tuple[str, Options]:
    """The engine's name, and options with a database that nobody has used."""
    if kind == "duckdb":
        return kind, Options(memory="200MB")
    base, query = (server(), "?") if kind == "clickhouse-server" else (f"chdb://{chdb_folder()}", "?database=")
    database = f"t{os.getpid()}_{next(_numbers)}"
    return "clickhouse", Options(url=f"{base}/{database}" if query == "?" else f"{base}{query}{database}")


def opened(kind: str, lake: Path) -> Engine:
    name, how = options(kind)
    return open_engine(name, lake, how)


@cache
def chdb_folder() -> str:
    """ClickHouse opens one folder in a process."""
    pytest.importorskip("chdb")
    return _folder()


@cache
def server() -> str:
    """A ClickHouse server on this machine, until the tests end."""
    pytest.importorskip("chdb")
    pytest.importorskip("clickhouse_connect")
    program = Path(__file__).with_name("clickhouse_server.py")
    process = subprocess.Popen(
        [sys.executable, str(program), _folder(), "vincle", "p@ss word"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(process.kill)
    assert process.stdout
    return f"clickhouse://vincle:p%40ss%20word@127.0.0.1:{int(process.stdout.readline())}"


def _folder() -> str:
    folder = tempfile.mkdtemp(prefix="vincle-clickhouse-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
