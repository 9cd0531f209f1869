"""One question, answered in a process of its own that can reach nothing but the files it was handed.

    python -m vincle.analyse.ask_child < request.json > rows.arrow 2> end.json

Three walls, each enough by itself: the text is checked as DuckDB parses it (`ask_rules`); DuckDB is locked to the workspace's own files,
without settings, extensions or a place to write; the system limits the process's memory and time, and it has no environment.
"""

import base64
import json
import os
import re
import resource
import signal
import sys
import threading
import time
from typing import Any

import duckdb
import pyarrow as pa

from vincle.analyse.ask_rules import NotAllowed, check

BATCH = 1024
# What an empty interpreter with DuckDB and Arrow reserves of addresses, beside the memory it is granted.
RESERVED = 3 * 1024**3
DEEPEST = 200
GRACE = 1.0
_EXPLAIN = "EXPLAIN "
_NO_COLUMN = re.compile(r'does not have a column named "([^"]+)"')
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_MACROS = (
    f"CREATE MACRO public_id(key) AS CASE WHEN key IS NULL THEN NULL ELSE array_to_string(list_transform(range(12, -1, -1), "
    f"lambda i: substr('{_LETTERS}', ((key::BIGINT >> (5 * i)) & 31)::INT + 1, 1)), '') END",
    f"CREATE MACRO from_public_id(id) AS list_sum(list_transform(range(13), "
    f"lambda i: (strpos('{_LETTERS}', lower(substr(id, (i + 1)::INT, 1))) - 1)::BIGINT << (5 * (12 - i))::INT))::BIGINT",
)


class NotBound(Exception):
    """An error of the question behind the word EXPLAIN."""


def main() -> None:
    request = json.load(sys.stdin)
    try:
        end = answer(request)
    except NotAllowed as refusal:
        end = {"error": refusal.code, "name": refusal.name, "place": refusal.place}
    except NotBound as error:
        end = told(error.args[0], len(_EXPLAIN))
    except MemoryError:
        end = {"error": "memory"}
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        end = told(error)
    sys.stderr.write(json.dumps(end))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # not through the destructors of the engine's threads, which now and then end in an abort


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Write the rows to standard output as an Arrow stream; returns what is to be said of them."""
    database = opened(request)
    text, limits = request["sql"], request["limits"]
    enclose(limits)
    check(parsed(database, text), frozenset(table["name"] for table in request["tables"]))
    began = time.monotonic()
    # DuckDB is asked to stop; where it does not look up for so long, the system ends the process.
    signal.setitimer(signal.ITIMER_REAL, limits["seconds"] + GRACE)
    watch = threading.Timer(limits["seconds"], database.interrupt)
    watch.daemon = True
    watch.start()
    # One row more than may be shown tells whether there are more. No text is put around the question.
    rows = bound(database, text).limit(limits["rows"] + 1).to_arrow_reader(BATCH)
    reached = write(rows, limits["rows"], limits["bytes"])
    watch.cancel()
    return {"seconds": round(time.monotonic() - began, 3), "reached": reached}


def opened(request: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """A database that holds the workspace's tables and is locked."""
    paths = [path for table in request["tables"] for path in table["files"]]
    database = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": request["limits"]["memory"], "threads": request["limits"]["threads"], "temp_directory": "",
            "autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "allow_community_extensions": "false",
            "python_enable_replacements": "false", "max_expression_depth": str(DEEPEST), "errors_as_json": "true",
        },
    )  # fmt: skip
    database.execute("SET TimeZone = 'UTC'")
    for table in request["tables"]:
        _show(database, table)
    for macro in _MACROS:
        database.execute(macro)
    database.execute("SET allowed_paths = ?", [paths])
    database.execute("SET allowed_directories = []")
    database.execute("SET enable_external_access = false")
    database.execute("SET lock_configuration = true")
    return database


def _show(database: duckdb.DuckDBPyConnection, table: dict[str, Any]) -> None:
    """A view of the table's files with the columns it is said to have; what an old file lacks is null."""
    name, schema = table["name"], pa.ipc.read_schema(pa.BufferReader(base64.b64decode(table["schema"])))
    database.register(f"_no_{name}", schema.empty_table())
    kinds = {row[0]: row[1] for row in database.execute(f"DESCRIBE _no_{name}").fetchall()}
    if not table["files"]:
        database.execute(f"CREATE VIEW {name} AS SELECT * FROM _no_{name}")
        return
    files = ", ".join("'" + path.replace("'", "''") + "'" for path in table["files"])
    folders = ", ".join(f"'{part}': {kinds[part]}" for part in table["partitions"])
    # Columns by name only where some file lacks one: it opens every file, while otherwise months that are not asked for stay unread.
    by_name = ", union_by_name = true" if table["grown"] else ""
    source = f"read_parquet([{files}], hive_partitioning = true, hive_types = {{{folders}}}{by_name})"
    there = {row[0] for row in database.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    columns = ", ".join(f'"{column}"' if column in there else f'NULL::{kind} AS "{column}"' for column, kind in kinds.items())
    database.execute(f"CREATE VIEW {name} AS SELECT {columns} FROM {source}")


def enclose(limits: dict[str, Any]) -> None:
    """From here on the system itself bounds this process: addresses, seconds of both cores, nothing written to any file."""
    addresses = limits["bytes"] + limits["memory_bytes"] * 2 + RESERVED
    seconds = int(limits["seconds"] * limits["threads"]) + 5
    for what, most in (
        (resource.RLIMIT_AS, addresses), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        resource.setrlimit(what, (most, most))


def parsed(database: duckdb.DuckDBPyConnection, text: str) -> dict[str, Any]:
    found = database.execute("SELECT json_serialize_sql(?::VARCHAR, skip_null := true, skip_empty := true)", [text]).fetchone()
    tree: dict[str, Any] = json.loads(found[0]) if found else {}
    return tree


def bound(database: duckdb.DuckDBPyConnection, text: str) -> duckdb.DuckDBPyRelation:
    """The question with its names looked up; what is wrong is told with its place."""
    try:
        return database.sql(text)
    except duckdb.Error as plain:
        try:
            database.execute(_EXPLAIN + text)
        except duckdb.Error as placed:
            raise NotBound(placed) from plain
        raise


def write(rows: pa.RecordBatchReader, most: int, most_bytes: int) -> str:
    """Returns what ended the rows early: "rows", "bytes", or "" when all were written."""
    written = size = 0
    with pa.ipc.new_stream(sys.stdout.buffer, rows.schema) as out:
        for batch in rows:
            kept = batch.slice(0, most - written)
            size += kept.nbytes
            if size > most_bytes:
                return "bytes"
            out.write_batch(kept)
            written += kept.num_rows
            if kept.num_rows < batch.num_rows:
                return "rows"
    return ""


def told(error: Exception, before: int = 0) -> dict[str, Any]:
    """DuckDB's own words and place for what went wrong; `before` bytes stood in front of the question."""
    kind, _, text = str(error).partition(" Error: ")
    try:
        facts = json.loads(text)
    except ValueError:
        facts = {"exception_type": kind, "exception_message": text or str(error)}
    kind = facts["exception_type"]
    code = {
        "Out of Memory": "memory", "INTERRUPT": "time", "Interrupt": "time", "Permission": "file", "Parser": "syntax",
    }.get(kind, "other")  # fmt: skip
    if "Interrupted" in str(error) or "INTERRUPT" in str(error):
        code = "time"
    if facts.get("error_subtype") == "COLUMN_NOT_FOUND":
        code = "unknown_column"
    elif facts.get("error_subtype") == "MISSING_ENTRY" and "Function" in facts.get("type", ""):
        code = "unknown_function"
    elif facts.get("error_subtype") == "MISSING_ENTRY":
        code = "unknown_table"
    elif found := _NO_COLUMN.search(facts["exception_message"]):
        code, facts["name"] = "unknown_column", found[1]
    place = facts.get("position")
    return {
        "error": code, "name": facts.get("name", ""), "near": facts.get("candidates", ""), "said": facts["exception_message"],
        "place": None if place is None else max(int(place) - before, 0),
    }  # fmt: skip


if __name__ == "__main__":
    main()
